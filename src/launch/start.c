#include "launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/kept_fds.h"
#include "base/text.h"
#include "base/util.h"
#include "launch/child.h"
#include "launch/failure.h"
#include "launch/handshake.h"
#include "launch/inplace.h"
#include "launch/listener.h"

int launch_hold_stdio(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", O_RDWR | O_CLOEXEC) != fd)
			return -1;
	return 0;
}

/* ------------------------------------------------------------ the parent */

/* A signal of the terminal that stops the child stops its parent with it, or
 * the shell would see no stopped job and wait with the parent for a child that
 * cannot go on.  No handlers are installed yet. */
static void let_stops_through(void)
{
	sigset_t stops;

	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigaddset(&stops, SIGTTIN);
	sigaddset(&stops, SIGTTOU);
	sigprocmask(SIG_UNBLOCK, &stops, NULL);
}

/* A child in this memory. */
static pid_t clone_child(struct child *child)
{
	struct handshake *shared = child->shared;
	int flags = CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD;
	pid_t pid;

	if (child_has_listener(child))
		flags |= CLONE_FILES;
	shared->tid = 1; /* until the kernel clears it */
	pid = clone(child_run, shared->stack + sizeof(shared->stack), flags,
		    child, NULL, NULL, &shared->tid);
	let_stops_through();
	return pid;
}

/* How the child failed; or that it has ended, by a signal or a filter that was
 * there before and kills. */
static int tell(const struct child *child)
{
	char text[FAILURE_SIZE];
	int status;

	if (!atomic_load(&child->shared->failed)) {
		say("sandbox: the child was killed before it was ready; the "
		    "command was not started");
		return EXITCODE_SANDBOX;
	}
	status = failure_describe(child->shared, &child->plan, text);
	fputs(text, stderr);
	return status;
}

static int await_child(const struct child *child, pid_t pid)
{
	return handshake_reached(child->shared, pid, STEP_HERE) ? 0
								: tell(child);
}

/* Before CMD's first instruction.  0, or an exit status. */
static int lock_up(const struct child *child)
{
	return child->launch->protect(child->launch->protect_ctx);
}

/* Dumpable until the observer has hold of the child (an ordinary user cannot
 * trace what is not), not from then on: only then the cookie comes into
 * being.  Where nothing takes hold, the child gets ready meanwhile. */
static int prepare_observed(const struct child *child, pid_t pid)
{
	const struct observer *observer = child->launch->observer;
	int status = 0;

	if (observer->attach) {
		status = await_child(child, pid);
		if (status == 0 && observer->attach(pid) < 0)
			status = failure_print_tracer(pid);
	}
	if (status == 0)
		status = child_arm(child);
	if (status == 0 && !child_hands_over_exec(child))
		status = lock_up(child);
	return status ? status : await_child(child, pid);
}

/* The child's exec waits for the answer of its listener: so there is time to take
 * that, in a file table of our own, and to lock up.  0, or an exit status. */
static int serve_listener(const struct child *child, struct tracee *tracee)
{
	const struct observer *observer = child->launch->observer;
	int unused, status;

	if (!handshake_startup(child->shared, child->departure, tracee))
		return atomic_load(&child->shared->failed)
			       ? 0
			       : failure_print("the command cannot be watched");
	status = lock_up(child);
	if (status == 0 && !observer->await_exec(observer, tracee, &unused))
		status = failure_print("the command cannot be watched");
	close(tracee->departure);
	return status;
}

/* Serves the child until it has left this memory.  0, or an exit status. */
static int serve_startup(const struct child *child, struct started *started)
{
	const struct observer *observer = child->launch->observer;
	struct tracee tracee = {.pid = started->pid, .listener = -1, .pidfd = -1};
	_Atomic pid_t *at = &child->shared->tid;
	int status = 0;
	pid_t tid;

	if (child_hands_over_exec(child))
		status = serve_listener(child, &tracee);
	else if (observer && !child_has_listener(child))
		started->ended = !observer->await_exec(observer, &tracee,
						       &started->wait_status);
	/* the kernel wakes the waiter when the child leaves this memory */
	while (status == 0 && !started->ended && (tid = atomic_load(at)) != 0)
		syscall(SYS_futex, at, FUTEX_WAIT, tid, NULL, NULL, 0);
	return status;
}

