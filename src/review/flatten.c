#include "review/flatten.h"

#include "base/util.h"
#include "formats/ini_write.h"
#include "formats/load.h"
#include "review/difference.h"

struct flattening {
	const struct policy *from;
	struct policy *to;
	struct layer *layer;
	struct diagram_store *store;
	/* the call in question, which becomes rules */
	uint32_t call;
	struct decision decision;
	struct verdict fallback; /* if rules mention it and do not decide: what
	                            has its effect needs no rule */
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

/* All lists as one, since each speaks of every layer's denials. */
static void copy_quiet(const struct policy *from, struct layer *layer)
{
	struct rule *rule = NULL;

	for (size_t i = 0; i < from->n_layers; i++) {
		const struct layer *quiet = from->layers[i]->quiet;
		const struct entry *e = NULL;

		while (quiet && (e = layer_next(quiet, e))) {
			if (!rule)
				rule = policy_add_rule(layer_add_quiet(layer),
						       (struct rule){0});
			if (!layer_entries(layer->quiet, e->call))
				rule_add_call(rule, e->call, NULL);
		}
	}
}

/* ------------------------------------------------------------------ the rules */

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
	return policy_add_rule(f->layer, rule);
}

static void add_rule(struct flattening *f, const struct verdict *verdict,
		     const struct cond *cond, bool only)
{
	const struct cond *conds[ABI_COUNT];
	struct rule *rule;

	/* conditions that leave nothing out together */
	if (cond && diagram_of_cond(f->store, cond) == DIAGRAM_TRUE)
		cond = NULL;
	rule = rule_for(f, verdict,
			cond || syscall_has(f->call, SYSCALL_IMPLICIT));
	for (int abi = 0; abi < ABI_COUNT; abi++)
		conds[abi] = cond;
	rule->only = only && cond;
	rule_add_call(rule, f->call, cond ? conds : NULL);
}

static bool falls_back(const struct flattening *f, const struct clause *clause)
{
	return verdict_same(&clause->verdict, &f->fallback);
}

/* Where a clause decides, as a condition of a rule that leaves out those before
 * it, as far as they meet and their rules would not come first anyway: in one
 * layer a kill decides before a deny, that before a log, that before an allow.
 * &cond_never: nowhere. */
static const struct cond *share_of(struct flattening *f,
				   const struct clause *clause)
{
	struct arena *arena = &f->to->conds;
	diagram own = diagram_of_cond(f->store, clause->cond);
	diagram before = DIAGRAM_FALSE;
	const struct cond *others = &cond_never;

	for (const struct clause *c = f->decision.clauses; c < clause; c++) {
		diagram where = diagram_of_cond(f->store, c->cond);
		bool outranks = !falls_back(f, c) &&
				c->verdict.action > clause->verdict.action;

		before = diagram_or(f->store, before, where);
		if (!verdict_same(&c->verdict, &clause->verdict) && !outranks &&
		    diagram_and(f->store, own, where) != DIAGRAM_FALSE)
			others = cond_or(arena, c->cond, others);
	}
	if (diagram_and(f->store, own, diagram_not(f->store, before)) ==
	    DIAGRAM_FALSE)
		return &cond_never;
	return cond_and(arena, clause->cond, cond_not(arena, others));
}

/* One rule for all clauses that answer as this one, the first of them.  False:
 * it needs none. */
static bool add_effect(struct flattening *f, size_t i)
{
	const struct clause *clauses = f->decision.clauses;
	const struct verdict *verdict = &clauses[i].verdict;
	const struct cond *any = &cond_never;

	if (falls_back(f, &clauses[i]))
		return false;
	for (size_t j = 0; j < i; j++)
		if (verdict_same(&clauses[j].verdict, verdict))
			return false;
	for (size_t k = f->decision.n; k-- > i;)
		if (verdict_same(&clauses[k].verdict, verdict))
			any = cond_or(&f->to->conds, share_of(f, &clauses[k]),
				      any);
	if (any != &cond_never)
		add_rule(f, verdict, any, false);
	return any != &cond_never;
}

