#include "review/check.h"

#include "base/util.h"
#include "review/review.h"

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
				   "to compare, so holes may have been missed"),
			   "write shorter conditions");
}

void check_find(const struct policy *policy, struct findings *findings)
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
		review_equivalents(&review, abi);
		review_reach(&review, abi);
		review_programs(&review, abi);
		review_arguments(&review, abi);
		review_meetings(&review, abi);
	}
	review_rules(&review);
	review_absent(&review);
	review_settings(&review);
	note_size(&review);
	survey_close(&review.survey);
	findings_sort(findings);
}
