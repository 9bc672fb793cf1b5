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

bool verdict_same(const struct verdict *a, const struct verdict *b)
{
	return a->action == b->action &&
	       (a->action != ACTION_DENY || a->err == b->err);
}
