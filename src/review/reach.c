/* What reaches beyond CMD: other processes, the kernel, the terminal. */
#include <stdlib.h>

#include "review/check.h"
#include "review/equivalent.h"

/* Which line lets the call run, whatever its arguments. */
static struct source place_of_permit(struct survey *survey, uint32_t call)
{
	return survey_decide(survey, call)->clauses[0].verdict.at;
}

static bool same_place(struct source a, struct source b)
{
	return a.file == b.file && a.line == b.line;
}

/* One finding for each line that opens some of the row's calls. */
static void review_row(struct survey *survey, const struct reach *row)
{
	struct calls_list open = survey_calls(survey, row->calls, OPEN);
	cleanup_free char *mend = xasprintf("deny %s", row->mend);

	while (open.n) {
		struct source at = place_of_permit(survey, open.items[0]);
		struct calls_list here = {0};
		cleanup_free char *names = NULL;
		size_t left = 0;

		for (size_t i = 0; i < open.n; i++)
			if (same_place(at, place_of_permit(survey,
							   open.items[i])))
				calls_list_add(&here, open.items[i]);
			else
				open.items[left++] = open.items[i];
		open.n = left;
		names = calls_list_text(&here);
		review_add(survey, FINDING_REACH, SEVERITY_HOLE, at, here, mend,
			   here.n == 1 ? "%s is allowed: it can %s"
				       : "%s are allowed: they can %s",
			   names, row->what);
	}
	free(open.items);
}

/* Where an ioctl runs that types for the user. */
static void review_terminal(struct survey *survey)
{
	static const char *const names[] = {"TIOCSTI", "TIOCLINUX"};
	struct use_list list = USE_LIST("ioctl:TIOCSTI ioctl:TIOCLINUX");
	cleanup_free char *open = NULL;
	struct source at = {0};
	uint64_t args[6];
	struct use use;

	for (size_t i = 0; use_next(&list, &use); i++) {
		if (!survey_possible(survey, survey_runs_as(survey, &use),
				     args))
			continue;
		reprint(&open, "%s%s%s", open ? open : "", open ? " and " : "",
			names[i]);
		at = decision_at(survey_decide(survey, use.call), args).at;
	}
	if (open)
		review_add(survey, FINDING_TERMINAL, SEVERITY_HOLE, at,
			   calls_list_of(syscall_by_name("ioctl")),
			   "under [deny]: ioctl = if cmd in (TIOCSTI, "
			   "TIOCLINUX)",
			   "ioctl is allowed with %s: the program can type "
			   "commands into the terminal, and the shell outside "
			   "runs them", open);
}

void review_reach(struct survey *survey)
{
	for (const struct reach *row = reaches; row->calls; row++)
		review_row(survey, row);
	review_terminal(survey);
}
