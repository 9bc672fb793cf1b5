/* A message to the service manager with what comes with it: who sent it, and
 * descriptors.  Room-internal. */
#ifndef SANDBOX_PARCEL_H
#define SANDBOX_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "service/closer.h"
#include "service/message.h"

struct parcel {
	char text[MESSAGE_SIZE];
	size_t n;
	struct ucred sender; /* pid 0: nobody we can see */
	int fds[CLOSER_FDS];
	size_t n_fds;
};

struct destination {
	struct sockaddr_un address;
	socklen_t size;
};

/* Does not wait.  False with errno: there is none. */
bool parcel_receive(int socket, struct parcel *parcel);

/* text with the descriptors of parcel, in the name of sender (which takes
 * privilege); both may be NULL.  0, or -1 with errno. */
int parcel_send(int socket, const struct destination *to, const char *text,
		size_t n, const struct parcel *parcel,
		const struct ucred *sender);

#endif
