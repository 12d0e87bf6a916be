#include "pipeline.h"

#include "base/clock.h"
#include "columns.h"
#include "copy_size.h"
#include "disclosure.h"
#include "download.h"
#include "jit.h"
#include "locations.h"
#include "process/proc_maps.h"
#include "profile/batch.h"
#include "record/recorder.h"
#include "record/settle.h"
#include "stack_counts.h"
#include "stitch.h"
#include "unnamed_help.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

/* How long records wait to be read when they are few. */
#define WAIT_MS 100

#define RESYNC_INTERVAL_NS UINT64_C(100000000)

/* How long reading /proc may take before a recording of the whole system begins, and how often rings are emptied then. */
#define READ_PROCESSES_NS UINT64_C(1000000000)
#define STEP_NS UINT64_C(10000000)

/* How often a process is looked through for threads that were born while we opened counters on their parents. */
#define THREAD_SCANS_MAX 100
/* And how often of these those are opened again whose children were born meanwhile. */
#define REOPEN_MAX 20

struct hw_pipeline {
	struct hw_pipeline_config config;
	struct hw_copy_size copies;
	struct hw_recorder *recorder;
	struct hw_dso_table *dsos;
	struct hw_process_table *processes;
	struct hw_unwinder *unwinder;
	struct hw_profile *profile;
	struct hw_column *columns; /* of each event */
	struct hw_stitch *stitch;  /* NULL when stacks are not completed */

	struct hw_locations locations;
	struct hw_jit *jit;
	struct hw_frames frames;
	struct hw_batch batch; /* of samples on their way into the profile */
	uint32_t key_pid, key_tid, key_comm, key_thread_name;

	struct hw_stack_counts stack_counts;
	uint64_t unknown_event;
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	uint64_t stop_ns;
	pid_t first_pid;    /* whose binary is the profile's first mapping */
	uint64_t resync_ns; /* when processes were last read again after losses */
	bool resync_wanted;
	bool main_mapping_known; /* since its last exec */
};

