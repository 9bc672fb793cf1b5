/* What a tracer adds, so that CMD cannot arrange for an answer of its own to
 * a denied call: a listener of CMD's would be asked before the tracer, and an
 * untraced child could be traced by CMD itself.  Flags only, which lie in
 * registers; clone3 has them in memory.
 *
 * A debugger's PTRACE_TRACEME the kernel would refuse just so, since its caller
 * has a tracer already; here it is to be heard of. */
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>

#include "base/util.h"
#include "model/decide.h"

#define ARG_IS(n, width, bits_of, what)                                        \
	(&(const struct cond){.kind = COND_TEST, .arg = (n), .bits = (width),  \
			      .op = OP_EQ, .mask = (bits_of), .value = (what)})
#define FLAG_SET(n, flag) ARG_IS(n, 32, flag, flag)

static const struct tracer_rule {
	unsigned bit; /* in policy->tracer_rules */
	const char *call;
	int err;
	const struct cond *test; /* NULL: always */
	bool told;
} rules[] = {
	{ADD_NO_LISTENER, "seccomp", EBUSY,
	 FLAG_SET(1, SECCOMP_FILTER_FLAG_NEW_LISTENER), false},
	{ADD_NO_UNTRACED, "clone", EPERM, FLAG_SET(0, CLONE_UNTRACED), false},
	{ADD_NO_UNTRACED, "clone3", ENOSYS, NULL, false},
	{ADD_NO_UNTRACED, "ptrace", EPERM,
	 ARG_IS(0, 64, UINT64_MAX, REQUEST_TRACEME), true},
};

/* The list once more: before each clause that runs a copy of it that denies, or
 * in its place. */
static void insert(struct writer *writer, const struct tracer_rule *rule)
{
	struct decision *out = writer->out;
	struct verdict denial = {.action = ACTION_DENY, .err = rule->err,
				 .kind = BY_TRACER, .told = rule->told};
	cleanup_free struct clause *old = out->clauses;
	size_t n = out->n;

	out->clauses = NULL;
	out->n = out->cap = 0;
	writer->closed = false;
	for (size_t i = 0; i < n; i++) {
		bool runs = action_runs(old[i].verdict.action);

		if (runs)
			writer_add(writer,
				   cond_and(&out->conds, old[i].cond,
					    rule->test),
				   denial);
		if (!runs || rule->test)
			writer_add(writer, old[i].cond, old[i].verdict);
	}
}

void insert_tracer_rules(struct writer *writer, uint32_t call)
{
	const struct syscall_row *row = syscall_row(call);

	for (size_t i = 0; row && i < ARRAY_SIZE(rules); i++)
		if (writer->policy->tracer_rules & rules[i].bit &&
		    streq(rules[i].call, row->name))
			insert(writer, &rules[i]);
}
