#include "tally/process.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"
#include "tables/syscall.h"

/* How many threads are remembered at most: two descriptors each.  A program
 * with more threads in its denied calls at one time only pays for looking
 * again. */
#define REMEMBERED 64

struct thread {
	pid_t tid; /* 0: a free place */
	int fd;    /* /proc/TID/comm */
	int leader_fd; /* /proc/PID/comm, or -1: tid is the leader */
	struct process process;
};

struct processes {
	struct thread threads[REMEMBERED]; /* by tid % n */
	int n; /* fewer where descriptors are scarce: a report needs some */
	struct process unknown;
};

struct processes *processes_new(void)
{
	struct processes *processes = xcalloc(1, sizeof(*processes));
	struct rlimit limit;

	processes->n = REMEMBERED;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < (rlim_t)8 * REMEMBERED)
		processes->n = (int)limit.rlim_cur / 8 + 1;
	return processes;
}

static void forget(struct thread *thread)
{
	if (!thread->tid)
		return;
	close(thread->fd);
	cleanup_fd_impl(&thread->leader_fd);
	thread->tid = 0;
}

void processes_free(struct processes *processes)
{
	for (size_t i = 0; i < REMEMBERED; i++)
		forget(&processes->threads[i]);
	free(processes);
}

/* False: the task of this descriptor has ended. */
static bool read_comm(int fd, char comm[static 16])
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	if (n <= 0)
		return false;
	if (text[n - 1] == '\n')
		n--;
	/* Zeroed to its end: names are compared as a whole. */
	memset(comm, 0, 16);
	memcpy(comm, text, n < 16 ? (size_t)n : 15);
	return true;
}

/* The leader's name is the process's; the thread must be there too. */
static bool refresh(struct thread *thread)
{
	char *comm = thread->process.comm;

	return read_comm(thread->fd, comm) &&
	       (thread->leader_fd < 0 || read_comm(thread->leader_fd, comm));
}

static bool remember(struct thread *thread, pid_t tid)
{
	pid_t pid;

	forget(thread);
	thread->fd = proc_open(tid, "comm");
	if (thread->fd < 0)
		return false;
	thread->tid = tid;
	thread->leader_fd = -1;
	pid = (pid_t)proc_status(tid, "Tgid");
	if (pid > 0 && pid != tid)
		thread->leader_fd = proc_open(pid, "comm");
	thread->process.pid = pid;
	return pid > 0 && refresh(thread);
}

const struct process *process_of(struct processes *processes, pid_t tid)
{
	struct thread *thread = &processes->threads[tid % processes->n];

	if ((thread->tid == tid && refresh(thread)) || remember(thread, tid))
		return &thread->process;
	forget(thread);
	processes->unknown = (struct process){.pid = tid, .comm = "?"};
	return &processes->unknown;
}

static program_set find(struct programs *programs,
			const struct process *process)
{
	size_t i = 0;

	while (i < programs->n &&
	       memcmp(programs->names[i], process->comm, 16) != 0)
		i++;
	if (i == PROGRAMS)
		return 0;
	if (i == programs->n)
		memcpy(programs->names[programs->n++], process->comm, 16);
	return (program_set)1 << i;
}

bool programs_renamed_by(uint32_t call)
{
	static const char *const names[] = {"execve", "execveat", "prctl"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (call == syscall_by_name(names[i]))
			return true;
	return false;
}

program_set programs_of(struct programs *programs, struct processes *processes,
			pid_t tid)
{
	__typeof__(programs->threads[0]) *thread =
		&programs->threads[(unsigned)tid % PROGRAM_THREADS];

	if (thread->tid != tid || thread->epoch != programs->epoch) {
		thread->tid = tid;
		thread->epoch = programs->epoch;
		thread->program = find(programs, process_of(processes, tid));
	}
	return thread->program;
}
