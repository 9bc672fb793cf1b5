#include "report/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/util.h"
#include "report/hash.h"

struct thread {
	struct hash_node node; /* first: see hash.h */
	pid_t tid;
	struct process process;
};

struct processes {
	struct hash threads;
	struct thread *last; /* the thread asked for last is asked for again */
	struct process unknown;
};

struct processes *processes_new(void)
{
	return xcalloc(1, sizeof(struct processes));
}

static void forget(struct processes *processes, struct thread *thread)
{
	if (processes->last == thread)
		processes->last = NULL;
	hash_remove(&processes->threads, &thread->node);
	free(thread);
}

/* Forgets the threads of one process; of all processes if pid is 0. */
static void forget_process(struct processes *processes, pid_t pid)
{
	for (size_t i = 0; i < processes->threads.n_buckets; i++) {
		struct hash_node *node = processes->threads.buckets[i], *next;

		for (; node; node = next) {
			struct thread *thread = (struct thread *)node;

			next = node->next;
			if (!pid || thread->process.pid == pid)
				forget(processes, thread);
		}
	}
}

void processes_free(struct processes *processes)
{
	if (!processes)
		return;
	forget_process(processes, 0);
	hash_release(&processes->threads);
	free(processes);
}

/* /proc/PID/FILE as a string; false if it cannot be read. */
static bool read_proc(pid_t pid, const char *file, char *buf, size_t size)
{
	char path[64];
	cleanup_fd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, buf, size - 1);
	if (n <= 0)
		return false;
	buf[n] = '\0';
	return true;
}

/* Name and Tgid come within the first 200 bytes of /proc/TID/status.  A name
 * cannot hold a line that looks like Tgid: the kernel escapes its newlines. */
static bool read_process(pid_t tid, struct process *process)
{
	char status[512], comm[32];
	const char *line;
	size_t n;

	if (!read_proc(tid, "status", status, sizeof(status)))
		return false;
	line = strstr(status, "\nTgid:");
	if (!line)
		return false;
	process->pid = (pid_t)strtol(line + strlen("\nTgid:"), NULL, 10);
	if (!read_proc(process->pid, "comm", comm, sizeof(comm)))
		return false;
	n = strlen(comm);
	if (n && comm[n - 1] == '\n')
		comm[--n] = '\0';
	/* Zeroed to its end: names are compared as a whole. */
	memset(process->comm, 0, sizeof(process->comm));
	memcpy(process->comm, comm,
	       n < sizeof(process->comm) ? n : sizeof(process->comm) - 1);
	return true;
}

static struct thread *find(struct processes *processes, pid_t tid)
{
	struct hash_node *node = hash_first(&processes->threads,
					    hash_mix(0, (uint64_t)tid));

	while (node && ((struct thread *)node)->tid != tid)
		node = hash_next(node);
	return (struct thread *)node;
}

const struct process *process_of(struct processes *processes, pid_t tid)
{
	struct thread *thread = processes->last;
	struct process process;

	if (thread && thread->tid == tid)
		return &thread->process;
	thread = find(processes, tid);
	if (!thread) {
		if (!read_process(tid, &process)) {
			processes->unknown = (struct process){tid, "?"};
			return &processes->unknown;
		}
		thread = xcalloc(1, sizeof(*thread));
		thread->tid = tid;
		thread->process = process;
		hash_insert(&processes->threads, &thread->node,
			    hash_mix(0, (uint64_t)tid));
	}
	processes->last = thread;
	return &thread->process;
}

void processes_gone(struct processes *processes, pid_t tid)
{
	struct thread *thread = find(processes, tid);

	if (thread)
		forget(processes, thread);
}

void processes_exec(struct processes *processes, pid_t pid, pid_t former_tid)
{
	processes_gone(processes, former_tid);
	forget_process(processes, pid);
}
