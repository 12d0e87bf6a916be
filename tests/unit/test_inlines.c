#include "dso/inlines.h"

#include "dso/die_name.h"
#include "dso/die_scope.h"
#include "tests/lib/dwarf_bytes.h"

#include <dwarf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Abbreviations of the trees below. */
enum {
	ROOT = 1,
	CODE,	 /* subprogram: low_pc, length */
	INLINED, /* low_pc, length, abstract_origin, call_line */
	BLOCK,
	NAMED, /* subprogram: name, linkage_name */
	SPACE, /* namespace: name */
	CLASS, /* structure_type: name */
	NAMELESS_SPACE,
	LEAF,		/* formal_parameter without children */
	JUMPY,		/* structure_type: sibling */
	SPECIFIED,	/* subprogram: specification, low_pc, length */
	RANGED,		/* subprogram: ranges */
	LONELY_NAME,	/* subprogram: name */
	SPECIFIED_TREE, /* subprogram with children: specification */
};

struct tree {
	struct hw_buf info, abbrev, ranges;
	struct hw_dwarf_sections sections;
	struct hw_dwarf_units units;
	struct hw_dwarf_abbrev_cache cache;
	struct hw_inlines inlines;
	size_t start;
};

static void put_abbrevs(struct hw_buf *abbrev)
{
	put_abbrev(abbrev, ROOT, DW_TAG_compile_unit, true);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, CODE, DW_TAG_subprogram, true);
	put_spec(abbrev, DW_AT_low_pc, DW_FORM_addr);
	put_spec(abbrev, DW_AT_high_pc, DW_FORM_data4);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, INLINED, DW_TAG_inlined_subroutine, true);
	put_spec(abbrev, DW_AT_low_pc, DW_FORM_addr);
	put_spec(abbrev, DW_AT_high_pc, DW_FORM_data4);
	put_spec(abbrev, DW_AT_abstract_origin, DW_FORM_ref4);
	put_spec(abbrev, DW_AT_call_line, DW_FORM_udata);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, BLOCK, DW_TAG_lexical_block, true);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, NAMED, DW_TAG_subprogram, true);
	put_spec(abbrev, DW_AT_name, DW_FORM_string);
	put_spec(abbrev, DW_AT_linkage_name, DW_FORM_string);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, SPACE, DW_TAG_namespace, true);
	put_spec(abbrev, DW_AT_name, DW_FORM_string);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, CLASS, DW_TAG_structure_type, true);
	put_spec(abbrev, DW_AT_name, DW_FORM_string);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, NAMELESS_SPACE, DW_TAG_namespace, true);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, LEAF, DW_TAG_formal_parameter, false);
	put_spec(abbrev, DW_AT_location, DW_FORM_exprloc);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, JUMPY, DW_TAG_structure_type, true);
	put_spec(abbrev, DW_AT_sibling, DW_FORM_ref4);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, SPECIFIED, DW_TAG_subprogram, false);
	put_spec(abbrev, DW_AT_specification, DW_FORM_ref4);
	put_spec(abbrev, DW_AT_low_pc, DW_FORM_addr);
	put_spec(abbrev, DW_AT_high_pc, DW_FORM_data4);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, RANGED, DW_TAG_subprogram, true);
	put_spec(abbrev, DW_AT_ranges, DW_FORM_sec_offset);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, LONELY_NAME, DW_TAG_subprogram, false);
	put_spec(abbrev, DW_AT_name, DW_FORM_string);
	put_spec(abbrev, 0, 0);
	put_abbrev(abbrev, SPECIFIED_TREE, DW_TAG_subprogram, true);
	put_spec(abbrev, DW_AT_specification, DW_FORM_ref4);
	put_spec(abbrev, 0, 0);
	put_u8(abbrev, 0);
}

static void begin(struct tree *t)
{
	*t = (struct tree){ 0 };
	put_abbrevs(&t->abbrev);
	t->start = put_unit(&t->info, 4);
	put_uleb(&t->info, ROOT);
}

/* Offset in the unit of what is put next. */
static uint32_t here(const struct tree *t)
{
	return (uint32_t)(t->info.size - t->start);
}

static void put_code(struct tree *t, uint64_t start_svma, uint32_t size)
{
	put_uleb(&t->info, CODE);
	put_u64(&t->info, start_svma);
	put_u32(&t->info, size);
}

static void put_inlined(struct tree *t, uint64_t start_svma, uint32_t size, uint32_t origin, unsigned line)
{
	put_uleb(&t->info, INLINED);
	put_u64(&t->info, start_svma);
	put_u32(&t->info, size);
	put_u32(&t->info, origin);
	put_uleb(&t->info, line);
}

