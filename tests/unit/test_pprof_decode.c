#include "format/pprof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Files of others, written byte by byte: tag, length, content. */
#define BYTES(text) text, sizeof(text) - 1
#define STRINGS    \
	"\x32\x00" \
	"\x32\x01" \
	"n"        \
	"\x32\x01" \
	"u"        \
	"\x32\x01" \
	"f"        \
	"\x32\x01" \
	"k"
#define TYPE "\x0a\x04\x08\x01\x10\x02"
#define FUNCTION "\x2a\x04\x08\x01\x10\x03"
#define LOCATION "\x22\x08\x08\x01\x18\x10\x22\x02\x08\x01"
#define SAMPLE "\x12\x06\x0a\x01\x01\x12\x01\x05"

static struct hw_profile *decode(const char *bytes, size_t size)
{
	HW_AUTO(hw_freep) char *copy = hw_strndup(bytes, size);
	struct hw_err err = { 0 };
	struct hw_profile *p = hw_pprof_decode(copy, size, &err);

	if (!p)
		fail_msg("%s", err.message);
	return p;
}

static void refused(const char *bytes, size_t size, const char *says)
{
	HW_AUTO(hw_freep) char *copy = hw_strndup(bytes, size);
	struct hw_err err = { 0 };

	assert_null(hw_pprof_decode(copy, size, &err));
	assert_int_equal(err.kind, HW_ERR_FORMAT);
	if (!strstr(err.message, says))
		fail_msg("'%s' does not say '%s'", err.message, says);
}

/* Numbers packed or one by one, in any order of fields, are the same samples; equal ones are added up. */
static void packed_or_not_is_the_same(void **state)
{
	struct hw_profile *p =
		decode(BYTES("\x12\x06\x0a\x01\x01\x12\x01\x05" /* packed */
			     "\x12\x04\x10\x07\x08\x01"		/* value first, not packed */
			     "\x12\x06\x08\x01\x08\x01\x10\x09" /* two frames */
			     "\x12\x06\x0a\x02\x01\x01\x10\x01" TYPE LOCATION FUNCTION STRINGS));
	uint32_t count;
	(void)state;

	assert_int_equal(p->samples.count, 2);
	assert_int_equal(hw_profile_values(p, 0)[0], 12);
	assert_int_equal(hw_profile_values(p, 1)[0], 10);
	(void)hw_stacks_locations(&p->stacks, p->samples.at[1].stack, &count);
	assert_int_equal(count, 2);
	hw_profile_free(p);
}

/* Samples may stand between other fields. */
static void samples_may_be_anywhere(void **state)
{
	struct hw_profile *p = decode(BYTES(SAMPLE TYPE SAMPLE LOCATION SAMPLE FUNCTION STRINGS SAMPLE));
	(void)state;

	assert_int_equal(p->samples.count, 1);
	assert_int_equal(hw_profile_values(p, 0)[0], 20);
	assert_int_equal(p->locations.count, 1);
	hw_profile_free(p);
}

/* Ids need not be 1..n: any numbers in any order. */
static void ids_may_be_any(void **state)
{
	struct hw_profile *p = decode(
		BYTES(TYPE "\x12\x07\x0a\x02\xff\x01\x12\x01\x05"
			   "\x12\x06\x0a\x01\x01\x12\x01\x02"		  /* 255; 1 */
			   "\x22\x09\x08\xff\x01\x18\x10\x22\x02\x08\x09" /* location 255: function 9 */
			   "\x22\x04\x08\x01\x18\x20"			  /* location 1 */
			   "\x22\x04\x08\x02\x18\x21"			  /* location 2 */
			   "\x2a\x04\x08\x09\x10\x03"
			   "\x2a\x04\x08\x01\x10\x04" STRINGS));
	uint32_t count;
	(void)state;

	assert_int_equal(
		p->locations.at[*hw_stacks_locations(&p->stacks, p->samples.at[0].stack, &count)].avma, 0x10);
	assert_int_equal(
		p->locations.at[*hw_stacks_locations(&p->stacks, p->samples.at[1].stack, &count)].avma, 0x20);
	assert_string_equal(hw_profile_text(p, p->functions.at[p->lines.at[0].function].name), "f");
	hw_profile_free(p);
}

