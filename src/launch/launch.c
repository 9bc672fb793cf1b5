#include "launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/util.h"
#include "launch/child.h"

enum { STACK_SIZE = 64 * 1024 };

static const char *const stage_texts[STAGE_COUNT] = {
	[STAGE_WAIT] = "the child could not be prepared",
	[STAGE_ORPHAN] = "the launcher has gone",
	[STAGE_PDEATHSIG] = "cannot tie the command to its launcher",
	[STAGE_CLOSE] = "--close-fds: cannot close descriptors",
	[STAGE_SIGNALS] = "cannot restore signals",
	[STAGE_NO_NEW_PRIVS] = "cannot set no_new_privs",
	[STAGE_FILTER] = "cannot load the filter",
	[STAGE_EXEC] = "cannot run",
};

static int refuse(const char *what)
{
	fprintf(stderr, "sandbox: %s: %s; the command was not started\n", what,
		strerror(errno));
	return EXITCODE_SANDBOX;
}

int launch_hold_stdio(void)
{
	int fd;

	/* The lowest free descriptor is taken, so this stops at 3. */
	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -1;
	} while (fd <= STDERR_FILENO);
	return close(fd);
}

/* ------------------------------------------------ what the child reports */

static int exec_failed(const struct child *child)
{
	const struct handshake *shared = child->shared;
	const char *file = child->plan.files[shared->file];
	bool by_path = child->plan.n > 1;
	const char *name = by_path ? child->plan.argv[0] : file;

	if (shared->err == ENOENT && by_path) {
		fprintf(stderr, "sandbox: %s: command not found in PATH\n",
			name);
		return EXITCODE_NOTFOUND;
	}
	if (shared->err == ENOENT && access(file, F_OK) == 0)
		fprintf(stderr,
			"sandbox: %s: its interpreter or loader is missing\n",
			name);
	else
		fprintf(stderr, "sandbox: cannot run %s: %s\n", name,
			strerror(shared->err));
	return shared->err == ENOENT ? EXITCODE_NOTFOUND : EXITCODE_NOEXEC;
}

static int child_failed(const struct child *child)
{
	const struct handshake *shared = child->shared;

	if (shared->stage == STAGE_EXEC)
		return exec_failed(child);
	errno = shared->err;
	refuse(stage_texts[shared->stage]);
	if (shared->stage == STAGE_FILTER && shared->err == EACCES)
		fputs("sandbox: privileges = keep needs CAP_SYS_ADMIN; without "
		      "it leave the line out\n", stderr);
	else if (shared->stage == STAGE_FILTER)
		fputs("sandbox: is seccomp(2) denied by a filter that is "
		      "already in force (a container's, SystemCallFilter=)?\n",
		      stderr);
	return EXITCODE_SANDBOX;
}

/* ------------------------------------------------------------ the parent */

static int vfork_entry(void *child)
{
	child_run(child);
}

/* CLONE_VFORK: returns when the child has execed or ended. */
static pid_t clone_vfork(struct child *child)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	pid_t pid;

	if (stack == MAP_FAILED)
		return -1;
	pid = clone(vfork_entry, stack + STACK_SIZE,
		    CLONE_VM | CLONE_VFORK | SIGCHLD, child);
	munmap(stack, STACK_SIZE);
	return pid;
}

static pid_t fork_waiting(struct child *child)
{
	pid_t pid;

	child->waits = true;
	pid = fork();
	if (pid == 0)
		child_run(child);
	return pid;
}

