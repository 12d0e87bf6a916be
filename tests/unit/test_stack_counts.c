/* stack_counts.c: stacks made by hand, in a process with two mapped files. */
#include "stack_counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define APP_AVMA UINT64_C(0x400000)
#define LIB_AVMA UINT64_C(0x7f0000000000)
#define SIZE UINT64_C(0x10000)

struct world {
	struct hw_dso_table *dsos;
	struct hw_process process;
	struct hw_stack_counts counts;
	struct hw_quality quality;
	struct hw_frames frames;
};

static void map(struct world *w, const char *path, uint64_t start_avma)
{
	const struct hw_dso_key key = { .kind = HW_DSO_FILE, .path = path };
	const struct hw_mapping mapping = { .start_avma = start_avma,
					    .limit_avma = start_avma + SIZE,
					    .dso = hw_dso_table_add(w->dsos, &key) };

	hw_mappings_add(&w->process.mappings, &mapping);
}

static int set_up(void **state)
{
	static struct world w;

	w = (struct world){ .dsos = hw_dso_table_new(), .process = { .pid = 1 } };
	map(&w, "/app", APP_AVMA);
	map(&w, "/lib.so", LIB_AVMA);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	hw_stack_counts_fini(&w->counts);
	hw_quality_fini(&w->quality);
	hw_mappings_fini(&w->process.mappings);
	hw_dso_table_free(w->dsos);
	return 0;
}

/* A stack of a kernel frame and user frames, the last of them at `last`. */
static void add_stack(struct world *w, uint64_t last_avma, enum hw_frame_kind kind, enum hw_stack_end end)
{
	w->frames.at[0] = (struct hw_frame){ .avma = UINT64_MAX - 8, .kernel = true };
	w->frames.at[1] = (struct hw_frame){ .avma = APP_AVMA, .origin = HW_ORIGIN_CALLCHAIN };
	w->frames.at[2] = (struct hw_frame){ .avma = last_avma, .kind = kind, .origin = HW_ORIGIN_CFI };
	w->frames.kernel_count = 1;
	w->frames.count = 3;
	w->frames.end = end;
	hw_stack_counts_add(&w->counts, &w->frames, &w->process);
}

static uint64_t count_of(const struct hw_cause_count *causes, size_t count, const char *cause)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(causes[i].cause, cause))
			return causes[i].count;
	return 0;
}

static void assert_end(const struct hw_quality *quality, size_t i, const char *cause, const char *dso,
		       uint64_t count)
{
	assert_string_equal(quality->ends_by_dso.at[i].cause, cause);
	assert_string_equal(quality->ends_by_dso.at[i].dso, dso);
	assert_int_equal(quality->ends_by_dso.at[i].count, count);
}

/* Incomplete stacks are told by cause and by the file of their last frame, the most frequent first; complete ones are not.
 * A return address at the very end of a file's code is in that file. */
static void ends_are_told_by_cause_and_file(void **state)
{
	struct world *w = *state;

	add_stack(w, APP_AVMA, HW_FRAME_RETURN_ADDRESS, HW_END_ROOT);
	add_stack(w, APP_AVMA + 8, HW_FRAME_RETURN_ADDRESS, HW_END_TRUNCATED);
	add_stack(w, LIB_AVMA + SIZE, HW_FRAME_RETURN_ADDRESS, HW_END_NO_CFI);
	add_stack(w, LIB_AVMA + 8, HW_FRAME_IP, HW_END_NO_CFI);
	add_stack(w, LIB_AVMA + SIZE, HW_FRAME_IP, HW_END_NO_MAPPING);
	hw_stack_counts_disclose(&w->counts, w->dsos, &w->quality);
	assert_int_equal(w->quality.ends_by_dso.count, 3);
	assert_end(&w->quality, 0, "no unwind rule", "/lib.so", 2);
	assert_end(&w->quality, 1, "no mapping", "", 1);
	assert_end(&w->quality, 2, "truncated", "/app", 1);
	assert_int_equal(w->quality.stacks_complete, 1);
	assert_int_equal(w->quality.stacks_truncated, 1);
	assert_int_equal(w->quality.stacks_broken, 3);
	assert_int_equal(count_of(w->quality.stack_ends.at, w->quality.stack_ends.count, "no unwind rule"),
			 2);
	assert_int_equal(count_of(w->quality.stack_ends.at, w->quality.stack_ends.count, "root"), 1);
}

/* Frames are told by how they were found, kernel frames on their own. */
static void frames_are_told_by_origin(void **state)
{
	struct world *w = *state;
	const struct hw_quality *q = &w->quality;

	add_stack(w, APP_AVMA, HW_FRAME_RETURN_ADDRESS, HW_END_ROOT);
	add_stack(w, APP_AVMA, HW_FRAME_RETURN_ADDRESS, HW_END_ROOT);
	hw_stack_counts_disclose(&w->counts, w->dsos, &w->quality);
	assert_int_equal(q->frame_origins.count, 3);
	assert_int_equal(count_of(q->frame_origins.at, q->frame_origins.count, "kernel"), 2);
	assert_int_equal(count_of(q->frame_origins.at, q->frame_origins.count, "callchain"), 2);
	assert_int_equal(count_of(q->frame_origins.at, q->frame_origins.count, "CFI"), 2);
	assert_int_equal(q->ends_by_dso.count, 0);
}

/* A stack without a user half that is no kernel thread's has ended nowhere. */
static void a_stack_of_kernel_frames_ends_in_no_file(void **state)
{
	struct world *w = *state;

	w->frames.at[0] = (struct hw_frame){ .avma = UINT64_MAX - 8, .kernel = true };
	w->frames.count = w->frames.kernel_count = 1;
	w->frames.end = HW_END_NO_REGS;
	hw_stack_counts_add(&w->counts, &w->frames, &w->process);
	hw_stack_counts_disclose(&w->counts, w->dsos, &w->quality);
	assert_int_equal(w->quality.ends_by_dso.count, 1);
	assert_end(&w->quality, 0, "no registers", "", 1);
}

/* Of very many kinds the most frequent hundred are told one by one, the rest as one. */
static void many_kinds_are_told_together(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 150; i++) {
		char path[32];

		(void)snprintf(path, sizeof path, "/lib%u.so", i);
		map(w, path, LIB_AVMA + (i + 1) * SIZE);
		for (unsigned k = 0; k <= i; k++)
			add_stack(w, LIB_AVMA + (i + 1) * SIZE + 8, HW_FRAME_IP, HW_END_BAD_CFI);
	}
	hw_stack_counts_disclose(&w->counts, w->dsos, &w->quality);
	assert_int_equal(w->quality.ends_by_dso.count, 101);
	assert_end(&w->quality, 0, "bad unwind rule", "/lib149.so", 150);
	assert_end(&w->quality, 99, "bad unwind rule", "/lib50.so", 51);
	assert_end(&w->quality, 100, "others", "", 50 * 51 / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ends_are_told_by_cause_and_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frames_are_told_by_origin, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stack_of_kernel_frames_ends_in_no_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_kinds_are_told_together, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
