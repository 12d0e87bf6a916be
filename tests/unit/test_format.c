#include "format/format.h"
#include "tests/lib/profile_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

static const char path[] = "test_format.tmp";

static void put(const void *data, size_t size)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int remove_file(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

/* A format is found by name and by the ending of a path. */
static void formats_are_found(void **state)
{
	(void)state;
	assert_string_equal(hw_format_find("pprof")->name, "pprof");
	assert_string_equal(hw_format_find("folded")->name, "folded");
	assert_null(hw_format_find("pdf"));
	assert_string_equal(hw_format_of_path("a/b.pb.gz")->name, "pprof");
	assert_string_equal(hw_format_of_path("x.folded")->name, "folded");
	assert_null(hw_format_of_path("x.txt"));
	assert_null(hw_format_of_path(".folded"));
	assert_null(hw_format_of_path(""));
}

/* Each format reads from a file what it wrote, found by its content. */
static void files_are_read_by_content(void **state)
{
	HW_AUTO(hw_profile_freep)
	struct hw_profile *p = hw_test_profile("samples/count", "main;a 1\nmain;b 2\n");
	(void)state;

	for (size_t i = 0; hw_formats[i]; i++) {
		HW_AUTO(hw_profile_freep) struct hw_profile *again = NULL;
		HW_AUTO(hw_output_fini) struct hw_output output = { .fd = -1 };
		struct hw_err err = { 0 };
		struct stat st;

		(void)unlink(path);
		assert_int_equal(hw_output_open(&output, path, &err), 0);
		assert_int_equal(hw_format_write(&output, hw_formats[i], p, &err), 0);
		assert_int_equal(hw_output_commit(&output, &err), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		again = hw_format_read(path, &err);
		assert_non_null(again);
		assert_int_equal(hw_profile_total(again, 0), 3);
	}
}

/* Bytes that are no profile are refused with the file's name and what is wrong. */
static void what_is_no_profile_is_refused(void **state)
{
	static const char perf_data[104] = "PERFILE2h\0\0\0\0\0\0\0\x88";
	static const struct {
		const char *bytes;
		size_t size;
		const char *says;
	} cases[] = {
		{ "", 0, "is empty" },
		{ "#!/bin/sh\n", 10, "no profile of a known format" },
		{ "\x7f"
		  "ELF\x02\x01\x01\0\0\0\0",
		  12, "no profile of a known format" },
		{ perf_data, sizeof perf_data, "no profile of a known format" },
		{ "\x1f\x8b\x08", 3, "gzip stream is truncated" },
		{ "\x1f\x8b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 19,
		  "gzip stream is corrupt" },
		{ "\x0a\x04\x08\x01\x10\x02\x32", 7, "truncated or corrupt at byte 6 of 7" },
		{ "main 1\nmain\n", 12, "line 2" },
	};
	(void)state;

	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_err err = { 0 };

		put(cases[i].bytes, cases[i].size);
		assert_null(hw_format_read(path, &err));
		assert_int_equal(err.kind, HW_ERR_FORMAT);
		if (!strstr(err.message, cases[i].says) || !strstr(err.message, "'test_format.tmp': "))
			fail_msg("'%s' does not say '%s'", err.message, cases[i].says);
	}
}

/* A file that is not there is an input error. */
static void missing_file_is_an_input_error(void **state)
{
	struct hw_err err = { 0 };
	(void)state;

	assert_null(hw_format_read("no/such/file", &err));
	assert_int_equal(err.kind, HW_ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_found),
		cmocka_unit_test_teardown(files_are_read_by_content, remove_file),
		cmocka_unit_test_teardown(what_is_no_profile_is_refused, remove_file),
		cmocka_unit_test(missing_file_is_an_input_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
