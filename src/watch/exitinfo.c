#include "watch/exitinfo.h"

#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* struct pidfd_info of linux/pidfd.h, as Linux 6.15 has it. */
struct info {
	uint64_t mask; /* asked for, and given */
	uint64_t cgroup;
	uint32_t pid, tgid, ppid;
	uint32_t ids[8];
	int32_t exit_code;
};

static const uint64_t has_exit = 1 << 3; /* PIDFD_INFO_EXIT */

int exitinfo_get(int pidfd, int *status)
{
	const unsigned long get = _IOWR(0xff, 11, struct info);
	struct info info = {.mask = has_exit};

	if (ioctl(pidfd, get, &info) < 0) {
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
