/* sandbox groups [@GROUP]: the named groups of system calls, and the powers
 * that calls carry. */
#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "base/wrap.h"
#include "commands/command.h"
#include "commands/telling.h"
#include "formats/names.h"
#include "report/report_words.h"
#include "tables/group.h"

/* By name, which is the table's order. */
#define for_members(call, calls)                                               \
	for (uint32_t call = 0; call < syscall_count(); call++)                \
		if (calls_has(calls, call))

static bool is_native(uint32_t call)
{
	return syscall_row(call)->nr[ABI_NATIVE] >= 0;
}

static size_t count(const struct calls *calls, bool native)
{
	size_t n = 0;

	for (size_t i = 0; i < calls->n; i++)
		n += is_native(calls->items[i]) == native;
	return n;
}

static void list_groups(struct jtree *root)
{
	struct jtree *list = jtree_put_list(root, "groups");
	const struct group *group;
	int width = 0;

	for (size_t i = 0; (group = group_at(i)); i++)
		if ((int)strlen(group->name) > width)
			width = (int)strlen(group->name);
	for (size_t i = 0; (group = group_at(i)); i++) {
		struct jtree *object = jtree_add_object(list);
		released_by(calls_free) struct calls calls = CALLS_INIT;
		size_t native;

		calls_add_group(&calls, group);
		native = count(&calls, true);
		jtree_put_text(object, "name", group->name);
		jtree_put_text(object, "help", group->help);
		jtree_put_number(object, "calls", (int64_t)calls.n);
		jtree_put_number(object, "native_calls", (int64_t)native);
		if (!root)
			printf("%-*s %4zu  %s\n", width, group->name, native,
			       group->help);
	}
	if (!root)
		printf("\nThe number counts the calls of %s; '%s groups @NAME' "
		       "lists them.\n", abis[ABI_NATIVE].name, own_name());
}

/* ---------------------------------------------------------------- one group */

static void print_calls(const char *where, const struct calls *calls,
			bool native)
{
	released_by(wrap_end) struct wrap wrap = wrap_start(stdout, 2);
	size_t n = count(calls, native);

	if (!n)
		return;
	printf("\n%s, %zu call%s:\n", where, n, n == 1 ? "" : "s");
	for_members (call, calls)
		if (is_native(call) == native)
			wrap_word(&wrap, syscall_row(call)->name);
}

/* The powers of this machine's calls, and which of them carry each. */
static void print_powers(const struct calls *calls)
{
	bool any = false;

	for (int p = 0; p < POWER_COUNT; p++) {
		released_by(calls_free) struct calls with = {0};
		cleanup_free char *text = NULL;

		for_members (call, calls)
			if (is_native(call) && powers_of(call) & POWER_SET(p))
				calls_add(&with, call);
		text = calls_text(&with);
		if (with.n) {
			fputs(any ? "" : "\nWhat they open:\n", stdout);
			power_line(p, text);
			any = true;
		}
	}
	if (!any)
		puts("\nThey open nothing beyond the program's own memory and "
		     "descriptors.");
}

static void tell_groups_in(struct jtree *root, const struct group *group)
{
	struct jtree *list = jtree_put_list(root, "groups");
	released_by(wrap_end) struct wrap wrap = wrap_start(stdout, 2);
	cleanup_free char *words = xstrdup(group->members);
	char *rest = words, *word;
	bool any = root;

	while ((word = strsep(&rest, " "))) {
		if (!is_group_name(word))
			continue;
		jtree_add_text(list, word);
		if (!any)
			puts("\nGroups in it:");
		if (!root)
			wrap_word(&wrap, word);
		any = true;
	}
}

static void put_calls(struct jtree *root, const struct calls *calls)
{
	struct jtree *list = jtree_put_list(root, "calls");

	for_members (call, calls) {
		const struct syscall_row *row = syscall_row(call);
		struct jtree *object = jtree_add_object(list), *numbers;

		jtree_put_text(object, "syscall", row->name);
		numbers = jtree_put_object(object, "numbers");
		for (int abi = 0; abi < ABI_COUNT; abi++)
			if (row->nr[abi] >= 0)
				jtree_put_number(numbers, abis[abi].name,
						 row->nr[abi]);
		powers_put(object, "powers", powers_of(call), false);
	}
}

static void tell_group(const struct group *group, struct jtree *root)
{
	released_by(calls_free) struct calls calls = CALLS_INIT;

	calls_add_group(&calls, group);
	jtree_put_text(root, "name", group->name);
	jtree_put_text(root, "help", group->help);
	if (!root)
		printf("%s: %s\n", group->name, group->help);
	tell_groups_in(root, group);
	if (root) {
		put_calls(root, &calls);
	} else {
		print_calls(abis[ABI_NATIVE].name, &calls, true);
		print_calls("Only on other ABIs", &calls, false);
		print_powers(&calls);
	}
}

/* The '@' may be left out. */
static const struct group *find(const char *operand)
{
	cleanup_free char *name = xasprintf(
		"%s%s", is_group_name(operand) ? "" : "@", operand);
	const struct group *group = group_find(name);
	const char *near = group_suggest(name);

	if (!group && near)
		say("sandbox: groups: there is no group %s (did you mean %s?)",
		    name, near);
	else if (!group)
		say("sandbox: groups: there is no group %s: '%s groups' lists "
		    "them", name, own_name());
	return group;
}

int cmd_groups(const struct options *options)
{
	const struct group *group = NULL;
	struct jtree *root;

	if (options->powers && options->n_operands)
		return command_wrong(options->verb, "--powers lists all of "
				     "them, and takes no group");
	if (options->n_operands && !(group = find(options->operands[0])))
		return EXITCODE_TROUBLE;
	root = command_json(options);
	if (options->powers)
		powers_list(root);
	else if (group)
		tell_group(group, root);
	else
		list_groups(root);
	jtree_print(root, stdout, 2);
	return EXITCODE_OK;
}
