#include "review/survey.h"

#include <stdlib.h>

#include "base/util.h"
#include "model/power_cond.h"
#include "tables/argument.h"
#include "tables/errname.h"
#include "tables/signature.h"

enum { ERR_SHIFT = 8, QUIET = 1 << 7 };

effect effect_of(const struct verdict *verdict)
{
	effect e = verdict->action;

	if (verdict->action == ACTION_DENY)
		e |= (effect)verdict->err << ERR_SHIFT;
	if (verdict->quiet)
		e |= QUIET;
	return e;
}

const char *effect_text(effect e, char buf[static 32])
{
	enum action action = (enum action)(e & (QUIET - 1));

	if (action != ACTION_DENY)
		return action_names[action];
	snprintf(buf, 32, "deny %s%s", errno_text((int)(e >> ERR_SHIFT)),
		 e & QUIET ? " (quiet)" : "");
	return buf;
}

static uint32_t effect_leaf(const struct verdict *verdict, const void *unused)
{
	(void)unused;
	return effect_of(verdict);
}

static uint32_t is_effect(const struct verdict *verdict, const void *e)
{
	return effect_of(verdict) == *(const effect *)e;
}

static uint32_t runs_leaf(const struct verdict *verdict, const void *unused)
{
	(void)unused;
	return action_runs(verdict->action);
}

static uint32_t rule_leaf(const struct verdict *verdict, const void *rule)
{
	return verdict->rule == rule;
}

diagram effect_diagram(struct diagram_store *store,
		       const struct decision *decision)
{
	return diagram_of_decision(store, decision, effect_leaf, NULL);
}

diagram effect_where(struct diagram_store *store,
		     const struct decision *decision, effect e)
{
	return diagram_of_decision(store, decision, is_effect, &e);
}

void survey_open(struct survey *survey, const struct policy *policy,
		 struct findings *findings)
{
	*survey = (struct survey){
		.policy = policy,
		.abi = policy->machine,
		.findings = findings,
		.store = diagram_store_new(DIAGRAM_BUDGET),
	};
}

void survey_close(struct survey *survey)
{
	decision_free(&survey->decision);
	arena_free(&survey->conds);
	diagram_store_free(survey->store);
}

static diagram fitting(struct survey *survey, diagram d)
{
	survey->too_large |= d == DIAGRAM_NONE;
	return d;
}

/* Of the list asked for last. */
static diagram of_decision(struct survey *survey, diagram_leaf_fn *leaf,
			   const void *context)
{
	return fitting(survey, diagram_of_decision(survey->store,
						   &survey->decision, leaf,
						   context));
}

const struct decision *survey_decide(struct survey *survey, uint32_t call)
{
	int64_t nr = syscall_number(call, survey->abi);

	if (nr < 0)
		return NULL;
	decide_call(survey->policy, abis[survey->abi].audit_arch, (uint32_t)nr,
		    &survey->decision);
	return &survey->decision;
}

const struct verdict *first_denial(struct survey *survey, uint32_t call)
{
	const struct decision *decision = survey_decide(survey, call);

	for (size_t i = 0; decision && i < decision->n; i++)
		if (!action_runs(decision->clauses[i].verdict.action))
			return &decision->clauses[i].verdict;
	return NULL;
}

diagram survey_runs(struct survey *survey, uint32_t call)
{
	return survey_decide(survey, call)
		       ? of_decision(survey, runs_leaf, NULL)
		       : DIAGRAM_FALSE;
}

diagram survey_runs_as(struct survey *survey, const struct use *use)
{
	return survey_both(survey, survey_runs(survey, use->call),
			   survey_use(survey, use));
}

enum standing standing_of(struct survey *survey, uint32_t call)
{
	diagram runs;

	if (call == CALL_NONE || syscall_number(call, survey->abi) < 0)
		return ABSENT;
	runs = survey_runs(survey, call);
	return runs == DIAGRAM_TRUE    ? OPEN
	       : runs == DIAGRAM_FALSE ? CLOSED
				       : PARTLY;
}

struct calls survey_calls(struct survey *survey, const char *calls,
			       enum standing least)
{
	struct calls found = {0};
	struct use use;

	for_uses (calls, &use)
		if (standing_of(survey, use.call) >= least)
			calls_add(&found, use.call);
	return found;
}

diagram survey_decided_by(struct survey *survey, const struct rule *rule)
{
	return of_decision(survey, rule_leaf, rule);
}

