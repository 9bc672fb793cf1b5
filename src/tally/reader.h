/* Looks into other processes, which are stopped in a system call, from a thread
 * of its own, under a deadline.
 *
 * A page can be made never to come (userfaultfd(2), FUSE), and whoever reads it
 * waits with no signal but a fatal one to end it: the monitor, for which all
 * other denied calls wait.  So the thread reads; if it does not come back in
 * time, it is given up on, and until it does come back nothing else can be
 * looked at.  It costs two switches a look, which happens once for each row of a
 * report and for each line of -v. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { READER_MOST = 4096 }; /* bytes of one look */

/* What is done there: fills buf, returns the bytes.  Touches nothing else that
 * may be gone by then. */
typedef size_t reader_look(pid_t tid, uint64_t address, char *buf, size_t size);

/* Zeroed at first.  The thread is left to the end of the process: it may be
 * waiting. */
struct reader {
	struct desk *desk; /* what it shares with us; NULL: no thread */
	pid_t owner;       /* the process that has it */
};

/* The look's result; 0 if there was none in time.  The thread is made by the
 * first one, and again in a forked process. */
size_t reader_ask(struct reader *reader, reader_look *look, pid_t tid,
		  uint64_t address, void *buf, size_t size);

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
