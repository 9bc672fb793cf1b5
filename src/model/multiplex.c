/* i386's socketcall(2) and ipc(2): one number, and the first argument says
 * which call is meant.  A condition on that call cannot be asked here (its
 * arguments lie behind a pointer, or elsewhere), so it is refused with ENOSYS
 * and libc goes on to the direct call. */
#include <errno.h>

#include "base/util.h"
#include "model/decide.h"

/* By the first argument: <linux/net.h>, SYS_… */
static const char *const socketcall_members[] = {
	[1] = "socket", "bind", "connect", "listen", "accept", "getsockname",
	"getpeername", "socketpair", "send", "recv", "sendto", "recvfrom",
	"shutdown", "setsockopt", "getsockopt", "sendmsg", "recvmsg", "accept4",
	"recvmmsg", "sendmmsg",
};

/* <linux/ipc.h> */
static const char *const ipc_members[] = {
	[1] = "semop", "semget", "semctl", "semtimedop",
	[11] = "msgsnd", "msgrcv", "msgget", "msgctl",
	[21] = "shmat", "shmdt", "shmget", "shmctl",
};

/* The kernel takes ipc's upper half for a version (ipc/syscall.c). */
static const struct multiplexer {
	uint32_t nr;
	uint64_t mask; /* of the first argument */
	const char *const *members;
	size_t n;
} multiplexers[] = {
	{102, 0xffffffff, socketcall_members, ARRAY_SIZE(socketcall_members)},
	{117, 0xffff, ipc_members, ARRAY_SIZE(ipc_members)},
};

/* The member's own verdict if it has but one; it is written at the end of the
 * list, read and taken off again. */
static struct verdict member_verdict(struct writer *writer, uint32_t call)
{
	struct decision *out = writer->out;
	size_t start = out->n;
	struct verdict verdict;

	writer_add_call(writer, call);
	verdict = out->clauses[start].verdict;
	for (size_t i = start + 1; i < out->n; i++)
		if (!verdict_same(&verdict, &out->clauses[i].verdict)) {
			verdict.action = ACTION_DENY;
			verdict.err = ENOSYS;
			break;
		}
	out->n = start;
	writer->closed = false;
	return verdict;
}

static void add_members(struct writer *writer, const struct multiplexer *mux)
{
	for (size_t i = 0; i < mux->n; i++) {
		const char *name = mux->members[i];
		uint32_t call = name ? syscall_by_name(name) : CALL_NONE;
		struct cond test = {.arg = 0, .bits = 32, .op = OP_EQ,
				    .mask = mux->mask, .value = i};

		if (policy_names(writer->policy, call))
			writer_add(writer,
				   cond_test(&writer->out->conds, test),
				   member_verdict(writer, call));
	}
}

/* The denials with which the number's own list begins hold whatever call is
 * meant: they stay in front.  The rest of that list decides what no member's
 * rule does. */
static void keep_own_denials(struct writer *writer)
{
	struct decision *out = writer->out;
	size_t n = 0;

	while (n < out->n && out->clauses[n].verdict.rule &&
	       !action_runs(out->clauses[n].verdict.action))
		n++;
	writer->closed = n > 0 && !out->clauses[n - 1].cond;
	out->n = n;
}

bool add_multiplexed(struct writer *writer, uint32_t nr, uint32_t call)
{
	const struct multiplexer *mux = multiplexers;
	const struct multiplexer *end = mux + ARRAY_SIZE(multiplexers);

	while (mux < end && mux->nr != nr)
		mux++;
	if (writer->abi != ABI_X86 || mux == end)
		return false;
	writer_add_call(writer, call);
	keep_own_denials(writer);
	if (!writer->closed)
		add_members(writer, mux);
	if (!writer->closed)
		writer_add_call(writer, call);
	return true;
}
