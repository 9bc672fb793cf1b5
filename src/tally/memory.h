/* The memory of another process, which is stopped in a system call. */
#ifndef SANDBOX_MEMORY_H
#define SANDBOX_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tally/reader.h"

/* Reads up to size bytes; returns how many could be read from the address on
 * within the reader's deadline, 0 if none.  Never fails because of what lies
 * behind the readable part. */
size_t memory_read(struct reader *reader, pid_t tid, uint64_t address,
		   void *buf, size_t size);

/* The same, but stops behind the first NUL byte: a string at the end of a
 * page is read whole.  Returns the bytes read, the NUL included. */
size_t memory_read_string(struct reader *reader, pid_t tid, uint64_t address,
			  char *buf, size_t size);

#endif
