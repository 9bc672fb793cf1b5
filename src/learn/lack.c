/* What a policy lacks of what is wanted. */
#include "base/util.h"
#include "formats/condition.h"
#include "learn/wanted.h"
#include "review/survey.h"
#include "tables/signature.h"

/* A condition that an ABI cannot ask denies there, whatever is written. */
static bool lacks_on(struct survey *survey, enum abi_id abi, int abis_too,
		     const struct wanted *wanted)
{
	struct diagram_store *store = survey->store;
	uint32_t call = wanted->call;

	survey->abi = abi;
	if (syscall_number(call, abi) < 0)
		return false;
	if (!policy_admits(survey->policy, abi))
		return syscall_number(call, ABI_NATIVE) < 0 &&
		       abis_too >> abi & 1;
	if (!abi_counts(survey->policy, abi) ||
	    (wanted->cond && !signature_of(abi, call)))
		return false;
	/* what is too large to be compared is not said to be there */
	return diagram_and(store, diagram_of_cond(store, wanted->cond),
			   diagram_not(store, survey_runs(survey, call))) !=
	       DIAGRAM_FALSE;
}

void lack_find(const struct policy *policy, const struct wanted_list *wanted,
	       int abis_too, struct wanted_list *lacking)
{
	released_by(survey_close) struct survey survey;

	*lacking = (struct wanted_list){0};
	survey_open(&survey, policy, NULL);
	for (size_t i = 0; i < wanted->n; i++) {
		int abi = 0;

		while (abi < ABI_COUNT &&
		       !lacks_on(&survey, (enum abi_id)abi, abis_too,
				 &wanted->wanted[i]))
			abi++;
		if (abi < ABI_COUNT)
			push(lacking->wanted, lacking->n, lacking->cap) =
				wanted->wanted[i];
	}
}

/* What more a line of the file can allow of it; &cond_never: nothing. */
static const struct cond *more_of(const struct wanted *wanted,
				  const struct entry *own, struct arena *arena,
				  struct survey *survey)
{
	struct diagram_store *store = survey->store;
	const struct cond *there = &cond_never, *refused = &cond_never, *more;
	diagram lacks;

	for (; own; own = own->next) {
		const struct cond *cond = own->cond[survey->abi];

		/* lines of the same file cannot go against that */
		if (rule_refuses(own->rule) && (own->rule->group || !cond))
			return &cond_never;
		if (rule_refuses(own->rule))
			refused = cond_or(arena, cond, refused);
		else if (own->rule->action == ACTION_ALLOW)
			there = cond_or(arena, cond, there);
	}
	more = cond_not(arena, there);
	lacks = diagram_and(store, diagram_of_cond(store, wanted->cond),
			    diagram_of_cond(store, cond_and(
				    arena, more, cond_not(arena, refused))));
	lacks = diagram_and(store, lacks, diagram_not(store, survey_runs(
						  survey, wanted->call)));
	if (lacks == DIAGRAM_FALSE)
		return &cond_never;
	return wanted->cond ? wanted->cond : more;
}

void lack_for_file(const struct policy *policy, struct arena *arena,
		   struct wanted_list *lacking)
{
	const struct layer *layer = policy->layers[policy->n_layers - 1];
	released_by(survey_close) struct survey survey;
	size_t n = 0;

	survey_open(&survey, policy, NULL);
	for (size_t i = 0; i < lacking->n; i++) {
		struct wanted wanted = lacking->wanted[i];

		survey.abi = syscall_number(wanted.call, ABI_NATIVE) >= 0
				     ? ABI_NATIVE
				     : (enum abi_id)condition_abi(wanted.call,
								  ~0u);
		wanted.cond = more_of(&wanted,
				      layer_entries(layer, wanted.call), arena,
				      &survey);
		if (wanted.cond != &cond_never)
			lacking->wanted[n++] = wanted;
	}
	lacking->n = n;
}
