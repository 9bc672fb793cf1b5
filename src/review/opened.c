#include "review/opened.h"

#include <stdlib.h>

#include "model/power_cond.h"
#include "review/survey.h"
#include "tables/signature.h"

/* Where the call carries the power. */
static diagram carried_where(struct survey *survey, uint32_t call,
			     enum power power)
{
	const struct cond *without;

	if (!syscall_row(call) || !signature_of(survey->abi, call))
		return DIAGRAM_TRUE; /* it cannot be told */
	without = power_cond(&survey->conds, call, ~POWER_SET(power));
	return diagram_not(survey->store,
			   diagram_of_cond(survey->store, without));
}

static void add_call(struct survey *survey, uint32_t call,
		     struct opened *opened)
{
	diagram runs = survey_runs(survey, call);

	for (int p = 0; p < POWER_COUNT && runs != DIAGRAM_FALSE; p++) {
		if (!(powers_of(call) & POWER_SET(p)))
			continue;
		/* what is too large to be compared is not said to be closed */
		if (survey_both(survey, runs, carried_where(survey, call, p)) ==
		    DIAGRAM_FALSE)
			continue;
		opened[p].open = true;
		calls_add(&opened[p].calls, call);
	}
}

/* Numbers without a name: those that the policy gives, and all others. */
static void add_unnamed(struct survey *survey, struct opened *opened)
{
	const struct policy *policy = survey->policy;
	uint32_t above = syscall_last(survey->abi) + 1;
	static const uint64_t args[6];
	struct verdict verdict;

	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *e = policy->layers[i]->raw; e;
		     e = e->next_raw)
			add_call(survey, e->call, opened);
	while (policy_names(policy, CALL_RAW | above))
		above++;
	verdict = decide(policy, abis[survey->abi].audit_arch, above, args);
	opened[POWER_UNKNOWN].open |= action_runs(verdict.action);
}

void opened_find(const struct policy *policy,
		 struct opened opened[static POWER_COUNT])
{
	struct survey survey;

	for (int p = 0; p < POWER_COUNT; p++)
		opened[p] = (struct opened){0};
	survey_open(&survey, policy, NULL);
	for (uint32_t call = 0; call < syscall_count(); call++)
		for (int abi = 0; abi < ABI_COUNT; abi++) {
			survey.abi = (enum abi_id)abi;
			if (abi_counts(policy, abi))
				add_call(&survey, call, opened);
		}
	for (int abi = 0; abi < ABI_COUNT; abi++) {
		survey.abi = (enum abi_id)abi;
		if (abi_counts(policy, abi))
			add_unnamed(&survey, opened);
	}
	survey_close(&survey);
}

void opened_free(struct opened opened[static POWER_COUNT])
{
	for (int p = 0; p < POWER_COUNT; p++)
		free(opened[p].calls.items);
}
