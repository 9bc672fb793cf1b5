/* The check for ways round a denial: calls that do the same work (the tables
 * are equivalent.h), io_uring, and what reaches beyond CMD. */
#include <errno.h>
#include <stdlib.h>

#include "review/check.h"
#include "review/equivalent.h"
#include "tables/syscall.h"

/* ENOSYS makes libc use the older call: it is how a newer one is put aside,
 * not a sign that its work is to be stopped. */
static bool put_aside(const struct verdict *verdict, uint32_t call)
{
	/* for a condition that this ABI cannot ask */
	bool unasked = verdict->rule && !rule_refuses(verdict->rule);

	return verdict->action == ACTION_DENY && verdict->err == ENOSYS &&
	       (unasked || fallback_of(call));
}

/* Does everything run but what belongs to another row (making files with
 * set-id bits is no opening of files)? */
static bool is_aside(struct survey *survey, const struct use *use)
{
	cleanup_free char *name = xasprintf("%s:aside", use->label);
	struct use_list list = USE_LIST(name);
	struct use aside;
	diagram others;

	if (!use_next(&list, &aside) || !aside.n)
		return false;
	others = diagram_not(survey->store, survey_use(survey, &aside));
	return survey_both(survey, others, survey_runs(survey, use->call)) ==
	       others;
}

/* Is this one denied because somebody wanted its work stopped? */
static bool is_meant(struct survey *survey, const struct use *use,
		     bool outright)
{
	enum standing standing = standing_of(survey, use->call);
	const struct verdict *denial;

	if (use->n)
		return standing == PARTLY &&
		       survey_runs_as(survey, use) == DIAGRAM_FALSE;
	if (standing == CLOSED) {
		/* by a rule, and not just because nobody allows it */
		denial = first_denial(survey, use->call);
		return denial->rule && !put_aside(denial, use->call);
	}
	return standing == PARTLY && !outright && !is_aside(survey, use);
}

static bool is_open(struct survey *survey, const struct use *use)
{
	if (!use->n)
		return standing_of(survey, use->call) == OPEN;
	return survey_possible(survey, survey_runs_as(survey, use), NULL);
}

/* "openat, openat2 and clone with CLONE_NEWUSER": one more of them. */
static void add_label(char **list, const char *separator, const char *label)
{
	reprint(list, "%s%s%s", *list ? *list : "", *list ? separator : "",
		label);
}

static void review_row(struct survey *survey, const struct equivalent *row)
{
	released_by(calls_free) struct calls needed = survey_calls(
		survey, row->needs ? row->needs : "", PARTLY);
	cleanup_free char *denied = NULL, *open = NULL, *mend = NULL;
	struct calls calls = {0}; /* that are open */
	const struct verdict *denial;
	uint32_t first = CALL_NONE; /* that is denied */
	bool partly = false, several = false;
	struct use use;

	for_uses (row->denied, &use)
		if (is_meant(survey, &use, row->outright)) {
			/* the label of a use says what is denied of it */
			partly |= !use.n &&
				  standing_of(survey, use.call) == PARTLY;
			several = denied;
			first = several ? first : use.call;
			add_label(&denied, ", ", use.label);
		}
	if (!denied || (row->needs && !needed.n))
		return;
	for_uses (row->others, &use)
		if (is_open(survey, &use)) {
			add_label(&open, ", ", use.label);
			calls_add(&calls, use.call);
		}
	if (!open)
		return;
	denial = first_denial(survey, first);
	mend = xasprintf("deny %s%s", partly ? "for the same arguments: " : "",
			 row->mend ? row->mend : row->others);
	review_add(survey, FINDING_EQUIVALENT, SEVERITY_HOLE,
		   denial ? denial->at : (struct source){0}, calls, mend,
		   "%s %s denied%s, but other ways of %s are allowed: %s",
		   denied, several ? "are" : "is",
		   partly ? " for some arguments" : "", row->what, open);
}

