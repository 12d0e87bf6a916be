/* Formulas: what is read, what is refused and where, values, and standard errors by exact derivatives. */
#include "base/formula.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct hw_formula *parsed(const char *text)
{
	struct hw_err err = { 0 };
	struct hw_formula *formula = hw_formula_parse(text, &err);

	if (!formula)
		fail_msg("'%s' was refused: %s", text, err.message);
	return formula;
}

static double value_of(const char *text, const double *values)
{
	struct hw_formula *formula = parsed(text);
	const double value = hw_formula_value(formula, values);

	hw_formula_free(formula);
	return value;
}

static double error_of(const char *text, const double *values, const double *variances)
{
	struct hw_formula *formula = parsed(text);
	const double error = hw_formula_error(formula, values, variances);

	hw_formula_free(formula);
	return error;
}

/* Precedence and association are those of arithmetic. The variables are a = 8, b = 4, c = 2 in order of first use. */
static void values_by_arithmetic(void **state)
{
	static const double values[] = { 8, 4, 2 };
	static const struct {
		const char *text;
		double value;
	} cases[] = {
		{ "7", 7 },
		{ "0.25", 0.25 },
		{ "1.5e3", 1500 },
		{ "a - b - c", 2 },
		{ "a / b / c", 1 },
		{ "a - b * c", 0 },
		{ "(a - b) * c", 8 },
		{ "a / (b / c)", 4 },
		{ "-a + b", -4 },
		{ "a * -b", -32 },
		{ "- - a", 8 },
		{ "a--b", 12 },
		{ "min(a, b) + c", 6 },
		{ "max(a, b) - max(b, c) * c", 0 },
		{ "max(-a, -b)", -4 },
		{ "min (a,\tmax(b, c))", 4 },
		{ "a + a + b", 20 },
		{ "1000*a/b", 2000 },
		{ "3-1", 2 },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		const double value = value_of(cases[i].text, values);

		if (value != cases[i].value)
			fail_msg("'%s' is %g, not %g", cases[i].text, value, cases[i].value);
	}
}

/* The names of a formula, once each, in order of first use. */
static void names(void **state)
{
	static const struct {
		const char *text, *names; /* joined by blanks */
	} cases[] = {
		{ "1000 * l2-misses / instructions", "l2-misses instructions" },
		{ "b + a + b", "b a" },
		{ "a-b - c", "a-b c" },
		{ "a- b", "a b" },
		{ "a -b", "a b" },
		{ "skl::L2_RQSTS:MISS / cycles:u", "skl::L2_RQSTS:MISS cycles:u" },
		{ "'cpu/event=0x3c,umask=0/u' + slots", "cpu/event=0x3c,umask=0/u slots" },
		{ "a.b + _c9", "a.b _c9" },
		{ "min + max * minimum", "min max minimum" },
		{ "min(min, 4)", "min" },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_formula *formula = parsed(cases[i].text);
		char joined[200] = "";

		for (size_t j = 0; j < hw_formula_variable_count(formula); j++) {
			const size_t used = strlen(joined);

			(void)snprintf(joined + used, sizeof joined - used, "%s%s", j ? " " : "",
				       hw_formula_variable(formula, j));
		}
		assert_string_equal(joined, cases[i].names);
		hw_formula_free(formula);
	}
}

/* What is no formula is refused with the reason and the byte it was noticed at. */
static void refusals_say_where(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "a number, a name or '(' expected at byte 1" },
		{ "  ", "a number, a name or '(' expected at byte 3" },
		{ "a +", "a number, a name or '(' expected at byte 4" },
		{ "a b", "an operator expected at byte 3" },
		{ "a)", "an operator expected at byte 2" },
		{ "(a", "')' expected at byte 3" },
		{ "min(a)", "',' expected at byte 6" },
		{ "min(a, b", "')' expected at byte 9" },
		{ "min(a, b, c)", "')' expected at byte 9" },
		{ "a + * b", "a number, a name or '(' expected at byte 5" },
		{ "a ^ b", "an operator expected at byte 3" },
		{ "1x", "a malformed number at byte 1" },
		{ "0x10", "a malformed number at byte 1" },
		{ "1.2.3", "a malformed number at byte 1" },
		{ "2 * 1e", "a malformed number at byte 5" },
		{ "1e999", "a number too large at byte 1" },
		{ ".5", "a number, a name or '(' expected at byte 1" },
		{ "'a", "a ' without its partner at byte 1" },
		{ "''", "an empty name at byte 1" },
		{ "a\n+ b", "an operator expected at byte 2" },
		{ "nan(1)", "an operator expected at byte 4" },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_err err = { 0 };
		char expected[200];

		if (hw_formula_parse(cases[i].text, &err))
			fail_msg("'%s' was taken", cases[i].text);
		(void)snprintf(expected, sizeof expected, "formula '%s': %s", cases[i].text, cases[i].why);
		assert_string_equal(err.message, expected);
		assert_int_equal(err.kind, HW_ERR_FORMAT);
	}
}

static void fill(char *text, const char *piece, size_t times)
{
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * strlen(piece), piece, strlen(piece) + 1);
}

