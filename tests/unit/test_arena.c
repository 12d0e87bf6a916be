/* The arena: aligned, apart from each other, reused after a reset. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* Objects are aligned to 16 bytes and do not overlap, across many blocks. */
static void objects_are_apart(void **state)
{
	struct hw_arena arena = { 0 };
	unsigned char *objects[3000];

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		objects[i] = hw_arena_alloc(&arena, 1 + i % 97);
		assert_int_equal((uintptr_t)objects[i] % 16, 0);
		memset(objects[i], (int)(i % 251), 1 + i % 97);
	}
	for (size_t i = 0; i < 3000; i++)
		for (size_t at = 0; at < 1 + i % 97; at++)
			assert_int_equal(objects[i][at], i % 251);
	hw_arena_fini(&arena);
	assert_null(arena.blocks);
}

/* A request larger than a block gets a block of its own size. */
static void large_objects_fit(void **state)
{
	struct hw_arena arena = { 0 };
	unsigned char *large;

	(void)state;
	(void)hw_arena_alloc(&arena, 1);
	large = hw_arena_alloc(&arena, 1 << 20);
	memset(large, 0xaa, 1 << 20);
	hw_arena_fini(&arena);
}

/* A text is copied with its length and terminated. */
static void texts_are_terminated(void **state)
{
	struct hw_arena arena = { 0 };

	(void)state;
	assert_string_equal(hw_arena_text(&arena, "hello, world", 5), "hello");
	assert_string_equal(hw_arena_text(&arena, "", 0), "");
	hw_arena_fini(&arena);
}

/* After a reset the newest block is used again, so that a loop of resets reserves no more. */
static void reset_reuses(void **state)
{
	struct hw_arena arena = { 0 };
	size_t reserved;

	(void)state;
	hw_arena_reset(&arena); /* of nothing */
	(void)hw_arena_alloc(&arena, 1000);
	hw_arena_reset(&arena);
	reserved = arena.total_bytes;
	for (int i = 0; i < 1000; i++) {
		(void)hw_arena_alloc(&arena, 60000);
		hw_arena_reset(&arena);
	}
	assert_int_equal(arena.total_bytes, reserved);
	hw_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_apart),
		cmocka_unit_test(large_objects_fit),
		cmocka_unit_test(texts_are_terminated),
		cmocka_unit_test(reset_reuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
