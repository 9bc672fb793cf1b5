/* A set of calls, as lists and groups of a policy name them. */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "tables/syscall.h"

/* In the order in which they were added. */
struct calls {
	uint32_t *items;
	size_t n, cap;
	uint64_t seen[SYSCALL_ROWS / 64]; /* a bit for each row */
};

#define CALLS_INIT ((struct calls){0})

void calls_add(struct calls *calls, uint32_t call);
void calls_clear(struct calls *calls); /* keeps the memory */
void calls_free(struct calls *calls);

#endif
