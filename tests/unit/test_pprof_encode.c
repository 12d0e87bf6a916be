#include "format/gzip.h"
#include "format/pprof.h"
#include "profile/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* --- a profile with one of everything ------------------------------------------------------------------ */

static void fill_recording(struct hw_profile *p)
{
	p->recording = (struct hw_recording){ .version = hw_strdup("0.1.0"),
					      .command = hw_strdup("./app --a 'b c'\n--d"),
					      .hostname = hw_strdup("host"),
					      .kernel = hw_strdup("6.1.0"),
					      .cpu_count = 8,
					      .pid = 4711 };
	p->quality = (struct hw_quality){ .present = true,
					  .records_read = 1000,
					  .samples = 900,
					  .records_other = 90,
					  .samples_lost = 7,
					  .throttles = 2,
					  .stacks_complete = 880,
					  .stacks_truncated = 15,
					  .stacks_stitched = 12,
					  .stacks_broken = 5,
					  .frames = 9000,
					  .frames_unknown = 9,
					  .stack_size_bytes = 32768,
					  .ring_size_bytes = 1 << 20 };
	hw_quality_count(&p->quality.dropped, "no such event", 10);
	hw_quality_count(&p->quality.stack_ends, "no CFI", 5);
	hw_quality_count(&p->quality.stack_ends, "copy too short", 15);
	hw_quality_count_end(&p->quality, "no CFI", "/usr/lib/libx.so", 5);
	hw_quality_count_end(&p->quality, "copy too short", "", 15);
	hw_quality_count(&p->quality.frame_origins, "CFI", 8000);
	hw_quality_count(&p->quality.frame_origins, "sampled", 1000);
	hw_vec_push(&p->quality.events, (struct hw_event_quality){ .asked = hw_strdup(""),
								   .opened = hw_strdup("cpu-clock"),
								   .freq_hz = 999,
								   .samples = 900,
								   .events = UINT64_MAX,
								   .lost = 7,
								   .throttles = 2 });
	hw_vec_push(&p->quality.events, (struct hw_event_quality){ .asked = hw_strdup("cycles:pp"),
								   .opened = hw_strdup("cycles:p"),
								   .period = 1000003,
								   .precise_asked = 2,
								   .precise_obtained = 1,
								   .group = 3,
								   .pmu = hw_strdup("cpu_core"),
								   .whole = hw_strdup("cycles"),
								   .exact_ips = 11,
								   .time_enabled_ns = 12,
								   .time_running_ns = 13,
								   .counted = UINT64_MAX - 1,
								   .counted_enabled_ns = 14,
								   .counted_running_ns = 15,
								   .counted_itself = true });
	hw_quality_note(&p->quality, "precise level 2 is not there; 1 is used");
}

static uint32_t add_frame(struct hw_profile *p, uint32_t mapping, uint64_t avma, const char *name)
{
	const uint32_t location = hw_profile_add_location(p, mapping, avma);
	const struct hw_function function = { .name = hw_profile_string(p, name),
					      .system_name = hw_profile_string(p, name),
					      .filename = hw_profile_string(p, "/src/a.c"),
					      .start_line = 3 };

	if (*name)
		hw_profile_set_lines(p, location,
				     &(struct hw_line){ .function = hw_profile_add_function(p, &function),
							.line = 5,
							.column = 2 },
				     1);
	return location;
}

static struct hw_profile *full_profile(void)
{
	struct hw_profile *p = hw_profile_new();
	const uint32_t unused = hw_profile_string(p, "nothing refers to this text");
	const uint32_t tid = hw_profile_string(p, "tid");
	const uint32_t comm = hw_profile_string(p, "comm");
	const struct hw_label labels[] = { { .key = tid, .num = 0, .num_unit = tid },
					   { .key = comm, .str = hw_profile_string(p, "app") } };
	const struct hw_profile_mapping app = { .start_avma = 0x400000,
						.limit_avma = 0x500000,
						.file_foff = 0x1000,
						.filename = hw_profile_string(p, "/bin/app"),
						.build_id = hw_profile_string(p, "8ff3a0b5"),
						.has_functions = true,
						.has_inline_frames = true };
	const struct hw_profile_mapping kernel = { .start_avma = UINT64_C(0xffffffff81000000),
						   .limit_avma = UINT64_MAX,
						   .filename = hw_profile_string(p, "[kernel.kallsyms]_text"),
						   .has_filenames = true,
						   .has_line_numbers = true };
	struct hw_label_set_id set;
	uint32_t frames[3];
	(void)unused;

