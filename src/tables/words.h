/* Lists of names in one text, each with or without a value: "read nice=setpriority
 * rseq.sig=". */
#pragma once

#include <stdbool.h>

enum { WORDS_VALUE = 24 };

/* Is the name in the list?  Its value, "" without one, if value is not NULL. */
bool words_find(const char *list, const char *name, char value[WORDS_VALUE]);
