/* systemd's journal, by its own protocol: one datagram is one entry, fields of
 * NAME=VALUE lines, or of NAME, a length and bytes where a value has a newline;
 * an entry too large for a datagram goes as a sealed memfd.  Documented under
 * systemd.io/JOURNAL_NATIVE_PROTOCOL. */
#ifndef SANDBOX_JOURNAL_SOCKET_H
#define SANDBOX_JOURNAL_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/util.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

struct journal_socket {
	int fd;
	const char *path; /* borrowed */
};

/* 0, or -1 with errno: nobody listens there. */
int journal_connect(struct journal_socket *journal, const char *path);
void journal_disconnect(struct journal_socket *journal);

/* An entry is built in a memory stream of the caller's. */
void journal_field(FILE *entry, const char *name, const char *value);
void journal_field_number(FILE *entry, const char *name, int64_t value);

/* 0, or -1 with errno.  When the journal is busy, SEND_NOW gives up at once
 * (EAGAIN), the others after some seconds.  SEND_LAST waits until all have been
 * taken in: the journal looks up the sender's unit then, and cannot when the
 * sender has gone. */
enum journal_wait { SEND_NOW, SEND_WAITING, SEND_LAST };
int journal_send(const struct journal_socket *journal, const char *entry,
		 size_t n, enum journal_wait wait);

#endif
