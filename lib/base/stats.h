/* Statistics of a few measurements: mean, standard deviation, and the interval of the mean. */
#ifndef HW_BASE_STATS_H
#define HW_BASE_STATS_H

#include <stdint.h>

/* Values seen one after the other. Zeroed is empty. */
struct hw_series {
	uint64_t count;
	double mean;	/* 0 when empty */
	double squares; /* sum of the squared distances from the mean */
	double least, most;
};

void hw_series_add(struct hw_series *series, double value);

/* Standard deviation as estimated from a sample (divided by count - 1); NaN for less than two values. */
double hw_series_deviation(const struct hw_series *series);

/* Half the width of the interval that holds the true mean with this probability (0.95, say), the values being
 * independent and normal: mean +- this. NaN for less than two values. */
double hw_series_interval(const struct hw_series *series, double probability);

/* The t below which Student's distribution with that many degrees of freedom (> 0) has probability p (0 < p < 1); 1e-9
 * relative. NaN for arguments out of range. */
double hw_student_quantile(double p, double freedom);

#endif
