#include "base/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* cmocka's own compares as float. */
static void assert_near(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance))
		fail_msg("%.17g is not %.17g within %g", value, expected, tolerance);
}

/* The table every textbook has (recomputed with 40 digits). */
static void quantiles_are_the_tabulated_ones(void **state)
{
	static const struct {
		double p, freedom, t;
	} table[] = {
		{ 0.9, 1, 3.077683537175 },	 { 0.9, 2, 1.885618083164 },
		{ 0.9, 3, 1.637744353696 },	 { 0.9, 5, 1.475884048824 },
		{ 0.9, 10, 1.37218364111 },	 { 0.9, 30, 1.310415025391 },
		{ 0.9, 100, 1.290074761347 },	 { 0.95, 1, 6.313751514675 },
		{ 0.95, 2, 2.919985580354 },	 { 0.95, 3, 2.353363434802 },
		{ 0.95, 5, 2.015048373333 },	 { 0.95, 10, 1.812461122812 },
		{ 0.95, 30, 1.697260886594 },	 { 0.95, 100, 1.660234326085 },
		{ 0.975, 1, 12.70620473617 },	 { 0.975, 2, 4.302652729749 },
		{ 0.975, 3, 3.182446305284 },	 { 0.975, 4, 2.776445105198 },
		{ 0.975, 5, 2.570581835636 },	 { 0.975, 9, 2.262157162798 },
		{ 0.975, 10, 2.228138851986 },	 { 0.975, 19, 2.093024054408 },
		{ 0.975, 30, 2.042272456301 },	 { 0.975, 100, 1.983971518524 },
		{ 0.975, 1000, 1.962339080826 }, { 0.99, 1, 31.82051595377 },
		{ 0.99, 2, 6.964556734283 },	 { 0.99, 3, 4.540702858568 },
		{ 0.99, 5, 3.364929998907 },	 { 0.99, 10, 2.763769458113 },
		{ 0.99, 30, 2.457261542401 },	 { 0.99, 100, 2.364217366238 },
		{ 0.995, 1, 63.65674116287 },	 { 0.995, 2, 9.924843200918 },
		{ 0.995, 3, 5.840909309733 },	 { 0.995, 4, 4.60409487135 },
		{ 0.995, 5, 4.032142983555 },	 { 0.995, 9, 3.249835541592 },
		{ 0.995, 10, 3.169272672617 },	 { 0.995, 19, 2.860934606465 },
		{ 0.995, 30, 2.749995653567 },	 { 0.995, 100, 2.625890521438 },
		{ 0.995, 1000, 2.580754698066 }, { 0.9995, 1, 636.6192487687 },
		{ 0.9995, 2, 31.59905457644 },	 { 0.9995, 3, 12.92397863669 },
		{ 0.9995, 5, 6.868826625881 },	 { 0.9995, 10, 4.586893858703 },
		{ 0.9995, 30, 3.645958635042 },	 { 0.9995, 100, 3.390491311164 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		assert_near(hw_student_quantile(table[i].p, table[i].freedom) / table[i].t, 1, 1e-9);
		assert_near(hw_student_quantile(1 - table[i].p, table[i].freedom) / -table[i].t, 1, 1e-9);
	}
}

/* One degree of freedom is Cauchy's distribution, two have a closed form: exact for any p. */
static void closed_forms_agree(void **state)
{
	(void)state;
	for (double p = 0.51; p < 0.9999; p += 0.0103) {
		const double u = 2 * p - 1;

		assert_near(hw_student_quantile(p, 1) / tan(acos(-1) * (p - 0.5)), 1, 1e-9);
		assert_near(hw_student_quantile(p, 2) / (u * sqrt(2 / (1 - u * u))), 1, 1e-9);
	}
}

static void nonsense_has_no_quantile(void **state)
{
	(void)state;
	assert_true(isnan(hw_student_quantile(0, 3)));
	assert_true(isnan(hw_student_quantile(1, 3)));
	assert_true(isnan(hw_student_quantile(NAN, 3)));
	assert_true(isnan(hw_student_quantile(0.9, 0)));
	assert_true(isnan(hw_student_quantile(0.9, NAN)));
	assert_near(hw_student_quantile(0.5, 3), 0, 0);
}

/* 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32, by hand. */
static void mean_and_deviation(void **state)
{
	static const double values[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	struct hw_series series = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++)
		hw_series_add(&series, values[i]);
	assert_near(series.mean, 5, 1e-12);
	assert_near(hw_series_deviation(&series), sqrt(32.0 / 7), 1e-12);
	assert_near(series.least, 2, 0);
	assert_near(series.most, 9, 0);
	/* t(0.975, 7) = 2.364624251593 */
	assert_near(hw_series_interval(&series, 0.95), 2.364624251593 * sqrt(32.0 / 7) / sqrt(8), 1e-9);
}

/* Values far from zero lose nothing of their small differences. */
static void large_values_keep_their_differences(void **state)
{
	struct hw_series series = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		hw_series_add(&series, 1e15 + i);
	assert_near(hw_series_deviation(&series), 1, 1e-9);
}

/* One value says nothing about how much others would differ. */
static void one_value_has_no_interval(void **state)
{
	struct hw_series series = { 0 };

	(void)state;
	hw_series_add(&series, -3);
	assert_near(series.mean, -3, 0);
	assert_near(series.most, -3, 0);
	assert_true(isnan(hw_series_deviation(&series)));
	assert_true(isnan(hw_series_interval(&series, 0.95)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_the_tabulated_ones),
		cmocka_unit_test(closed_forms_agree),
		cmocka_unit_test(nonsense_has_no_quantile),
		cmocka_unit_test(mean_and_deviation),
		cmocka_unit_test(large_values_keep_their_differences),
		cmocka_unit_test(one_value_has_no_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
