/* The files of a policy: each -p with what it includes, and their order as
 * layers.
 *
 * A file that several others include is read once and is one layer, at the
 * outermost of its places: inside it nothing it says could be heard. */
#ifndef SANDBOX_TREE_H
#define SANDBOX_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/diag.h"
#include "formats/ini.h"
#include "formats/names.h"

struct policy_file {
	char *path; /* as typed, or as reached from the including file */
	dev_t dev;  /* with ino: which file it is, whatever its path */
	ino_t ino;
	struct ini_file ini;
	struct scope scope;
	struct diags diags; /* its own mistakes */
	struct policy_file **includes;
	size_t n_includes, cap_includes;
	const struct policy_file *within; /* who includes it, while is_open */
	bool is_open;                     /* it is being read */
	bool is_placed;
};

struct tree {
	struct policy_file **files; /* in the order they were read, owned */
	size_t n, cap;
	struct policy_file **order; /* the outermost first, borrowed */
	size_t n_order;
	struct diags diags; /* of files that could not be read */
	bool is_broken;     /* some file is missing or has no sound form */
};

#define TREE_INIT ((struct tree){0})

/* Reads the n files that are arguments of -p, and all that they include, and
 * sets their order.  Mistakes are in the diags of the tree and its files. */
void tree_read(struct tree *tree, const char **names, size_t n);
/* The same of a text (changed) that stands for a file of this name. */
void tree_read_text(struct tree *tree, const char *name, char *text, size_t n);
void tree_free(struct tree *tree);

#endif
