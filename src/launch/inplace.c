#include "launch/inplace.h"

#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "launch/failure.h"
#include "launch/handshake.h"

/* fork(2) with other flags, the signal at its end among them: both sides go on
 * from here. */
static pid_t fork_with(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
}

/* Takes the listener: from here on the file tables are two. What CMD inherits
 * (sockets, pipes) is not held open here. */
static bool take_listener(const struct child *child, struct tracee *tracee)
{
	const struct launch *launch = child->launch;
	int status;

	if (!handshake_startup(child->shared, child->departure, tracee))
		return false;
	if (launch->protect(launch->protect_ctx) != 0)
		return false;
	if (launch->monitor)
		launch->keep_only(launch->monitor_ctx, tracee->listener,
				  tracee->departure);
	handshake_advance(child->shared, STEP_TAKEN);
	if (child_hands_over_exec(child) &&
	    !launch->observer->await_exec(launch->observer, tracee, &status))
		return false;
	close(tracee->departure);
	return true;
}

/* CMD waits for the monitor: it must not start without.  A failure of its own
 * keeps its reason, which it may be printing. */
static void tell_cmd(struct handshake *shared)
{
	if (atomic_load(&shared->failed))
		return;
	shared->err = errno ? errno : ECANCELED;
	atomic_store(&shared->failed, 1);
}

/* Before it is CMD's tracer: the end of one is CMD's end too. */
static _Noreturn void give_up(const struct child *child)
{
	tell_cmd(child->shared);
	handshake_advance(child->shared, STEP_HERE);
	child->launch->not_started(child->launch->monitor_ctx);
	_exit(EXITCODE_SANDBOX);
}

static _Noreturn void monitor_run(const struct child *child)
{
	const struct launch *launch = child->launch;
	struct handshake *shared = child->shared;
	struct tracee tracee = {
		.pid = child->parent,
		.listener = -1,
		.failed = &shared->failed,
		.pidfd = -1,
	};
	const struct observer *observer = launch->observer;
	bool listens = child_has_listener(child), ok;
	int status;

	setsid();
	if (!handshake_reached(shared, tracee.pid, STEP_MAY_HOLD) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    (observer->attach && observer->attach(tracee.pid) < 0))
		give_up(child);
	if (!listens) {
		if (launch->protect(launch->protect_ctx) != 0)
			tell_cmd(shared);
		launch->keep_only(launch->monitor_ctx, -1, -1);
	}
	handshake_advance(shared, STEP_HERE);
	ok = listens ? take_listener(child, &tracee)
		     : observer->await_exec(observer, &tracee, &status);
	if (!ok)
		give_up(child);
	if (launch->monitor)
		launch->monitor(launch->monitor_ctx, &tracee);
	_exit(EXITCODE_OK);
}

/* CMD must not meet the monitor in wait(2), or both would wait for each other.
 * Forked twice, whoever adopts orphans gets it; where that is CMD itself, a
 * child that ends without a signal, which only __WALL waits for.  Its PID, or
 * -1 with errno. */
static pid_t start_monitor(const struct child *child)
{
	struct handshake *shared = child->shared;
	unsigned long flags = child_has_listener(child) ? CLONE_FILES : 0;
	int once = 0;
	pid_t pid;

	prctl(PR_GET_CHILD_SUBREAPER, &once, 0, 0, 0);
	once |= getpid() == 1;
	pid = fork_with(once ? flags : flags | SIGCHLD);
	if (!once && pid == 0) {
		pid = fork_with(flags | SIGCHLD);
		if (pid) {
			shared->err = errno;
			atomic_store(&shared->tid, pid);
			_exit(0);
		}
	}
	if (pid == 0)
		monitor_run(child);
	if (once || pid < 0)
		return pid;
	(void)TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
	pid = atomic_load(&shared->tid);
	errno = shared->err;
	return pid > 0 ? pid : -1;
}

static int await_hold(const struct child *child, pid_t monitor)
{
	struct handshake *shared = child->shared;

	/* Yama, mode 1: only an ancestor or a declared tracer may. */
	prctl(PR_SET_PTRACER, monitor, 0, 0, 0);
	handshake_advance(shared, STEP_MAY_HOLD);
	if (!handshake_reached(shared, monitor, STEP_HERE)) {
		errno = ESRCH;
		return failure_print("the monitor was killed");
	}
	if (!atomic_load(&shared->failed))
		return 0;
	errno = shared->err;
	return failure_print_tracer(getpid());
}

int launch_in_place(struct child *child)
{
	int status = 0;

	if (child->launch->observer) {
		pid_t monitor = start_monitor(child);

		if (monitor < 0)
			return failure_print("cannot make a process");
		status = await_hold(child, monitor);
	}
	if (status == 0)
		status = child_arm(child);
	if (status) {
		atomic_store(&child->shared->failed, 1);
		return status;
	}
	child_run(child);
}
