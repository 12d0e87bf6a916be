#include "record/recorder.h"

#include "base/cpu_list.h"
#include "record/cpu_rings.h"
#include "record/enabling.h"
#include "record/reader.h"
#include "record/settle.h"
#include "record/targets.h"

#define KIB ((size_t)1024)
#define RING_MAX (16 * 1024 * KIB)
#define RINGS_TOTAL_MAX (256 * 1024 * KIB)

struct hw_recorder {
	struct hw_recorder_config config;
	struct hw_settling settling;
	struct hw_variant *variants; /* owned */
	size_t variant_count;
	int *cpus; /* ascending; owned */
	size_t cpu_count;
	struct hw_cpu_rings rings; /* in their order */
	struct hw_targets targets;
	struct hw_reader *reader; /* NULL until the rings are open */
	struct hw_recorder_stats stats;
	bool settled;
	bool watching_is_over;
};

struct hw_recorder *hw_recorder_new(const struct hw_recorder_config *config, struct hw_err *err)
{
	struct hw_recorder *recorder = hw_alloc(1, sizeof *recorder);
	size_t online_count = 0;

	recorder->config = *config;
	recorder->config.cpus = NULL;
	recorder->config.variants = NULL;
	recorder->variant_count = config->variant_count ? config->variant_count : 1;
	recorder->variants = hw_alloc(recorder->variant_count, sizeof *recorder->variants);
	if (config->variant_count)
		memcpy(recorder->variants, config->variants,
		       config->variant_count * sizeof *config->variants);
	if (hw_cpu_list_online(&recorder->cpus, &online_count, err) < 0 ||
	    (config->cpus && hw_cpu_list_check_online(config->cpus, config->cpu_count, err) < 0))
		goto fail;
	recorder->cpu_count = config->cpus ? config->cpu_count : online_count;
	recorder->targets = (struct hw_targets){ .settling = &recorder->settling,
						 .rings = &recorder->rings,
						 .only_some_cpus = recorder->cpu_count < online_count };
	if (config->cpus)
		memcpy(recorder->cpus, config->cpus, config->cpu_count * sizeof *config->cpus);
	if (hw_cpu_rings_init(&recorder->rings, recorder->cpus, recorder->cpu_count, err) < 0)
		goto fail;
	return recorder;
fail:
	hw_recorder_free(recorder);
	return NULL;
}

void hw_recorder_free(struct hw_recorder *recorder)
{
	if (!recorder)
		return;
	hw_targets_fini(&recorder->targets);
	hw_cpu_rings_fini(&recorder->rings);
	hw_settling_fini(&recorder->settling);
	hw_reader_free(recorder->reader);
	free(recorder->cpus);
	free(recorder->variants);
	free(recorder);
}

/* --- Rings -------------------------------------------------------------------------------------------------- */

static uint64_t samples_per_second(const struct hw_recorder_config *config)
{
	uint64_t per_second = 0;

	for (size_t i = 0; i < config->event_count; i++)
		per_second += config->events[i].attr.freq ? config->events[i].attr.sample_freq : 1000;
	return per_second;
}

/* Of the variants, the largest copy of the stack. */
static uint32_t largest_stack(const struct hw_recorder *recorder)
{
	uint32_t size = recorder->config.sampling.stack_size_bytes;

	for (size_t i = 0; i < recorder->variant_count; i++)
		if (recorder->variants[i].stack_size_bytes > size)
			size = recorder->variants[i].stack_size_bytes;
	return size;
}

/* Bytes of ring that hold a fifth of a second of samples: a drain that comes late by a few scheduler slices loses
 * nothing. A tenth, should copies become larger. Power of two. */
static size_t default_ring_size(const struct hw_recorder *recorder)
{
	const uint64_t sample_bytes = recorder->config.sampling.stack_size_bytes + 1024;
	const uint64_t large_sample_bytes = largest_stack(recorder) + 1024;
	const uint64_t per_second = samples_per_second(&recorder->config);
	size_t size = 512 * KIB;

	while (size < RING_MAX &&
	       (size < per_second * sample_bytes / 5 || size < per_second * large_sample_bytes / 10))
		size *= 2;
	while (size > HW_RING_MIN_BYTES && size * recorder->cpu_count > RINGS_TOTAL_MAX)
		size /= 2;
	return size;
}

