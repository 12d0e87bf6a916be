/* bench_unwind [-e ENGINE] COMMAND...: record it, keep its samples in memory, then time each engine (or that one) on the
 * same stacks.
 *
 * One line per engine: nanoseconds per frame, warm (in the best of the rounds) and cold (in the best first round of an
 * engine that knows nothing yet); frames per stack, share of stacks that reached the root. The mappings are those at the
 * end of the command: use a program that unloads nothing. */
#include "tests/lib/live.h"
#include "unwind/unwind.h"

#include <time.h>

#define STARTS 5
#define ROUNDS 4
#define SAMPLES_MAX 5000

struct recording {
	struct hw_process_table *processes;
	struct hw_live_samples samples;
	uint32_t pid; /* of the first sample: others are left out */
};

static void keep(const struct hw_record *record, void *arg)
{
	struct recording *recording = arg;

	if (record->type != PERF_RECORD_SAMPLE) {
		/* The mappings of the program have to outlive it. */
		if (record->type != PERF_RECORD_EXIT)
			hw_process_table_apply(recording->processes, record);
		return;
	}
	if (!recording->pid)
		recording->pid = record->sample.pid;
	if (record->sample.pid == recording->pid && recording->samples.list.count < SAMPLES_MAX)
		hw_live_samples_add(&recording->samples, &record->sample);
}

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

struct timing {
	double cold_ns, warm_ns; /* of all samples once */
	uint64_t frame_count;
	uint64_t roots;
};

/* Some rounds of an unwinder that begins with nothing. */
static void time_rounds(const struct recording *recording, enum hw_unwind_method method,
			struct timing *timing)
{
	static struct hw_frames frames;
	struct hw_unwinder *unwinder = hw_unwinder_new(method);
	struct hw_process *process = hw_process_table_get(recording->processes, recording->pid);

	for (int round = 0; round < ROUNDS; round++) {
		const double start_ns = cpu_ns();
		double *best_ns = round ? &timing->warm_ns : &timing->cold_ns;
		double took_ns;

		timing->frame_count = timing->roots = 0;
		for (size_t i = 0; i < recording->samples.list.count; i++) {
			hw_unwind(unwinder, &recording->samples.list.at[i], process, &frames);
			timing->frame_count += frames.count;
			timing->roots += frames.end == HW_END_ROOT;
		}
		took_ns = cpu_ns() - start_ns;
		if (*best_ns <= 0 || took_ns < *best_ns)
			*best_ns = took_ns;
	}
	hw_unwinder_free(unwinder);
}

static void time_engine(const struct recording *recording, const char *name, enum hw_unwind_method method)
{
	const double count = (double)recording->samples.list.count;
	struct timing timing = { 0 };
	double frames;

	for (int start = 0; start < STARTS; start++)
		time_rounds(recording, method, &timing);
	frames = (double)timing.frame_count;
	printf("%-10s %8.1f ns/frame %8.1f cold %7.2f frames/stack %6.2f %% to the root\n", name,
	       timing.warm_ns / frames, timing.cold_ns / frames, frames / count,
	       100.0 * (double)timing.roots / count);
}

static const struct {
	const char *name;
	enum hw_unwind_method method;
} engines[] = { { "auto", HW_UNWIND_AUTO },
		{ "rules", HW_UNWIND_RULES },
		{ "libunwind", HW_UNWIND_LIBUNWIND },
		{ "libdw", HW_UNWIND_LIBDW } };

int main(int argc, char **argv)
{
	const char *only = argc >= 3 && !strcmp(argv[1], "-e") ? argv[2] : NULL;
	char **command = argv + (only ? 3 : 1);
	static struct recording recording;
	struct hw_dso_table *dsos = hw_dso_table_new();
	const struct hw_live_config config = {
		.argv = command,
		.freq_hz = 997,
		.stack_size_bytes = 16 * 1024,
		.user_regs_mask = hw_unwind_regs_mask(),
		.each = keep,
		.arg = &recording,
	};
	struct hw_err err = { 0 };

	if (!*command) {
		fprintf(stderr, "usage: bench_unwind [-e ENGINE] COMMAND...\n");
		return 2;
	}
	recording.processes = hw_process_table_new(dsos);
	if (hw_live_record(&config, &err) < 0 || !recording.samples.list.count) {
		fprintf(stderr, "bench_unwind: %s\n", err.message[0] ? err.message : "no samples");
		return 77;
	}
	printf("%zu samples of %s\n", recording.samples.list.count, *command);
	for (size_t i = 0; i < HW_COUNT_OF(engines); i++)
		if (!only || !strcmp(only, engines[i].name))
			time_engine(&recording, engines[i].name, engines[i].method);
	hw_live_samples_fini(&recording.samples);
	hw_process_table_free(recording.processes);
	hw_dso_table_free(dsos);
	return 0;
}
