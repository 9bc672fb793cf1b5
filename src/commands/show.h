/* Every call of a policy with its answer: the survey behind `sandbox show`,
 * and its two forms. */
#ifndef SANDBOX_SHOW_H
#define SANDBOX_SHOW_H

#include <stdbool.h>

#include "model/decide.h"

/* One number of an ABI that has a name, or that the policy names. */
struct shown_call {
	uint32_t nr;
	uint32_t call;            /* syscall.h */
	struct decision decision;
	struct verdict verdict;   /* of its last clause */
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

/* For numbers whose arguments do not count. */
struct verdict shown_verdict(const struct policy *policy, uint32_t audit_arch,
			     uint32_t nr);

/* On standard output. */
void show_text(const struct policy *policy);
void show_json(const struct policy *policy);

#endif