	(void)hw_profile_add_sample_type(p, "samples", "count");
	(void)hw_profile_add_sample_type(p, "cycles", "count");
	(void)hw_profile_add_sample_type(p, "cpu-clock", "nanoseconds");
	(void)hw_profile_add_mapping(p, &app);
	(void)hw_profile_add_mapping(p, &kernel);
	frames[0] = add_frame(p, 1, UINT64_C(0xffffffff81000010), "");
	frames[1] = add_frame(p, 0, 0x400123, "leaf");
	frames[2] = add_frame(p, HW_NONE, 0x99, "main");
	hw_profile_set_lines(p, frames[1], (struct hw_line[]){ { 0, 7, 0 }, { 1, INT64_MAX, 1 } }, 2);
	p->locations.at[2].is_folded = true;
	set = hw_label_sets_add(&p->label_sets, labels, 2);
	hw_profile_add_sample(p, hw_stacks_add(&p->stacks, frames, 3), set, (int64_t[]){ 1, INT64_MAX, -5 });
	hw_profile_add_sample(p, hw_stacks_add(&p->stacks, frames + 1, 2), set, (int64_t[]){ 2, 0, 0 });
	hw_profile_add_sample(p, hw_stacks_add(&p->stacks, frames + 1, 2), (struct hw_label_set_id){ 0 },
			      (int64_t[]){ 3, INT64_MIN, 1 });
	hw_profile_add_sample(p, hw_stacks_add(&p->stacks, NULL, 0), (struct hw_label_set_id){ 0 },
			      (int64_t[]){ 4, 4, 4 });
	p->default_sample_type = hw_profile_string(p, "cycles");
	p->period_type = p->sample_types.at[1];
	p->period = 1000003;
	p->time_ns = INT64_C(1700000000123456789);
	p->duration_ns = INT64_C(5000000001);
	hw_vec_push(&p->comments, hw_profile_string(p, "a comment of its own"));
	p->drop_frames = hw_profile_string(p, "drop.*");
	p->keep_frames = hw_profile_string(p, "keep.*");
	p->doc_url = hw_profile_string(p, "https://example.org");
	return p;
}

/* --- are two profiles the same, whatever the ids of their texts? ---------------------------------------- */

static void same_text(const struct hw_profile *a, uint32_t text_a, const struct hw_profile *b,
		      uint32_t text_b)
{
	assert_string_equal(hw_profile_text(a, text_a), hw_profile_text(b, text_b));
}

static void same_tables(const struct hw_profile *a, const struct hw_profile *b)
{
	assert_int_equal(a->mappings.count, b->mappings.count);
	for (size_t i = 0; i < a->mappings.count; i++) {
		struct hw_profile_mapping x = a->mappings.at[i];
		const struct hw_profile_mapping y = b->mappings.at[i];

		same_text(a, x.filename, b, y.filename);
		same_text(a, x.build_id, b, y.build_id);
		assert_true(x.start_avma == y.start_avma && x.limit_avma == y.limit_avma &&
			    x.file_foff == y.file_foff && x.has_functions == y.has_functions &&
			    x.has_filenames == y.has_filenames && x.has_line_numbers == y.has_line_numbers &&
			    x.has_inline_frames == y.has_inline_frames);
	}
	assert_int_equal(a->functions.count, b->functions.count);
	for (size_t i = 0; i < a->functions.count; i++) {
		same_text(a, a->functions.at[i].name, b, b->functions.at[i].name);
		same_text(a, a->functions.at[i].system_name, b, b->functions.at[i].system_name);
		same_text(a, a->functions.at[i].filename, b, b->functions.at[i].filename);
		assert_int_equal(a->functions.at[i].start_line, b->functions.at[i].start_line);
	}
	assert_int_equal(a->locations.count, b->locations.count);
	for (size_t i = 0; i < a->locations.count; i++) {
		const struct hw_location *x = &a->locations.at[i];
		const struct hw_location *y = &b->locations.at[i];

		assert_true(x->mapping == y->mapping && x->avma == y->avma && x->is_folded == y->is_folded);
		assert_int_equal(x->line_count, y->line_count);
		for (uint32_t k = 0; k < x->line_count; k++) {
			const struct hw_line *m = &a->lines.at[x->first_line + k];
			const struct hw_line *n = &b->lines.at[y->first_line + k];

			assert_true(m->function == n->function && m->line == n->line &&
				    m->column == n->column);
		}
	}
}

