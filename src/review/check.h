/* What `check` looks for in a policy without mistakes: denied calls whose
 * work others still do, what breaks programs, and rules that say nothing.
 *
 * Everything is judged by effect, through decide and diagrams, for every ABI
 * that the policy admits and this machine can run. */
#ifndef SANDBOX_CHECK_H
#define SANDBOX_CHECK_H

#include "base/util.h"
#include "model/policy.h"
#include "review/finding.h"
#include "review/survey.h"

/* Adds what it finds, sorted. */
void check_find(const struct policy *policy, struct findings *findings);
/* Adds the kinds that a call which runs can bring about, not sorted. */
void check_ways(const struct policy *policy, struct findings *findings);

/* ------------------------------------------------- private to this room */

/* Adds a finding on these calls, which are taken; " (under x86)" is added to
 * the text on an ABI that is not the native one.  Copies mend. */
void review_add(struct survey *survey, enum finding_kind kind,
		enum severity severity, struct source at,
		struct calls_list calls, const char *mend, const char *text,
		...) printf_like(7, 8);

/* opening.h */
char *fallback_text(struct survey *survey, uint32_t call);

/* The parts.  These look at one ABI, survey->abi ... */
void review_equivalents(struct survey *survey);
void review_reach(struct survey *survey);
void review_programs(struct survey *survey);
void review_arguments(struct survey *survey);
void review_meetings(struct survey *survey);
/* ... and these at all. */
void review_rules(struct survey *survey);
void review_foreign(struct survey *survey);

#endif
