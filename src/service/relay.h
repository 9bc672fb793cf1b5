/* What a launcher in ExecStart= owes the service behind it, part two: the
 * messages to the service manager (sd_notify(3)).
 *
 * systemd takes them from the process that it started, by default from no other
 * (NotifyAccess=main), and a READY=1 that it drops is a start that times out.
 * Telling it MAINPID=CMD would open that door and close another: it is not
 * CMD's parent, so it never learns how CMD ended, takes every end for a
 * success and leaves Restart=on-failure unused (tried with systemd 252).  So
 * CMD's NOTIFY_SOCKET is a socket of sandbox's own, and a thread passes each
 * message on, in order, with its descriptors (FDSTORE=1, BARRIER=1).
 *
 * Passed on unchanged, but for two lines.  MAINPID= that names CMD goes, for
 * the reason above.  STATUS= gets what was denied behind it, and
 * "STATUS=sandbox: 3 denied calls, 41 hits" stands alone while CMD has none.
 *
 * What other processes of the service send keeps its sender if sandbox has the
 * privilege to say so (NotifyAccess= then means what it says), else it passes
 * as CMD's.  What comes from outside the service's control group is dropped:
 * the socket is an abstract one, since a service may have no folder to write
 * to, and those have no permissions.  So anybody can send: the thread has a
 * table of descriptors of its own, and waits for no close(2) (closer.h).
 *
 * In place there is nothing to pass on; the thread only shows what was denied,
 * which systemd accepts under NotifyAccess=all alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/kept_fds.h"

struct relay;

/* NULL if nobody listens to CMD: no NOTIFY_SOCKET, or one that is meant for
 * another process.  Opens everything that it ever needs. */
struct relay *relay_open(bool in_place);

/* For CMD's NOTIFY_SOCKET; NULL if that stays as it is (relay may be NULL). */
const char *relay_address(const struct relay *relay);

/* Adds the relay's descriptors; relay may be NULL. */
void relay_keep(const struct relay *relay, struct kept_fds *kept);

/* Starts the thread, after CMD; from then on it alone has the sockets.  Messages
 * that came before wait for it. 0, or -1 with errno. */
int relay_start(struct relay *relay, pid_t cmd, bool permissive);

/* What was denied so far.  Shown at most once a second; costs next to nothing.
 * relay may be NULL. */
void relay_show(struct relay *relay, size_t calls, uint64_t hits);

/* Passes on what is still there, ends the thread, frees all.  NULL is fine. */
void relay_close(struct relay *relay);

/* In a forked process, which has no thread: lets go of the sockets, so that
 * whoever still sends finds nobody instead of waiting. */
void relay_abandon(struct relay *relay);
