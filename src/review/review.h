/* What the parts of `check` share, and the parts; private to this room (see
 * check.h). */
#ifndef SANDBOX_REVIEW_H
#define SANDBOX_REVIEW_H

#include "review/survey.h"
#include "review/finding.h"

struct review {
	const struct policy *policy;
	struct findings *findings;
	struct survey survey;
	bool restricts; /* does the policy take anything away at all? */
};

/* Where the call stands on an ABI. */
enum standing { ABSENT, CLOSED, PARTLY, OPEN };
enum standing standing_of(struct review *review, enum abi_id abi,
			  uint32_t call);

/* Adds a finding on these calls, which are taken; " (under x86)" is added to
 * the text on an ABI that is not the native one.  Takes text, copies mend. */
void review_add(struct review *review, enum abi_id abi, enum finding_kind kind,
		enum severity severity, struct source at,
		struct calls_list calls, char *text, const char *mend);

/* The first denial in the list asked for last. */
const struct verdict *first_denial(const struct review *review);

/* opening.h */
char *fallback_text(struct review *review, enum abi_id abi, uint32_t call);

void review_equivalents(struct review *review, enum abi_id abi);
void review_reach(struct review *review, enum abi_id abi);
void review_programs(struct review *review, enum abi_id abi);
void review_arguments(struct review *review, enum abi_id abi);
void review_meetings(struct review *review, enum abi_id abi);
void review_rules(struct review *review); /* all ABIs at once */
void review_absent(struct review *review);
void review_settings(struct review *review);

#endif
