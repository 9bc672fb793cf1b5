/* What a launcher in ExecStart= owes the service behind it, part one: the
 * environment.
 *
 * systemd names the process that it started in LISTEN_PID, LISTEN_PIDFDID,
 * WATCHDOG_PID and SYSTEMD_EXEC_PID, and a service that finds another process
 * named there takes neither the sockets nor the watchdog for its own (sd_listen_fds(3),
 * sd_watchdog_enabled(3)).  So where a variable names sandbox it is made to
 * name CMD; one that names somebody else stays as it is.
 *
 * CMD's PID is known only once it is there, and then it shares its parent's
 * memory and may call no libc: places for the digits are made beforehand, and
 * the child itself fills them in.  In place CMD is the process that was named,
 * and what is filled in is what was there. */
#pragma once

#include <stddef.h>

enum { SERVICE_SLOTS = 8 };

struct service_slot {
	char *entry;  /* a copy of our own */
	char *digits; /* behind its '=', room for 20 and a NUL */
	int is_pidfd; /* the inode number of a pidfd(2), else a PID */
};

struct service {
	char **environment; /* CMD's; strings are environ's, or those below */
	size_t n;           /* the slots' entries come when they are filled */
	struct service_slot slots[SERVICE_SLOTS];
	size_t n_slots;
	char *notify; /* NOTIFY_SOCKET=…, or NULL */
};

/* From environ; notify_socket, unless NULL, is CMD's NOTIFY_SOCKET (relay.h). */
struct service service_new(const char *notify_socket);
void service_free(struct service *service);

/* Once, in the process that becomes CMD, before its filter: raw system calls
 * only. */
void service_fill(struct service *service);
