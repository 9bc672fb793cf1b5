/* The text of a condition -> tests on registers, for each ABI, and back:
 *
 *     family == AF_UNIX
 *     flags & (O_WRONLY|O_RDWR) == 0 and not arg3 in (1, 4..7)
 *
 * The grammar (ARG is resolved for each ABI while it is read):
 *
 *     cond  = and { "or" and }            and  = not { "and" not }
 *     not   = "not" not | "(" cond ")" | test
 *     test  = ARG [ "&" value ] ( OP value | [ "not" ] "in" "(" list ")" )
 *     list  = value [ ".." value ] { "," value [ ".." value ] }
 *     value = term { "|" term }
 *     term  = [ "-" ] NUMBER | SYMBOL | "(" value ")"
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "formats/ini.h"
#include "model/cond.h"
#include "tables/abi.h"

/* Reads the condition that begins at an offset of the item's value and goes on
 * to its end.  Names and widths are those of the call (syscall.h) on each ABI;
 * &cond_unaskable stands where the ABI passes the arguments differently.
 * Nodes come from the pool.  -1 with the mistakes, their columns included,
 * added to diags; file is the name shown in them. */
int condition_parse(const struct ini_item *item, size_t offset,
		    const char *file, uint32_t call, struct arena *arena,
		    const struct cond *out[static ABI_COUNT],
		    struct diags *diags);

/* By enum cond_op: "==". */
extern const char *const condition_ops[];

/* The ABI whose names a condition is written in: the first of these (a bit
 * each) that has the call, with a signature if any has one.  -1: none. */
int condition_abi(uint32_t call, unsigned among);

/* A condition back into text, malloc'd: "family == AF_UNIX and type & 0xf in
 * (SOCK_STREAM, SOCK_DGRAM)".  It means the same when it is read again for the
 * same call.  Names and symbols are those of the call; where an ABI has no
 * signature for it, registers (arg0) and numbers.  NULL is "always",
 * &cond_never "never". */
char *condition_text(const struct cond *cond, enum abi_id abi, uint32_t call);

/* The same with arguments by register: "arg0 == AF_UNIX". */
char *condition_registers(const struct cond *cond, enum abi_id abi,
			  uint32_t call);

/* An argument as a condition names it: "family", or "arg1" where there is no
 * name or prctl's own "arg2" would be taken for a register. */
const char *condition_argument(enum abi_id abi, uint32_t call, int index,
			       char buf[static 8]);
