/* What programs did: each call of theirs, with what its arguments asked for.
 * It comes from the tally of a learning run, from FILE.seen and from the denials
 * of reports, and is what a policy is written or amended by. */
#pragma once

#include "tally/uses.h"

struct seen_call {
	enum abi_id abi;
	uint32_t call; /* syscall.h; CALL_RAW | nr without a name */
	uint64_t hits;
	struct uses uses;
};

struct seen {
	struct seen_call *calls; /* by ABI, then by name of the call */
	size_t n, cap;
};

/* Joins it with what is there of this call. */
void seen_add(struct seen *seen, const struct seen_call *call);
void seen_release(struct seen *seen);
