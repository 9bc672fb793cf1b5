/* Why a call is decided as it is: the decision list of decide.h, walked for a
 * call of which some arguments may be unknown. */
#ifndef SANDBOX_EXPLAIN_H
#define SANDBOX_EXPLAIN_H

#include "formats/callexpr.h"
#include "model/decide.h"

enum outcome {
	OUTCOME_FAILS,   /* for none of the calls meant */
	OUTCOME_DEPENDS, /* for some of them */
	OUTCOME_HOLDS,   /* for all that came so far: decides them */
	OUTCOME_UNASKED, /* everything is decided before */
};

struct explained_step {
	const struct clause *clause;
	enum outcome outcome;
	uint64_t example[6]; /* a call that this clause decides, if there is */
};

static inline bool may_decide(const struct explained_step *step)
{
	return step->outcome == OUTCOME_DEPENDS ||
	       step->outcome == OUTCOME_HOLDS;
}

struct explained {
	/* The question; all borrowed. */
	const struct policy *policy;
	const struct callexpr *expr;
	enum abi_id abi; /* with nr: the call; x32 by its bit */
	uint32_t nr;
	/* The answer. */
	uint32_t call;
	struct decision decision;
	struct explained_step *steps; /* one for each clause */
	/* The steps that may decide; verdict is the first's, and decided says
	 * that all have the same effect. */
	size_t ways;
	struct verdict verdict;
	bool decided;
	/* Arguments by bit: with a value or a pointer in the expression, and
	 * those that matter and are not known. */
	unsigned values, pointers, unknown;
};

/* Fills in the answer.  0; -1: the conditions are too large to be followed.  To
 * be freed in both cases. */
int explain_call(struct explained *e);
void explained_free(struct explained *e);

#endif
