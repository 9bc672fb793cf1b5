#include "learn/edit.h"

#include <stdlib.h>

#include "base/util.h"
#include "formats/condition.h"
#include "formats/systemd.h"
#include "learn/sheet.h"
#include "review/difference.h"

/* What is tried: the call with its condition on each ABI, and what the policy
 * must mean then. */
struct attempt {
	struct edit *edit;
	uint32_t call;
	const struct cond *conds[ABI_COUNT];
	struct survey now; /* of the policy as it is */
	struct policy *ideal;
	char *mistake; /* in what was tried last, or NULL */
};

int edit_open(struct edit *edit, const struct policy_request *request,
	      struct kept_files *kept, struct diags *diags)
{
	struct policy *policy = policy_load_kept(request, kept, diags);
	size_t layer = 0;

	if (policy && (oci_is_profile(kept->items[0].text) ||
		       systemd_is_unit(kept->items[0].text))) {
		diag_add(diags, (struct source){kept->items[0].path, 0},
			 "amend edits INI: convert this profile or unit first");
		policy_free(steal(policy));
	}
	if (!policy)
		return -1;
	while (layer + 1 < policy->n_layers &&
	       !streq(policy->layers[layer]->file, kept->items[0].path))
		layer++;
	*edit = (struct edit){
		.request = request,
		.kept = kept,
		.before = xstrdup(kept->items[0].text),
		.text = kept->items[0].text,
		.policy = policy,
		.layer = layer,
	};
	return 0;
}

void edit_close(struct edit *edit)
{
	policy_free(edit->policy);
	free(edit->before);
}

/* -------------------------------------------------------------- conditions */

/* The ABI whose names of arguments people write. */
static enum abi_id abi_of(uint32_t call)
{
	int abi = condition_abi(call, ~0u);

	return abi < 0 ? ABI_NATIVE : (enum abi_id)abi;
}

/* What the text of a condition means on each ABI. */
static bool resolve(struct attempt *a, struct arena *arena, const char *text,
		    const struct cond *conds[static ABI_COUNT])
{
	cleanup_free char *value = xstrdup(text);
	struct ini_item item = ini_value(value);
	released_by(diags_free) struct diags diags = DIAGS_INIT;

	return condition_parse(&item, 0, "", a->call, arena, conds,
			       &diags) == 0;
}

/* Where the policy answers the call with this action. */
static diagram where(struct attempt *a, const struct policy *policy,
		     enum abi_id abi, enum action action)
{
	const struct verdict verdict = {.action = action};
	released_by(decision_free) struct decision decision = {0};

	decide_call(policy, abis[abi].audit_arch,
		    (uint32_t)syscall_number(a->call, abi), &decision);
	return effect_where(a->now.store, &decision, effect_of(&verdict));
}

/* Can the policy's programs make the call there? */
static bool is_there(const struct attempt *a, enum abi_id abi)
{
	return abi_counts(a->edit->policy, abi) &&
	       syscall_number(a->call, abi) >= 0;
}

/* Does the call run on this ABI wherever the condition holds? */
static bool runs(struct attempt *a, enum abi_id abi, const struct cond *cond)
{
	struct diagram_store *store = a->now.store;
	diagram holds;

	a->now.abi = abi;
	if (!is_there(a, abi) || cond == &cond_unaskable)
		return true;
	holds = diagram_of_cond(store, cond);
	return holds != DIAGRAM_NONE &&
	       diagram_and(store, holds, survey_runs(&a->now, a->call)) ==
		       holds;
}

static char *text_of(const struct attempt *a, const struct cond *cond)
{
	return cond ? condition_text(cond, abi_of(a->call), a->call) : NULL;
}

static bool runs_everywhere(struct attempt *a, const struct cond *cond)
{
	cleanup_free char *text = text_of(a, cond);
	const struct cond *conds[ABI_COUNT] = {0};

	if (text && !resolve(a, &a->now.conds, text, conds))
		return false;
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (!runs(a, (enum abi_id)abi, conds[abi]))
			return false;
	return true;
}

/* Its alternatives that do not run yet, in their order. */
static const struct cond *missing(struct attempt *a, const struct cond *cond)
{
	bool is_chain = cond && cond->kind == COND_OR;
	const struct cond *left =
		is_chain ? missing(a, cond->b) : &cond_never;
	const struct cond *part = is_chain ? cond->a : cond;

	return runs_everywhere(a, part) ? left
					: cond_or(&a->now.conds, part, left);
}

/* Without what inner files deny by name, which this one would overrule. */
static const struct cond *without_decisions(struct attempt *a,
					    const struct cond *cond)
{
	struct arena *arena = &a->now.conds;
	enum abi_id abi = abi_of(a->call);

	for (size_t i = 0; i < a->edit->layer; i++)
		for (const struct entry *e = layer_entries(
			     a->edit->policy->layers[i], a->call);
		     e; e = e->next)
			if (rule_refuses(e->rule) && !e->rule->group)
				cond = cond_and(arena, cond,
						cond_not(arena, e->cond[abi]));
	return cond;
}

