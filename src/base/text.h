/* Text from outside (paths, command names, arguments, words of a policy) made
 * fit to be shown: nobody must be able to write to the terminal, or break the
 * JSON, by what he calls his files.
 *
 * Messages go through say(), which escapes each as a whole, so that no caller
 * can forget it; tests/lint finds one that goes round it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/util.h"

/* As strace would between quotes: \n \t \r \" \\, and \x.. for everything
 * that is not printable ASCII. */
void escape_quoted(FILE *out, const char *bytes, size_t n);

/* Valid UTF-8 as it is; bytes that are none, and DEL, become \x.. text.  With
 * for_terminal, control characters and marks of direction do as well; without,
 * the writer of the JSON turns them into \u.  malloc'd. */
char *escape_utf8(const char *text, bool for_terminal);

/* The same for a terminal without memory of its own, cut to size: for where
 * nothing may be allocated.  Returns to. */
char *escape_into(char *to, size_t size, const char *text);

/* One line of ours: the text escaped as a whole, and a newline.  What is in it
 * of others can neither end the line nor move the cursor. */
void say_on(FILE *out, const char *fmt, ...) printf_like(2, 3);
#define say(...) say_on(stderr, __VA_ARGS__)

/* The name that this program was called by, for what is there to be typed: it
 * may be installed under another than "sandbox". */
const char *own_name(void);

/* How many columns valid UTF-8 takes: one for each character. */
size_t utf8_columns(const char *text);
/* The bytes of its first columns characters. */
size_t utf8_prefix(const char *text, size_t columns);

/* Printable ASCII: fit for everything. */
static inline bool is_printable(char c)
{
	return c >= ' ' && c < 0x7f;
}

/* Whether the character at text (never at its end) is one that a terminal may
 * act upon instead of showing it, or no valid UTF-8; *n is its length. */
bool is_unfit(const char *text, size_t *n);

/* A word as a shell takes it: quoted where it must be.  malloc'd. */
char *shell_word(const char *word);
