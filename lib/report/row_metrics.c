#include "report/row_metrics.h"

#include "report/together.h"

#include <math.h>
#include <strings.h>

/* Half of a 95 % interval in standard errors of a normal distribution. */
#define INTERVAL_ERRORS 1.96
/* No table has so many; a file built to hurt may. */
#define METRICS_MAX 64
/* More variables than a formula may have (base/formula.h). */
#define VARIABLES_MAX 64

/* --- Choosing ------------------------------------------------------------------------------------------ */

static bool ends_in(const char *text, const char *ending)
{
	const size_t length = strlen(text);
	const size_t ending_length = strlen(ending);

	return length >= ending_length && strcasecmp(text + length - ending_length, ending) == 0;
}

static bool is_shown_unasked(const struct hw_profile_metric *metric)
{
	return strcasecmp(metric->name, "ipc") == 0 || ends_in(metric->name, "mpki");
}

/* Is it in a list with commas between the names? */
static bool is_named(const char *names, const char *name)
{
	for (const char *at = names; *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == strlen(name) && strncasecmp(at, name, strlen(name)) == 0)
			return true;
	return false;
}

static int no_metrics(struct hw_err *err)
{
	(void)hw_err_set(err, HW_ERR_USAGE, "the profile has no metrics");
	return hw_err_hint(err,
			   "record the events of one together: hwprof record -e '{cycles,instructions}'");
}

static int unknown_metric(const struct hw_profile *profile, const char *name, size_t length,
			  struct hw_err *err)
{
	struct hw_buf list = { 0 };

	if (!profile->metrics.count)
		return no_metrics(err);
	for (size_t i = 0; i < profile->metrics.count; i++)
		hw_buf_printf(&list, "%s%s", i ? ", " : "", profile->metrics.at[i].name);
	(void)hw_err_set(err, HW_ERR_USAGE, "the profile has no metric '%.*s'", (int)length, name);
	(void)hw_err_hint(err, "its metrics are: %s", list.data);
	hw_buf_fini(&list);
	return -1;
}

/* Every name is one of the profile's. */
static int check_names(const struct hw_profile *profile, const char *names, struct hw_err *err)
{
	if (!names[0] && !profile->metrics.count)
		return no_metrics(err);
	for (const char *at = names; *at; at += strcspn(at, ","), at += *at == ',') {
		const size_t length = strcspn(at, ",");
		bool found = false;

		for (size_t i = 0; i < profile->metrics.count && !found; i++)
			found = strlen(profile->metrics.at[i].name) == length &&
				strncasecmp(profile->metrics.at[i].name, at, length) == 0;
		if (!found)
			return unknown_metric(profile, at, length, err);
	}
	return 0;
}

/* --- What can be computed ------------------------------------------------------------------------------ */

/* The sample type a variable of the formula stands for; HW_NONE when the profile has none. */
static uint32_t find_type(const struct hw_profile *profile, const struct hw_profile_metric *metric,
			  const char *variable)
{
	for (size_t i = 0; i < metric->variables.count && i < metric->sample_types.count; i++)
		if (strcmp(metric->variables.at[i], variable) == 0)
			return hw_profile_find_sample_type(profile, metric->sample_types.at[i]);
	return HW_NONE;
}

/* Find the events of a metric. NULL, or why it cannot be computed (owned by the caller). */
static char *bind(struct hw_row_metric *m, struct hw_sides *sides)
{
	const struct hw_profile *profile = sides->view->profile;
	const size_t count = hw_formula_variable_count(m->formula);
	uint32_t types[VARIABLES_MAX];

	if (!count || count > VARIABLES_MAX)
		return hw_strdup("its formula has no events");
	m->sides = hw_alloc(count, sizeof *m->sides);
	for (size_t i = 0; i < count; i++) {
		types[i] = find_type(profile, m->metric, hw_formula_variable(m->formula, i));
		if (types[i] == HW_NONE)
			return hw_asprintf("the profile has no event '%s'",
					   hw_formula_variable(m->formula, i));
		m->sides[i] = hw_sides_find(sides, types[i]);
	}
	for (size_t i = 0; i < count; i++) {
		const struct hw_view *view = &sides->list.at[m->sides[i]].view;

		if (view->count_type == HW_NONE || (view->count_is_shared && count > 1))
			return hw_strdup("the profile does not count the samples of each event");
	}
	return hw_together_check(profile, types, count);
}

static void free_metric(struct hw_row_metric *m)
{
	hw_formula_free(m->formula);
	free(m->sides);
}

