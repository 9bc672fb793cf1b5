#include "review/opening.h"

#include "model/power_cond.h"
#include "review/check.h"

/* The mend tells one row of the tables from another. */
static bool was_there(const struct findings *before,
		      const struct finding *hole, uint32_t call)
{
	for (size_t i = 0; i < before->n; i++)
		if (before->items[i].kind == hole->kind &&
		    streq(before->items[i].mend, hole->mend) &&
		    calls_list_has(&before->items[i].calls, call))
			return true;
	return false;
}

/* A copy of the hole with those of the calls that open it. */
static void add_hole(const struct findings *before,
		     const struct finding *hole,
		     const struct calls_list *calls, struct findings *holes)
{
	struct finding copy = *hole;

	copy.calls = (struct calls_list){0};
	for (size_t i = 0; i < calls->n; i++)
		if (calls_list_has(&hole->calls, calls->items[i]) &&
		    !was_there(before, hole, calls->items[i]))
			calls_list_add(&copy.calls, calls->items[i]);
	if (!copy.calls.n)
		return;
	copy.text = xstrdup(hole->text);
	copy.mend = xstrdup(hole->mend);
	findings_add(holes, copy);
}

void opening_holes(const struct policy *policy, const struct calls_list *calls,
		   const powers *only, struct findings *holes)
{
	struct arena arena = ARENA_INIT;
	cleanup_free const struct cond **where =
		xcalloc(syscall_count(), sizeof(*where));
	/* They borrow all.  A tracer is no part of what the policy says. */
	struct policy closed = *policy, opened = *policy;
	struct findings before = FINDINGS_INIT, after = FINDINGS_INIT;

	for (size_t i = 0; i < syscall_count(); i++)
		where[i] = &cond_never;
	for (size_t i = 0; i < calls->n; i++)
		if (syscall_row(calls->items[i]))
			where[calls->items[i]] =
				power_cond(&arena, calls->items[i],
					   only ? only[calls->items[i]]
						: ~(powers)0);
	closed.tracer_rules = opened.tracer_rules = 0;
	opened.opened = where;
	check_ways(&closed, &before);
	check_ways(&opened, &after);
	for (size_t i = 0; i < after.n; i++)
		if (after.items[i].severity == SEVERITY_HOLE)
			add_hole(&before, &after.items[i], calls, holes);
	findings_free(&before);
	findings_free(&after);
	arena_free(&arena);
}

char *opening_fallback(const struct policy *policy, enum abi_id abi,
		       uint32_t call)
{
	struct survey survey;
	char *text;

	survey_open(&survey, policy, NULL);
	survey.abi = abi;
	text = fallback_text(&survey, call);
	survey_close(&survey);
	return text;
}
