#include "base/arena.h"

#include <stdlib.h>

#include "base/util.h"

enum { BLOCK = 16 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t size, used;
	_Alignas(max_align_t) char bytes[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct arena_block *block;
	char *piece;

	size = (size + align - 1) & ~(align - 1);
	block = arena->newest;
	if (!block || block->size - block->used < size) {
		const size_t room = size > BLOCK ? size : BLOCK;

		block = xmalloc(sizeof(*block) + room);
		*block = (struct arena_block){arena->newest, room, 0};
		arena->newest = block;
	}
	piece = block->bytes + block->used;
	block->used += size;
	return memset(piece, 0, size);
}

char *arena_strdup(struct arena *arena, const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(arena_alloc(arena, size), s, size);
}

static void free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_block *block = arena->newest;

	if (!block)
		return;
	free_blocks(block->older);
	block->older = NULL;
	block->used = 0;
}

void arena_free(struct arena *arena)
{
	free_blocks(arena->newest);
	*arena = ARENA_INIT;
}

void arena_take(struct arena *arena, struct arena *from)
{
	struct arena_block **oldest = &from->newest;

	while (*oldest)
		oldest = &(*oldest)->older;
	*oldest = arena->newest;
	arena->newest = from->newest;
	*from = ARENA_INIT;
}
