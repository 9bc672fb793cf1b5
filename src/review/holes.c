#include "review/holes.h"

#include <stdlib.h>

#include "base/util.h"
#include "review/review.h"
#include "tables/syscall.h"

enum standing standing_of(struct review *review, enum abi_id abi,
			  uint32_t call)
{
	diagram runs;

	if (call == CALL_NONE || syscall_number(call, abi) < 0)
		return ABSENT;
	runs = survey_runs(&review->survey, abi, call);
	return runs == DIAGRAM_TRUE    ? OPEN
	       : runs == DIAGRAM_FALSE ? CLOSED
				       : PARTLY;
}

void review_add(struct review *review, enum abi_id abi, enum finding_kind kind,
		enum severity severity, struct source at,
		struct calls_list calls, char *text, const char *mend)
{
	struct finding finding = {
		.kind = kind,
		.severity = severity,
		.at = at,
		.calls = calls,
		.text = text,
		.mend = mend ? xstrdup(mend) : NULL,
	};

	if (abi != ABI_NATIVE) {
		finding.text = xasprintf("%s (under %s)", text,
					 abis[abi].name);
		free(text);
	}
	findings_add(review->findings, finding);
}

const struct verdict *first_denial(const struct review *review)
{
	const struct decision *decision = &review->survey.decision;

	for (size_t i = 0; i < decision->n; i++)
		if (!action_runs(decision->clauses[i].verdict.action))
			return &decision->clauses[i].verdict;
	return NULL;
}

static bool takes_away(const struct policy *policy)
{
	if (!action_runs(policy->effective[SET_DEFAULT].value))
		return true;
	for (size_t i = 0; i < policy->n_layers; i++) {
		const struct layer *layer = policy->layers[i];

		for (size_t j = 0; j < layer->n_rules; j++)
			if (layer->rules[j]->only ||
			    !action_runs(layer->rules[j]->action))
				return true;
	}
	return false;
}

static void note_size(struct review *review)
{
	struct calls_list none = {0};
	struct source at = {0};

	if (review->survey.too_large)
		review_add(review, ABI_NATIVE, FINDING_TOO_LARGE,
			   SEVERITY_FAULT, at, none,
			   xstrdup("the conditions of some calls are too large "
				   "to be compared, so holes may have been "
				   "missed"),
			   "write shorter conditions");
}

void holes_find(const struct policy *policy, struct findings *findings)
{
	struct review review = {
		.policy = policy,
		.findings = findings,
		.restricts = takes_away(policy),
	};

	survey_open(&review.survey, policy);
	/* the native ABI first: the others repeat what it says, and are heard
	 * only where they differ */
	for (int i = 0; i < ABI_COUNT; i++) {
		enum abi_id abi = (enum abi_id)((ABI_NATIVE + i) % ABI_COUNT);

		if (!abi_counts(policy, abi))
			continue;
		review_doors(&review, abi);
		review_reach(&review, abi);
		review_programs(&review, abi);
		review_arguments(&review, abi);
		review_layers(&review, abi);
	}
	review_rules(&review);
	review_absent(&review);
	review_settings(&review);
	note_size(&review);
	survey_close(&review.survey);
	findings_sort(findings);
}