static void note_ring_size(struct hw_recorder *recorder)
{
	const size_t size = recorder->rings.size_bytes;
	const size_t wanted = recorder->stats.ring_wanted_bytes;
	HW_AUTO(hw_freep) char *note = NULL;

	recorder->stats.ring_size_bytes = size;
	if (size == wanted)
		return;
	note = hw_asprintf(
		"rings of %zu KiB per CPU, not %zu: the limit on locked memory was hit (ulimit -l, "
		"perf_event_mlock_kb, CAP_IPC_LOCK)",
		size / KIB, wanted / KIB);
	hw_notes_keep(&recorder->settling.notes, note);
}

static int open_rings(struct hw_recorder *recorder, struct hw_err *err)
{
	struct hw_recorder_config *config = &recorder->config;

	if (!config->ring_size_bytes)
		config->ring_size_bytes = default_ring_size(recorder);
	recorder->stats.ring_wanted_bytes = config->ring_size_bytes;
	if (hw_cpu_rings_open(&recorder->rings, config->ring_size_bytes, &config->events[0].attr, err) < 0)
		return -1;
	note_ring_size(recorder);
	recorder->reader = hw_reader_new(&recorder->rings, &config->events[0].attr);
	return 0;
}

/* --- Opening ------------------------------------------------------------------------------------------------ */

/* How many variants there may be, before it is known how many can be opened. */
static size_t affordable_variants(struct hw_recorder *recorder, pid_t tid)
{
	const size_t copies =
		(recorder->variant_count - 1) * recorder->config.event_count * recorder->cpu_count;

	if (tid < 0 || copies <= HW_VARIANT_COPIES_MAX)
		return recorder->variant_count;
	free(recorder->targets.missing); /* of a thread that was gone */
	recorder->targets.missing =
		hw_asprintf("on %zu CPUs it would cost every thread that is born %zu more copies of events",
			    recorder->cpu_count, copies);
	return 1;
}

static int settle(struct hw_recorder *recorder, pid_t tid, struct hw_err *err)
{
	const struct hw_recorder_config *config = &recorder->config;
	const size_t variant_count = affordable_variants(recorder, tid);

	hw_settling_fini(&recorder->settling);
	recorder->settling = (struct hw_settling){
		.events = config->events,
		.event_count = config->event_count,
		.sampling = &recorder->config.sampling,
		.cpus = recorder->cpus,
		.cpu_count = recorder->cpu_count,
		.tid = tid,
		.enable_on_exec = config->enable_on_exec,
		/* Of what runs already, we hear of births and mappings before the first sample; and of what runs
		 * while one variant takes the place of another. */
		.want_tracker = !config->enable_on_exec || variant_count > 1,
	};
	if (hw_settle(&recorder->settling, err) < 0)
		return -1;
	hw_variants_fini(&recorder->targets.variants);
	hw_variants_init(&recorder->targets.variants, recorder->variants, variant_count, config->events,
			 config->event_count);
	recorder->settled = true;
	return 0;
}

int hw_recorder_open(struct hw_recorder *recorder, pid_t tid, struct hw_err *err)
{
	if (!recorder->settled && settle(recorder, tid, err) < 0)
		return -1;
	if (hw_targets_make_room(&recorder->targets, err) < 0)
		return -1;
	if (!hw_cpu_rings_are_open(&recorder->rings) && open_rings(recorder, err) < 0)
		return -1;
	return hw_targets_open(&recorder->targets, tid, err);
}

bool hw_recorder_has(const struct hw_recorder *recorder, pid_t tid)
{
	return hw_targets_have(&recorder->targets, tid);
}

size_t hw_recorder_close_torn(struct hw_recorder *recorder)
{
	return hw_targets_close_torn(&recorder->targets);
}

void hw_recorder_start(struct hw_recorder *recorder)
{
	recorder->watching_is_over = true;
	hw_births_fini(&recorder->targets.births);
	hw_targets_start(&recorder->targets);
}

size_t hw_recorder_variants(const struct hw_recorder *recorder)
{
	return recorder->targets.variants.count;
}

const char *hw_recorder_variants_missing(const struct hw_recorder *recorder)
{
	return recorder->targets.missing;
}

void hw_recorder_select(struct hw_recorder *recorder, uint32_t variant)
{
	if (variant < recorder->targets.variants.count)
		hw_targets_select(&recorder->targets, variant);
}

uint64_t hw_recorder_due_ns(const struct hw_recorder *recorder)
{
	return hw_targets_due_ns(&recorder->targets);
}

