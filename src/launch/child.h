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
#include "service/service.h"

/* How far the child got; the texts of launch.c say what failed. */
enum stage {
	STAGE_ORPHAN,
	STAGE_PDEATHSIG,
	STAGE_CLOSE,
	STAGE_SIGNALS,
	STAGE_NO_NEW_PRIVS,
	STAGE_PRIVS_BACK,
	STAGE_FILTER,
	STAGE_SIGN,
	STAGE_MONITOR,
	STAGE_EXEC,
	STAGE_COUNT
};

/* What parent and child tell each other. */
struct handshake {
	_Atomic uint32_t step; /* a futex: STEP_… */
	_Atomic int failed;    /* 1: stage and err say what went wrong */
	int stage;             /* enum stage, the one in work */
	int err;               /* errno */
	int file;              /* STAGE_EXEC: the index in the plan */
	_Atomic int listener;  /* of the loaded filter, or -1 */
	_Atomic uint32_t execs; /* begun */
	/* cleared by the kernel when the child has left this memory: by its
	 * exec or its end (CLONE_CHILD_CLEARTID); in place the monitor's PID */
	_Atomic pid_t tid;
	/* the armed program; the child wipes both once the filter is loaded */
	uint32_t cookie[4];
	uint32_t sign; /* the loaded program's (gate.h) */
	struct sock_fprog fprog;
	unsigned filled; /* instructions that ever were in insns */
	struct sock_filter insns[BPF_MAXINSNS];
};

enum {
	STEP_STARTED,
	STEP_MAY_HOLD, /* in place: CMD lets it be its tracer */
	STEP_HERE, /* the child stands before its filter; in place: the monitor
	              has hold of it */
	STEP_GO,
	STEP_TAKEN, /* in place: the monitor has the listener */
};

struct child {
	struct handshake *shared;
	struct execplan plan;
	struct service service; /* CMD's environment */
	pid_t parent;
	bool in_place; /* no child at all: CMD takes the caller's place */
	bool waits; /* for the observer to take hold of it */
	bool close_fds;
	bool exec_by_cookie;
	int departure[2]; /* see observer.h; -1 if nobody asks for it */
	bool keep_privileges;
	unsigned long filter_flags; /* seccomp(2)'s */
	sigset_t mask;              /* to be put back */
	struct sigaction sigchld;   /* the same */
};

/* Never returns: CMD, or an exit with shared->failed (in place with the reason
 * printed). Runs in the parent's memory, so it makes no libc call that writes to it. */
_Noreturn void child_run(struct child *child);

/* The same as clone(3) wants it. */
int child_entry(void *child);

#endif