static void same_samples(const struct hw_profile *a, const struct hw_profile *b)
{
	assert_int_equal(a->samples.count, b->samples.count);
	for (size_t i = 0; i < a->samples.count; i++) {
		uint32_t n, m;
		const uint32_t *x = hw_stacks_locations(&a->stacks, a->samples.at[i].stack, &n);
		const uint32_t *y = hw_stacks_locations(&b->stacks, b->samples.at[i].stack, &m);
		const struct hw_label *labels =
			hw_label_sets_get(&a->label_sets, a->samples.at[i].labels, &n);

		(void)hw_stacks_locations(&a->stacks, a->samples.at[i].stack, &n);
		assert_int_equal(n, m);
		assert_memory_equal(x, y, n * sizeof *x);
		assert_memory_equal(hw_profile_values(a, i), hw_profile_values(b, i),
				    a->sample_types.count * sizeof(int64_t));
		labels = hw_label_sets_get(&a->label_sets, a->samples.at[i].labels, &n);
		(void)hw_label_sets_get(&b->label_sets, b->samples.at[i].labels, &m);
		assert_int_equal(n, m);
		for (uint32_t k = 0; k < n; k++) {
			const uint32_t key = hw_strtab_find(&b->strings, hw_profile_text(a, labels[k].key));
			const struct hw_label *other =
				hw_label_sets_find(&b->label_sets, b->samples.at[i].labels, key);

			assert_non_null(other);
			same_text(a, labels[k].str, b, other->str);
			same_text(a, labels[k].num_unit, b, other->num_unit);
			assert_int_equal(labels[k].num, other->num);
		}
	}
}

static void same_or_absent(const char *a, const char *b)
{
	if (a && b)
		assert_string_equal(a, b);
	else
		assert_true(!a && !b);
}

