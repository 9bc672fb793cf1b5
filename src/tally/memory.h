/* The memory of another process, which is stopped in a system call. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tally/reader.h"

/* Reads up to size bytes, and none behind the first that is last (-1: no such
 * one): a string at the end of a page is read whole.  Returns how many could be
 * read from the address on within the reader's deadline, 0 if none.  Never fails
 * because of what lies behind the readable part. */
size_t memory_read_until(struct reader *reader, pid_t tid, uint64_t address,
			 void *buf, size_t size, int last);

static inline size_t memory_read(struct reader *reader, pid_t tid,
				 uint64_t address, void *buf, size_t size)
{
	return memory_read_until(reader, tid, address, buf, size, -1);
}

/* Which mapped file an instruction came from: "libc.so.6+0x11e0b4", its name
 * without folders and the offset in it, as addr2line(1) takes it.  ip stands
 * behind the instruction that made the call.  malloc'd; NULL if the mapping has
 * no name, or the reader did not get it in time. */
char *ip_origin(struct reader *reader, pid_t tid, uint64_t ip);
