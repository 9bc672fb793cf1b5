/* The ptrace observers: PTRACE_SEIZE, stops at RET_TRACE only; where another
 * listener is in force, which outranks RET_TRACE, stops at every call's entry.
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
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/proc.h"
#include "model/policy.h"
#include "watch/observers.h"

enum {
	OPTIONS = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK |
		  PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		  PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL |
		  PTRACE_O_TRACESYSGOOD,
	UNTIL_EXEC = OPTIONS | PTRACE_O_TRACEEXEC,
	SYSCALL_STOP = SIGTRAP | 0x80, /* by TRACESYSGOOD */
};

static int attach(pid_t child)
{
	long tracer;

	if (ptrace(PTRACE_SEIZE, child, 0L, (long)UNTIL_EXEC) < 0)
		return -1;
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_DISABLED)
		return 0;
	/* A filter that was there before may pretend success; where /proc cannot
	 * be asked, what it denies is still denied. */
	tracer = proc_status(child, "TracerPid");
	if (tracer < 0 || tracer == getpid())
		return 0;
	errno = ENOTSUP;
	return -1;
}

struct tracer {
	pid_t child; /* CMD; 0: it has ended */
	const struct sink *sink;
	bool lost; /* a tracee could not be steered */
	enum __ptrace_request resume; /* PTRACE_CONT, or PTRACE_SYSCALL: to the
	                                 entry and the exit of each call */
};

/* A tracee may be killed at any moment; then every request fails with ESRCH
 * and its end comes from waitpid(2).  One that cannot be steered for another
 * reason (a filter around sandbox) must not go on: a denied call would run.
 * False: all is over. */
static bool steered(struct tracer *tracer, long result)
{
	if (result < 0 && errno != ESRCH)
		tracer->lost = true;
	return !tracer->lost;
}

static void go_on(struct tracer *tracer, pid_t tid, int sig)
{
	steered(tracer, ptrace(tracer->resume, tid, 0L, (long)sig));
}

static bool skip_call(struct tracer *tracer, pid_t tid, int err)
{
	return steered(tracer, arch_skip_call(tid, err));
}

static bool get_call(pid_t tid, struct __ptrace_syscall_info *info, int op)
{
	return ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(*info), info) > 0 &&
	       info->op == op;
}

static struct event event_of(pid_t tid, const struct __ptrace_syscall_info *info,
			     uint64_t nr, const void *args)
{
	struct event event = {
		.tid = tid,
		.audit_arch = info->arch,
		.nr = (uint32_t)nr,
		.ip = info->instruction_pointer,
	};

	memcpy(event.args, args, sizeof(event.args));
	return event;
}

/* Of a call that the kernel answers by itself. */
static void tell(const struct sink *sink, const struct event *event)
{
	sink->call(sink->ctx, event);
	sink->answered(sink->ctx, true);
}

static void on_seccomp(struct tracer *tracer, pid_t tid)
{
	const struct sink *sink = tracer->sink;
	struct __ptrace_syscall_info info;
	struct event event;
	struct reply reply;
	bool goes_on;

	if (!get_call(tid, &info, PTRACE_SYSCALL_INFO_SECCOMP)) {
		/* Nothing is known of the call: it must not run. */
		if (skip_call(tracer, tid, ENOSYS))
			go_on(tracer, tid, 0);
		return;
	}
	event = event_of(tid, &info, info.seccomp.nr, info.seccomp.args);
	reply = sink->call(sink->ctx, &event);
	if (reply.kills)
		kill(tid, SIGKILL);
	goes_on = reply.runs || skip_call(tracer, tid, reply.err);
	/* Nothing but a kill can take the caller out of this stop. */
	sink->answered(sink->ctx, goes_on);
	if (goes_on)
		go_on(tracer, tid, 0);
}

/* Every call stops here before any filter sees it, and a second time at its
 * exit. */
static void on_syscall(struct tracer *tracer, pid_t tid)
{
	struct __ptrace_syscall_info info;

	if (get_call(tid, &info, PTRACE_SYSCALL_INFO_ENTRY)) {
		struct event event = event_of(tid, &info, info.entry.nr,
					      info.entry.args);

		event.at_entry = true;
		tell(tracer->sink, &event);
	}
	go_on(tracer, tid, 0);
}

/* RET_KILL_PROCESS leaves the killing call's registers as they were at its
 * entry; which ABI it came by is asked of the kernel. */
static void on_kill(pid_t tid, const struct sink *sink)
{
	struct __ptrace_syscall_info info;
	struct arch_call call;
	struct event event;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0 ||
	    arch_killed_call(tid, info.arch, &call) < 0)
		return;
	event = event_of(tid, &info, call.nr, call.args);
	event.killed = true;
	tell(sink, &event);
}

