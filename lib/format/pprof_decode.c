/* Reading profile.proto straight from its bytes into the model's arrays: protobuf-c would build a tree of some
 * hundred bytes per sample first. The fields and their numbers are in profile.proto. */
#include "format/gzip.h"
#include "format/hwprof_block.h"
#include "format/id_table.h"
#include "format/pprof.h"
#include "format/wire.h"
#include "profile/check.h"

#include <inttypes.h>

#define CONTENT_MAX_BYTES (UINT64_C(4) << 30)

struct decoder {
	struct hw_profile *profile;
	HW_VEC(uint32_t) strings; /* from the file's string index to ours */
	struct hw_id_table mappings, functions, locations;
	const char *block; /* borrowed from the profile's strings; NULL = none */
	uint64_t samples;  /* in the file, counted in the first pass */
	const uint8_t *samples_start,
		*samples_end;	/* their first run in the file, usually all: skipped until the
						     * last pass */
	bool bad_string;	/* a string index was out of range */
	uint64_t repeated_keys; /* labels dropped for having the key of another */
	bool has_time;
	/* Of the sample at hand. */
	HW_VEC(uint32_t) frames;
	HW_VEC(int64_t) values;
	HW_VEC(struct hw_label) labels;
	HW_VEC(struct hw_line) lines; /* of the location at hand */
};

/* --- strings ------------------------------------------------------------------------------------------ */

/* Our id of the file's string; "" when there is none, which decode_field reports. */
static uint32_t string_of(struct decoder *d, uint64_t index)
{
	if (index < d->strings.count)
		return d->strings.at[index];
	d->bad_string = true;
	return 0;
}

static int decode_string(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	const char *text = (const char *)field->bytes.at;
	const size_t length = hw_bytes_left(&field->bytes);
	HW_AUTO(hw_freep) char *clean = NULL;
	uint32_t id;

	if (d->strings.count == 0 && length)
		return hw_err_set(err, HW_ERR_FORMAT, "the first string of the profile is not empty");
	if (length && memchr(text, '\0', length)) { /* our texts end at a NUL */
		clean = hw_alloc(length + 1, 1);
		for (size_t i = 0; i < length; i++)
			clean[i] = text[i] ? text[i] : '?';
		text = clean;
	}
	id = hw_strtab_add_sized(&d->profile->strings, length ? text : "", length);
	hw_vec_push(&d->strings, id);
	if (hw_block_probe(hw_profile_text(d->profile, id)))
		d->block = hw_profile_text(d->profile, id);
	return 0;
}

/* --- what samples refer to ---------------------------------------------------------------------------- */

/* Read a message of single numbers: numbers[n] is field n, 0 when it is absent. */
static void read_numbers(struct hw_bytes *body, uint64_t *numbers, size_t count)
{
	struct hw_wire_field field;

	while (hw_wire_next(body, &field))
		if (field.number < count)
			numbers[field.number] = field.value;
}

static struct hw_value_type value_type_of(struct decoder *d, struct hw_bytes *body)
{
	uint64_t f[3] = { 0 };

	read_numbers(body, f, HW_COUNT_OF(f));
	return (struct hw_value_type){ .type = string_of(d, f[1]), .unit = string_of(d, f[2]) };
}

static int decode_sample_type(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	(void)err;
	hw_vec_push(&d->profile->sample_types, value_type_of(d, &field->bytes));
	return 0;
}

static int decode_mapping(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	struct hw_profile_mapping mapping;
	uint64_t f[11] = { 0 };

	read_numbers(&field->bytes, f, HW_COUNT_OF(f));
	mapping = (struct hw_profile_mapping){
		.start_avma = f[2],
		.limit_avma = f[3] ? f[3] : f[2], /* some leave it out */
		.file_foff = f[4],
		.filename = string_of(d, f[5]),
		.build_id = string_of(d, f[6]),
		.has_functions = f[7],
		.has_filenames = f[8],
		.has_line_numbers = f[9],
		.has_inline_frames = f[10],
	};
	return hw_id_table_add(&d->mappings, f[1], hw_profile_add_mapping(d->profile, &mapping), "mapping",
			       err);
}

static int decode_function(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	struct hw_function function;
	uint64_t f[6] = { 0 };

	read_numbers(&field->bytes, f, HW_COUNT_OF(f));
	function = (struct hw_function){
		.name = string_of(d, f[2]),
		.system_name = string_of(d, f[3]),
		.filename = string_of(d, f[4]),
		.start_line = (int64_t)f[5],
	};
	return hw_id_table_add(&d->functions, f[1], hw_profile_add_function(d->profile, &function),
			       "function", err);
}

