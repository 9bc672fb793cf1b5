/* What `check` looks for in a policy without mistakes: denied calls whose
 * work others still do, what breaks programs, and rules that say nothing.
 *
 * Everything is judged by effect, through decide and diagrams, for every ABI
 * that the policy admits and this machine can run. */
#ifndef SANDBOX_CHECK_H
#define SANDBOX_CHECK_H

#include "base/util.h"
#include "review/survey.h"

/* Adds what it finds, sorted. */
void check_find(const struct policy *policy, struct findings *findings);

/* What would come of allowing calls that a policy denies, for who proposes it.
 * Of these calls, allowed together: the holes that are not there without, each
 * naming those of them that open it.  What is left out is closed again, so the
 * others may then open another one: ask again.  A call is allowed as far as it
 * carries no power but those that `only` has for its row; NULL: outright. */
void opening_holes(const struct policy *policy, const struct calls *calls,
		   const powers *only, struct findings *holes);

/* Programs go on without the call when the policy answers it ENOSYS, with an
 * older call that runs: "after ENOSYS libc's statx, which ls and Qt use, goes
 * on to newfstatat".  malloc'd; NULL if that is not so. */
char *opening_fallback(const struct policy *policy, enum abi_id abi,
		       uint32_t call);

/* ------------------------------------------------- private to this room */

/* Adds a finding on these calls, which are taken; " (under x86)" is added to
 * the text on an ABI that is not the native one.  Copies mend. */
void review_add(struct survey *survey, enum finding_kind kind,
		enum severity severity, struct source at,
		struct calls calls, const char *mend, const char *text,
		...) printf_like(7, 8);

/* The parts.  These look at one ABI, survey->abi ... */
void review_ways(struct survey *survey);
void review_programs(struct survey *survey);
void review_arguments(struct survey *survey);
void review_meetings(struct survey *survey);
/* ... and these at all. */
void review_rules(struct survey *survey);
void review_foreign(struct survey *survey);

#endif
