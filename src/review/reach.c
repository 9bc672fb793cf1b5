/* What reaches beyond CMD: other processes, the kernel, the terminal. */
#include <stdlib.h>

#include "base/util.h"
#include "review/equivalent.h"
#include "review/review.h"
#include "review/sample.h"
#include "tables/syscall.h"

/* Which line lets the call run, whatever its arguments. */
static struct source place_of_permit(struct review *review, enum abi_id abi,
				     uint32_t call)
{
	const struct decision *decision =
		survey_decide(&review->survey, abi, call);

	return decision->clauses[0].verdict.at;
}

static bool same_place(struct source a, struct source b)
{
	return a.file == b.file && a.line == b.line;
}

/* One finding for each line that opens some of the row's calls. */
static void review_row(struct review *review, enum abi_id abi,
		       const struct reach *row)
{
	struct member_list list = MEMBER_LIST(row->calls);
	struct calls_list open = {0};
	struct member member;

	while (member_next(&list, &member))
		if (standing_of(review, abi, member.call) == OPEN)
			calls_list_add(&open, member.call);
	while (open.n) {
		struct source at = place_of_permit(review, abi, open.items[0]);
		struct calls_list here = {0};
		cleanup_free char *names = NULL;
		cleanup_free char *mend = xasprintf("deny %s", row->mend);
		size_t left = 0;

		for (size_t i = 0; i < open.n; i++)
			if (same_place(at, place_of_permit(review, abi,
							   open.items[i])))
				calls_list_add(&here, open.items[i]);
			else
				open.items[left++] = open.items[i];
		open.n = left;
		names = calls_list_text(&here);
		review_add(review, abi, FINDING_REACH, SEVERITY_HOLE, at, here,
			   xasprintf(here.n == 1 ? "%s is allowed: it can %s"
						 : "%s are allowed: they can %s",
				     names, row->what),
			   mend);
	}
	free(open.items);
}

/* Where an ioctl runs that types for the user. */
static void review_terminal(struct review *review, enum abi_id abi)
{
	static const char *const uses[] = {"ioctl:TIOCSTI",
					   "ioctl:TIOCLINUX"};
	const char *open[ARRAY_SIZE(uses)] = {NULL};
	struct calls_list calls = {0};
	struct source at = {0};

	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		struct member_list list = MEMBER_LIST(uses[i]);
		struct member member;
		uint64_t args[6];
		diagram runs;

		member_next(&list, &member);
		runs = survey_both(&review->survey,
				   survey_runs(&review->survey, abi,
					       member.call),
				   member_asks(&review->survey, &member));
		if (!survey_possible(&review->survey, runs, args))
			continue;
		open[i] = i ? "TIOCLINUX" : "TIOCSTI";
		calls_list_add(&calls, member.call);
		survey_decide(&review->survey, abi, member.call);
		at = decision_at(&review->survey.decision, args).at;
	}
	if (!calls.n)
		return;
	review_add(review, abi, FINDING_TERMINAL, SEVERITY_HOLE, at, calls,
		   xasprintf("ioctl is allowed with %s%s%s: the program can "
			     "type commands into the terminal, and the shell "
			     "outside runs them",
			     open[0] ? open[0] : "",
			     open[0] && open[1] ? " and " : "",
			     open[1] ? open[1] : ""),
		   "under [deny]: ioctl = if cmd in (TIOCSTI, TIOCLINUX)");
}

void review_reach(struct review *review, enum abi_id abi)
{
	if (!review->restricts)
		return;
	for (size_t i = 0; i < reach_count(); i++)
		review_row(review, abi, reach_at(i));
	review_terminal(review, abi);
}

static void note_setting(struct review *review, enum setting_id id,
			 char *text, const char *mend)
{
	struct calls_list none = {0};

	review_add(review, ABI_NATIVE, FINDING_FOREIGN, SEVERITY_NOTE,
		   review->policy->effective[id].at, none, text, mend);
}

void review_settings(struct review *review)
{
	if (review->policy->effective[SET_FOREIGN].value == ACTION_DENY)
		note_setting(review, SET_FOREIGN,
			     xstrdup("calls of other ABIs are denied, not "
				     "killed, so a program can keep trying "
				     "them"),
			     "write foreign = kill, unless the program needs "
			     "to try such calls");
	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (abi != ABI_NATIVE && abi_counts(review->policy, abi))
			note_setting(review, SET_ARCHITECTURES,
				     xasprintf("calls of %s are admitted: more "
					       "of the kernel can be reached, "
					       "and where that ABI hides the "
					       "arguments, a condition denies "
					       "the call",
					       abis[abi].name),
				     "write architectures = native, unless you "
				     "run such programs");
}
