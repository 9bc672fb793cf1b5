/* The ptrace observer: PTRACE_SEIZE, stops at RET_TRACE only.
 *
 * Allowed calls never stop.  Every thread and child of the tree is followed
 * (PTRACE_O_TRACE…), and none outlives the tracer (PTRACE_O_EXITKILL): a
 * denied call that nobody answers would be ENOSYS, and one that somebody else
 * answers could run.  A denied call is skipped by setting its number to -1 and
 * its result to -errno, which leaves the filter nothing to look at again
 * (__seccomp_filter() returns at a negative number).
 *
 * Group-stops are honoured (PTRACE_LISTEN), signals pass unchanged.  A call
 * that the kernel killed for is read from the registers at PTRACE_EVENT_EXIT.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "tables/abi.h"
#include "watch/observers.h"

enum {
	OPTIONS = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK |
		  PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		  PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL,
};

static int attach(pid_t child)
{
	return ptrace(PTRACE_SEIZE, child, 0L, (long)OPTIONS) < 0 ? -1 : 0;
}

struct tracer {
	pid_t child; /* CMD; 0: it has ended */
	const struct sink *sink;
	bool lost; /* a tracee could not be steered */
};

/* A tracee may be killed at any moment; then every request fails with ESRCH
 * and its end comes from waitpid(2).  One that cannot be steered for another
 * reason (a filter around sandbox) must not go on: a denied call would run.
 * False: all is over. */
static bool steer(struct tracer *tracer, enum __ptrace_request request,
		  pid_t tid, unsigned long addr, long data)
{
	if (ptrace(request, tid, addr, data) < 0 && errno != ESRCH)
		tracer->lost = true;
	return !tracer->lost;
}

static void go_on(struct tracer *tracer, pid_t tid, int sig)
{
	steer(tracer, PTRACE_CONT, tid, 0, sig);
}

static bool skip_call(struct tracer *tracer, pid_t tid, int err)
{
	return steer(tracer, PTRACE_POKEUSER, tid,
		     offsetof(struct user, regs.orig_rax), -1) &&
	       steer(tracer, PTRACE_POKEUSER, tid,
		     offsetof(struct user, regs.rax), -err);
}

static void on_seccomp(struct tracer *tracer, pid_t tid)
{
	const struct sink *sink = tracer->sink;
	struct __ptrace_syscall_info info;
	struct event event = {.tid = tid};
	struct reply reply;
	bool goes_on;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_SECCOMP) {
		/* Nothing is known of the call: it must not run. */
		if (skip_call(tracer, tid, ENOSYS))
			go_on(tracer, tid, 0);
		return;
	}
	event.audit_arch = info.arch;
	event.nr = (uint32_t)info.seccomp.nr;
	event.ip = info.instruction_pointer;
	for (int i = 0; i < 6; i++)
		event.args[i] = info.seccomp.args[i];
	reply = sink->call(sink->ctx, &event);
	goes_on = reply.runs || skip_call(tracer, tid, reply.err);
	/* Nothing but a kill can take the caller out of this stop. */
	sink->answered(sink->ctx, goes_on);
	if (goes_on)
		go_on(tracer, tid, 0);
}

/* RET_KILL_PROCESS leaves the killing call's registers as they were at its
 * entry; which ABI it came by is asked of the kernel. */
static void on_kill(pid_t tid, const struct sink *sink)
{
	struct user_regs_struct regs;
	struct __ptrace_syscall_info info;
	struct event event = {.tid = tid, .killed = true};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0 ||
	    ptrace(PTRACE_GETREGS, tid, 0L, &regs) < 0)
		return;
	event.audit_arch = info.arch;
	event.nr = (uint32_t)regs.orig_rax;
	event.ip = info.instruction_pointer;
	if (info.arch == abis[ABI_X86].audit_arch) {
		const uint64_t args[6] = {regs.rbx, regs.rcx, regs.rdx,
					  regs.rsi, regs.rdi, regs.rbp};

		for (int i = 0; i < 6; i++)
			event.args[i] = (uint32_t)args[i];
	} else {
		const uint64_t args[6] = {regs.rdi, regs.rsi, regs.rdx,
					  regs.r10, regs.r8,  regs.r9};

		for (int i = 0; i < 6; i++)
			event.args[i] = args[i];
	}
	sink->call(sink->ctx, &event);
	sink->answered(sink->ctx, true);
}

