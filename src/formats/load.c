#include "formats/load.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/nearest.h"
#include "base/util.h"
#include "formats/rules.h"
#include "formats/search.h"
#include "formats/settings.h"
#include "formats/systemd.h"
#include "model/policy.h"

#define COMMAND_LINE "command line"

enum { DEPTH_LIMIT = 32 };

struct policy_file {
	const char *path; /* as typed, or as reached from the including file */
	dev_t dev;  /* with ino: which file it is, whatever its path */
	ino_t ino;
	struct ini_file ini;
	struct scope scope;
	struct diags diags; /* its own mistakes */
	struct policy_file **includes;
	size_t n_includes, cap_includes;
	const struct policy_file *within; /* who includes it, while is_open */
	int depth;
	bool is_open;                     /* it is being read */
	bool is_placed;
};

/* Each -p with what it includes.  A file that several others include is read
 * once and is one layer, at the outermost of its places: inside it nothing it
 * says could be heard. */
struct tree {
	struct policy_file **files; /* in the order they were read, owned */
	size_t n, cap;
	struct policy_file **order; /* the outermost first, borrowed */
	size_t n_order;
	struct kept_files *kept; /* borrowed */
	const struct policy_request *request;
	struct diags diags; /* of files that could not be read */
	bool is_broken;     /* some file is missing or has no sound form */
};

/* ------------------------------------------------------------- what is kept */

static char *copy(const char *bytes, size_t n)
{
	return bytes ? memcpy(xmalloc(n + 1), bytes, n + 1) : NULL;
}

const struct kept_file *kept_add(struct kept_files *kept,
				 struct kept_file file)
{
	file.name = xstrdup(file.name);
	file.within = file.within ? xstrdup(file.within) : NULL;
	file.path = xstrdup(file.path);
	file.text = copy(file.text, file.n);
	push(kept->items, kept->n, kept->cap) = file;
	return &kept->items[kept->n - 1];
}

const struct kept_file *kept_find(const struct kept_files *kept,
				  const char *name, const char *within)
{
	for (size_t i = 0; kept && i < kept->n; i++) {
		const struct kept_file *file = &kept->items[i];

		if (streq(file->name, name) && !file->within == !within &&
		    (!within || streq(file->within, within)))
			return file;
	}
	return NULL;
}

void kept_replace(struct kept_files *kept, const char *text)
{
	free((char *)kept->items[0].text);
	kept->items[0].text = xstrdup(text);
	kept->items[0].n = strlen(text);
}

void kept_free(struct kept_files *kept)
{
	for (size_t i = 0; i < kept->n; i++) {
		struct kept_file *file = &kept->items[i];

		free((char *)file->name);
		free((char *)file->within);
		free((char *)file->path);
		free((char *)file->text);
	}
	free(kept->items);
	*kept = KEPT_FILES_INIT;
}

/* ---------------------------------------------------------------- the files */

/* Who asks for a file: an `include` line, or -p (file is NULL). */
struct asker {
	struct policy_file *file;
	const struct ini_item *item;
};

/* NULL: there is no such file. */
static struct policy_file *complain(struct tree *tree, struct asker asker,
				    const char *path, const char *reason)
{
	struct policy_file *file = asker.file;

	tree->is_broken = true;
	if (file)
		diag_add(&file->diags,
			 (struct source){file->path, asker.item->line},
			 "cannot include '%s': %s%s%s", asker.item->value,
			 path ? path : "", path ? ": " : "", reason);
	else
		diag_add(&tree->diags, (struct source){path, 0}, "%s", reason);
	return NULL;
}

static struct policy_file *find_file(const struct tree *tree,
				     const struct kept_file *kept)
{
	for (size_t i = 0; i < tree->n; i++)
		if (tree->files[i]->dev == kept->dev &&
		    tree->files[i]->ino == kept->ino)
			return tree->files[i];
	return NULL;
}

/* "a.ini includes b.ini, which includes a.ini" */
static char *tell_loop(const struct policy_file *last,
		       const struct policy_file *again)
{
	char *chain = xstrdup(again->path);

	for (const struct policy_file *f = last;; f = f->within) {
		reprint(&chain, "%s%s %s", f->path,
			f == again ? " includes" : ", which includes", chain);
		if (f == again)
			return chain;
	}
}

static struct policy_file *read_named(struct tree *tree, struct asker asker,
				      const char *name);

