/* The pages that the two sides of a launch share, and the steps on the way.
 * Room-internal. */
#pragma once

#include <linux/filter.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "filter/program.h"
#include "launch/observer.h"

/* How far the child got; failure.c says what failed. */
enum stage {
	STAGE_ORPHAN,
	STAGE_PDEATHSIG,
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
	_Alignas(16) char stack[64 * 1024]; /* the child's */
};

enum {
	STEP_STARTED,
	STEP_MAY_HOLD, /* in place: CMD lets it be its tracer */
	STEP_HERE, /* the child stands before its filter; in place: the monitor
	              has hold of it */
	STEP_GO,
	STEP_TAKEN, /* in place: the monitor has the listener */
};

/* NULL with errno; holds a copy of the program.  A child that is cloned into
 * this memory has it anyway; forked processes need it shared, which costs
 * more. */
struct handshake *handshake_new(const struct program *program, bool is_shared);
void handshake_free(struct handshake *shared); /* wipes it */

/* Waits until the other side, process pid, has come to a step; false if it has
 * ended. */
bool handshake_reached(struct handshake *shared, pid_t pid, uint32_t step);
void handshake_advance(struct handshake *shared, uint32_t step);

/* Fills in what there is of the child on its way to its exec, as soon as its
 * filter has a listener, in a file table of the caller's own.  departure is a
 * pipe that was made before the child and is shared with it; the caller's
 * writing end is closed.  False with errno: there is none, or what there is is
 * no listener. */
bool handshake_startup(struct handshake *shared, const int departure[2],
		       struct tracee *child);
