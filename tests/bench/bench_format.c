/* How fast profiles are written and read: bench_format [STACKS [DEPTH [FORMAT]]] (100,000 distinct
 * stacks, 30 deep, all formats).
 * One line per figure; peak memory is of the whole program. */
#include "bench_profile.h"

#include "base/units.h"
#include "format/format.h"

#include <sys/resource.h>

/* CPU time too: what the figure would be on an idle machine. */
struct stopwatch {
	double wall_ms, cpu_ms;
};

static double clock_ms(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct stopwatch start(void)
{
	return (struct stopwatch){ clock_ms(CLOCK_MONOTONIC), clock_ms(CLOCK_PROCESS_CPUTIME_ID) };
}

static void print_figure(const char *format, const char *what, struct stopwatch since, size_t size_bytes)
{
	const struct stopwatch now = start();
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	printf("%-7s %-7s %9.1f ms %9.1f ms CPU %9.2f MB   peak so far %ld MiB\n", format, what,
	       now.wall_ms - since.wall_ms, now.cpu_ms - since.cpu_ms, (double)size_bytes / 1e6,
	       usage.ru_maxrss / 1024);
}

/* Write, free, read back, and compare the totals. */
static int bench(const struct hw_format *format, uint32_t stacks, uint32_t depth, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf file = { 0 };
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = NULL;
	struct stopwatch watch = start();
	int64_t total;

	profile = bench_profile_new(stacks, depth);
	print_figure("", "make", watch, 0);
	total = hw_profile_total(profile, hw_profile_default_sample_type(profile));
	watch = start();
	if (format->encode(&file, profile, err) < 0)
		return -1;
	print_figure(format->name, "encode", watch, file.size);
	hw_profile_freep(&profile);

	watch = start();
	profile = format->decode(file.data, file.size, err);
	if (!profile)
		return -1;
	print_figure(format->name, "decode", watch, file.size);
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
	    (argc > 2 && hw_parse_u64(&depth, argv[2], &err) < 0))
		goto fail;
	for (size_t i = 0; hw_formats[i]; i++)
		if ((argc <= 3 || strcmp(argv[3], hw_formats[i]->name) == 0) &&
		    bench(hw_formats[i], (uint32_t)stacks, (uint32_t)depth, &err) < 0)
			goto fail;
	return 0;
fail:
	fprintf(stderr, "bench_format: %s\n", err.message);
	return 1;
}
