#include "format/folded.h"
#include "profile/check.h"
#include "tests/lib/profile_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static void writes(const struct hw_profile *p, const char *expected)
{
	HW_AUTO(hw_buf_fini) struct hw_buf out = { 0 };
	struct hw_err err = { 0 };

	if (hw_folded_encode(&out, p, &err) < 0)
		fail_msg("%s", err.message);
	assert_string_equal(hw_buf_str(&out), expected);
}

static struct hw_profile *decode(const char *text)
{
	HW_AUTO(hw_freep) char *copy = hw_strndup(text, strlen(text));
	struct hw_err err = { 0 };
	struct hw_profile *p = hw_folded_decode(copy, strlen(text), &err);

	if (!p)
		fail_msg("%s", err.message);
	assert_int_equal(hw_profile_check(p, &err), 0);
	return p;
}

static void refused(const char *text, size_t size, const char *says)
{
	HW_AUTO(hw_freep) char *copy = hw_strndup(text, size);
	struct hw_err err = { 0 };

	assert_null(hw_folded_decode(copy, size, &err));
	assert_int_equal(err.kind, HW_ERR_FORMAT);
	if (!strstr(err.message, says))
		fail_msg("'%s' does not say '%s'", err.message, says);
}

/* One line per distinct run of names, root first, summed over labels, in order of the frames. */
static void stacks_are_merged_over_labels(void **state)
{
	HW_AUTO(hw_profile_freep)
	struct hw_profile *p = hw_test_profile("samples/count cycles/count", "main;b 1 10 thread=x\n"
									     "main;b 2 20 thread=y\n"
									     "main;a;c 3 30\n"
									     "main;a 4 40\n"
									     "main 5 50\n"
									     "a 6 60\n");
	(void)state;

	writes(p, "a 60\nmain 50\nmain;a 40\nmain;a;c 30\nmain;b 30\n");
	p->default_sample_type = hw_profile_string(p, "samples");
	writes(p, "a 6\nmain 5\nmain;a 4\nmain;a;c 3\nmain;b 3\n");
}

/* Inlined functions are frames, outer before inner; other addresses of equal names are the same stack. */
static void inlined_functions_are_frames(void **state)
{
	HW_AUTO(hw_profile_freep)
	struct hw_profile *p = hw_test_profile("samples/count", "main;f|g|h 1\n"
								"main;f@a.c:1;g;h 2\n"
								"main;f@a.c:2;g;h 4\n");
	(void)state;

	writes(p, "main;f;g;h 7\n");
}

/* Code without a symbol is its file, or unknown. */
static void unknown_code_is_its_file(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = hw_profile_new();
	uint32_t at[3];
	(void)state;

	(void)hw_profile_add_sample_type(p, "samples", "count");
	(void)hw_profile_add_mapping(
		p, &(struct hw_profile_mapping){ .filename = hw_profile_string(p, "/lib/libc.so.6") });
	(void)hw_profile_add_mapping(
		p, &(struct hw_profile_mapping){ .filename = hw_profile_string(p, "[vdso]") });
	at[0] = hw_profile_add_location(p, HW_NONE, 1);
	at[1] = hw_profile_add_location(p, 0, 2);
	at[2] = hw_profile_add_location(p, 1, 3);
	hw_profile_add_sample(p, hw_stacks_add(&p->stacks, at, 3), (struct hw_label_set_id){ 0 },
			      (int64_t[]){ 9 });
	writes(p, "[vdso];[libc.so.6];[unknown] 9\n");
}

/* No name breaks a line or a frame: ';' becomes ':', control characters are written out. */
static void names_do_not_break_lines(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = hw_test_profile("samples/count", "x 3\n");
	(void)state;

	p->functions.at[0].name = hw_profile_string(p, "a;b\nc\r\td e\x1b[1m 7");
	writes(p, "a:b\\x0ac\\x0d\\x09d e\\x1b[1m 7 3\n");
	p->functions.at[0].name = 0;
	writes(p, "[unknown] 3\n");
}

/* A sum of 0 is no line, one below 0 is an error. */
static void sums_of_zero_and_below(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = hw_test_profile("samples/count", "a 0\nb 2\n");
	struct hw_buf out = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	writes(p, "b 2\n");
	p->values.at[0] = -1;
	assert_int_equal(hw_folded_encode(&out, p, &err), -1);
	assert_int_equal(err.kind, HW_ERR_OUTPUT);
	assert_non_null(strstr(err.message, "-1"));
	hw_buf_fini(&out);
}

