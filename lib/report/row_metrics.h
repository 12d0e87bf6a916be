/* Metrics of rows: ratios of the events of a profile ("instructions / cycles"), each with its 95 % interval. */
#ifndef HW_REPORT_ROW_METRICS_H
#define HW_REPORT_ROW_METRICS_H

#include "base/formula.h"
#include "report/sides.h"

/* One that can be computed. */
struct hw_row_metric {
	const struct hw_profile_metric *metric; /* borrowed from the profile */
	struct hw_formula *formula;
	size_t *sides; /* by variable of the formula: the event's place in hw_sides.list */
};

struct hw_row_metrics {
	HW_VEC(struct hw_row_metric) list;
	HW_VEC(char *) refused; /* for each that was wanted and cannot be computed: which and why */
};

/* A value with its interval, value - error to value + error; both NaN where there are too few samples to say. error is 0
 * where nothing was left to chance: the whole profile. */
struct hw_estimate {
	double value, error;
};

/* Choose metrics of the profile: names is a list with commas between them, "" all of them; NULL those that a table shows
 * unasked, IPC and misses per 1000 instructions. Their events are added to sides. Refused is a metric whose events did
 * not run together (hw_quality: neither all the time nor in one group, or not known), whose samples are not counted per
 * event, or which makes no sense. -1 with HW_ERR_USAGE for a name that the profile does not have. */
int hw_row_metrics_init(struct hw_row_metrics *metrics, struct hw_sides *sides, const char *names,
			struct hw_err *err) HW_CHECKED;
void hw_row_metrics_fini(struct hw_row_metrics *metrics);

/* The metric of one row, of flat values or of cum.
 *
 * An event has N samples in all and a total of W. n of them fall into the row, which so has the value v = n W / N: each
 * sample stands for W / N events. That n is a binomial draw, n ~ B(N, p) with p the row's true share, because the events
 * that are sampled are a spread of all there were. Hence var(n) = N p (1 - p), and with p estimated by v / W = n / N
 *
 *	var(v) = (W / N)^2 N p (1 - p) = (v / n)^2 n (1 - p) = v^2 (1 - p) / n.
 *
 * Different events are sampled independently, so the variance of the metric follows by the delta method
 * (hw_formula_error), and error = 1.96 standard errors. Neighbouring samples of one thread are alike in programs with
 * phases, where less is left to chance than the binomial says: the interval is then too wide, not too narrow.
 * Below HW_ESTIMATE_SAMPLES_MIN samples of any event the normal approximation does not hold: there is no value. */
#define HW_ESTIMATE_SAMPLES_MIN 5
struct hw_estimate hw_row_metric_value(const struct hw_row_metric *metric, const struct hw_sides *sides,
				       uint32_t row, bool by_cum);

/* The metric of all samples that the filter keeps. */
struct hw_estimate hw_row_metric_total(const struct hw_row_metric *metric, const struct hw_sides *sides);

/* "1.84 ±0.05", "12.3% ±0.4%", "-": as many digits as the error leaves certain. */
void hw_estimate_print(struct hw_buf *out, struct hw_estimate estimate, const char *unit, bool utf8);

#endif
