/* The child's side of a launch: from the clone to CMD's first instruction.
 * Room-internal. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/time.h>
#include <sys/types.h>

#include "launch/execplan.h"
#include "launch/handshake.h"
#include "launch/launch.h"
#include "service/service.h"

enum { CHILD_TIMERS = 3 }; /* ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */

struct child {
	const struct launch *launch;
	struct handshake *shared;
	struct execplan plan;
	struct service service; /* CMD's environment */
	pid_t parent;
	int departure[2]; /* see observer.h; -1 if nobody asks for it */
	unsigned long filter_flags; /* seccomp(2)'s */
	sigset_t mask;              /* to be put back */
	struct sigaction sigchld;   /* the same */
	struct itimerval timers[CHILD_TIMERS]; /* the same, by their number */
};

/* Of a struct child, as clone(3) wants it.  Never returns: CMD, or an exit with
 * shared->failed (in place with the reason printed).  Runs in the parent's memory,
 * so it makes no libc call that writes to it. */
_Noreturn int child_run(void *child);

/* Before: cookie and proof (struct launch's arm), in a process that nobody of
 * the same user can read any more.  0, or an exit status with the reason
 * printed. */
int child_arm(const struct child *child);

bool child_has_listener(const struct child *child);
/* Does its exec come by that? */
bool child_hands_over_exec(const struct child *child);
