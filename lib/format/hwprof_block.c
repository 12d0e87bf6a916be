#include "format/hwprof_block.h"

#include "format/gzip.h"
#include "format/hwprof.pb-c.h"

#include <inttypes.h>
#include <math.h>

#define PREFIX "hwprof:1:"
/* Far above any real block (some hundred bytes), and low enough for a hostile one: protobuf-c makes up to 100 bytes
 * of each of these (an empty EventQuality). */
#define BLOCK_MAX_BYTES ((size_t)1 << 20)

/* Kinds of incomplete stacks that are told in words. */
#define ENDS_PRINTED_MAX 10

bool hw_block_probe(const char *text)
{
	return strncmp(text, PREFIX, strlen(PREFIX)) == 0;
}

/* --- base64 (RFC 4648 section 4) --------------------------------------------------------------------- */

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void base64_encode(struct hw_buf *out, const char *data, size_t size)
{
	const uint8_t *p = (const uint8_t *)data;

	for (size_t i = 0; i < size; i += 3) {
		const size_t n = size - i < 3 ? size - i : 3;
		const uint32_t word = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
				      (n > 2 ? (uint32_t)p[i + 2] : 0);
		const char digits[4] = { base64_digits[word >> 18], base64_digits[word >> 12 & 63],
					 n > 1 ? base64_digits[word >> 6 & 63] : '=',
					 n > 2 ? base64_digits[word & 63] : '=' };

		hw_buf_add(out, digits, sizeof digits);
	}
}

static int base64_decode(struct hw_buf *out, const char *text, struct hw_err *err)
{
	size_t length = strlen(text);
	uint32_t word = 0;
	unsigned bits = 0;

	if (length % 4)
		return hw_err_set(err, HW_ERR_FORMAT, "hwprof's block in the profile is cut short");
	for (unsigned pads = 0; pads < 2 && length && text[length - 1] == '='; pads++)
		length--;
	(void)hw_buf_reserve(out, length / 4 * 3 + 3);
	for (size_t i = 0; i < length; i++) {
		const char *digit = memchr(base64_digits, text[i], sizeof base64_digits - 1);

		if (!digit)
			return hw_err_set(err, HW_ERR_FORMAT, "hwprof's block in the profile is not base64");
		word = (word << 6 | (uint32_t)(digit - base64_digits)) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out->data[out->size++] = (char)(word >> bits);
		}
	}
	return 0;
}

/* --- hw_recording and hw_quality as messages, and back ------------------------------------------------ */

/* protobuf-c takes texts that are not const and does not change them; NULL is written as the default, "". */
static char *text_or_empty(char *text)
{
	return text ? text : (char *)protobuf_c_empty_string;
}

static void recording_to_message(Hwprof__Recording *to, const struct hw_recording *from)
{
	hwprof__recording__init(to);
	to->version = text_or_empty(from->version);
	to->command = text_or_empty(from->command);
	to->hostname = text_or_empty(from->hostname);
	to->kernel = text_or_empty(from->kernel);
	to->cpu = text_or_empty(from->cpu);
	to->cpu_count = from->cpu_count;
	to->pid = from->pid;
}

static void recording_from_message(struct hw_recording *to, const Hwprof__Recording *from)
{
	to->version = *from->version ? hw_strdup(from->version) : NULL;
	to->command = *from->command ? hw_strdup(from->command) : NULL;
	to->hostname = *from->hostname ? hw_strdup(from->hostname) : NULL;
	to->kernel = *from->kernel ? hw_strdup(from->kernel) : NULL;
	to->cpu = *from->cpu ? hw_strdup(from->cpu) : NULL;
	to->cpu_count = from->cpu_count;
	to->pid = from->pid;
}

static void event_to_message(Hwprof__EventQuality *to, const struct hw_event_quality *from)
{
	hwprof__event_quality__init(to);
	to->asked = text_or_empty(from->asked);
	to->opened = text_or_empty(from->opened);
	to->freq_hz = from->freq_hz;
	to->period = from->period;
	to->precise_asked = from->precise_asked;
	to->precise_obtained = from->precise_obtained;
	to->samples = from->samples;
	to->events = from->events;
	to->lost = from->lost;
	to->throttles = from->throttles;
	to->group = from->group;
	to->pmu = text_or_empty(from->pmu);
	to->whole = text_or_empty(from->whole);
	to->exact_ips = from->exact_ips;
	to->time_enabled_ns = from->time_enabled_ns;
	to->time_running_ns = from->time_running_ns;
	to->counted = from->counted;
	to->counted_enabled_ns = from->counted_enabled_ns;
	to->counted_running_ns = from->counted_running_ns;
	to->counted_itself = from->counted_itself;
}

