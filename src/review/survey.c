#include "review/survey.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"
#include "tables/errname.h"

enum { ERR_SHIFT = 8 };

effect effect_of(const struct verdict *verdict)
{
	effect e = verdict->action;

	if (verdict->action == ACTION_DENY)
		e |= (effect)verdict->err << ERR_SHIFT;
	return e;
}

enum action effect_action(effect e)
{
	return (enum action)(e & ((1u << ERR_SHIFT) - 1));
}

const char *effect_text(effect e, char buf[static 32])
{
	char name[16];

	if (effect_action(e) != ACTION_DENY)
		return action_names[effect_action(e)];
	snprintf(buf, 32, "deny %s",
		 errno_name((int)(e >> ERR_SHIFT), name));
	return buf;
}

static uint32_t effect_leaf(const struct verdict *verdict, const void *unused)
{
	(void)unused;
	return effect_of(verdict);
}

diagram effect_diagram(struct diagram_store *store,
		       const struct decision *decision)
{
	return diagram_of_decision(store, decision, effect_leaf, NULL);
}

static uint32_t is_effect(const struct verdict *verdict, const void *e)
{
	return effect_of(verdict) == *(const effect *)e;
}

diagram effect_where(struct diagram_store *store,
		     const struct decision *decision, effect e)
{
	return diagram_of_decision(store, decision, is_effect, &e);
}

void survey_open(struct survey *survey, const struct policy *policy)
{
	*survey = (struct survey){
		.policy = policy,
		.store = diagram_store_new(DIAGRAM_BUDGET),
	};
	for (int abi = 0; abi < ABI_COUNT; abi++)
		survey->runs[abi] = xcalloc(syscall_count(), sizeof(diagram));
}

void survey_close(struct survey *survey)
{
	for (int abi = 0; abi < ABI_COUNT; abi++)
		free(survey->runs[abi]);
	decision_free(&survey->decision);
	diagram_store_free(survey->store);
}

static diagram fitting(struct survey *survey, diagram d)
{
	if (d == DIAGRAM_NONE)
		survey->too_large = true;
	return d;
}

const struct decision *survey_decide(struct survey *survey, enum abi_id abi,
				     uint32_t call)
{
	int64_t nr = syscall_number(call, abi);

	if (nr < 0)
		return NULL;
	decide_call(survey->policy, abis[abi].audit_arch, (uint32_t)nr,
		    &survey->decision);
	return &survey->decision;
}

static uint32_t runs_leaf(const struct verdict *verdict, const void *unused)
{
	(void)unused;
	return action_runs(verdict->action);
}

diagram survey_runs(struct survey *survey, enum abi_id abi, uint32_t call)
{
	bool in_table = !(call & CALL_RAW);
	diagram d = in_table ? survey->runs[abi][call] : DIAGRAM_NONE;

	if (d != DIAGRAM_NONE)
		return d;
	d = DIAGRAM_FALSE;
	if (survey_decide(survey, abi, call))
		d = fitting(survey,
			    diagram_of_decision(survey->store,
						&survey->decision, runs_leaf,
						NULL));
	if (in_table)
		survey->runs[abi][call] = d;
	return d;
}

static uint32_t rule_leaf(const struct verdict *verdict, const void *rule)
{
	return verdict->rule == rule;
}

diagram survey_decided_by(struct survey *survey, const struct rule *rule)
{
	return fitting(survey, diagram_of_decision(survey->store,
						   &survey->decision,
						   rule_leaf, rule));
}

diagram survey_holds(struct survey *survey, const struct entry *entry,
		     enum abi_id abi)
{
	const struct cond *cond = entry->cond[abi];

	if (cond == &cond_unaskable)
		return action_runs(entry->rule->action) ? DIAGRAM_FALSE
							: DIAGRAM_TRUE;
	return fitting(survey, diagram_of_cond(survey->store, cond));
}

bool survey_possible(struct survey *survey, diagram d,
		     uint64_t args[static 6])
{
	return d != DIAGRAM_NONE &&
	       diagram_differ(survey->store, d, DIAGRAM_FALSE, args);
}

diagram survey_both(struct survey *survey, diagram a, diagram b)
{
	return fitting(survey, diagram_and(survey->store, a, b));
}
