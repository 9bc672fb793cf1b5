/* Socket addresses as text. */
#ifndef SANDBOX_SOCKADDR_H
#define SANDBOX_SOCKADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "tally/reader.h"

/* The argument of a call that holds an address which the call reads: connect,
 * bind, sendto. Its length is the next argument. */
bool sockaddr_is_at(const char *call, int index);

/* "{AF_INET, 127.0.0.1:80}"; false, and nothing printed, if not even the
 * family can be read. */
bool sockaddr_print(FILE *out, struct reader *reader, pid_t tid,
		    uint64_t address, uint64_t length);

#endif