static void put_named(struct tree *t, unsigned abbrev, const char *name)
{
	put_uleb(&t->info, abbrev);
	put_text(&t->info, name);
}

static void put_end(struct tree *t)
{
	put_u8(&t->info, 0);
}

/* End the unit as it is and look the addresses up. */
static void find(struct tree *t, const uint64_t *svmas, size_t count)
{
	put_unit_end(&t->info, t->start);
	t->sections = (struct hw_dwarf_sections){ .info = bytes_of(&t->info),
						  .abbrev = bytes_of(&t->abbrev),
						  .ranges = bytes_of(&t->ranges) };
	hw_dwarf_units_init(&t->units, &t->sections, NULL);
	assert_int_equal(t->units.list.count, 1);
	hw_inlines_find(&t->inlines, &t->units.list.at[0], 0x1000, svmas, count, &t->cache);
	assert_int_equal(t->inlines.innermost.count, count);
}

static void end(struct tree *t)
{
	hw_inlines_fini(&t->inlines);
	hw_dwarf_units_fini(&t->units);
	hw_dwarf_abbrev_cache_fini(&t->cache);
	hw_buf_fini(&t->info);
	hw_buf_fini(&t->abbrev);
	hw_buf_fini(&t->ranges);
}

/* The chain of an address: where its nodes' code starts and where they were called, innermost first. */
static void expect_chain(const struct tree *t, size_t i, const char *expected)
{
	struct hw_buf chain = { 0 };

	for (uint32_t at = t->inlines.innermost.at[i]; at != HW_INLINE_NONE;
	     at = t->inlines.nodes.at[at].parent)
		hw_buf_printf(&chain, "%llx:%u ", (unsigned long long)t->inlines.nodes.at[at].entry_svma,
			      t->inlines.nodes.at[at].call_line);
	assert_string_equal(hw_buf_str(&chain), expected);
	hw_buf_fini(&chain);
}

/* Calls are nested as their DIEs are, also through blocks; what follows a function is not in it. */
static void nesting_is_followed(void **state)
{
	static const uint64_t svmas[] = { 0x1fff, 0x2000, 0x2010, 0x2011, 0x2014, 0x2018, 0x20ff, 0x2100 };
	struct tree t;
	(void)state;

	begin(&t);
	put_code(&t, 0x2000, 0x100);
	put_uleb(&t.info, LEAF);
	put_u8(&t.info, 1);
	put_u8(&t.info, 0x9c);
	put_uleb(&t.info, BLOCK);
	put_inlined(&t, 0x2010, 8, 0, 11);
	put_inlined(&t, 0x2011, 3, 0, 22);
	put_end(&t);
	put_end(&t);
	put_end(&t);
	put_inlined(&t, 0x20ff, 1, 0, 33);
	put_end(&t);
	put_end(&t);
	put_end(&t);
	find(&t, svmas, HW_COUNT_OF(svmas));
	expect_chain(&t, 0, "");
	expect_chain(&t, 1, "2000:0 ");
	expect_chain(&t, 2, "2010:11 2000:0 ");
	expect_chain(&t, 3, "2011:22 2010:11 2000:0 ");
	expect_chain(&t, 4, "2010:11 2000:0 ");
	expect_chain(&t, 5, "2000:0 ");
	expect_chain(&t, 6, "20ff:33 2000:0 ");
	expect_chain(&t, 7, "");
	end(&t);
}

/* An inlined call only counts where its caller does: outside it is no frame of its own. */
static void calls_count_inside_their_callers(void **state)
{
	static const uint64_t svmas[] = { 0x2000, 0x3000 };
	struct tree t;
	(void)state;

	begin(&t);
	put_code(&t, 0x2000, 0x10);
	put_inlined(&t, 0x2000, 0x2000, 0, 5);
	put_end(&t);
	put_end(&t);
	put_inlined(&t, 0x3000, 0x10, 0, 6);
	put_end(&t);
	put_end(&t);
	find(&t, svmas, HW_COUNT_OF(svmas));
	expect_chain(&t, 0, "2000:5 2000:0 ");
	expect_chain(&t, 1, "");
	end(&t);
}