static void same_quality(const struct hw_quality *a, const struct hw_quality *b)
{
	assert_int_equal(a->present, b->present);
	assert_int_equal(a->records_read, b->records_read);
	assert_int_equal(a->samples, b->samples);
	assert_int_equal(a->records_other, b->records_other);
	assert_int_equal(a->samples_lost, b->samples_lost);
	assert_int_equal(a->throttles, b->throttles);
	assert_int_equal(a->stacks_complete, b->stacks_complete);
	assert_int_equal(a->stacks_truncated, b->stacks_truncated);
	assert_int_equal(a->stacks_stitched, b->stacks_stitched);
	assert_int_equal(a->stacks_broken, b->stacks_broken);
	assert_int_equal(a->frames, b->frames);
	assert_int_equal(a->frames_unknown, b->frames_unknown);
	assert_int_equal(a->stack_size_bytes, b->stack_size_bytes);
	assert_int_equal(a->ring_size_bytes, b->ring_size_bytes);
	assert_int_equal(a->dropped.count, b->dropped.count);
	assert_int_equal(a->stack_ends.count, b->stack_ends.count);
	for (size_t i = 0; i < a->stack_ends.count; i++) {
		assert_string_equal(a->stack_ends.at[i].cause, b->stack_ends.at[i].cause);
		assert_int_equal(a->stack_ends.at[i].count, b->stack_ends.at[i].count);
	}
	assert_int_equal(a->ends_by_dso.count, b->ends_by_dso.count);
	for (size_t i = 0; i < a->ends_by_dso.count; i++) {
		assert_string_equal(a->ends_by_dso.at[i].cause, b->ends_by_dso.at[i].cause);
		assert_string_equal(a->ends_by_dso.at[i].dso, b->ends_by_dso.at[i].dso);
		assert_int_equal(a->ends_by_dso.at[i].count, b->ends_by_dso.at[i].count);
	}
	assert_int_equal(a->frame_origins.count, b->frame_origins.count);
	for (size_t i = 0; i < a->frame_origins.count; i++) {
		assert_string_equal(a->frame_origins.at[i].cause, b->frame_origins.at[i].cause);
		assert_int_equal(a->frame_origins.at[i].count, b->frame_origins.at[i].count);
	}
	assert_int_equal(a->events.count, b->events.count);
	for (size_t i = 0; i < a->events.count; i++) {
		const struct hw_event_quality *x = &a->events.at[i];
		const struct hw_event_quality *y = &b->events.at[i];

		assert_string_equal(x->asked, y->asked);
		assert_string_equal(x->opened, y->opened);
		assert_true(x->freq_hz == y->freq_hz && x->period == y->period &&
			    x->precise_asked == y->precise_asked &&
			    x->precise_obtained == y->precise_obtained && x->samples == y->samples &&
			    x->events == y->events && x->lost == y->lost && x->throttles == y->throttles);
		same_or_absent(x->pmu, y->pmu);
		same_or_absent(x->whole, y->whole);
		assert_true(x->group == y->group && x->exact_ips == y->exact_ips &&
			    x->time_enabled_ns == y->time_enabled_ns &&
			    x->time_running_ns == y->time_running_ns && x->counted == y->counted &&
			    x->counted_enabled_ns == y->counted_enabled_ns &&
			    x->counted_running_ns == y->counted_running_ns &&
			    x->counted_itself == y->counted_itself);
	}
	assert_int_equal(a->notes.count, b->notes.count);
	for (size_t i = 0; i < a->notes.count; i++)
		assert_string_equal(a->notes.at[i], b->notes.at[i]);
}

static void same_profile(const struct hw_profile *a, const struct hw_profile *b)
{
	assert_int_equal(a->sample_types.count, b->sample_types.count);
	for (size_t i = 0; i < a->sample_types.count; i++) {
		same_text(a, a->sample_types.at[i].type, b, b->sample_types.at[i].type);
		same_text(a, a->sample_types.at[i].unit, b, b->sample_types.at[i].unit);
	}
	same_tables(a, b);
	same_samples(a, b);
	same_text(a, a->default_sample_type, b, b->default_sample_type);
	same_text(a, a->period_type.type, b, b->period_type.type);
	same_text(a, a->period_type.unit, b, b->period_type.unit);
	same_text(a, a->drop_frames, b, b->drop_frames);
	same_text(a, a->keep_frames, b, b->keep_frames);
	same_text(a, a->doc_url, b, b->doc_url);
	assert_int_equal(a->period, b->period);
	assert_int_equal(a->time_ns, b->time_ns);
	assert_int_equal(a->duration_ns, b->duration_ns);
	assert_int_equal(a->comments.count, b->comments.count);
	for (size_t i = 0; i < a->comments.count; i++)
		same_text(a, a->comments.at[i], b, b->comments.at[i]);
	same_quality(&a->quality, &b->quality);
}

/* --- ours ------------------------------------------------------------------------------------------------ */

static struct hw_buf encode(const struct hw_profile *p)
{
	struct hw_buf file = { 0 };
	struct hw_err err = { 0 };

	if (hw_pprof_encode(&file, p, &err) < 0)
		fail_msg("%s", err.message);
	return file;
}

static struct hw_buf encode_plain(const struct hw_profile *p)
{
	HW_AUTO(hw_buf_fini) struct hw_buf file = encode(p);
	struct hw_buf plain = { 0 };
	struct hw_err err = { 0 };

	assert_int_equal(hw_gzip_decompress(&plain, file.data, file.size, 1 << 20, &err), 0);
	return plain;
}

