#include "formats/load.h"

#include <stdlib.h>

#include "base/nearest.h"
#include "base/util.h"
#include "formats/rules.h"
#include "formats/settings.h"
#include "formats/tree.h"
#include "model/vacuous.h"

#define COMMAND_LINE "command line"

static bool is_section(const char *name)
{
	return streq(name, "policy") || streq(name, "groups") ||
	       action_parse(name) >= 0;
}

static int check_sections(struct policy_file *file)
{
	static const char *const names[] = {"policy", "groups", "allow",
					    "deny",   "kill",   "log"};
	int ret = 0;

	for (size_t i = 0; i < file->ini.n_sections; i++) {
		const struct ini_section *section = &file->ini.sections[i];
		struct source at = {file->path, section->line};
		struct nearest near = nearest_to(section->name);

		if (is_section(section->name))
			continue;
		ret = -1;
		for (size_t j = 0; j < ARRAY_SIZE(names); j++)
			nearest_offer(&near, names[j]);
		if (near.name)
			diag_add(&file->diags, at, "unknown section [%s] (did "
				 "you mean [%s]?)", section->name, near.name);
		else
			diag_add(&file->diags, at, "unknown section [%s]: "
				 "there are policy, groups, allow, deny, kill "
				 "and log", section->name);
	}
	return ret;
}

/* False if something is missing that a check of the whole would miss too. */
static bool add_file(struct policy *policy, struct policy_file *file)
{
	struct layer *layer = policy_add_layer(policy, file->path);
	struct rules_target target = {
		.policy = policy,
		.layer = layer,
		.scope = &file->scope,
		.file = layer->file,
		.diags = &file->diags,
	};
	bool whole = check_sections(file) == 0;

	settings_read(layer, &file->ini, layer->file, &file->diags);
	for (size_t i = 0; i < file->ini.n_items; i++) {
		const struct ini_item *item = &file->ini.items[i];
		int action = action_parse(item->section);

		if (action >= 0)
			rules_add(&target, (enum action)action, item);
	}
	return whole;
}

static void add_option(struct rules_target *target, enum action action,
		       const char *option, const char *list)
{
	struct ini_piece piece = {0};
	cleanup_free char *value = xstrdup(list);
	struct ini_item item = {
		.value = value,
		.len = strlen(value),
		.pieces = &piece,
		.n_pieces = 1,
	};

	target->file = option;
	rules_add_list(target, action, &item);
}

/* --allow and --deny: the outermost layer, which sees the groups of all
 * files. */
static void add_command_line(struct policy *policy, const struct tree *tree,
			     const struct policy_request *request,
			     struct diags *diags)
{
	struct scope scope = SCOPE_INIT;
	struct rules_target target = {
		.policy = policy,
		.layer = policy_add_layer(policy, COMMAND_LINE),
		.scope = &scope,
		.diags = diags,
	};
	struct layer *layer = target.layer;

	for (size_t i = 0; i < tree->n_order; i++)
		scope_import(&scope, &tree->order[i]->scope,
			     (struct source){0}, NULL);
	if (request->n == 0)
		layer->settings[SET_DEFAULT] = (struct setting){
			request->allow ? ACTION_DENY : ACTION_ALLOW,
			{layer->file, 0},
		};
	if (request->allow)
		add_option(&target, ACTION_ALLOW, "--allow", request->allow);
	if (request->deny)
		add_option(&target, ACTION_DENY, "--deny", request->deny);
	scope_free(&scope);
}

/* Takes over the tree. */
static struct policy *load_tree(struct tree *tree,
				const struct policy_request *request,
				struct diags *diags)
{
	struct policy *policy = policy_new();
	size_t before = diags->n;
	bool whole = !tree->is_broken;

	for (size_t i = tree->n_order; i-- > 0;)
		whole &= add_file(policy, tree->order[i]);
	diags_move(diags, &tree->diags);
	for (size_t i = 0; i < tree->n; i++)
		diags_move(diags, &tree->files[i]->diags);
	if (request->allow || request->deny)
		add_command_line(policy, tree, request, diags);
	/* What a half-read policy lacks would only be noise. */
	if (whole)
		policy_check(policy, diags);
	tree_free(tree);
	if (diags->n == before && vacuous_check(policy, diags) == 0)
		return policy;
	policy_free(policy);
	return NULL;
}

struct policy *policy_load(const struct policy_request *request,
			   struct diags *diags)
{
	struct tree tree = TREE_INIT;

	tree_read(&tree, request->policies, request->n);
	return load_tree(&tree, request, diags);
}

struct policy *policy_load_text(const char *name, const char *text,
				struct diags *diags)
{
	const struct policy_request request = {.n = 1};
	cleanup_free char *copy = xstrdup(text);
	struct tree tree = TREE_INIT;

	tree_read_text(&tree, name, copy, strlen(copy));
	return load_tree(&tree, &request, diags);
}
