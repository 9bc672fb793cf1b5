/* Which process a thread belongs to, and what it is called.
 *
 * Threads end, numbers are used again and programs change their names, and
 * not every observer is told.  So for the threads that called last the files
 * /proc/TID/comm (and the leader's) are kept open: each is bound to the task
 * that it was opened for, one pread(2) tells its name as it is now, or that it
 * has gone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t pid;     /* the thread group */
	char comm[16]; /* the group's, padded with NULs */
	uint64_t hits; /* of a row (tally.h); else 0 */
};

struct processes;

struct processes *processes_new(void);
void processes_free(struct processes *processes);

/* Never NULL; valid until the next call.  A thread that /proc does not know
 * (it has just been killed) counts as a process of its own named "?". */
const struct process *process_of(struct processes *processes, pid_t tid);

/* Which programs made calls, at no price for a thread that has been heard of:
 * a name changes by exec and prctl only, and these are seen. */
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
