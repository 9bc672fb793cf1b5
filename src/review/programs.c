/* What breaks programs that the policy means to run. */
#include <errno.h>

#include "review/check.h"
#include "review/equivalent.h"
#include "tables/errname.h"

/* A program must be able to end, and to come back from a signal. */
static void review_life(struct survey *survey, uint32_t call)
{
	enum standing standing = standing_of(survey, call);

	if (!syscall_has(call, SYSCALL_IMPLICIT) || standing == ABSENT ||
	    standing == OPEN)
		return;
	review_add(survey, FINDING_LIFE, SEVERITY_FAULT,
		   first_denial(survey, call)->at, calls_of(call),
		   "remove it here: it is always allowed then",
		   "%s is denied by name: a program that cannot exit or return "
		   "from a signal handler loops or crashes",
		   syscall_text(call));
}

/* What programs fall back to, as far as it runs; NULL: nothing. */
static char *older_text(struct survey *survey, const struct fallback *row)
{
	released_by(calls_free) struct calls older =
		survey_calls(survey, row->older, PARTLY);

	return older.n ? calls_text(&older) : NULL;
}

char *opening_fallback(const struct policy *policy, enum abi_id abi,
		       uint32_t call)
{
	const struct fallback *row = fallback_of(call);
	cleanup_free char *older = NULL;
	released_by(survey_close) struct survey survey;

	survey_open(&survey, policy, NULL);
	survey.abi = abi;
	older = row ? older_text(&survey, row) : NULL;
	return older ? xasprintf("after ENOSYS %s falls back to %s", row->who,
				 older)
		     : NULL;
}

static void review_fallback(struct survey *survey, const struct fallback *row)
{
	uint32_t call = syscall_by_name(row->call);
	cleanup_free char *older = older_text(survey, row), *mend = NULL;
	const struct verdict *denial = NULL;

	if (older && standing_of(survey, call) == CLOSED)
		denial = first_denial(survey, call);
	if (!denial || (denial->action == ACTION_DENY && denial->err == ENOSYS))
		return;
	mend = xasprintf("write under [deny]: %s = ENOSYS%s", row->call,
			 row->fatal ? "" : "; or allow it");
	review_add(survey, FINDING_FALLBACK,
		   row->fatal ? SEVERITY_FAULT : SEVERITY_NOTE, denial->at,
		   calls_of(call), mend,
		   "%s answers %s, but %s falls back to %s only after ENOSYS",
		   row->call,
		   denial->action == ACTION_KILL ? "SIGSYS"
						 : errno_text(denial->err),
		   row->who, older);
}

void review_programs(struct survey *survey)
{
	for (uint32_t call = 0; call < syscall_count(); call++)
		review_life(survey, call);
	for (const struct fallback *row = fallbacks; row->call; row++)
		review_fallback(survey, row);
}
