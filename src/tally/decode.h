/* The arguments of one event as text, nearly as strace shows them.
 *
 * Which symbols an argument takes is asked of the tables; what lies behind
 * pointers is read from the process, which must be stopped in the call.  What
 * cannot be read is shown as the pointer. */
#pragma once

#include <stdint.h>

#include "launch/observer.h"
#include "tally/reader.h"

/* Fills args with malloc'd texts of printable ASCII; returns how many. call is
 * the event's, syscall.h. */
int decode_args(struct reader *reader, const struct event *event,
		uint32_t call, char *args[6]);
