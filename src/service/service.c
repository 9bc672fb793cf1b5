#include "service/service.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "arch/arch.h"

enum { DIGITS = 20 }; /* of a 64-bit number */

static const struct {
	const char *name; /* with its '=' */
	int is_pidfd;
} variables[] = {
	{"LISTEN_PID=", 0},
	{"LISTEN_PIDFDID=", 1},
	{"SYSTEMD_EXEC_PID=", 0},
	{"WATCHDOG_PID=", 0},
};

/* The PID; or the number that systemd (257 and later) knows this process by:
 * pidfs gives every process an inode of its own.  0: this kernel does not (before
 * 6.9). */
static uint64_t own_id(int is_pidfd)
{
	long pid = rawcall(SYS_getpid, 0, 0, 0, 0, 0, 0), fd, result;
	struct stat st;

	if (!is_pidfd)
		return (uint64_t)pid;
	fd = rawcall(SYS_pidfd_open, pid, 0, 0, 0, 0, 0);
	if (fd < 0)
		return 0;
	result = rawcall(SYS_fstat, fd, (long)&st, 0, 0, 0, 0);
	rawcall(SYS_close, fd, 0, 0, 0, 0, 0);
	return result < 0 ? 0 : (uint64_t)st.st_ino;
}

/* Does an entry name this process?  Then a copy, with room for another number,
 * has a slot. */
static bool takes_slot(struct service *service, const char *entry)
{
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		size_t length = strlen(variables[i].name);
		struct service_slot *slot;
		unsigned long long id;

		if (!has_prefix(entry, variables[i].name))
			continue;
		if (!parse_u64(entry + length, &id) || !id ||
		    id != own_id(variables[i].is_pidfd) ||
		    service->n_slots == SERVICE_SLOTS)
			return false;
		slot = &service->slots[service->n_slots++];
		slot->entry = xmalloc(length + DIGITS + 1);
		slot->digits = stpcpy(slot->entry, variables[i].name);
		slot->is_pidfd = variables[i].is_pidfd;
		return true;
	}
	return false;
}

struct service service_new(const char *notify_socket)
{
	static const char socket_name[] = "NOTIFY_SOCKET=";
	struct service service = {0};
	size_t n = 0;

	while (environ && environ[n])
		n++;
	service.environment = xcalloc(n + 2, sizeof(char *));
	for (size_t i = 0; i < n; i++)
		if (!(notify_socket && has_prefix(environ[i], socket_name)) &&
		    !takes_slot(&service, environ[i]))
			service.environment[service.n++] = environ[i];
	if (notify_socket) {
		service.notify = xasprintf("%s%s", socket_name, notify_socket);
		service.environment[service.n++] = service.notify;
	}
	return service;
}

void service_free(struct service *service)
{
	for (size_t i = 0; i < service->n_slots; i++)
		free(service->slots[i].entry);
	free(service->notify);
	free(service->environment);
	*service = (struct service){0};
}

static void write_number(char *to, uint64_t number)
{
	char digits[DIGITS];
	int n = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (n)
		*to++ = digits[--n];
	*to = '\0';
}

/* A number that cannot be had any more (no descriptor free) is better not named:
 * the variable goes. */
void service_fill(struct service *service)
{
	for (size_t i = 0; i < service->n_slots; i++) {
		struct service_slot *slot = &service->slots[i];
		uint64_t id = own_id(slot->is_pidfd);

		if (!id)
			continue;
		write_number(slot->digits, id);
		service->environment[service->n++] = slot->entry;
	}
}
