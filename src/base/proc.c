#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"

#define SELF "/proc/self"

enum { UNKNOWN, OURS, NOT_OURS, NAME_SIZE = 64 };

static ssize_t read_link(const char *path, char *buf, size_t size)
{
	ssize_t n = readlink(path, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return n;
}

/* Is it there, and of this process's PID namespace?  Looked up once. */
static bool proc_is_ours(void)
{
	static atomic_int known = UNKNOWN;
	char self[16];

	if (atomic_load(&known) == UNKNOWN) {
		read_link(SELF, self, sizeof(self));
		atomic_store(&known, atoi(self) == getpid() ? OURS : NOT_OURS);
	}
	return atomic_load(&known) == OURS;
}

int proc_open(pid_t pid, const char *file)
{
	char path[NAME_SIZE];

	if (pid && !proc_is_ours()) {
		errno = ENOENT;
		return -1;
	}
	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	else
		snprintf(path, sizeof(path), SELF "/%s", file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

FILE *proc_stream(pid_t pid, const char *file)
{
	int fd = proc_open(pid, file);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");

	if (!stream && fd >= 0)
		close(fd);
	return stream;
}

/* A name cannot hold a line that looks like one of the others: the kernel
 * escapes its newlines. */
long proc_status(pid_t pid, const char *name)
{
	cleanup_file FILE *status = proc_stream(pid, "status");
	const size_t n = strlen(name);
	char line[128];

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			return strtol(line + n + 1, NULL, 10);
	return -1;
}

/* Into words that are not 0, which a filter around us that only pretends
 * success would leave. */
bool proc_privileges(struct __user_cap_data_struct data[static 2])
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};

	memset(data, 0xff, 2 * sizeof(*data));
	return syscall(SYS_capget, &header, data) == 0;
}

/* prctl(2) first: the file costs a tenth of the time that tracing adds to a
 * launch. */
unsigned proc_filters(void)
{
	long n = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_DISABLED
			 ? 0
			 : proc_status(0, "Seccomp_filters");

	return n < 0 ? 1 : (unsigned)n;
}

ssize_t proc_link(const char *name, char *buf, size_t size)
{
	char path[NAME_SIZE];

	snprintf(path, sizeof(path), SELF "/%s", name);
	return read_link(path, buf, size);
}

const char *proc_fd_name(int fd, char buf[static PROC_FD_NAME])
{
	snprintf(buf, PROC_FD_NAME, SELF "/fd/%d", fd);
	return buf;
}

ssize_t proc_fd_link(int fd, char *buf, size_t size)
{
	char path[PROC_FD_NAME];

	return read_link(proc_fd_name(fd, path), buf, size);
}
