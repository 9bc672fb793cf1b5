/* Which process a thread belongs to, and what it is called: read from /proc
 * once for each thread and remembered until the thread ends or the process
 * becomes another program. */
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

/* Never NULL; valid until the next call of any of these.  A thread that /proc
 * does not know (it has just been killed) counts as a process of its own
 * named "?", and is asked for again the next time. */
const struct process *process_of(struct processes *processes, pid_t tid);

/* The thread has ended: its number may be used again. */
void processes_gone(struct processes *processes, pid_t tid);
/* The process has a new program; former_tid is the number that the thread
 * which called execve(2) had before it became the leader. */
void processes_exec(struct processes *processes, pid_t pid, pid_t former_tid);

#endif
