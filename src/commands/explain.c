#include "commands/explain.h"

#include <stdlib.h>

#include "base/util.h"
#include "model/diagram.h"
#include "tables/signature.h"
#include "tables/syscall.h"

/* The calls that are meant: those with the arguments that are known. */
static diagram calls_meant(struct explained *e, struct diagram_store *store)
{
	diagram meant = DIAGRAM_TRUE;

	for (int i = 0; i < e->expr->n_args; i++) {
		const struct callexpr_arg *arg = &e->expr->args[i];
		bool pointer = arg->kind == CALLEXPR_POINTER;
		uint8_t bits = pointer ? abis[e->abi].bits : 64;
		struct field field = {
			.arg = (uint8_t)i,
			.bits = bits,
			.mask = bits == 64 ? UINT64_MAX : UINT32_MAX,
		};
		diagram is;

		if (arg->kind == CALLEXPR_ANY)
			continue;
		*(pointer ? &e->pointers : &e->values) |= 1u << i;
		is = diagram_compare(store, COMPARE_EQ, field,
				     pointer ? 0 : arg->value);
		meant = diagram_and(store, meant,
				    pointer ? diagram_not(store, is) : is);
	}
	return meant;
}

static void take_step(struct explained *e, struct diagram_store *store,
		      struct explained_step *step, diagram *left)
{
	const struct cond *cond = step->clause->cond;
	diagram hit = *left;

	if (cond)
		hit = diagram_and(store, hit, diagram_of_cond(store, cond));
	if (*left == DIAGRAM_FALSE)
		step->outcome = OUTCOME_UNASKED;
	else if (hit == DIAGRAM_FALSE)
		step->outcome = OUTCOME_FAILS;
	else if (hit == *left)
		step->outcome = OUTCOME_HOLDS;
	else
		step->outcome = OUTCOME_DEPENDS;
	if (step->outcome == OUTCOME_DEPENDS)
		e->unknown |= cond_args(cond);
	if (hit != DIAGRAM_NONE)
		diagram_differ(store, hit, DIAGRAM_FALSE, step->example);
	*left = diagram_and(store, *left, diagram_not(store, hit));
}

int explain_call(struct explained *e)
{
	uint32_t nr = abi_is_x32((int)e->abi, e->nr) ? e->nr & ~X32_BIT
						     : e->nr;
	struct diagram_store *store = diagram_store_new(DIAGRAM_BUDGET);
	diagram left = calls_meant(e, store);

	e->call = e->nr & CALL_RAW ? CALL_NONE : syscall_by_number(e->abi, nr);
	decide_call(e->policy, abis[e->abi].audit_arch, e->nr, &e->decision);
	e->steps = xcalloc(e->decision.n, sizeof(*e->steps));
	e->decided = true;
	for (size_t i = 0; i < e->decision.n; i++) {
		const struct clause *clause = &e->decision.clauses[i];

		e->steps[i].clause = clause;
		take_step(e, store, &e->steps[i], &left);
		if (!may_decide(&e->steps[i]))
			continue;
		if (!e->ways++)
			e->verdict = clause->verdict;
		e->decided &= verdict_same(&e->verdict, &clause->verdict);
	}
	diagram_store_free(store);
	e->unknown &= ~e->values;
	return left == DIAGRAM_NONE ? -1 : 0;
}

void explained_free(struct explained *e)
{
	free(e->steps);
	decision_free(&e->decision);
	*e = (struct explained){0};
}
