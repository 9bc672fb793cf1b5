/* The descriptors that a process which stays beside CMD holds on to.  What CMD
 * was given (sockets, pipes, terminals) must not be held open here too: its
 * readers wait for the last writer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct kept_fds {
	int fds[10];
	size_t n;
};

void kept_fds_add(struct kept_fds *kept, int fd); /* a negative one is none */
bool kept_fds_has(const struct kept_fds *kept, int fd);

/* An exec closes all but 0-2; nobody of ours makes any but CMD's.  0, or -1 with
 * errno. */
int kept_fds_close_at_exec(void);

/* From now on this thread's table of descriptors is its own.  False with errno
 * if that cannot be. */
bool kept_fds_unshare(void);

/* Closes all others; of descriptors 0-2, whose places stay taken, what is not
 * kept becomes /dev/null. */
void kept_fds_close_others(const struct kept_fds *kept);
