/* Memory that is freed all at once: many small objects of one owner. Zeroed is empty. */
#ifndef HW_BASE_ARENA_H
#define HW_BASE_ARENA_H

#include <stddef.h>

struct hw_arena_block;

struct hw_arena {
	struct hw_arena_block *blocks; /* newest first */
	size_t used;		       /* in the newest */
	size_t total_bytes;	       /* reserved in all */
};

/* size bytes, 16-byte aligned, not zeroed, valid until hw_arena_fini or _reset. */
void *hw_arena_alloc(struct hw_arena *arena, size_t size);

/* Copy of size bytes plus a terminating NUL. */
char *hw_arena_text(struct hw_arena *arena, const char *text, size_t size);

/* Forget everything, keeping the newest block for what comes. */
void hw_arena_reset(struct hw_arena *arena);

void hw_arena_fini(struct hw_arena *arena);

#endif