static struct hw_event_quality event_from_message(const Hwprof__EventQuality *from)
{
	return (struct hw_event_quality){
		.asked = hw_strdup(from->asked),
		.opened = hw_strdup(from->opened),
		.freq_hz = from->freq_hz,
		.period = from->period,
		.precise_asked = from->precise_asked,
		.precise_obtained = from->precise_obtained,
		.samples = from->samples,
		.events = from->events,
		.lost = from->lost,
		.throttles = from->throttles,
		.group = from->group,
		.pmu = *from->pmu ? hw_strdup(from->pmu) : NULL,
		.whole = *from->whole ? hw_strdup(from->whole) : NULL,
		.exact_ips = from->exact_ips,
		.time_enabled_ns = from->time_enabled_ns,
		.time_running_ns = from->time_running_ns,
		.counted = from->counted,
		.counted_enabled_ns = from->counted_enabled_ns,
		.counted_running_ns = from->counted_running_ns,
		.counted_itself = from->counted_itself,
	};
}

/* An array of messages and of the pointers protobuf-c wants; the caller frees both. */
static Hwprof__UnnamedHelp **unnamed_to_messages(Hwprof__UnnamedHelp **storage,
						 const struct hw_unnamed_help *helps, size_t count)
{
	Hwprof__UnnamedHelp **pointers = hw_alloc(count, sizeof(Hwprof__UnnamedHelp *));

	*storage = hw_alloc(count, sizeof **storage);
	for (size_t i = 0; i < count; i++) {
		pointers[i] = &(*storage)[i];
		hwprof__unnamed_help__init(pointers[i]);
		pointers[i]->dso = helps[i].dso;
		pointers[i]->build_id = helps[i].build_id;
		pointers[i]->cause = helps[i].cause;
		pointers[i]->fix = helps[i].fix;
	}
	return pointers;
}

static struct hw_unnamed_help unnamed_from_message(const Hwprof__UnnamedHelp *from)
{
	return (struct hw_unnamed_help){
		.dso = hw_strdup(from->dso),
		.build_id = hw_strdup(from->build_id),
		.cause = hw_strdup(from->cause),
		.fix = hw_strdup(from->fix),
	};
}

static void metric_to_message(Hwprof__Metric *to, const struct hw_profile_metric *from)
{
	hwprof__metric__init(to);
	to->name = text_or_empty(from->name);
	to->title = text_or_empty(from->title);
	to->description = text_or_empty(from->description);
	to->unit = text_or_empty(from->unit);
	to->formula = text_or_empty(from->formula);
	to->variables = from->variables.at;
	to->n_variables = from->variables.count;
	to->sample_types = from->sample_types.at;
	to->n_sample_types = from->sample_types.count;
}

static void metrics_from_messages(struct hw_profile *profile, const Hwprof__Block *block)
{
	for (size_t i = 0; i < block->n_metrics; i++) {
		const Hwprof__Metric *from = block->metrics[i];
		struct hw_profile_metric metric = { 0 };

		if (from->n_variables != from->n_sample_types) {
			hw_quality_note(&profile->quality,
					"a metric of the file makes no sense and was left out");
			continue;
		}
		metric.name = hw_strdup(from->name);
		metric.title = hw_strdup(from->title);
		metric.description = hw_strdup(from->description);
		metric.unit = hw_strdup(from->unit);
		metric.formula = hw_strdup(from->formula);
		for (size_t k = 0; k < from->n_variables; k++) {
			hw_vec_push(&metric.variables, hw_strdup(from->variables[k]));
			hw_vec_push(&metric.sample_types, hw_strdup(from->sample_types[k]));
		}
		hw_vec_push(&profile->metrics, metric);
	}
}

/* An array of messages and of the pointers protobuf-c wants; the caller frees both. */
static Hwprof__CauseCount **causes_to_messages(Hwprof__CauseCount **storage,
					       const struct hw_cause_count *causes, size_t count)
{
	Hwprof__CauseCount **pointers = hw_alloc(count, sizeof(Hwprof__CauseCount *));

	*storage = hw_alloc(count, sizeof **storage);
	for (size_t i = 0; i < count; i++) {
		pointers[i] = &(*storage)[i];
		hwprof__cause_count__init(pointers[i]);
		pointers[i]->cause = causes[i].cause;
		pointers[i]->count = causes[i].count;
	}
	return pointers;
}

