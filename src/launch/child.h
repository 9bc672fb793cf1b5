/* The child's side of a launch: from the clone to CMD's first instruction.
 * Room-internal: only launch.c uses it. */
#ifndef SANDBOX_CHILD_H
#define SANDBOX_CHILD_H

#include <linux/filter.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "launch/execplan.h"

/* How far the child got; the texts of launch.c say what failed. */
enum stage {
	STAGE_WAIT,
	STAGE_ORPHAN,
	STAGE_PDEATHSIG,
	STAGE_CLOSE,
	STAGE_SIGNALS,
	STAGE_NO_NEW_PRIVS,
	STAGE_FILTER,
	STAGE_EXEC,
	STAGE_COUNT
};

/* The page (some pages) that parent and child share. */
struct handshake {
	_Atomic uint32_t step; /* a futex: STEP_… */
	_Atomic int failed;    /* 1: stage and err say what went wrong */
	int stage;             /* enum stage, the one in work */
	int err;               /* errno */
	int file;              /* STAGE_EXEC: the index in the plan */
	/* the armed program; wiped as soon as the exec is over */
	uint32_t cookie[4];
	struct sock_fprog fprog;
	struct sock_filter insns[BPF_MAXINSNS];
};

enum { STEP_STARTED, STEP_HERE, STEP_HIDE, STEP_HIDDEN, STEP_GO };

struct child {
	struct handshake *shared;
	struct execplan plan;
	char *const *environment;
	pid_t parent;
	bool waits; /* for the observer to take hold of it */
	bool close_fds;
	bool keep_privileges;
	bool allow_speculation;
	sigset_t mask;              /* to be put back */
	struct sigaction sigchld;   /* the same */
};

/* Never returns: CMD, or an exit with shared->failed. Runs in the parent's
 * memory after a vfork, so it makes no libc call that writes to it. */
_Noreturn void child_run(struct child *child);

#endif
