/* Rules that say nothing: without them every verdict would be the same.  Found
 * by asking decide what would be without the line, for all arguments. */
#include <stdlib.h>

#include "review/check.h"

/* A call of a rule for which the rule is idle. */
struct idle {
	const struct rule *rule;
	uint32_t call;
	bool shadowed;          /* it never decides; else it changes nothing */
	struct verdict instead; /* who decides, or would */
};

struct idle_review {
	struct survey *survey;
	struct policy without; /* as if the line in question were missing */
	/* Those that were told of (of two lines that say the same, one must
	 * stay), and behind them those of the rule in question. */
	struct idle *idle;
	size_t n_told, n, cap;
	bool whole; /* it is idle for all calls for which it could matter */
};

static const struct idle *find_told(const struct idle_review *r,
				    const struct rule *rule, uint32_t call)
{
	for (size_t i = 0; rule && i < r->n_told; i++)
		if (r->idle[i].rule == rule && r->idle[i].call == call)
			return &r->idle[i];
	return NULL;
}

/* Does a rule that was told of rely on this one to stay? */
static bool must_stay(const struct idle_review *r, const struct idle *idle)
{
	const struct idle *at = find_told(r, idle->instead.rule, idle->call);

	while (at && at->instead.rule != idle->rule)
		at = find_told(r, at->instead.rule, idle->call);
	return at;
}

static bool call_changes(struct idle_review *r, uint32_t call)
{
	released_by(decision_free) struct decision without = {0};
	enum abi_id abi = r->survey->abi;
	const struct decision *with = survey_decide(r->survey, call);
	diagram effects;

	if (!with)
		return false;
	decide_call(&r->without, abis[abi].audit_arch,
		    (uint32_t)syscall_number(call, abi), &without);
	effects = effect_diagram(r->survey->store, with);
	return effects == DIAGRAM_NONE ||
	       effects != effect_diagram(r->survey->store, &without);
}

/* socketcall and ipc, which only i386 has, stand in for the calls they carry. */
static bool changes(struct idle_review *r, uint32_t call)
{
	for_abis (abi, r->survey->policy) {
		r->survey->abi = abi;
		if (call_changes(r, call) ||
		    call_changes(r, syscall_by_name("socketcall")) ||
		    call_changes(r, syscall_by_name("ipc")))
			return true;
	}
	return false;
}

/* Who decides in the rule's place. */
static struct idle describe(struct idle_review *r, const struct entry *entry)
{
	struct survey *survey = r->survey;
	struct idle idle = {.rule = entry->rule, .call = entry->call};
	uint64_t args[6] = {0};

	survey_decide(survey, entry->call);
	if (survey_possible(survey, survey_decided_by(survey, entry->rule),
			    args)) {
		idle.instead = decide(
			&r->without, abis[survey->abi].audit_arch,
			(uint32_t)syscall_number(entry->call, survey->abi),
			args);
		return idle;
	}
	idle.shadowed = true;
	survey_possible(survey, survey_holds(survey, entry), args);
	idle.instead = decision_at(&survey->decision, args);
	return idle;
}

/* By another layer, which is final. */
static bool is_overruled(const struct idle *idle)
{
	const struct layer *final = idle->instead.final;

	return final && final != idle->rule->layer;
}

static void review_entry(struct idle_review *r, const struct entry *entry)
{
	int abi = policy_abi_with(r->survey->policy, entry->call);
	struct idle idle;
	bool has_effect;

	if (abi < 0 || !abi_runs_on(abi, r->survey->policy->machine))
		return;
	has_effect = changes(r, entry->call);
	r->survey->abi = (enum abi_id)abi;
	idle = describe(r, entry);
	/* without it a denial could have another errno */
	if (has_effect && !(idle.shadowed && is_overruled(&idle)))
		r->whole = false;
	else if (!rule_refuses(entry->rule) && idle.instead.kind == BY_IMPLICIT)
		return; /* what everybody writes, and need not be there */
	else if (must_stay(r, &idle))
		r->whole = false;
	else
		push(r->idle, r->n, r->cap) = idle;
}

/* "line 4 (@open)", "base.ini:7", "default" */
static char *who_text(const struct verdict *verdict, const struct rule *rule)
{
	const char *group = verdict->rule ? verdict->rule->group : NULL;
	cleanup_free char *name = group ? xasprintf(" (%s)", group)
					: xstrdup("");
	cleanup_free char *place = NULL;

	if (verdict->final && verdict->final != rule->layer)
		return xasprintf("%s, which is final", verdict->final->file);
	if (!verdict->rule)
		return xstrdup(verdict_kind_names[verdict->kind]);
	if (verdict->at.line && verdict->at.line < PLACE_RULE &&
	    rule->at.file && streq(verdict->at.file, rule->at.file))
		return xasprintf("line %d%s", verdict->at.line, name);
	place = source_text(verdict->at);
	return xasprintf("%s%s", place, name);
}

