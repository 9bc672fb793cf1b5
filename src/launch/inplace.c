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

/* fork(2) with other flags: both sides go on from here. */
static pid_t fork_with(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

/* True once CMD's filter has its listener; false: it will never start. */
static bool await_listener(const struct handshake *shared, pid_t cmd)
{
	const struct timespec pause = {.tv_nsec = 50 * 1000};

	while (*(const volatile int *)&shared->listener < 0) {
		if (atomic_load(&shared->failed) || kill(cmd, 0) < 0)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* Takes the listener: from here on the file tables are two. What CMD inherits
 * (sockets, pipes) is not held open here. */
static bool take_listener(const struct launch *launch,
			  struct handshake *shared, struct tracee *tracee)
{
	if (!await_listener(shared, tracee->pid) || unshare(CLONE_FILES) < 0)
		return false;
	tracee->listener = shared->listener;
	launch->keep_only(launch->monitor_ctx, tracee->listener);
	if (launch->protect(launch->protect_ctx) != 0)
		return false;
	handshake_advance(shared, STEP_TAKEN);
	return true;
}

static _Noreturn void monitor_run(const struct launch *launch,
				  const struct child *child)
{
	struct handshake *shared = child->shared;
	struct tracee tracee = {child->parent, -1};
	const struct observer *observer = launch->observer;
	int status;
	bool ok, listens;

	setsid();
	atomic_store(&shared->tid, getpid());
	handshake_advance(shared, STEP_BORN);
	handshake_reached(shared, tracee.pid, STEP_MAY_HOLD);
	if (observer->attach && observer->attach(tracee.pid) < 0) {
		shared->err = errno;
		atomic_store(&shared->failed, 1);
		handshake_advance(shared, STEP_HERE);
		_exit(EXITCODE_SANDBOX);
	}
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	listens = child->filter_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (!listens) {
		launch->keep_only(launch->monitor_ctx, -1);
		if (launch->protect(launch->protect_ctx) != 0)
			atomic_store(&shared->failed, 1);
	}
	handshake_advance(shared, STEP_HERE);
	ok = listens ? take_listener(launch, shared, &tracee)
		     : observer->await_exec(tracee.pid, &status);
	if (!ok)
		_exit(EXITCODE_SANDBOX);
	launch->monitor(launch->monitor_ctx, &tracee);
	_exit(EXITCODE_OK);
}

/* Forked twice: adopted by whoever adopts orphans. */
static int start_monitor(const struct launch *launch, const struct child *child)
{
	unsigned long flags =
		child->filter_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER
			? CLONE_FILES
			: 0;
	pid_t pid = fork_with(flags);

	if (pid == 0) {
		if (fork_with(flags) == 0)
			monitor_run(launch, child);
		_exit(0);
	}
	if (pid < 0)
		return -1;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static int await_hold(const struct child *child)
{
	struct handshake *shared = child->shared;

	/* Yama, mode 1: only an ancestor or a declared tracer may. The PIDs to
	 * watch meanwhile are one's own: who waits does not end. */
	handshake_reached(shared, getpid(), STEP_BORN);
	prctl(PR_SET_PTRACER, atomic_load(&shared->tid), 0, 0, 0);
	handshake_advance(shared, STEP_MAY_HOLD);
	handshake_reached(shared, getpid(), STEP_HERE);
	if (!atomic_load(&shared->failed))
		return 0;
	errno = shared->err ? shared->err : EPERM;
	return failure_print("cannot trace the command");
}

int launch_in_place(const struct launch *launch, struct child *child)
{
	int status = 0;

	child->in_place = true;
	child->waits = launch->observer != NULL;
	if (child->waits) {
		if (start_monitor(launch, child) < 0)
			return failure_print("cannot make a process");
		status = await_hold(child);
	}
	if (status == 0)
		status = handshake_arm(launch, child->shared);
	if (status) {
		atomic_store(&child->shared->failed, 1);
		return status;
	}
	child_run(child);
}
