/* The lines of a policy file: what a person counts in an editor, without
 * comments, line ends and outer blanks. */
#ifndef SANDBOX_LINES_H
#define SANDBOX_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct line {
	int number;    /* from 1; lines that hold nothing are counted too */
	int column;    /* of text's first byte, from 1 */
	bool indented;
	const char *text; /* points into the file's text; never empty */
	size_t len;
};

struct lines {
	struct line *items;
	size_t n, cap;
};

#define LINES_INIT ((struct lines){0})

/* Cuts text (n bytes and a NUL; changed, and borrowed by the result) into
 * lines: takes off a UTF-8 BOM, CR before LF, and comments, which begin with
 * ';' or '#' at the start of a line or after a blank.  A NUL byte is refused:
 * -1 with the reason in diags. */
int lines_split(struct lines *lines, char *text, size_t n, const char *file,
		struct diags *diags);
void lines_free(struct lines *lines);

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

#endif
