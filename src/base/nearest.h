/* "Did you mean": the nearest of some names to one that is unknown. */
#pragma once

/* Edit distance (insertions, deletions, substitutions and swapped
 * neighbours); anything above limit returns limit + 1. */
unsigned edit_distance(const char *a, const char *b, unsigned limit);

/* The distance up to which a suggestion for s is worth making. */
unsigned suggest_limit(const char *s);

/* Names are offered one after another; of equally near ones the first wins. */
struct nearest {
	const char *to;
	unsigned distance;
	const char *name; /* NULL: none is near */
};

struct nearest nearest_to(const char *name);
void nearest_offer(struct nearest *nearest, const char *name);
