#include "learn/lack.h"

#include "base/util.h"
#include "review/survey.h"
#include "tables/signature.h"

static bool lacks_on(struct survey *survey, enum abi_id abi,
		     const struct wanted *wanted)
{
	struct diagram_store *store = survey->store;
	diagram where = diagram_of_cond(store, wanted->cond);
	diagram lacks;

	survey->abi = abi;
	lacks = diagram_and(
		store, where,
		diagram_not(store, survey_runs(survey, wanted->call)));

	/* what is too large to be compared is not said to be there */
	return lacks != DIAGRAM_FALSE;
}

/* A condition that an ABI cannot ask denies there, whatever is written. */
static bool lacks(struct survey *survey, const struct wanted *wanted, int abis_too)
{
	bool is_foreign = syscall_number(wanted->call, ABI_NATIVE) < 0;

	for (int i = 0; i < ABI_COUNT; i++) {
		enum abi_id abi = (enum abi_id)i;

		if (syscall_number(wanted->call, abi) < 0)
			continue;
		if (!policy_admits(survey->policy, i)) {
			if (is_foreign && abis_too >> i & 1)
				return true;
		} else if (abi_counts(survey->policy, i) &&
			   (!wanted->cond || signature_of(abi, wanted->call)) &&
			   lacks_on(survey, abi, wanted)) {
			return true;
		}
	}
	return false;
}

static void keep(struct wanted_list *list, const struct wanted *wanted)
{
	list->wanted = grow(list->wanted, list->n, &list->cap,
			    sizeof(*list->wanted));
	list->wanted[list->n++] = *wanted;
}

void lack_find(const struct policy *policy, const struct wanted_list *wanted,
	       int abis_too, struct wanted_list *lacking)
{
	struct survey survey;

	*lacking = (struct wanted_list){0};
	survey_open(&survey, policy, NULL);
	for (size_t i = 0; i < wanted->n; i++)
		if (lacks(&survey, &wanted->wanted[i], abis_too))
			keep(lacking, &wanted->wanted[i]);
	survey_close(&survey);
}

/* Rules that lines of the same file cannot go against. */
static bool is_decided(const struct entry *entry)
{
	for (; entry; entry = entry->next)
		if (rule_refuses(entry->rule) &&
		    (entry->rule->group || !entry->cond[ABI_NATIVE]))
			return true;
	return false;
}

/* Where rules of the file allow the call, whatever others of it say. */
static const struct cond *allowed_where(const struct entry *entry,
					struct arena *arena)
{
	const struct cond *any = &cond_never;

	for (; entry; entry = entry->next)
		if (entry->rule->action == ACTION_ALLOW)
			any = cond_or(arena, entry->cond[ABI_NATIVE], any);
	return any;
}

/* What more a line of the file can allow of it; &cond_never: nothing. */
static const struct cond *more_of(const struct wanted *wanted,
				  const struct entry *own, struct arena *arena,
				  struct diagram_store *store)
{
	const struct cond *there = allowed_where(own, arena);
	const struct cond *more = cond_not(arena, there);

	if (is_decided(own) ||
	    diagram_and(store, diagram_of_cond(store, wanted->cond),
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
