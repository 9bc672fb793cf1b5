#include "service/group_signal.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exitcode.h"
#include "base/util.h"
#include "arch/arch.h"

enum {
	STACK_SIZE = 16 * 1024,
	PATIENCE_MS = 100, /* systemd goes through the group at once */
	MEMORY_MS = 2000,  /* what nobody asked about is forgotten */
};

/* One sandbox, one waiter: the handlers' state is file-scope, as in
 * supervise.c. */
/* First, which gcc puts last: its pages lie behind what every start touches. */
static _Alignas(16) char stack[STACK_SIZE];
static _Atomic int64_t seen_ms[65]; /* by signal; 0: not seen */
static volatile pid_t waiter;

/* In its parent's memory: no libc call that writes to it, which reading the
 * clock does not. */
static int wait_for_signals(void *parent)
{
	const uint64_t all = ~(uint64_t)0;
	long sig;

	rawcall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
	while (rawcall(SYS_getppid, 0, 0, 0, 0, 0, 0) ==
	       (long)(intptr_t)parent) {
		sig = rawcall(SYS_rt_sigtimedwait, (long)&all, 0, 0,
			      sizeof(all), 0, 0);
		if (sig > 0 && sig < (long)ARRAY_SIZE(seen_ms))
			atomic_store(&seen_ms[sig], now_ms());
		else if (sig != -EINTR)
			break; /* a filter around sandbox denies it */
	}
	rawcall(SYS_exit_group, EXITCODE_OK, 0, 0, 0, 0, 0);
	__builtin_unreachable();
}

pid_t group_signal_start(void)
{
	const char *named = getenv("SYSTEMD_EXEC_PID");
	unsigned long long pid;

	if (!named || !parse_u64(named, &pid) ||
	    pid != (unsigned long long)getpid())
		return 0;
	/* CLONE_FILES: it holds nothing open that sandbox has closed. */
	waiter = clone(wait_for_signals, stack + STACK_SIZE,
			CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD,
			(void *)(intptr_t)getpid());
	if (waiter < 0)
		waiter = 0;
	return waiter ? getppid() : 0;
}

/* Left to whoever reaps children, or to sandbox's own end: its stack stays. */
void group_signal_stop(void)
{
	pid_t pid = waiter;
	siginfo_t info;

	waiter = 0;
	/* Still a child of ours, if only a dead one: the number is its own. */
	if (pid && waitid(P_PID, (id_t)pid, &info,
			  WEXITED | WNOHANG | WNOWAIT) == 0)
		kill(pid, SIGKILL);
}

bool group_signal_saw(int sig)
{
	const struct timespec moment = {.tv_nsec = 1000 * 1000};
	int64_t start = now_ms(), now = start, seen;

	while (waiter && now - start < PATIENCE_MS) {
		seen = atomic_exchange(&seen_ms[sig], 0);
		if (seen && now - seen < MEMORY_MS)
			return true;
		rawcall(SYS_nanosleep, (long)&moment, 0, 0, 0, 0, 0);
		now = now_ms();
	}
	return false;
}
