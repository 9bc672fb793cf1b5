/* What the walk finds, one rectangle after the other. */
#ifndef TEST_REGIONS_H
#define TEST_REGIONS_H

#include <stdlib.h>

#include "base/util.h"
#include "filter/prover_walk.h"

struct region {
	struct rect at;
	diagram answer;
};

struct regions {
	struct region *items;
	size_t n, cap;
};

static inline bool regions_add(void *ctx, const struct rect *at, diagram answer)
{
	struct regions *regions = ctx;

	push(regions->items, regions->n, regions->cap) =
		(struct region){*at, answer};
	return true;
}

static inline void regions_free(struct regions *regions)
{
	free(regions->items);
	*regions = (struct regions){0};
}

#endif
