/* The INI door: the text of one policy file -> sections, keys and values, each
 * with its place.  Nothing else includes <ini.h>.
 *
 * inih 55 cuts lines over 200 bytes, drops what follows a NUL byte, cuts
 * section names and keys over 49 bytes, gives no line numbers and never
 * mentions an empty section: so it is fed by a line reader of our own, which
 * counts lines, refuses what would be cut, and hands long values on in parts, as
 * continuation lines. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/diag.h"

/* Where a part of a value begins: a value may go on in indented lines. */
struct ini_piece {
	size_t offset; /* in the value */
	int line, column;
};

/* One key with its value, continuation lines included: blanks stand where the
 * lines were joined. */
struct ini_item {
	char *section, *key;
	int line;
	char *value;
	size_t len, cap;
	struct ini_piece *pieces; /* none if the value is empty */
	size_t n_pieces, cap_pieces;
};

struct ini_section {
	char *name;
	int line;
};

struct ini_file {
	struct ini_section *sections; /* every header, in order */
	size_t n_sections, cap_sections;
	struct ini_item *items; /* in order */
	size_t n_items, cap_items;
};

/* Reads text (n bytes and a NUL; changed) into *out, which is to be freed in
 * any case; file is the name shown in messages.  0, or -1 with every mistake
 * in the form of the file added to diags; what could be read is in *out even
 * then, so that its meaning can be checked too. */
int ini_read(struct ini_file *out, char *text, size_t n, const char *file,
	     struct diags *diags);
void ini_free(struct ini_file *ini);

/* A value of the caller's that stands in no file. */
static inline struct ini_item ini_value(char *value)
{
	return (struct ini_item){.value = value, .len = strlen(value)};
}

/* Line and column of a byte of the value. */
struct ini_piece ini_place(const struct ini_item *item, size_t offset);

/* A member of a list, which are separated by blanks or commas. */
struct ini_word {
	const char *text; /* len bytes of the value, not terminated */
	size_t len;
	int line;
	size_t piece; /* behind the one that it begins in */
};

/* From one word to the next; {0} goes to the first.  false at the end. */
bool ini_next_word(const struct ini_item *item, struct ini_word *word);
