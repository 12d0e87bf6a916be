#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>

struct unit {
	const char *name;
	double factor;
};

int hw_parse_u64(uint64_t *value, const char *text, struct hw_err *err)
{
	char *end = NULL;
	unsigned long long parsed;

	errno = 0;
	parsed = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
	if (!end || *end || errno)
		return hw_err_set(err, HW_ERR_USAGE, "'%s' is not a whole number", text);
	*value = parsed;
	return 0;
}

/* A decimal number and one of the units; an absent unit is the first. Gives -1 when the text has another form. */
static int parse_scaled(double *value, const char *text, const struct unit *units, size_t unit_count)
{
	char *end = NULL;
	double number;

	if (!isdigit((unsigned char)text[0]) && text[0] != '.')
		return -1;
	errno = 0;
	number = strtod(text, &end);
	if (end == text || errno || !isfinite(number) || text[1] == 'x' || text[1] == 'X')
		return -1;
	while (*end == ' ')
		end++;
	for (size_t i = 0; i < unit_count; i++) {
		if (strcasecmp(end, units[i].name) == 0) {
			*value = number * units[i].factor;
			return 0;
		}
	}
	return -1;
}

int hw_parse_duration(uint64_t *ns, const char *text, struct hw_err *err)
{
	static const struct unit units[] = { { "", 1e9 },   { "s", 1e9 },    { "sec", 1e9 },
					     { "ms", 1e6 }, { "us", 1e3 },   { "ns", 1 },
					     { "m", 60e9 }, { "min", 60e9 }, { "h", 3600e9 } };
	double value;

	if (parse_scaled(&value, text, units, HW_COUNT_OF(units)) < 0 || value < 1 || value > 3.2e18)
		return hw_err_set(err, HW_ERR_USAGE,
				  "'%s' is not a duration such as 10s, 1.5s, 200ms, 2m or 1h", text);
	*ns = (uint64_t)value;
	return 0;
}

int hw_parse_size(uint64_t *bytes, const char *text, struct hw_err *err)
{
	static const struct unit units[] = {
		{ "", 1 },	     { "b", 1 },	   { "k", 1024 },	  { "kb", 1024 },
		{ "kib", 1024 },     { "m", 1048576 },	   { "mb", 1048576 },	  { "mib", 1048576 },
		{ "g", 1073741824 }, { "gb", 1073741824 }, { "gib", 1073741824 },
	};
	double value;

	if (parse_scaled(&value, text, units, HW_COUNT_OF(units)) < 0 || value > 1e15)
		return hw_err_set(err, HW_ERR_USAGE, "'%s' is not a size such as 4096, 32KiB or 4MiB", text);
	*bytes = (uint64_t)value;
	return 0;
}

int hw_parse_freq(uint64_t *hz, const char *text, struct hw_err *err)
{
	static const struct unit units[] = { { "", 1 }, { "hz", 1 }, { "k", 1e3 }, { "khz", 1e3 } };
	double value;

	if (parse_scaled(&value, text, units, HW_COUNT_OF(units)) < 0 || value < 1 || value > 1e9)
		return hw_err_set(err, HW_ERR_USAGE,
				  "'%s' is not a frequency such as 99, 997 or 4k (samples per second)", text);
	*hz = (uint64_t)value;
	return 0;
}

/* The largest unit of a descending list that leaves at least 1, with three significant digits. */
static void print_scaled(struct hw_buf *buf, double value, const struct unit *units, size_t unit_count,
			 const char *space)
{
	const double magnitude = fabs(value);
	size_t i = 0;

	while (i + 1 < unit_count && magnitude < units[i].factor)
		i++;
	value /= units[i].factor;
	if (fabs(value - round(value)) < 1e-9 && fabs(value) < 1000)
		hw_buf_printf(buf, "%.0f%s%s", value, space, units[i].name);
	else
		hw_buf_printf(buf, "%.*f%s%s",
			      fabs(value) < 10	  ? 2
			      : fabs(value) < 100 ? 1
						  : 0,
			      value, space, units[i].name);
}

static const struct unit time_units[] = { { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 } };
static const struct unit size_units[] = {
	{ "TiB", 1099511627776.0 }, { "GiB", 1073741824 }, { "MiB", 1048576 }, { "KiB", 1024 }, { "B", 1 }
};
static const struct unit count_units[] = {
	{ "T", 1e12 }, { "G", 1e9 }, { "M", 1e6 }, { "k", 1e3 }, { "", 1 }
};

void hw_print_duration(struct hw_buf *buf, double ns)
{
	print_scaled(buf, ns, time_units, HW_COUNT_OF(time_units), " ");
}

void hw_print_size(struct hw_buf *buf, double bytes)
{
	print_scaled(buf, bytes, size_units, HW_COUNT_OF(size_units), " ");
}

void hw_print_value(struct hw_buf *buf, int64_t value, const char *unit)
{
	/* The unit names pprof knows how to scale (profile.proto, ValueType.unit). */
	static const struct unit known_times[] = { { "nanoseconds", 1 },    { "ns", 1 },
						   { "microseconds", 1e3 }, { "us", 1e3 },
						   { "milliseconds", 1e6 }, { "ms", 1e6 },
						   { "seconds", 1e9 },	    { "s", 1e9 } };

	for (size_t i = 0; i < HW_COUNT_OF(known_times); i++) {
		if (strcmp(unit, known_times[i].name) == 0) {
			print_scaled(buf, (double)value * known_times[i].factor, time_units,
				     HW_COUNT_OF(time_units), "");
			return;
		}
	}
	if (strcmp(unit, "bytes") == 0 || strcmp(unit, "byte") == 0)
		print_scaled(buf, (double)value, size_units, HW_COUNT_OF(size_units), "");
	else if (value > -10000 && value < 10000)
		hw_buf_printf(buf, "%" PRId64, value);
	else
		print_scaled(buf, (double)value, count_units, HW_COUNT_OF(count_units), "");
}
