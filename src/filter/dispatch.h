/* From a number to what answers it: libseccomp's part, and the only file that
 * includes <seccomp.h>.
 *
 * A "leaf" is an index into a table of the caller's.  The program branches on
 * the number and ends in RET_TRACE | leaf, which the caller replaces: by a
 * constant RET, or by a jump to the argument tests of that call.  Long runs of
 * numbers of one leaf are told by their bounds; the others go through
 * libseccomp's search tree (CTL_OPTIMIZE 2), which compares with each.  (Without
 * the runs 340 calls by name took 206 instructions, with them 54; the kernel
 * compiles them at each start, and tries out each number.)
 *
 * libseccomp is given numbers and plain rules only, of the one kind that every
 * version compiles rightly: it gets ordered comparisons wrong up to 2.6.1,
 * swallows a conditional rule beside an unconditional one, and rewrites i386's
 * socket calls.  So every ABI's numbers go in as this machine's, and what it
 * tests before its tree is left out.
 *
 * It runs in a process of its own under a time limit: it was seen to loop for
 * ever, and to corrupt memory on oversize (up to 2.6.0). */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/program.h"

/* leaves[nr] for nr < n, each below 65536, used up here; numbers from n on never
 * reach the program.  Appends to program, which expects the number in A; *why
 * (malloc'd) if that failed. */
void dispatch_append(struct program *program, int *leaves, size_t n, char **why);

/* The leaf that an instruction of the program ends in, or -1. */
static inline int dispatch_leaf(const struct sock_filter *insn)
{
	if (insn->code != (BPF_RET | BPF_K) ||
	    (insn->k & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE)
		return -1;
	return (int)(insn->k & SECCOMP_RET_DATA);
}

/* What container runtimes tell libseccomp: a rule with all the arguments that it
 * asks, at most one test each.  These go in as they are, for real architectures,
 * so the proof has to look at what comes of them. */
struct dispatch_test {
	uint64_t mask, value; /* args[i] & mask == value; no mask: not asked */
	bool differs;         /* args[i] != value, of a full mask */
};

struct dispatch_rule {
	uint32_t answer; /* a BPF return value */
	int nr;          /* dispatch_number() */
	struct dispatch_test tests[6];
};

struct dispatch_rules {
	uint32_t fallback;
	unsigned abis; /* a bit each; 0: this machine's, in the search tree */
	struct dispatch_rule *items; /* none answers fallback */
	size_t n, cap;
};

void dispatch_append_rules(struct program *program,
			   const struct dispatch_rules *rules, char **why);

/* As libseccomp numbers the call for all architectures. */
enum { DISPATCH_UNKNOWN = -1 };
int dispatch_number(const char *name);

/* "2.5.4": of the library in use. */
const char *dispatch_version(char buf[static 24]);