static void on_exit_stop(struct tracer *tracer, pid_t tid)
{
	unsigned long status;

	if (ptrace(PTRACE_GETEVENTMSG, tid, 0L, &status) == 0 &&
	    WIFSIGNALED((int)status) && WTERMSIG((int)status) == SIGSYS)
		on_kill(tid, tracer->sink);
	go_on(tracer, tid, 0);
}

/* A group-stop keeps its process stopped until SIGCONT; other stops of this
 * kind (a new tracee, the end of a group-stop) are passed over. */
static void on_stop(struct tracer *tracer, pid_t tid, int sig)
{
	if (sig != SIGSTOP && sig != SIGTSTP && sig != SIGTTIN &&
	    sig != SIGTTOU) {
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
	case 0:
		if (sig == SYSCALL_STOP)
			on_syscall(tracer, tid);
		else /* a signal on its way */
			go_on(tracer, tid, sig);
		break;
	default: /* fork, vfork, clone: the child reports itself */
		go_on(tracer, tid, 0);
	}
}

/* What else there is ends with the tracer (PTRACE_O_EXITKILL). */
static int kill_child(pid_t child)
{
	kill(child, SIGKILL);
	return W_EXITCODE(0, SIGKILL);
}

static struct tracer tracer_new(const struct observer *self, pid_t child,
				const struct sink *sink)
{
	return (struct tracer){
		.child = child,
		.sink = sink,
		.resume = self->watch == WATCH_ENTRY ? PTRACE_SYSCALL
						     : PTRACE_CONT,
	};
}

static bool await_exec(const struct observer *self, const struct tracee *tracee,
		       int *status)
{
	const pid_t child = tracee->pid;
	struct tracer tracer = tracer_new(self, child, NULL);

	while (TEMP_FAILURE_RETRY(waitpid(child, status, __WALL)) >= 0) {
		const int sig = WSTOPSIG(*status), event = *status >> 16;

		if (!WIFSTOPPED(*status))
			return false;
		/* every later exec would cost a stop */
		if (event == PTRACE_EVENT_EXEC)
			ptrace(PTRACE_SETOPTIONS, child, 0L, (long)OPTIONS);
		go_on(&tracer, child, event || sig == SYSCALL_STOP ? 0 : sig);
		if (tracer.lost)
			break;
		if (event == PTRACE_EVENT_EXEC)
			return true;
	}
	*status = kill_child(child);
	return false;
}

static int run(const struct observer *self, const struct tracee *tracee,
	       const struct sink *sink, bool *lives_on)
{
	struct tracer tracer = tracer_new(self, tracee->pid, sink);
	int status, child_status = 0;

	(void)lives_on; /* a tracer cannot be relieved: it always waits */
	while (!tracer.lost) {
		/* not the children of another thread (service/closer.h) */
		pid_t tid = waitpid(-1, &status, __WALL | __WNOTHREAD);

		if (tid < 0 && errno == ECHILD)
			return child_status; /* the last has gone */
		if (tid < 0 && errno != EINTR)
			break;
		if (tid < 0) {
			sink->tick(sink->ctx);
		} else if (WIFSTOPPED(status)) {
			on_status(&tracer, tid, status);
		} else if (tid == tracer.child) {
			/* its number may be another process's from now on */
			tracer.child = 0;
			child_status = status;
			sink->ended(sink->ctx, status);
		}
	}
	sink->failed(sink->ctx, "the command is killed: cannot trace it "
				"any more");
	return tracer.child ? kill_child(tracer.child) : child_status;
}

/* PTRACE_GET_SYSCALL_INFO came with 5.3; on a process that is no tracee a
 * kernel that knows it says ESRCH like any other request, so only the release
 * tells: but without it on_seccomp() refuses every call. */
const struct observer observer_ptrace = {
	.name = "ptrace",
	.watch = WATCH_PTRACE,
	.tracer_rules = ADD_NO_LISTENER | ADD_NO_UNTRACED,
	.sees_kills = true,
	.waits_for_all = true,
	.attach = attach,
	.await_exec = await_exec,
	.run = run,
};

/* Nothing rests on it but the report, so only what gets away from it is added:
 * CMD cannot have a second listener anyway. */
const struct observer observer_entries = {
	.name = "ptrace",
	.watch = WATCH_ENTRY,
	.tracer_rules = ADD_NO_UNTRACED,
	.sees_kills = true,
	.waits_for_all = true,
	.attach = attach,
	.await_exec = await_exec,
	.run = run,
};
