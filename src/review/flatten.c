#include "review/flatten.h"

#include <stdlib.h>

#include "base/util.h"
#include "review/survey.h"

/* A rule that many calls share, of each answer. */
struct shared {
	effect effect;
	struct rule *rule;
};

struct flattening {
	const struct policy *from;
	struct policy *to;
	struct layer *layer;
	struct policy *bare; /* the settings alone: what needs no rule */
	struct diagram_store *store;
	struct decision decision;
	struct shared *shared;
	size_t n_shared, cap_shared;
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

static struct rule *new_rule(struct flattening *f,
			     const struct verdict *verdict, bool alone)
{
	bool own_errno = verdict->action == ACTION_DENY &&
			 verdict->err != f->from->effective[SET_ERRNO].value;

	return policy_add_rule(f->to, f->layer, (struct rule){
		.action = verdict->action,
		.err = own_errno ? verdict->err : ERRNO_UNSET,
		.alone = alone,
	});
}

static struct rule *shared_rule(struct flattening *f,
				const struct verdict *verdict)
{
	effect answer = effect_of(verdict);

	for (size_t i = 0; i < f->n_shared; i++)
		if (f->shared[i].effect == answer)
			return f->shared[i].rule;
	f->shared = grow(f->shared, f->n_shared, &f->cap_shared,
			 sizeof(*f->shared));
	f->shared[f->n_shared] = (struct shared){
		answer, new_rule(f, verdict, false)};
	return f->shared[f->n_shared++].rule;
}

static bool is_implicit(uint32_t call)
{
	const struct syscall_row *row = syscall_row(call);

	return row && row->flags & SYSCALL_IMPLICIT;
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
	rule = cond || is_implicit(call) ? new_rule(f, verdict, true)
					 : shared_rule(f, verdict);
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

/* Where one of the clauses before this one decides. */
static diagram decided_before(struct flattening *f, const struct list *list,
			      size_t i)
{
	diagram where = DIAGRAM_FALSE;

	for (size_t j = 0; j < i; j++)
		where = diagram_or(f->store, where,
				   where_of(f, &list->clauses[j]));
	return where;
}

/* Those before it that its own condition has to leave out, as far as they
 * meet. */
static const struct cond *to_leave_out(struct flattening *f,
				       const struct list *list, size_t i)
{
	diagram own = where_of(f, &list->clauses[i]);
	const struct cond *others = &cond_never;

	for (size_t j = 0; j < i; j++) {
		const struct clause *other = &list->clauses[j];

		if (!verdict_same(&other->verdict, &list->clauses[i].verdict) &&
		    !outranks(list, j, i) &&
		    diagram_and(f->store, own, where_of(f, other)) !=
			    DIAGRAM_FALSE)
			others = cond_or(&f->to->conds,
					 copy_cond(&f->to->conds, other->cond),
					 others);
	}
	return others;
}

/* Where the clause decides, as a condition of a rule; &cond_never: nowhere. */
static const struct cond *share_of(struct flattening *f,
				   const struct list *list, size_t i)
{
	struct arena *arena = &f->to->conds;
	diagram rest = diagram_and(f->store, where_of(f, &list->clauses[i]),
				   diagram_not(f->store,
					       decided_before(f, list, i)));

	if (rest == DIAGRAM_FALSE)
		return &cond_never;
	return cond_and(arena, copy_cond(arena, list->clauses[i].cond),
			cond_not(arena, to_leave_out(f, list, i)));
}

static bool is_first_of_effect(const struct list *list, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (verdict_same(&list->clauses[j].verdict,
				 &list->clauses[i].verdict))
			return false;
	return true;
}

/* One rule for all clauses that answer as this one, the first of them.  False:
 * it needs none. */
static bool add_effect(struct flattening *f, const struct list *list, size_t i)
{
	const struct verdict *verdict = &list->clauses[i].verdict;
	const struct cond *any = &cond_never;

	if (falls_back(list, i) || !is_first_of_effect(list, i))
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

static int abi_of(const struct policy *policy, uint32_t call)
{
	for (int i = 0; i < ABI_COUNT; i++) {
		enum abi_id abi = (enum abi_id)((ABI_NATIVE + i) % ABI_COUNT);

		if (policy_admits(policy, abi) &&
		    syscall_number(call, abi) >= 0)
			return abi;
	}
	return -1;
}

static bool is_mentioned(const struct policy *policy, uint32_t call)
{
	for (size_t i = 0; i < policy->n_layers; i++)
		if (layer_entries(policy->layers[i], call))
			return true;
	return false;
}

static void add_call(struct flattening *f, uint32_t call)
{
	static const uint64_t args[6];
	struct list list = {.call = call};
	int abi = abi_of(f->from, call);
	struct verdict bare;
	uint32_t nr;

	if (abi < 0 || !is_mentioned(f->from, call))
		return;
	nr = (uint32_t)syscall_number(call, (enum abi_id)abi);
	diagram_store_reset(f->store);
	decide_call(f->from, abis[abi].audit_arch, nr, &f->decision);
	list.clauses = f->decision.clauses;
	list.n = f->decision.n;
	list.fallback.action =
		is_implicit(call)
			? ACTION_ALLOW
			: (enum action)f->from->effective[SET_DEFAULT].value;
	if (list.fallback.action == ACTION_DENY)
		list.fallback.err = f->from->effective[SET_ERRNO].value;
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
	free(f.shared);
	return f.to;
}