static void choose(struct hw_row_metrics *metrics, struct hw_sides *sides,
		   const struct hw_profile_metric *metric)
{
	struct hw_row_metric m = { .metric = metric };
	struct hw_err err = { 0 };
	char *why;

	m.formula = hw_formula_parse(metric->formula, &err);
	why = m.formula ? bind(&m, sides) : hw_strdup(err.message);
	if (!why) {
		hw_vec_push(&metrics->list, m);
		return;
	}
	hw_vec_push(&metrics->refused, hw_asprintf("no %s: %s", metric->title, why));
	free(why);
	free_metric(&m);
}

int hw_row_metrics_init(struct hw_row_metrics *metrics, struct hw_sides *sides, const char *names,
			struct hw_err *err)
{
	const struct hw_profile *profile = sides->view->profile;

	*metrics = (struct hw_row_metrics){ 0 };
	if (names && check_names(profile, names, err) < 0)
		return -1;
	for (size_t i = 0; i < profile->metrics.count; i++) {
		const struct hw_profile_metric *metric = &profile->metrics.at[i];

		if (metrics->list.count + metrics->refused.count == METRICS_MAX)
			break;
		if (names ? !names[0] || is_named(names, metric->name) : is_shown_unasked(metric))
			choose(metrics, sides, metric);
	}
	return 0;
}

void hw_row_metrics_fini(struct hw_row_metrics *metrics)
{
	for (size_t i = 0; i < metrics->list.count; i++)
		free_metric(&metrics->list.at[i]);
	hw_vec_fini(&metrics->list);
	for (size_t i = 0; i < metrics->refused.count; i++)
		free(metrics->refused.at[i]);
	hw_vec_fini(&metrics->refused);
}

/* --- Values -------------------------------------------------------------------------------------------- */

/* One event's value, with n samples behind it, of a total. */
struct share {
	int64_t value, samples, total;
};

static struct hw_estimate estimate(const struct hw_formula *formula, const struct share *shares, size_t count)
{
	double values[VARIABLES_MAX];
	double variances[VARIABLES_MAX];

	for (size_t i = 0; i < count; i++) {
		const double v = (double)shares[i].value;
		const double p = hw_share(shares[i].value, shares[i].total);

		if (shares[i].samples < HW_ESTIMATE_SAMPLES_MIN || v < 0)
			return (struct hw_estimate){ NAN, NAN };
		values[i] = v;
		variances[i] = p < 1 ? v * v * (1 - p) / (double)shares[i].samples : 0;
	}
	return (struct hw_estimate){
		.value = hw_formula_value(formula, values),
		.error = INTERVAL_ERRORS * hw_formula_error(formula, values, variances),
	};
}

struct hw_estimate hw_row_metric_value(const struct hw_row_metric *metric, const struct hw_sides *sides,
				       uint32_t row, bool by_cum)
{
	const size_t count = hw_formula_variable_count(metric->formula);
	struct share shares[VARIABLES_MAX];

	for (size_t i = 0; i < count; i++) {
		const struct hw_side *side = &sides->list.at[metric->sides[i]];
		const struct hw_row_sum *sum = &side->totals.sums[row];

		shares[i].value = by_cum ? sum->cum : sum->flat;
		shares[i].samples = by_cum ? sum->cum_samples : sum->flat_samples;
		shares[i].total = side->view.total;
	}
	return estimate(metric->formula, shares, count);
}

struct hw_estimate hw_row_metric_total(const struct hw_row_metric *metric, const struct hw_sides *sides)
{
	const size_t count = hw_formula_variable_count(metric->formula);
	struct share shares[VARIABLES_MAX];

	for (size_t i = 0; i < count; i++) {
		const struct hw_view *view = &sides->list.at[metric->sides[i]].view;

		shares[i].value = view->kept_total;
		shares[i].samples = view->kept_sample_total;
		shares[i].total = view->total;
	}
	return estimate(metric->formula, shares, count);
}

/* Decimals that show one digit of an error, two of one that begins with 1; without an error three digits of the
 * value. */
static int decimals_of(struct hw_estimate e)
{
	const double shown = e.error > 0 ? e.error : fabs(e.value);
	const double exponent = shown > 0 ? floor(log10(shown)) : 0;
	const double extra = e.error > 0 ? (shown / pow(10, exponent) < 2 ? 1 : 0) : 2;
	const double decimals = extra - exponent;

	return decimals < 0 ? 0 : decimals > 4 ? 4 : (int)decimals;
}

void hw_estimate_print(struct hw_buf *out, struct hw_estimate e, const char *unit, bool utf8)
{
	const char *percent = unit && strcmp(unit, "%") == 0 ? "%" : "";
	const int decimals = decimals_of(e);

	if (!isfinite(e.value) || !isfinite(e.error)) {
		hw_buf_text(out, "-");
		return;
	}
	hw_buf_printf(out, "%.*f%s", decimals, e.value, percent);
	if (e.error > 0)
		hw_buf_printf(out, " %s%.*f%s", utf8 ? "\xc2\xb1" : "+-", decimals, e.error, percent);
}
