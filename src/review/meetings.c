/* Rules that meet at one call: a denial that an outer layer undoes, members
 * that an allowed and a denied group share, two errnos for one case. */
#include <stdlib.h>

#include "base/util.h"
#include "review/review.h"
#include "review/sample.h"
#include "tables/errname.h"

/* Two rules and the calls at which they meet. */
struct meeting {
	const struct rule *a, *b;
	struct calls_list calls;
	char *sample; /* of the first call, or NULL; owned */
};

struct meetings {
	struct meeting *items;
	size_t n, cap;
};

static struct meeting *meet(struct meetings *meetings, const struct rule *a,
			    const struct rule *b, uint32_t call)
{
	struct meeting *found = NULL;

	for (size_t i = 0; i < meetings->n && !found; i++)
		if (meetings->items[i].a == a && meetings->items[i].b == b)
			found = &meetings->items[i];
	if (!found) {
		meetings->items = grow(meetings->items, meetings->n,
				       &meetings->cap,
				       sizeof(*meetings->items));
		found = &meetings->items[meetings->n++];
		*found = (struct meeting){.a = a, .b = b};
	}
	calls_list_add(&found->calls, call);
	return found;
}

static void free_meetings(struct meetings *meetings)
{
	for (size_t i = 0; i < meetings->n; i++) {
		free(meetings->items[i].calls.items);
		free(meetings->items[i].sample);
	}
	free(meetings->items);
}

/* Hands the calls over to a finding. */
static struct calls_list take_calls(struct meeting *meeting)
{
	struct calls_list calls = meeting->calls;

	meeting->calls = (struct calls_list){0};
	return calls;
}

/* Is the entry asked at all?  The implicit calls heed only lines of their
 * own. */
static bool is_heeded(const struct entry *entry, enum abi_id abi)
{
	const struct syscall_row *row = syscall_row(entry->call);

	if (syscall_number(entry->call, abi) < 0)
		return false;
	return !row || !(row->flags & SYSCALL_IMPLICIT) || entry->rule->alone;
}

/* ------------------------------------------------------------------- undone */

/* Where the entry would deny if its layer were the outermost: a call that is
 * named beats its group there. */
static diagram denies_alone(struct review *review, enum abi_id abi,
			    const struct entry *first,
			    const struct entry *entry)
{
	struct survey *survey = &review->survey;
	diagram where = survey_holds(survey, entry, abi);

	for (const struct entry *e = first; e && entry->rule->group;
	     e = e->next)
		if (!e->rule->group && !rule_refuses(e->rule))
			where = survey_both(
				survey, where,
				diagram_not(survey->store,
					    survey_holds(survey, e, abi)));
	return where;
}

static bool is_outer(const struct policy *policy, const struct layer *inner,
		     const struct layer *outer)
{
	for (size_t i = 0; i < policy->n_layers; i++)
		if (policy->layers[i] == inner)
			return inner != outer;
		else if (policy->layers[i] == outer)
			return false;
	return false;
}

/* Which outer rule lets the call run where the entry denies it; NULL: none. */
static const struct rule *undone_by(struct review *review, enum abi_id abi,
				    const struct entry *first,
				    const struct entry *entry)
{
	struct survey *survey = &review->survey;
	diagram denies = denies_alone(review, abi, first, entry);
	diagram leaks = survey_both(
		survey, denies, survey_runs(survey, abi, entry->call));
	const struct decision *decision =
		survey_decide(survey, abi, entry->call);

	for (size_t i = 0; i < decision->n; i++) {
		const struct rule *rule = decision->clauses[i].verdict.rule;
		uint64_t args[6];

		if (rule && !rule_refuses(rule) &&
		    is_outer(review->policy, entry->rule->layer, rule->layer) &&
		    survey_possible(survey,
				    survey_both(survey, leaks,
						survey_decided_by(survey,
								  rule)),
				    args))
			return rule;
	}
	return NULL;
}

/* Whoever names the call again, or the same group, means it. */
static bool is_meant(const struct rule *denial, const struct rule *permit)
{
	return !permit->group ||
	       (denial->group && streq(denial->group, permit->group));
}

static void tell_undone(struct review *review, enum abi_id abi,
			struct meeting *meeting)
{
	const struct rule *denial = meeting->a, *permit = meeting->b;
	bool meant = is_meant(denial, permit);
	cleanup_free char *names = calls_list_text(&meeting->calls);

	review_add(review, abi, FINDING_UNDONE,
		   meant ? SEVERITY_NOTE : SEVERITY_HOLE, denial->at,
		   take_calls(meeting),
		   xasprintf("the %s of %s here is undone by %s of the outer "
			     "layer, %s:%d", action_names[denial->action],
			     names, permit->group ? permit->group
						  : "the same call",
			     permit->at.file, permit->at.line),
		   meant ? NULL
			 : "deny it in the outer layer too, or write 'final = "
			   "yes' under [policy] here");
}

static void review_undone(struct review *review, enum abi_id abi,
			  const struct entry *first, struct meetings *meetings)
{
	for (const struct entry *e = first; e; e = e->next) {
		const struct rule *by = NULL;

		if (rule_refuses(e->rule) && is_heeded(e, abi))
			by = undone_by(review, abi, first, e);
		if (by)
			meet(meetings, e->rule, by, e->call);
	}
}

/* ------------------------------------------------------------------- shared */

static bool has_entry(const struct layer *layer, uint32_t call,
		      const struct rule *rule)
{
	for (const struct entry *e = layer_entries(layer, call); e;
	     e = e->next)
		if (e->rule == rule)
			return true;
	return false;
}