static int decode_line(struct decoder *d, struct hw_bytes *body, struct hw_err *err)
{
	struct hw_line line;
	uint64_t f[4] = { 0 };

	read_numbers(body, f, HW_COUNT_OF(f));
	line = (struct hw_line){
		.function = hw_id_table_find(&d->functions, f[1]),
		.line = (int64_t)f[2],
		.column = (int64_t)f[3],
	};
	if (line.function == HW_NONE)
		return hw_err_set(err, HW_ERR_FORMAT,
				  "location %zu refers to function %" PRIu64 ", which is not there",
				  d->locations.indices.count, f[1]);
	hw_vec_push(&d->lines, line);
	return 0;
}

static int decode_location(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	struct hw_wire_field f;
	uint64_t numbers[6] = { 0 };
	uint32_t location;

	d->lines.count = 0;
	while (hw_wire_next(&field->bytes, &f)) {
		if (f.number == 4 && decode_line(d, &f.bytes, err) < 0)
			return -1;
		if (f.number < HW_COUNT_OF(numbers))
			numbers[f.number] = f.value;
		field->bytes.overrun |= f.bytes.overrun;
	}
	/* A mapping that is not there is none, as in pprof. */
	location = hw_profile_append_location(d->profile, hw_id_table_find(&d->mappings, numbers[2]),
					      numbers[3]);
	d->profile->locations.at[location].is_folded = numbers[5];
	hw_profile_set_lines(d->profile, location, d->lines.at, (uint32_t)d->lines.count);
	return hw_id_table_add(&d->locations, numbers[1], location, "location", err);
}

/* --- samples ------------------------------------------------------------------------------------------ */

/* Keep the labels of a sample sorted by key, so that equal sets are equal in whatever order they come. */
static void add_label(struct decoder *d, struct hw_label label)
{
	size_t at = d->labels.count;

	while (at && d->labels.at[at - 1].key > label.key)
		at--;
	if (at && d->labels.at[at - 1].key == label.key) {
		d->repeated_keys++;
		return;
	}
	hw_vec_reserve(&d->labels, 1);
	memmove(d->labels.at + at + 1, d->labels.at + at, (d->labels.count - at) * sizeof label);
	d->labels.at[at] = label;
	d->labels.count++;
}

static void decode_label(struct decoder *d, struct hw_bytes *body)
{
	struct hw_label label;
	uint64_t f[5] = { 0 };

	read_numbers(body, f, HW_COUNT_OF(f));
	label = (struct hw_label){ .key = string_of(d, f[1]), .str = string_of(d, f[2]) };
	if (!label.str) {
		label.num = (int64_t)f[3];
		label.num_unit = string_of(d, f[4]);
	}
	add_label(d, label);
}

static int decode_frames(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	uint64_t id;

	hw_vec_reserve(&d->frames, hw_bytes_left(&field->bytes) + 1); /* a number is at least a byte */
	while (hw_wire_next_number(field, &id)) {
		const uint32_t location = hw_id_table_find(&d->locations, id);

		if (location == HW_ID_NONE)
			return hw_err_set(err, HW_ERR_FORMAT,
					  "a sample refers to location %" PRIu64 ", which is not there", id);
		d->frames.at[d->frames.count++] = location;
	}
	return 0;
}

static int decode_sample(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	struct hw_profile *p = d->profile;
	struct hw_wire_field f;
	uint64_t value;

	d->frames.count = d->values.count = d->labels.count = 0;
	while (hw_wire_next(&field->bytes, &f)) {
		if (f.number == 1 && decode_frames(d, &f, err) < 0)
			return -1;
		while (f.number == 2 && hw_wire_next_number(&f, &value))
			hw_vec_push(&d->values, (int64_t)value);
		if (f.number == 3)
			decode_label(d, &f.bytes);
		field->bytes.overrun |= f.bytes.overrun;
	}
	if (field->bytes.overrun)
		return 0; /* reported by decode_field */
	if (d->values.count != p->sample_types.count)
		return hw_err_set(err, HW_ERR_FORMAT,
				  "a sample has %zu values, but there are %zu sample types", d->values.count,
				  p->sample_types.count);
	hw_profile_add_sample(p, hw_stacks_add(&p->stacks, d->frames.at, (uint32_t)d->frames.count),
			      hw_label_sets_add(&p->label_sets, d->labels.at, (uint32_t)d->labels.count),
			      d->values.at);
	return 0;
}

static int count_sample(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	(void)field;
	(void)err;
	d->samples++;
	return 0;
}

/* --- the profile's own fields ------------------------------------------------------------------------- */

