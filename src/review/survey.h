/* What a policy does to calls, for who compares: an effect is a verdict
 * without its reasons, and a survey answers questions about all calls of one
 * policy by diagrams, so for all arguments at once. */
#ifndef SANDBOX_SURVEY_H
#define SANDBOX_SURVEY_H

#include "model/diagram.h"
#include "model/decide.h"

/* Two verdicts have the same effect if and only if verdict_same(). */
typedef uint32_t effect;

effect effect_of(const struct verdict *verdict);
enum action effect_action(effect e);
/* "allow", "log", "kill", "deny EPERM" */
const char *effect_text(effect e, char buf[static 32]);

/* Effects for all arguments; and where they are this one. */
diagram effect_diagram(struct diagram_store *store,
		       const struct decision *decision);
diagram effect_where(struct diagram_store *store,
		     const struct decision *decision, effect e);

struct survey {
	const struct policy *policy;
	struct diagram_store *store;
	struct decision decision; /* of the call asked for last */
	diagram *runs[ABI_COUNT]; /* by row of the table; 0: not asked yet */
	bool too_large;           /* a diagram did not fit: no answer counts */
};

/* The policy is borrowed. */
void survey_open(struct survey *survey, const struct policy *policy);
void survey_close(struct survey *survey);

/* Where the call runs; DIAGRAM_FALSE for one that the ABI lacks. */
diagram survey_runs(struct survey *survey, enum abi_id abi, uint32_t call);

/* The call's decision list, valid until the next question; NULL if the ABI
 * lacks the call. */
const struct decision *survey_decide(struct survey *survey, enum abi_id abi,
				     uint32_t call);

/* Of the list asked for last: where this rule decides. */
diagram survey_decided_by(struct survey *survey, const struct rule *rule);

/* Where an entry's condition holds.  One that cannot be asked on the ABI
 * always holds for a denial and never for what would run. */
diagram survey_holds(struct survey *survey, const struct entry *entry,
		     enum abi_id abi);

/* Does the diagram hold somewhere?  If so, where. */
bool survey_possible(struct survey *survey, diagram d,
		     uint64_t args[static 6]);
diagram survey_both(struct survey *survey, diagram a, diagram b);

#endif
