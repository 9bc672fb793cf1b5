/* Is this descriptor the listener of a filter (seccomp_unotify(2))?  Success of
 * seccomp(2) may be a pretence of a filter that was there before; a listener
 * knows the question for a notification, and no such one (ENOENT). */
#ifndef SANDBOX_LISTENER_H
#define SANDBOX_LISTENER_H

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

static inline bool is_listener(int fd)
{
	uint64_t none = 0;

	return ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &none) < 0 &&
	       errno == ENOENT;
}

#endif
