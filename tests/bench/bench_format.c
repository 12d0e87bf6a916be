/* How fast profiles are written and read: bench_format [STACKS [DEPTH]] (100,000 distinct stacks, 30 deep).
 * One line per figure; peak memory is of the whole program. */
#include "bench_profile.h"

#include "base/units.h"
#include "format/format.h"

#include <sys/resource.h>

static double now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void print_figure(const char *what, double ms, size_t size_bytes)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	printf("%-14s %9.1f ms %9.2f MB   peak so far %ld MiB\n", what, ms, (double)size_bytes / 1e6,
	       usage.ru_maxrss / 1024);
}

/* Write, free, read back, and compare the totals. */
static int bench(const struct hw_format *format, uint32_t stacks, uint32_t depth, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf file = { 0 };
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = NULL;
	HW_AUTO(hw_freep) char *label = NULL;
	double start_ms = now_ms();
	int64_t total;

	profile = bench_profile_new(stacks, depth);
	print_figure("make", now_ms() - start_ms, 0);
	total = hw_profile_total(profile, hw_profile_default_sample_type(profile));
	start_ms = now_ms();
	if (format->encode(&file, profile, err) < 0)
		return -1;
	label = hw_asprintf("%s encode", format->name);
	print_figure(label, now_ms() - start_ms, file.size);
	hw_profile_freep(&profile);

	start_ms = now_ms();
	profile = format->decode(file.data, file.size, err);
	if (!profile)
		return -1;
	free(label);
	label = hw_asprintf("%s decode", format->name);
	print_figure(label, now_ms() - start_ms, file.size);
	if (hw_profile_total(profile, hw_profile_default_sample_type(profile)) != total)
		return hw_err_set(err, HW_ERR_FORMAT, "%s: the total changed", format->name);
	return 0;
}

int main(int argc, char **argv)
{
	struct hw_err err = { 0 };
	uint64_t stacks = 100000;
	uint64_t depth = 30;

	if ((argc > 1 && hw_parse_u64(&stacks, argv[1], &err) < 0) ||
	    (argc > 2 && hw_parse_u64(&depth, argv[2], &err) < 0) ||
	    bench(hw_format_find("pprof"), (uint32_t)stacks, (uint32_t)depth, &err) < 0 ||
	    bench(hw_format_find("folded"), (uint32_t)stacks, (uint32_t)depth, &err) < 0) {
		fprintf(stderr, "bench_format: %s\n", err.message);
		return 1;
	}
	return 0;
}
