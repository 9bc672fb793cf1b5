#include "learn/seen.h"

#include <stdlib.h>

#include "base/util.h"

/* Named calls are numbered by name (syscall.def is sorted). */
static uint64_t key_of(const struct seen_call *call)
{
	return (uint64_t)call->abi << 32 | call->call;
}

void seen_add(struct seen *seen, const struct seen_call *call)
{
	size_t at = seen->n;

	while (at > 0 && key_of(&seen->calls[at - 1]) > key_of(call))
		at--;
	if (at == 0 || key_of(&seen->calls[at - 1]) != key_of(call)) {
		push(seen->calls, seen->n, seen->cap) = (struct seen_call){0};
		memmove(&seen->calls[at + 1], &seen->calls[at],
			(seen->n - 1 - at) * sizeof(*seen->calls));
		seen->calls[at++] = (struct seen_call){.abi = call->abi,
						       .call = call->call};
	}
	seen->calls[at - 1].hits += call->hits;
	uses_join(&seen->calls[at - 1].uses, &call->uses);
}

void seen_release(struct seen *seen)
{
	for (size_t i = 0; i < seen->n; i++)
		uses_release(&seen->calls[i].uses);
	free(seen->calls);
	*seen = (struct seen){0};
}
