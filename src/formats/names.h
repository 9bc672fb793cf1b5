/* What a word of a policy names: a call by name or number, or a group. */
#ifndef SANDBOX_NAMES_H
#define SANDBOX_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "tables/syscall.h"

/* A set of calls (syscall.h), in the order they were added. */
struct calls {
	uint32_t *items;
	size_t n, cap;
	uint64_t seen[SYSCALL_ROWS / 64]; /* a bit for each row */
};

#define CALLS_INIT ((struct calls){0})

void calls_add(struct calls *calls, uint32_t call);
void calls_clear(struct calls *calls); /* keeps the memory */
void calls_free(struct calls *calls);

struct scope; /* scope.h */

/* Adds what a word names to calls.  -1 with the reason in diags. */
int name_resolve(const struct scope *scope, const char *word, struct source at,
		 struct calls *calls, struct diags *diags);

static inline bool is_group_name(const char *word)
{
	return word[0] == '@';
}

#endif
