/* Conditions that are passed by an argument nobody thought of. */
#include <fcntl.h>

#include "formats/condition.h"
#include "review/check.h"
#include "tables/argument.h"

/* Permission bits have no names that would make them a family. */
static bool is_flags(uint32_t call, int arg)
{
	const struct family *family = argument_family(call, arg, NULL);

	return family ? family->is_flags
		      : argument_form(call, arg) == ARGUMENT_OCTAL;
}

/* Does the test, read as a denial, ask for one exact set of flags?  Then any
 * further flag passes it.  "== 0" is no such set. */
static bool is_exact(const struct cond *test, uint32_t call, bool negated)
{
	return test->op == (negated ? OP_NE : OP_EQ) && test->value != 0 &&
	       test->mask == width_mask(test->bits) &&
	       is_flags(call, test->arg);
}

static const struct cond *find_exact(const struct cond *cond, uint32_t call,
				     bool negated)
{
	for (; cond->kind != COND_TEST; cond = cond->b) {
		bool turned = negated != (cond->kind == COND_NOT);
		const struct cond *found = find_exact(cond->a, call, turned);

		if (found || cond->kind == COND_NOT)
			return found;
	}
	return is_exact(cond, call, negated) ? cond : NULL;
}

/* The same set with whatever else.  An access mode or a socket type is told
 * from others by its field. */
static struct cond widened(const struct cond *test, uint32_t call)
{
	const struct family *family = argument_family(call, test->arg, NULL);
	struct cond wide = *test;

	wide.op = OP_EQ;
	wide.mask = test->value;
	if (family && test->value & family->field)
		wide.mask |= family->field;
	return wide;
}

/* Where the call runs, as far as all rules are heeded, with arguments that pass
 * this test. */
static diagram runs_where(struct survey *survey, uint32_t call,
			  const struct cond *test)
{
	return survey_both(survey, survey_runs(survey, call),
			   diagram_of_cond(survey->store, test));
}

static void review_exact(struct survey *survey, const struct entry *entry)
{
	const struct cond *cond = entry->cond[survey->abi], *test;
	cleanup_free char *better = NULL, *mend = NULL, *text = NULL;
	struct cond wide;

	if (!cond || !rule_refuses(entry->rule) ||
	    standing_of(survey, entry->call) == ABSENT)
		return;
	test = find_exact(cond, entry->call, false);
	if (!test)
		return;
	wide = widened(test, entry->call);
	/* with a flag that has a name, if there is one */
	text = sample_text(survey->store,
			   runs_where(survey, entry->call, &wide), survey->abi,
			   entry->call, 1u << wide.arg, wide.value);
	if (!text)
		return;
	better = condition_text(&wide, survey->abi, entry->call);
	mend = xasprintf("write %s", better);
	review_add(survey, FINDING_EXACT_FLAGS, SEVERITY_HOLE, entry->rule->at,
		   calls_of(entry->call), mend,
		   "== denies exactly this set of flags; with one more flag the "
		   "call is allowed: %s", text);
}

/* ------------------------------------------------------------ reading only */

/* Where the call runs with these bits of flags. */
static diagram runs_with(struct survey *survey, uint32_t call, int arg,
			 uint64_t mask, uint64_t value)
{
	struct cond test = {.kind = COND_TEST, .arg = (uint8_t)arg, .bits = 32,
			    .op = OP_EQ, .mask = mask, .value = value};

	return runs_where(survey, call, &test);
}

static bool find_leak(struct survey *survey, uint32_t call, int arg,
		      uint64_t flag)
{
	diagram leaks = runs_with(survey, call, arg, flag, flag);
	const struct decision *decision = survey_decide(survey, call);
	cleanup_free char *text =
		sample_text(survey->store, leaks, survey->abi, call,
			    decision_args(decision), 0);

	if (text)
		review_add(survey, FINDING_READ_ONLY, SEVERITY_HOLE,
			   decision->clauses[0].verdict.at, calls_of(call),
			   "test O_WRITES, which includes these flags: flags & "
			   "O_WRITES == 0 to allow, != 0 to deny",
			   "only opening for reading is meant to be allowed, "
			   "but O_RDONLY with O_TRUNC or O_CREAT also changes "
			   "files: %s is allowed", text);
	return text;
}

/* By effect, not by text: no way to open for writing by these flags, but one to
 * empty or make a file. */
static void review_read_only(struct survey *survey, const char *name, int arg)
{
	uint32_t call = syscall_by_name(name);

	if (standing_of(survey, call) != PARTLY ||
	    runs_with(survey, call, arg, O_ACCMODE, O_WRONLY) !=
		    DIAGRAM_FALSE ||
	    runs_with(survey, call, arg, O_ACCMODE, O_RDWR) != DIAGRAM_FALSE)
		return;
	if (!find_leak(survey, call, arg, O_TRUNC))
		find_leak(survey, call, arg, O_CREAT);
}

void review_arguments(struct survey *survey)
{
	for_entries (e, policy_next, survey->policy)
		review_exact(survey, e);
	review_read_only(survey, "open", 1);
	review_read_only(survey, "openat", 2);
	review_read_only(survey, "open_by_handle_at", 2);
}
