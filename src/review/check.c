#include "review/check.h"

#include <stdlib.h>

#include "model/power_cond.h"

const char *const severity_names[SEVERITY_COUNT] = {
	[SEVERITY_HOLE] = "hole",
	[SEVERITY_FAULT] = "fault",
	[SEVERITY_NOTE] = "note",
};

#define FINDING_NAME(id, name) name,
const char *const finding_kind_names[FINDING_COUNT] = {
	FINDING_KINDS(FINDING_NAME)
};

static const char *file_of(const struct finding *finding)
{
	return finding->at.file ? finding->at.file : "";
}

static bool same_finding(const struct finding *a, const struct finding *b)
{
	return a->kind == b->kind && a->at.line == b->at.line &&
	       streq(file_of(a), file_of(b)) && a->calls.n == b->calls.n &&
	       (a->calls.n == 0 ||
		memcmp(a->calls.items, b->calls.items,
		       a->calls.n * sizeof(*a->calls.items)) == 0);
}

static void free_finding(struct finding *finding)
{
	free(finding->calls.items);
	free(finding->text);
	free(finding->mend);
}

void findings_add(struct findings *findings, struct finding finding)
{
	for (size_t i = 0; i < findings->n; i++)
		if (same_finding(&findings->items[i], &finding)) {
			free_finding(&finding);
			return;
		}
	push(findings->items, findings->n, findings->cap) = finding;
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	return (int)x->severity - (int)y->severity ?:
	       strcmp(file_of(x), file_of(y)) ?:
	       x->at.line - y->at.line ?:
	       (int)x->kind - (int)y->kind ?:
	       strcmp(x->text, y->text);
}

size_t findings_count(const struct findings *findings, enum severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += findings->items[i].severity == severity;
	return n;
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		free_finding(&findings->items[i]);
	free(findings->items);
	*findings = (struct findings){0};
}

/* -------------------------------------------------------------------- check */

void review_add(struct survey *survey, enum finding_kind kind,
		enum severity severity, struct source at,
		struct calls calls, const char *mend, const char *text,
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
	if (survey->abi != survey->policy->machine)
		reprint(&finding.text, "%s (under %s)", finding.text,
			abis[survey->abi].name);
	findings_add(survey->findings, finding);
}

/* Does the policy take anything away at all? */
static bool takes_away(const struct policy *policy)
{
	if (!action_runs(policy->effective[SET_DEFAULT].value))
		return true;
	for_entries (e, policy_next, policy)
		if (e->rule->only || rule_refuses(e->rule))
			return true;
	return false;
}

void check_find(const struct policy *policy, struct findings *findings)
{
	released_by(survey_close) struct survey survey;

	survey_open(&survey, policy, findings);
	/* what another ABI repeats of the machine's own is not heard again */
	for_abis (abi, policy) {
		survey.abi = abi;
		if (takes_away(policy))
			review_ways(&survey);
		review_programs(&survey);
		review_arguments(&survey);
		review_meetings(&survey);
	}
	survey.abi = policy->machine;
	review_rules(&survey);
	review_foreign(&survey);
	if (survey.too_large)
		review_add(&survey, FINDING_TOO_LARGE, SEVERITY_FAULT,
			   (struct source){0}, (struct calls){0},
			   "write shorter conditions",
			   "the conditions of some calls are too large to "
			   "compare, so holes may have been missed");
	if (findings->n)
		qsort(findings->items, findings->n, sizeof(*findings->items),
		      compare_findings);
}

/* The kinds that a call which runs can bring about. */
static void find_ways(const struct policy *policy, struct findings *findings)
{
	released_by(survey_close) struct survey survey;

	survey_open(&survey, policy, findings);
	for_abis (abi, policy) {
		survey.abi = abi;
		review_ways(&survey);
	}
}

/* ------------------------------------------------------------------ opening */

/* The mend tells one row of the tables from another. */
static bool was_there(const struct findings *before,
		      const struct finding *hole, uint32_t call)
{
	for (size_t i = 0; i < before->n; i++)
		if (before->items[i].kind == hole->kind &&
		    streq(before->items[i].mend, hole->mend) &&
		    calls_has(&before->items[i].calls, call))
			return true;
	return false;
}

/* A copy of the hole with those of the calls that open it. */
static void add_hole(const struct findings *before,
		     const struct finding *hole,
		     const struct calls *calls, struct findings *holes)
{
	struct finding copy = *hole;

	copy.calls = (struct calls){0};
	for (size_t i = 0; i < calls->n; i++)
		if (calls_has(&hole->calls, calls->items[i]) &&
		    !was_there(before, hole, calls->items[i]))
			calls_add(&copy.calls, calls->items[i]);
	if (!copy.calls.n)
		return;
	copy.text = xstrdup(hole->text);
	copy.mend = xstrdup(hole->mend);
	findings_add(holes, copy);
}

void opening_holes(const struct policy *policy, const struct calls *calls,
		   const powers *only, struct findings *holes)
{
	released_by(arena_free) struct arena arena = ARENA_INIT;
	cleanup_free const struct cond **where =
		xcalloc(syscall_count(), sizeof(*where));
	/* They borrow all.  A tracer is no part of what the policy says. */
	struct policy closed = *policy, opened = *policy;
	released_by(findings_free) struct findings before = {0}, after = {0};

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
	find_ways(&closed, &before);
	find_ways(&opened, &after);
	for (size_t i = 0; i < after.n; i++)
		if (after.items[i].severity == SEVERITY_HOLE)
			add_hole(&before, &after.items[i], calls, holes);
}
