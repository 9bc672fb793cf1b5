/* "Did you mean": the nearest of a list of names, for the *_suggest functions
 * of this room. */
#ifndef SANDBOX_SUGGEST_H
#define SANDBOX_SUGGEST_H

#include <stddef.h>

/* at(i) is the i-th of n names, or NULL for one that is not to be offered.
 * The first of equally near names wins; NULL if none is near. */
const char *suggest_nearest(const char *name, size_t n,
			    const char *(*at)(size_t i));

#endif