static Hwprof__EndCount **ends_to_messages(Hwprof__EndCount **storage, const struct hw_end_count *ends,
					   size_t count)
{
	Hwprof__EndCount **pointers = hw_alloc(count, sizeof(Hwprof__EndCount *));

	*storage = hw_alloc(count, sizeof **storage);
	for (size_t i = 0; i < count; i++) {
		pointers[i] = &(*storage)[i];
		hwprof__end_count__init(pointers[i]);
		pointers[i]->cause = ends[i].cause;
		pointers[i]->dso = ends[i].dso;
		pointers[i]->count = ends[i].count;
	}
	return pointers;
}

static void numbers_to_message(Hwprof__Quality *to, const struct hw_quality *from)
{
	to->present = from->present;
	to->records_read = from->records_read;
	to->samples = from->samples;
	to->records_other = from->records_other;
	to->samples_lost = from->samples_lost;
	to->throttles = from->throttles;
	to->stacks_complete = from->stacks_complete;
	to->stacks_truncated = from->stacks_truncated;
	to->stacks_broken = from->stacks_broken;
	to->stacks_stitched = from->stacks_stitched;
	to->frames = from->frames;
	to->frames_unknown = from->frames_unknown;
	to->stack_size_bytes = from->stack_size_bytes;
	to->stack_raised_bytes = from->stack_raised_bytes;
	to->stack_raised_after = from->stack_raised_after;
	to->ring_size_bytes = from->ring_size_bytes;
}

static void quality_from_message(struct hw_quality *to, const Hwprof__Quality *from)
{
	to->present = from->present;
	to->records_read = from->records_read;
	to->samples = from->samples;
	to->records_other = from->records_other;
	to->samples_lost = from->samples_lost;
	to->throttles = from->throttles;
	to->stacks_complete = from->stacks_complete;
	to->stacks_truncated = from->stacks_truncated;
	to->stacks_broken = from->stacks_broken;
	to->stacks_stitched = from->stacks_stitched;
	to->frames = from->frames;
	to->frames_unknown = from->frames_unknown;
	to->stack_size_bytes = from->stack_size_bytes;
	to->stack_raised_bytes = from->stack_raised_bytes;
	to->stack_raised_after = from->stack_raised_after;
	to->ring_size_bytes = from->ring_size_bytes;
	for (size_t i = 0; i < from->n_dropped; i++)
		hw_vec_push(&to->dropped, (struct hw_cause_count){ hw_strdup(from->dropped[i]->cause),
								   from->dropped[i]->count });
	for (size_t i = 0; i < from->n_stack_ends; i++)
		hw_vec_push(&to->stack_ends, (struct hw_cause_count){ hw_strdup(from->stack_ends[i]->cause),
								      from->stack_ends[i]->count });
	for (size_t i = 0; i < from->n_ends_by_dso; i++)
		hw_vec_push(&to->ends_by_dso, (struct hw_end_count){ hw_strdup(from->ends_by_dso[i]->cause),
								     hw_strdup(from->ends_by_dso[i]->dso),
								     from->ends_by_dso[i]->count });
	for (size_t i = 0; i < from->n_frame_origins; i++)
		hw_vec_push(&to->frame_origins,
			    (struct hw_cause_count){ hw_strdup(from->frame_origins[i]->cause),
						     from->frame_origins[i]->count });
	for (size_t i = 0; i < from->n_events; i++)
		hw_vec_push(&to->events, event_from_message(from->events[i]));
	for (size_t i = 0; i < from->n_unnamed; i++)
		hw_vec_push(&to->unnamed, unnamed_from_message(from->unnamed[i]));
	for (size_t i = 0; i < from->n_notes; i++)
		hw_vec_push(&to->notes, hw_strdup(from->notes[i]));
}

/* --- the block ---------------------------------------------------------------------------------------- */

