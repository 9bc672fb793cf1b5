/* Words set as paragraphs: lists of calls are long, and a terminal narrow. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct wrap {
	FILE *out;
	int indent;    /* of every line */
	size_t width;  /* the terminal's, else 80 */
	size_t column; /* 0: nothing on this line yet */
};

struct wrap wrap_start(FILE *out, int indent);
/* A word behind a blank, or on a new line where it does not fit. */
void wrap_word(struct wrap *wrap, const char *word);
void wrap_words(struct wrap *wrap, const char *text); /* at its blanks */
/* Ends the last line, if anything was written. */
void wrap_end(struct wrap *wrap);

/* An entry of a list: a term, and beside it (on a narrow terminal below it)
 * what it means. */
void wrap_entry(FILE *out, const char *term, const char *text);
/* A sentence as a paragraph of its own. */
void wrap_text(FILE *out, const char *text);