/* Waits until the child has come to a step; false if it has ended. */
static bool child_reached(const struct child *child, pid_t pid, uint32_t step)
{
	struct handshake *shared = child->shared;
	const struct timespec look = {.tv_nsec = 100 * 1000 * 1000};
	uint32_t now;

	while ((now = atomic_load(&shared->step)) != step) {
		siginfo_t info = {0};

		syscall(SYS_futex, &shared->step, FUTEX_WAIT, now, &look, NULL,
			0);
		if (waitid(P_PID, (id_t)pid, &info,
			   WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
			return false;
	}
	return true;
}

static void advance(struct handshake *shared, uint32_t step)
{
	atomic_store(&shared->step, step);
	syscall(SYS_futex, &shared->step, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int arm(const struct launch *launch, struct handshake *shared)
{
	struct program program = {
		.insns = shared->insns,
		.n = shared->fprog.len,
		.cap = ARRAY_SIZE(shared->insns),
	};

	/* From here on nobody of the same user may read the cookie here. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return refuse("cannot protect the launcher");
	if (launch->arm(launch->ctx, &program, shared->cookie) < 0)
		return EXITCODE_SANDBOX;
	return 0;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

static int start_plain(const struct launch *launch, struct child *child,
		       struct started *started)
{
	int status = arm(launch, child->shared);

	if (status)
		return status;
	started->pid = clone_vfork(child);
	if (started->pid < 0)
		return refuse("cannot make a process");
	if (atomic_load(&child->shared->failed))
		end_child(started->pid);
	return 0;
}

/* Both dumpable until the observer has hold of the child (an ordinary user
 * cannot trace what is not), neither from then on: only then the cookie comes
 * into being. */
static int prepare_observed(const struct launch *launch, struct child *child,
			    pid_t pid)
{
	if (!child_reached(child, pid, STEP_HERE)) {
		errno = ECHILD;
		return refuse("the child ended before it was ready");
	}
	if (launch->observer->attach(pid) < 0)
		return refuse("cannot trace the command");
	advance(child->shared, STEP_HIDE);
	if (!child_reached(child, pid, STEP_HIDDEN))
		return child_failed(child);
	return arm(launch, child->shared);
}

static int start_observed(const struct launch *launch, struct child *child,
			  struct started *started)
{
	int status;

	started->pid = fork_waiting(child);
	if (started->pid < 0)
		return refuse("cannot make a process");
	status = prepare_observed(launch, child, started->pid);
	if (status) {
		end_child(started->pid);
		return status;
	}
	advance(child->shared, STEP_GO);
	started->ended = !launch->observer->await_exec(started->pid,
						       &started->wait_status);
	return 0;
}

static struct handshake *share(const struct program *program)
{
	struct handshake *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return NULL;
	memcpy(shared->insns, program->insns,
	       program->n * sizeof(*program->insns));
	shared->fprog = (struct sock_fprog){
		.len = (unsigned short)program->n,
		.filter = shared->insns,
	};
	return shared;
}

int launch_start(const struct launch *launch, const struct program *program,
		 struct started *started)
{
	struct child child = {
		.environment = environ,
		.parent = getpid(),
		.close_fds = launch->close_fds,
		.keep_privileges = launch->keep_privileges,
		.allow_speculation = launch->allow_speculation,
	};
	struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t all;
	int status;

	if (program->n > ARRAY_SIZE(child.shared->insns)) {
		errno = E2BIG;
		return refuse("the filter is too long");
	}
	child.shared = share(program);
	if (!child.shared)
		return refuse("no memory for the launch");
	child.plan = execplan_new(launch->argv);

	/* No signal may come between the child and its filter unseen; SIGCHLD
	 * ignored would reap CMD behind our back. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &child.mask);
	sigaction(SIGCHLD, &by_default, &child.sigchld);
	*started = (struct started){.mask = child.mask};

	status = launch->observer
			 ? start_observed(launch, &child, started)
			 : start_plain(launch, &child, started);
	if (status == 0 && atomic_load(&child.shared->failed))
		status = child_failed(&child);
	explicit_bzero(child.shared, sizeof(*child.shared));
	munmap(child.shared, sizeof(*child.shared));
	execplan_free(&child.plan);
	if (status)
		sigprocmask(SIG_SETMASK, &child.mask, NULL);
	return status;
}