/* The bounds of length, nesting and names hold exactly: the last that fits is taken, one more is refused. */
static void bounds(void **state)
{
	static const double one[64] = { 1 };
	char text[1002];

	(void)state;
	fill(text, "a+", 500);
	text[999] = '\0';
	assert_true(value_of(text, one) == 500);
	text[999] = ' ';
	text[1000] = '\0';
	assert_true(value_of(text, one) == 500);
	text[1000] = ' ';
	text[1001] = '\0';
	assert_null(hw_formula_parse(text, NULL));

	fill(text, "(", 64); /* and the sum around them all */
	assert_null(hw_formula_parse(text, NULL));
	fill(text, "(", 63);
	(void)snprintf(text + 63, sizeof text - 63, "5");
	fill(text + 64, ")", 63);
	assert_true(value_of(text, one) == 5);
	fill(text, "(", 64);
	(void)snprintf(text + 64, sizeof text - 64, "5");
	fill(text + 65, ")", 64);
	assert_null(hw_formula_parse(text, NULL));
	fill(text, "-", 999);
	(void)snprintf(text + 999, sizeof text - 999, "5");
	assert_null(hw_formula_parse(text, NULL));

	for (size_t i = 0; i <= 64; i++)
		(void)snprintf(text + 4 * i, 5, "a%02zu+", i);
	text[4 * 65 - 1] = '\0';
	assert_null(hw_formula_parse(text, NULL));
	text[4 * 64 - 1] = '\0';
	assert_true(value_of(text, one) == 1);
}

/* Division by zero, what is not known, and what overflows are NaN, through min and max too. */
static void undefined_is_nan(void **state)
{
	static const double zero[] = { 0, 0 };
	static const double unknown[] = { NAN, 1 };
	static const double huge[] = { 1e300, 1e-300 };
	static const double ones[] = { 1, 1 };
	static const char *const undefined[] = { "1 / a", "a / b", "min(5, 1 / a)", "max(1 / a, 5)",
						 "0 * (1 / a)" };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(undefined); i++) {
		assert_true(isnan(value_of(undefined[i], zero)));
		assert_true(isnan(error_of(undefined[i], zero, ones)));
	}
	assert_true(isnan(value_of("min(a, b)", unknown)));
	assert_true(isnan(value_of("max(b * 0 + 1, a) + b", (const double[]){ 1, NAN })));
	assert_true(isnan(value_of("a / b", huge)));
	assert_true(isnan(error_of("a / b", huge, ones)));
}

/* Errors computed by hand: sum, product and ratio of independent variables, and a share, whose part is in the whole. */
static void errors_by_hand(void **state)
{
	static const double values[] = { 30, 70 };
	static const double variances[] = { 9, 16 };
	double expected;

	(void)state;
	assert_true(fabs(error_of("a + b", values, variances) - 5) < 1e-12);
	assert_true(fabs(error_of("a - b", values, variances) - 5) < 1e-12);
	assert_true(fabs(error_of("100 * a", values, variances) - 300) < 1e-9);
	assert_true(error_of("42", values, variances) == 0);
	assert_true(error_of("a - a + 0 * b", values, variances) == 0);
	/* b^2 var(a) + a^2 var(b) */
	assert_true(fabs(error_of("a * b", values, variances) - sqrt(4900. * 9 + 900. * 16)) < 1e-9);
	/* var(a) / b^2 + a^2 var(b) / b^4 */
	expected = sqrt(9. / 4900 + 900. * 16 / (4900. * 4900));
	assert_true(fabs(error_of("a / b", values, variances) - expected) < 1e-12);
	/* a / (a + b): (b^2 var(a) + a^2 var(b)) / (a + b)^4 */
	expected = sqrt(4900. * 9 + 900. * 16) / 1e4;
	assert_true(fabs(error_of("a / (a + b)", values, variances) - expected) < 1e-12);
	/* Only the smaller, or the larger, has a say. */
	assert_true(fabs(error_of("min(a, b)", values, variances) - 3) < 1e-12);
	assert_true(fabs(error_of("max(a, b)", values, variances) - 4) < 1e-12);
	assert_true(fabs(error_of("max(-a, -b)", values, variances) - 3) < 1e-12);
}

/* The derivatives are those of central differences, for formulas as the tables have them. */
static void derivatives_agree_with_differences(void **state)
{
	static const char *const texts[] = {
		"1000 * a / b",
		"100 * a / (4 * b)",
		"100 * (1 - (a + b + 4 * c) / (4 * d))",
		"100 * max(0, 1 - a / d - b / d - c / d)",
		"-a * b / (c - d) + min(a / d, b / c) * (a + 1) * (a + 1)",
	};
	static const double values[] = { 3, 5, 7, 121 };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(texts); i++) {
		struct hw_formula *formula = parsed(texts[i]);

		for (size_t by = 0; by < hw_formula_variable_count(formula); by++) {
			double up[4], down[4], only[4] = { 0 };
			double slope, error;

			memcpy(up, values, sizeof up);
			memcpy(down, values, sizeof down);
			up[by] += 1e-5;
			down[by] -= 1e-5;
			only[by] = 1;
			slope = (hw_formula_value(formula, up) - hw_formula_value(formula, down)) / 2e-5;
			error = hw_formula_error(formula, values, only);
			if (fabs(error - fabs(slope)) > 1e-6 * (1 + fabs(slope)))
				fail_msg("'%s' by %s: %g, not %g", texts[i], hw_formula_variable(formula, by),
					 error, slope);
		}
		hw_formula_free(formula);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_by_arithmetic),
		cmocka_unit_test(names),
		cmocka_unit_test(refusals_say_where),
		cmocka_unit_test(bounds),
		cmocka_unit_test(undefined_is_nan),
		cmocka_unit_test(errors_by_hand),
		cmocka_unit_test(derivatives_agree_with_differences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
