/* What breaks programs that the policy means to run. */
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "review/equivalent.h"
#include "review/review.h"
#include "tables/errname.h"
#include "tables/syscall.h"

/* A program must be able to end, and to come back from a signal. */
static void review_life(struct review *review, enum abi_id abi, uint32_t call)
{
	struct calls_list calls = {0};
	const struct verdict *denial;
	char buf[16];

	if (!(syscall_row(call)->flags & SYSCALL_IMPLICIT) ||
	    standing_of(review, abi, call) == ABSENT ||
	    standing_of(review, abi, call) == OPEN)
		return;
	survey_decide(&review->survey, abi, call);
	denial = first_denial(review);
	calls_list_add(&calls, call);
	review_add(review, abi, FINDING_LIFE, SEVERITY_FAULT, denial->at,
		   calls,
		   xasprintf("%s is denied by name: a program that cannot exit "
			     "or return from a signal handler loops or "
			     "crashes",
			     syscall_name(call, buf)),
		   "remove it here: it is always allowed then");
}

/* Those of the calls that run. */
static struct calls_list running(struct review *review, enum abi_id abi,
				 const char *calls)
{
	struct member_list list = MEMBER_LIST(calls);
	struct calls_list running = {0};
	struct member member;

	while (member_next(&list, &member))
		if (standing_of(review, abi, member.call) > CLOSED)
			calls_list_add(&running, member.call);
	return running;
}

char *fallback_text(struct review *review, enum abi_id abi, uint32_t call)
{
	const struct syscall_row *row = syscall_row(call);
	char *text = NULL;

	for (size_t i = 0; row && i < fallback_count() && !text; i++) {
		const struct fallback *fallback = fallback_at(i);
		struct calls_list older = {0};
		cleanup_free char *names = NULL;

		if (!streq(fallback->call, row->name))
			continue;
		older = running(review, abi, fallback->older);
		names = calls_list_text(&older);
		if (older.n)
			text = xasprintf("after ENOSYS %s falls back to %s",
					 fallback->who, names);
		free(older.items);
	}
	return text;
}

/* The denial that is not the answer that would do; NULL: all is well. */
static const struct verdict *wrong_denial(struct review *review,
					  enum abi_id abi, uint32_t call)
{
	const struct verdict *denial;

	if (standing_of(review, abi, call) != CLOSED)
		return NULL;
	survey_decide(&review->survey, abi, call);
	denial = first_denial(review);
	return denial->action == ACTION_DENY && denial->err == ENOSYS ? NULL
								      : denial;
}

static void review_fallback(struct review *review, enum abi_id abi,
			    const struct fallback *row)
{
	uint32_t call = syscall_by_name(row->call);
	struct calls_list older = running(review, abi, row->older), calls = {0};
	const struct verdict *denial = wrong_denial(review, abi, call);
	cleanup_free char *names = calls_list_text(&older);
	char buf[16];

	if (denial && older.n) {
		cleanup_free char *fix =
			xasprintf("write under [deny]: %s = ENOSYS%s",
				  row->call, row->fatal ? "" : "; or allow it");

		calls_list_add(&calls, call);
		review_add(review, abi, FINDING_FALLBACK,
			   row->fatal ? SEVERITY_FAULT : SEVERITY_NOTE,
			   denial->at, calls,
			   xasprintf("%s answers %s, but %s falls back to %s "
				     "only after ENOSYS", row->call,
				     denial->action == ACTION_KILL
					     ? "SIGSYS"
					     : errno_name(denial->err, buf),
				     row->who, names),
			   fix);
	}
	free(older.items);
}

void review_programs(struct review *review, enum abi_id abi)
{
	for (uint32_t call = 0; call < syscall_count(); call++)
		review_life(review, abi, call);
	for (size_t i = 0; i < fallback_count(); i++)
		review_fallback(review, abi, fallback_at(i));
}