static void read_include(struct tree *tree, struct policy_file *file,
			 const struct ini_item *item)
{
	struct asker asker = {file, item};
	struct policy_file *inner =
		file->depth < DEPTH_LIMIT
			? read_named(tree, asker, item->value)
			: complain(tree, asker, NULL, "files include each "
				   "other more than 32 deep");

	if (!inner)
		return;
	push(file->includes, file->n_includes, file->cap_includes) = inner;
	scope_import(&file->scope, &inner->scope,
		     (struct source){file->path, item->line}, &file->diags);
}

/* In the format that the text shows. */
static int read_text(struct policy_file *file, char *text, size_t n,
		     const struct policy_request *request)
{
	enum abi_id machine = request_machine(request);

	if (oci_is_profile(text))
		return oci_read(&file->ini, text, n, file->path, machine,
				&request->container, &file->diags);
	if (systemd_is_unit(text))
		return systemd_read(&file->ini, text, n, file->path, machine,
				    &request->container, &file->diags);
	return ini_read(&file->ini, text, n, file->path, &file->diags);
}

/* A file is read innermost first: what it includes, then its groups. */
static struct policy_file *add_file(struct tree *tree, struct asker asker,
				    const struct kept_file *kept)
{
	struct policy_file *file = xcalloc(1, sizeof(*file));
	cleanup_free char *text = copy(kept->text, kept->n);

	*file = (struct policy_file){
		.path = kept->path,
		.dev = kept->dev,
		.ino = kept->ino,
		.within = asker.file,
		.depth = asker.file ? asker.file->depth + 1 : 1,
		.is_open = true,
	};
	push(tree->files, tree->n, tree->cap) = file;
	if (read_text(file, text, kept->n, tree->request) < 0)
		tree->is_broken = true;
	for (size_t i = 0; i < file->ini.n_items; i++) {
		const struct ini_item *item = &file->ini.items[i];

		if (streq(item->section, "policy") &&
		    streq(item->key, "include") && item->len > 0 &&
		    !item_second_line(item))
			read_include(tree, file, item);
	}
	file->scope.machine = request_machine(tree->request);
	scope_define(&file->scope, &file->ini, file->path, &file->diags);
	file->is_open = false;
	return file;
}

/* Looks for the file and keeps it; NULL after a complaint.  Of one that was
 * read before there may be no text any more: it may be a pipe. */
static const struct kept_file *keep_named(struct tree *tree,
					  struct asker asker, const char *name)
{
	const char *within = asker.file ? asker.file->path : NULL;
	struct found found;
	cleanup_free char *reason = within
					? search_include(name, within, &found)
					: search_policy(name, &found);
	cleanup_free char *path = found.path, *text = NULL;
	cleanup_fd int fd = found.fd;
	struct kept_file kept = {.name = name, .within = within, .path = path};
	struct stat st;

	if (!reason && fstat(fd, &st) < 0)
		reason = xstrdup(strerror(errno));
	if (!reason) {
		kept.dev = st.st_dev;
		kept.ino = st.st_ino;
		if (!find_file(tree, &kept))
			kept.text = text =
				search_read(&found, &kept.n, &reason);
	}
	if (!reason)
		return kept_add(tree->kept, kept);
	complain(tree, asker, path, reason);
	return NULL;
}

/* NULL after a complaint. */
static struct policy_file *read_named(struct tree *tree, struct asker asker,
				      const char *name)
{
	const char *within = asker.file ? asker.file->path : NULL;
	const struct kept_file *kept = kept_find(tree->kept, name, within);
	struct policy_file *file;

	if (!kept)
		kept = keep_named(tree, asker, name);
	if (!kept)
		return NULL;
	file = find_file(tree, kept);
	if (file && file->is_open) {
		cleanup_free char *loop = tell_loop(asker.file, file);

		return complain(tree, asker, NULL, loop);
	}
	return file ? file : add_file(tree, asker, kept);
}

/* From the outermost inward; who has been here already stays where it is. */
static void place(struct tree *tree, struct policy_file *file)
{
	if (file->is_placed)
		return;
	file->is_placed = true;
	tree->order[tree->n_order++] = file;
	for (size_t i = file->n_includes; i-- > 0;)
		place(tree, file->includes[i]);
}

static void free_tree(struct tree *tree)
{
	for (size_t i = 0; i < tree->n; i++) {
		struct policy_file *file = tree->files[i];

		ini_free(&file->ini);
		scope_free(&file->scope);
		free(file->includes);
		free(file);
	}
	free(tree->files);
	free(tree->order);
}

/* --------------------------------------------------------------- the layers */

