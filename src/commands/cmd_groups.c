/* sandbox groups [@GROUP]: the named groups of system calls, and the powers
 * that calls carry. */
#include <stdlib.h>

#include "base/exitcode.h"
#include "base/text.h"
#include "base/util.h"
#include "commands/command.h"
#include "base/jtree.h"
#include "commands/powers.h"
#include "base/wrap.h"
#include "tables/group.h"
#include "tables/syscall.h"

/* What a group comes to: calls by row, and the groups it names itself. */
struct content {
	bool *calls;
	size_t n_calls, n_native;
	const char **nested;
	size_t n_nested, cap_nested;
};

static void add_call(struct content *content, uint32_t call)
{
	if (content->calls[call])
		return;
	content->calls[call] = true;
	content->n_calls++;
	content->n_native += syscall_row(call)->nr[ABI_NATIVE] >= 0;
}

static void add_members(struct content *content, const struct group *group,
			bool nested);

static void add_word(struct content *content, const char *word, bool nested)
{
	const struct group *inner = group_find(word);

	if (streq(word, "*")) {
		for (uint32_t call = 0; call < syscall_count(); call++)
			add_call(content, call);
		return;
	}
	if (!inner) {
		add_call(content, syscall_by_name(word));
		return;
	}
	if (!nested) {
		content->nested = grow(content->nested, content->n_nested,
				       &content->cap_nested, sizeof(char *));
		content->nested[content->n_nested++] = inner->name;
	}
	add_members(content, inner, true);
}

static void add_members(struct content *content, const struct group *group,
			bool nested)
{
	cleanup_free char *words = xstrdup(group->members);
	char *rest = words, *word;

	while ((word = strsep(&rest, " ")))
		add_word(content, word, nested);
}

static struct content content_of(const struct group *group)
{
	struct content content = {
		.calls = xcalloc(syscall_count(), sizeof(bool)),
	};

	add_members(&content, group, false);
	return content;
}

static void content_free(struct content *content)
{
	free(content->calls);
	free(content->nested);
}

/* ------------------------------------------------------------------- a list */

static void list_json(void)
{
	struct jtree *root = jtree_new(), *list;
	const struct group *group;

	jtree_put_number(root, "version", 1);
	list = jtree_put_list(root, "groups");
	for (size_t i = 0; (group = group_at(i)); i++) {
		struct jtree *object = jtree_add_object(list);
		struct content content = content_of(group);

		jtree_put_text(object, "name", group->name);
		jtree_put_text(object, "help", group->help);
		jtree_put_number(object, "calls", (int64_t)content.n_calls);
		jtree_put_number(object, "native_calls",
				 (int64_t)content.n_native);
		content_free(&content);
	}
	jtree_print(root, stdout);
}

static void list_text(void)
{
	const struct group *group;
	int width = 0;

	for (size_t i = 0; (group = group_at(i)); i++)
		if ((int)strlen(group->name) > width)
			width = (int)strlen(group->name);
	for (size_t i = 0; (group = group_at(i)); i++) {
		struct content content = content_of(group);

		printf("%-*s %4zu  %s\n", width, group->name, content.n_native,
		       group->help);
		content_free(&content);
	}
	printf("\nThe number counts the calls of %s; '%s groups @NAME' lists "
	       "them.\n", abis[ABI_NATIVE].name, own_name());
}

/* ---------------------------------------------------------------- one group */

static void print_calls(const struct content *content, bool native)
{
	struct wrap wrap = wrap_start(stdout, 2);

	for (uint32_t call = 0; call < syscall_count(); call++)
		if (content->calls[call] &&
		    (syscall_row(call)->nr[ABI_NATIVE] >= 0) == native)
			wrap_word(&wrap, syscall_row(call)->name);
	wrap_end(&wrap);
}