/* When the recording began, for people: ns since the epoch. */
static int64_t wall_clock_ns(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* --- Setting up --------------------------------------------------------------------------------------------- */

static bool all_kernel_only(const struct hw_pipeline_config *config)
{
	for (size_t i = 0; i < config->event_count; i++)
		if (!config->events[i].attr.exclude_user)
			return false;
	return true;
}

static struct hw_sampling sampling_of(const struct hw_pipeline_config *config,
				      const struct hw_copy_size *copies)
{
	struct hw_sampling sampling = { .callchain = config->unwind != HW_UNWIND_NONE };

	if (config->unwind == HW_UNWIND_NONE || all_kernel_only(config))
		return sampling;
	sampling.user_regs_mask = config->unwind == HW_UNWIND_FP ? 0 : hw_unwind_regs_mask();
	if (sampling.user_regs_mask)
		sampling.stack_size_bytes = copies->start_bytes;
	else /* asked for, or no unwinder for this architecture: the kernel follows frame pointers */
		sampling.callchain_user = true;
	return sampling;
}

void hw_pipeline_print_attrs(struct hw_buf *text, const struct hw_pipeline_config *config)
{
	struct hw_copy_size copies;
	struct hw_sampling sampling;
	struct hw_settling settling;

	if (hw_copy_size_init(&copies, config->stack_size_bytes, NULL) < 0)
		copies.start_bytes = HW_COPY_SIZE_LIMIT;
	sampling = sampling_of(config, &copies);
	settling = (struct hw_settling){ .events = config->events,
					 .event_count = config->event_count,
					 .sampling = &sampling,
					 .enable_on_exec = config->on_exec,
					 .want_tracker = sampling.stack_size_bytes && !copies.is_fixed };
	hw_settling_ask(&settling);
	if (settling.has_tracker) {
		hw_buf_text(text, "sideband dummy\n");
		hw_attr_print(text, &settling.tracker.attr);
	}
	for (size_t i = 0; i < config->event_count; i++) {
		hw_event_print(text, &config->events[i], hw_event_leads(config->events, i));
		hw_attr_print(text, &config->events[i].attr);
	}
	hw_settling_fini(&settling);
}

struct hw_pipeline *hw_pipeline_new(const struct hw_pipeline_config *config, struct hw_err *err)
{
	struct hw_pipeline *pipeline = hw_alloc(1, sizeof *pipeline);
	struct hw_variant variants[2];
	struct hw_recorder_config recorder_config = {
		.events = config->events,
		.event_count = config->event_count,
		.cpus = config->cpus,
		.cpu_count = config->cpu_count,
		.ring_size_bytes = config->ring_size_bytes,
		.enable_on_exec = config->on_exec,
	};

	pipeline->config = *config;
	if (hw_copy_size_init(&pipeline->copies, config->stack_size_bytes, err) < 0 ||
	    hw_columns_check(config->events, config->event_count, err) < 0)
		goto fail;
	recorder_config.sampling = sampling_of(&pipeline->config, &pipeline->copies);
	pipeline->copies.start_bytes = recorder_config.sampling.stack_size_bytes;
	recorder_config.variants = variants;
	if (pipeline->copies.start_bytes)
		recorder_config.variant_count = hw_copy_size_variants(&pipeline->copies, variants);
	pipeline->recorder = hw_recorder_new(&recorder_config, err);
	if (!pipeline->recorder)
		goto fail;
	pipeline->dsos = hw_dso_table_new();
	pipeline->processes = hw_process_table_new(pipeline->dsos);
	pipeline->unwinder = hw_unwinder_new(config->unwind);
	pipeline->profile = hw_profile_new();
	hw_disclose_machine(&pipeline->profile->recording, config->command);
	hw_batch_init(&pipeline->batch, pipeline->profile);
	hw_locations_init(&pipeline->locations, pipeline->profile, pipeline->processes);
	pipeline->jit = hw_jit_new(&pipeline->locations);
	pipeline->key_pid = hw_profile_string(pipeline->profile, "pid");
	pipeline->key_tid = hw_profile_string(pipeline->profile, "tid");
	pipeline->key_comm = hw_profile_string(pipeline->profile, "comm");
	pipeline->key_thread_name = hw_profile_string(pipeline->profile, "thread_name");
	return pipeline;
fail:
	hw_pipeline_free(pipeline);
	return NULL;
}

void hw_pipeline_free(struct hw_pipeline *pipeline)
{
	if (!pipeline)
		return;
	hw_recorder_free(pipeline->recorder);
	hw_unwinder_free(pipeline->unwinder);
	hw_process_table_free(pipeline->processes);
	hw_dso_table_free(pipeline->dsos);
	hw_profile_free(pipeline->profile);
	hw_jit_free(pipeline->jit);
	hw_batch_fini(&pipeline->batch);
	hw_locations_fini(&pipeline->locations);
	hw_copy_size_fini(&pipeline->copies);
	hw_stack_counts_fini(&pipeline->stack_counts);
	hw_stitch_free(pipeline->stitch);
	free(pipeline->columns);
	free(pipeline);
}

void hw_pipeline_freep(struct hw_pipeline **pipeline)
{
	hw_pipeline_free(*pipeline);
	*pipeline = NULL;
}

/* --- Targets ------------------------------------------------------------------------------------------------ */

static void remember_target(struct hw_pipeline *pipeline, pid_t pid)
{
	if (pipeline->first_pid)
		return;
	pipeline->first_pid = pid;
	pipeline->profile->recording.pid = (uint32_t)pid;
}

int hw_pipeline_open_thread(struct hw_pipeline *pipeline, pid_t tid, struct hw_err *err)
{
	const pid_t pid = hw_proc_tgid(tid, err);

	if (pid < 0)
		return -1;
	remember_target(pipeline, pid);
	return hw_recorder_open(pipeline->recorder, tid, err);
}

/* One look at the process's threads. Opens those that are not open and were not born with our counters on them.
 * Returns how many were opened, -1 on an error. */
static int scan_threads(struct hw_pipeline *pipeline, pid_t pid, struct hw_err *err)
{
	HW_AUTO(hw_freep) pid_t *tids = NULL;
	size_t count = 0;
	int opened = 0;

	if (hw_proc_tids(pid, &tids, &count, err) < 0)
		return -1;
	/* FORK records tell which threads inherited our counters: they are in the rings by now. */
	hw_pipeline_step(pipeline);
	for (size_t i = 0; i < count; i++) {
		if (hw_recorder_has(pipeline->recorder, tids[i]))
			continue;
		if (hw_recorder_open(pipeline->recorder, tids[i], err) == 0)
			opened++;
		else if (err->sys_errno != ESRCH)
			return -1;
	}
	return opened;
}

/* Threads whose children were born while they were being opened are opened again. */
static void reopen_torn(struct hw_pipeline *pipeline, int scan)
{
	static const struct timespec pause = { .tv_nsec = 1000000 }; /* see hw_recorder_close_torn */

	(void)nanosleep(&pause, NULL);
	hw_pipeline_step(pipeline);
	if (scan < REOPEN_MAX)
		(void)hw_recorder_close_torn(pipeline->recorder);
	else
		hw_quality_note(
			&pipeline->profile->quality,
			"threads were born faster than counters could be opened on their parents: some of "
			"them are missing, or are there for some CPUs only");
}

int hw_pipeline_open_process(struct hw_pipeline *pipeline, pid_t pid, struct hw_err *err)
{
	int opened = 1;
	int total = 0;

	if (pipeline->config.on_exec) { /* held before its exec: one thread, whose program is still ours */
		remember_target(pipeline, pid);
		return hw_recorder_open(pipeline->recorder, pid, err);
	}
	for (int scan = 0; opened > 0 && scan < THREAD_SCANS_MAX; scan++) {
		opened = scan_threads(pipeline, pid, err);
		if (opened > 0) {
			total += opened;
			reopen_torn(pipeline, scan);
		}
	}
	/* One that exits after it was seen is no error: what it did until then is recorded. */
	if (opened < 0 && (!total || err->kind != HW_ERR_TARGET))
		return -1;
	if (!total)
		return hw_err_set(err, HW_ERR_TARGET, "process %d has exited", (int)pid);
	remember_target(pipeline, pid);
	(void)hw_process_table_get(pipeline->processes, (uint32_t)pid);
	return 0;
}

/* Get to know processes, which takes longer than a burst of samples may wait in the rings, while nothing is sampled yet.
 * What changes meanwhile is told by records. On a machine with very many, the rest is read when it is met. */
static void read_processes(struct hw_pipeline *pipeline)
{
	HW_AUTO(hw_freep) pid_t *pids = NULL;
	const uint64_t begin_ns = hw_now_ns();
	uint64_t step_ns = begin_ns;
	size_t count = 0;

	if (hw_proc_pids(&pids, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const uint64_t now_ns = hw_now_ns();

		if (now_ns - begin_ns > READ_PROCESSES_NS)
			break;
		if (now_ns - step_ns > STEP_NS) {
			hw_pipeline_step(pipeline);
			step_ns = now_ns;
		}
		(void)hw_process_table_get(pipeline->processes, (uint32_t)pids[i]);
	}
}

int hw_pipeline_open_system(struct hw_pipeline *pipeline, struct hw_err *err)
{
	if (hw_recorder_open(pipeline->recorder, -1, err) < 0)
		return -1;
	read_processes(pipeline);
	return 0;
}

void hw_pipeline_start(struct hw_pipeline *pipeline)
{
	struct hw_profile *profile = pipeline->profile;

	pipeline->columns = hw_alloc(pipeline->config.event_count, sizeof *pipeline->columns);
	hw_columns_add(pipeline->columns, profile, pipeline->config.events, pipeline->config.event_count);
	hw_disclose_events(&profile->quality, pipeline->config.events, pipeline->config.event_count);
	if (hw_recorder_variants_missing(pipeline->recorder))
		hw_copy_size_set_missing(&pipeline->copies, hw_recorder_variants_missing(pipeline->recorder));
	else
		pipeline->copies.is_fixed |= hw_recorder_variants(pipeline->recorder) < 2;
	if (!pipeline->config.no_stitch)
		pipeline->stitch = hw_stitch_new(profile, pipeline->columns, &pipeline->stack_counts);
	hw_jit_set_clock(pipeline->jit, pipeline->config.events[0].attr.use_clockid &&
						pipeline->config.events[0].attr.clockid == CLOCK_MONOTONIC);
	pipeline->start_ns = hw_now_ns();
	profile->time_ns = wall_clock_ns();
	hw_recorder_start(pipeline->recorder);
}

/* --- One sample's way --------------------------------------------------------------------------------------- */

static struct hw_label_set_id labels_of(struct hw_pipeline *pipeline, const struct hw_process *process,
					struct hw_thread *thread)
{
	struct hw_profile *profile = pipeline->profile;

	if (thread->tag == HW_MAPPING_NO_TAG || thread->tag_renames != process->renames) {
		const struct hw_label labels[] = {
			{ .key = pipeline->key_comm, .str = hw_profile_string(profile, process->comm) },
			{ .key = pipeline->key_pid, .num = process->pid, .num_unit = pipeline->key_pid },
			{ .key = pipeline->key_thread_name, .str = hw_profile_string(profile, thread->comm) },
			{ .key = pipeline->key_tid, .num = thread->tid, .num_unit = pipeline->key_tid },
		};

		thread->tag = hw_label_sets_add(&profile->label_sets, labels, HW_COUNT_OF(labels)).index;
		thread->tag_renames = process->renames;
	}
	return (struct hw_label_set_id){ thread->tag };
}

/* Is it a stack cut short that other stacks of its thread may complete? It is kept aside then. locations: of the frames,
 * and of the end. */
static bool stitch(struct hw_pipeline *pipeline, const struct hw_sample *sample, struct hw_process *process,
		   struct hw_thread *thread, const uint32_t *locations, struct hw_stitch_sample *to_keep)
{
	const struct hw_frames *frames = &pipeline->frames;
	const struct hw_frame *user = frames->at + frames->kernel_count;
	const bool is_cut = frames->end == HW_END_TRUNCATED;
	struct hw_cut_stack stack = {
		.frames = user,
		.locations = locations + frames->kernel_count,
		.unwinder = pipeline->unwinder,
		.process = process,
		.count = frames->count - frames->kernel_count,
		.copy = sample->user_stack,
		.copy_size_bytes = sample->user_stack_size,
		.end = is_cut			    ? HW_CUT_SHORT
		       : frames->end == HW_END_ROOT ? HW_CUT_AT_ROOT
						    : HW_CUT_LOST,
	};

	if (!pipeline->stitch || !(is_cut || thread->cut_thread) || !stack.count)
		return false;
	if (!thread->cut_thread)
		thread->cut_thread = hw_stitch_new_thread(pipeline->stitch);
	stack.thread = thread->cut_thread;
	if (is_cut)
		to_keep->stack =
			hw_stacks_add(&pipeline->profile->stacks, locations, (uint32_t)frames->count + 1);
	return hw_stitch_take(pipeline->stitch, &stack, to_keep);
}

static void raise_copies(struct hw_pipeline *pipeline)
{
	if (hw_copy_size_raise(&pipeline->copies))
		hw_recorder_select(pipeline->recorder, 1);
}

static void take_sample(struct hw_pipeline *pipeline, const struct hw_sample *sample, uint32_t event_index)
{
	struct hw_frames *frames = &pipeline->frames;
	struct hw_quality *quality = &pipeline->profile->quality;
	struct hw_process *process = hw_process_table_get(pipeline->processes, sample->pid);
	struct hw_thread *thread = hw_process_table_thread(pipeline->processes, sample->pid, sample->tid);
	struct hw_stitch_sample to_keep = { .event_index = event_index,
					    .period_events = sample->period_events };
	uint32_t *stack = hw_batch_locations(&pipeline->batch, HW_FRAMES_MAX + 1);
	uint32_t count;

	if (!pipeline->main_mapping_known && (pid_t)sample->pid == pipeline->first_pid) {
		hw_locations_find_main(&pipeline->locations, process);
		pipeline->main_mapping_known = true;
	}
	hw_unwind(pipeline->unwinder, sample, process, frames);
	hw_locations_of_frames(&pipeline->locations, process, frames, stack);
	count = (uint32_t)frames->count;
	hw_jit_see(pipeline->jit, process);
	if (!hw_stack_end_is_complete(frames->end))
		stack[count++] = hw_locations_of_end(&pipeline->locations, frames->end);
	to_keep.cut_in = hw_stack_counts_add(&pipeline->stack_counts, frames, process);
	if (hw_copy_size_see(&pipeline->copies, sample, frames->end))
		raise_copies(pipeline);
	to_keep.labels = labels_of(pipeline, process, thread);
	/* What lies at addresses of a JIT changes: such stacks show nothing of others. */
	if (!hw_jit_keep(pipeline->jit, sample->time_ns, stack, count, to_keep.labels,
			 &pipeline->columns[event_index], sample->period_events) &&
	    !stitch(pipeline, sample, process, thread, stack, &to_keep))
		hw_column_count(&pipeline->columns[event_index],
				hw_batch_add(&pipeline->batch, count, to_keep.labels),
				(int64_t)sample->period_events);
	quality->samples++;
	quality->events.at[event_index].samples++;
	quality->events.at[event_index].events += sample->period_events;
	quality->events.at[event_index].exact_ips += sample->exact_ip;
}

static void take_record(struct hw_pipeline *pipeline, const struct hw_record *record, uint32_t event_index)
{
	if (record->type != PERF_RECORD_SAMPLE) {
		hw_process_table_apply(pipeline->processes, record);
		hw_jit_apply(pipeline->jit, record);
		if (record->type == PERF_RECORD_COMM && record->comm.exec &&
		    (pid_t)record->comm.pid == pipeline->first_pid) {
			pipeline->main_mapping_known = false;
			pipeline->locations.main_mapping = HW_NONE;
		} else if (record->type == PERF_RECORD_LOST) {
			pipeline->resync_wanted = true;
			if (pipeline->stitch)
				hw_stitch_forget(pipeline->stitch);
		}
		pipeline->profile->quality.records_other++;
	} else if (event_index == HW_RECORDER_UNKNOWN_EVENT) {
		pipeline->unknown_event++;
	} else {
		take_sample(pipeline, &record->sample, event_index);
	}
}

static void take_records(struct hw_pipeline *pipeline)
{
	struct hw_record record;
	uint32_t event_index;

	while (hw_recorder_next(pipeline->recorder, &record, &event_index))
		take_record(pipeline, &record, event_index);
	hw_batch_flush(&pipeline->batch);
}

int hw_pipeline_fd(const struct hw_pipeline *pipeline)
{
	return hw_recorder_fd(pipeline->recorder);
}

int hw_pipeline_wait_ms(const struct hw_pipeline *pipeline)
{
	const uint64_t due_ns = hw_recorder_due_ns(pipeline->recorder);
	const uint64_t now_ns = due_ns == UINT64_MAX ? 0 : hw_now_ns();

	if (due_ns <= now_ns)
		return 0;
	return due_ns - now_ns < WAIT_MS * UINT64_C(1000000) ? (int)((due_ns - now_ns) / 1000000) + 1
							     : WAIT_MS;
}

/* Records were lost: processes are read again, but not so often that reading them costs more records. */
static void resync_after_losses(struct hw_pipeline *pipeline)
{
	const uint64_t now_ns = pipeline->resync_wanted ? hw_now_ns() : 0;

	if (!pipeline->resync_wanted || now_ns - pipeline->resync_ns < RESYNC_INTERVAL_NS)
		return;
	hw_process_table_resync(pipeline->processes);
	pipeline->resync_ns = now_ns;
	pipeline->resync_wanted = false;
}

void hw_pipeline_step(struct hw_pipeline *pipeline)
{
	resync_after_losses(pipeline);
	hw_recorder_drain(pipeline->recorder, false);
	take_records(pipeline);
}

uint64_t hw_pipeline_samples(const struct hw_pipeline *pipeline)
{
	return pipeline->profile->quality.samples;
}

/* --- The result --------------------------------------------------------------------------------------------- */

static void fill_quality(struct hw_pipeline *pipeline)
{
	struct hw_quality *quality = &pipeline->profile->quality;

	quality->present = true;
	hw_copy_size_disclose(&pipeline->copies, quality);
	if (pipeline->unknown_event)
		hw_quality_count(&quality->dropped, "of an unknown event", pipeline->unknown_event);
	hw_stack_counts_disclose(&pipeline->stack_counts, pipeline->dsos, quality);
	hw_disclose_recorder(quality, pipeline->recorder, pipeline->config.events,
			     pipeline->config.event_count);
	hw_disclose_metrics(pipeline->profile, pipeline->config.events, pipeline->config.event_count);
}

void hw_pipeline_stop(struct hw_pipeline *pipeline)
{
	hw_recorder_stop(pipeline->recorder);
	pipeline->copies.is_fixed = true; /* too late to raise it */
	pipeline->stop_ns = hw_now_ns();
	hw_recorder_drain(pipeline->recorder, true);
	take_records(pipeline);
	if (pipeline->stitch)
		hw_stitch_settle(pipeline->stitch);
	fill_quality(pipeline);
}

/* Why symbols may be missing, where we know: files that could not be read and were hit. */
static void note_problems(struct hw_pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->locations.dso_of_mapping.count; i++) {
		const struct hw_dso *dso = pipeline->locations.dso_of_mapping.at[i];
		const char *problem = hw_dso_problem(dso);

		if (*problem) {
			HW_AUTO(hw_freep) char *note = hw_asprintf("%s: %s", hw_dso_path(dso), problem);
			hw_quality_note(&pipeline->profile->quality, note);
		}
	}
}

/* period_type and period describe the first event (profile.proto); by frequency, the mean period. */
static void fill_period(struct hw_pipeline *pipeline)
{
	struct hw_profile *profile = pipeline->profile;
	const struct perf_event_attr *attr = &pipeline->config.events[0].attr;
	const struct hw_event_quality *event = &profile->quality.events.at[0];

	profile->period_type = profile->sample_types.at[1];
	if (!attr->freq)
		profile->period = (int64_t)attr->sample_period;
	else if (event->samples)
		profile->period = (int64_t)(event->events / event->samples);
}

size_t hw_pipeline_silent_events(const struct hw_pipeline *pipeline, struct hw_err *err)
{
	return hw_disclose_silence(&pipeline->profile->quality, pipeline->config.events, err);
}

struct hw_profile *hw_pipeline_finish(struct hw_pipeline *pipeline,
				      const struct hw_symbolise_progress *progress,
				      const struct hw_download_progress *download_progress,
				      struct hw_pipeline_summary *summary)
{
	HW_AUTO(hw_debuginfod_freep) struct hw_debuginfod *debuginfod = NULL;
	struct hw_profile *profile = pipeline->profile;

	fill_period(pipeline);
	profile->duration_ns = (int64_t)(pipeline->stop_ns - pipeline->start_ns);
	hw_jit_finish(pipeline->jit);
	hw_locations_finish(&pipeline->locations);
	debuginfod = hw_debuginfod_new(download_progress);
	if (debuginfod)
		hw_download_debug_info(debuginfod, profile, pipeline->locations.dso_of_mapping.at);
	hw_symbolise(profile, pipeline->locations.dso_of_mapping.at, progress);
	if (pipeline->config.no_demangle)
		hw_profile_use_system_names(profile);
	for (size_t i = 0; i < profile->mappings.count; i++)
		profile->mappings.at[i].build_id =
			hw_profile_string(profile, hw_dso_build_id(pipeline->locations.dso_of_mapping.at[i]));
	note_problems(pipeline);
	hw_unnamed_help_add(profile, pipeline->locations.dso_of_mapping.at);
	*summary = (struct hw_pipeline_summary){
		.samples = profile->quality.samples,
		.lost = profile->quality.samples_lost,
		.stacks_complete = profile->quality.stacks_complete,
		.stacks_truncated = profile->quality.stacks_truncated,
		.stacks_broken = profile->quality.stacks_broken,
		.duration_ns = (uint64_t)profile->duration_ns,
	};
	pipeline->profile = NULL;
	return profile;
}
