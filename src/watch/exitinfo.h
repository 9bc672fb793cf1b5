/* How a process ended, asked by somebody who is not its parent. */
#pragma once

#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* struct pidfd_info of linux/pidfd.h, as Linux 6.15 has it. */
struct exitinfo {
	uint64_t mask; /* asked for, and given */
	uint64_t cgroup;
	uint32_t pid, tgid, ppid;
	uint32_t ids[8];
	int32_t exit_code;
};

/* By a pidfd that was opened while the process lived, without privilege:
 *   0            *status is its wait status;
 *   -1, EAGAIN   it runs still, or its parent has not yet waited for it: once
 *                that is done, poll(2) says POLLHUP;
 *   -1           this kernel does not tell (Linux 6.15). */
static inline int exitinfo_get(int pidfd, int *status)
{
	const unsigned long get = _IOWR(0xff, 11, struct exitinfo);
	const uint64_t has_exit = 1 << 3; /* PIDFD_INFO_EXIT */
	struct exitinfo info = {.mask = has_exit};
	int ret = ioctl(pidfd, get, &info);

	/* One that was waited for in the middle of the question is ESRCH: how it
	 * ended is there by then. */
	if (ret < 0 && errno == ESRCH) {
		info = (struct exitinfo){.mask = has_exit};
		ret = ioctl(pidfd, get, &info);
	}
	if (ret < 0) {
		if (errno == EAGAIN)
			errno = ENOTTY;
		return -1;
	}
	if (info.mask & has_exit) {
		*status = info.exit_code;
		return 0;
	}
	errno = EAGAIN;
	return -1;
}
