/* What a policy's program has to answer, for all architectures, numbers and
 * arguments: decide() over everything at once.
 *
 * decide_call() is asked for every number of an admitted ABI up to one past
 * the table's last, for every raw number that the policy names,
 * and for the gate's calls; between these it
 * is asked once, where the interval starts, and must be constant there: the
 * quarters of the number space (X32_BIT and the sign bit), x32's own numbers
 * and NR_SKIPPED are intervals of their own.  So must it be for all architectures between two
 * known ones, and for an ABI that is not admitted.  An ABI whose programs
 * cannot run on this machine (abi.h) counts as unknown, and so as foreign,
 * whatever the policy admits. */
#ifndef SANDBOX_EXPECTED_H
#define SANDBOX_EXPECTED_H

#include <stddef.h>

#include "filter/answer.h"
#include "model/diagram.h"
#include "filter/gate.h"
#include "filter/prover_machine.h"
#include "model/policy.h"

/* Numbers from first to the one before the next segment's. */
struct segment {
	uint32_t first;
	diagram answer;
};

/* Architectures that answer alike; its segments cover all numbers. */
struct piece {
	struct interval arch;
	size_t begin, end; /* in expected.segments */
};

struct expected {
	struct piece pieces[2 * ABI_COUNT + 1]; /* cover all architectures */
	size_t n_pieces;
	struct segment *segments;
	size_t n_segments, cap_segments;
};

/* gate may be NULL.  0, or -1: the diagrams are too large.  The diagrams
 * belong to the store; *expected must be zeroed and is freed with
 * expected_free() in both cases. */
int expected_build(struct expected *expected, const struct policy *policy,
		   const struct answers *answers, const struct gate *gate,
		   struct diagram_store *store);
void expected_free(struct expected *expected);

/* The segment that holds a number. */
const struct segment *expected_at(const struct expected *expected,
				  const struct piece *piece, uint32_t nr);

#endif
