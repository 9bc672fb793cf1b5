#include "tables/suggest.h"

#include "base/util.h"

const char *suggest_nearest(const char *name, size_t n,
			    const char *(*at)(size_t i))
{
	unsigned limit = suggest_limit(name);
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *candidate = at(i);
		unsigned distance;

		if (!candidate)
			continue;
		distance = edit_distance(name, candidate, limit);
		if (distance > limit)
			continue;
		best = candidate;
		if (distance == 0)
			break;
		limit = distance - 1;
	}
	return best;
}
