/* bench_first COMMAND...: how long the first sample of a DSO waits for its stack, and the longest that any sample does.
 *
 * Records the command and unwinds each sample as it comes, as a recording does, into an unwinder that knows nothing.
 * One line per DSO: milliseconds for its file to be opened and looked at when the mapping was reported, and for the
 * first stack that went through it (with whatever else was new to that stack). Then the longest of all, and how many
 * stacks ended because their rules had not been read yet. */
#include "tests/lib/live.h"
#include "unwind/unwind.h"

#include "base/clock.h"

struct seen {
	uint32_t dso_index;
	uint64_t load_ns;
	uint64_t first_ns;
};

struct bench {
	struct hw_dso_table *dsos;
	struct hw_process_table *processes;
	struct hw_unwinder *unwinder;
	struct hw_frames frames;
	HW_VEC(uint64_t) load_ns; /* by DSO index */
	HW_VEC(struct seen) seen; /* in the order met */
	uint64_t samples;
	uint64_t longest_ns, longest_load_ns;
	uint64_t ends[HW_END_COUNT];
};

static bool is_new(const struct bench *bench, uint32_t dso_index)
{
	for (size_t i = 0; i < bench->seen.count; i++)
		if (bench->seen.at[i].dso_index == dso_index)
			return false;
	return true;
}

/* Note the DSOs a stack went through for the first time. */
static void note_stack(struct bench *bench, struct hw_process *process, uint64_t took_ns)
{
	for (size_t i = bench->frames.kernel_count; i < bench->frames.count; i++) {
		const uint64_t avma = hw_frame_lookup_avma(&bench->frames.at[i]);
		const struct hw_mapping *mapping = hw_mappings_find(&process->mappings, avma);
		const uint32_t index = mapping ? hw_dso_index(mapping->dso) : 0;

		if (mapping && is_new(bench, index))
			hw_vec_push(&bench->seen, (struct seen){ .dso_index = index,
								 .load_ns = index < bench->load_ns.count
										    ? bench->load_ns.at[index]
										    : 0,
								 .first_ns = took_ns });
	}
}

static void unwind(struct bench *bench, const struct hw_sample *sample)
{
	struct hw_process *process = hw_process_table_get(bench->processes, sample->pid);
	const uint64_t begin_ns = hw_now_ns();
	uint64_t took_ns;

	hw_unwind(bench->unwinder, sample, process, &bench->frames);
	took_ns = hw_now_ns() - begin_ns;
	bench->samples++;
	bench->ends[bench->frames.end]++;
	if (took_ns > bench->longest_ns)
		bench->longest_ns = took_ns;
	note_stack(bench, process, took_ns);
}

static void take(const struct hw_record *record, void *arg)
{
	struct bench *bench = arg;
	uint64_t begin_ns, took_ns;

	if (record->type == PERF_RECORD_SAMPLE) {
		unwind(bench, &record->sample);
		return;
	}
	begin_ns = hw_now_ns();
	hw_process_table_apply(bench->processes, record);
	took_ns = hw_now_ns() - begin_ns;
	if (took_ns > bench->longest_load_ns)
		bench->longest_load_ns = took_ns;
	while (bench->load_ns.count < hw_dso_table_count(bench->dsos))
		hw_vec_push(&bench->load_ns, took_ns);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	const struct hw_live_config config = {
		.argv = argv + 1,
		.freq_hz = 997,
		.stack_size_bytes = 16 * 1024,
		.user_regs_mask = hw_unwind_regs_mask(),
		.each = take,
		.arg = &bench,
	};
	struct hw_err err = { 0 };

	if (argc < 2) {
		fprintf(stderr, "usage: bench_first COMMAND...\n");
		return 2;
	}
	bench.dsos = hw_dso_table_new();
	bench.processes = hw_process_table_new(bench.dsos);
	bench.unwinder = hw_unwinder_new(HW_UNWIND_AUTO);
	if (hw_live_record(&config, &err) < 0 || !bench.samples) {
		fprintf(stderr, "bench_first: %s\n", err.message[0] ? err.message : "no samples");
		return 77;
	}
	for (size_t i = 0; i < bench.seen.count; i++)
		printf("%8.3f ms mapped %8.3f ms first stack  %s\n", (double)bench.seen.at[i].load_ns / 1e6,
		       (double)bench.seen.at[i].first_ns / 1e6,
		       hw_dso_path(hw_dso_table_at(bench.dsos, bench.seen.at[i].dso_index)));
	printf("%8.3f ms longest mapping, %.3f ms longest stack of %" PRIu64 ", %" PRIu64
	       " not ready, %" PRIu64 " to the root\n",
	       (double)bench.longest_load_ns / 1e6, (double)bench.longest_ns / 1e6, bench.samples,
	       bench.ends[HW_END_NOT_READY], bench.ends[HW_END_ROOT]);
	hw_vec_fini(&bench.seen);
	hw_vec_fini(&bench.load_ns);
	hw_unwinder_free(bench.unwinder);
	hw_process_table_free(bench.processes);
	hw_dso_table_free(bench.dsos);
	return 0;
}