/* Are all calls of a that the ABI has in b as well? */
static bool is_part_of(const struct rule *a, const struct rule *b,
		       enum abi_id abi)
{
	for (uint32_t call = 0; call < syscall_count(); call++)
		if (syscall_number(call, abi) >= 0 &&
		    has_entry(a->layer, call, a) &&
		    !has_entry(a->layer, call, b))
			return false;
	return true;
}

/* A call of a layer that only groups speak of. */
static void review_shared(struct review *review, enum abi_id abi,
			  const struct entry *first, struct meetings *meetings)
{
	for (const struct entry *e = first; e; e = e->next)
		if (!e->rule->group || !is_heeded(e, abi))
			return;
	for (const struct entry *no = first; no; no = no->next) {
		if (!rule_refuses(no->rule))
			continue;
		for (const struct entry *yes = first; yes; yes = yes->next) {
			if (rule_refuses(yes->rule))
				continue;
			survey_decide(&review->survey, abi, no->call);
			if (survey_decided_by(&review->survey, no->rule) !=
			    DIAGRAM_FALSE)
				meet(meetings, no->rule, yes->rule, no->call);
		}
	}
}

/* A group that is taken out of a larger one is what people mean to write; one
 * that lies wholly in a denied one is told as a rule that never decides. */
static void tell_shared(struct review *review, enum abi_id abi,
			struct meeting *meeting)
{
	const struct rule *no = meeting->a, *yes = meeting->b;
	cleanup_free char *names = NULL;

	if (is_part_of(no, yes, abi) || is_part_of(yes, no, abi))
		return;
	names = calls_list_text(&meeting->calls);
	review_add(review, abi, FINDING_SHARED, SEVERITY_NOTE, no->at,
		   take_calls(meeting),
		   xasprintf("denied (deny beats allow): %s in both %s, "
			     "denied here, and %s, allowed on line %d", names,
			     no->group, yes->group, yes->at.line),
		   "name them under [allow] or [deny] to say what is meant");
}

/* ------------------------------------------------------------------- errnos */

static bool answers(const struct entry *entry, enum abi_id abi)
{
	return entry->rule->action == ACTION_DENY &&
	       entry->rule->err != ERRNO_UNSET && is_heeded(entry, abi);
}

/* At one level, where decide's order between lines with and without a
 * condition does not settle it. */
static bool are_equal(const struct entry *a, const struct entry *b,
		      enum abi_id abi)
{
	return !a->rule->group == !b->rule->group &&
	       !a->cond[abi] == !b->cond[abi] && a->rule->err != b->rule->err;
}

static void review_errnos(struct review *review, enum abi_id abi,
			  const struct entry *first, struct meetings *meetings)
{
	struct survey *survey = &review->survey;

	for (const struct entry *a = first; a; a = a->next)
		for (const struct entry *b = a->next; b; b = b->next) {
			struct sample sample = {0};
			struct meeting *meeting;
			diagram both;

			if (!answers(a, abi) || !answers(b, abi) ||
			    !are_equal(a, b, abi))
				continue;
			both = survey_both(survey, survey_holds(survey, a, abi),
					   survey_holds(survey, b, abi));
			sample_use_cond(&sample, a->cond[abi]);
			sample_use_cond(&sample, b->cond[abi]);
			if (!sample_find(&sample, survey->store, both,
					 a->call))
				continue;
			meeting = meet(meetings, a->rule, b->rule, a->call);
			if (!meeting->sample)
				meeting->sample = sample_text(&sample, abi,
							      a->call);
		}
}

static void tell_errnos(struct review *review, enum abi_id abi,
			struct meeting *meeting)
{
	const struct rule *a = meeting->a, *b = meeting->b;
	char one[16], two[16];

	review_add(review, abi, FINDING_ERRNOS, SEVERITY_NOTE, b->at,
		   take_calls(meeting),
		   xasprintf("%s has errno %s here and %s on line %d for the "
			     "same arguments, and the order of lines does not "
			     "decide",
			     meeting->sample, errno_name(b->err, one),
			     errno_name(a->err, two), a->at.line),
		   "make the conditions exclude each other, or use one errno");
}

/* ---------------------------------------------------------------------- all */

typedef void find_fn(struct review *review, enum abi_id abi,
		     const struct entry *first, struct meetings *meetings);
typedef void tell_fn(struct review *review, enum abi_id abi,
		     struct meeting *meeting);

static const struct {
	find_fn *find;
	tell_fn *tell;
} parts[] = {
	{review_undone, tell_undone},
	{review_shared, tell_shared},
	{review_errnos, tell_errnos},
};

static void review_layer(struct review *review, enum abi_id abi,
			 const struct layer *layer, size_t part)
{
	struct meetings meetings = {0};
	const struct entry *first;

	for (uint32_t call = 0; call < syscall_count(); call++)
		if ((first = layer_entries(layer, call)) &&
		    syscall_number(call, abi) >= 0)
			parts[part].find(review, abi, first, &meetings);
	for (first = layer->raw; first; first = first->next_raw)
		if (syscall_number(first->call, abi) >= 0)
			parts[part].find(review, abi, first, &meetings);
	for (size_t i = 0; i < meetings.n; i++)
		parts[part].tell(review, abi, &meetings.items[i]);
	free_meetings(&meetings);
}

void review_meetings(struct review *review, enum abi_id abi)
{
	for (size_t i = 0; i < review->policy->n_layers; i++)
		for (size_t part = 0; part < ARRAY_SIZE(parts); part++)
			review_layer(review, abi, review->policy->layers[i],
				     part);
}
