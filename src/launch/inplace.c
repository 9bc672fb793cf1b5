#include "launch/inplace.h"

#include <errno.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
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
static bool take_listener(const struct launch *launch,
			  const struct child *child, struct tracee *tracee)
{
	struct handshake *shared = child->shared;
	struct startup startup;
	int status;

	if (!handshake_startup(shared, tracee->pid, child->departure,
			       &startup))
		return false;
	tracee->listener = startup.listener;
	if (launch->protect(launch->protect_ctx) != 0)
		return false;
	if (launch->monitor)
		launch->keep_only(launch->monitor_ctx, tracee->listener,
				  startup.departure);
	handshake_advance(shared, STEP_TAKEN);
	if (launch->hands_over_exec &&
	    !launch->observer->await_exec(launch->observer, &startup, &status))
		return false;
	close(startup.departure);
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
static _Noreturn void give_up(const struct launch *launch,
			      struct handshake *shared)
{
	tell_cmd(shared);
	handshake_advance(shared, STEP_HERE);
	launch->not_started(launch->monitor_ctx);
	_exit(EXITCODE_SANDBOX);
}

static _Noreturn void monitor_run(const struct launch *launch,
				  const struct child *child)
{
	struct handshake *shared = child->shared;
	struct tracee tracee = {child->parent, -1, &shared->failed, -1};
	const struct observer *observer = launch->observer;
	int status;
	bool ok, listens;

	setsid();
	if (!handshake_reached(shared, tracee.pid, STEP_MAY_HOLD) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    (observer->attach && observer->attach(tracee.pid) < 0))
		give_up(launch, shared);
	listens = child->filter_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (!listens) {
		if (launch->protect(launch->protect_ctx) != 0)
			tell_cmd(shared);
		launch->keep_only(launch->monitor_ctx, -1, -1);
	}
	handshake_advance(shared, STEP_HERE);
	ok = listens ? take_listener(launch, child, &tracee)
		     : observer->await_exec(observer,
					    &(struct startup){tracee.pid, -1,
							      NULL, -1},
					    &status);
	if (!ok)
		give_up(launch, shared);
	if (launch->monitor)
		launch->monitor(launch->monitor_ctx, &tracee);
	_exit(EXITCODE_OK);
}

static bool adopts_orphans(void)
{
	int is_subreaper = 0;

	prctl(PR_GET_CHILD_SUBREAPER, &is_subreaper, 0, 0, 0);
	return getpid() == 1 || is_subreaper;
}

/* CMD must not meet the monitor in wait(2), or both would wait for each other.
 * Forked twice, whoever adopts orphans gets it; where that is CMD itself, a
 * child that ends without a signal, which only __WALL waits for.  Its PID, or
 * -1 with errno. */
static pid_t start_monitor(const struct launch *launch,
			   const struct child *child)
{
	struct handshake *shared = child->shared;
	unsigned long flags =
		child->filter_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER
			? CLONE_FILES
			: 0;
	bool once = adopts_orphans();
	pid_t pid = fork_with(once ? flags : flags | SIGCHLD);

	if (!once && pid == 0) {
		pid = fork_with(flags | SIGCHLD);
		if (pid) {
			shared->err = errno;
			atomic_store(&shared->tid, pid);
			_exit(0);
		}
	}
	if (pid == 0)
		monitor_run(launch, child);
	if (once || pid < 0)
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
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

int launch_in_place(const struct launch *launch, struct child *child)
{
	int status = 0;

	child->in_place = true;
	child->waits = launch->observer != NULL;
	if (child->waits) {
		pid_t monitor = start_monitor(launch, child);

		if (monitor < 0)
			return failure_print("cannot make a process");
		status = await_hold(child, monitor);
	}
	if (status == 0)
		status = child_arm(launch, child->shared);
	if (status) {
		atomic_store(&child->shared->failed, 1);
		return status;
	}
	child_run(child);
}
