/* Rules that say nothing: without them every verdict would be the same.  Found
 * by asking decide what would be without the line, for all arguments. */
#include <stdlib.h>

#include "base/util.h"
#include "review/review.h"

/* A call of a rule for which the rule is idle. */
struct idle {
	uint32_t call;
	bool shadowed;          /* it never decides; else it changes nothing */
	struct verdict instead; /* who decides, or would */
};

struct rule_review {
	struct review *review;
	const struct rule *rule;
	struct policy without; /* the policy as if the line were missing */
	struct decision decision; /* of that one */
	struct idle *idle;
	size_t n_idle, cap_idle;
	size_t n_live; /* calls for which the rule could matter */
};

/* Idle rules that were told of, by call, and who decides in their place: of
 * two lines that say the same, one must stay. */
struct told {
	const struct rule *rule, *instead;
	uint32_t call;
};

struct told_list {
	struct told *items;
	size_t n, cap;
};

static const struct told *find_told(const struct told_list *told,
				    const struct rule *rule, uint32_t call)
{
	for (size_t i = 0; rule && i < told->n; i++)
		if (told->items[i].rule == rule && told->items[i].call == call)
			return &told->items[i];
	return NULL;
}

/* Does a rule that was told of rely on this one to stay? */
static bool must_stay(const struct told_list *told, const struct rule *rule,
		      const struct idle *idle)
{
	const struct told *at = find_told(told, idle->instead.rule, idle->call);

	while (at && at->instead != rule)
		at = find_told(told, at->instead, idle->call);
	return at != NULL;
}

static void remember(struct told_list *told, const struct rule *rule,
		     const struct idle *idle)
{
	told->items = grow(told->items, told->n, &told->cap,
			   sizeof(*told->items));
	told->items[told->n++] =
		(struct told){rule, idle->instead.rule, idle->call};
}

static bool number_changes(struct rule_review *r, enum abi_id abi, uint32_t nr)
{
	struct survey *survey = &r->review->survey;
	uint32_t arch = abis[abi].audit_arch;
	diagram with, without;

	decide_call(r->review->policy, arch, nr, &survey->decision);
	with = effect_diagram(survey->store, &survey->decision);
	decide_call(&r->without, arch, nr, &r->decision);
	without = effect_diagram(survey->store, &r->decision);
	return with != without || with == DIAGRAM_NONE;
}

/* i386's socketcall and ipc stand in for the calls they carry. */
static bool changes_on(struct rule_review *r, enum abi_id abi, uint32_t call)
{
	static const char *const carriers[] = {"socketcall", "ipc"};
	int64_t nr = syscall_number(call, abi);

	if (nr >= 0 && number_changes(r, abi, (uint32_t)nr))
		return true;
	for (size_t i = 0; abi == ABI_X86 && i < ARRAY_SIZE(carriers); i++) {
		nr = syscall_number(syscall_by_name(carriers[i]), abi);
		if (number_changes(r, abi, (uint32_t)nr))
			return true;
	}
	return false;
}

static bool changes(struct rule_review *r, uint32_t call)
{
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (abi_counts(r->review->policy, abi) &&
		    changes_on(r, (enum abi_id)abi, call))
			return true;
	return false;
}

/* The first ABI that has the call, -1: none. */
static int abi_with(const struct policy *policy, uint32_t call)
{
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (abi_counts(policy, abi) &&
		    syscall_number(call, (enum abi_id)abi) >= 0)
			return abi;
	return -1;
}

/* Who decides in the rule's place. */
static struct idle describe(struct rule_review *r, const struct entry *entry)
{
	struct survey *survey = &r->review->survey;
	enum abi_id abi = (enum abi_id)abi_with(r->review->policy, entry->call);
	struct idle idle = {.call = entry->call};
	uint64_t args[6] = {0};

	survey_decide(survey, abi, entry->call);
	if (survey_possible(survey, survey_decided_by(survey, r->rule),
			    args)) {
		decide_call(&r->without, abis[abi].audit_arch,
			    (uint32_t)syscall_number(entry->call, abi),
			    &r->decision);
		idle.instead = decision_at(&r->decision, args);
		return idle;
	}
	idle.shadowed = true;
	survey_possible(survey, survey_holds(survey, entry, abi), args);
	idle.instead = decision_at(&survey->decision, args);
	return idle;
}

/* What everybody writes in an allow list, though it need not be there. */
static bool goes_without_saying(const struct idle *idle,
				const struct rule *rule)
{
	return action_runs(rule->action) && idle->instead.kind == BY_IMPLICIT;
}