/* Frames are read root first, with spaces and digits in names; LF or CRLF; equal stacks are added up. */
static void lines_are_read(void **state)
{
	HW_AUTO(hw_profile_freep)
	struct hw_profile *p = decode("main;operator new(unsigned long) 7;leaf 12\r\n\nmain 5\nmain 6");
	uint32_t count;
	const uint32_t *frames;
	(void)state;

	assert_int_equal(p->samples.count, 2);
	frames = hw_stacks_locations(&p->stacks, p->samples.at[0].stack, &count);
	assert_int_equal(count, 3);
	assert_string_equal(hw_profile_text(p, p->functions.at[frames[0]].name), "leaf");
	assert_string_equal(hw_profile_text(p, p->functions.at[frames[1]].name),
			    "operator new(unsigned long) 7");
	assert_string_equal(hw_profile_text(p, p->functions.at[frames[2]].name), "main");
	assert_int_equal(hw_profile_values(p, 0)[0], 12);
	assert_int_equal(hw_profile_values(p, 1)[0], 11);
	assert_string_equal(hw_profile_text(p, p->sample_types.at[0].type), "samples");
	assert_string_equal(hw_profile_text(p, p->sample_types.at[0].unit), "count");
	assert_int_equal(p->mappings.count, 0);
}

/* Remarks are kept as comments of the profile; what merely begins with '#' and has a count is a stack. */
static void comments_are_kept(void **state)
{
	HW_AUTO(hw_profile_freep)
	struct hw_profile *p =
		decode("# taken on a Monday\n#\n##  samples 100\r\n\n#cpu\n#a;b 3\n# 7\n#;c 1\n");
	(void)state;

	assert_int_equal(p->comments.count, 4);
	assert_string_equal(hw_profile_text(p, p->comments.at[0]), "taken on a Monday");
	assert_string_equal(hw_profile_text(p, p->comments.at[1]), "samples 100");
	assert_string_equal(hw_profile_text(p, p->comments.at[2]), "cpu");
	assert_string_equal(hw_profile_text(p, p->comments.at[3]), "7");
	writes(p, "#a;b 3\n:;c 1\n");
}

/* No frame is written so that it would be read as a comment. */
static void frames_do_not_look_like_comments(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = decode("x 3\n");
	(void)state;

	p->functions.at[0].name = hw_profile_string(p, "# f");
	writes(p, ": f 3\n");
	p->functions.at[0].name = hw_profile_string(p, "#");
	writes(p, ": 3\n");
	p->functions.at[0].name = hw_profile_string(p, "#f");
	writes(p, "#f 3\n");
}

/* A line of only a count is the empty stack; empty frames are unknown ones. */
static void empty_frames_are_unknown(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = decode(" 5\na;;b 6\n; 7\n");
	(void)state;

	writes(p, " 5\n[unknown];[unknown] 7\na;[unknown];b 6\n");
}

/* Reading what was written gives the same lines again. */
static void reading_reverses_writing(void **state)
{
	static const char lines[] = "a;b;c 1\na;b;d 9223372036854775807\nmain 3\n";
	HW_AUTO(hw_profile_freep) struct hw_profile *p = decode(lines);
	(void)state;

	writes(p, lines);
}

/* The first bad line is named. */
static void other_lines_are_refused(void **state)
{
	(void)state;
	refused("", 0, "no folded stack");
	refused("\n\r\n", 3, "no folded stack");
	refused("# nothing\n", 10, "no folded stack");
	refused("a 1\n#b\0\n", 8, "line 2");
	refused("a 1\nb\n", 6, "line 2");
	refused("a 1\n\nb 1.5\n", 11, "line 3");
	refused("a -1\n", 5, "line 1");
	refused("a\t1\n", 4, "line 1");
	refused("12\n", 3, "line 1");
	refused("a 1 \n", 5, "line 1");
	refused("a 9223372036854775808\n", 22, "line 1");
	refused("a\0b 1\n", 6, "line 1");
}

static bool probe(const char *text)
{
	return hw_folded_probe(text, strlen(text));
}

/* Only text whose first line ends in a count looks like folded stacks. */
static void probe_looks_at_the_first_line(void **state)
{
	(void)state;
	assert_true(probe("main;a 1\n"));
	assert_true(probe("\r\n\nmain;a 1"));
	assert_true(probe(" 1\n"));
	assert_false(probe(""));
	assert_false(probe("\n\n"));
	assert_false(probe("hello\nmain 1\n"));
	assert_false(probe("\x0a\x04\x08\x01 1\n"));
	assert_false(probe("12\n"));
	assert_true(probe("# by hand\n\n#\nmain;a 1\n"));
	assert_false(probe("# 1\n"));
	assert_false(probe("# by hand\nmain\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_are_merged_over_labels),
		cmocka_unit_test(inlined_functions_are_frames),
		cmocka_unit_test(unknown_code_is_its_file),
		cmocka_unit_test(names_do_not_break_lines),
		cmocka_unit_test(sums_of_zero_and_below),
		cmocka_unit_test(lines_are_read),
		cmocka_unit_test(comments_are_kept),
		cmocka_unit_test(frames_do_not_look_like_comments),
		cmocka_unit_test(empty_frames_are_unknown),
		cmocka_unit_test(reading_reverses_writing),
		cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(probe_looks_at_the_first_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
