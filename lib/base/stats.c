#include "base/stats.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* B. P. Welford, Technometrics 4 (1962): no difference of two large sums. */
void hw_series_add(struct hw_series *series, double value)
{
	const double distance = value - series->mean;

	if (!series->count || value < series->least)
		series->least = value;
	if (!series->count || value > series->most)
		series->most = value;
	series->count++;
	series->mean += distance / (double)series->count;
	series->squares += distance * (value - series->mean);
}

double hw_series_deviation(const struct hw_series *series)
{
	return series->count < 2 ? NAN : sqrt(series->squares / (double)(series->count - 1));
}

double hw_series_interval(const struct hw_series *series, double probability)
{
	const double count = (double)series->count;

	if (series->count < 2)
		return NAN;
	return hw_student_quantile((1 + probability) / 2, count - 1) * hw_series_deviation(series) /
	       sqrt(count);
}

/* --- Student's t -------------------------------------------------------------------------------------------- */

static double keep_from_zero(double x)
{
	return fabs(x) < DBL_MIN ? DBL_MIN : x;
}

/* The continued fraction of the incomplete beta function, by Lentz's method (NIST Digital Library of Mathematical
 * Functions, 8.17.22). Converges in O(sqrt(max(a, b))) steps for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
	double c = 1;
	double d = 1 / keep_from_zero(1 - (a + b) * x / (a + 1));
	double value = d;

	for (int m = 1; m < 100000; m++) {
		const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double factor;

		d = 1 / keep_from_zero(1 + even * d);
		c = keep_from_zero(1 + even / c);
		value *= d * c;
		d = 1 / keep_from_zero(1 + odd * d);
		c = keep_from_zero(1 + odd / c);
		factor = d * c;
		value *= factor;
		if (fabs(factor - 1) < 4 * DBL_EPSILON)
			break;
	}
	return value;
}

/* Regularised incomplete beta function I_x(a, b); y = 1 - x, given apart because it may be tiny. */
static double beta(double a, double b, double x, double y)
{
	int sign;
	const bool swap = x > (a + 1) / (a + b + 2);
	const double front = exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) +
				 a * log(x) + b * log(y));

	if (x <= 0 || y <= 0)
		return x <= 0 ? 0 : 1;
	return swap ? 1 - front * beta_fraction(b, a, y) / b : front * beta_fraction(a, b, x) / a;
}

/* Probability of more than t > 0 (Abramowitz and Stegun, 26.7.1). */
static double upper_tail(double t, double freedom)
{
	const double sum = freedom + t * t;

	return beta(freedom / 2, 0.5, freedom / sum, t * t / sum) / 2;
}

double hw_student_quantile(double p, double freedom)
{
	const double tail = p < 0.5 ? p : 1 - p;
	double low = 0;
	double high = 1;

	if (!(p > 0 && p < 1) || !(freedom > 0))
		return NAN;
	if (tail == 0.5)
		return 0;
	while (upper_tail(high, freedom) > tail && high < 1e300)
		high *= 2;
	while (high - low > 1e-13 * high) {
		const double middle = low + (high - low) / 2;

		if (middle <= low || middle >= high)
			break;
		if (upper_tail(middle, freedom) > tail)
			low = middle;
		else
			high = middle;
	}
	return p < 0.5 ? -high : high;
}
