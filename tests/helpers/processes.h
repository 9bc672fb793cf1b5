/* Processes by name and by a word of their arguments, for helpers that attack
 * their own sandbox and nobody else's: the word is a folder that only one test
 * has. */
#ifndef PROCESSES_H
#define PROCESSES_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a file of /proc/PID begins with; its length, 0 if there is none. */
static inline size_t proc_text(int pid, const char *name, char *text,
			       size_t size)
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, size - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static inline int is_it(int pid, const char *name, const char *word)
{
	char comm[64], args[8192];
	size_t n;

	proc_text(pid, "comm", comm, sizeof(comm));
	comm[strcspn(comm, "\n")] = '\0';
	n = proc_text(pid, "cmdline", args, sizeof(args));
	return !strcmp(comm, name) && memmem(args, n, word, strlen(word));
}

/* Calls visit for each; how many there are. */
static inline int each_process(const char *name, const char *word,
			       void (*visit)(int pid, void *ctx), void *ctx)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	while (proc && (entry = readdir(proc))) {
		int pid = atoi(entry->d_name);

		if (pid <= 0 || !is_it(pid, name, word))
			continue;
		visit(pid, ctx);
		found++;
	}
	if (proc)
		closedir(proc);
	return found;
}

#endif