diagram survey_holds(struct survey *survey, const struct entry *entry)
{
	const struct cond *cond = entry->cond[survey->abi];

	if (cond == &cond_unaskable)
		return rule_refuses(entry->rule) ? DIAGRAM_TRUE : DIAGRAM_FALSE;
	return fitting(survey, diagram_of_cond(survey->store, cond));
}

diagram survey_use(struct survey *survey, const struct use *use)
{
	return fitting(survey, diagram_of_cond(
				       survey->store,
				       use_cond_alone(&survey->conds, use)));
}

bool survey_possible(struct survey *survey, diagram d, uint64_t *args)
{
	if (args && d != DIAGRAM_NONE)
		diagram_differ(survey->store, d, DIAGRAM_FALSE, args);
	return d != DIAGRAM_NONE && d != DIAGRAM_FALSE;
}

diagram survey_both(struct survey *survey, diagram a, diagram b)
{
	return fitting(survey, diagram_and(survey->store, a, b));
}

/* ------------------------------------------------------------------ samples */

unsigned decision_args(const struct decision *decision)
{
	unsigned args = 0;

	for (size_t i = 0; i < decision->n; i++)
		args |= cond_args(decision->clauses[i].cond);
	return args;
}

/* Gives an argument the first value that has a name, other than 0, with which
 * the diagram still holds. */
static void name_argument(const struct diagram_store *store, diagram where,
			  uint32_t call, uint64_t args[static 6], int arg,
			  uint64_t beside)
{
	const struct family *family = argument_family(call, arg, NULL);
	uint64_t found = args[arg];

	if (!family || (family->is_flags && !beside))
		return;
	for_family_rows (row, family) {
		args[arg] = row->value | beside;
		if (row->value && diagram_eval(store, where, args))
			return;
	}
	args[arg] = found;
}

char *sample_text(struct diagram_store *store, diagram where, enum abi_id abi,
		  uint32_t call, unsigned shown, uint64_t beside)
{
	uint64_t args[6];

	if (where == DIAGRAM_NONE ||
	    !diagram_differ(store, where, DIAGRAM_FALSE, args))
		return NULL;
	for (int arg = 0; arg < 6; arg++)
		if (shown >> arg & 1)
			name_argument(store, where, call, args, arg, beside);
	return argument_call_text(syscall_text(call), abi, call, args, shown,
				  0);
}

/* ------------------------------------------------------------------- powers */

/* Where the call carries the power. */
static diagram carried_where(struct survey *survey, uint32_t call,
			     enum power power)
{
	const struct cond *without;

	if (!syscall_row(call) || !signature_of(survey->abi, call))
		return DIAGRAM_TRUE; /* it cannot be told */
	without = power_cond(&survey->conds, call, ~POWER_SET(power));
	return diagram_not(survey->store,
			   diagram_of_cond(survey->store, without));
}

static void add_call(struct survey *survey, uint32_t call,
		     struct open_power *opened)
{
	diagram runs = survey_runs(survey, call);

	if (runs == DIAGRAM_FALSE)
		return;
	/* what is too large to be compared is not said to be closed */
	for_powers (p, powers_of(call))
		if (survey_both(survey, runs, carried_where(survey, call, p)) !=
		    DIAGRAM_FALSE) {
			opened[p].open = true;
			calls_add(&opened[p].calls, call);
		}
}

/* Numbers without a name: those that the policy gives, and all others. */
static void add_unnamed(struct survey *survey, struct open_power *opened)
{
	const struct policy *policy = survey->policy;
	uint32_t above = syscall_last(survey->abi) + 1;
	static const uint64_t args[6];
	struct verdict verdict;

	for_entries (e, policy_next, policy)
		if (e->call & CALL_RAW)
			add_call(survey, e->call, opened);
	while (policy_names(policy, CALL_RAW | above))
		above++;
	verdict = decide(policy, abis[survey->abi].audit_arch, above, args);
	opened[POWER_UNKNOWN].open |= action_runs(verdict.action);
}

void opened_find(const struct policy *policy,
		 struct open_power opened[static POWER_COUNT])
{
	released_by(survey_close) struct survey survey;

	memset(opened, 0, POWER_COUNT * sizeof(*opened));
	survey_open(&survey, policy, NULL);
	for (uint32_t call = 0; call < syscall_count(); call++)
		for_abis (abi, policy) {
			survey.abi = abi;
			add_call(&survey, call, opened);
		}
	for_abis (abi, policy) {
		survey.abi = abi;
		add_unnamed(&survey, opened);
	}
}

void opened_free(struct open_power opened[static POWER_COUNT])
{
	for (int p = 0; p < POWER_COUNT; p++)
		free(opened[p].calls.items);
}
