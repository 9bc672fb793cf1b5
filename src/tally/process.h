/* Which process a thread belongs to, and what it is called.
 *
 * Threads end, numbers are used again and programs change their names, and
 * not every observer is told.  So for the threads that called last the files
 * /proc/TID/comm (and the leader's) are kept open: each is bound to the task
 * that it was opened for, one pread(2) tells its name as it is now, or that it
 * has gone. */
#ifndef SANDBOX_PROCESS_H
#define SANDBOX_PROCESS_H

#include <sys/types.h>

struct process {
	pid_t pid;     /* the thread group */
	char comm[16]; /* the group's, padded with NULs */
};

struct processes;

struct processes *processes_new(void);
void processes_free(struct processes *processes);

/* Never NULL; valid until the next call.  A thread that /proc does not know
 * (it has just been killed) counts as a process of its own named "?". */
const struct process *process_of(struct processes *processes, pid_t tid);

#endif
