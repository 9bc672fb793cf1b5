/* Memory that lives and dies together: pieces are cut off larger blocks and
 * given back all at once.  For the thousands of small things that a policy
 * holds, an allocation each would be a good part of a launch's cost. */
#pragma once

#include <stddef.h>

struct arena {
	struct arena_block *newest;
};

#define ARENA_INIT ((struct arena){0})

/* Zeroed and aligned for any type; never NULL (util.h). */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *s);
/* Gives all pieces back and keeps memory for the next ones. */
void arena_reset(struct arena *arena);
void arena_free(struct arena *arena);
/* Takes over the pieces of another. */
void arena_take(struct arena *arena, struct arena *from);
