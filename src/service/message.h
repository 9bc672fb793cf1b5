/* A message to the service manager (sd_notify(3)): its text, lines of
 * NAME=VALUE, and what comes with it.  What changes on its way from CMD to
 * systemd, and why, is in relay.h.  Room-internal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "service/closer.h"

enum {
	MESSAGE_LIMIT = 4096,            /* systemd ignores longer ones */
	MESSAGE_SIZE = MESSAGE_LIMIT + 1, /* so that they stay too long */
	STATUS_SIZE = 512,
};

struct message_state {
	pid_t cmd;
	char status[STATUS_SIZE]; /* CMD's own, cut; "" if it has none */
	char denied[80];          /* "3 denied calls, 41 hits"; "" if none */
};

void message_set_denied(struct message_state *state, const char *what,
			size_t calls, uint64_t hits);

/* The message as it goes on; its length, 0 if nothing is left of it. */
size_t message_rewrite(struct message_state *state, const char *in, size_t n,
		       char out[static MESSAGE_SIZE]);

/* The status as a message of its own. */
size_t message_status(const struct message_state *state,
		      char out[static MESSAGE_SIZE]);

/* With who sent it, and descriptors. */
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