/* Everything as one packed message; recording and the metrics' storage are the caller's. */
static void pack(struct hw_buf *packed, Hwprof__Block *block, const struct hw_quality *quality)
{
	Hwprof__Quality message = HWPROF__QUALITY__INIT;
	HW_AUTO(hw_freep) Hwprof__CauseCount *dropped = NULL;
	HW_AUTO(hw_freep) Hwprof__CauseCount *stack_ends = NULL;
	HW_AUTO(hw_freep) Hwprof__UnnamedHelp *unnamed = NULL;
	HW_AUTO(hw_freep) Hwprof__CauseCount *frame_origins = NULL;
	HW_AUTO(hw_freep) Hwprof__EndCount *ends_by_dso = NULL;
	HW_AUTO(hw_freep)
	Hwprof__EventQuality *events = hw_alloc(quality->events.count, sizeof(Hwprof__EventQuality));

	numbers_to_message(&message, quality);
	message.dropped = causes_to_messages(&dropped, quality->dropped.at, quality->dropped.count);
	message.n_dropped = quality->dropped.count;
	message.stack_ends =
		causes_to_messages(&stack_ends, quality->stack_ends.at, quality->stack_ends.count);
	message.n_stack_ends = quality->stack_ends.count;
	message.ends_by_dso =
		ends_to_messages(&ends_by_dso, quality->ends_by_dso.at, quality->ends_by_dso.count);
	message.n_ends_by_dso = quality->ends_by_dso.count;
	message.frame_origins =
		causes_to_messages(&frame_origins, quality->frame_origins.at, quality->frame_origins.count);
	message.n_frame_origins = quality->frame_origins.count;
	message.events = hw_alloc(quality->events.count, sizeof(Hwprof__EventQuality *));
	message.n_events = quality->events.count;
	for (size_t i = 0; i < quality->events.count; i++) {
		message.events[i] = &events[i];
		event_to_message(&events[i], &quality->events.at[i]);
	}
	message.unnamed = unnamed_to_messages(&unnamed, quality->unnamed.at, quality->unnamed.count);
	message.n_unnamed = quality->unnamed.count;
	message.notes = quality->notes.at;
	message.n_notes = quality->notes.count;
	block->quality = &message;

	packed->size = hwprof__block__pack(
		block, (uint8_t *)hw_buf_reserve(packed, hwprof__block__get_packed_size(block)));
	block->quality = NULL;
	free(message.dropped);
	free(message.stack_ends);
	free(message.ends_by_dso);
	free(message.frame_origins);
	free(message.events);
	free(message.unnamed);
}

static bool says_something(const struct hw_profile *profile)
{
	const struct hw_recording *r = &profile->recording;
	const struct hw_quality *q = &profile->quality;

	return q->present || q->notes.count || r->version || r->command || r->hostname || r->kernel ||
	       r->cpu || r->cpu_count || r->pid || profile->metrics.count;
}

int hw_block_encode(struct hw_buf *out, const struct hw_profile *profile, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf packed = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf compressed = { 0 };
	HW_AUTO(hw_freep)
	Hwprof__Metric *metrics = hw_alloc(profile->metrics.count, sizeof(Hwprof__Metric));
	Hwprof__Block block = HWPROF__BLOCK__INIT;
	Hwprof__Recording recording;

	if (!says_something(profile))
		return 0;
	recording_to_message(&recording, &profile->recording);
	block.recording = &recording;
	block.metrics = hw_alloc(profile->metrics.count, sizeof(Hwprof__Metric *));
	block.n_metrics = profile->metrics.count;
	for (size_t i = 0; i < profile->metrics.count; i++) {
		block.metrics[i] = &metrics[i];
		metric_to_message(&metrics[i], &profile->metrics.at[i]);
	}
	pack(&packed, &block, &profile->quality);
	free(block.metrics);
	if (hw_gzip_compress(&compressed, packed.data, packed.size, err) < 0)
		return -1;
	hw_buf_text(out, PREFIX);
	base64_encode(out, compressed.data, compressed.size);
	return 0;
}

int hw_block_decode(struct hw_profile *profile, const char *text, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf compressed = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf packed = { 0 };
	Hwprof__Block *block;

	if (base64_decode(&compressed, text + strlen(PREFIX), err) < 0)
		return -1;
	if (hw_gzip_decompress(&packed, hw_buf_str(&compressed), compressed.size, BLOCK_MAX_BYTES, err) < 0)
		return hw_err_wrap(err, "hwprof's block in the profile");
	block = hwprof__block__unpack(NULL, packed.size, (const uint8_t *)hw_buf_str(&packed));
	if (!block)
		return hw_err_set(err, HW_ERR_FORMAT, "hwprof's block in the profile is corrupt");
	if (block->recording)
		recording_from_message(&profile->recording, block->recording);
	if (block->quality)
		quality_from_message(&profile->quality, block->quality);
	metrics_from_messages(profile, block);
	hwprof__block__free_unpacked(block, NULL);
	return 0;
}

/* --- in words ----------------------------------------------------------------------------------------- */

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0.0;
}

/* One fact on one line, whatever characters its text has. */
static void print_text(struct hw_buf *out, const char *before, const char *text, const char *after)
{
	hw_buf_text(out, before);
	hw_buf_printable(out, text);
	hw_buf_text(out, after);
}

