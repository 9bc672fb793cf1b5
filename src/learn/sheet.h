/* The text of a policy file with the places of what stands in it, and the ways
 * in which it can be made to say more.
 *
 * A way knows nothing of meaning: it changes as few bytes as it can, and who
 * takes it asks afterwards what the text says now.  Each returns the new text,
 * malloc'd; NULL: there is no place for it. */
#pragma once

#include <stdint.h>

#include "formats/ini.h"

struct sheet {
	const char *text; /* borrowed */
	struct ini_file ini;
	size_t *lines;    /* where each begins */
	size_t n, cap;
	uint32_t call;    /* what is to be said is of it */
};

/* Of a text that was read without mistakes. */
void sheet_open(struct sheet *sheet, const char *text, uint32_t call);
void sheet_close(struct sheet *sheet);

/* Lines of ours, with the line ends of another text.  malloc'd. */
char *with_line_ends(const char *ours, const char *like);

/* The i-th line from behind that has the call for its key under [allow], whose
 * value is "if …" or "only if …"; NULL: no more. */
const struct ini_item *sheet_keyed(const struct sheet *sheet, size_t i);

/* The ways to say that the call is allowed under a condition, "cmd in (TCGETS,
 * TIOCGWINSZ)"; NULL: always.
 *
 * The list in `in (…)`, with which the line ends, grows. */
char *sheet_grow(const struct sheet *sheet, const struct ini_item *item,
		 const char *cond);
/* The line's condition gets an alternative. */
char *sheet_or(const struct sheet *sheet, const struct ini_item *item,
	       const char *cond);
/* The line says this and nothing else, and is the call's only one. */
char *sheet_set(const struct sheet *sheet, const struct ini_item *item,
		const char *cond);
/* The name joins the list of [allow] in which its kind stands. */
char *sheet_join(const struct sheet *sheet);
/* A line of its own, beside its kind: "call = if …", or for "" a list. */
char *sheet_line(const struct sheet *sheet, const char *prefix,
		 const char *cond);
