/* bench_unwind COMMAND...: record it, keep its samples in memory, then time each engine on the same stacks.
 *
 * One line per engine: nanoseconds per frame in the best of the rounds and in the first, when nothing is cached; frames
 * per stack, share of stacks that reached the root. The mappings are those at the end of the command: use a program that unloads nothing. */
#include "tests/lib/live.h"
#include "unwind/unwind.h"

#include <time.h>

#define ROUNDS 7
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

static void time_method(struct recording *recording, const char *name, enum hw_unwind_method method)
{
	static struct hw_frames frames;
	struct hw_unwinder *unwinder = hw_unwinder_new(method);
	struct hw_process *process = hw_process_table_get(recording->processes, recording->pid);
	const size_t count = recording->samples.list.count;
	double best_ns = 0;
	double first_ns = 0;
	uint64_t frame_count = 0;
	uint64_t roots = 0;

	for (int round = 0; round < ROUNDS; round++) {
		const double start_ns = cpu_ns();
		double took_ns;

		frame_count = roots = 0;
		for (size_t i = 0; i < count; i++) {
			hw_unwind(unwinder, &recording->samples.list.at[i], process, &frames);
			frame_count += frames.count;
			roots += frames.end == HW_END_ROOT;
		}
		took_ns = cpu_ns() - start_ns;
		if (!round)
			first_ns = took_ns;
		if (!round || took_ns < best_ns)
			best_ns = took_ns;
	}
	printf("%-10s %8.1f ns/frame %8.1f cold %7.2f frames/stack %6.2f %% to the root\n", name,
	       best_ns / (double)frame_count, first_ns / (double)frame_count,
	       (double)frame_count / (double)count, 100.0 * (double)roots / (double)count);
	hw_unwinder_free(unwinder);
}

int main(int argc, char **argv)
{
	static struct recording recording;
	struct hw_dso_table *dsos = hw_dso_table_new();
	const struct hw_live_config config = {
		.argv = argv + 1,
		.freq_hz = 997,
		.stack_size_bytes = 16 * 1024,
		.user_regs_mask = hw_unwind_regs_mask(),
		.each = keep,
		.arg = &recording,
	};
	struct hw_err err = { 0 };

	if (argc < 2) {
		fprintf(stderr, "usage: bench_unwind COMMAND...\n");
		return 2;
	}
	recording.processes = hw_process_table_new(dsos);
	if (hw_live_record(&config, &err) < 0 || !recording.samples.list.count) {
		fprintf(stderr, "bench_unwind: %s\n", err.message[0] ? err.message : "no samples");
		return 77;
	}
	printf("%zu samples of %s\n", recording.samples.list.count, argv[1]);
	time_method(&recording, "auto", HW_UNWIND_AUTO);
	time_method(&recording, "rules", HW_UNWIND_RULES);
	time_method(&recording, "libunwind", HW_UNWIND_LIBUNWIND);
	time_method(&recording, "libdw", HW_UNWIND_LIBDW);
	hw_live_samples_fini(&recording.samples);
	hw_process_table_free(recording.processes);
	hw_dso_table_free(dsos);
	return 0;
}
