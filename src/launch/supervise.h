/* Between the caller and CMD: signals go down once, stops and the status come
 * up, as if sandbox were not there.
 *
 * A signal that somebody sent to sandbox (kill(2), sigqueue(3), si_code <= 0)
 * is handed to CMD.  One that the kernel sent (Ctrl-C, Ctrl-Z, a hang-up: the
 * terminal tells the whole process group) has reached CMD already.  None of
 * them ends sandbox itself: CMD's end does; but a fault of sandbox's own
 * (SIGSEGV and its like from the kernel) does what it always does.
 *
 * There is one CMD in a process, so the handlers' state is file-scope. */
#pragma once

#include <signal.h>
#include <sys/types.h>

/* Installs the handlers for CMD and unblocks signals (mask: as it was before
 * the launch). */
void supervise_start(pid_t cmd, const sigset_t *mask);

/* CMD has been reaped, its number may belong to somebody else. */
void supervise_ended(void);

/* CMD was stopped by sig: stop as well, so that the caller sees it; returns
 * when sandbox is continued, and CMD goes on with it.  A stopped process learns
 * of nothing: a SIGCONT for CMD alone leaves sandbox stopped. */
void supervise_stopped(int sig);

/* Without an observer: waits until CMD ends; its wait status. */
int supervise_wait(pid_t cmd);

/* Ends as CMD did: exits with its status or dies of its signal, without a
 * core file of sandbox's own. */
_Noreturn void supervise_finish(int wait_status);
