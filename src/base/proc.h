/* The one door to /proc's files about processes, which asks first whether it is
 * the /proc to look into: another PID namespace's (a container that kept its
 * parent's) has other processes under our numbers.  "self" is this process in
 * any of them. */
#pragma once

#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* /proc/PID/FILE, 0 meaning self, open for reading and close-on-exec; -1 with
 * errno, ENOENT if /proc is not ours. */
int proc_open(pid_t pid, const char *file);
/* The same as a stream, or NULL. */
FILE *proc_stream(pid_t pid, const char *file);
/* The number in a line of its status ("Tgid"), -1 if it cannot be read. */
long proc_status(pid_t pid, const char *name);

/* The capabilities of this process; nothing is asked of /proc. */
bool proc_privileges(struct __user_cap_data_struct data[static 2]);

/* How many seccomp filters are in force for this process, one where only that
 * is known. */
unsigned proc_filters(void);

/* What the link /proc/self/NAME says, NUL-terminated; its length, or -1. */
ssize_t proc_link(const char *name, char *buf, size_t size);

enum { PROC_FD_NAME = 32 };
/* The path of this process's descriptor N, for what takes a path. */
const char *proc_fd_name(int fd, char buf[static PROC_FD_NAME]);
/* proc_link() of that. */
ssize_t proc_fd_link(int fd, char *buf, size_t size);
