/* From a number to what answers it: libseccomp's part, and the only file that
 * includes <seccomp.h>.
 *
 * A "leaf" is an index into a table of the caller's.  The program branches on
 * the number (libseccomp's search tree, CTL_OPTIMIZE 2) and ends in
 * RET_TRACE | leaf, which the caller replaces: by a constant RET, or by a jump
 * to the argument tests of that call.  libseccomp is given numbers and plain
 * rules only, of the one kind that every version compiles rightly: it gets
 * ordered comparisons wrong up to 2.6.1, swallows a conditional rule beside an
 * unconditional one, and rewrites i386's socket calls.  So every ABI's numbers
 * go in as this machine's, and the audit architecture is put right afterwards.
 *
 * It runs in a process of its own under a time limit: it was seen to loop for
 * ever, and to corrupt memory on oversize (up to 2.6.0). */
#pragma once

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/program.h"

/* leaves[nr] for nr < n; numbers from n on never reach the program. Appends
 * to program; *why (malloc'd) if that failed, else NULL. */
void dispatch_append(struct program *program, uint32_t audit_arch,
		     const uint16_t *leaves, size_t n, char **why);

/* The leaf that an instruction of the program ends in, or -1. */
static inline int dispatch_leaf(const struct sock_filter *insn)
{
	if (insn->code != (BPF_RET | BPF_K) ||
	    (insn->k & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE)
		return -1;
	return (int)(insn->k & SECCOMP_RET_DATA);
}

/* "2.5.4": of the library in use. */
const char *dispatch_version(char buf[static 24]);
