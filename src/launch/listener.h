/* Is this descriptor the listener of a filter (seccomp_unotify(2))?  Success of
 * seccomp(2) may be a pretence of a filter that was there before; a listener
 * knows the question for a notification, and no such one (ENOENT). */
#pragma once

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* Debian 12's headers are older than these (linux/seccomp.h of 5.19, 6.6). */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

static inline bool is_listener(int fd)
{
	uint64_t none = 0;
	int result = ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &none);

	if (result < 0 && errno == EINVAL) /* its number before Linux 5.8 */
		result = ioctl(fd, SECCOMP_IOR(2, uint64_t), &none);
	return result < 0 && errno == ENOENT;
}
