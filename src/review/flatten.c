#include "review/flatten.h"

#include <stdlib.h>

#include "base/util.h"
#include "review/survey.h"

struct flattening {
	const struct policy *from;
	struct policy *to;
	struct layer *layer;
	struct policy *bare; /* the settings alone: what needs no rule */
	struct diagram_store *store;
	struct decision decision;
};

/* ------------------------------------------------------------------ settings */

static void copy_settings(const struct policy *from, struct layer *layer)
{
	for (int id = 0; id < SET_COUNT; id++)
		if (id != SET_FINAL && from->effective[id].at.file)
			layer->settings[id] = (struct setting){
				from->effective[id].value, {layer->file, 0}};
	for (size_t i = from->n_layers; i-- > 0 && !layer->description;)
		if (from->layers[i]->description)
			layer->description =
				xstrdup(from->layers[i]->description);
}

/* ------------------------------------------------------------------ the rules */

/* Conditions that a decision made itself do not outlive it. */
static const struct cond *copy_cond(struct arena *arena,
				    const struct cond *cond)
{
	if (!cond || cond == &cond_never)
		return cond;
	switch (cond->kind) {
	case COND_AND:
		return cond_and(arena, copy_cond(arena, cond->a),
				copy_cond(arena, cond->b));
	case COND_OR:
		return cond_or(arena, copy_cond(arena, cond->a),
			       copy_cond(arena, cond->b));
	case COND_NOT:
		return cond_not(arena, copy_cond(arena, cond->a));
	default:
		return cond_test(arena, *cond);
	}
}

/* A rule of the call alone, or the one of its answer that many calls share. */
static struct rule *rule_for(struct flattening *f,
			     const struct verdict *verdict, bool alone)
{
	bool own_errno = verdict->action == ACTION_DENY &&
			 verdict->err != f->from->effective[SET_ERRNO].value;
	struct rule rule = {
		.action = verdict->action,
		.err = own_errno ? verdict->err : ERRNO_UNSET,
		.alone = alone,
	};

	for (size_t i = 0; !alone && i < f->layer->n_rules; i++) {
		struct rule *other = f->layer->rules[i];

		if (!other->alone && other->action == rule.action &&
		    other->err == rule.err)
			return other;
	}
	return policy_add_rule(f->to, f->layer, rule);
}

static void add_rule(struct flattening *f, uint32_t call,
		     const struct verdict *verdict, const struct cond *cond,
		     bool only)
{
	const struct cond *conds[ABI_COUNT];
	struct rule *rule;

	/* conditions that leave nothing out together */
	if (cond && diagram_of_cond(f->store, cond) == DIAGRAM_TRUE)
		cond = NULL;
	rule = rule_for(f, verdict,
			cond || syscall_has(call, SYSCALL_IMPLICIT));
	for (int abi = 0; abi < ABI_COUNT; abi++)
		conds[abi] = cond;
	rule->only = only && cond;
	rule_add_call(rule, call, cond ? conds : NULL);
}

/* ---------------------------------------------------------------- the clauses */

/* A list of clauses while it becomes rules.  What has the fallback's effect
 * needs none. */
struct list {
	uint32_t call;
	const struct clause *clauses;
	size_t n;
	struct verdict fallback; /* of a call that rules mention and do not
	                            decide */
	bool is_bare; /* the fallback is what a call gets without a rule */
};

static bool falls_back(const struct list *list, size_t i)
{
	return verdict_same(&list->clauses[i].verdict, &list->fallback);
}

/* Does the rule of clause j come before that of i anyway?  In one layer a kill
 * decides before a deny, that before a log, that before an allow. */
static bool outranks(const struct list *list, size_t j, size_t i)
{
	return !falls_back(list, j) && list->clauses[j].verdict.action >
					       list->clauses[i].verdict.action;
}

static diagram where_of(struct flattening *f, const struct clause *clause)
{
	return clause->cond ? diagram_of_cond(f->store, clause->cond)
			    : DIAGRAM_TRUE;
}

/* Where the clause decides, as a condition of a rule that leaves out those before
 * it, as far as they meet; &cond_never: nowhere. */
static const struct cond *share_of(struct flattening *f,
				   const struct list *list, size_t i)
{
	struct arena *arena = &f->to->conds;
	const struct clause *clause = &list->clauses[i];
	diagram own = where_of(f, clause), before = DIAGRAM_FALSE;
	const struct cond *others = &cond_never;

	for (size_t j = 0; j < i; j++) {
		const struct clause *other = &list->clauses[j];
		diagram where = where_of(f, other);

		before = diagram_or(f->store, before, where);
		if (!verdict_same(&other->verdict, &clause->verdict) &&
		    !outranks(list, j, i) &&
		    diagram_and(f->store, own, where) != DIAGRAM_FALSE)
			others = cond_or(arena, copy_cond(arena, other->cond),
					 others);
	}
	if (diagram_and(f->store, own, diagram_not(f->store, before)) ==
	    DIAGRAM_FALSE)
		return &cond_never;
	return cond_and(arena, copy_cond(arena, clause->cond),
			cond_not(arena, others));
}

