/* Which file an instruction came from. */
#ifndef SANDBOX_IP_ORIGIN_H
#define SANDBOX_IP_ORIGIN_H

#include <stdint.h>
#include <sys/types.h>

#include "tally/reader.h"

/* "libc.so.6+0x11e0b4": the mapped file's name without folders and the offset
 * in the file, as addr2line(1) takes it.  ip stands behind the instruction
 * that made the call.  malloc'd; NULL if the mapping has no name,
 * or the reader did not get it in time. */
char *ip_origin(struct reader *reader, pid_t tid, uint64_t ip);

#endif
