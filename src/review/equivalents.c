/* The check for denied calls whose work others still do: equivalents (the table
 * is equivalent.h), io_uring. */
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "review/equivalent.h"
#include "review/review.h"
#include "tables/syscall.h"

/* ENOSYS makes libc use the older call: it is how a newer one is put aside,
 * not a sign that its work is to be stopped. */
static bool put_aside(const struct verdict *verdict, uint32_t call)
{
	char buf[16];

	if (verdict->action != ACTION_DENY || verdict->err != ENOSYS)
		return false;
	if (verdict->rule && action_runs(verdict->rule->action))
		return true; /* a condition that this ABI cannot ask */
	for (size_t i = 0; i < fallback_count(); i++)
		if (streq(fallback_at(i)->call, syscall_name(call, buf)))
			return true;
	return false;
}

/* Does a rule deny the call, and not just nobody allow it? */
static bool closed_by_rule(struct review *review, enum abi_id abi,
			   uint32_t call)
{
	const struct verdict *denial;

	survey_decide(&review->survey, abi, call);
	denial = first_denial(review);
	return denial && denial->rule && !put_aside(denial, call);
}

/* Does everything run but what belongs to another row (making files with
 * set-id bits is no opening of files)? */
static bool is_aside(struct review *review, enum abi_id abi,
		     const struct member *member)
{
	struct survey *survey = &review->survey;
	cleanup_free char *name = xasprintf("%s:aside", member->label);
	struct member_list list = MEMBER_LIST(name);
	struct member aside;
	diagram others;

	if (!member_next(&list, &aside) || !aside.partly)
		return false;
	others = diagram_not(survey->store, member_asks(survey, &aside));
	return survey_both(survey, others,
			   survey_runs(survey, abi, member->call)) == others;
}

/* Is this one denied because somebody wanted its work stopped? */
static bool is_meant(struct review *review, enum abi_id abi,
		     const struct member *member, bool outright)
{
	struct survey *survey = &review->survey;
	enum standing standing = standing_of(review, abi, member->call);

	if (member->partly)
		return standing == PARTLY &&
		       survey_both(survey,
				   survey_runs(survey, abi, member->call),
				   member_asks(survey, member)) == DIAGRAM_FALSE;
	if (standing == CLOSED)
		return closed_by_rule(review, abi, member->call);
	return standing == PARTLY && !outright && !is_aside(review, abi, member);
}

static bool is_open(struct review *review, enum abi_id abi,
		    const struct member *member)
{
	struct survey *survey = &review->survey;
	uint64_t args[6];

	if (!member->partly)
		return standing_of(review, abi, member->call) == OPEN;
	return standing_of(review, abi, member->call) != ABSENT &&
	       survey_possible(survey,
			       survey_both(survey,
					   survey_runs(survey, abi, member->call),
					   member_asks(survey, member)),
			       args);
}

struct side {
	struct calls_list calls;
	char *text; /* "openat, openat2 and clone with CLONE_NEWUSER" */
	size_t n;
	bool partly;
};

static void add_side(struct side *side, const struct member *member)
{
	reprint(&side->text, "%s%s%s", side->text ? side->text : "",
		side->n ? ", " : "", member->label);
	side->n++;
	side->partly |= member->partly;
	calls_list_add(&side->calls, member->call);
}

static void free_side(struct side *side)
{
	free(side->calls.items);
	free(side->text);
}

static bool is_needed(struct review *review, enum abi_id abi,
		      const struct equivalent *row)
{
	struct member_list list = MEMBER_LIST(row->needs);
	struct member member;

	if (!row->needs)
		return true;
	while (member_next(&list, &member))
		if (standing_of(review, abi, member.call) > CLOSED)
			return true;
	return false;
}

/* Where the first of the calls is denied. */
static struct source place_of_denial(struct review *review, enum abi_id abi,
				     const struct calls_list *calls)
{
	const struct verdict *denial;

	survey_decide(&review->survey, abi, calls->items[0]);
	denial = first_denial(review);
	return denial ? denial->at : (struct source){0};
}

