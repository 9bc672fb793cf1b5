/* Functions of the six arguments of a call, as decision diagrams.
 *
 * A diagram asks the 384 argument bits in a fixed order, argument by argument,
 * top bit first, and ends in a leaf with a 32-bit value.  Diagrams are reduced
 * and shared: two diagrams of one store are the same function if and only if
 * they are the same number, so comparing costs nothing.  A boolean diagram is
 * one with the leaves 0 and 1; a condition that never holds is DIAGRAM_FALSE.
 *
 * A store owns its diagrams; it grows up to its budget of nodes.  Beyond that
 * (or where the work gets out of hand) the answer is DIAGRAM_NONE, "too
 * large", which every operation hands on: look at the end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/cond.h"
#include "model/decide.h"

typedef uint32_t diagram;

#define DIAGRAM_NONE ((diagram)0)
#define DIAGRAM_FALSE ((diagram)1)
#define DIAGRAM_TRUE ((diagram)2)

/* Enough for conditions far beyond what 4096 instructions can test. */
#define DIAGRAM_BUDGET (1u << 20)

struct diagram_store;

struct diagram_store *diagram_store_new(uint32_t budget);
void diagram_store_free(struct diagram_store *store); /* NULL is fine */
void diagram_store_reset(struct diagram_store *store); /* forget them all */
uint32_t diagram_store_size(const struct diagram_store *store);

/* The function that is `value` everywhere. */
diagram diagram_leaf(struct diagram_store *store, uint32_t value);

/* test ? yes : no; test is boolean, the others need not be. */
diagram diagram_ite(struct diagram_store *store, diagram test, diagram yes,
		    diagram no);
diagram diagram_and(struct diagram_store *store, diagram a, diagram b);
diagram diagram_or(struct diagram_store *store, diagram a, diagram b);
diagram diagram_not(struct diagram_store *store, diagram a);

/* A part of an argument: ((args[arg] >> shift, cut to bits) & mask) ^ flip. */
struct field {
	uint8_t arg, shift, bits;
	uint64_t mask, flip; /* within bits */
};

/* Unsigned. */
enum compare { COMPARE_EQ, COMPARE_GT, COMPARE_GE };

/* field OP k, a boolean diagram of at most field.bits nodes; k within bits. */
diagram diagram_compare(struct diagram_store *store, enum compare op,
			struct field field, uint64_t k);

/* The lowest bits of an argument are this number. */
static inline diagram diagram_is(struct diagram_store *store, uint8_t arg,
				 uint8_t bits, uint64_t value)
{
	struct field field = {.arg = arg, .bits = bits, .mask = width_mask(bits)};

	return diagram_compare(store, COMPARE_EQ, field, value);
}

/* Where the condition holds: a boolean diagram, equal to cond_holds(). */
diagram diagram_of_cond(struct diagram_store *store, const struct cond *cond);

/* What a decision list answers, as leaf(verdict, context): the BPF return
 * value for the proof, an action for `diff`, a clause's rule for `check`. */
typedef uint32_t diagram_leaf_fn(const struct verdict *verdict,
				 const void *context);
diagram diagram_of_decision(struct diagram_store *store,
			    const struct decision *decision,
			    diagram_leaf_fn *leaf, const void *context);

/* The value at these arguments. */
uint32_t diagram_eval(const struct diagram_store *store, diagram d,
		      const uint64_t args[static 6]);

/* How a diagram is built, for who makes code of it: the bit that it asks and
 * what follows if that is 0 or 1.  Bit 0 is the top bit of args[0]'s high word,
 * bit 383 the lowest of args[5].  A leaf sorts below every bit and keeps its
 * value in lo. */
enum { DIAGRAM_LEAF = 384 };
struct diagram_node {
	uint32_t bit;
	diagram lo, hi;
};
struct diagram_node diagram_node(const struct diagram_store *store, diagram d);

/* Finds arguments where a and b have different values; false if a and b are
 * the same.  With b == DIAGRAM_FALSE: arguments for which a holds. */
bool diagram_differ(const struct diagram_store *store, diagram a, diagram b,
		    uint64_t args[static 6]);
