#include "formats/calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

void calls_add(struct calls *calls, uint32_t call)
{
	uint64_t *set = call < SYSCALL_ROWS ? &calls->seen[call / 64] : NULL;
	uint64_t bit = UINT64_C(1) << call % 64;

	if (set && *set & bit)
		return;
	if (set)
		*set |= bit;
	calls->items = grow(calls->items, calls->n, &calls->cap,
			    sizeof(*calls->items));
	calls->items[calls->n++] = call;
}

void calls_clear(struct calls *calls)
{
	calls->n = 0;
	memset(calls->seen, 0, sizeof(calls->seen));
}

void calls_free(struct calls *calls)
{
	free(calls->items);
	*calls = CALLS_INIT;
}
