/* Records of several CPUs come out by time, none too early, and what lies before them is free. */
#include "record/order.h"

#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

/* Records of 8 bytes, one behind the other. */
static void add(struct hw_order *order, uint32_t queue, uint64_t time_ns, uint64_t position)
{
	hw_order_add(order,
		     (struct hw_order_record){
			     .time_ns = time_ns, .position = position, .size_bytes = 8, .queue = queue });
}

/* The next record's time, or 0 when none may go. */
static uint64_t next(struct hw_order *order)
{
	struct hw_order_record record;

	return hw_order_next(order, &record) ? record.time_ns : 0;
}

/* Records that are newer than what may go wait, on whatever CPU; those of the very time go. */
static void records_wait_for_their_time(void **state)
{
	struct hw_order *order = hw_order_new(2);

	(void)state;
	add(order, 0, 100, 0);
	hw_order_release(order, 99);
	assert_int_equal(next(order), 0);
	add(order, 1, 50, 0);
	add(order, 1, 150, 8);
	hw_order_release(order, 100);
	assert_int_equal(next(order), 50);
	assert_int_equal(next(order), 100);
	assert_int_equal(next(order), 0);
	hw_order_release(order, 120);
	assert_int_equal(next(order), 0);
	hw_order_release(order, UINT64_MAX);
	assert_int_equal(next(order), 150);
	assert_int_equal(next(order), 0);
	assert_int_equal(hw_order_late(order), 0);
	hw_order_free(order);
}

/* What may go does so still when the clock seems to have gone back. */
static void release_never_takes_back(void **state)
{
	struct hw_order *order = hw_order_new(1);

	(void)state;
	add(order, 0, 100, 0);
	hw_order_release(order, 100);
	hw_order_release(order, 7);
	assert_int_equal(next(order), 100);
	hw_order_free(order);
}

/* Within one CPU an NMI may finish its record before the one it interrupted. The place of the later one is not free
 * before the earlier one, which lies behind it, and it, have both gone. */
static void disorder_within_a_cpu_is_mended(void **state)
{
	struct hw_order *order = hw_order_new(1);

	(void)state;
	assert_int_equal(hw_order_kept_from(order, 0, 77), 77);
	add(order, 0, 10, 0);
	add(order, 0, 30, 8);
	add(order, 0, 20, 16);
	add(order, 0, 40, 24);
	hw_order_release(order, UINT64_MAX);
	assert_int_equal(hw_order_kept_from(order, 0, 32), 0);
	assert_int_equal(next(order), 10);
	assert_int_equal(hw_order_kept_from(order, 0, 32), 8);
	assert_int_equal(next(order), 20);
	assert_int_equal(hw_order_kept_from(order, 0, 32), 8);
	assert_int_equal(next(order), 30);
	assert_int_equal(hw_order_kept_from(order, 0, 32), 24);
	assert_int_equal(next(order), 40);
	assert_int_equal(hw_order_kept_from(order, 0, 32), 32);
	hw_order_free(order);
}

/* Records of one time go by the number of their CPU, the same way every time. */
static void ties_go_by_queue(void **state)
{
	struct hw_order *order = hw_order_new(3);
	struct hw_order_record record;

	(void)state;
	for (uint32_t queue = 3; queue-- > 0;)
		add(order, queue, 5, 0);
	hw_order_release(order, 5);
	for (uint32_t queue = 0; queue < 3; queue++) {
		assert_int_equal(hw_order_peek(order)->queue, queue);
		assert_int_equal(hw_order_next(order, &record), 1);
		assert_int_equal(record.queue, queue);
	}
	assert_null(hw_order_peek(order));
	hw_order_free(order);
}

/* A record older than one that went is delivered and counted. */
static void late_record_is_counted(void **state)
{
	struct hw_order *order = hw_order_new(2);

	(void)state;
	add(order, 0, 100, 0);
	hw_order_release(order, 100);
	assert_int_equal(next(order), 100);
	add(order, 1, 60, 0);
	hw_order_release(order, 100);
	assert_int_equal(next(order), 60);
	assert_int_equal(hw_order_late(order), 1);
	hw_order_free(order);
}

/* --- Against a model that searches everything ---------------------------------------------------------------- */

enum { QUEUES = 5, RECORDS = 20000 };

