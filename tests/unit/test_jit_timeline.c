/* Which function lay at an address when, as locations of a profile. */
#include "jit_timeline.h"

#include "tests/lib/jitdump_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PID 77

struct fixture {
	struct hw_profile *profile;
	struct hw_buf file;
	struct hw_jitdump dump;
	struct hw_jit_timeline timeline;
	uint32_t mapping, other_mapping;
};

static int set_up(void **state)
{
	struct fixture *f = hw_alloc(1, sizeof *f);

	f->profile = hw_profile_new();
	f->other_mapping = hw_profile_add_mapping(f->profile, &(struct hw_profile_mapping){ 0 });
	f->mapping = hw_profile_add_mapping(f->profile, &(struct hw_profile_mapping){ 0 });
	jitdump_header(&f->file, PID, 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hw_jit_timeline_fini(&f->timeline);
	hw_jitdump_fini(&f->dump);
	hw_buf_fini(&f->file);
	hw_profile_free(f->profile);
	free(f);
	return 0;
}

static void build(struct fixture *f, bool use_times)
{
	hw_jitdump_fini(&f->dump);
	assert_int_equal(hw_jitdump_parse(&f->dump, hw_bytes_of(f->file.data, f->file.size), PID, NULL), 0);
	hw_jit_timeline_build(&f->timeline, f->profile, f->mapping, &f->dump, use_times);
}

static uint32_t at(struct fixture *f, uint32_t location, uint64_t time_ns)
{
	return hw_jit_timeline_at(&f->timeline, f->profile, &f->dump, location, time_ns);
}

static const char *name_of(const struct fixture *f, uint32_t location)
{
	const struct hw_location *at = &f->profile->locations.at[location];

	if (!at->line_count)
		return "";
	return hw_profile_text(f->profile,
			       f->profile->functions.at[f->profile->lines.at[at->first_line].function].name);
}

/* Three functions at one address, one after the other: each sample gets the one of its time, always the same location
 * for the same function, at the same address; samples before the first get the first. */
static void the_function_of_the_time(void **state)
{
	struct fixture *f = *state;
	const uint32_t raw = hw_profile_add_location(f->profile, f->mapping, 0x1008);
	uint32_t first, second, third;

	jitdump_load(&f->file, PID, 100, 0x1000, 0x100, 1, "first");
	jitdump_load(&f->file, PID, 200, 0x1000, 0x100, 2, "second");
	jitdump_load(&f->file, PID, 300, 0x1008, 1, 3, "third");
	build(f, true);
	second = at(f, raw, 299);
	first = at(f, raw, 100);
	third = at(f, raw, 300);
	assert_string_equal(name_of(f, first), "first");
	assert_string_equal(name_of(f, second), "second");
	assert_string_equal(name_of(f, third), "third");
	assert_int_equal(at(f, raw, 0), first);
	assert_int_equal(at(f, raw, 199), first);
	assert_int_equal(at(f, raw, 200), second);
	assert_int_equal(at(f, raw, UINT64_MAX), third);
	assert_int_equal(f->profile->locations.count, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(f->profile->locations.at[i].avma, 0x1008);
		assert_int_equal(f->profile->locations.at[i].mapping, f->mapping);
	}
}

/* Where times mean nothing, the last function holds for all. */
static void the_last_function_without_times(void **state)
{
	struct fixture *f = *state;
	const uint32_t raw = hw_profile_add_location(f->profile, f->mapping, 0x1008);

	jitdump_load(&f->file, PID, 100, 0x1000, 0x100, 1, "first");
	jitdump_load(&f->file, PID, 200, 0x1000, 0x100, 2, "second");
	build(f, false);
	assert_int_equal(at(f, raw, 100), raw);
	assert_string_equal(name_of(f, raw), "second");
}

/* A location outside of the dumped code, one of another mapping, and one younger than the timeline stay what they are. */
static void other_locations_stay(void **state)
{
	struct fixture *f = *state;
	const uint32_t outside = hw_profile_add_location(f->profile, f->mapping, 0x1010);
	const uint32_t elsewhere = hw_profile_add_location(f->profile, f->other_mapping, 0x1008);
	uint32_t younger;

	jitdump_load(&f->file, PID, 100, 0x1000, 0x10, 1, "first");
	build(f, true);
	younger = hw_profile_add_location(f->profile, f->mapping, 0x1001);
	assert_int_equal(at(f, outside, 100), outside);
	assert_int_equal(at(f, elsewhere, 100), elsewhere);
	assert_int_equal(at(f, younger, 100), younger);
	assert_string_equal(name_of(f, outside), "");
	assert_string_equal(name_of(f, elsewhere), "");
}

/* When the dump has grown and is read again, functions known before keep their locations. */
static void locations_are_found_again(void **state)
{
	struct fixture *f = *state;
	const uint32_t raw = hw_profile_add_location(f->profile, f->mapping, 0x1008);
	uint32_t first, second;

	jitdump_load(&f->file, PID, 100, 0x1000, 0x100, 1, "first");
	jitdump_load(&f->file, PID, 200, 0x1000, 0x100, 2, "second");
	build(f, true);
	first = at(f, raw, 100);
	second = at(f, raw, 200);
	jitdump_load(&f->file, PID, 150, 0x1000, 0x100, 3, "late word of another");
	build(f, true);
	assert_int_equal(at(f, raw, 100), first);
	assert_int_equal(at(f, raw, 200), second);
	assert_string_equal(name_of(f, at(f, raw, 150)), "late word of another");
	assert_int_equal(f->profile->locations.count, 3);
}

/* Names are demangled, and both kept; the line is that of the address, the file that of the function. */
static void names_and_lines(void **state)
{
	const struct jitdump_line lines[] = { { 0x1000, 7, 3, "a.cc" },
					      { 0x1008, 70, 1, "inlined.h" },
					      { 0x1010, 9, 0, "a.cc" } };
	struct fixture *f = *state;
	const uint32_t own = hw_profile_add_location(f->profile, f->mapping, 0x1010);
	const uint32_t inlined = hw_profile_add_location(f->profile, f->mapping, 0x1008);
	const struct hw_line *line;
	const struct hw_function *function;

	jitdump_lines(&f->file, 100, 0x1000, lines, 3);
	jitdump_load(&f->file, PID, 100, 0x1000, 0x20, 1, "_ZN3jit4spinEi");
	build(f, true);
	assert_int_equal(at(f, own, 100), own);
	assert_int_equal(at(f, inlined, 100), inlined);
	assert_string_equal(name_of(f, own), "jit::spin(int)");
	line = &f->profile->lines.at[f->profile->locations.at[own].first_line];
	function = &f->profile->functions.at[line->function];
	assert_int_equal(line->line, 9);
	assert_string_equal(hw_profile_text(f->profile, function->system_name), "_ZN3jit4spinEi");
	assert_string_equal(hw_profile_text(f->profile, function->filename), "a.cc");
	line = &f->profile->lines.at[f->profile->locations.at[inlined].first_line];
	assert_ptr_equal(&f->profile->functions.at[line->function], function);
	assert_int_equal(line->line, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_function_of_the_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_last_function_without_times, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_locations_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(locations_are_found_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_and_lines, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
