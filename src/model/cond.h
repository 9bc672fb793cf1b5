/* A condition on the arguments of one call: a tree of tests.
 *
 * Names, types and symbols are already resolved: a test knows the register,
 * the width and sign that the kernel uses, and numbers.  Nodes point at each
 * other and live in an arena, a policy's or a decision's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum cond_kind { COND_TEST, COND_AND, COND_OR, COND_NOT };
enum cond_op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };
#define op_is_ordered(op) ((op) >= OP_LT)

struct cond {
	enum cond_kind kind;
	/* COND_TEST: (args[arg] cut to bits) & mask OP value.  An ordered
	 * comparison of a signed argument is signed in that width. */
	uint8_t arg;  /* 0-5 */
	uint8_t bits; /* 8, 16, 32 or 64 */
	bool is_signed;
	enum cond_op op;
	uint64_t mask;  /* within bits; all ones if none was written */
	uint64_t value; /* cut to bits */
	/* COND_AND, COND_OR: both; COND_NOT: a */
	const struct cond *a, *b;
};

/* All ones in so many bits. */
static inline uint64_t width_mask(unsigned bits)
{
	return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

/* A NULL condition means "always", &cond_never its negation: and/or/not take
 * and give both, and neither of them is ever a part of a larger condition. */
extern const struct cond cond_never;
const struct cond *cond_test(struct arena *arena, struct cond test);
const struct cond *cond_join(struct arena *arena, enum cond_kind kind,
			     const struct cond *a, const struct cond *b);
#define cond_and(arena, a, b) cond_join(arena, COND_AND, a, b)
#define cond_or(arena, a, b) cond_join(arena, COND_OR, a, b)
const struct cond *cond_not(struct arena *arena, const struct cond *a);

/* A chain of parts hangs to the side of b, the last part above the first: what
 * follows b in a loop and calls itself for a alone needs little stack, however
 * long the condition. */

/* The arguments it asks, a bit each. */
unsigned cond_args(const struct cond *cond);

/* Does it hold for these arguments?  NULL always does. */
bool cond_holds(const struct cond *cond, const uint64_t args[static 6]);
