/* Frames of processes get the locations of the code they are in, whatever was looked up before. */
#include "locations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fixture {
	struct hw_dso_table *dsos;
	struct hw_process_table *processes;
	struct hw_profile *profile;
	struct hw_locations locations;
	struct hw_frames frames;
	uint32_t ids[HW_FRAMES_MAX];
};

static int setup(void **state)
{
	struct fixture *f = hw_alloc(1, sizeof *f);

	f->dsos = hw_dso_table_new();
	f->processes = hw_process_table_new(f->dsos);
	hw_process_table_set_offline(f->processes);
	f->profile = hw_profile_new();
	hw_locations_init(&f->locations, f->profile, f->processes);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	hw_locations_fini(&f->locations);
	hw_profile_free(f->profile);
	hw_process_table_free(f->processes);
	hw_dso_table_free(f->dsos);
	free(f);
	return 0;
}

static void map(struct fixture *f, struct hw_process *process, const char *path, uint64_t start,
		uint64_t size, uint64_t foff)
{
	const struct hw_dso_key key = { .kind = HW_DSO_FILE, .path = path };

	hw_mappings_add(&process->mappings, &(struct hw_mapping){ .start_avma = start,
								  .limit_avma = start + size,
								  .file_foff = foff,
								  .dso = hw_dso_table_add(f->dsos, &key),
								  .tag = HW_MAPPING_NO_TAG });
}

/* The location of one address; checks that it says what the address is. */
static uint32_t locate(struct fixture *f, struct hw_process *process, uint64_t avma, enum hw_frame_kind kind)
{
	f->frames.count = 1;
	f->frames.kernel_count = 0;
	f->frames.at[0] = (struct hw_frame){ .avma = avma, .kind = kind };
	hw_locations_of_frames(&f->locations, process, &f->frames, f->ids);
	return f->ids[0];
}

/* Path and offset in the file that a location stands for. */
static void assert_place(const struct fixture *f, uint32_t id, const char *path, uint64_t foff)
{
	const struct hw_location *location = &f->profile->locations.at[id];
	const struct hw_profile_mapping *mapping;

	assert_int_not_equal(location->mapping, HW_NONE);
	mapping = &f->profile->mappings.at[location->mapping];
	assert_string_equal(hw_profile_text(f->profile, mapping->filename), path);
	assert_int_equal(location->avma - mapping->start_avma + mapping->file_foff, foff);
}

/* A return address is looked up one byte before; the instruction there is the same location. */
static void return_address_is_stepped_back(void **state)
{
	struct fixture *f = *state;
	struct hw_process *process = hw_process_table_get(f->processes, 10);

	map(f, process, "/bin/a", 0x10000, 0x1000, 0);
	assert_place(f, locate(f, process, 0x10100, HW_FRAME_RETURN_ADDRESS), "/bin/a", 0xff);
	assert_int_equal(locate(f, process, 0x10100, HW_FRAME_RETURN_ADDRESS),
			 locate(f, process, 0x100ff, HW_FRAME_IP));
	assert_place(f, locate(f, process, 0x11000, HW_FRAME_RETURN_ADDRESS), "/bin/a", 0xfff);
}

/* Processes that map a file at different addresses share its locations; at the same address, other files have their
 * own. */
static void locations_are_of_files(void **state)
{
	struct fixture *f = *state;
	struct hw_process *a = hw_process_table_get(f->processes, 10);
	struct hw_process *b = hw_process_table_get(f->processes, 11);
	struct hw_process *c = hw_process_table_get(f->processes, 12);

	map(f, a, "/lib/x", 0x10000, 0x1000, 0x2000);
	map(f, b, "/lib/x", 0x70000, 0x1000, 0x2000);
	map(f, c, "/lib/y", 0x10000, 0x1000, 0x2000);
	for (int round = 0; round < 3; round++) {
		const uint32_t in_a = locate(f, a, 0x10010, HW_FRAME_IP);

		assert_place(f, in_a, "/lib/x", 0x2010);
		assert_int_equal(locate(f, b, 0x70010, HW_FRAME_IP), in_a);
		assert_place(f, locate(f, c, 0x10010, HW_FRAME_IP), "/lib/y", 0x2010);
	}
	assert_int_equal(f->profile->locations.count, 2);
}