/* Functions are found wherever they are declared: in namespaces, in types, in functions no address is in. */
static void functions_are_found_everywhere(void **state)
{
	static const uint64_t svmas[] = { 0x2000, 0x3000, 0x4000, 0x5000 };
	struct tree t;
	(void)state;

	begin(&t);
	put_named(&t, SPACE, "ns");
	put_code(&t, 0x2000, 0x10);
	put_end(&t);
	put_named(&t, CLASS, "type");
	put_code(&t, 0x3000, 0x10);
	put_end(&t);
	put_end(&t);
	put_end(&t);
	put_code(&t, 0x8000, 0x10);
	put_uleb(&t.info, BLOCK);
	put_code(&t, 0x4000, 0x10);
	put_end(&t);
	put_end(&t);
	put_end(&t);
	put_named(&t, NAMED, "abstract");
	put_text(&t.info, "");
	put_named(&t, CLASS, "local");
	put_code(&t, 0x5000, 0x10);
	put_end(&t);
	put_end(&t);
	put_end(&t);
	put_end(&t);
	find(&t, svmas, HW_COUNT_OF(svmas));
	expect_chain(&t, 0, "2000:0 ");
	expect_chain(&t, 1, "3000:0 ");
	expect_chain(&t, 2, "4000:0 ");
	expect_chain(&t, 3, "5000:0 ");
	end(&t);
}

/* A function in several parts is entered where the first of them starts; parts below the code are of functions the
 * linker left out. */
static void parts_are_one_function(void **state)
{
	static const uint64_t svmas[] = { 0x10, 0x2008, 0x3008 };
	struct tree t;
	(void)state;

	begin(&t);
	put_uleb(&t.info, RANGED);
	put_u32(&t.info, 0);
	put_end(&t);
	put_end(&t);
	put_u64(&t.ranges, 0);
	put_u64(&t.ranges, 0x100);
	put_u64(&t.ranges, 0x3000);
	put_u64(&t.ranges, 0x3010);
	put_u64(&t.ranges, 0x2000);
	put_u64(&t.ranges, 0x2010);
	put_u64(&t.ranges, 0);
	put_u64(&t.ranges, 0);
	find(&t, svmas, HW_COUNT_OF(svmas));
	expect_chain(&t, 0, "");
	expect_chain(&t, 1, "3000:0 ");
	expect_chain(&t, 2, "3000:0 ");
	end(&t);
}

/* DW_AT_sibling is a shortcut where it leads forwards in the unit, and no trap where it does not. */
static void siblings_are_not_trusted(void **state)
{
	static const uint64_t svmas[] = { 0x2000 };
	(void)state;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t at, target;
		struct tree t;

		begin(&t);
		put_uleb(&t.info, JUMPY);
		at = (uint32_t)t.info.size;
		put_u32(&t.info, 0);
		put_named(&t, LONELY_NAME, "member");
		put_end(&t);
		target = here(&t);
		put_code(&t, 0x2000, 0x10);
		put_end(&t);
		put_end(&t);
		target = i == 0 ? target : i == 1 ? 0 : i == 2 ? at - 1 : UINT32_MAX;
		memcpy(t.info.data + at, &target, sizeof target);
		find(&t, svmas, 1);
		expect_chain(&t, 0, "2000:0 ");
		end(&t);
	}
}

/* However a tree is cut off, what was whole is found and nothing else is read. */
static void broken_trees_are_bounded(void **state)
{
	static const uint64_t svmas[] = { 0x2000 };
	struct tree t;
	size_t whole;
	(void)state;

	begin(&t);
	put_code(&t, 0x2000, 0x10);
	whole = t.info.size;
	put_inlined(&t, 0x2000, 0x10, 0, 7);
	for (size_t size = t.start + 12; size <= t.info.size; size++) {
		struct tree cut = { .start = 0 };

		hw_buf_add(&cut.info, t.info.data, size);
		put_abbrevs(&cut.abbrev);
		find(&cut, svmas, 1);
		expect_chain(&cut, 0,
			     size == t.info.size ? "2000:7 2000:0 "
			     : size >= whole	 ? "2000:0 "
						 : "");
		end(&cut);
	}
	end(&t);
}

/* Nesting without end is not followed without end. */
static void depth_is_bounded(void **state)
{
	static const uint64_t svmas[] = { 0x2000, 0x3000 };
	struct tree t;
	(void)state;

	begin(&t);
	put_code(&t, 0x2000, 0x10);
	for (int i = 0; i < 10000; i++)
		put_inlined(&t, 0x2000, 0x10, 0, 1);
	for (int i = 0; i < 10001; i++)
		put_end(&t);
	put_code(&t, 0x3000, 0x10);
	put_end(&t);
	put_end(&t);
	find(&t, svmas, HW_COUNT_OF(svmas));
	assert_in_range(t.inlines.nodes.count, 200, 300);
	expect_chain(&t, 1, "3000:0 ");
	end(&t);
}