/* One rule for all clauses that answer as this one, the first of them.  False:
 * it needs none. */
static bool add_effect(struct flattening *f, const struct list *list, size_t i)
{
	const struct verdict *verdict = &list->clauses[i].verdict;
	const struct cond *any = &cond_never;

	if (falls_back(list, i))
		return false;
	for (size_t j = 0; j < i; j++)
		if (verdict_same(&list->clauses[j].verdict, verdict))
			return false;
	for (size_t k = list->n; k-- > i;)
		if (verdict_same(&list->clauses[k].verdict, verdict))
			any = cond_or(&f->to->conds, share_of(f, list, k), any);
	if (any == &cond_never)
		return false;
	add_rule(f, list->call, verdict, any, false);
	return true;
}

/* All that runs, and the rest denied with the policy's errno: `only if`. */
static bool add_only(struct flattening *f, const struct list *list)
{
	const struct verdict *last = &list->clauses[list->n - 1].verdict;
	const struct verdict *first = &list->clauses[0].verdict;
	const struct cond *any = &cond_never;

	if (first->action != ACTION_ALLOW || last->action != ACTION_DENY ||
	    last->err != f->from->effective[SET_ERRNO].value)
		return false;
	for (size_t i = 0; i + 1 < list->n; i++) {
		if (!verdict_same(&list->clauses[i].verdict, first))
			return false;
		any = cond_or(&f->to->conds,
			      copy_cond(&f->to->conds, list->clauses[i].cond),
			      any);
	}
	add_rule(f, list->call, first, any, true);
	return true;
}

static void add_list(struct flattening *f, const struct list *list)
{
	bool any = false;

	if (list->n > 1 && !falls_back(list, list->n - 1) && add_only(f, list))
		return;
	for (size_t i = 0; i < list->n; i++)
		any |= add_effect(f, list, i);
	/* to be mentioned is all that it takes */
	if (!any && !list->is_bare)
		add_rule(f, list->call, &list->fallback, NULL, false);
}

/* ------------------------------------------------------------------ all calls */

static void add_call(struct flattening *f, uint32_t call)
{
	static const uint64_t args[6];
	struct list list = {.call = call};
	int abi = policy_abi_with(f->from, call);
	struct verdict bare;
	uint32_t nr;

	if (abi < 0 || !policy_names(f->from, call))
		return;
	nr = (uint32_t)syscall_number(call, (enum abi_id)abi);
	diagram_store_reset(f->store);
	decide_call(f->from, abis[abi].audit_arch, nr, &f->decision);
	list.clauses = f->decision.clauses;
	list.n = f->decision.n;
	if (!syscall_has(call, SYSCALL_IMPLICIT)) /* else allowed */
		list.fallback = verdict_of_setting(f->from, SET_DEFAULT,
						   BY_DEFAULT);
	bare = decide(f->bare, abis[abi].audit_arch, nr, args);
	list.is_bare = verdict_same(&bare, &list.fallback);
	if (list.n > 1 || !verdict_same(&list.clauses[0].verdict, &bare))
		add_list(f, &list);
}

static struct policy *bare_policy(const struct policy *from, const char *name)
{
	struct policy *policy = policy_new();
	struct diags diags = DIAGS_INIT;

	copy_settings(from, policy_add_layer(policy, name));
	policy_check(policy, &diags);
	diags_free(&diags);
	return policy;
}

struct policy *flatten(const struct policy *policy)
{
	const char *name = policy->layers[policy->n_layers - 1]->file;
	struct flattening f = {
		.from = policy,
		.to = policy_new(),
		.bare = bare_policy(policy, name),
		.store = diagram_store_new(DIAGRAM_BUDGET),
	};

	f.layer = policy_add_layer(f.to, name);
	copy_settings(policy, f.layer);
	for (uint32_t call = 0; call < syscall_count(); call++)
		add_call(&f, call);
	for (size_t i = 0; i < policy->n_layers; i++)
		for (const struct entry *e = policy->layers[i]->raw; e;
		     e = e->next_raw)
			if (!layer_entries(f.layer, e->call))
				add_call(&f, e->call);
	memcpy(f.to->effective, policy->effective, sizeof(policy->effective));
	decision_free(&f.decision);
	diagram_store_free(f.store);
	policy_free(f.bare);
	return f.to;
}
