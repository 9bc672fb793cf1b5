#include "review/review.h"

#include <stdlib.h>

#include "base/util.h"
#include "tables/syscall.h"

enum standing standing_of(struct review *review, enum abi_id abi,
			  uint32_t call)
{
	diagram runs;

	if (call == CALL_NONE || syscall_number(call, abi) < 0)
		return ABSENT;
	runs = survey_runs(&review->survey, abi, call);
	return runs == DIAGRAM_TRUE    ? OPEN
	       : runs == DIAGRAM_FALSE ? CLOSED
				       : PARTLY;
}

void review_add(struct review *review, enum abi_id abi, enum finding_kind kind,
		enum severity severity, struct source at,
		struct calls_list calls, char *text, const char *mend)
{
	struct finding finding = {
		.kind = kind,
		.severity = severity,
		.at = at,
		.calls = calls,
		.text = text,
		.mend = mend ? xstrdup(mend) : NULL,
	};

	if (abi != ABI_NATIVE) {
		finding.text = xasprintf("%s (under %s)", text,
					 abis[abi].name);
		free(text);
	}
	findings_add(review->findings, finding);
}

const struct verdict *first_denial(const struct review *review)
{
	const struct decision *decision = &review->survey.decision;

	for (size_t i = 0; i < decision->n; i++)
		if (!action_runs(decision->clauses[i].verdict.action))
			return &decision->clauses[i].verdict;
	return NULL;
}
