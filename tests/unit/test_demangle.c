#include "dso/demangle.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static void assert_demangled(const char *mangled, const char *expected)
{
	struct hw_arena arena = { 0 };
	const char *name = hw_demangle(mangled, &arena);

	if (expected)
		assert_string_equal(name ? name : "(none)", expected);
	else
		assert_null(name);
	hw_arena_fini(&arena);
}

/* C++ names come with their parameters and without the type they return. */
static void cplusplus_has_parameters_and_no_return_type(void **state)
{
	(void)state;
	assert_demangled("_ZN12_GLOBAL__N_16helperEi", "(anonymous namespace)::helper(int)");
	assert_demangled("_Z3maxIiET_S0_S0_", "max<int>(int, int)");
	assert_demangled("_ZNKSt6vectorIiSaIiEE4sizeEv",
			 "std::vector<int, std::allocator<int> >::size() const");
	assert_demangled("_ZZ4mainENKUlvE_clEv", "main::{lambda()#1}::operator()() const");
}

/* What compilers append to a copy of a function stays visible. */
static void clones_are_told_apart(void **state)
{
	(void)state;
	assert_demangled("_Z4workv.cold", "work() [clone .cold]");
	assert_demangled("_ZL4workv.constprop.0.isra.1", "work() [clone .constprop.0] [clone .isra.1]");
}

/* Rust names lose their hash, in the legacy form and in v0. */
static void rust_has_no_hash(void **state)
{
	(void)state;
	assert_demangled("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write");
	assert_demangled("_ZN4core3fmt5write17h0123456789abcdefE.llvm.1234", "core::fmt::write");
	assert_demangled("_RNvCs1234_7mycrate3foo", "mycrate::foo");
}

/* C names, and what only looks mangled, stay as they are. */
static void other_names_are_left_alone(void **state)
{
	(void)state;
	assert_demangled("main", NULL);
	assert_demangled("", NULL);
	assert_demangled("_", NULL);
	assert_demangled("_Z", NULL);
	assert_demangled("_Zebra", NULL);
	assert_demangled("_start", NULL);
	assert_demangled("_Runtime", NULL);
}

/* A name whose parts repeat earlier parts would come out 2^40 bytes long: it is given up, at once. */
static void doubling_names_are_given_up(void **state)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct hw_buf name = { 0 };
	(void)state;

	hw_buf_text(&name, "_Z1f1AIiiES_IS0_S0_E");
	for (size_t i = 1; i < sizeof digits - 2; i++)
		hw_buf_printf(&name, "S_IS%c_S%c_E", digits[i], digits[i]);
	assert_demangled(name.data, NULL);
	hw_buf_fini(&name);
}

/* Long and deeply nested names do not run out of stack. */
static void long_names_are_survived(void **state)
{
	struct hw_buf name = { 0 };
	struct hw_arena arena = { 0 };
	(void)state;

	hw_buf_text(&name, "_Z1f");
	for (size_t i = 0; i < 100000; i++)
		hw_buf_text(&name, "P");
	hw_buf_text(&name, "i");
	assert_demangled(name.data, NULL);
	name.data[16000] = '\0';
	(void)hw_demangle(name.data, &arena);
	memcpy(name.data, "_RN", 3);
	(void)hw_demangle(name.data, &arena);
	hw_arena_fini(&arena);
	hw_buf_fini(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cplusplus_has_parameters_and_no_return_type),
		cmocka_unit_test(clones_are_told_apart),
		cmocka_unit_test(rust_has_no_hash),
		cmocka_unit_test(other_names_are_left_alone),
		cmocka_unit_test(doubling_names_are_given_up),
		cmocka_unit_test(long_names_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
