/* sandbox diff A B: what two policies answer differently. */
#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "review/difference.h"
#include "tables/syscall.h"

/* On a list, or as text if that is NULL, for which both sides are named. */
static void tell(struct jtree *list, const struct difference *row,
		 const char *in_a, const char *in_b)
{
	struct jtree *object = jtree_add_object(list), *classes;

	jtree_put_text(object, "what", row->what);
	if (row->is_call) {
		jtree_put_text(object, "syscall", syscall_text(row->call));
		jtree_put_number(object, "number", row->nr);
		jtree_put_text(object, "abi", abis[row->abi].name);
	}
	jtree_put_text(object, "a", row->a);
	jtree_put_text(object, "b", row->b);
	classes = jtree_put_list(object, "classes");
	if (!list && row->n_classes)
		printf("%s:\n\t%s: %s\n\t%s: %s\n", row->what, in_a, row->a,
		       in_b, row->b);
	else if (!list)
		printf("%s: %s in %s, %s in %s\n", row->what, row->a, in_a,
		       row->b, in_b);
	for (size_t i = 0; i < row->n_classes; i++) {
		const struct difference_class *class = &row->classes[i];
		const char *by_a = effect_name(class->a);
		const char *by_b = effect_name(class->b);
		struct jtree *one = jtree_add_object(classes);

		jtree_put_text(one, "sample", class->sample);
		jtree_put_text(one, "a", by_a);
		jtree_put_text(one, "b", by_b);
		if (!list)
			printf("\te.g. %s: %s in %s, %s in %s\n",
			       class->sample, by_a, in_a, by_b, in_b);
	}
}

static int compare(const struct options *options, const struct policy *a,
		   const struct policy *b)
{
	/* both sides are named as they were typed */
	cleanup_free char *in_a = escape_utf8(options->operands[0], true);
	cleanup_free char *in_b = escape_utf8(options->operands[1], true);
	released_by(differences_free) struct differences differences = {0};
	uint32_t call = CALL_NONE;
	struct jtree *root, *list;

	if (differences_find(a, b, &differences, &call) < 0) {
		say("sandbox: diff: the conditions of %s are too large to "
		    "compare: write shorter ones", syscall_text(call));
		return EXITCODE_TROUBLE;
	}
	root = command_json(options);
	command_put_policies(options, root);
	list = jtree_put_list(root, "differences");
	for (size_t i = 0; i < differences.n; i++)
		tell(list, &differences.items[i], in_a, in_b);
	jtree_print(root, stdout, 2);
	return differences.n ? EXITCODE_FOUND : EXITCODE_OK;
}

int cmd_diff(const struct options *options)
{
	cleanup_policy struct policy *a = command_policy(options, 0);
	cleanup_policy struct policy *b = command_policy(options, 1);

	return a && b ? compare(options, a, b) : EXITCODE_TROUBLE;
}