/* What is written and read is what it was, with recording and quality, plain or gzip'd. */
static void decoding_reverses_encoding(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	(void)state;

	for (unsigned with_quality = 0; with_quality < 2; with_quality++) {
		HW_AUTO(hw_buf_fini) struct hw_buf file = { 0 };
		HW_AUTO(hw_buf_fini) struct hw_buf plain = { 0 };
		HW_AUTO(hw_profile_freep) struct hw_profile *again = NULL;
		HW_AUTO(hw_profile_freep) struct hw_profile *from_plain = NULL;
		struct hw_err err = { 0 };

		if (with_quality)
			fill_recording(p);
		file = encode(p);
		plain = encode_plain(p);
		again = hw_pprof_decode(file.data, file.size, &err);
		from_plain = hw_pprof_decode(plain.data, plain.size, &err);
		assert_non_null(again);
		assert_non_null(from_plain);
		same_profile(p, again);
		same_profile(p, from_plain);
	}
}

/* Who and where comes back too; what was unknown stays unknown. */
static void recording_comes_back(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	HW_AUTO(hw_profile_freep) struct hw_profile *again = NULL;
	HW_AUTO(hw_buf_fini) struct hw_buf file = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	fill_recording(p);
	file = encode(p);
	again = hw_pprof_decode(file.data, file.size, &err);
	assert_non_null(again);
	assert_string_equal(again->recording.version, "0.1.0");
	assert_string_equal(again->recording.command, "./app --a 'b c'\n--d");
	assert_string_equal(again->recording.hostname, "host");
	assert_string_equal(again->recording.kernel, "6.1.0");
	assert_null(again->recording.cpu);
	assert_int_equal(again->recording.cpu_count, 8);
	assert_int_equal(again->recording.pid, 4711);
}

/* The same profile gives the same bytes, and so does the profile read from them. */
static void encoding_is_deterministic(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	HW_AUTO(hw_profile_freep) struct hw_profile *again = NULL;
	HW_AUTO(hw_buf_fini) struct hw_buf one = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf two = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf three = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	fill_recording(p);
	one = encode(p);
	two = encode(p);
	again = hw_pprof_decode(one.data, one.size, &err);
	assert_non_null(again);
	three = encode(again);
	assert_int_equal(one.size, two.size);
	assert_memory_equal(one.data, two.data, one.size);
	assert_int_equal(one.size, three.size);
	assert_memory_equal(one.data, three.data, one.size);
	assert_memory_equal(one.data + 4, "\0\0\0\0", 4); /* RFC 1952: MTIME, 0 = none */
}

/* Every text in the file is referred to, but for the block; no text is there twice. */
static void strings_are_those_in_use(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	HW_AUTO(hw_buf_fini) struct hw_buf plain = { 0 };
	(void)state;

	fill_recording(p);
	plain = encode_plain(p);
	assert_null(memmem(plain.data, plain.size, "nothing refers", 14));
	assert_non_null(memmem(plain.data, plain.size, "hwprof:1:", 9));
	assert_non_null(memmem(plain.data, plain.size, "note: precise level 2 is not there", 34));
	assert_non_null(memmem(plain.data, plain.size, "command: ./app --a 'b c'\\x0a--d", 31));
	hw_recording_fini(&p->recording);
	hw_quality_fini(&p->quality);
	hw_buf_fini(&plain);
	plain = encode_plain(p);
	assert_null(memmem(plain.data, plain.size, "hwprof:1:", 9));
}

/* Broken UTF-8 becomes U+FFFD: proto3's strings are UTF-8. */
static void broken_utf8_is_replaced(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	HW_AUTO(hw_buf_fini) struct hw_buf plain = { 0 };
	(void)state;

	hw_vec_push(&p->comments, hw_profile_string(p, "a\xff\xfe-\xc3\xa9\tb\xe2\x82"));
	plain = encode_plain(p);
	assert_non_null(memmem(plain.data, plain.size,
			       "a\xef\xbf\xbd\xef\xbf\xbd-\xc3\xa9\tb\xef\xbf\xbd\xef\xbf\xbd", 18));
}

