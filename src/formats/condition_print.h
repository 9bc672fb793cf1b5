/* A condition back into the text of a policy file, the inverse of
 * condition.h: "family == AF_UNIX and type & 0xf in (SOCK_STREAM, SOCK_DGRAM)".
 *
 * What is printed means the same when it is read again for the same call.
 * Argument names and symbols are those of the call; where an ABI has no
 * signature for it, registers (arg0) and numbers. */
#ifndef SANDBOX_CONDITION_PRINT_H
#define SANDBOX_CONDITION_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "model/cond.h"
#include "tables/abi.h"

/* malloc'd; NULL is "always", &cond_never "never". */
char *condition_text(const struct cond *cond, enum abi_id abi, uint32_t call);

/* The same with arguments by register: "arg0 == AF_UNIX". */
char *condition_registers(const struct cond *cond, enum abi_id abi,
			  uint32_t call);

/* An argument as a condition names it: "family", or "arg1" where there is no
 * name or prctl's own "arg2" would be taken for a register. */
const char *condition_argument(enum abi_id abi, uint32_t call, int index,
			       char buf[static 8]);

#endif
