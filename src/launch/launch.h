/* Start CMD under a finished program, or not at all.
 *
 * The child does as little as possible, in this order: waits to be taken hold
 * of by the observer, asks to die with its parent, puts signals back as they
 * were, sets no_new_privs, loads the filter with raw seccomp(2), execs.  The
 * filter is the last call before execve(2), so it must allow neither more nor
 * less than the launch gate (filter/gate.h).  Errors come back through a
 * shared page, since the filter may deny write(2).
 *
 * The child shares its parent's memory until its exec.  The parent goes on
 * beside it, to take hold of it and to lock itself up. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "filter/program.h"
#include "launch/observer.h"

struct launch {
	char *const *argv;
	const struct observer *observer; /* or NULL */
	/* CMD takes this process's place: PID, parent, session, descriptors.
	 * launch_start() then returns only if it failed. */
	bool in_place;
	/* In place with an observer: what its process does once CMD is about to
	 * start; called in a process that is nobody's child, with all signals
	 * blocked.  NULL: that process ends once CMD has started. */
	void (*monitor)(void *ctx, const struct tracee *tracee);
	/* The same, before: closes what that process does not need, but for
	 * these two (-1: none).  Asked only with monitor(). */
	void (*keep_only)(void *ctx, int listener, int departure);
	/* The same, instead: CMD does not start. */
	void (*not_started)(void *ctx);
	const char *notify_socket; /* CMD's, see relay.h; NULL: as it is */
	unsigned gates;         /* GATE_…: what CMD's exec comes by */
	bool close_fds;         /* CMD keeps 0-2 only */
	bool keep_privileges;   /* no no_new_privs: root's choice */
	bool allow_speculation; /* SECCOMP_FILTER_FLAG_SPEC_ALLOW */

	/* Draws cookie and sign, arms the program and proves it; called once nobody
	 * of the same user can read this process any more.  It may put another
	 * program in its place, of at most program->cap instructions, since
	 * the memory is the child's.  0, or -1 with the reason printed:
	 * nothing is started. */
	int (*arm)(void *ctx, struct program *program, uint32_t cookie[4],
		   uint32_t *sign);
	/* Locks up the process that watches or waits, once all is prepared and
	 * before CMD's first instruction.  0, or an exit status with the reason
	 * printed. */
	int (*protect)(void *ctx);
	void *protect_ctx;
	void *ctx;         /* arm()'s */
	void *monitor_ctx; /* monitor()'s */
};

/* What the supervisor must know. */
struct started {
	pid_t pid;
	bool ended; /* an observed child was killed before it became CMD: it is
	               reaped, and wait_status is its status */
	int wait_status;
	int listener; /* of CMD's filter if the observer asked for one, or -1;
	                 the caller closes it */
	/* As they were before the launch; they are blocked when launch_start()
	 * returns, whoever installs handlers unblocks them. */
	sigset_t mask;
};

/* program holds a zero cookie; a copy of it is armed.  0 and *started; or an
 * exit status (exitcode.h), with the reason printed on standard error: CMD was
 * not started. */
int launch_start(const struct launch *launch, const struct program *program,
		 struct started *started);

/* Hold the places of descriptors 0-2 that were closed, so that nothing of ours
 * lands on them; CMD finds them closed again.  To be called first of all.  0, or
 * -1 with errno: there is no /dev/null to hold one with. */
int launch_hold_stdio(void);