/* A name comes from the DIE, what it was made from, and what that specifies; a circle ends. */
static void names_are_followed(void **state)
{
	struct hw_die_name name;
	uint32_t declared, specified, self;
	struct tree t;
	(void)state;

	begin(&t);
	put_named(&t, SPACE, "outer");
	put_uleb(&t.info, NAMELESS_SPACE);
	put_named(&t, CLASS, "Class");
	declared = here(&t);
	put_named(&t, LONELY_NAME, "method");
	put_end(&t);
	put_end(&t);
	put_end(&t);
	specified = here(&t);
	put_uleb(&t.info, SPECIFIED);
	put_u32(&t.info, declared);
	put_u64(&t.info, 0x2000);
	put_u32(&t.info, 0x10);
	self = here(&t);
	put_uleb(&t.info, SPECIFIED);
	put_u32(&t.info, self);
	put_u64(&t.info, 0x3000);
	put_u32(&t.info, 0x10);
	put_end(&t);
	find(&t, NULL, 0);
	{
		const struct hw_dwarf_unit *unit = &t.units.list.at[0];
		struct hw_buf scope = { 0 };

		hw_die_name_read(&name, unit, unit->start + specified, &t.cache);
		assert_string_equal(name.name, "method");
		assert_null(name.linkage_name);
		assert_ptr_equal(name.declared, unit->start + declared);
		hw_die_qualify(&scope, name.unit, name.declared, &t.cache);
		assert_string_equal(scope.data, "outer::(anonymous namespace)::Class::");
		scope.size = 0;
		hw_die_qualify(&scope, unit, unit->start + specified, &t.cache);
		assert_int_equal(scope.size, 0);
		hw_die_name_read(&name, unit, unit->start + self, &t.cache);
		assert_null(name.name);
		hw_buf_fini(&scope);
	}
	end(&t);
}

/* A class in a function has the function's name in front, which may be declared elsewhere; what is only declared in a
 * function has not. Functions that are declared in each other end. */
static void classes_in_functions_are_told_apart(void **state)
{
	uint32_t declared, method, inner, circle, circle_method;
	const struct hw_dwarf_unit *unit;
	struct hw_buf scope = { 0 };
	struct tree t;
	(void)state;

	begin(&t);
	put_named(&t, SPACE, "ns");
	declared = here(&t);
	put_named(&t, LONELY_NAME, "sum");
	put_end(&t);
	put_uleb(&t.info, SPECIFIED_TREE);
	put_u32(&t.info, declared);
	put_uleb(&t.info, BLOCK);
	inner = here(&t);
	put_named(&t, LONELY_NAME, "inner");
	put_named(&t, CLASS, "Local");
	put_uleb(&t.info, BLOCK);
	put_end(&t);
	method = here(&t);
	put_named(&t, LONELY_NAME, "operator()");
	put_end(&t);
	put_end(&t);
	put_end(&t);
	circle = here(&t);
	put_uleb(&t.info, SPECIFIED_TREE);
	put_u32(&t.info, circle + 1 + 4 + 1 + 7);
	put_named(&t, CLASS, "Circle");
	circle_method = here(&t);
	assert_int_equal(circle_method, circle + 1 + 4 + 1 + 7);
	put_named(&t, LONELY_NAME, "round");
	put_end(&t);
	put_end(&t);
	put_end(&t);
	find(&t, NULL, 0);
	unit = &t.units.list.at[0];
	hw_die_qualify(&scope, unit, unit->start + method, &t.cache);
	assert_string_equal(scope.data, "ns::sum::Local::");
	scope.size = 0;
	hw_die_qualify(&scope, unit, unit->start + inner, &t.cache);
	assert_int_equal(scope.size, 0);
	hw_die_qualify(&scope, unit, unit->start + circle_method, &t.cache);
	assert_non_null(strstr(scope.data, "round::Circle::"));
	hw_buf_fini(&scope);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nesting_is_followed),
		cmocka_unit_test(calls_count_inside_their_callers),
		cmocka_unit_test(functions_are_found_everywhere),
		cmocka_unit_test(parts_are_one_function),
		cmocka_unit_test(siblings_are_not_trusted),
		cmocka_unit_test(broken_trees_are_bounded),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(names_are_followed),
		cmocka_unit_test(classes_in_functions_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
