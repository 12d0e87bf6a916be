/* How far records may go is never past what has been seen, on whatever clock. */
#include "record/horizon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FINISH = 1000 };

/* On our own clock it is the beginning of the look, less what the kernel needs. */
static void own_clock_counts_from_the_look(void **state)
{
	struct hw_horizon horizon = { .clock_is_ours = true };
	const struct hw_horizon_look look = { .begin_ns = 50000, .end_ns = 90000, .newest_ns = 10 };
	const struct hw_horizon_look early = { .begin_ns = 500, .end_ns = 600 };

	(void)state;
	assert_int_equal(hw_horizon_after(&horizon, &look, FINISH), 49000);
	assert_int_equal(hw_horizon_after(&horizon, &early, FINISH), 0);
}

/* On another clock, nothing goes before a first record has told how the clocks stand; then the newest record's time,
 * less the time the look took. */
static void other_clock_is_known_from_records(void **state)
{
	struct hw_horizon horizon = { 0 };
	struct hw_horizon_look look = { .begin_ns = 1000000, .end_ns = 1000300 };

	(void)state;
	assert_int_equal(hw_horizon_after(&horizon, &look, FINISH), 0);
	look.newest_ns = 7000000;
	assert_int_equal(hw_horizon_after(&horizon, &look, FINISH), 7000000 - 300 - FINISH);
}

/* When nothing new comes, time goes on nevertheless, so that the last records do not wait for others. */
static void time_goes_on_without_records(void **state)
{
	struct hw_horizon horizon = { 0 };
	struct hw_horizon_look look = { .begin_ns = 1000000, .end_ns = 1000000, .newest_ns = 5000 };

	(void)state;
	assert_true(hw_horizon_after(&horizon, &look, FINISH) < 5000);
	look.begin_ns = look.end_ns = 1100000;
	assert_true(hw_horizon_after(&horizon, &look, FINISH) > 5000);
	assert_true(hw_horizon_after(&horizon, &look, FINISH) <= 5000 + 100000 - FINISH);
}

/* A machine whose clocks differ by an offset and 500 ppm in speed, looked at for an hour at random intervals with few
 * records: what may go always lies FINISH or more before the look. */
static void horizon_never_overtakes(void **state)
{
	(void)state;
	for (int ppm = -500; ppm <= 500; ppm += 250) {
		for (int64_t offset = -4000000; offset <= 4000000; offset += 4000000) {
			struct hw_horizon horizon = { 0 };
			struct hw_horizon_look look = { 0 };
			uint64_t random = 88172645463325252u;
			uint64_t now = 10000000;

			while (now < UINT64_C(3600000000000)) {
				uint64_t theirs;

				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				now += random % 2000000000;
				look.begin_ns = now;
				now += (random >> 40) % 100000;
				look.end_ns = now;
				theirs = look.begin_ns +
					 (uint64_t)(offset + (int64_t)look.begin_ns / 1000000 * ppm);
				if (random >> 60 < 4)
					look.newest_ns = theirs - (random >> 32) % 100000;
				assert_true(hw_horizon_after(&horizon, &look, FINISH) <= theirs);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_clock_counts_from_the_look),
		cmocka_unit_test(other_clock_is_known_from_records),
		cmocka_unit_test(time_goes_on_without_records),
		cmocka_unit_test(horizon_never_overtakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
