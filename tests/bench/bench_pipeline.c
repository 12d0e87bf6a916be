/* bench_pipeline [-s STACK_BYTES] COMMAND...: what hwprof's own CPU does for a sample, from the ring to the interned stack.
 *
 * The command is recorded once; its samples are laid out in two rings of 64 MiB as the kernel lays them out, and read
 * again and again by the program's own reader, decoder, unwinder and interner. Each lap goes through all 128 MiB, so
 * that a record's bytes are in no cache when their turn comes, as bytes are that another CPU wrote some time ago.
 *
 * One line per stage: nanoseconds per sample with everything up to it, and what the stage adds; the median of the laps.
 * Mappings are those at the end of the command: use a program that unloads nothing. */
#include "locations.h"
#include "profile/batch.h"
#include "record/reader.h"
#include "tests/lib/live.h"
#include "tests/lib/record_builder.h"

#include <getopt.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <time.h>

#define RINGS 2
#define RING_BYTES ((size_t)64 << 20)
/* What a ring holds when the recorder is woken. */
#define STEP_BYTES ((size_t)4 << 20)
#define LAPS 9
#define SAMPLES_MAX 20000

enum stage { READ, DECODE, UNWIND, LOCATE, INTERN, STAGES };

static const char *const stage_names[] = { "read in order", "decode", "unwind", "locations",
					   "intern and add" };

struct bench {
	struct hw_dso_table *dsos;
	struct hw_process_table *processes;
	struct hw_unwinder *unwinder;
	struct hw_live_samples samples;
	struct perf_event_attr attr;
	struct perf_event_mmap_page pages[RINGS];
	struct hw_cpu_ring ring_list[RINGS];
	struct hw_cpu_rings rings;
	HW_VEC(uint64_t) ends[RINGS]; /* where each record ends */
	uint64_t sample_count;	      /* in all rings */

	struct hw_profile *profile;
	struct hw_locations locations;
	struct hw_frames frames;
	struct hw_batch batch;
	uint64_t frame_count; /* of one lap */
	uint64_t checksum;
};

/* --- Recording ------------------------------------------------------------------------------------------------ */

static void keep(const struct hw_record *record, void *arg)
{
	struct bench *bench = arg;

	if (record->type == PERF_RECORD_SAMPLE && bench->samples.list.count < SAMPLES_MAX)
		hw_live_samples_add(&bench->samples, &record->sample);
	else if (record->type != PERF_RECORD_EXIT) /* the mappings have to outlive the program */
		hw_process_table_apply(bench->processes, record);
}

static int record(struct bench *bench, char **argv, uint32_t stack_bytes, struct hw_err *err)
{
	const struct hw_sampling sampling = { .user_regs_mask = hw_unwind_regs_mask(),
					      .stack_size_bytes = stack_bytes,
					      .callchain = true };
	const struct hw_live_config config = {
		.argv = argv,
		.freq_hz = 1997,
		.stack_size_bytes = stack_bytes,
		.user_regs_mask = sampling.user_regs_mask,
		.each = keep,
		.arg = bench,
	};

	bench->attr = (struct perf_event_attr){ .type = PERF_TYPE_SOFTWARE,
						.size = sizeof bench->attr,
						.config = PERF_COUNT_SW_CPU_CLOCK,
						.freq = 1,
						.sample_freq = config.freq_hz };
	hw_attr_set_sampling(&bench->attr, &sampling, true);
	bench->dsos = hw_dso_table_new();
	bench->processes = hw_process_table_new(bench->dsos);
	bench->unwinder = hw_unwinder_new(HW_UNWIND_AUTO);
	if (hw_live_record(&config, err) < 0)
		return -1;
	if (!bench->samples.list.count)
		return hw_err_set(err, HW_ERR_TARGET, "no samples");
	return 0;
}

/* --- Rings ---------------------------------------------------------------------------------------------------- */

/* Fill both rings in turn with the samples, as often as they fit. */
static void fill_rings(struct bench *bench)
{
	struct hw_buf bytes = { 0 };
	uint64_t filled[RINGS] = { 0 };
	uint64_t time_ns = 1;

	for (size_t i = 0;; i++, time_ns++) {
		struct hw_sample sample = bench->samples.list.at[i % bench->samples.list.count];
		const size_t ring = i % RINGS;

		sample.time_ns = time_ns;
		bytes.size = 0;
		(void)hw_build_sample(&bytes, &bench->attr, &sample);
		if (filled[ring] + bytes.size > RING_BYTES)
			break;
		memcpy((uint8_t *)(uintptr_t)bench->ring_list[ring].ring.data + filled[ring], bytes.data,
		       bytes.size);
		filled[ring] += bytes.size;
		hw_vec_push(&bench->ends[ring], filled[ring]);
		bench->sample_count++;
	}
	hw_buf_fini(&bytes);
}

static int make_rings(struct bench *bench, struct hw_err *err)
{
	for (size_t i = 0; i < RINGS; i++) {
		void *data =
			mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (data == MAP_FAILED)
			return hw_err_sys(err, HW_ERR_SYSTEM, "cannot map %zu bytes", RING_BYTES);
		(void)madvise(data, RING_BYTES, MADV_NOHUGEPAGE); /* as the kernel's are */
		bench->ring_list[i].ring = (struct hw_ring){ .page = &bench->pages[i],
							     .data = data,
							     .size_bytes = RING_BYTES,
							     .wrap = hw_alloc(UINT16_MAX + 1, 1) };
	}
	bench->rings =
		(struct hw_cpu_rings){ .at = bench->ring_list, .count = RINGS, .size_bytes = RING_BYTES };
	fill_rings(bench);
	return 0;
}

