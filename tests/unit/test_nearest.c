#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void offer_all(struct hw_nearest *nearest, const char *wanted, const char *const *names)
{
	hw_nearest_init(nearest, wanted);
	for (; *names; names++)
		hw_nearest_offer(nearest, *names);
}

/* One letter changed, left out, doubled or swapped with its neighbour is the nearest of all. */
static void one_slip_is_found(void **state)
{
	static const char *const names[] = { "record", "report", "attach", "cycles", "instructions", NULL };
	static const struct {
		const char *wanted, *name;
	} slips[] = { { "recprd", "record" },  { "reprot", "report" }, { "atach", "attach" },
		      { "cyccles", "cycles" }, { "Cylces", "cycles" }, { "insructions", "instructions" } };
	struct hw_nearest nearest;

	(void)state;
	for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
		offer_all(&nearest, slips[i].wanted, names);
		assert_true(nearest.count >= 1);
		assert_string_equal(nearest.best[0].name, slips[i].name);
		assert_int_equal(nearest.best[0].cost, 1);
	}
}

/* A name far from all gets no suggestion, and neither does a single letter. */
static void what_is_far_is_not_offered(void **state)
{
	static const char *const names[] = { "record", "report", "x", NULL };
	struct hw_buf out = { 0 };
	struct hw_nearest nearest;

	(void)state;
	offer_all(&nearest, "zzzzzz", names);
	assert_int_equal(hw_nearest_print(&out, &nearest), 0);
	assert_string_equal(hw_buf_str(&out), "");
	offer_all(&nearest, "y", names);
	assert_int_equal(nearest.count, 0);
}

/* The first half of a name finds the names that begin with it, shortest first, behind a mistyped one. */
static void beginnings_come_after_slips(void **state)
{
	static const char *const names[] = { "cache-references", "cache-misses", "cachet", NULL };
	struct hw_buf out = { 0 };
	struct hw_nearest nearest;

	(void)state;
	offer_all(&nearest, "cache", names);
	assert_int_equal(hw_nearest_print(&out, &nearest), 3);
	assert_string_equal(hw_buf_str(&out), "did you mean 'cachet', 'cache-misses' or 'cache-references'?");
	hw_buf_fini(&out);
}

/* No more than HW_NEAREST_MAX are kept, the closest of all offered whatever the order, each once. */
static void the_best_five_are_kept(void **state)
{
	static const char *const names[] = { "abcdefxx", "abcdefyy", "abcdefzz", "abcdefxy", "abcdefxz",
					     "abcdefg1", "abcdefgh", "abcdefgh", NULL };
	struct hw_nearest nearest;

	(void)state;
	offer_all(&nearest, "abcdefgh", names);
	assert_int_equal(nearest.count, HW_NEAREST_MAX);
	assert_string_equal(nearest.best[0].name, "abcdefgh");
	assert_int_equal(nearest.best[0].cost, 0);
	assert_string_equal(nearest.best[1].name, "abcdefg1");
	assert_string_equal(nearest.best[2].name, "abcdefxx");
}

/* Names and wishes longer than the arrays are cut or left out, not written past the end. */
static void long_names_stay_in_bounds(void **state)
{
	char wanted[3 * HW_NEAREST_NAME_MAX];
	char fits[HW_NEAREST_NAME_MAX];
	struct hw_nearest nearest;

	(void)state;
	memset(wanted, 'a', sizeof wanted);
	wanted[sizeof wanted - 1] = '\0';
	memset(fits, 'a', sizeof fits);
	fits[sizeof fits - 1] = '\0';
	hw_nearest_init(&nearest, wanted);
	hw_nearest_offer(&nearest, wanted);
	assert_int_equal(nearest.count, 0);
	hw_nearest_offer(&nearest, fits);
	assert_int_equal(nearest.count, 1);
	assert_int_equal(nearest.best[0].cost, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_slip_is_found),	       cmocka_unit_test(what_is_far_is_not_offered),
		cmocka_unit_test(beginnings_come_after_slips), cmocka_unit_test(the_best_five_are_kept),
		cmocka_unit_test(long_names_stay_in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
