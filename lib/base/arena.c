#include "base/arena.h"

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 << 10)
#define ALIGN ((size_t)16)

struct hw_arena_block {
	struct hw_arena_block *older;
	size_t size;
	_Alignas(16) unsigned char bytes[];
};

static void add_block(struct hw_arena *arena, size_t at_least)
{
	/* Blocks grow with the arena, so that a large one costs few of them. */
	size_t size = arena->total_bytes / 4 > BLOCK_BYTES ? arena->total_bytes / 4 : BLOCK_BYTES;
	struct hw_arena_block *block;

	if (size < at_least)
		size = at_least;
	block = hw_realloc(NULL, 1, sizeof *block + size);
	block->older = arena->blocks;
	block->size = size;
	arena->blocks = block;
	arena->used = 0;
	arena->total_bytes += size;
}

void *hw_arena_alloc(struct hw_arena *arena, size_t size)
{
	void *p;

	size = (size + ALIGN - 1) & ~(ALIGN - 1);
	if (!arena->blocks || arena->blocks->size - arena->used < size)
		add_block(arena, size);
	p = arena->blocks->bytes + arena->used;
	arena->used += size;
	return p;
}

char *hw_arena_text(struct hw_arena *arena, const char *text, size_t size)
{
	char *copy = hw_arena_alloc(arena, size + 1);

	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

static void free_blocks(struct hw_arena_block *block)
{
	while (block) {
		struct hw_arena_block *older = block->older;

		free(block);
		block = older;
	}
}

void hw_arena_reset(struct hw_arena *arena)
{
	if (!arena->blocks)
		return;
	free_blocks(arena->blocks->older);
	arena->blocks->older = NULL;
	arena->total_bytes = arena->blocks->size;
	arena->used = 0;
}

void hw_arena_fini(struct hw_arena *arena)
{
	free_blocks(arena->blocks);
	*arena = (struct hw_arena){ 0 };
}