/* Put all rings back to their beginning. */
static void rewind_rings(struct bench *bench)
{
	for (size_t i = 0; i < RINGS; i++) {
		struct hw_ring *ring = &bench->ring_list[i].ring;

		bench->pages[i].data_head = 0;
		ring->head = ring->tail = 0;
		hw_ring_give_back(ring, 0);
	}
}

/* The kernel has written a step more, in whole records. False when it has written everything. */
static bool advance(struct bench *bench, uint64_t *written, size_t *records)
{
	bool more = false;

	*written += STEP_BYTES;
	for (size_t i = 0; i < RINGS; i++) {
		const size_t before = records[i];

		while (records[i] < bench->ends[i].count && bench->ends[i].at[records[i]] <= *written)
			records[i]++;
		if (records[i] > before)
			bench->pages[i].data_head = bench->ends[i].at[records[i] - 1];
		more |= records[i] > before;
	}
	return more;
}

/* --- One lap -------------------------------------------------------------------------------------------------- */

static void take(struct bench *bench, struct hw_bytes bytes, enum stage stage)
{
	struct hw_record record;
	struct hw_process *process;
	uint32_t *stack;
	int64_t *values;

	if (stage < DECODE || hw_record_decode(&record, bytes, &bench->attr, NULL) < 0) {
		bench->checksum += hw_bytes_left(&bytes);
		return;
	}
	bench->checksum += record.sample.ip_avma;
	if (stage < UNWIND)
		return;
	process = hw_process_table_get(bench->processes, record.sample.pid);
	hw_unwind(bench->unwinder, &record.sample, process, &bench->frames);
	bench->frame_count += bench->frames.count;
	if (stage < LOCATE)
		return;
	stack = hw_batch_locations(&bench->batch, HW_FRAMES_MAX);
	hw_locations_of_frames(&bench->locations, process, &bench->frames, stack);
	if (stage < INTERN)
		return;
	(void)hw_process_table_thread(bench->processes, record.sample.pid, record.sample.tid);
	values = hw_batch_add(&bench->batch, (uint32_t)bench->frames.count, (struct hw_label_set_id){ 0 });
	values[0] = 1;
	values[1] = (int64_t)record.sample.period_events;
}

static double cpu_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* ns per sample */
static double run_lap(struct bench *bench, enum stage stage)
{
	struct hw_reader *reader = hw_reader_new(&bench->rings, &bench->attr);
	const double start_ns = cpu_ns();
	size_t records[RINGS] = { 0 };
	uint64_t written = 0;
	uint64_t taken = 0;
	struct hw_bytes bytes;
	double took_ns;

	rewind_rings(bench);
	bench->frame_count = 0;
	while (advance(bench, &written, records)) {
		hw_reader_look(reader, true, NULL);
		for (; hw_reader_next(reader, &bytes); taken++)
			take(bench, bytes, stage);
	}
	hw_batch_flush(&bench->batch);
	took_ns = cpu_ns() - start_ns;
	hw_reader_free(reader);
	if (taken != bench->sample_count) {
		fprintf(stderr, "bench_pipeline: %" PRIu64 " of %" PRIu64 " samples came out\n", taken,
			bench->sample_count);
		exit(1);
	}
	return took_ns / (double)taken;
}

static int compare(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return (*x > *y) - (*x < *y);
}

static double time_stage(struct bench *bench, enum stage stage)
{
	double laps[LAPS];

	(void)run_lap(bench, stage); /* to know everything once */
	for (size_t i = 0; i < LAPS; i++)
		laps[i] = run_lap(bench, stage);
	qsort(laps, LAPS, sizeof *laps, compare);
	return laps[LAPS / 2];
}

static void run(struct bench *bench)
{
	double before = 0;

	bench->profile = hw_profile_new();
	(void)hw_profile_add_sample_type(bench->profile, "samples", "count");
	(void)hw_profile_add_sample_type(bench->profile, "cpu-clock", "nanoseconds");
	hw_batch_init(&bench->batch, bench->profile);
	hw_locations_init(&bench->locations, bench->profile, bench->processes);
	for (enum stage stage = READ; stage < STAGES; stage++) {
		const double ns = time_stage(bench, stage);

		printf("%-16s %8.0f ns/sample %+8.0f\n", stage_names[stage], ns, ns - before);
		before = ns;
	}
	printf("%zu samples recorded, %" PRIu64 " replayed, %.1f frames each, %zu distinct stacks\n",
	       bench->samples.list.count, bench->sample_count,
	       (double)bench->frame_count / (double)bench->sample_count, bench->profile->stacks.list.count);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct hw_err err = { 0 };
	uint32_t stack_bytes = 8192;
	int option;

	while ((option = getopt(argc, argv, "+s:")) != -1) {
		if (option != 's') {
			fprintf(stderr, "usage: bench_pipeline [-s STACK_BYTES] COMMAND...\n");
			return 2;
		}
		stack_bytes = (uint32_t)strtoul(optarg, NULL, 0);
	}
	if (optind == argc || record(&bench, argv + optind, stack_bytes, &err) < 0 ||
	    make_rings(&bench, &err) < 0) {
		fprintf(stderr, "bench_pipeline: %s\n", err.message[0] ? err.message : "no command");
		return 77;
	}
	run(&bench);
	return 0;
}