/* Unknown fields are skipped, a mapping that is not there is none, a mapping without limit is empty. */
static void what_is_unknown_is_skipped(void **state)
{
	struct hw_profile *p =
		decode(BYTES("\xa2\x06\x03"
			     "xyz"
			     "\x9d\x06"
			     "1234"
			     "\x99\x06"
			     "12345678"
			     "\x80\x7d\x01" TYPE SAMPLE "\x22\x09\x08\x01\x10\x07\x18\x10\xf8\x01\x05"
			     "\x1a\x04\x08\x03\x10\x40" STRINGS));
	(void)state;

	assert_int_equal(p->locations.at[0].mapping, HW_NONE);
	assert_int_equal(p->mappings.at[0].limit_avma, 0x40);
	hw_profile_free(p);
}

/* Labels in another order are the same set; of two with one key the first is kept, and a note says so. */
static void labels_are_put_in_order(void **state)
{
	struct hw_profile *p = decode(
		BYTES(TYPE LOCATION FUNCTION
		      "\x12\x12\x0a\x01\x01\x12\x01\x05\x1a\x04\x08\x04\x10\x03\x1a\x04\x08\x03\x18\x00"
		      "\x12\x12\x0a\x01\x01\x12\x01\x05\x1a\x04\x08\x03\x18\x00\x1a\x04\x08\x04\x10\x03"
		      "\x12\x18\x0a\x01\x01\x12\x01\x05\x1a\x04\x08\x04\x10\x03\x1a\x04\x08\x03\x18\x00\x1a"
		      "\x04\x08\x04\x10\x01" STRINGS));
	const struct hw_label *label;
	(void)state;

	assert_int_equal(p->samples.count, 1);
	assert_int_equal(hw_profile_values(p, 0)[0], 15);
	label = hw_label_sets_find(&p->label_sets, p->samples.at[0].labels, hw_strtab_find(&p->strings, "k"));
	assert_string_equal(hw_profile_text(p, label->str), "f");
	assert_int_equal(p->quality.notes.count, 1);
	assert_non_null(strstr(p->quality.notes.at[0], "1 labels"));
	assert_false(p->quality.present);
	hw_profile_free(p);
}

/* Places without addresses stay apart: their lines differ. */
static void locations_without_address_stay_apart(void **state)
{
	struct hw_profile *p = decode(BYTES(TYPE "\x12\x07\x0a\x02\x01\x02\x12\x01\x05"
						 "\x22\x06\x08\x01\x22\x02\x08\x01"
						 "\x22\x06\x08\x02\x22\x02\x08\x02" FUNCTION
						 "\x2a\x04\x08\x02\x10\x04" STRINGS));
	(void)state;

	assert_int_equal(p->locations.count, 2);
	assert_int_equal(p->lines.at[p->locations.at[1].first_line].function, 1);
	hw_profile_free(p);
}

/* A NUL within a text does not cut it. */
static void nul_in_a_text_is_replaced(void **state)
{
	struct hw_profile *p = decode(BYTES(TYPE STRINGS "\x32\x03"
							 "a\0b"
							 "\x68\x05"));
	(void)state;

	assert_string_equal(hw_profile_text(p, p->comments.at[0]), "a?b");
	hw_profile_free(p);
}

