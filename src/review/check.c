#include "review/check.h"

void review_add(struct survey *survey, enum finding_kind kind,
		enum severity severity, struct source at,
		struct calls_list calls, const char *mend, const char *text,
		...)
{
	struct finding finding = {
		.kind = kind,
		.severity = severity,
		.at = at,
		.calls = calls,
		.mend = mend ? xstrdup(mend) : NULL,
	};
	va_list args;

	va_start(args, text);
	finding.text = xvasprintf(text, args);
	va_end(args);
	if (survey->abi != ABI_NATIVE)
		reprint(&finding.text, "%s (under %s)", finding.text,
			abis[survey->abi].name);
	findings_add(survey->findings, finding);
}

/* Does the policy take anything away at all? */
static bool takes_away(const struct policy *policy)
{
	if (!action_runs(policy->effective[SET_DEFAULT].value))
		return true;
	for (size_t i = 0; i < policy->n_layers; i++) {
		const struct layer *layer = policy->layers[i];

		for (size_t j = 0; j < layer->n_rules; j++)
			if (layer->rules[j]->only ||
			    rule_refuses(layer->rules[j]))
				return true;
	}
	return false;
}

static void (*const parts[])(struct survey *) = {
	review_equivalents, review_reach, /* the ways */
	review_programs, review_arguments, review_meetings,
};
enum { WAYS = 2 };

/* The native ABI first: the others repeat what it says, and are heard only
 * where they differ. */
static void review_abis(struct survey *survey, size_t first, size_t end)
{
	for (int i = 0; i < ABI_COUNT; i++) {
		survey->abi = (enum abi_id)((ABI_NATIVE + i) % ABI_COUNT);
		if (abi_counts(survey->policy, survey->abi))
			for (size_t part = first; part < end; part++)
				parts[part](survey);
	}
	survey->abi = ABI_NATIVE;
}

void check_find(const struct policy *policy, struct findings *findings)
{
	struct survey survey;

	survey_open(&survey, policy, findings);
	review_abis(&survey, takes_away(policy) ? 0 : WAYS, ARRAY_SIZE(parts));
	review_rules(&survey);
	review_foreign(&survey);
	if (survey.too_large)
		review_add(&survey, FINDING_TOO_LARGE, SEVERITY_FAULT,
			   (struct source){0}, (struct calls_list){0},
			   "write shorter conditions",
			   "the conditions of some calls are too large to "
			   "compare, so holes may have been missed");
	survey_close(&survey);
	findings_sort(findings);
}

void check_ways(const struct policy *policy, struct findings *findings)
{
	struct survey survey;

	survey_open(&survey, policy, findings);
	review_abis(&survey, 0, WAYS);
	survey_close(&survey);
}