/* ------------------------------------------------------------------- proof */

static bool is_same(const struct policy *a, const struct policy *b)
{
	released_by(differences_free) struct differences differences = {0};
	uint32_t call;

	return differences_find(a, b, &differences, &call) == 0 &&
	       differences.n == 0;
}

/* The policy as it is, with the call allowed in the file's layer. */
static bool make_ideal(struct attempt *a, const char *cond)
{
	released_by(diags_free) struct diags diags = DIAGS_INIT;
	struct layer *layer;
	struct rule *rule;

	a->ideal = policy_load_kept(a->edit->request, a->edit->kept, &diags);
	if (!a->ideal)
		return false;
	layer = a->ideal->layers[a->edit->layer];
	rule = policy_add_rule(layer, (struct rule){
		.action = ACTION_ALLOW,
		.err = ERRNO_UNSET,
		.alone = true,
		.layer = layer,
	});
	if (cond && !resolve(a, &a->ideal->conds, cond, a->conds))
		return false;
	rule_add_call(rule, a->call, cond ? a->conds : NULL);
	return true;
}

/* Would calls that are logged now be allowed unseen? */
static bool hides(struct attempt *a)
{
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (is_there(a, abi) &&
		    diagram_and(a->now.store,
				where(a, a->edit->policy, abi, ACTION_LOG),
				where(a, a->ideal, abi, ACTION_ALLOW)) !=
			    DIAGRAM_FALSE)
			return true;
	return false;
}

/* Takes the text over if it means that. */
static bool try(struct attempt *a, char *text)
{
	struct edit *edit = a->edit;
	released_by(diags_free) struct diags diags = DIAGS_INIT;
	cleanup_free char *old = NULL, *new = text;
	struct policy *policy;
	bool good;

	if (!text)
		return false;
	old = xstrdup(edit->text);
	kept_replace(edit->kept, new);
	policy = policy_load_kept(edit->request, edit->kept, &diags);
	free(steal(a->mistake));
	if (diags.n)
		a->mistake = xasprintf(": %s:%d: %s", diags.items->file,
				       diags.items->line, diags.items->text);
	good = policy && is_same(policy, a->ideal);
	if (!good)
		kept_replace(edit->kept, old);
	policy_free(good ? edit->policy : policy);
	if (good)
		edit->policy = policy;
	edit->text = edit->kept->items[0].text;
	return good;
}

/* From the smallest to the largest. */
static bool try_all(struct attempt *a, const struct sheet *sheet,
		    const char *cond)
{
	const struct ini_item *item;

	for (size_t i = 0; (item = sheet_keyed(sheet, i)); i++)
		if (try(a, sheet_grow(sheet, item, cond)) ||
		    try(a, sheet_set(sheet, item, cond)) ||
		    try(a, sheet_or(sheet, item, cond)) ||
		    try(a, sheet_set(sheet, item, NULL)))
			return true;
	if (!cond && (try(a, sheet_join(sheet)) ||
		      try(a, sheet_line(sheet, "", NULL))))
		return true;
	return try(a, sheet_line(sheet, "if", cond)) ||
	       try(a, sheet_line(sheet, "only if", cond));
}

static int allow(struct attempt *a, const struct cond *cond, char **why)
{
	const char *file = a->edit->kept->items[0].path;
	cleanup_free char *text = text_of(a, cond);
	cleanup_free char *before = xstrdup(a->edit->text);
	struct sheet sheet;
	bool done;

	if (!make_ideal(a, text) || is_same(a->ideal, a->edit->policy)) {
		*why = xasprintf("rules that %s cannot overrule deny it", file);
		return -1;
	}
	if (hides(a)) {
		*why = xstrdup("some of it is logged now, and would not be "
			       "any more");
		return -1;
	}
	sheet_open(&sheet, before, a->call);
	done = try_all(a, &sheet, text);
	sheet_close(&sheet);
	if (!done)
		*why = xasprintf("no edit of %s allows it and changes nothing "
				 "else%s", file, a->mistake ? a->mistake : "");
	return done ? 1 : -1;
}

int edit_allow(struct edit *edit, uint32_t call, const struct cond *cond,
	       char **why)
{
	struct attempt a = {.edit = edit, .call = call};
	int ret = 0;

	survey_open(&a.now, edit->policy, NULL);
	cond = missing(&a, cond);
	if (cond != &cond_never) {
		cond = without_decisions(&a, cond);
		if (cond != &cond_never && !runs_everywhere(&a, cond))
			ret = allow(&a, cond, why);
		else {
			*why = xstrdup("rules that name it deny it");
			ret = -1;
		}
	}
	policy_free(a.ideal);
	free(a.mistake);
	survey_close(&a.now);
	return ret;
}
