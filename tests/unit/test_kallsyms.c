#include "dso/kallsyms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static void parse(struct hw_kallsyms *kallsyms, const char *lines)
{
	struct hw_buf text = { 0 };

	hw_buf_text(&text, lines);
	hw_kallsyms_parse(kallsyms, &text);
}

static const char *name_at(const struct hw_kallsyms *kallsyms, uint64_t avma)
{
	const struct hw_kernel_symbol *symbol = hw_kallsyms_find(kallsyms, avma);

	return symbol ? hw_kallsyms_text(kallsyms, symbol->name) : "";
}

/* A function reaches to the next one, but not into the void behind the last. */
static void functions_reach_to_the_next(void **state)
{
	struct hw_kallsyms k;
	(void)state;

	parse(&k, "ffffffff81000100 T first\nffffffff81000200 t second\n");
	assert_string_equal(name_at(&k, 0xffffffff810000ff), "");
	assert_string_equal(name_at(&k, 0xffffffff81000100), "first");
	assert_string_equal(name_at(&k, 0xffffffff810001ff), "first");
	assert_string_equal(name_at(&k, 0xffffffff81000200), "second");
	assert_string_equal(name_at(&k, 0xffffffff811001ff), "second");
	assert_string_equal(name_at(&k, 0xffffffff81100200), "");
	hw_kallsyms_fini(&k);
}

/* Data symbols name no code; weak functions do. */
static void only_functions_are_kept(void **state)
{
	struct hw_kallsyms k;
	(void)state;

	parse(&k, "ffffffff81000000 D data\nffffffff81000100 W weak\nffffffff81000200 b "
		  "bss\nffffffff81000300 w also\n");
	assert_int_equal(k.symbols.count, 2);
	assert_string_equal(name_at(&k, 0xffffffff81000250), "weak");
	hw_kallsyms_fini(&k);
}

/* Modules follow in any order and bring their name along. */
static void modules_are_sorted_in(void **state)
{
	const struct hw_kernel_symbol *symbol;
	struct hw_kallsyms k;
	(void)state;

	parse(&k,
	      "ffffffff81000000 T image\nffffffffc0200000 t late\t[ext4]\nffffffffc0100000 t early\t[bpf]\n");
	symbol = hw_kallsyms_find(&k, 0xffffffffc0100010);
	assert_string_equal(hw_kallsyms_text(&k, symbol->name), "early");
	assert_string_equal(hw_kallsyms_text(&k, symbol->module), "bpf");
	symbol = hw_kallsyms_find(&k, 0xffffffffc0200000);
	assert_string_equal(hw_kallsyms_text(&k, symbol->module), "ext4");
	symbol = hw_kallsyms_find(&k, 0xffffffff81000000);
	assert_int_equal(symbol->module, HW_KALLSYMS_NO_MODULE);
	hw_kallsyms_fini(&k);
}

/* Of several names for an address the best one is kept, wherever it stands. */
static void best_alias_is_kept(void **state)
{
	struct hw_kallsyms k;
	(void)state;

	parse(&k, "ffffffff81000000 t local\nffffffff81000000 T __global\nffffffff81000000 T global\n"
		  "ffffffff81000100 T next\n");
	assert_int_equal(k.symbols.count, 2);
	assert_string_equal(name_at(&k, 0xffffffff81000000), "global");
	hw_kallsyms_fini(&k);
}

/* Addresses hidden by kptr_restrict are not known: no symbol is better than every sample in the last one. */
static void hidden_addresses_are_unknown(void **state)
{
	struct hw_kallsyms k;
	(void)state;

	parse(&k, "0000000000000000 T _text\n0000000000000000 t something\n");
	assert_int_equal(k.symbols.count, 0);
	assert_string_equal(name_at(&k, 0), "");
	hw_kallsyms_fini(&k);
}

/* Lines that are something else are skipped, the last may lack its newline, and an empty text is no trouble. */
static void broken_lines_are_skipped(void **state)
{
	struct hw_kallsyms k;
	(void)state;

	parse(&k, "\n \nffffffff81000000\nffffffff81000001 T\nffffffff81000002 T \nxyz T name\n"
		  "1ffffffff81000003 T more_than_64_bits\nffffffff81000004 TT two_letters\nffffffff81000005 "
		  "T\tname\n"
		  "ffffffff81000006 T good\nffffffff81000007 T last");
	assert_int_equal(k.symbols.count, 2);
	assert_string_equal(name_at(&k, 0xffffffff81000006), "good");
	assert_string_equal(name_at(&k, 0xffffffff81000007), "last");
	hw_kallsyms_fini(&k);
	parse(&k, "");
	assert_int_equal(k.symbols.count, 0);
	hw_kallsyms_fini(&k);
}

/* Where this user may see them, this kernel's symbols are read whole: as many as awk finds by the same rule. */
static void running_kernel_is_read(void **state)
{
	struct hw_kallsyms k;
	unsigned long counted = 0;
	FILE *awk;
	(void)state;

	if (hw_kallsyms_read(&k, NULL) < 0)
		skip();
	/* The addresses are 16 digits, so that equal texts are equal addresses. */
	awk = popen("awk '$2 ~ /^[tTwW]$/ && $1 !~ /^0*$/ && $3 !~ /^\\$/ && !seen[$1]++ { n++ } END { print "
		    "n }' "
		    "/proc/kallsyms",
		    "r");
	assert_non_null(awk);
	assert_int_equal(fscanf(awk, "%lu", &counted), 1);
	pclose(awk);
	assert_int_equal(k.symbols.count, counted);
	hw_kallsyms_fini(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_reach_to_the_next),	cmocka_unit_test(only_functions_are_kept),
		cmocka_unit_test(modules_are_sorted_in),	cmocka_unit_test(best_alias_is_kept),
		cmocka_unit_test(hidden_addresses_are_unknown), cmocka_unit_test(broken_lines_are_skipped),
		cmocka_unit_test(running_kernel_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
