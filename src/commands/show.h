/* Every call of a policy with its answer: the survey behind `sandbox show`,
 * and its two forms. */
#ifndef SANDBOX_SHOW_H
#define SANDBOX_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "model/decide.h"

/* One number of an ABI that has a name, or that the policy names. */
struct shown_call {
	uint32_t nr;
	uint32_t call;           /* syscall.h */
	struct verdict verdict;  /* of the last clause */
	bool conditional;        /* there are clauses before it */
};

struct shown_abi {
	enum abi_id abi;
	struct shown_call *calls; /* by number */
	size_t n, cap;
	/* What numbers without a name get, those up to the table's last and
	 * those above it. */
	uint32_t last;
	bool has_unnamed;
	struct verdict unnamed, above;
};

/* Asks decide for every number of an ABI that the policy admits. */
void shown_fill(struct shown_abi *shown, const struct policy *policy,
		enum abi_id abi);
void shown_free(struct shown_abi *shown);

/* "openat", or the number of a call without a name. */
const char *shown_name(const struct shown_call *call, char buf[static 16]);

/* Can calls of an admitted ABI occur here at all? */
bool shown_abi_runs(const struct policy *policy, int abi);

void show_text(const struct policy *policy, FILE *out);
void show_json(const struct policy *policy, FILE *out);

#endif
