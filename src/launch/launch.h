/* Start CMD under a finished program, or not at all.
 *
 * The child does as little as possible, in this order: waits to be taken hold
 * of by the observer, asks to die with its parent, puts signals back as they
 * were, sets no_new_privs, loads the filter with raw seccomp(2), execs.  The
 * filter is the last call before execve(2), so it must allow neither more nor
 * less than the launch gate (filter/gate.h).  Errors come back through a
 * shared page, since the filter may deny write(2).
 *
 * Without an observer the child is a vfork: it shares the parent's memory and
 * the parent sleeps until the exec.  With one it is a fork, since the observer
 * must work while the child waits.  */
#ifndef SANDBOX_LAUNCH_H
#define SANDBOX_LAUNCH_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "filter/program.h"
#include "launch/observer.h"

struct launch {
	char *const *argv;
	const struct observer *observer; /* or NULL */
	bool close_fds;         /* CMD keeps 0-2 only */
	bool keep_privileges;   /* no no_new_privs: root's choice */
	bool allow_speculation; /* SECCOMP_FILTER_FLAG_SPEC_ALLOW */

	/* Draws the cookie, arms the program and proves it; called once nobody
	 * of the same user can read this process any more.  0, or -1 with the
	 * reason printed: nothing is started. */
	int (*arm)(void *ctx, struct program *program, uint32_t cookie[4]);
	void *ctx;
};

/* What the supervisor must know. */
struct started {
	pid_t pid;
	bool ended; /* an observed child was killed before it became CMD: it is
	               reaped, and wait_status is its status */
	int wait_status;
	/* As they were before the launch; they are blocked when launch_start()
	 * returns, whoever installs handlers unblocks them. */
	sigset_t mask;
};

/* program holds a zero cookie; a copy of it is armed.  0 and *started; or an
 * exit status (exitcode.h), with the reason printed on
 * standard error: CMD was not started. */
int launch_start(const struct launch *launch, const struct program *program,
		 struct started *started);

/* Hold the places of descriptors 0-2 that were closed, so that nothing of ours
 * lands on them; CMD finds them closed again.  To be called first of all. */
int launch_hold_stdio(void);

#endif
