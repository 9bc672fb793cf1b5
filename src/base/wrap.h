/* Words set as paragraphs: lists of calls are long, and a terminal narrow. */
#ifndef SANDBOX_WRAP_H
#define SANDBOX_WRAP_H

#include <stddef.h>
#include <stdio.h>

struct page {
	FILE *out;
	int indent;    /* of every line */
	size_t width;  /* the terminal's, else 80 */
	size_t column; /* 0: nothing on this line yet */
};

struct page page_start(FILE *out, int indent);
/* A word behind a blank, or on a new line where it does not fit. */
void page_word(struct page *page, const char *word);
void page_words(struct page *page, const char *text); /* at its blanks */
/* Ends the last line, if anything was written. */
void page_end(struct page *page);

/* An entry of a list: a term, and beside it (on a narrow terminal below it)
 * what it means. */
void page_entry(FILE *out, const char *term, const char *text);
/* A sentence as a paragraph of its own. */
void page_text(FILE *out, const char *text);

#endif
