#include "base/kept_fds.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"

void kept_fds_add(struct kept_fds *kept, int fd)
{
	if (fd < 0)
		return;
	assert(kept->n < ARRAY_SIZE(kept->fds));
	kept->fds[kept->n++] = fd;
}

bool kept_fds_has(const struct kept_fds *kept, int fd)
{
	for (size_t i = 0; i < kept->n; i++)
		if (kept->fds[i] == fd)
			return true;
	return false;
}

/* Containers deny unshare(2) more often than close_range(2) (Linux 5.9), which
 * closes nothing here. */
bool kept_fds_unshare(void)
{
	return syscall(SYS_close_range, ~0u, ~0u, CLOSE_RANGE_UNSHARE) == 0 ||
	       unshare(CLONE_FILES) == 0;
}

static unsigned first_kept_from(const struct kept_fds *kept, unsigned from)
{
	unsigned first = UINT_MAX;

	for (size_t i = 0; i < kept->n; i++)
		if ((unsigned)kept->fds[i] >= from &&
		    (unsigned)kept->fds[i] < first)
			first = (unsigned)kept->fds[i];
	return first;
}

/* The gaps between the kept ones, with close_range(2); false before Linux 5.9
 * and where a filter denies it. */
static bool close_gaps(const struct kept_fds *kept)
{
	unsigned from = STDERR_FILENO + 1, next;

	while ((next = first_kept_from(kept, from)) != UINT_MAX) {
		if (next > from &&
		    syscall(SYS_close_range, from, next - 1, 0) < 0)
			return false;
		from = next + 1;
	}
	return syscall(SYS_close_range, from, ~0u, 0) == 0;
}

/* Closes them now or at the exec.  Not all numbers up to RLIMIT_NOFILE: that may
 * be a thousand million, and it may have been lowered below what is open.  0, or
 * -1 with errno: some were left. */
static int close_one_by_one(const struct kept_fds *kept, bool at_exec)
{
	int own = proc_open(0, "fd"), err;
	DIR *folder = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;

	while (folder && (errno = 0, entry = readdir(folder))) {
		int fd = atoi(entry->d_name);

		if (fd <= STDERR_FILENO || fd == dirfd(folder) ||
		    kept_fds_has(kept, fd))
			continue;
		if (!at_exec)
			close(fd);
		else if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
			break;
	}
	err = errno;
	if (folder)
		closedir(folder);
	errno = err;
	return err ? -1 : 0;
}

/* CLOSE_RANGE_CLOEXEC needs Linux 5.11, and a filter that is in force already may
 * deny close_range(2). */
int kept_fds_close_at_exec(void)
{
	static const struct kept_fds none;

	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0u,
		    CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	return close_one_by_one(&none, true);
}

void kept_fds_close_others(const struct kept_fds *kept)
{
	/* For reading only, as locked up (run/cage.h) nothing is opened for
	 * writing: nobody looks at what becomes of what is written here. */
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		if (!kept_fds_has(kept, fd))
			dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	if (!close_gaps(kept))
		close_one_by_one(kept, false);
}
