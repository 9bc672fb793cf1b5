/* What a policy does to calls, for who compares: an effect is a verdict
 * without its reasons, and a survey answers questions about all calls of one
 * policy by diagrams, so for all arguments at once. */
#pragma once

#include "formats/names.h"
#include "model/decide.h"
#include "model/diagram.h"
#include "tables/power.h"
#include "tables/use.h"

/* Two verdicts have the same effect if and only if verdict_same(), and both or
 * neither are quiet. */
typedef uint32_t effect;

effect effect_of(const struct verdict *verdict);
/* "allow", "log", "kill", "deny EPERM", "deny EPERM (quiet)" */
const char *effect_text(effect e, char buf[static 32]);
/* The same, in memory of the block that asks: of an if, its branch. */
#define effect_name(e) effect_text(e, (char[32]){0})

/* Effects for all arguments; and where they are this one. */
diagram effect_diagram(struct diagram_store *store,
		       const struct decision *decision);
diagram effect_where(struct diagram_store *store,
		     const struct decision *decision, effect e);

struct findings;

struct survey {
	const struct policy *policy;
	enum abi_id abi; /* that is asked about: the native one, until set */
	struct findings *findings; /* for who finds something */
	struct diagram_store *store;
	struct arena conds;       /* of who needs a condition */
	struct decision decision; /* of the call asked for last */
	bool too_large;           /* a diagram did not fit: no answer counts */
};

/* The policy and the list are borrowed. */
void survey_open(struct survey *survey, const struct policy *policy,
		 struct findings *findings);
void survey_close(struct survey *survey);

/* Where the call runs; DIAGRAM_FALSE for one that the ABI lacks. */
diagram survey_runs(struct survey *survey, uint32_t call);
/* Where it runs with the arguments that make it this use. */
diagram survey_runs_as(struct survey *survey, const struct use *use);

enum standing { ABSENT, CLOSED, PARTLY, OPEN };
enum standing standing_of(struct survey *survey, uint32_t call);
/* Those of a list of tables/use.h, whatever their arguments, that stand so or
 * better. */
struct calls survey_calls(struct survey *survey, const char *calls,
			       enum standing least);

/* The call's decision list, valid until the next question; NULL if the ABI
 * lacks the call. */
const struct decision *survey_decide(struct survey *survey, uint32_t call);
/* The first denial in it; NULL: none. */
const struct verdict *first_denial(struct survey *survey, uint32_t call);

/* Of the list asked for last: where this rule decides. */
diagram survey_decided_by(struct survey *survey, const struct rule *rule);

/* Where an entry's condition holds.  One that cannot be asked on the ABI
 * always holds for a denial and never for what would run. */
diagram survey_holds(struct survey *survey, const struct entry *entry);
/* Where the arguments make it this use of the call. */
diagram survey_use(struct survey *survey, const struct use *use);

/* Does the diagram hold somewhere?  If so, where, if args is not NULL. */
bool survey_possible(struct survey *survey, diagram d, uint64_t *args);
diagram survey_both(struct survey *survey, diagram a, diagram b);

/* The arguments that the list's conditions look at, a bit each. */
unsigned decision_args(const struct decision *decision);

/* One concrete call for which the diagram holds, to stand for many:
 * "socket(AF_INET, _, _)", where _ is any value, as `explain` takes it.  Only
 * these arguments are shown, with values that have names where it can choose;
 * flags are chosen only if there are some to stand beside them.  malloc'd;
 * NULL: there is none. */
char *sample_text(struct diagram_store *store, diagram where, enum abi_id abi,
		  uint32_t call, unsigned shown, uint64_t beside);

/* A power that a policy leaves open. */
struct open_power {
	bool open;
	struct calls calls; /* that open it, by name; raw ones last.  None
	                            if only numbers without a name do */
};

/* One for each power, judged by effect: what a program can do to the world.  To
 * be freed. */
void opened_find(const struct policy *policy,
		 struct open_power opened[static POWER_COUNT]);
void opened_free(struct open_power opened[static POWER_COUNT]);