static void on_exit_stop(struct tracer *tracer, pid_t tid)
{
	unsigned long status;

	if (ptrace(PTRACE_GETEVENTMSG, tid, 0L, &status) == 0 &&
	    WIFSIGNALED((int)status) && WTERMSIG((int)status) == SIGSYS)
		on_kill(tid, tracer->sink);
	go_on(tracer, tid, 0);
}

static bool is_stopping(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN ||
	       sig == SIGTTOU;
}

/* A group-stop keeps its process stopped until SIGCONT; other stops of this
 * kind (a new tracee, the end of a group-stop) are passed over. */
static void on_stop(struct tracer *tracer, pid_t tid, int sig)
{
	if (!is_stopping(sig)) {
		go_on(tracer, tid, 0);
		return;
	}
	ptrace(PTRACE_LISTEN, tid, 0L, 0L); /* failing, it stays stopped */
	if (tid == tracer->child)
		tracer->sink->stopped(tracer->sink->ctx, sig);
}

static void on_status(struct tracer *tracer, pid_t tid, int status)
{
	int sig = WSTOPSIG(status);

	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP:
		on_seccomp(tracer, tid);
		break;
	case PTRACE_EVENT_STOP:
		on_stop(tracer, tid, sig);
		break;
	case PTRACE_EVENT_EXIT:
		on_exit_stop(tracer, tid);
		break;
	case 0: /* a signal on its way */
		go_on(tracer, tid, sig);
		break;
	default: /* fork, vfork, clone: the child reports itself; exec */
		go_on(tracer, tid, 0);
	}
}

/* What else there is ends with the tracer (PTRACE_O_EXITKILL). */
static int kill_child(pid_t child)
{
	kill(child, SIGKILL);
	return W_EXITCODE(0, SIGKILL);
}

static bool await_exec(pid_t child, int *status)
{
	struct tracer tracer = {.child = child};

	while (!tracer.lost) {
		if (waitpid(child, status, __WALL) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (!WIFSTOPPED(*status))
			return false;
		if (*status >> 16 == PTRACE_EVENT_EXEC) {
			go_on(&tracer, child, 0);
			if (!tracer.lost)
				return true;
			break;
		}
		go_on(&tracer, child, *status >> 16 ? 0 : WSTOPSIG(*status));
	}
	*status = kill_child(child);
	return false;
}

static int run(const struct tracee *tracee, const struct sink *sink,
	       bool *lives_on)
{
	struct tracer tracer = {.child = tracee->pid, .sink = sink};
	int status, child_status = 0;

	*lives_on = false; /* a tracer cannot be relieved: it always waits */

	while (!tracer.lost) {
		pid_t tid = waitpid(-1, &status, __WALL);

		if (tid < 0 && errno == ECHILD)
			return child_status; /* the last has gone */
		if (tid < 0 && errno != EINTR)
			break;
		if (tid < 0) {
			sink->tick(sink->ctx);
			continue;
		}
		if (WIFSTOPPED(status)) {
			on_status(&tracer, tid, status);
			continue;
		}
		if (tid == tracer.child) {
			/* its number may be another process's from now on */
			tracer.child = 0;
			child_status = status;
			sink->ended(sink->ctx, status);
		}
	}
	sink->failed(sink->ctx, "the command is killed, since it cannot be "
				"traced any more");
	return tracer.child ? kill_child(tracer.child) : child_status;
}

/* PTRACE_GET_SYSCALL_INFO came with 5.3; on a process that is no tracee a
 * kernel that knows it says ESRCH like any other request, so only the release
 * tells: but without it on_seccomp() refuses every call. */
static bool is_available(void)
{
	return true;
}

const struct observer observer_ptrace = {
	.name = "ptrace",
	.is_available = is_available,
	.attach = attach,
	.await_exec = await_exec,
	.run = run,
};