static void print_event(struct hw_buf *out, const struct hw_event_quality *event)
{
	print_text(out, "event: ", event->opened, "");
	if (event->asked[0] && strcmp(event->asked, event->opened) != 0)
		print_text(out, " (asked for: ", event->asked, ")");
	if (event->freq_hz)
		hw_buf_printf(out, ", %" PRIu64 " Hz", event->freq_hz);
	if (event->period)
		hw_buf_printf(out, ", every %" PRIu64, event->period);
	if (event->precise_asked || event->precise_obtained)
		hw_buf_printf(out, ", precise level %u of %u asked", event->precise_obtained,
			      event->precise_asked);
	if (event->group)
		hw_buf_printf(out, ", group %u", event->group);
	hw_buf_printf(out, ", %" PRIu64 " samples, %" PRIu64 " lost, throttled %" PRIu64 " times",
		      event->samples, event->lost, event->throttles);
	if (event->precise_obtained && event->samples)
		hw_buf_printf(out, ", %.2f %% at exact addresses", percent(event->exact_ips, event->samples));
	if (hw_event_running_share(event) < 1)
		hw_buf_printf(out, ", had a counter %.2f %% of the time",
			      100 * hw_event_running_share(event));
	if (!isnan(hw_event_sum_check(event)))
		hw_buf_printf(out, ", sum check %.4f%s", hw_event_sum_check(event),
			      event->counted_itself ? " (against its own count)" : "");
	hw_buf_text(out, "\n");
}

static void print_quality(struct hw_buf *out, const struct hw_quality *q)
{
	const uint64_t stacks = q->stacks_complete + q->stacks_truncated + q->stacks_broken;

	hw_buf_printf(out, "samples: %" PRIu64 " used, %" PRIu64 " lost, throttled %" PRIu64 " times\n",
		      q->samples, q->samples_lost, q->throttles);
	for (size_t i = 0; i < q->dropped.count; i++) {
		hw_buf_printf(out, "dropped: %" PRIu64 " records: ", q->dropped.at[i].count);
		print_text(out, "", q->dropped.at[i].cause, "\n");
	}
	if (stacks)
		hw_buf_printf(out,
			      "stacks: %.2f %% complete, %" PRIu64 " truncated, %" PRIu64
			      " broken; %.2f %% of frames "
			      "in no mapping\n",
			      percent(q->stacks_complete, stacks), q->stacks_truncated, q->stacks_broken,
			      percent(q->frames_unknown, q->frames));
	for (size_t i = 0; i < q->ends_by_dso.count && i < ENDS_PRINTED_MAX; i++) {
		hw_buf_printf(out, "incomplete: %" PRIu64 " stacks: ", q->ends_by_dso.at[i].count);
		print_text(out, "", q->ends_by_dso.at[i].cause, "");
		print_text(out, *q->ends_by_dso.at[i].dso ? " in " : "", q->ends_by_dso.at[i].dso, "\n");
	}
	for (size_t i = 0; i < q->frame_origins.count; i++) {
		hw_buf_printf(out, "%s%" PRIu64, i ? ", " : "frames: ", q->frame_origins.at[i].count);
		print_text(out, " ", q->frame_origins.at[i].cause, "");
	}
	if (q->frame_origins.count)
		hw_buf_text(out, "\n");
	if (q->stacks_stitched)
		hw_buf_printf(out,
			      "stitched: %" PRIu64
			      " of the complete stacks were cut, and completed from others\n",
			      q->stacks_stitched);
	for (size_t i = 0; i < q->events.count; i++)
		print_event(out, &q->events.at[i]);
}

static void print_unnamed(struct hw_buf *out, const struct hw_unnamed_help *help)
{
	print_text(out, "without names: ", help->dso, "");
	if (help->build_id[0])
		print_text(out, " (build-id ", help->build_id, ")");
	if (help->cause[0])
		print_text(out, ": ", help->cause, "");
	if (help->fix[0])
		print_text(out, help->cause[0] ? "; " : ": ", help->fix, "");
	hw_buf_text(out, "\n");
}

void hw_block_print(struct hw_buf *out, const struct hw_recording *recording,
		    const struct hw_quality *quality)
{
	if (recording->version)
		print_text(out, "hwprof ", recording->version, "\n");
	if (recording->command)
		print_text(out, "command: ", recording->command, "\n");
	if (recording->hostname)
		print_text(out, "host: ", recording->hostname, "\n");
	if (recording->kernel)
		print_text(out, "kernel: ", recording->kernel, "\n");
	if (recording->cpu)
		print_text(out, "cpu: ", recording->cpu, "\n");
	if (quality->present)
		print_quality(out, quality);
	for (size_t i = 0; i < quality->unnamed.count; i++)
		print_unnamed(out, &quality->unnamed.at[i]);
	for (size_t i = 0; i < quality->notes.count; i++)
		print_text(out, "note: ", quality->notes.at[i], "\n");
}