/* Which line lets the call run, whatever its arguments. */
static struct source place_of_permit(struct survey *survey, uint32_t call)
{
	return survey_decide(survey, call)->clauses[0].verdict.at;
}

/* The calls that the policy holds back and io_uring does not. */
static struct calls undone_calls(struct survey *survey)
{
	struct calls undone = {0};
	struct use use;

	for_uses (io_uring_does, &use) {
		const struct verdict *denial =
			standing_of(survey, use.call) == OPEN
				? NULL
				: first_denial(survey, use.call);

		if (denial && denial->kind != BY_NEW &&
		    !put_aside(denial, use.call))
			calls_add(&undone, use.call);
	}
	return undone;
}

static void review_io_uring(struct survey *survey)
{
	uint32_t setup = syscall_by_name("io_uring_setup");
	released_by(calls_free) struct calls undone = {0};
	cleanup_free char *names = NULL;
	struct calls calls;

	if (standing_of(survey, setup) != OPEN)
		return;
	calls = survey_calls(survey, "@io-uring", OPEN);
	undone = undone_calls(survey);
	names = calls_text(&undone);
	review_add(survey, FINDING_IO_URING,
		   undone.n ? SEVERITY_HOLE : SEVERITY_NOTE,
		   place_of_permit(survey, setup), calls,
		   undone.n ? "deny @io-uring"
			    : "deny @io-uring, unless the program needs it",
		   "io_uring_setup is allowed, and no filter sees io_uring's "
		   "requests%s%s",
		   undone.n ? ": still possible through io_uring: " : "",
		   undone.n ? names : "");
}

/* ------------------------------------------------------------------- beyond */

/* One finding for each line that opens some of the row's calls. */
static void review_reach(struct survey *survey, const struct reach *row)
{
	released_by(calls_free) struct calls open =
		survey_calls(survey, row->calls, OPEN);
	cleanup_free char *mend = xasprintf("deny %s", row->mend);

	while (open.n) {
		struct source at = place_of_permit(survey, open.items[0]);
		struct calls here = {0}, others = {0};
		cleanup_free char *names = NULL;

		for (size_t i = 0; i < open.n; i++) {
			uint32_t call = open.items[i];
			struct source its = place_of_permit(survey, call);
			bool same = its.file == at.file && its.line == at.line;

			calls_add(same ? &here : &others, call);
		}
		calls_free(&open);
		open = others;
		names = calls_text(&here);
		review_add(survey, FINDING_REACH, SEVERITY_HOLE, at, here, mend,
			   here.n == 1 ? "%s is allowed: it can %s"
				       : "%s are allowed: they can %s",
			   names, row->what);
	}
}

/* Where an ioctl runs that types for the user. */
static void review_terminal(struct survey *survey)
{
	cleanup_free char *open = NULL;
	struct source at = {0};
	uint64_t args[6];
	struct use use;

	for_uses ("ioctl:TIOCSTI ioctl:TIOCLINUX", &use) {
		if (!survey_possible(survey, survey_runs_as(survey, &use),
				     args))
			continue;
		add_label(&open, " and ", strrchr(use.label, ' ') + 1);
		at = decision_at(survey_decide(survey, use.call), args).at;
	}
	if (open)
		review_add(survey, FINDING_TERMINAL, SEVERITY_HOLE, at,
			   calls_of(syscall_by_name("ioctl")),
			   "under [deny]: ioctl = if cmd in (TIOCSTI, "
			   "TIOCLINUX)",
			   "ioctl is allowed with %s: the program can type "
			   "commands into the terminal, and the shell outside "
			   "runs them", open);
}

void review_ways(struct survey *survey)
{
	for (const struct equivalent *row = equivalents; row->what; row++)
		review_row(survey, row);
	review_io_uring(survey);
	for (const struct reach *row = reaches; row->calls; row++)
		review_reach(survey, row);
	review_terminal(survey);
}