static void add_equivalent(struct review *review, enum abi_id abi,
			   const struct equivalent *row, struct side *denied,
			   struct side *open)
{
	struct source at = place_of_denial(review, abi, &denied->calls);
	cleanup_free char *mend =
		xasprintf(denied->partly ? "deny for the same arguments: %s"
					 : "deny %s",
			  row->mend);

	review_add(review, abi, FINDING_EQUIVALENT, SEVERITY_HOLE, at,
		   open->calls,
		   xasprintf("%s %s denied%s, but other ways of %s are "
			     "allowed: %s", denied->text,
			     denied->n == 1 ? "is" : "are",
			     denied->partly ? " for some arguments" : "",
			     row->what, open->text),
		   mend);
	open->calls = (struct calls_list){0};
}

static void review_row(struct review *review, enum abi_id abi,
		       const struct equivalent *row)
{
	struct member_list closed = MEMBER_LIST(row->denied);
	struct member_list others = MEMBER_LIST(row->others);
	struct side denied = {0}, open = {0};
	struct member member;

	while (member_next(&closed, &member))
		if (is_meant(review, abi, &member, row->outright)) {
			/* the label of a use says what is denied of it */
			member.partly = !member.partly &&
				      standing_of(review, abi, member.call) ==
					      PARTLY;
			add_side(&denied, &member);
		}
	while (denied.n && member_next(&others, &member))
		if (is_open(review, abi, &member))
			add_side(&open, &member);
	if (open.n && is_needed(review, abi, row))
		add_equivalent(review, abi, row, &denied, &open);
	free_side(&denied);
	free_side(&open);
}

/* The calls that the policy holds back and io_uring does not. */
static void collect_undone(struct review *review, enum abi_id abi,
			   struct calls_list *undone)
{
	struct member_list list = MEMBER_LIST(io_uring_does);
	struct member member;

	while (member_next(&list, &member)) {
		enum standing standing = standing_of(review, abi, member.call);
		const struct verdict *denial;

		if (standing != CLOSED && standing != PARTLY)
			continue;
		survey_decide(&review->survey, abi, member.call);
		denial = first_denial(review);
		if (denial && denial->kind != BY_NEW &&
		    !put_aside(denial, member.call))
			calls_list_add(undone, member.call);
	}
}

static void review_io_uring(struct review *review, enum abi_id abi)
{
	struct calls_list calls = {0}, undone = {0};
	struct member_list list = MEMBER_LIST("@io-uring");
	cleanup_free char *names = NULL;
	struct member setup, member;
	struct source at;

	if (!member_next(&list, &setup) ||
	    standing_of(review, abi, setup.call) != OPEN)
		return;
	calls_list_add(&calls, setup.call);
	while (member_next(&list, &member))
		if (standing_of(review, abi, member.call) == OPEN)
			calls_list_add(&calls, member.call);
	survey_decide(&review->survey, abi, setup.call);
	at = review->survey.decision.clauses[0].verdict.at;
	collect_undone(review, abi, &undone);
	names = calls_list_text(&undone);
	if (undone.n)
		review_add(review, abi, FINDING_IO_URING, SEVERITY_HOLE, at,
			   calls,
			   xasprintf("io_uring_setup is allowed, and no "
				     "filter sees io_uring's requests: still "
				     "possible through io_uring: %s", names),
			   "deny @io-uring");
	else
		review_add(review, abi, FINDING_IO_URING, SEVERITY_NOTE, at,
			   calls,
			   xstrdup("io_uring_setup is allowed, and no filter "
				   "sees io_uring's requests"),
			   "deny @io-uring, unless the program needs it");
	free(undone.items);
}

void review_equivalents(struct review *review, enum abi_id abi)
{
	if (!review->restricts)
		return;
	for (size_t i = 0; i < equivalent_count(); i++)
		review_row(review, abi, equivalent_at(i));
	review_io_uring(review, abi);
}
