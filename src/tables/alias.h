/* Other names of calls: those of libc's functions and of other programs, which
 * people write and which are none, and those of calls on other ABIs. */
#pragma once

#include <stdint.h>

#include "tables/abi.h"
#include "tables/words.h"

/* What to write for libc's function: a call, or a group with its '@'; false: not
 * known. */
bool libcname_find(const char *name, char write[WORDS_VALUE]);

/* The call of an ABI that does the work of one that this ABI lacks (umount:
 * umount2; on aarch64 open: openat); CALL_NONE if none is known. */
uint32_t native_call(uint32_t call, enum abi_id abi);
