/* The text of a learned policy: a head in words, and a block of rules for each
 * power, the harmless calls in the last one.  It depends on what is wanted
 * alone: the same set gives the same bytes. */
#pragma once

#include "learn/wanted.h"

struct policy_text {
	const struct wanted_list *wanted; /* by power */
	bool exact;          /* calls of @runtime are named one by one */
	const char *ending;  /* why there may be more to learn, or NULL */
	int abis;            /* beside the native one, a bit each */
	char *const *includes; /* up to a NULL; these set default and kernel */
	/* Only what is to stand behind the lines of a file that is there: a
	 * section of its own, and [policy] too if there are ABIs to be
	 * admitted. */
	bool is_addition;
};

/* malloc'd. */
char *policy_text_print(const struct policy_text *text);

/* Are these bytes in front of such a file the word that it has of an ending, or
 * none? */
bool policy_text_is_ending(const char *bytes, size_t n);
