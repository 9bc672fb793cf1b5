#include "review/opened.h"

#include <stdlib.h>

#include "model/power_cond.h"
#include "review/survey.h"
#include "tables/signature.h"
#include "tables/syscall.h"

struct search {
	struct survey survey;
	struct arena conds;
	struct opened *opened;
};

/* Where the call carries the power on this ABI. */
static diagram carried_where(struct search *search, enum abi_id abi,
			     uint32_t call, enum power power)
{
	const struct cond *without;

	if (!syscall_row(call) || !signature_of(abi, call))
		return DIAGRAM_TRUE; /* it cannot be told */
	without = power_cond(&search->conds, call, ~POWER_SET(power));
	return diagram_not(search->survey.store,
			   diagram_of_cond(search->survey.store, without));
}

static void add_call(struct search *search, enum abi_id abi, uint32_t call)
{
	diagram runs = survey_runs(&search->survey, abi, call);
	powers can = powers_of(call);
	uint64_t args[6];

	for (int p = 0; p < POWER_COUNT && runs != DIAGRAM_FALSE; p++) {
		diagram both;

		if (!(can & POWER_SET(p)))
			continue;
		both = survey_both(&search->survey, runs,
				   carried_where(search, abi, call, p));
		/* what is too large to be compared is not said to be closed */
		if (both != DIAGRAM_NONE &&
		    !survey_possible(&search->survey, both, args))
			continue;
		search->opened[p].open = true;
		calls_list_add(&search->opened[p].calls, call);
	}
}

/* Numbers without a name: those that the policy gives, and all others. */
static void add_unnamed(struct search *search, enum abi_id abi)
{
	const struct policy *policy = search->survey.policy;
	uint32_t above = syscall_last(abi) + 1;
	static const uint64_t args[6];
	struct verdict verdict;

	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *e = policy->layers[i]->raw; e;
		     e = e->next_raw)
			add_call(search, abi, e->call);
	while (policy_names(policy, CALL_RAW | above))
		above++;
	verdict = decide(policy, abis[abi].audit_arch, above, args);
	search->opened[POWER_UNKNOWN].open |= action_runs(verdict.action);
}

void opened_find(const struct policy *policy,
		 struct opened opened[static POWER_COUNT])
{
	struct search search = {
		.conds = ARENA_INIT,
		.opened = opened,
	};

	for (int p = 0; p < POWER_COUNT; p++)
		opened[p] = (struct opened){0};
	survey_open(&search.survey, policy);
	for (uint32_t call = 0; call < syscall_count(); call++)
		for (int abi = 0; abi < ABI_COUNT; abi++)
			if (abi_counts(policy, abi) &&
			    syscall_number(call, abi) >= 0)
				add_call(&search, (enum abi_id)abi, call);
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (abi_counts(policy, abi))
			add_unnamed(&search, (enum abi_id)abi);
	survey_close(&search.survey);
	arena_free(&search.conds);
}

void opened_free(struct opened opened[static POWER_COUNT])
{
	for (int p = 0; p < POWER_COUNT; p++)
		free(opened[p].calls.items);
}
