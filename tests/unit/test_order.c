/* Records of several CPUs come out by time, none too early. */
#include "record/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

/* Records are their own time, so that what comes out can be checked. */
static void add(struct hw_order *order, size_t queue, uint64_t time_ns)
{
	hw_order_add(order, queue, time_ns, hw_bytes_of(&time_ns, sizeof time_ns));
}

/* The next record's time, or 0 when none may go. */
static uint64_t next(struct hw_order *order)
{
	struct hw_bytes record;

	return hw_order_next(order, &record) ? hw_bytes_u64(&record) : 0;
}

/* A record waits until the round after it: another CPU may still hold an earlier one. */
static void records_wait_for_the_next_round(void **state)
{
	struct hw_order *order = hw_order_new(2);

	(void)state;
	add(order, 0, 100);
	hw_order_end_round(order);
	assert_int_equal(next(order), 0);
	add(order, 1, 50); /* was written before 100, read later */
	add(order, 1, 150);
	hw_order_end_round(order);
	assert_int_equal(next(order), 50);
	assert_int_equal(next(order), 100);
	assert_int_equal(next(order), 0); /* 150 waits for its round */
	hw_order_end_round(order);
	assert_int_equal(next(order), 150);
	assert_int_equal(hw_order_late(order), 0);
	hw_order_free(order);
}

/* Within one CPU an NMI may finish its record before the one it interrupted. */
static void disorder_within_a_cpu_is_mended(void **state)
{
	struct hw_order *order = hw_order_new(1);

	(void)state;
	add(order, 0, 10);
	add(order, 0, 30);
	add(order, 0, 20);
	hw_order_end(order);
	assert_int_equal(next(order), 10);
	assert_int_equal(next(order), 20);
	assert_int_equal(next(order), 30);
	hw_order_free(order);
}

/* The end lets everything go, also when no round followed. */
static void end_lets_everything_go(void **state)
{
	struct hw_order *order = hw_order_new(3);

	(void)state;
	add(order, 2, 3);
	add(order, 0, 1);
	hw_order_end_round(order);
	assert_int_equal(next(order), 0);
	add(order, 1, 2);
	hw_order_end(order);
	assert_int_equal(next(order), 1);
	assert_int_equal(next(order), 2);
	assert_int_equal(next(order), 3);
	assert_int_equal(next(order), 0);
	hw_order_free(order);
}

/* A record older than one that went is delivered and counted. */
static void late_record_is_counted(void **state)
{
	struct hw_order *order = hw_order_new(2);

	(void)state;
	add(order, 0, 100);
	hw_order_end_round(order);
	hw_order_end_round(order);
	assert_int_equal(next(order), 100);
	add(order, 1, 60);
	hw_order_end(order);
	assert_int_equal(next(order), 60);
	assert_int_equal(hw_order_late(order), 1);
	hw_order_free(order);
}

/* Many rounds of a simulated machine: CPUs write in time order and are read at different moments; what comes out is
 * everything, once, in order, and intact. */
static void simulated_machine_stays_in_order(void **state)
{
	enum { cpus = 7, rounds = 400 };
	struct hw_order *order = hw_order_new(cpus);
	uint64_t clock_ns = 1;
	uint64_t written = 0;
	uint64_t taken = 0;
	uint64_t last = 0;
	uint64_t random = 88172645463325252u;
	unsigned char big[3000];

	(void)state;
	memset(big, 0x5a, sizeof big);
	for (int round = 0; round <= rounds; round++) {
		struct hw_bytes record;

		for (size_t cpu = 0; cpu < cpus; cpu++) {
			/* While this CPU is read, time goes on, so that later ones hold newer records. */
			const uint64_t records = round < rounds ? (random >> 20) % 9 : 0;

			for (uint64_t i = 0; i < records; i++) {
				clock_ns += 1 + (random & 7);
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				memcpy(big, &clock_ns, sizeof clock_ns);
				hw_order_add(order, cpu, clock_ns,
					     hw_bytes_of(big, 8 + random % (sizeof big - 8)));
				written++;
			}
		}
		if (round < rounds)
			hw_order_end_round(order);
		else
			hw_order_end(order);
		while (hw_order_next(order, &record)) {
			const uint64_t time_ns = hw_bytes_u64(&record);

			assert_true(time_ns > last);
			while (hw_bytes_left(&record))
				assert_int_equal(hw_bytes_u8(&record), 0x5a);
			last = time_ns;
			taken++;
		}
	}
	assert_int_equal(taken, written);
	assert_int_equal(hw_order_late(order), 0);
	hw_order_free(order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_wait_for_the_next_round),
		cmocka_unit_test(disorder_within_a_cpu_is_mended),
		cmocka_unit_test(end_lets_everything_go),
		cmocka_unit_test(late_record_is_counted),
		cmocka_unit_test(simulated_machine_stays_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