static int serve_exec(const struct child *child, struct started *started)
{
	struct handshake *shared = child->shared;
	int status;

	handshake_advance(shared, STEP_GO);
	status = serve_startup(child, started);
	started->listener = atomic_load(&shared->listener);
	if (status)
		return status;
	/* it has left this memory: as CMD? */
	if (atomic_load(&shared->failed) || shared->stage != STAGE_EXEC)
		return tell(child);
	if (child_has_listener(child) && !is_listener(started->listener))
		return failure_print("the command cannot be watched");
	return 0;
}

/* Where nobody watches the child goes all the way to its exec, and waits there
 * until the parent is locked up. */
static int start_child(struct child *child, struct started *started)
{
	bool is_observed = child->launch->observer;
	int status = is_observed ? 0 : child_arm(child);

	if (status)
		return status;
	started->pid = clone_child(child);
	if (started->pid < 0)
		return failure_print("cannot make a process");
	status = is_observed ? prepare_observed(child, started->pid)
			     : lock_up(child);
	return status ? status : serve_exec(child, started);
}

/* They are CMD's: here nobody waits for their signals. */
static void take_timers(struct child *child)
{
	const struct itimerval none = {0};

	for (int i = 0; i < CHILD_TIMERS; i++)
		if (setitimer((__itimer_which_t)i, &none, &child->timers[i]) < 0)
			child->timers[i] = none;
}

static unsigned long filter_flags(const struct launch *launch)
{
	unsigned long flags = launch->allow_speculation
				      ? SECCOMP_FILTER_FLAG_SPEC_ALLOW
				      : 0;

	if (launch->observer && launch->observer->filter_flags)
		flags |= launch->observer->filter_flags();
	return flags;
}

int launch_start(const struct launch *launch, const struct program *program,
		 struct started *started)
{
	struct child child = {
		.launch = launch,
		.parent = getpid(),
		.filter_flags = filter_flags(launch),
		.departure = {-1, -1},
	};
	struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t all;
	int status;

	if (program->n > ARRAY_SIZE(child.shared->insns)) {
		errno = E2BIG;
		return failure_print("the filter is too long");
	}
	/* what is opened from here on closes itself at the exec anyway */
	if (launch->close_fds && kept_fds_close_at_exec() < 0)
		return failure_print("--close-fds: cannot close descriptors");
	if (child_hands_over_exec(&child) &&
	    pipe2(child.departure, O_CLOEXEC) < 0)
		return failure_print("cannot make a pipe");
	child.shared = handshake_new(program, launch->in_place);
	if (!child.shared)
		return failure_print("no memory for the launch");
	child.plan = execplan_new(launch->argv);
	child.service = service_new(launch->notify_socket);

	/* No signal may come between the child and its filter unseen; SIGCHLD
	 * ignored would reap CMD behind our back. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &child.mask);
	sigaction(SIGCHLD, &by_default, &child.sigchld);
	*started = (struct started){.mask = child.mask, .listener = -1};

	if (launch->in_place)
		return launch_in_place(&child);
	take_timers(&child);
	status = start_child(&child, started);
	if (status && started->pid > 0 && !started->ended) {
		kill(started->pid, SIGKILL);
		(void)TEMP_FAILURE_RETRY(waitpid(started->pid, NULL, __WALL));
	}
	handshake_free(child.shared);
	execplan_free(&child.plan);
	service_free(&child.service);
	if (status)
		sigprocmask(SIG_SETMASK, &child.mask, NULL);
	return status;
}
