#include "launch/closefds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <unistd.h>

#include "arch/rawcall.h"

/* -1: no number ("." and ".."). */
static long number(const char *text)
{
	long value = 0;

	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		value = value * 10 + (*text - '0');
	}
	return value;
}

static long mark(const char *entries, long size)
{
	const struct dirent *entry;

	for (long at = 0; at < size; at += entry->d_reclen) {
		long fd, result = 0;

		entry = (const void *)(entries + at);
		fd = number(entry->d_name);
		if (fd > STDERR_FILENO)
			result = rawcall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC, 0,
					 0, 0);
		if (result < 0 && result != -EBADF)
			return result;
	}
	return 0;
}

/* Not up to RLIMIT_NOFILE: that may be a thousand million, and it may have been
 * lowered below what is open. */
static long mark_one_by_one(void)
{
	_Alignas(struct dirent) char entries[1024];
	long n = 0, result = 0;
	long folder = rawcall(SYS_open, (long)"/proc/self/fd",
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0, 0);

	if (folder < 0)
		return folder;
	while (result == 0 &&
	       (n = rawcall(SYS_getdents64, folder, (long)entries,
			    sizeof(entries), 0, 0, 0)) > 0)
		result = mark(entries, n);
	rawcall(SYS_close, folder, 0, 0, 0, 0, 0);
	return n < 0 ? n : result;
}

/* CLOSE_RANGE_CLOEXEC needs Linux 5.11, and a filter that is in force already
 * may deny close_range(2). */
long closefds_at_exec(void)
{
	if (rawcall(SYS_close_range, STDERR_FILENO + 1, ~0u,
		    CLOSE_RANGE_CLOEXEC, 0, 0, 0) == 0)
		return 0;
	return mark_one_by_one();
}