/* All that runs, and the rest denied with the policy's errno: `only if`. */
static bool add_only(struct flattening *f)
{
	const struct clause *first = f->decision.clauses;
	const struct clause *last = &first[f->decision.n - 1];
	const struct cond *any = &cond_never;

	if (first == last || falls_back(f, last) ||
	    first->verdict.action != ACTION_ALLOW ||
	    last->verdict.action != ACTION_DENY ||
	    last->verdict.err != f->from->effective[SET_ERRNO].value)
		return false;
	for (const struct clause *c = first; c < last; c++) {
		if (!verdict_same(&c->verdict, &first->verdict))
			return false;
		any = cond_or(&f->to->conds, c->cond, any);
	}
	add_rule(f, &first->verdict, any, true);
	return true;
}

static void add_call(struct flattening *f, uint32_t call)
{
	static const uint64_t args[6];
	int abi = policy_abi_with(f->from, call);
	struct verdict bare;
	bool any = false;
	uint32_t nr;

	if (abi < 0 || !policy_names(f->from, call))
		return;
	nr = (uint32_t)syscall_number(call, (enum abi_id)abi);
	diagram_store_reset(f->store);
	/* rules are made of the conditions that the last decision made itself */
	arena_take(&f->to->conds, &f->decision.conds);
	decide_call(f->from, abis[abi].audit_arch, nr, &f->decision);
	f->call = call;
	f->fallback = syscall_has(call, SYSCALL_IMPLICIT)
			      ? (struct verdict){.action = ACTION_ALLOW}
			      : verdict_of_setting(f->from, SET_DEFAULT,
						   BY_DEFAULT);
	/* no rule of the call's own is written yet: what needs none */
	bare = decide(f->to, abis[abi].audit_arch, nr, args);
	if ((f->decision.n == 1 &&
	     verdict_same(&f->decision.clauses[0].verdict, &bare)) ||
	    add_only(f))
		return;
	for (size_t i = 0; i < f->decision.n; i++)
		any |= add_effect(f, i);
	/* to be mentioned is all that it takes */
	if (!any && !verdict_same(&bare, &f->fallback))
		add_rule(f, &f->fallback, NULL, false);
}

/* A policy of one layer, which was not checked, to be written.  Conditions are
 * those of one ABI, ours before others, and groups become names, so whether the
 * text has the same effect is to be asked of the text. */
static struct policy *flatten(const struct policy *policy)
{
	const char *name = policy->layers[policy->n_layers - 1]->file;
	struct flattening f = {
		.from = policy,
		.to = policy_new(policy->machine),
		.store = diagram_store_new(DIAGRAM_BUDGET),
	};

	f.layer = policy_add_layer(f.to, name);
	copy_settings(policy, f.layer);
	copy_quiet(policy, f.layer);
	memcpy(f.to->effective, policy->effective, sizeof(policy->effective));
	for (uint32_t call = 0; call < syscall_count(); call++)
		add_call(&f, call);
	for_entries (e, policy_next, policy)
		if (e->call & CALL_RAW && !layer_entries(f.layer, e->call))
			add_call(&f, e->call);
	arena_take(&f.to->conds, &f.decision.conds);
	decision_free(&f.decision);
	diagram_store_free(f.store);
	return f.to;
}

/* ------------------------------------------------------------------ the text */

/* Why the text does not say what the policy does; NULL: it does. */
static char *disproof(const struct policy *policy, const char *text)
{
	released_by(diags_free) struct diags diags = DIAGS_INIT;
	cleanup_policy struct policy *again =
		policy_load_text("the text", text, policy->machine, &diags);
	released_by(differences_free) struct differences found = {0};
	uint32_t call = CALL_NONE;

	if (!again)
		return xstrdup(diags.items[0].text);
	if (differences_find(policy, again, &found, &call) < 0)
		return xasprintf("the conditions of %s are too large to "
				 "compare", syscall_text(call));
	return found.n ? xasprintf("%s is %s, and would be %s",
				   found.items[0].what, found.items[0].a,
				   found.items[0].b)
		       : NULL;
}

char *show_ini(const struct policy *policy, char **why)
{
	/* one layer as it is, several by what they come to */
	cleanup_policy struct policy *flat =
		policy->n_layers > 1 ? flatten(policy) : NULL;
	const struct policy *one = flat ? flat : policy;
	cleanup_free char *text = NULL;
	FILE *out = text_stream(&text);

	*why = NULL;
	ini_write(out, one, one->layers[0], why);
	fclose(out);
	if (!*why)
		*why = disproof(policy, text);
	return *why ? NULL : steal(text);
}
