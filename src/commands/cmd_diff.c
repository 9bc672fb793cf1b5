/* sandbox diff A B: what two policies answer differently. */
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "base/jtree.h"
#include "review/difference.h"
#include "tables/syscall.h"

/* Both sides are named as they were typed. */
struct sides {
	char *a, *b; /* fit for a terminal */
};

static void print_difference(const struct difference *row,
			     const struct sides *sides)
{
	char a[32], b[32];

	if (!row->n_classes) {
		printf("%s: %s in %s, %s in %s\n", row->what, row->a, sides->a,
		       row->b, sides->b);
		return;
	}
	printf("%s:\n\t%s: %s\n\t%s: %s\n", row->what, sides->a, row->a,
	       sides->b, row->b);
	for (size_t i = 0; i < row->n_classes; i++) {
		const struct difference_class *class = &row->classes[i];

		printf("\te.g. %s: %s in %s, %s in %s\n", class->sample,
		       effect_text(class->a, a), sides->a,
		       effect_text(class->b, b), sides->b);
	}
}

static void print_all(const struct options *options,
		      const struct differences *differences)
{
	struct sides sides = {
		escape_utf8(options->operands[0], true),
		escape_utf8(options->operands[1], true),
	};

	for (size_t i = 0; i < differences->n; i++)
		print_difference(&differences->items[i], &sides);
	free(sides.a);
	free(sides.b);
}

static void put_difference(struct jtree *list, const struct difference *row)
{
	struct jtree *object = jtree_add_object(list);
	struct jtree *classes;
	char buf[32];

	jtree_put_text(object, "what", row->what);
	if (row->is_call) {
		jtree_put_text(object, "syscall",
			       syscall_name(row->call, buf));
		jtree_put_number(object, "number", row->nr);
		jtree_put_text(object, "abi", abis[row->abi].name);
	}
	jtree_put_text(object, "a", row->a);
	jtree_put_text(object, "b", row->b);
	classes = jtree_put_list(object, "classes");
	for (size_t i = 0; i < row->n_classes; i++) {
		const struct difference_class *class = &row->classes[i];
		struct jtree *one = jtree_add_object(classes);

		jtree_put_text(one, "sample", class->sample);
		jtree_put_text(one, "a", effect_text(class->a, buf));
		jtree_put_text(one, "b", effect_text(class->b, buf));
	}
}

static void put_all(const struct options *options,
		    const struct differences *differences)
{
	struct jtree *root = jtree_new();
	struct jtree *list;

	jtree_put_number(root, "version", 1);
	list = jtree_put_list(root, "policies");
	for (size_t i = 0; i < options->n_operands; i++)
		jtree_add_text(list, options->operands[i]);
	for (size_t i = 0; i < options->request.n; i++)
		jtree_add_text(list, options->request.policies[i]);
	list = jtree_put_list(root, "differences");
	for (size_t i = 0; i < differences->n; i++)
		put_difference(list, &differences->items[i]);
	jtree_print(root, stdout);
}

static int tell(const struct options *options, const struct policy *a,
		const struct policy *b)
{
	struct differences differences = DIFFERENCES_INIT;
	uint32_t call = CALL_NONE;
	int status = EXITCODE_TROUBLE;
	char buf[16];

	if (differences_find(a, b, &differences, &call) < 0) {
		say("sandbox: diff: the conditions of %s are too large to "
		    "compare: write shorter ones",
		    call == CALL_NONE ? "a call without a name"
				      : syscall_name(call, buf));
	} else {
		if (options->json)
			put_all(options, &differences);
		else
			print_all(options, &differences);
		status = differences.n ? EXITCODE_FOUND : EXITCODE_OK;
	}
	differences_free(&differences);
	return status;
}

int cmd_diff(const struct options *options)
{
	struct policy *a = command_policy(options, 0);
	struct policy *b = command_policy(options, 1);
	int status = a && b ? tell(options, a, b) : EXITCODE_TROUBLE;

	policy_free(a);
	policy_free(b);
	return status;
}
