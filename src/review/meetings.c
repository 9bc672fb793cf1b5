/* Rules that meet at one call: a denial that an outer layer undoes, members
 * that an allowed and a denied group share, two errnos for one case. */
#include <stdlib.h>

#include "review/check.h"
#include "tables/errname.h"

/* Two rules and the calls at which they meet. */
struct meeting {
	const struct rule *a, *b;
	struct calls calls;
	char *sample; /* of the first call, or NULL; owned */
};

struct meetings {
	struct meeting *items;
	size_t n, cap;
};

static struct meeting *meet(struct meetings *meetings, const struct rule *a,
			    const struct rule *b, uint32_t call)
{
	size_t i = 0;

	while (i < meetings->n &&
	       (meetings->items[i].a != a || meetings->items[i].b != b))
		i++;
	if (i == meetings->n)
		push(meetings->items, meetings->n, meetings->cap) =
			(struct meeting){.a = a, .b = b};
	calls_add(&meetings->items[i].calls, call);
	return &meetings->items[i];
}

/* Is the entry asked at all?  The implicit calls heed only lines of their
 * own. */
static bool is_heeded(const struct entry *entry)
{
	return entry->rule->alone || !syscall_has(entry->call, SYSCALL_IMPLICIT);
}

/* All that the entry's layer says of its call. */
static const struct entry *entries_beside(const struct entry *entry)
{
	return layer_entries(entry->rule->layer, entry->call);
}

/* ------------------------------------------------------------------- undone */

/* Where the entry would deny if its layer were the outermost: a call that is
 * named beats its group there. */
static diagram denies_alone(struct survey *survey, const struct entry *entry)
{
	diagram where = survey_holds(survey, entry);

	for (const struct entry *e = entries_beside(entry);
	     e && entry->rule->group; e = e->next)
		if (!e->rule->group && !rule_refuses(e->rule))
			where = survey_both(survey, where,
					    diagram_not(survey->store,
							survey_holds(survey, e)));
	return where;
}

/* The outer rule that lets the call run where the entry denies it. */
static void find_undone(struct survey *survey, const struct entry *entry,
			struct meetings *meetings)
{
	const struct decision *decision;
	diagram leaks;

	if (!rule_refuses(entry->rule) || !is_heeded(entry))
		return;
	leaks = survey_both(survey, denies_alone(survey, entry),
			    survey_runs(survey, entry->call));
	decision = survey_decide(survey, entry->call);
	for (size_t i = 0; i < decision->n; i++) {
		const struct rule *rule = decision->clauses[i].verdict.rule;

		if (rule && !rule_refuses(rule) &&
		    rule->layer->place > entry->rule->layer->place &&
		    survey_possible(survey,
				    survey_both(survey, leaks,
						survey_decided_by(survey, rule)),
				    NULL)) {
			meet(meetings, entry->rule, rule, entry->call);
			return;
		}
	}
}

static void tell_undone(struct survey *survey, const struct meeting *meeting)
{
	const struct rule *denial = meeting->a, *permit = meeting->b;
	/* whoever names the call again, or the same group, means it */
	bool meant = !permit->group ||
		     (denial->group && streq(denial->group, permit->group));
	cleanup_free char *names = calls_text(&meeting->calls);
	cleanup_free char *place = source_text(permit->at);

	review_add(survey, FINDING_UNDONE,
		   meant ? SEVERITY_NOTE : SEVERITY_HOLE, denial->at,
		   meeting->calls,
		   meant ? NULL
			 : "deny it in the outer layer too, or write 'final = "
			   "yes' under [policy] here",
		   "the %s of %s here is undone by %s of the outer layer, %s",
		   action_names[denial->action], names,
		   permit->group ? permit->group : "the same call", place);
}

/* ------------------------------------------------------------------- shared */

/* Of a call of a layer that only groups speak of. */
static void find_shared(struct survey *survey, const struct entry *no,
			struct meetings *meetings)
{
	const struct entry *first = entries_beside(no);

	for (const struct entry *e = first; e; e = e->next)
		if (!e->rule->group || !is_heeded(e))
			return;
	survey_decide(survey, no->call);
	if (!rule_refuses(no->rule) ||
	    survey_decided_by(survey, no->rule) == DIAGRAM_FALSE)
		return;
	for (const struct entry *yes = first; yes; yes = yes->next)
		if (!rule_refuses(yes->rule))
			meet(meetings, no->rule, yes->rule, no->call);
}