static int decode_comment(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	uint64_t string;

	(void)err;
	while (hw_wire_next_number(field, &string))
		hw_vec_push(&d->profile->comments, string_of(d, string));
	return 0;
}

static int decode_period_type(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	(void)err;
	d->profile->period_type = value_type_of(d, &field->bytes);
	return 0;
}

static int decode_text(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	struct hw_profile *p = d->profile;
	uint32_t *const texts[] = { [7] = &p->drop_frames,
				    [8] = &p->keep_frames,
				    [14] = &p->default_sample_type,
				    [15] = &p->doc_url };

	(void)err;
	*texts[field->number] = string_of(d, field->value);
	return 0;
}

static int decode_number(struct decoder *d, struct hw_wire_field *field, struct hw_err *err)
{
	struct hw_profile *p = d->profile;
	int64_t *const numbers[] = { [9] = &p->time_ns, [10] = &p->duration_ns, [12] = &p->period };

	if (field->number == 9 && d->has_time)
		return hw_err_set(err, HW_ERR_FORMAT, "the file is several profiles, one after the other");
	d->has_time |= field->number == 9;
	*numbers[field->number] = (int64_t)field->value;
	return 0;
}

/* --- the file ----------------------------------------------------------------------------------------- */

/* Go writes samples first and strings near the end: what is referred to is read in an earlier pass. */
enum pass { PASS_STRINGS, PASS_TABLES, PASS_LOCATIONS, PASS_SAMPLES, PASS_COUNT };

static const struct field_rule {
	const char *name;
	bool is_bytes, may_be_packed;
	int (*decode[PASS_COUNT])(struct decoder *d, struct hw_wire_field *field, struct hw_err *err);
} rules[] = {
	[1] = { "sample_type", true, false, { [PASS_TABLES] = decode_sample_type } },
	[2] = { "sample", true, false, { [PASS_STRINGS] = count_sample, [PASS_SAMPLES] = decode_sample } },
	[3] = { "mapping", true, false, { [PASS_TABLES] = decode_mapping } },
	[4] = { "location", true, false, { [PASS_LOCATIONS] = decode_location } },
	[5] = { "function", true, false, { [PASS_TABLES] = decode_function } },
	[6] = { "string_table", true, false, { [PASS_STRINGS] = decode_string } },
	[7] = { "drop_frames", false, false, { [PASS_TABLES] = decode_text } },
	[8] = { "keep_frames", false, false, { [PASS_TABLES] = decode_text } },
	[9] = { "time_nanos", false, false, { [PASS_TABLES] = decode_number } },
	[10] = { "duration_nanos", false, false, { [PASS_TABLES] = decode_number } },
	[11] = { "period_type", true, false, { [PASS_TABLES] = decode_period_type } },
	[12] = { "period", false, false, { [PASS_TABLES] = decode_number } },
	[13] = { "comment", false, true, { [PASS_TABLES] = decode_comment } },
	[14] = { "default_sample_type", false, false, { [PASS_TABLES] = decode_text } },
	[15] = { "doc_url", false, false, { [PASS_TABLES] = decode_text } },
};

/* Is the field of the type its rule says? */
static bool type_fits(const struct field_rule *rule, enum hw_wire_type type)
{
	return type == (rule->is_bytes ? HW_WIRE_BYTES : HW_WIRE_VARINT) ||
	       (rule->may_be_packed && type == HW_WIRE_BYTES);
}

static int decode_field(struct decoder *d, enum pass pass, struct hw_wire_field *field, struct hw_err *err)
{
	const struct field_rule *rule = &rules[field->number];

	if (!type_fits(rule, field->type))
		return hw_err_set(err, HW_ERR_FORMAT, "no pprof profile: field %s has wire type %d",
				  rule->name, field->type);
	if (!rule->decode[pass])
		return 0;
	if (rule->decode[pass](d, field, err) < 0)
		return -1;
	if (field->bytes.overrun)
		return hw_err_set(err, HW_ERR_FORMAT, "a %s of the profile is corrupt", rule->name);
	if (d->bad_string)
		return hw_err_set(err, HW_ERR_FORMAT, "a %s refers to a string beyond the %zu of the profile",
				  rule->name, d->strings.count);
	return 0;
}

static void note_samples(struct decoder *d, bool is_sample, const uint8_t *start, const uint8_t *end)
{
	if (is_sample && !d->samples_start)
		d->samples_start = d->samples_end = start;
	if (is_sample && d->samples_end == start)
		d->samples_end = end;
}

