/* The pages that the two sides of a launch share, and the steps on the way.
 * Room-internal. */
#ifndef SANDBOX_HANDSHAKE_H
#define SANDBOX_HANDSHAKE_H

#include "launch/child.h"
#include "launch/launch.h"

/* NULL with errno; holds a copy of the program.  Shared with forked processes
 * too. */
struct handshake *handshake_new(const struct program *program);
void handshake_free(struct handshake *shared); /* wipes it */

/* Waits until the other side, process pid, has come to a step; false if it has
 * ended. */
bool handshake_reached(struct handshake *shared, pid_t pid, uint32_t step);
void handshake_advance(struct handshake *shared, uint32_t step);

/* Has this process, a child or not, ended? */
bool handshake_is_gone(pid_t pid);

/* The child on its way to its exec, as soon as its filter has a listener, in a
 * file table of the caller's own.  departure is a pipe that was made before
 * the child and is shared with it; the caller's writing end is closed.  False
 * with errno: there is none, or what there is is no listener. */
bool handshake_startup(struct handshake *shared, pid_t pid,
		       const int departure[2], struct startup *startup);

/* Cookie and proof (struct launch's arm), in a process that nobody of the same
 * user can read any more. 0, or an exit status with the reason printed. */
int handshake_arm(const struct launch *launch, struct handshake *shared);

/* seccomp(2)'s flags for this launch. */
unsigned long handshake_filter_flags(const struct launch *launch);

#endif
