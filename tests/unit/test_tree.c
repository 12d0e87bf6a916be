/* report/tree.c against trees drawn by hand. */
#include "report/tree.h"

#include "tests/lib/profile_builder.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* The tree as text: per line two blanks per level, the name, cum/flat, or "[other N] cum". */
static void print_tree(struct hw_buf *out, const struct hw_rows *rows, const struct hw_tree *tree)
{
	struct hw_tree_item item = { 0 };

	do {
		const struct hw_tree_node *node = &tree->nodes.at[item.node];

		hw_buf_printf(out, "%*s", (int)(2 * (node->depth + item.is_other)), "");
		if (item.is_other)
			hw_buf_printf(out, "[other %" PRIu32 "] %" PRId64 "\n", node->other_count,
				      node->other);
		else
			hw_buf_printf(out, "%s %" PRId64 "/%" PRId64 "\n",
				      node->row == HW_NONE ? "[all]" : rows->list.at[node->row].name,
				      node->sum.cum, node->sum.flat);
	} while (hw_tree_next(tree, &item));
}

static void expect_tree(const char *text, enum hw_row_key key, double min_share, uint64_t child_count,
			const char *focus, const char *expected)
{
	struct hw_profile *profile = hw_test_profile("cpu/nanoseconds", text);
	const struct hw_filter filter = { .focus = focus };
	const struct hw_tree_limits limits = { .min_share = min_share, .child_count = child_count };
	struct hw_err err = { 0 };
	struct hw_buf out = { 0 };
	struct hw_view view;
	struct hw_rows rows;
	struct hw_tree tree;

	assert_int_equal(hw_view_init(&view, profile, NULL, &filter, &err), 0);
	hw_rows_init(&rows, profile, key);
	assert_int_equal(hw_tree_init(&tree, &view, &rows, &limits, &err), 0);
	print_tree(&out, &rows, &tree);
	assert_string_equal(hw_buf_str(&out), expected);
	hw_buf_fini(&out);
	hw_tree_fini(&tree);
	hw_rows_fini(&rows);
	hw_view_fini(&view);
	hw_profile_free(profile);
}

#define FORKED "main;a;x 30\nmain;a;y 20\nmain;b;x 45\nmain 4\nother 1\n"

/* Equal paths are one node; the same function on another path is another. Largest first. */
static void paths_are_nodes(void **state)
{
	(void)state;
	expect_tree(FORKED, HW_ROW_FUNCTION, 0, 0, NULL,
		    "[all] 100/0\n"
		    "  main 99/4\n"
		    "    a 50/0\n"
		    "      x 30/30\n"
		    "      y 20/20\n"
		    "    b 45/0\n"
		    "      x 45/45\n"
		    "  other 1/1\n");
}

/* Children below the share are summed up where they would have been. */
static void small_children_are_disclosed(void **state)
{
	(void)state;
	expect_tree(FORKED, HW_ROW_FUNCTION, 0.25, 0, NULL,
		    "[all] 100/0\n"
		    "  main 99/4\n"
		    "    a 50/0\n"
		    "      x 30/30\n"
		    "      [other 1] 20\n"
		    "    b 45/0\n"
		    "      x 45/45\n"
		    "  [other 1] 1\n");
}

static void children_are_limited(void **state)
{
	(void)state;
	expect_tree(FORKED, HW_ROW_FUNCTION, 0, 1, NULL,
		    "[all] 100/0\n"
		    "  main 99/4\n"
		    "    a 50/0\n"
		    "      x 30/30\n"
		    "      [other 1] 20\n"
		    "    [other 1] 45\n"
		    "  [other 1] 1\n");
}

/* Recursion nests: each call is a node. Inlined functions lie between their callers and their callees. */
static void recursion_and_inlining_nest(void **state)
{
	(void)state;
	expect_tree("f;f;g|h 5\nf;f|f 2\n", HW_ROW_FUNCTION, 0, 0, NULL,
		    "[all] 7/0\n"
		    "  f 7/0\n"
		    "    f 7/0\n"
		    "      g 5/0\n"
		    "        h 5/5\n"
		    "      f 2/2\n");
}

/* Equal values are in the order of names, whatever the order in the file. */
static void ties_are_sorted_by_name(void **state)
{
	(void)state;
	expect_tree("m;c 1\nm;a 1\nm;b 1\n", HW_ROW_FUNCTION, 0, 0, NULL,
		    "[all] 3/0\n  m 3/0\n    a 1/1\n    b 1/1\n    c 1/1\n");
}

static void an_empty_stack_is_flat_in_the_root(void **state)
{
	(void)state;
	expect_tree("- 4\nm 1\n", HW_ROW_FUNCTION, 0, 0, NULL, "[all] 5/4\n  m 1/1\n");
}

/* Frames of one DSO that follow each other are one node; a way back is another. */
static void dso_frames_in_a_row_are_one(void **state)
{
	(void)state;
	expect_tree("m;a;b!c;c!c;d|e 4\nm;b!c 2\n", HW_ROW_DSO, 0, 0, NULL,
		    "[all] 6/0\n  app 6/0\n    c 6/2\n      app 4/4\n");
}

/* The filter takes samples away; the threshold stays a share of the whole. */
static void filtered_trees(void **state)
{
	(void)state;
	expect_tree(FORKED, HW_ROW_FUNCTION, 0.25, 0, "^y$",
		    "[all] 20/0\n"
		    "  [other 1] 20\n");
	expect_tree(FORKED, HW_ROW_FUNCTION, 0, 0, "^none$", "[all] 0/0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_nodes),
		cmocka_unit_test(small_children_are_disclosed),
		cmocka_unit_test(children_are_limited),
		cmocka_unit_test(recursion_and_inlining_nest),
		cmocka_unit_test(ties_are_sorted_by_name),
		cmocka_unit_test(an_empty_stack_is_flat_in_the_root),
		cmocka_unit_test(dso_frames_in_a_row_are_one),
		cmocka_unit_test(filtered_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
