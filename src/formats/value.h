/* The words that values of arguments are written with, in calls (callexpr.h)
 * as in conditions (syntax.h): numbers and symbols. */
#ifndef SANDBOX_VALUE_H
#define SANDBOX_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the word that s begins with: letters, digits and '_'. */
size_t word_length(const char *s);

/* "'word'", "the end", or what stands here else, cut to size; malloc'd. */
char *word_shown(const char *s);

/* What a word is worth: a number of 64 bits (negative: behind a '-', which only
 * a number may be), a symbol, or NULL.  NULL, or what is wrong, malloc'd; `otherwise` is what to write for an
 * unknown symbol if nothing like it is known. */
char *word_value(const char *word, bool negative, const char *otherwise,
		 uint64_t *bits, bool *is_negative);

#endif
