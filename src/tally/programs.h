/* Which programs made calls, at no price for a thread that has been heard of:
 * a name changes by exec and prctl only, and these are seen. */
#ifndef SANDBOX_PROGRAMS_H
#define SANDBOX_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tally/process.h"

enum { PROGRAMS = 64, PROGRAM_THREADS = 256 };

typedef uint64_t program_set; /* of the names below */

struct programs {
	char names[PROGRAMS][16];
	size_t n; /* those beyond PROGRAMS have no place, and are left out */
	struct {
		pid_t tid;
		uint32_t epoch;
		program_set program;
	} threads[PROGRAM_THREADS]; /* by tid % n */
	uint32_t epoch; /* names may have changed since an older one */
};

/* That of a thread: empty or one. */
program_set programs_of(struct programs *programs, struct processes *processes,
			pid_t tid);

/* Does a call change names?  Then the epoch ends with it. */
bool programs_renamed_by(uint32_t call);

#endif