/* What pprof refuses is refused, each with its own words. */
static void inconsistent_files_are_refused(void **state)
{
	(void)state;
	refused("", 0, "empty");
	refused(BYTES(TYPE SAMPLE), "no string table");
	refused(BYTES("\x32\x01"
		      "x" TYPE),
		"first string");
	refused(BYTES(STRINGS), "no sample type");
	refused(BYTES("\x0a\x04\x08\x01\x10\x05" STRINGS), "sample_type refers to a string beyond the 5");
	refused(BYTES(TYPE SAMPLE STRINGS), "a sample refers to location 1");
	refused(BYTES(TYPE SAMPLE "\x22\x02\x08\x02" STRINGS), "a sample refers to location 1");
	refused(BYTES(TYPE "\x12\x06\x0a\x01\x00\x12\x01\x05" LOCATION FUNCTION STRINGS),
		"refers to location 0");
	refused(BYTES(TYPE SAMPLE LOCATION STRINGS), "location 0 refers to function 1");
	refused(BYTES(TYPE "\x22\x02\x18\x01" STRINGS), "location 0 has the reserved id 0");
	refused(BYTES(TYPE "\x1a\x00" STRINGS), "mapping 0 has the reserved id 0");
	refused(BYTES(TYPE "\x2a\x00" STRINGS), "function 0 has the reserved id 0");
	refused(BYTES(TYPE LOCATION LOCATION FUNCTION STRINGS), "two locations have the id 1");
	refused(BYTES(TYPE FUNCTION FUNCTION STRINGS), "two functions have the id 1");
	refused(BYTES(TYPE "\x2a\x02\x08\x07"
			   "\x2a\x02\x08\x07" STRINGS),
		"two functions have the id 7");
	refused(BYTES(TYPE "\x12\x05\x0a\x03\x01\x01\x01" LOCATION FUNCTION STRINGS), "0 values");
	refused(BYTES(TYPE "\x12\x04\x12\x02\x01\x01" LOCATION FUNCTION STRINGS), "2 values");
	refused(BYTES(TYPE "\x48\x05\x48\x05" STRINGS), "several profiles");
	refused(BYTES(TYPE "\x1a\x06\x08\x01\x10\x09\x18\x08" STRINGS), "after its limit");
	refused(BYTES(TYPE "\x12\x04\x12\x02\x05\x80" STRINGS), "a sample of the profile is corrupt");
	refused(BYTES(TYPE "\x12\x03\x12\x02\x05" STRINGS), "a sample of the profile is corrupt");
	refused(BYTES(TYPE "\x22\x07\x08\x01\x22\x03\x08\x01\x10" FUNCTION STRINGS),
		"a location of the profile is corrupt");
	refused(BYTES(TYPE "\x12\x0b\x0a\x01\x01\x12\x01\x05\x1a\x03\x08\x04\x18" LOCATION FUNCTION STRINGS),
		"a sample of the profile is corrupt");
	refused(BYTES(TYPE STRINGS "\x32\x09"
				   "hwprof:1:"),
		"gzip stream is truncated");
	refused(BYTES(TYPE STRINGS "\x32\x0a"
				   "hwprof:1:A"),
		"cut short");
	refused(BYTES(TYPE STRINGS "\x32\x0d"
				   "hwprof:1:????"),
		"base64");
	refused(BYTES(TYPE STRINGS "\x32\x0d"
				   "hwprof:1:AAAA"),
		"corrupt");
	refused(BYTES("\x08\x05"), "no pprof profile: field sample_type");
	refused(BYTES("\x0b"), "truncated or corrupt at byte 0 of 1");
	refused(BYTES(TYPE "\x02\x01" STRINGS), "truncated or corrupt at byte 6");
	refused(BYTES(TYPE STRINGS "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "truncated or corrupt");
	refused(BYTES(TYPE STRINGS "\x32\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), "truncated or corrupt");
}

/* Sums over repeated samples stop at the end of the range. */
static void repeated_samples_saturate(void **state)
{
	struct hw_profile *p = decode(
		BYTES(TYPE LOCATION FUNCTION
		      "\x12\x0e\x0a\x01\x01\x12\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f" SAMPLE STRINGS));
	(void)state;

	assert_true(hw_profile_values(p, 0)[0] == INT64_MAX);
	hw_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_or_not_is_the_same),
		cmocka_unit_test(samples_may_be_anywhere),
		cmocka_unit_test(ids_may_be_any),
		cmocka_unit_test(what_is_unknown_is_skipped),
		cmocka_unit_test(labels_are_put_in_order),
		cmocka_unit_test(locations_without_address_stay_apart),
		cmocka_unit_test(nul_in_a_text_is_replaced),
		cmocka_unit_test(inconsistent_files_are_refused),
		cmocka_unit_test(repeated_samples_saturate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