/* A number without a unit gets its key as the unit: pprof would drop a thread id of 0. */
static void numbers_get_a_unit(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	HW_AUTO(hw_profile_freep) struct hw_profile *again = NULL;
	HW_AUTO(hw_buf_fini) struct hw_buf file = { 0 };
	const struct hw_label label = { .key = hw_profile_string(p, "cpu"), .num = 0 };
	const struct hw_label *found;
	struct hw_err err = { 0 };
	(void)state;

	hw_profile_add_sample(p, (struct hw_stack_id){ 0 }, hw_label_sets_add(&p->label_sets, &label, 1),
			      (int64_t[]){ 1, 1, 1 });
	file = encode(p);
	again = hw_pprof_decode(file.data, file.size, &err);
	assert_non_null(again);
	found = hw_label_sets_find(&again->label_sets, again->samples.at[4].labels,
				   hw_strtab_find(&again->strings, "cpu"));
	assert_non_null(found);
	assert_string_equal(hw_profile_text(again, found->num_unit), "cpu");
}

/* A profile that is not sound is not written. */
static void unsound_profile_is_not_written(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	struct hw_buf file = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	p->stacks.frames.at[0] = 99;
	assert_int_equal(hw_pprof_encode(&file, p, &err), -1);
	assert_non_null(strstr(err.message, "cannot write the profile: stack 0 refers to location 99"));
	assert_int_equal(file.size, 0);
}

/* --- cut and damaged files -------------------------------------------------------------------------------- */

/* A gzip'd file cut anywhere is refused. */
static void every_cut_of_a_file_is_refused(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	HW_AUTO(hw_buf_fini) struct hw_buf file = { 0 };
	(void)state;

	fill_recording(p);
	file = encode(p);
	for (size_t size = 0; size < file.size; size++) {
		/* A copy of just that size, so that the sanitizer sees a read behind it. */
		HW_AUTO(hw_freep) char *cut = hw_strndup(file.data, size);
		struct hw_err err = { 0 };

		assert_null(hw_pprof_decode(cut, size, &err));
		assert_int_equal(err.kind, HW_ERR_FORMAT);
		if (size >= 2)
			assert_non_null(strstr(err.message, "truncated"));
	}
}

/* A plain file cut anywhere is refused, or (cut between fields, late) consistent. */
static void every_cut_of_a_plain_file_is_refused_or_sound(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	HW_AUTO(hw_buf_fini) struct hw_buf plain = encode_plain(p);
	size_t sound = 0;
	(void)state;

	for (size_t size = 0; size < plain.size; size++) {
		HW_AUTO(hw_freep) char *cut = hw_strndup(plain.data, size);
		HW_AUTO(hw_profile_freep) struct hw_profile *again = NULL;
		struct hw_err err = { 0 };

		again = hw_pprof_decode(cut, size, &err);
		if (again) {
			sound++;
			assert_int_equal(hw_profile_check(again, &err), 0);
		} else {
			assert_int_equal(err.kind, HW_ERR_FORMAT);
		}
	}
	assert_int_equal(sound, 0); /* strings are last, and the last one is in use */
}

/* A changed byte never does harm: refused, or a sound profile. */
static void every_changed_byte_is_refused_or_sound(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = full_profile();
	HW_AUTO(hw_buf_fini) struct hw_buf plain = { 0 };
	(void)state;

	fill_recording(p);
	plain = encode_plain(p);
	for (size_t i = 0; i < plain.size; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			HW_AUTO(hw_profile_freep) struct hw_profile *again = NULL;
			struct hw_err err = { 0 };

			plain.data[i] = (char)(plain.data[i] ^ 1 << bit);
			again = hw_pprof_decode(plain.data, plain.size, &err);
			if (again)
				assert_int_equal(hw_profile_check(again, &err), 0);
			else
				assert_true(err.message[0]);
			plain.data[i] = (char)(plain.data[i] ^ 1 << bit);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding_reverses_encoding),
		cmocka_unit_test(recording_comes_back),
		cmocka_unit_test(encoding_is_deterministic),
		cmocka_unit_test(strings_are_those_in_use),
		cmocka_unit_test(broken_utf8_is_replaced),
		cmocka_unit_test(numbers_get_a_unit),
		cmocka_unit_test(unsound_profile_is_not_written),
		cmocka_unit_test(every_cut_of_a_file_is_refused),
		cmocka_unit_test(every_cut_of_a_plain_file_is_refused_or_sound),
		cmocka_unit_test(every_changed_byte_is_refused_or_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