struct model {
	struct hw_order_record at[RECORDS];
	bool gone[RECORDS];
	size_t count;
	uint64_t until_ns;
	uint64_t gone_ns;
	uint64_t late;
	size_t first; /* all before have gone */
};

static uint64_t random_below(uint64_t *random, uint64_t limit)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (*random >> 11) % limit;
}

/* The oldest that may go: by time, queue, place. */
static const struct hw_order_record *model_next(struct model *model)
{
	size_t best = SIZE_MAX;

	while (model->first < model->count && model->gone[model->first])
		model->first++;
	for (size_t i = model->first; i < model->count; i++) {
		const struct hw_order_record *record = &model->at[i];

		if (model->gone[i] || record->time_ns > model->until_ns)
			continue;
		if (best == SIZE_MAX || record->time_ns < model->at[best].time_ns ||
		    (record->time_ns == model->at[best].time_ns && record->queue < model->at[best].queue))
			best = i;
	}
	if (best == SIZE_MAX)
		return NULL;
	model->gone[best] = true;
	if (model->at[best].time_ns > model->gone_ns)
		model->gone_ns = model->at[best].time_ns;
	return &model->at[best];
}

static uint64_t model_kept_from(const struct model *model, uint32_t queue, uint64_t end)
{
	for (size_t i = model->first; i < model->count; i++)
		if (!model->gone[i] && model->at[i].queue == queue)
			return model->at[i].position;
	return end;
}

/* Take what may go from both; after each record, what is kept of every queue is the same, too. */
static void compare_takes(struct hw_order *order, struct model *model, const uint64_t *ends, uint64_t most)
{
	struct hw_order_record record;

	for (uint64_t i = 0; i < most; i++) {
		const struct hw_order_record *expected = model_next(model);

		assert_int_equal(hw_order_next(order, &record), expected ? 1 : 0);
		if (!expected)
			return;
		assert_int_equal(record.time_ns, expected->time_ns);
		assert_int_equal(record.queue, expected->queue);
		assert_int_equal(record.position, expected->position);
		assert_int_equal(record.size_bytes, expected->size_bytes);
		for (uint32_t queue = 0; queue < QUEUES; queue++)
			assert_int_equal(hw_order_kept_from(order, queue, ends[queue]),
					 model_kept_from(model, queue, ends[queue]));
	}
}

/* A machine of five CPUs with records out of place and late ones, not all taken each time: the same records come out in
 * the same order as of a search through everything, and the same room is free. */
static void random_machine_equals_the_model(void **state)
{
	struct model *model = hw_alloc(1, sizeof *model);
	struct hw_order *order = hw_order_new(QUEUES);
	uint64_t ends[QUEUES] = { 0 };
	uint64_t random = 88172645463325252u;
	uint64_t clock_ns = 1000;

	(void)state;
	while (model->count < RECORDS) {
		for (uint64_t more = random_below(&random, 60); more && model->count < RECORDS; more--) {
			const uint32_t queue = (uint32_t)random_below(&random, QUEUES);
			const uint64_t before = random_below(&random, 8) ? 0 : random_below(&random, 40);
			const struct hw_order_record record = {
				.time_ns = clock_ns - before,
				.position = ends[queue],
				.size_bytes = 8 + 8 * (uint32_t)random_below(&random, 6000),
				.queue = queue,
			};

			clock_ns += random_below(&random, 3);
			ends[queue] += record.size_bytes;
			model->late += record.time_ns < model->gone_ns;
			model->at[model->count++] = record;
			hw_order_add(order, record);
		}
		model->until_ns = clock_ns - 30;
		hw_order_release(order, model->until_ns);
		compare_takes(order, model, ends, random_below(&random, 100));
	}
	model->until_ns = UINT64_MAX;
	hw_order_release(order, UINT64_MAX);
	compare_takes(order, model, ends, RECORDS);
	assert_true(model->late > 0);
	assert_int_equal(hw_order_late(order), model->late);
	for (size_t i = 0; i < RECORDS; i++)
		assert_true(model->gone[i]);
	hw_order_free(order);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_wait_for_their_time),
		cmocka_unit_test(release_never_takes_back),
		cmocka_unit_test(disorder_within_a_cpu_is_mended),
		cmocka_unit_test(ties_go_by_queue),
		cmocka_unit_test(late_record_is_counted),
		cmocka_unit_test(random_machine_equals_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
