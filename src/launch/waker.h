/* While sandbox is stopped along with CMD, somebody may continue CMD alone
 * (kill -CONT with CMD's PID).  A stopped process learns of nothing, so a small
 * child watches CMD for it and continues sandbox. */
#ifndef SANDBOX_WAKER_H
#define SANDBOX_WAKER_H

#include <stdbool.h>
#include <sys/types.h>

/* Is the process stopped, with no SIGCONT on its way?  Async-signal-safe. */
bool waker_is_stopped(pid_t pid);

/* -1 if none could be made: then only a SIGCONT for sandbox ends the stop. */
pid_t waker_start(pid_t cmd);
void waker_stop(pid_t waker);

#endif
