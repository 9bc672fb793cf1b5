/* Conditions that are passed by an argument nobody thought of. */
#include <stdlib.h>

#include "base/util.h"
#include "formats/condition_print.h"
#include "review/review.h"
#include "review/sample.h"
#include "tables/argument.h"
#include "tables/signature.h"
#include "tables/syscall.h"

/* Permission bits have no names that would make them a family. */
static bool is_flags(uint32_t call, int arg)
{
	const struct family *family = argument_family(call, arg);

	if (family)
		return family->is_flags;
	return argument_form(call, arg) == ARGUMENT_OCTAL;
}

/* Does the test, read as a denial, ask for one exact set of flags?  Then any
 * further flag passes it.  "== 0" is no such set. */
static bool is_exact(const struct cond *test, uint32_t call, bool negated)
{
	if (test->op != (negated ? OP_NE : OP_EQ) || test->value == 0)
		return false;
	return test->mask == width_mask(test->bits) &&
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
	const struct family *family = argument_family(call, test->arg);
	struct cond wide = *test;

	wide.op = OP_EQ;
	wide.mask = test->value;
	if (family && test->value & family->field)
		wide.mask |= family->field;
	return wide;
}

/* Whether the call runs with one flag more, as far as all rules are heeded;
 * how, in *sample: with a flag that has a name, if there is one. */
static bool slips_through(struct review *review, enum abi_id abi,
			  uint32_t call, const struct cond *wide,
			  struct sample *sample)
{
	struct survey *survey = &review->survey;
	const struct family *family = argument_family(call, wide->arg);
	diagram where = survey_both(survey, survey_runs(survey, abi, call),
				    diagram_of_cond(survey->store, wide));
	uint64_t found;

	sample->used |= 1u << wide->arg;
	if (!sample_find(sample, survey->store, where, call))
		return false;
	found = sample->args[wide->arg];
	for (size_t i = 0; family && i < family->n; i++) {
		sample->args[wide->arg] = wide->value | family->rows[i].value;
		if (diagram_eval(survey->store, where, sample->args))
			return true;
	}
	sample->args[wide->arg] = found;
	return true;
}

static void review_exact(struct review *review, enum abi_id abi,
			 const struct entry *entry)
{
	const struct cond *cond = entry->cond[abi], *test;
	cleanup_free char *better = NULL, *mend = NULL, *text = NULL;
	struct calls_list calls = {0};
	struct sample sample = {0};
	struct cond wide;

	if (!cond || cond == &cond_never || cond == &cond_unaskable ||
	    action_runs(entry->rule->action) ||
	    standing_of(review, abi, entry->call) == ABSENT)
		return;
	test = find_exact(cond, entry->call, false);
	if (!test)
		return;
	wide = widened(test, entry->call);
	if (!slips_through(review, abi, entry->call, &wide, &sample))
		return;
	text = sample_text(&sample, abi, entry->call);
	better = condition_text(&wide, abi, entry->call);
	mend = xasprintf("write %s", better);
	calls_list_add(&calls, entry->call);
	review_add(review, abi, FINDING_EXACT_FLAGS, SEVERITY_HOLE,
		   entry->rule->at, calls,
		   xasprintf("== denies exactly this set of flags; with one "
			     "more flag the call is allowed: %s", text),
		   mend);
}

/* ------------------------------------------------------------ reading only */

static int flags_of_open(enum abi_id abi, uint32_t call)
{
	const struct signature *signature = signature_of(abi, call);

	for (int i = 0; signature && i < signature->n; i++)
		if (streq(signature->args[i].name, "flags"))
			return i;
	return -1;
}

/* Where the call runs with these bits of flags. */
static diagram runs_with(struct review *review, diagram runs, int arg,
			 const char *mask, enum cond_op op, const char *value)
{
	struct cond test = {
		.kind = COND_TEST, .arg = (uint8_t)arg, .bits = 32, .op = op};

	constant_find(mask, &test.mask);
	constant_find(value, &test.value);
	return survey_both(&review->survey, runs,
			   diagram_of_cond(review->survey.store, &test));
}

static void add_read_only(struct review *review, enum abi_id abi,
			  uint32_t call, diagram leaks)
{
	const struct decision *decision =
		survey_decide(&review->survey, abi, call);
	struct source at = decision->clauses[0].verdict.at;
	struct calls_list calls = {0};
	struct sample sample = {0};
	cleanup_free char *text = NULL;

	for (size_t i = decision->n; i-- > 0;)
		if (decision->clauses[i].cond)
			at = decision->clauses[i].verdict.at;
	sample_use(&sample, decision);
	sample_find(&sample, review->survey.store, leaks, call);
	text = sample_text(&sample, abi, call);
	calls_list_add(&calls, call);
	review_add(review, abi, FINDING_READ_ONLY, SEVERITY_HOLE, at, calls,
		   xasprintf("only opening for reading is meant to be allowed, "
			     "but O_RDONLY with O_TRUNC or O_CREAT also "
			     "changes files: %s is allowed", text),
		   "test O_WRITES, which includes these flags: flags & "
		   "O_WRITES == 0 to allow, != 0 to deny");
}

/* By effect, not by text: no way to open for writing, but one to empty or
 * make a file. */
static void review_read_only(struct review *review, enum abi_id abi,
			     const char *name)
{
	static const char *const changing[] = {"O_TRUNC", "O_CREAT"};
	uint32_t call = syscall_by_name(name);
	int arg = flags_of_open(abi, call);
	diagram runs, leaks;

	if (arg < 0 || standing_of(review, abi, call) != PARTLY)
		return;
	runs = survey_runs(&review->survey, abi, call);
	if (runs_with(review, runs, arg, "O_ACCMODE", OP_EQ, "O_WRONLY") !=
		    DIAGRAM_FALSE ||
	    runs_with(review, runs, arg, "O_ACCMODE", OP_EQ, "O_RDWR") !=
		    DIAGRAM_FALSE)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(changing); i++) {
		uint64_t args[6];

		leaks = runs_with(review, runs, arg, changing[i], OP_EQ,
				  changing[i]);
		if (survey_possible(&review->survey, leaks, args)) {
			add_read_only(review, abi, call, leaks);
			return;
		}
	}
}

void review_arguments(struct review *review, enum abi_id abi)
{
	for (size_t i = 0; i < review->policy->n_layers; i++)
		for (uint32_t call = 0; call < syscall_count(); call++)
			for (const struct entry *e = layer_entries(
				     review->policy->layers[i], call);
			     e; e = e->next)
				review_exact(review, abi, e);
	review_read_only(review, abi, "open");
	review_read_only(review, abi, "openat");
	review_read_only(review, abi, "open_by_handle_at");
}