static int decode_pass(struct decoder *d, enum pass pass, const void *data, size_t size, struct hw_err *err)
{
	struct hw_bytes file = hw_bytes_of(data, size);
	struct hw_wire_field field;
	const uint8_t *start = file.at;

	for (; hw_wire_next(&file, &field); start = file.at) {
		if (field.number < HW_COUNT_OF(rules) && decode_field(d, pass, &field, err) < 0)
			return -1;
		if (pass == PASS_STRINGS)
			note_samples(d, field.number == 2, start, file.at);
		else if (pass != PASS_SAMPLES && start == d->samples_start)
			file.at = d->samples_end;
	}
	if (file.overrun)
		return hw_err_set(err, HW_ERR_FORMAT,
				  "the profile is truncated or corrupt at byte %zu of %zu",
				  (size_t)(start - (const uint8_t *)data), size);
	return 0;
}

static int decode_all(struct decoder *d, const void *data, size_t size, struct hw_err *err)
{
	if (decode_pass(d, PASS_STRINGS, data, size, err) < 0)
		return -1;
	if (d->strings.count == 0)
		return hw_err_set(err, HW_ERR_FORMAT, "no pprof profile: it has no string table");
	if (decode_pass(d, PASS_TABLES, data, size, err) < 0 ||
	    decode_pass(d, PASS_LOCATIONS, data, size, err) < 0)
		return -1;
	hw_stacks_reserve(&d->profile->stacks, d->samples);
	return decode_pass(d, PASS_SAMPLES, data, size, err);
}

/* The comments that hw_pprof_encode made from the block come again when it writes: drop them here. */
static void drop_printed_comments(struct hw_profile *p)
{
	HW_AUTO(hw_buf_fini) struct hw_buf printed = { 0 };
	size_t kept = 0;
	size_t next = 0;
	const char *line;

	hw_block_print(&printed, &p->recording, &p->quality);
	line = hw_buf_str(&printed);
	for (; next < p->comments.count && *line; next++) {
		const size_t length = strcspn(line, "\n");
		const char *comment = hw_profile_text(p, p->comments.at[next]);

		if (strlen(comment) == length && memcmp(comment, line, length) == 0)
			line += length + (line[length] == '\n');
		else
			p->comments.at[kept++] = p->comments.at[next];
	}
	while (next < p->comments.count)
		p->comments.at[kept++] = p->comments.at[next++];
	p->comments.count = kept;
}

static int finish(struct decoder *d, struct hw_err *err)
{
	struct hw_profile *p = d->profile;

	if (d->block) {
		if (hw_block_decode(p, d->block, err) < 0)
			return -1;
		drop_printed_comments(p);
	}
	if (d->repeated_keys) {
		HW_AUTO(hw_freep)
		char *note = hw_asprintf("%" PRIu64
					 " labels of samples had the key of another label and were left out",
					 d->repeated_keys);

		hw_quality_note(&p->quality, note);
	}
	return hw_profile_check(p, err);
}

static struct hw_profile *decode_plain(const void *data, size_t size, struct hw_err *err)
{
	struct decoder d = { .profile = hw_profile_new() };

	if (size == 0)
		(void)hw_err_set(err, HW_ERR_FORMAT, "the profile is empty");
	if (size == 0 || decode_all(&d, data, size, err) < 0 || finish(&d, err) < 0)
		hw_profile_freep(&d.profile);
	hw_vec_fini(&d.strings);
	hw_vec_fini(&d.frames);
	hw_vec_fini(&d.values);
	hw_vec_fini(&d.labels);
	hw_vec_fini(&d.lines);
	hw_id_table_fini(&d.mappings);
	hw_id_table_fini(&d.functions);
	hw_id_table_fini(&d.locations);
	return d.profile;
}

struct hw_profile *hw_pprof_decode(const void *data, size_t size, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf content = { 0 };

	if (!hw_gzip_probe(data, size))
		return decode_plain(data, size, err);
	if (hw_gzip_decompress(&content, data, size, CONTENT_MAX_BYTES, err) < 0)
		return NULL;
	return decode_plain(hw_buf_str(&content), content.size, err);
}

bool hw_pprof_probe(const void *data, size_t size)
{
	struct hw_bytes file = hw_bytes_of(data, size);
	struct hw_wire_field field;
	bool found = false;

	if (hw_gzip_probe(data, size))
		return true;
	/* One good field is enough: what follows may be cut off, and then it is the decoder's to say so. */
	for (unsigned i = 0; i < 8 && hw_wire_next(&file, &field); i++, found = true)
		if (field.number >= HW_COUNT_OF(rules) || !type_fits(&rules[field.number], field.type))
			return false;
	return found;
}
