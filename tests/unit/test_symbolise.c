#include "symbolise.h"

#include "base/buf.h"
#include "base/file.h"

#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* A profile of this program: its file, mapped where it pleases the test. */
struct fixture {
	struct hw_profile *profile;
	struct hw_dso_table *dsos;
	struct hw_dso *self;
	uint64_t bias; /* run-time address less offset in the file, of this program's code */
};

static void code_bias(const char *path, uint64_t *bias)
{
	struct hw_buf maps = { 0 };
	char *rest, *line;

	*bias = 0;
	assert_int_equal(hw_file_read(&maps, "/proc/self/maps", 1 << 20, NULL), 0);
	for (rest = maps.data; (line = strsep(&rest, "\n"));) {
		uint64_t start, foff;

		if (strstr(line, path) && sscanf(line, "%" SCNx64 "-%*x r-xp %" SCNx64, &start, &foff) == 2)
			*bias = start - foff;
	}
	hw_buf_fini(&maps);
}

static void begin(struct fixture *f)
{
	char path[4096] = "";

	assert_true(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
	f->profile = hw_profile_new();
	f->dsos = hw_dso_table_new();
	f->self = hw_dso_table_add(f->dsos, &(struct hw_dso_key){ .kind = HW_DSO_FILE, .path = path });
	assert_true(hw_dso_load(f->self, 0, 0, 0));
	code_bias(path, &f->bias);
	assert_true(f->bias != 0);
}

static void end(struct fixture *f)
{
	hw_profile_free(f->profile);
	hw_dso_table_free(f->dsos);
}

static uint32_t add_mapping_at(struct fixture *f, uint64_t start_avma, uint64_t file_foff)
{
	return hw_profile_add_mapping(f->profile,
				      &(struct hw_profile_mapping){ .start_avma = start_avma,
								    .limit_avma = start_avma + (1 << 24),
								    .file_foff = file_foff });
}

static uint32_t add_mapping(struct fixture *f, uint64_t start_avma)
{
	return add_mapping_at(f, start_avma, 0);
}

/* Name of the outermost line of a location; "" for none. */
static const char *name_of(const struct fixture *f, uint32_t location)
{
	const struct hw_location *l = &f->profile->locations.at[location];

	if (!l->line_count)
		return "";
	return hw_profile_text(
		f->profile,
		f->profile->functions.at[f->profile->lines.at[l->first_line + l->line_count - 1].function]
			.name);
}

/* The same code in two mappings, at different addresses and from different offsets in the file, has the same
 * name in both, asked in one go. */
static void mappings_of_one_file_are_named_alike(void **state)
{
	struct fixture f;
	uint64_t foff;
	uint32_t a, b;
	(void)state;

	begin(&f);
	foff = (uintptr_t)mappings_of_one_file_are_named_alike - f.bias;
	add_mapping(&f, 0x10000000);
	add_mapping_at(&f, 0x70000000, 0x1000);
	a = hw_profile_add_location(f.profile, 0, 0x10000000 + foff);
	b = hw_profile_add_location(f.profile, 1, 0x70000000 + foff - 0x1000);
	hw_symbolise(f.profile, (struct hw_dso *[]){ f.self, f.self }, NULL);
	assert_string_equal(name_of(&f, a), "mappings_of_one_file_are_named_alike");
	assert_string_equal(name_of(&f, b), "mappings_of_one_file_are_named_alike");
	assert_true(f.profile->mappings.at[0].has_functions);
	assert_true(f.profile->mappings.at[1].has_functions);
	end(&f);
}

/* What nobody can name is called by its file and address, and then its mapping does not claim to be resolved. */
static void unknown_code_is_called_by_its_address(void **state)
{
	struct hw_dso *anon;
	struct fixture f;
	uint32_t known, unknown, jit, nowhere, foreign;
	const char *name;
	(void)state;

	begin(&f);
	anon = hw_dso_table_add(f.dsos,
				&(struct hw_dso_key){ .kind = HW_DSO_ANON, .path = "//anon", .pid = 3 });
	add_mapping(&f, 0x10000000);
	add_mapping(&f, 0x70000000);
	add_mapping(&f, 0x80000000);
	known = hw_profile_add_location(
		f.profile, 0, 0x10000000 + (uintptr_t)unknown_code_is_called_by_its_address - f.bias);
	unknown = hw_profile_add_location(f.profile, 0, 0x10000008); /* in the ELF header */
	jit = hw_profile_add_location(f.profile, 1, 0x70001234);
	nowhere = hw_profile_add_location(f.profile, HW_NONE, 0x42);
	foreign = hw_profile_add_location(f.profile, 2, 0x80000010);
	hw_symbolise(f.profile, (struct hw_dso *[]){ f.self, anon, NULL }, NULL);
	assert_string_equal(name_of(&f, known), "unknown_code_is_called_by_its_address");
	name = name_of(&f, unknown);
	assert_int_equal(name[0], '[');
	assert_non_null(strstr(name, "test_symbolise+0x"));
	assert_string_equal(name_of(&f, jit), "[anon]");
	assert_string_equal(name_of(&f, nowhere), "[unknown]");
	assert_string_equal(name_of(&f, foreign), "");
	assert_false(f.profile->mappings.at[0].has_functions);
	assert_false(f.profile->mappings.at[1].has_functions);
	end(&f);
}

/* A second round names only what is new, and does not make an unresolved mapping resolved. */
static void second_round_keeps_the_first(void **state)
{
	struct fixture f;
	uint32_t first, second;
	size_t lines;
	(void)state;

	begin(&f);
	add_mapping(&f, 0x10000000);
	first = hw_profile_add_location(f.profile, 0, 0x10000008);
	hw_symbolise(f.profile, &f.self, NULL);
	assert_false(f.profile->mappings.at[0].has_functions);
	second = hw_profile_add_location(f.profile, 0,
					 0x10000000 + (uintptr_t)second_round_keeps_the_first - f.bias);
	lines = f.profile->locations.at[first].first_line;
	hw_symbolise(f.profile, &f.self, NULL);
	assert_int_equal(f.profile->locations.at[first].first_line, lines);
	assert_string_equal(name_of(&f, second), "second_round_keeps_the_first");
	assert_false(f.profile->mappings.at[0].has_functions);
	end(&f);
}

static void count_reports(void *user, size_t done, size_t total, const char *dso_path)
{
	size_t *last = user;

	assert_true(done > *last && done <= total);
	assert_non_null(dso_path);
	*last = done;
}

/* Many DSOs at once, by as many threads as there are cores: each is resolved, reported, and the result is the same
 * every time. */
static void many_files_are_resolved_at_once(void **state)
{
	struct hw_buf before = { 0 }, after = { 0 };
	(void)state;

	for (int round = 0; round < 2; round++) {
		struct hw_buf *names = round ? &after : &before;
		struct hw_dso *of_mapping[24];
		size_t done = 0;
		struct hw_symbolise_progress progress = { count_reports, &done };
		struct fixture f;

		begin(&f);
		for (size_t i = 0; i < HW_COUNT_OF(of_mapping); i++) {
			/* Distinct DSOs of the same file: their identities differ in what is not checked. */
			struct hw_dso_key key = { .kind = HW_DSO_FILE,
						  .path = hw_dso_path(f.self),
						  .major = (uint32_t)i + 1 };

			of_mapping[i] = hw_dso_table_add(f.dsos, &key);
			assert_true(hw_dso_load(of_mapping[i], 0, 0, 0));
			add_mapping(&f, 0x10000000 * (i + 1));
			for (uint64_t step = 0; step < 100; step++)
				(void)hw_profile_add_location(
					f.profile, (uint32_t)i,
					0x10000000 * (i + 1) + (uintptr_t)many_files_are_resolved_at_once -
						f.bias + step * 7);
		}
		hw_symbolise(f.profile, of_mapping, &progress);
		assert_int_equal(done, HW_COUNT_OF(of_mapping) * 100);
		for (uint32_t i = 0; i < f.profile->locations.count; i++)
			hw_buf_printf(names, "%u %s\n",
				      f.profile->lines.at[f.profile->locations.at[i].first_line].function,
				      name_of(&f, i));
		end(&f);
	}
	assert_string_equal(before.data, after.data);
	assert_non_null(strstr(before.data, "many_files_are_resolved_at_once"));
	hw_buf_fini(&before);
	hw_buf_fini(&after);
}

/* A profile without locations is no trouble. */
static void empty_profile_stays_empty(void **state)
{
	struct hw_profile *profile = hw_profile_new();
	(void)state;

	hw_symbolise(profile, NULL, NULL);
	assert_int_equal(profile->functions.count, 0);
	hw_profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mappings_of_one_file_are_named_alike),
		cmocka_unit_test(unknown_code_is_called_by_its_address),
		cmocka_unit_test(second_round_keeps_the_first),
		cmocka_unit_test(many_files_are_resolved_at_once),
		cmocka_unit_test(empty_profile_stays_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