/* False after a complaint. */
static bool check_sections(struct policy_file *file)
{
	static const char *const names[] = {"policy", "groups", "allow",
					    "deny",   "kill",   "log"};
	bool all_known = true;

	for (size_t i = 0; i < file->ini.n_sections; i++) {
		const struct ini_section *section = &file->ini.sections[i];
		struct source at = {file->path, section->line};
		struct nearest near = nearest_to(section->name);
		size_t known = 0;

		while (known < ARRAY_SIZE(names) &&
		       !streq(names[known], section->name))
			known++;
		if (known < ARRAY_SIZE(names))
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(names); j++)
			nearest_offer(&near, names[j]);
		all_known = false;
		if (near.name)
			diag_add(&file->diags, at, "unknown section [%s] (did "
				 "you mean [%s]?)", section->name, near.name);
		else
			diag_add(&file->diags, at, "unknown section [%s]: "
				 "there are policy, groups, allow, deny, kill "
				 "and log", section->name);
	}
	return all_known;
}

static void add_quiet(struct rules_target target, const struct ini_item *item)
{
	target.layer = layer_add_quiet(target.layer);
	rules_add_list(&target, ACTION_DENY, item);
}

/* False if something is missing that a check of the whole would miss too. */
static bool add_layer(struct policy *policy, struct policy_file *file)
{
	struct layer *layer = policy_add_layer(policy, file->path);
	struct rules_target target = {
		.policy = policy,
		.layer = layer,
		.scope = &file->scope,
		.file = layer->file,
		.diags = &file->diags,
	};
	bool whole = check_sections(file);

	layer->is_ini = file->ini.n_sections;
	settings_read(layer, policy->machine, &file->ini, &file->diags);
	for (size_t i = 0; i < file->ini.n_items; i++) {
		const struct ini_item *item = &file->ini.items[i];
		int action = action_parse(item->section);

		if (action >= 0)
			rules_add(&target, (enum action)action, item);
		else if (streq(item->section, "policy") &&
			 streq(item->key, "quiet") && item->len > 0)
			add_quiet(target, item);
	}
	return whole;
}

static void add_option(struct rules_target *target, enum action action,
		       const char *option, const char *list)
{
	cleanup_free char *value = xstrdup(list);
	struct ini_item item = ini_value(value);

	target->file = option;
	rules_add_list(target, action, &item);
}

/* --allow and --deny: the outermost layer, which sees the groups of all
 * files. */
static void add_command_line(struct policy *policy, const struct tree *tree,
			     const struct policy_request *request,
			     struct diags *diags)
{
	released_by(scope_free) struct scope scope = {.machine = policy->machine};
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
}

/* Takes over the tree. */
static struct policy *load_tree(struct tree *tree,
				const struct policy_request *request,
				struct diags *diags)
{
	struct policy *policy = policy_new(request_machine(request));
	size_t before = diags->n;
	bool whole = !tree->is_broken;

	for (size_t i = tree->n_order; i-- > 0;)
		whole &= add_layer(policy, tree->order[i]);
	diags_move(diags, &tree->diags);
	for (size_t i = 0; i < tree->n; i++)
		diags_move(diags, &tree->files[i]->diags);
	if (request->allow || request->deny)
		add_command_line(policy, tree, request, diags);
	/* What a half-read policy lacks would only be noise. */
	if (whole)
		policy_check(policy, diags);
	free_tree(tree);
	if (diags->n == before && vacuous_check(policy, diags) == 0)
		return policy;
	policy_free(policy);
	return NULL;
}

struct policy *policy_load_kept(const struct policy_request *request,
				struct kept_files *kept, struct diags *diags)
{
	struct tree tree = {.kept = kept, .request = request};
	cleanup_free struct policy_file **tops =
		xcalloc(request->n, sizeof(*tops));

	for (size_t i = 0; i < request->n; i++)
		tops[i] = read_named(&tree, (struct asker){0},
				     request->policies[i]);
	tree.order = xcalloc(tree.n, sizeof(struct policy_file *));
	for (size_t i = request->n; i-- > 0;)
		if (tops[i]) /* else it is missing */
			place(&tree, tops[i]);
	return load_tree(&tree, request, diags);
}

struct policy *policy_load(const struct policy_request *request,
			   struct diags *diags)
{
	released_by(kept_free) struct kept_files kept = KEPT_FILES_INIT;

	return policy_load_kept(request, &kept, diags);
}

struct policy *policy_load_text(const char *name, const char *text,
				enum abi_id machine, struct diags *diags)
{
	const struct policy_request request = {
		.policies = &name, .n = 1, .abi = &abis[machine]};
	released_by(kept_free) struct kept_files kept = KEPT_FILES_INIT;

	kept_add(&kept, (struct kept_file){
		.name = name, .path = name, .text = text, .n = strlen(text)});
	return policy_load_kept(&request, &kept, diags);
}
