#include "commands/explain.h"

#include <stdlib.h>

#include "base/util.h"
#include "model/diagram.h"
#include "tables/signature.h"
#include "tables/syscall.h"

/* ------------------------------------------------------------------- steps */

/* The calls that are meant: those with the arguments that are known. */
static diagram calls_meant(struct diagram_store *store,
			   const struct callexpr *expr, enum abi_id abi)
{
	diagram meant = DIAGRAM_TRUE;

	for (int i = 0; i < expr->n_args; i++) {
		const struct callexpr_arg *arg = &expr->args[i];
		uint8_t bits = arg->kind == CALLEXPR_POINTER ? abis[abi].bits
							     : 64;
		struct field field = {
			.arg = (uint8_t)i,
			.bits = bits,
			.mask = bits == 64 ? UINT64_MAX : UINT32_MAX,
		};
		diagram is;

		if (arg->kind == CALLEXPR_ANY)
			continue;
		is = diagram_compare(store, COMPARE_EQ, field,
				     arg->kind == CALLEXPR_VALUE ? arg->value
								 : 0);
		if (arg->kind == CALLEXPR_POINTER)
			is = diagram_not(store, is);
		meant = diagram_and(store, meant, is);
	}
	return meant;
}

static void add_step(struct explained *e, struct diagram_store *store,
		     const struct clause *clause, diagram *left)
{
	struct explained_step *step;
	diagram hit = *left;

	if (clause->cond)
		hit = diagram_and(store, hit,
				  diagram_of_cond(store, clause->cond));
	e->steps = grow(e->steps, e->n, &e->cap, sizeof(*e->steps));
	step = &e->steps[e->n++];
	*step = (struct explained_step){.clause = *clause};
	if (*left == DIAGRAM_FALSE)
		step->outcome = OUTCOME_UNASKED;
	else if (hit == DIAGRAM_FALSE)
		step->outcome = OUTCOME_FAILS;
	else if (hit == *left)
		step->outcome = OUTCOME_HOLDS;
	else
		step->outcome = OUTCOME_DEPENDS;
	if (step->outcome == OUTCOME_DEPENDS)
		e->unknown |= cond_args(clause->cond);
	if (hit != DIAGRAM_NONE)
		diagram_differ(store, hit, DIAGRAM_FALSE, step->example);
	*left = diagram_and(store, *left, diagram_not(store, hit));
}

static void conclude(struct explained *e)
{
	bool first = true;

	e->decided = true;
	for (size_t i = 0; i < e->n; i++) {
		if (!may_decide(&e->steps[i]))
			continue;
		if (first)
			e->verdict = e->steps[i].clause.verdict;
		else
			e->decided &= verdict_same(
				&e->verdict, &e->steps[i].clause.verdict);
		first = false;
	}
	for (int i = 0; i < e->expr->n_args; i++)
		if (e->expr->args[i].kind == CALLEXPR_VALUE)
			e->unknown &= ~(1u << i);
}

static int add_steps(struct explained *e)
{
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	diagram left = calls_meant(store, e->expr, e->abi);

	for (size_t i = 0; i < e->decision.n; i++)
		add_step(e, store, &e->decision.clauses[i], &left);
	diagram_store_free(store);
	conclude(e);
	return left == DIAGRAM_NONE ? -1 : 0;
}

/* ----------------------------------------------------- what was not asked */

static bool is_implicit(const struct explained *e)
{
	const struct syscall_row *row = syscall_row(e->call);

	return row && row->flags & SYSCALL_IMPLICIT;
}

static bool has_step(const struct explained *e, const struct rule *rule)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->steps[i].clause.verdict.rule == rule)
			return true;
	return false;
}

static void add_unasked(struct explained *e, const struct entry *entry)
{
	if (has_step(e, entry->rule))
		return;
	e->unasked = grow(e->unasked, e->n_unasked, &e->cap_unasked,
			  sizeof(*e->unasked));
	e->unasked[e->n_unasked++] = (struct unasked){
		.entry = entry,
		.unheeded = is_implicit(e) && !entry->rule->alone,
	};
}

/* A layer can decide a call that it does not name: socket's rules speak for
 * i386's socketcall. */
static bool layer_has_step(const struct explained *e,
			   const struct layer *layer)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct rule *rule = e->steps[i].clause.verdict.rule;

		if (rule && rule->layer == layer)
			return true;
	}
	return false;
}

static void add_layers(struct explained *e)
{
	const struct policy *policy = e->policy;

	for (size_t i = policy->n_layers; i-- > 0;) {
		const struct layer *layer = policy->layers[i];
		const struct entry *first =
			e->call == CALL_NONE ? NULL
					     : layer_entries(layer, e->call);

		if (!first && !layer_has_step(e, layer)) {
			e->silent = grow(e->silent, e->n_silent,
					 &e->cap_silent, sizeof(*e->silent));
			e->silent[e->n_silent++] = layer;
		}
		for (; first; first = first->next)
			add_unasked(e, first);
	}
}

int explain_call(struct explained *out, const struct policy *policy,
		 const struct callexpr *expr, enum abi_id abi, uint32_t nr)
{
	*out = (struct explained){
		.policy = policy,
		.expr = expr,
		.abi = abi,
		.nr = nr,
		.call = nr & CALL_RAW ? CALL_NONE
				      : syscall_by_number(
						abi, abi_is_x32((int)abi, nr)
							     ? nr & ~X32_BIT
							     : nr),
	};
	decide_call(policy, abis[abi].audit_arch, nr, &out->decision);
	if (add_steps(out) < 0)
		return -1;
	if (out->verdict.kind != BY_FOREIGN && nr != NR_SKIPPED)
		add_layers(out);
	return 0;
}

void explained_free(struct explained *explained)
{
	free(explained->steps);
	free(explained->unasked);
	free(explained->silent);
	decision_free(&explained->decision);
	*explained = (struct explained){0};
}