/* The powers of this machine's calls, and which of them carry each. */
static void print_powers(const struct content *content)
{
	bool any = false;

	for (int p = 0; p < POWER_COUNT; p++) {
		struct calls_list calls = {0};
		cleanup_free char *text = NULL;

		for (uint32_t call = 0; call < syscall_count(); call++)
			if (content->calls[call] &&
			    syscall_row(call)->nr[ABI_NATIVE] >= 0 &&
			    powers_of(call) & POWER_SET(p))
				calls_list_add(&calls, call);
		text = calls_list_text(&calls);
		if (calls.n) {
			fputs(any ? "" : "\nWhat they open:\n", stdout);
			power_line(stdout, p, text);
			any = true;
		}
		free(calls.items);
	}
	if (!any)
		puts("\nThey open nothing beyond the program's own memory and "
		     "descriptors.");
}

static void group_text(const struct group *group, const struct content *content)
{
	size_t other = content->n_calls - content->n_native;

	printf("%s: %s\n", group->name, group->help);
	if (content->n_nested) {
		struct wrap wrap = wrap_start(stdout, 2);

		printf("\nGroups in it:\n");
		for (size_t i = 0; i < content->n_nested; i++)
			wrap_word(&wrap, content->nested[i]);
		wrap_end(&wrap);
	}
	if (content->n_native) {
		printf("\n%s, %zu call%s:\n", abis[ABI_NATIVE].name,
		       content->n_native, content->n_native == 1 ? "" : "s");
		print_calls(content, true);
	}
	if (other) {
		printf("\nOnly on other ABIs, %zu call%s:\n", other,
		       other == 1 ? "" : "s");
		print_calls(content, false);
	}
	print_powers(content);
}

static void group_json(const struct group *group, const struct content *content)
{
	struct jtree *root = jtree_new(), *nested, *list;

	jtree_put_number(root, "version", 1);
	jtree_put_text(root, "name", group->name);
	jtree_put_text(root, "help", group->help);
	nested = jtree_put_list(root, "groups");
	for (size_t i = 0; i < content->n_nested; i++)
		jtree_add_text(nested, content->nested[i]);
	list = jtree_put_list(root, "calls");
	for (uint32_t call = 0; call < syscall_count(); call++) {
		const struct syscall_row *row = syscall_row(call);
		struct jtree *object, *numbers;

		if (!content->calls[call])
			continue;
		object = jtree_add_object(list);
		jtree_put_text(object, "syscall", row->name);
		numbers = jtree_put_object(object, "numbers");
		for (int abi = 0; abi < ABI_COUNT; abi++)
			if (row->nr[abi] >= 0)
				jtree_put_number(numbers, abis[abi].name,
						 row->nr[abi]);
		powers_put(object, powers_of(call));
	}
	jtree_print(root, stdout);
}

static int unknown(const struct options *options, const char *name)
{
	const char *near = group_suggest(name);

	if (near)
		say("sandbox: groups: there is no group %s (did you mean %s?)",
		    name, near);
	else
		say("sandbox: groups: there is no group %s: '%s %s' lists "
		    "them", name, own_name(), options->verb);
	return EXITCODE_TROUBLE;
}

static int list_powers(const struct options *options)
{
	if (options->n_operands)
		return command_wrong(options->verb, "--powers lists all of "
				     "them, and takes no group");
	if (options->json)
		powers_list_json(stdout);
	else
		powers_list_text(stdout);
	return EXITCODE_OK;
}

int cmd_groups(const struct options *options)
{
	cleanup_free char *name = NULL;
	const struct group *group;
	struct content content;

	if (options->powers)
		return list_powers(options);
	if (!options->n_operands) {
		if (options->json)
			list_json();
		else
			list_text();
		return EXITCODE_OK;
	}
	name = xasprintf("%s%s", options->operands[0][0] == '@' ? "" : "@",
			 options->operands[0]);
	group = group_find(name);
	if (!group)
		return unknown(options, name);
	content = content_of(group);
	if (options->json)
		group_json(group, &content);
	else
		group_text(group, &content);
	content_free(&content);
	return EXITCODE_OK;
}
