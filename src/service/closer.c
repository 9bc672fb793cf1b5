#include "service/closer.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch/arch.h"

enum { MOST = 16, STACK_SIZE = 8 * 1024, PATIENCE_MS = 100 };

struct closer {
	/* cleared by the kernel when it has left this memory */
	_Atomic pid_t tid;
	pid_t pid;    /* not yet reaped; or 0 */
	pid_t thread; /* the one that it works for */
	bool strange;
	size_t n;
	int fds[CLOSER_FDS];
	_Alignas(16) char stack[STACK_SIZE];
};

struct closers {
	struct closer each[MOST], last;
};

static const struct timespec moment = {.tv_nsec = 1000 * 1000};

struct closers *closers_new(void)
{
	struct closers *closers =
		mmap(NULL, sizeof(*closers), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return closers == MAP_FAILED ? NULL : closers;
}

/* Below runs in the parent's memory: no libc call that writes to it. */

static void die_with_thread(void)
{
	rawcall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
}

static int close_all(void *arg)
{
	static const struct linger none;
	const struct closer *closer = arg;

	die_with_thread();
	for (size_t i = 0; i < closer->n; i++) {
		if (closer->strange)
			rawcall(SYS_setsockopt, closer->fds[i], SOL_SOCKET,
				SO_LINGER, (long)&none, sizeof(none), 0);
		rawcall(SYS_close, closer->fds[i], 0, 0, 0, 0, 0);
	}
	return 0;
}

/* Whoever has the table last closes it, and the end of a process waits for no
 * socket. */
static int outlive(void *arg)
{
	const struct closer *closer = arg;

	die_with_thread();
	/* it may have been too late for that */
	while (rawcall(SYS_tgkill, rawcall(SYS_getppid, 0, 0, 0, 0, 0, 0),
		       closer->thread, 0, 0, 0, 0) == 0)
		rawcall(SYS_nanosleep, (long)&moment, 0, 0, 0, 0, 0);
	return 0;
}

static void start(struct closer *closer, int (*run)(void *))
{
	closer->thread = gettid();
	atomic_store(&closer->tid, 1);
	closer->pid = clone(run, closer->stack + STACK_SIZE,
			    CLONE_VM | CLONE_FS | CLONE_FILES |
				    CLONE_CHILD_CLEARTID,
			    closer, NULL, NULL, &closer->tid);
	if (closer->pid > 0)
		return;
	closer->pid = 0;
	atomic_store(&closer->tid, 0);
}

/* __WNOTHREAD: not a tracee of another thread's. */
static bool is_free(struct closer *closer)
{
	if (atomic_load(&closer->tid))
		return false;
	if (closer->pid && waitpid(closer->pid, NULL,
				   WNOHANG | __WALL | __WNOTHREAD) == 0)
		return false;
	closer->pid = 0;
	return true;
}

/* The first of n that is free; as a rule it takes microseconds.  NULL: they still
 * wait. */
static struct closer *await_free(struct closer *closers, size_t n)
{
	for (int turn = 0; turn < PATIENCE_MS; turn++) {
		for (size_t i = 0; i < n; i++)
			if (is_free(&closers[i]))
				return &closers[i];
		nanosleep(&moment, NULL);
	}
	return NULL;
}

void closers_close(struct closers *closers, const int *fds, size_t n,
		   bool strange)
{
	struct closer *closer = n ? await_free(closers->each, MOST) : NULL;

	if (!closer)
		return;
	closer->strange = strange;
	closer->n = n;
	memcpy(closer->fds, fds, n * sizeof(*fds));
	start(closer, close_all);
}

void closers_take_over(struct closers *closers)
{
	start(&closers->last, outlive);
}

void closers_reap(struct closers *closers)
{
	await_free(&closers->last, 1);
	for (size_t i = 0; i < MOST; i++)
		is_free(&closers->each[i]);
}