/* A file mapped a page further up in another process has other places at the same addresses. */
static void shifted_file_has_other_locations(void **state)
{
	struct fixture *f = *state;
	struct hw_process *a = hw_process_table_get(f->processes, 10);
	struct hw_process *b = hw_process_table_get(f->processes, 11);

	map(f, a, "/lib/x", 0x10000, 0x4000, 0);
	map(f, b, "/lib/x", 0x11000, 0x4000, 0);
	for (int round = 0; round < 2; round++) {
		assert_place(f, locate(f, a, 0x12000, HW_FRAME_IP), "/lib/x", 0x2000);
		assert_place(f, locate(f, b, 0x12000, HW_FRAME_IP), "/lib/x", 0x1000);
	}
}

/* When something else is mapped at an address, or the same file at another place, what was known of it is not used. */
static void remapped_addresses_are_new(void **state)
{
	struct fixture *f = *state;
	struct hw_process *process = hw_process_table_get(f->processes, 10);

	map(f, process, "/lib/x", 0x10000, 0x2000, 0);
	assert_place(f, locate(f, process, 0x10800, HW_FRAME_IP), "/lib/x", 0x800);
	map(f, process, "/lib/y", 0x10000, 0x2000, 0);
	assert_place(f, locate(f, process, 0x10800, HW_FRAME_IP), "/lib/y", 0x800);
	map(f, process, "/lib/y", 0x10000, 0x2000, 0x5000);
	assert_place(f, locate(f, process, 0x10800, HW_FRAME_IP), "/lib/y", 0x5800);
	map(f, process, "/lib/x", 0x10400, 0x1000, 0x400);
	assert_place(f, locate(f, process, 0x10800, HW_FRAME_IP), "/lib/x", 0x800);
}

/* Code in no mapping has locations without one, and is counted; it gets one when it is mapped later. */
static void unmapped_addresses_are_counted(void **state)
{
	struct fixture *f = *state;
	struct hw_process *process = hw_process_table_get(f->processes, 10);
	const uint32_t unknown = locate(f, process, 0x10800, HW_FRAME_IP);

	assert_int_equal(f->profile->locations.at[unknown].mapping, HW_NONE);
	assert_int_equal(f->profile->locations.at[unknown].avma, 0x10800);
	assert_int_equal(f->profile->quality.frames_unknown, 1);
	map(f, process, "/lib/x", 0x10000, 0x1000, 0);
	assert_place(f, locate(f, process, 0x10800, HW_FRAME_IP), "/lib/x", 0x800);
	assert_int_equal(f->profile->quality.frames, 2);
	assert_int_equal(f->profile->quality.frames_unknown, 1);
}

/* Many more addresses than are remembered, of processes that share files and addresses, in stacks of frames: each is the
 * location of its place in its file, and equal places are equal locations. */
static void random_stacks_agree_with_their_files(void **state)
{
	enum { PROCESSES = 4, FILES = 3, SIZE = 0x4000 };
	static const char *const paths[FILES] = { "/lib/x", "/lib/y", "/lib/z" };
	struct fixture *f = *state;
	uint32_t *seen = hw_alloc((size_t)FILES * SIZE, sizeof *seen); /* id + 1, by file and offset */
	uint64_t random = 88172645463325252u;

	for (uint32_t p = 0; p < PROCESSES; p++)
		for (uint32_t file = 0; file < FILES; file++)
			map(f, hw_process_table_get(f->processes, 10 + p), paths[(file + p) % FILES],
			    0x10000 + (uint64_t)file * SIZE, SIZE, 0);
	for (int round = 0; round < 2000; round++) {
		const uint32_t p = (uint32_t)(random >> 33) % PROCESSES;

		f->frames.kernel_count = 0;
		f->frames.count = 40;
		for (size_t i = 0; i < f->frames.count; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			f->frames.at[i] =
				(struct hw_frame){ .avma = 0x10000 + (random >> 20) % (FILES * SIZE) };
		}
		hw_locations_of_frames(&f->locations, hw_process_table_get(f->processes, 10 + p), &f->frames,
				       f->ids);
		for (size_t i = 0; i < f->frames.count; i++) {
			const uint64_t at = f->frames.at[i].avma - 0x10000;
			const uint64_t file = (at / SIZE + p) % FILES;
			uint32_t *known = &seen[file * SIZE + at % SIZE];

			assert_place(f, f->ids[i], paths[file], at % SIZE);
			assert_true(*known == 0 || *known == f->ids[i] + 1);
			*known = f->ids[i] + 1;
		}
	}
	free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(return_address_is_stepped_back, setup, teardown),
		cmocka_unit_test_setup_teardown(locations_are_of_files, setup, teardown),
		cmocka_unit_test_setup_teardown(shifted_file_has_other_locations, setup, teardown),
		cmocka_unit_test_setup_teardown(remapped_addresses_are_new, setup, teardown),
		cmocka_unit_test_setup_teardown(unmapped_addresses_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(random_stacks_agree_with_their_files, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
