/* Text from outside (paths, command names, arguments) made fit to be shown:
 * a program must not be able to write to the terminal, or break the JSON, by
 * what it calls its files. */
#ifndef SANDBOX_ESCAPE_H
#define SANDBOX_ESCAPE_H

#include <stdbool.h>
#include <stdio.h>

/* As strace would between quotes: \n \t \r \" \\, and \x.. for everything
 * that is not printable ASCII. */
void escape_quoted(FILE *out, const char *bytes, size_t n);

/* Valid UTF-8 as it is; bytes that are none become \x.. text.  With
 * for_terminal, control characters do as well.  malloc'd. */
char *escape_utf8(const char *text, bool for_terminal);

/* How many columns valid UTF-8 takes: one for each character. */
size_t utf8_columns(const char *text);
/* The bytes of its first columns characters. */
size_t utf8_prefix(const char *text, size_t columns);

#endif