static bool has_beside(const struct entry *entry, const struct rule *rule)
{
	const struct entry *e = entries_beside(entry);

	while (e && e->rule != rule)
		e = e->next;
	return e;
}

/* Are all calls of a that the ABI has in b as well? */
static bool is_part_of(const struct rule *a, const struct rule *b,
		       enum abi_id abi)
{
	for_entries (e, layer_next, a->layer)
		if (e->rule == a && syscall_row(e->call) &&
		    syscall_number(e->call, abi) >= 0 && !has_beside(e, b))
			return false;
	return true;
}

/* A group that is taken out of a larger one is what people mean to write; one
 * that lies wholly in a denied one is told as a rule that never decides. */
static void tell_shared(struct survey *survey, const struct meeting *meeting)
{
	const struct rule *no = meeting->a, *yes = meeting->b;
	cleanup_free char *names = NULL, *place = NULL;

	if (is_part_of(no, yes, survey->abi) ||
	    is_part_of(yes, no, survey->abi)) {
		free(meeting->calls.items);
		return;
	}
	names = calls_text(&meeting->calls);
	place = source_line(yes->at);
	review_add(survey, FINDING_SHARED, SEVERITY_NOTE, no->at,
		   meeting->calls,
		   "name them under [allow] or [deny] to say what is meant",
		   "denied (deny beats allow): %s in both %s, denied here, and "
		   "%s, allowed %s", names, no->group, yes->group, place);
}

/* ------------------------------------------------------------------- errnos */

static bool answers(const struct entry *entry)
{
	return entry->rule->action == ACTION_DENY &&
	       entry->rule->err != ERRNO_UNSET && is_heeded(entry);
}

/* Do two denials answer differently at one level, where decide's order between
 * lines with and without a condition does not settle it? */
static bool are_equal(const struct entry *a, const struct entry *b,
		      enum abi_id abi)
{
	return answers(a) && answers(b) && !a->rule->group == !b->rule->group &&
	       !a->cond[abi] == !b->cond[abi] && a->rule->err != b->rule->err;
}

static void find_errnos(struct survey *survey, const struct entry *a,
			struct meetings *meetings)
{
	enum abi_id abi = survey->abi;

	for (const struct entry *b = a->next; b; b = b->next) {
		cleanup_free char *sample = NULL;
		struct meeting *meeting;

		if (!are_equal(a, b, abi))
			continue;
		sample = sample_text(
			survey->store,
			survey_both(survey, survey_holds(survey, a),
				    survey_holds(survey, b)),
			abi, a->call,
			cond_args(a->cond[abi]) | cond_args(b->cond[abi]), 0);
		if (!sample)
			continue;
		meeting = meet(meetings, a->rule, b->rule, a->call);
		if (!meeting->sample)
			meeting->sample = steal(sample);
	}
}

static void tell_errnos(struct survey *survey, const struct meeting *meeting)
{
	const struct rule *a = meeting->a, *b = meeting->b;
	cleanup_free char *place = source_line(a->at);

	review_add(survey, FINDING_ERRNOS, SEVERITY_NOTE, b->at, meeting->calls,
		   "make the conditions exclude each other, or use one errno",
		   "%s has errno %s here and %s %s for the same arguments, and "
		   "the order of lines does not decide",
		   meeting->sample, errno_text(b->err),
		   errno_text(a->err), place);
}

/* ---------------------------------------------------------------------- all */

/* What adds the meetings of an entry with others of its call, and what tells of
 * one of them and takes its calls. */
static const struct {
	void (*find)(struct survey *survey, const struct entry *entry,
		     struct meetings *meetings);
	void (*tell)(struct survey *survey, const struct meeting *meeting);
} parts[] = {
	{find_undone, tell_undone},
	{find_shared, tell_shared},
	{find_errnos, tell_errnos},
};

void review_meetings(struct survey *survey)
{
	for (size_t part = 0; part < ARRAY_SIZE(parts); part++) {
		struct meetings meetings = {0};

		for_entries (e, policy_next, survey->policy)
			if (syscall_number(e->call, survey->abi) >= 0)
				parts[part].find(survey, e, &meetings);
		for (size_t i = 0; i < meetings.n; i++) {
			parts[part].tell(survey, &meetings.items[i]);
			free(meetings.items[i].sample);
		}
		free(meetings.items);
	}
}