/* A piece that sets no default of its own cannot know what it comes to be
 * included in.  And a part of a list is told of only where the reason stands
 * in the same file: to say more exactly what another layer says is what layers
 * are for. */
static bool is_worth_telling(const struct idle_review *r,
			     const struct idle *idle)
{
	const struct layer *layer = idle->rule->layer;
	const struct rule *by = idle->instead.rule;

	if (idle->shadowed && rule_refuses(idle->rule) &&
	    action_runs(idle->instead.action))
		return false; /* told as undone, or the exception was named */
	if (is_overruled(idle))
		return true;
	if (!by && !layer->settings[SET_DEFAULT].at.file)
		return false;
	return r->whole || !by || by->layer == layer;
}

/* Of the idle calls from `first` on. */
static void tell(struct idle_review *r, size_t first)
{
	const struct rule *rule = r->idle[first].rule;
	const struct verdict *instead = &r->idle[first].instead;
	struct calls calls = {0};
	cleanup_free char *names = NULL, *who = who_text(instead, rule);
	bool shadowed = true;

	for (size_t i = first; i < r->n_told; i++) {
		shadowed &= r->idle[i].shadowed;
		calls_add(&calls, r->idle[i].call);
	}
	names = rule->group ? xstrdup(rule->group) : calls_text(&calls);
	r->survey->abi = r->survey->policy->machine;
	review_add(r->survey, shadowed ? FINDING_SHADOWED : FINDING_NO_EFFECT,
		   SEVERITY_NOTE, rule->at, calls,
		   "remove it, unless you keep it for the reader",
		   shadowed ? "%s of %s never decides here: it is %s by %s"
			    : "%s of %s changes nothing: without this line it "
			      "is %s by %s",
		   action_names[rule->action], names,
		   effect_name(effect_of(instead)), who);
}

static void review_rule(struct idle_review *r, const struct rule *rule)
{
	size_t told = r->n_told;
	bool overruled = false;

	r->without.without = rule;
	r->n = told;
	r->whole = true;
	for_entries (e, layer_next, rule->layer)
		if (e->rule == rule)
			review_entry(r, e);
	if (!r->whole && rule->group)
		return;
	for (size_t i = told; i < r->n; i++)
		overruled |= is_overruled(&r->idle[i]);
	for (size_t i = told; i < r->n; i++)
		if (is_worth_telling(r, &r->idle[i]) &&
		    is_overruled(&r->idle[i]) == overruled)
			r->idle[r->n_told++] = r->idle[i];
	if (r->n_told > told)
		tell(r, told);
}

/* -------------------------------------------------------------------- quiet */

static bool is_quieted(struct survey *survey, uint32_t call)
{
	const struct decision *decision;

	for_abis (abi, survey->policy) {
		survey->abi = abi;
		decision = survey_decide(survey, call);
		for (size_t i = 0; decision && i < decision->n; i++)
			if (decision->clauses[i].verdict.quiet)
				return true;
	}
	return false;
}

/* A group is meant for what is denied of it. */
static void review_quiet(struct survey *survey, const struct rule *rule)
{
	struct calls calls = CALLS_INIT;
	cleanup_free char *names = NULL;
	bool has_effect = false;

	for_entries (e, layer_next, rule->layer) {
		if (e->rule != rule)
			continue;
		if (is_quieted(survey, e->call))
			has_effect = true;
		else
			calls_add(&calls, e->call);
	}
	survey->abi = survey->policy->machine;
	if (!calls.n || (has_effect && rule->group)) {
		calls_free(&calls);
		return;
	}
	names = rule->group ? xstrdup(rule->group) : calls_text(&calls);
	review_add(survey, FINDING_QUIET, SEVERITY_NOTE, rule->at, calls,
		   "remove it from the list",
		   "quiet changes nothing for %s: nothing denies it with an "
		   "errno", names);
}

/* From the last line of the outermost file inward: of two lines that say the
 * same, the later one is told of. */
void review_rules(struct survey *survey)
{
	const struct policy *policy = survey->policy;
	struct idle_review r = {.survey = survey, .without = *policy};

	for (size_t i = policy->n_layers; i-- > 0;) {
		const struct layer *quiet = policy->layers[i]->quiet;

		for (size_t j = policy->layers[i]->n_rules; j-- > 0;)
			review_rule(&r, policy->layers[i]->rules[j]);
		for (size_t j = 0; quiet && j < quiet->n_rules; j++)
			review_quiet(survey, quiet->rules[j]);
	}
	survey->abi = policy->machine;
	free(r.idle);
}
