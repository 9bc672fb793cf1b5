/* Files of a policy as they were read, so that it can be read again without
 * looking for them: the same bytes, or other ones of the first. */
#ifndef SANDBOX_KEPT_H
#define SANDBOX_KEPT_H

#include <stddef.h>
#include <sys/types.h>

struct kept_file {
	const char *name;   /* as it was asked for … */
	const char *within; /* … by this file; NULL: -p */
	const char *path;
	const char *text;   /* n bytes and a NUL; NULL: it was read before */
	size_t n;
	dev_t dev;          /* with ino: which file it is; 0: none */
	ino_t ino;
};

struct kept_files {
	struct kept_file *items; /* with what they point at */
	size_t n, cap;
};

#define KEPT_FILES_INIT ((struct kept_files){0})

/* Copies what it points at; kept NULL: nothing is. */
void kept_add(struct kept_files *kept, struct kept_file file);
/* NULL: it is to be looked for. */
const struct kept_file *kept_find(const struct kept_files *kept,
				  const char *name, const char *within);
/* The first file's text becomes a copy of this one. */
void kept_replace(struct kept_files *kept, const char *text);
void kept_free(struct kept_files *kept);

#endif
