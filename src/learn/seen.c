#include "learn/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

/* Named calls are numbered by name (syscall.def is sorted). */
static int compare(const struct seen_call *a, enum abi_id abi, uint32_t call)
{
	if (a->abi != abi)
		return a->abi < abi ? -1 : 1;
	return (a->call > call) - (a->call < call);
}

static size_t place_of(const struct seen *seen, enum abi_id abi, uint32_t call)
{
	size_t low = 0, high = seen->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&seen->calls[middle], abi, call) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct seen_call *seen_find(const struct seen *seen, enum abi_id abi,
				  uint32_t call)
{
	size_t at = place_of(seen, abi, call);

	return at < seen->n && compare(&seen->calls[at], abi, call) == 0
		       ? &seen->calls[at]
		       : NULL;
}

void seen_add(struct seen *seen, const struct seen_call *call)
{
	size_t at = place_of(seen, call->abi, call->call);

	if (!seen_find(seen, call->abi, call->call)) {
		seen->calls = grow(seen->calls, seen->n, &seen->cap,
				   sizeof(*seen->calls));
		memmove(&seen->calls[at + 1], &seen->calls[at],
			(seen->n - at) * sizeof(*seen->calls));
		seen->calls[at] = (struct seen_call){.abi = call->abi,
						     .call = call->call};
		seen->n++;
	}
	seen->calls[at].hits += call->hits;
	uses_join(&seen->calls[at].uses, &call->uses);
}

void seen_join(struct seen *seen, const struct seen *others)
{
	for (size_t i = 0; i < others->n; i++)
		seen_add(seen, &others->calls[i]);
}

void seen_release(struct seen *seen)
{
	for (size_t i = 0; i < seen->n; i++)
		uses_release(&seen->calls[i].uses);
	free(seen->calls);
	*seen = (struct seen){0};
}
