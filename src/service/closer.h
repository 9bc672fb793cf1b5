/* Closes descriptors that came with a message, where nobody waits for it.
 *
 * Whoever sends a descriptor chooses what its close(2) waits for: a socket's
 * unsent data (SO_LINGER), the server of a FUSE file, which nothing interrupts.
 * A thread that waits there keeps its process from ending.  So each message's
 * are closed by a small process of their own, in the table of descriptors of
 * the thread that has received them; that table must be the thread's alone
 * (kept_fds_unshare()), since a process that never comes back holds on to it.
 *
 * Processes that share memory and descriptors, no child that wait(2) shows
 * without __WCLONE; they die with the thread.  Room-internal: relay.c uses it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { CLOSER_FDS = 253 }; /* in one message: the kernel's SCM_MAX_FD */

struct closers;

/* NULL with errno.  Never freed: a process may be in it for ever. */
struct closers *closers_new(void);

/* This and the next in one and the same thread.  strange: nobody of ours needs them as they
 * are, so a socket's linger time is taken away.  Where too many still wait, the
 * descriptors stay open. */
void closers_close(struct closers *closers, const int *fds, size_t n,
		   bool strange);

/* The thread ends now: what it leaves open is not closed by its own end. */
void closers_take_over(struct closers *closers);

/* In the thread that gets its children, after its end: leaves none that has
 * ended to whoever reaps orphans. */
void closers_reap(struct closers *closers);
