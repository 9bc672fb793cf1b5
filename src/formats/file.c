#include "formats/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"

/* Without O_NONBLOCK the mere opening of a FIFO would wait for a writer. */
int file_open(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* A pipe without a name is no file of any file system: the kernel shows it as
 * "pipe:[INODE]", proc(5). */
static bool is_unnamed(int fd)
{
	char target[8];

	return proc_fd_link(fd, target, sizeof(target)) > 0 &&
	       has_prefix(target, "pipe:[");
}

const char *file_refusal(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return NULL;
	case S_IFIFO:
		return is_unnamed(fd) ? NULL : "is a FIFO, not a regular file";
	case S_IFDIR:
		return "is a directory";
	default:
		return "is a device, not a regular file";
	}
}

char *file_read(int fd, size_t *size)
{
	cleanup_free char *text = NULL;
	size_t n = 0, cap = 0;

	/* A pipe's writer may be slow. The file was opened by us, so nobody
	 * else's description changes. */
	if (fcntl(fd, F_SETFL, 0) < 0)
		return NULL;
	for (;;) {
		ssize_t got;

		if (cap - n < 2)
			text = xreallocarray(text, 1,
					     cap = cap ? cap * 2 : 16384);
		got = read(fd, text + n, cap - n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		if (got == 0)
			break;
		n += (size_t)got;
		if (n > FILE_LIMIT) {
			errno = EFBIG;
			return NULL;
		}
	}
	text[n] = '\0';
	*size = n;
	return steal(text);
}
