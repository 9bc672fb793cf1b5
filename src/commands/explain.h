/* Why a call is decided as it is: the decision list of decide.h, walked for a
 * call of which some arguments may be unknown. */
#ifndef SANDBOX_EXPLAIN_H
#define SANDBOX_EXPLAIN_H

#include <stdio.h>

#include "formats/callexpr.h"
#include "base/jtree.h"
#include "model/decide.h"

enum outcome {
	OUTCOME_FAILS,   /* for none of the calls meant */
	OUTCOME_DEPENDS, /* for some of them */
	OUTCOME_HOLDS,   /* for all that came so far: decides them */
	OUTCOME_UNASKED, /* everything is decided before */
};

struct explained_step {
	struct clause clause;
	enum outcome outcome;
	uint64_t example[6]; /* a call that this clause decides, if there is */
};

static inline bool may_decide(const struct explained_step *step)
{
	return step->outcome == OUTCOME_DEPENDS ||
	       step->outcome == OUTCOME_HOLDS;
}

/* A rule's word that was not asked for. */
struct unasked {
	const struct entry *entry;
	bool unheeded; /* an implicit call that the rule does not name alone */
};

struct explained {
	const struct policy *policy;
	const struct callexpr *expr;
	enum abi_id abi; /* with nr: the call; x32 by its bit */
	uint32_t nr, call;
	struct explained_step *steps;
	size_t n, cap;
	struct unasked *unasked;
	size_t n_unasked, cap_unasked;
	const struct layer **silent; /* say nothing of the call */
	size_t n_silent, cap_silent;
	/* All that may decide have the same effect: *verdict is the first. */
	bool decided;
	struct verdict verdict;
	unsigned unknown; /* arguments that matter and are not known, by bit */
	struct decision decision; /* owns conditions of the steps */
};

/* 0; -1: the conditions are too large to be followed.  The policy and the
 * expression are borrowed; to be freed in both cases. */
int explain_call(struct explained *out, const struct policy *policy,
		 const struct callexpr *expr, enum abi_id abi, uint32_t nr);
void explained_free(struct explained *explained);

/* The call as a line: `text` as typed, or the name if it is NULL. */
void explain_text(const struct explained *explained, const char *text,
		  FILE *out);
void explain_put(const struct explained *explained, struct jtree *object);

#endif
