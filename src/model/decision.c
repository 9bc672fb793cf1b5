#include "model/decision.h"

#include <stdlib.h>

const char *const verdict_kind_names[BY_COUNT] = {
	[BY_RULE] = "rule",
	[BY_GROUP] = "group",
	[BY_DEFAULT] = "default",
	[BY_NEW] = "new",
	[BY_FOREIGN] = "foreign",
	[BY_IMPLICIT] = "implicit",
	[BY_TRACER] = "tracer",
};

void decision_free(struct decision *decision)
{
	free(decision->clauses);
	arena_free(&decision->conds);
	*decision = (struct decision){0};
}

struct verdict verdict_of_setting(const struct policy *policy,
				  enum setting_id id, enum verdict_kind kind)
{
	const struct setting *set = policy->effective;
	bool denies = set[id].value == ACTION_DENY;

	return (struct verdict){
		.action = (enum action)set[id].value,
		.err = denies ? set[SET_ERRNO].value : 0,
		.kind = kind,
		.at = set[id].at,
	};
}

struct verdict decision_at(const struct decision *decision,
			   const uint64_t args[static 6])
{
	size_t i = 0;

	while (!cond_holds(decision->clauses[i].cond, args))
		i++;
	return decision->clauses[i].verdict;
}

bool verdict_same(const struct verdict *a, const struct verdict *b)
{
	return a->action == b->action &&
	       (a->action != ACTION_DENY || a->err == b->err);
}
