#include "formats/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/util.h"
#include "formats/file.h"
#include "formats/search.h"
#include "formats/settings.h"
#include "base/trust.h"

enum { DEPTH_LIMIT = 32 };

/* Who asks for a file: an `include` line, or -p (file is NULL). */
struct asker {
	struct policy_file *file;
	const struct ini_item *item;
};

static void complain(struct tree *tree, struct asker asker, const char *path,
		     const char *reason)
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
}

static struct policy_file *find_file(const struct tree *tree,
				     const struct stat *st)
{
	for (size_t i = 0; i < tree->n; i++)
		if (tree->files[i]->dev == st->st_dev &&
		    tree->files[i]->ino == st->st_ino)
			return tree->files[i];
	return NULL;
}

static struct policy_file *new_file(struct tree *tree, char *path,
				    const struct stat *st)
{
	struct policy_file *file = xcalloc(1, sizeof(*file));

	file->path = path;
	file->dev = st->st_dev;
	file->ino = st->st_ino;
	tree->files = grow(tree->files, tree->n, &tree->cap,
			   sizeof(struct policy_file *));
	tree->files[tree->n++] = file;
	return file;
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

static size_t depth_of(const struct policy_file *file)
{
	size_t n = 0;

	for (; file; file = file->within)
		n++;
	return n;
}

/* Why the open file is not read; NULL if it may be. */
static char *refusal(const struct found *found)
{
	const char *kind = file_refusal(found->fd);

	return kind ? xstrdup(kind) : trust_refusal(found->fd, found->path);
}

static struct policy_file *read_file(struct tree *tree, struct asker asker,
				     struct found *found);

static void read_include(struct tree *tree, struct policy_file *file,
			 const struct ini_item *item)
{
	struct asker asker = {file, item};
	struct found found;
	struct policy_file *inner;
	cleanup_free char *reason = NULL;

	if (depth_of(file) >= DEPTH_LIMIT) {
		complain(tree, asker, NULL,
			 "files include each other more than 32 deep");
		return;
	}
	reason = search_include(item->value, file->path, &found);
	if (reason) {
		complain(tree, asker, found.path, reason);
		free(found.path);
		return;
	}
	inner = read_file(tree, asker, &found);
	if (!inner)
		return;
	file->includes = grow(file->includes, file->n_includes,
			      &file->cap_includes,
			      sizeof(struct policy_file *));
	file->includes[file->n_includes++] = inner;
	scope_import(&file->scope, &inner->scope,
		     (struct source){file->path, item->line}, &file->diags);
}

/* What is in the file, innermost first: what it includes, then its groups. */
static void read_content(struct tree *tree, struct policy_file *file,
			 char *text, size_t n)
{
	if (ini_read(&file->ini, text, n, file->path, &file->diags) < 0)
		tree->is_broken = true;
	for (size_t i = 0; i < file->ini.n_items; i++) {
		const struct ini_item *item = &file->ini.items[i];

		if (streq(item->section, "policy") &&
		    streq(item->key, "include") && item->len > 0 &&
		    !item_second_line(item))
			read_include(tree, file, item);
	}
	scope_define(&file->scope, &file->ini, file->path, &file->diags);
}

/* Takes over what is in *found. NULL after a complaint. */
static struct policy_file *read_file(struct tree *tree, struct asker asker,
				     struct found *found)
{
	cleanup_fd int fd = found->fd;
	cleanup_free char *path = found->path, *reason = NULL, *text = NULL;
	struct policy_file *file;
	struct stat st;
	size_t n;

	if (fstat(fd, &st) < 0) {
		complain(tree, asker, path, strerror(errno));
		return NULL;
	}
	file = find_file(tree, &st);
	if (file && file->is_open) {
		reason = tell_loop(asker.file, file);
		complain(tree, asker, NULL, reason);
		return NULL;
	}
	if (file)
		return file;
	reason = refusal(found);
	if (reason) {
		complain(tree, asker, path, reason);
		return NULL;
	}
	text = file_read(fd, &n);
	if (!text) {
		complain(tree, asker, path,
			 errno == EFBIG ? "larger than 4 MiB, which no policy is"
					: strerror(errno));
		return NULL;
	}
	file = new_file(tree, steal(path), &st);
	file->within = asker.file;
	file->is_open = true;
	read_content(tree, file, text, n);
	file->is_open = false;
	return file;
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

void tree_read(struct tree *tree, const char **names, size_t n)
{
	cleanup_free struct policy_file **tops = xcalloc(n, sizeof(*tops));

	for (size_t i = 0; i < n; i++) {
		struct asker asker = {0};
		struct found found;
		char *reason = search_policy(names[i], &found);

		if (!reason) {
			tops[i] = read_file(tree, asker, &found);
			continue;
		}
		complain(tree, asker, found.path, reason);
		free(found.path);
		free(reason);
	}
	tree->order = xcalloc(tree->n, sizeof(struct policy_file *));
	for (size_t i = n; i-- > 0;)
		if (tops[i])
			place(tree, tops[i]);
}

void tree_read_text(struct tree *tree, const char *name, char *text, size_t n)
{
	/* no file has this place */
	static const struct stat none;
	struct policy_file *file = new_file(tree, xstrdup(name), &none);

	file->is_open = true;
	read_content(tree, file, text, n);
	file->is_open = false;
	tree->order = xcalloc(tree->n, sizeof(struct policy_file *));
	place(tree, file);
}

static void file_free(struct policy_file *file)
{
	free(file->path);
	ini_free(&file->ini);
	scope_free(&file->scope);
	diags_free(&file->diags);
	free(file->includes);
	free(file);
}

void tree_free(struct tree *tree)
{
	for (size_t i = 0; i < tree->n; i++)
		file_free(tree->files[i]);
	free(tree->files);
	free(tree->order);
	diags_free(&tree->diags);
	*tree = TREE_INIT;
}
