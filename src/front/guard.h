/* The monitor's own cage: a strict allow-list, built, cached and proved like
 * any policy's program, and no privilege that it does not need.
 *
 * A program that got hold of the monitor could answer for it; it should at
 * least be able to start and reach nothing else.  Loaded after everything else
 * is prepared, before CMD's first instruction. */
#ifndef SANDBOX_GUARD_H
#define SANDBOX_GUARD_H

#include "front/prepare.h"

struct guard {
	struct policy *policy;
	struct prepared prepared;
	bool writes_files; /* the report replaces a file: keeps CAP_DAC_OVERRIDE,
	                      CAP_FOWNER and CAP_CHOWN for that */
};

/* Compiles or finds the program. 0, or an exit status with the reason printed.
 * Zeroed before; guard_free() in both cases. */
int guard_prepare(struct guard *guard, bool use_cache);

/* struct launch's protect(): ctx is the guard. Locks up the calling process.
 * 0, or an exit status with the reason printed. */
int guard_lock(void *ctx);

void guard_free(struct guard *guard);

#endif