static void review_entry(struct rule_review *r, const struct entry *entry,
			 const struct told_list *told)
{
	struct idle idle;

	if (entry->rule != r->rule ||
	    abi_with(r->review->policy, entry->call) < 0)
		return;
	if (changes(r, entry->call)) {
		r->n_live++;
		return;
	}
	idle = describe(r, entry);
	if (goes_without_saying(&idle, r->rule))
		return;
	r->n_live++;
	if (must_stay(told, r->rule, &idle))
		return;
	r->idle = grow(r->idle, r->n_idle, &r->cap_idle, sizeof(*r->idle));
	r->idle[r->n_idle++] = idle;
}

static void review_entries(struct rule_review *r, const struct told_list *told)
{
	const struct layer *layer = r->rule->layer;
	const struct entry *e, *first;

	for (uint32_t call = 0; call < syscall_count(); call++)
		for (e = layer_entries(layer, call); e; e = e->next)
			review_entry(r, e, told);
	for (first = layer->raw; first; first = first->next_raw)
		for (e = first; e; e = e->next)
			review_entry(r, e, told);
}

/* "line 4 (@open)", "base.ini:7", "default" */
static char *who_text(const struct verdict *verdict, const struct rule *rule)
{
	const char *group = verdict->rule ? verdict->rule->group : NULL;
	cleanup_free char *name = group ? xasprintf(" (%s)", group)
					: xstrdup("");

	if (!verdict->rule)
		return xstrdup(verdict_kind_names[verdict->kind]);
	if (verdict->at.file && rule->at.file &&
	    streq(verdict->at.file, rule->at.file))
		return xasprintf("line %d%s", verdict->at.line, name);
	return xasprintf("%s:%d%s", verdict->at.file, verdict->at.line, name);
}

/* A piece that sets no default of its own cannot know what it comes to be
 * included in.  And a part of a list is told of only where the reason stands
 * in the same file: to say more exactly what another layer says is what layers
 * are for. */
static bool is_worth_telling(const struct rule_review *r,
			     const struct idle *idle, bool whole)
{
	const struct layer *layer = r->rule->layer;
	const struct rule *by = idle->instead.rule;

	if (idle->shadowed && !action_runs(r->rule->action) &&
	    action_runs(idle->instead.action))
		return false; /* told as undone, or the exception was named */
	if (!by && !layer->settings[SET_DEFAULT].at.file)
		return false;
	return whole || !by || by->layer == layer;
}

static void tell(struct rule_review *r, struct told_list *told)
{
	bool whole = r->n_idle == r->n_live, shadowed = true;
	const struct idle *first = NULL;
	struct calls_list calls = {0};
	cleanup_free char *names = NULL, *who = NULL;
	char buf[32];

	if (!r->n_idle || (!whole && r->rule->group))
		return;
	for (size_t i = 0; i < r->n_idle; i++) {
		const struct idle *idle = &r->idle[i];

		if (!is_worth_telling(r, idle, whole))
			continue;
		first = first ? first : idle;
		shadowed &= idle->shadowed;
		calls_list_add(&calls, idle->call);
		remember(told, r->rule, idle);
	}
	if (!first)
		return;
	names = r->rule->group ? xstrdup(r->rule->group)
			       : calls_list_text(&calls);
	who = who_text(&first->instead, r->rule);
	review_add(r->review, ABI_NATIVE,
		   shadowed ? FINDING_SHADOWED : FINDING_NO_EFFECT,
		   SEVERITY_NOTE, r->rule->at, calls,
		   xasprintf(shadowed
				     ? "%s of %s never decides here: it is %s by %s"
				     : "%s of %s changes nothing: without this "
				       "line it is %s by %s",
			     action_names[r->rule->action], names,
			     effect_text(effect_of(&first->instead), buf),
			     who),
		   "remove it, unless you keep it for the reader");
}

static void review_rule(struct review *review, const struct rule *rule,
			struct told_list *told)
{
	struct rule_review r = {
		.review = review, .rule = rule, .without = *review->policy};

	r.without.without = rule;
	review_entries(&r, told);
	tell(&r, told);
	decision_free(&r.decision);
	free(r.idle);
}

/* From the last line of the outermost file inward: of two lines that say the
 * same, the later one is told of. */
void review_rules(struct review *review)
{
	const struct policy *policy = review->policy;
	struct told_list told = {0};

	for (size_t i = policy->n_layers; i-- > 0;)
		for (size_t j = policy->layers[i]->n_rules; j-- > 0;)
			review_rule(review, policy->layers[i]->rules[j],
				    &told);
	free(told.items);
}
