/* Did the service manager signal the whole control group, or only sandbox?
 *
 * With KillMode=control-group, the default, `systemctl stop` signals every
 * process of the service: CMD gets its SIGTERM, and sandbox must not hand on
 * another.  With KillMode=mixed or `systemctl kill --kill-whom=main` only
 * sandbox is told, and must.  Nothing in a signal says which, so a small
 * process beside sandbox does nothing but wait for the same. It shares
 * sandbox's memory and ends with it; there is one only where systemd has
 * started sandbox.
 *
 * Its state is file-scope: signal handlers ask for it, and there is one. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The manager's PID if it has started sandbox, else 0 and no such process.  To
 * be called with all signals blocked. */
pid_t group_signal_start(void);
void group_signal_stop(void);

/* Has that process got this signal too?  Waits for it a little.
 * Async-signal-safe. */
bool group_signal_saw(int sig);
