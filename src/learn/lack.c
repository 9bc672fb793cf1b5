/* What a policy lacks of what is wanted. */
#include "base/util.h"
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
	struct survey survey;

	*lacking = (struct wanted_list){0};
	survey_open(&survey, policy, NULL);
	for (size_t i = 0; i < wanted->n; i++) {
		int abi = 0;

		while (abi < ABI_COUNT &&
		       !lacks_on(&survey, (enum abi_id)abi, abis_too,
				 &wanted->wanted[i]))
			abi++;
		if (abi == ABI_COUNT)
			continue;
		lacking->wanted = grow(lacking->wanted, lacking->n,
				       &lacking->cap, sizeof(struct wanted));
		lacking->wanted[lacking->n++] = wanted->wanted[i];
	}
	survey_close(&survey);
}

/* What more a line of the file can allow of it; &cond_never: nothing. */
static const struct cond *more_of(const struct wanted *wanted,
				  const struct entry *own, struct arena *arena,
				  struct diagram_store *store)
{
	const struct cond *there = &cond_never, *more;

	for (; own; own = own->next) {
		const struct cond *cond = own->cond[ABI_NATIVE];

		/* lines of the same file cannot go against that */
		if (rule_refuses(own->rule) && (own->rule->group || !cond))
			return &cond_never;
		if (own->rule->action == ACTION_ALLOW)
			there = cond_or(arena, cond, there);
	}
	more = cond_not(arena, there);
	if (diagram_and(store, diagram_of_cond(store, wanted->cond),
			diagram_of_cond(store, more)) == DIAGRAM_FALSE)
		return &cond_never;
	return wanted->cond ? wanted->cond : more;
}

void lack_for_file(const struct policy *policy, struct arena *arena,
		   struct wanted_list *lacking)
{
	const struct layer *layer = policy->layers[policy->n_layers - 1];
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	size_t n = 0;

	for (size_t i = 0; i < lacking->n; i++) {
		struct wanted wanted = lacking->wanted[i];

		wanted.cond = more_of(&wanted,
				      layer_entries(layer, wanted.call), arena,
				      store);
		if (wanted.cond != &cond_never)
			lacking->wanted[n++] = wanted;
	}
	lacking->n = n;
	diagram_store_free(store);
}
