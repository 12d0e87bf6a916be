/* What must add up in every report, whatever the profile: on random ones, with recursion and inlining, against the
 * plainest way to compute it. */
#include "report/callers.h"
#include "report/tree.h"

#include "tests/lib/profile_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define ROUNDS 60

/* Numbers that look random and are the same in every run (Knuth's MMIX generator). */
static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % below;
}

static struct hw_profile *random_profile(uint64_t seed)
{
	const uint32_t function_count = 1 + draw(&seed, 12);
	const uint32_t sample_count = 1 + draw(&seed, 60);
	struct hw_buf text = { 0 };
	struct hw_profile *profile;

	for (uint32_t i = 0; i < sample_count; i++) {
		const uint32_t depth = 1 + draw(&seed, 9);

		for (uint32_t j = 0; j < depth; j++) {
			hw_buf_printf(&text, "%sf%u", j ? ";" : "", draw(&seed, function_count));
			while (draw(&seed, 4) == 0)
				hw_buf_printf(&text, "|f%u", draw(&seed, function_count));
			hw_buf_printf(&text, "!lib%u", draw(&seed, 3));
		}
		hw_buf_printf(&text, " %u %u\n", draw(&seed, 3), draw(&seed, 1000));
	}
	if (draw(&seed, 3) == 0)
		hw_buf_text(&text, "- 1 5\n");
	profile = hw_test_profile("samples/count cpu/nanoseconds", text.data);
	hw_buf_fini(&text);
	return profile;
}

/* Cum and flat of one row, by looking at every frame of every stack. */
static struct hw_row_sum slow_sum(const struct hw_view *view, const struct hw_rows *rows, uint32_t row)
{
	const struct hw_profile *p = view->profile;
	struct hw_row_sum sum = { 0 };

	for (size_t i = 0; i < p->samples.count; i++) {
		int64_t samples;
		const int64_t value = hw_view_value(view, i, &samples);
		uint32_t depth;
		const uint32_t *stack = hw_stacks_locations(&p->stacks, p->samples.at[i].stack, &depth);
		bool is_inside = !depth && row == rows->of_empty_stack;

		for (uint32_t j = 0; j < depth; j++)
			for (uint32_t k = rows->first_of_location[stack[j]];
			     k < rows->first_of_location[stack[j] + 1]; k++)
				is_inside |= rows->of_location.at[k] == row;
		sum.cum += is_inside ? value : 0;
		if (depth ? rows->of_location.at[rows->first_of_location[stack[0]]] == row : is_inside)
			sum.flat += value;
	}
	return sum;
}

static void check_totals(const struct hw_view *view, const struct hw_rows *rows,
			 const struct hw_totals *totals)
{
	int64_t flat = 0;

	for (uint32_t i = 0; i < rows->list.count; i++) {
		const struct hw_row_sum sum = slow_sum(view, rows, i);

		assert_int_equal(totals->sums[i].flat, sum.flat);
		assert_int_equal(totals->sums[i].cum, sum.cum);
		assert_true(sum.cum >= sum.flat);
		flat += sum.flat;
	}
	assert_int_equal(flat, view->total);
}

static void check_tree(const struct hw_view *view, const struct hw_rows *rows, double min_share)
{
	const struct hw_tree_limits limits = { .min_share = min_share };
	struct hw_err err = { 0 };
	struct hw_tree tree;

	assert_int_equal(hw_tree_init(&tree, view, rows, &limits, &err), 0);
	assert_int_equal(tree.nodes.at[0].sum.cum, view->total);
	for (size_t i = 0; i < tree.nodes.count; i++) {
		const struct hw_tree_node *node = &tree.nodes.at[i];
		int64_t sum = node->sum.flat + node->other;
		int64_t samples = node->sum.flat_samples + node->other_samples;

		for (uint32_t j = 0; j < node->child_count; j++) {
			sum += tree.nodes.at[node->first_child + j].sum.cum;
			samples += tree.nodes.at[node->first_child + j].sum.cum_samples;
		}
		assert_int_equal(sum, node->sum.cum);
		assert_int_equal(samples, node->sum.cum_samples);
		assert_true(i == 0 || (double)node->sum.cum >= min_share * (double)view->total);
	}
	hw_tree_fini(&tree);
}

static void check_callers(const struct hw_view *view, const struct hw_rows *rows,
			  const struct hw_totals *totals, enum hw_caller_side side)
{
	struct hw_err err = { 0 };
	struct hw_callers callers;

	assert_int_equal(hw_callers_init(&callers, view, rows, totals, side, ".", 0, &err), 0);
	assert_int_equal(callers.blocks.count, totals->order_count);
	for (size_t i = 0; i < callers.blocks.count; i++) {
		const struct hw_caller_block *block = &callers.blocks.at[i];
		int64_t sum = 0;

		for (size_t j = 0; j < block->count; j++) {
			sum += callers.list.at[block->first + j].value;
			if (side == HW_CALLEES && callers.list.at[block->first + j].row == HW_NONE)
				assert_int_equal(callers.list.at[block->first + j].value, block->sum.flat);
		}
		assert_int_equal(sum, totals->sums[block->row].cum);
	}
	hw_callers_fini(&callers);
}

static void check_profile(const struct hw_profile *profile, enum hw_row_key key)
{
	const struct hw_filter filter = { 0 };
	struct hw_err err = { 0 };
	struct hw_view view;
	struct hw_rows rows;
	struct hw_totals totals;

	assert_int_equal(hw_view_init(&view, profile, NULL, &filter, &err), 0);
	hw_rows_init(&rows, profile, key);
	hw_totals_init(&totals, &view, &rows, false);
	check_totals(&view, &rows, &totals);
	check_tree(&view, &rows, 0);
	check_tree(&view, &rows, 0.05);
	check_callers(&view, &rows, &totals, HW_CALLERS);
	check_callers(&view, &rows, &totals, HW_CALLEES);
	hw_totals_fini(&totals);
	hw_rows_fini(&rows);
	hw_view_fini(&view);
}

/* Flats add up to the total; a node's flat, children and other to its cum; callers, and callees with self, to cum. */
static void everything_adds_up(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		struct hw_profile *profile = random_profile(seed);

		check_profile(profile, HW_ROW_FUNCTION);
		check_profile(profile, HW_ROW_LINE);
		check_profile(profile, HW_ROW_DSO);
		hw_profile_free(profile);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(everything_adds_up) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
