/* Findings: what is set is kept, and what the JSON makes of it. */
#include "doctor/finding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void what_is_set_last_is_kept(void **state)
{
	struct hw_findings findings = { 0 };
	struct hw_finding *finding = hw_findings_add(&findings, HW_SECTION_LIMITS, "rings", "rings");

	(void)state;
	assert_int_equal(finding->state, HW_WORKS);
	hw_finding_text(finding, "%d", 1);
	hw_finding_text(finding, "%d KiB", 512);
	hw_finding_cause(finding, HW_LIMITED, "too %s", "small");
	hw_finding_fix(finding, "sudo something");
	assert_string_equal(finding->text, "512 KiB");
	assert_string_equal(finding->cause, "too small");
	assert_string_equal(finding->fix, "sudo something");
	assert_int_equal(finding->state, HW_LIMITED);
	for (int i = 0; i < 100; i++)
		(void)hw_findings_add(&findings, HW_SECTION_LIMITS, "other", "other");
	assert_string_equal(hw_findings_find(&findings, "rings")->text, "512 KiB");
	assert_null(hw_findings_find(&findings, "absent"));
	hw_findings_fini(&findings);
	assert_int_equal(findings.list.count, 0);
}

/* Empty texts are null; numbers and words stand under facts; foreign bytes are escaped. */
static void the_json_has_every_key(void **state)
{
	static const char expected[] =
		"[\n  {\n    \"id\": \"debug-info\",\n    \"section\": \"debug-info\",\n    \"title\": "
		"\"names\",\n"
		"    \"subject\": \"a\\u0001\\\"b\",\n    \"state\": \"no\",\n    \"text\": null,\n    "
		"\"cause\": \"gone\",\n"
		"    \"fix\": null,\n    \"facts\": {\"count\": -7, \"kind\": \"x\"}\n  }\n]\n";
	struct hw_findings findings = { 0 };
	struct hw_finding *finding = hw_findings_add(&findings, HW_SECTION_DEBUG_INFO, "debug-info", "names");
	struct hw_buf out = { 0 };
	struct hw_json json = { .out = &out };

	(void)state;
	finding->subject = hw_strdup("a\001\"b");
	hw_finding_cause(finding, HW_NO, "gone");
	hw_finding_number(finding, "count", -7);
	hw_finding_word(finding, "kind", "x");
	hw_findings_json(&json, &findings);
	assert_string_equal(hw_buf_str(&out), expected);
	hw_buf_fini(&out);
	hw_findings_fini(&findings);
}

/* Programs rely on these words: hwprof-doctor(1), JSON FORMAT. */
static void the_words_are_those_of_the_manual(void **state)
{
	static const char *const ids[HW_SECTION_COUNT] = {
		"hardware-counters", "kernel-events", "privileges", "limits", "kernel", "debug-info"
	};

	(void)state;
	for (unsigned i = 0; i < HW_SECTION_COUNT; i++)
		assert_string_equal(hw_section_id(i), ids[i]);
	assert_string_equal(hw_finding_state_name(HW_WORKS), "works");
	assert_string_equal(hw_finding_state_name(HW_LIMITED), "limited");
	assert_string_equal(hw_finding_state_name(HW_NO), "no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_set_last_is_kept),
		cmocka_unit_test(the_json_has_every_key),
		cmocka_unit_test(the_words_are_those_of_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