void hw_recorder_stop(struct hw_recorder *recorder)
{
	hw_targets_stop(&recorder->targets);
}

/* --- Reading ------------------------------------------------------------------------------------------------ */

int hw_recorder_fd(const struct hw_recorder *recorder)
{
	return recorder->rings.epoll_fd;
}

void hw_recorder_drain(struct hw_recorder *recorder, bool last)
{
	hw_targets_repeat(&recorder->targets);
	if (recorder->reader)
		hw_reader_look(recorder->reader, last,
			       recorder->watching_is_over ? NULL : &recorder->targets.births);
}

/* What the recorder itself learns from a record on its way out. */
static void notice(struct hw_recorder *recorder, const struct hw_record *record)
{
	if (record->type == PERF_RECORD_LOST || record->type == PERF_RECORD_LOST_SAMPLES) {
		struct hw_opened *opened = hw_targets_find_opened(&recorder->targets, record->id.id);

		if (opened && record->type == PERF_RECORD_LOST)
			opened->told += record->lost.lost;
		else if (opened)
			opened->unwritten += record->lost.lost;
		recorder->stats.lost += record->lost.lost;
	} else if (record->type == PERF_RECORD_THROTTLE) {
		struct hw_opened *opened = hw_targets_find_opened(&recorder->targets, record->throttle.id);

		if (opened)
			opened->throttles++;
		recorder->stats.throttles++;
	}
}

/* The event a record belongs to. Every record carries the id at a fixed place (PERF_SAMPLE_IDENTIFIER): a sample at the
 * start of its body, others at their end. */
static const struct hw_opened *opened_of(const struct hw_recorder *recorder, struct hw_bytes bytes)
{
	const size_t size = hw_bytes_left(&bytes);
	uint64_t id;

	if (recorder->config.event_count == 1 && !recorder->settling.has_tracker &&
	    recorder->targets.variants.count == 1)
		return recorder->targets.opened.at;
	if (hw_bytes_u32(&bytes) == PERF_RECORD_SAMPLE)
		(void)hw_bytes_u32(&bytes);
	else
		(void)hw_bytes_take(&bytes, size > 12 ? size - 12 : 0);
	id = hw_bytes_u64(&bytes);
	return hw_targets_find_opened(&recorder->targets, id);
}

int hw_recorder_next(struct hw_recorder *recorder, struct hw_record *record, uint32_t *event_index)
{
	struct hw_bytes bytes;

	while (recorder->reader && hw_reader_next(recorder->reader, &bytes)) {
		const struct hw_opened *opened = opened_of(recorder, bytes);
		const struct perf_event_attr *attr =
			opened ? &hw_targets_event(&recorder->targets, opened)->attr
			       : &recorder->config.events[0].attr;

		if (hw_record_decode(record, bytes, attr, NULL) < 0) {
			recorder->stats.records_corrupt++;
			continue;
		}
		if (record->type == PERF_RECORD_SAMPLE && !(attr->sample_type & PERF_SAMPLE_PERIOD))
			record->sample.period_events = attr->sample_period;
		notice(recorder, record);
		*event_index = opened && !hw_targets_is_tracker(&recorder->targets, opened)
				       ? opened->event
				       : HW_RECORDER_UNKNOWN_EVENT;
		return 1;
	}
	return 0;
}

/* --- Numbers ------------------------------------------------------------------------------------------------ */

void hw_recorder_stats(const struct hw_recorder *recorder, struct hw_recorder_stats *stats,
		       struct hw_recorder_event_stats *of_event)
{
	uint64_t lost = 0;

	*stats = recorder->stats;
	if (recorder->reader) {
		struct hw_reader_stats read;

		hw_reader_stats(recorder->reader, &read);
		stats->records_read = read.records_read;
		stats->records_late = read.records_late;
		stats->rings_corrupt = read.rings_corrupt;
	}
	for (size_t i = 0; of_event && i < recorder->config.event_count; i++)
		of_event[i] = (struct hw_recorder_event_stats){ .has_twin = recorder->settling.twins &&
									    recorder->settling.twins[i] };
	hw_targets_read(&recorder->targets, of_event, &lost, &stats->descriptors);
	if (lost > stats->lost)
		stats->lost = lost;
}

size_t hw_recorder_notes(const struct hw_recorder *recorder, char *const **notes)
{
	*notes = recorder->settling.notes.list.at;
	return recorder->settling.notes.list.count;
}
