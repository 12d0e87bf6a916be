/* The hash index and the string table on it. */
#include "base/map.h"
#include "base/strtab.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Ids inserted under a hash, as one number: their sum, so that order does not matter. */
static uint64_t sum_of_ids(const struct hw_map *map, uint64_t hash)
{
	uint64_t sum = 0;
	uint32_t id;

	for (size_t slot = hw_map_first(map, hash); (id = hw_map_id(map, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(map, slot, hash))
		sum += id;
	return sum;
}

/* An empty map finds nothing. */
static void empty_finds_nothing(void **state)
{
	struct hw_map map = { 0 };

	(void)state;
	assert_int_equal(hw_map_id(&map, hw_map_first(&map, 1)), HW_MAP_NONE);
	hw_map_fini(&map);
}

/* Equal hashes keep all their ids, through every growth, and neighbours in the table are not mixed up. */
static void equal_hashes_keep_all_ids(void **state)
{
	struct hw_map map = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 3000; i++)
		hw_map_insert(&map, i / 3, i); /* three ids for each of 1,000 hashes that are neighbours */
	assert_int_equal(map.count, 3000);
	for (uint32_t hash = 0; hash < 1000; hash++)
		assert_int_equal(sum_of_ids(&map, hash), 9 * hash + 3);
	assert_int_equal(sum_of_ids(&map, 1000), 0);
	hw_map_fini(&map);
}

/* Hashes that differ only above the table's mask share slots and are still told apart. */
static void colliding_slots_are_told_apart(void **state)
{
	struct hw_map map = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= 50; i++)
		hw_map_insert(&map, (uint64_t)i << 40, i);
	for (uint32_t i = 1; i <= 50; i++)
		assert_int_equal(sum_of_ids(&map, (uint64_t)i << 40), i);
	hw_map_fini(&map);
}

/* A hash of bytes sees every byte and the length. */
static void hash_sees_every_byte(void **state)
{
	uint8_t data[40] = { 0 };
	const uint64_t before = hw_hash_bytes(data, sizeof data);

	(void)state;
	for (size_t i = 0; i < sizeof data; i++) {
		data[i] = 1;
		assert_true(hw_hash_bytes(data, sizeof data) != before);
		data[i] = 0;
	}
	assert_true(hw_hash_bytes(data, 39) != before);
	assert_true(hw_hash_bytes(data, sizeof data) == before);
}

/* Equal texts get equal ids, "" is 0, a prefix is another text. */
static void strings_are_interned(void **state)
{
	struct hw_strtab strtab;
	uint32_t ids[1000];
	char text[16];

	(void)state;
	hw_strtab_init(&strtab);
	assert_int_equal(hw_strtab_add(&strtab, ""), 0);
	assert_int_equal(hw_strtab_find(&strtab, "main"), HW_MAP_NONE);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof text, "name%d", i);
		ids[i] = hw_strtab_add(&strtab, text);
		assert_int_equal(ids[i], i + 1);
	}
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof text, "name%d", i);
		assert_int_equal(hw_strtab_add(&strtab, text), ids[i]);
		assert_int_equal(hw_strtab_find(&strtab, text), ids[i]);
		assert_string_equal(hw_strtab_text(&strtab, ids[i]), text);
	}
	assert_int_equal(hw_strtab_add_sized(&strtab, "name1234", 5), ids[1]);
	hw_strtab_fini(&strtab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_finds_nothing),
		cmocka_unit_test(equal_hashes_keep_all_ids),
		cmocka_unit_test(colliding_slots_are_told_apart),
		cmocka_unit_test(hash_sees_every_byte),
		cmocka_unit_test(strings_are_interned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
