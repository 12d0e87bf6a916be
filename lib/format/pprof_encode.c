/* Writing profile.proto message by message: each sample, location, ... is packed by protobuf-c right behind the
 * others, so that no tree of the whole profile is built. */
#include "base/buf.h"
#include "format/gzip.h"
#include "format/hwprof_block.h"
#include "format/pprof.h"
#include "format/profile.pb-c.h"
#include "profile/check.h"

#define WIRE_BYTES 2U /* wire type of an embedded message or text */

struct encoder {
	const struct hw_profile *profile;
	struct hw_buf content;	  /* the profile before compression */
	uint32_t *string_places;  /* by our string id: its index in the file; 0 = not there yet (or "") */
	HW_VEC(uint32_t) strings; /* our ids, by index in the file */
	struct hw_strtab own;	  /* texts of the file that are none of the profile's: comments about it */
	HW_VEC(int64_t) comments; /* indices in the file */
	/* Of the message at hand. */
	HW_VEC(uint64_t) location_ids;
	HW_VEC(Pprof__Label) labels;
	HW_VEC(Pprof__Label *) label_pointers;
	HW_VEC(Pprof__Line) lines;
	HW_VEC(Pprof__Line *) line_pointers;
};

/* --- pieces of the wire format ------------------------------------------------------------------------- */

static void put_varint(struct hw_buf *out, uint64_t value)
{
	char *to = hw_buf_reserve(out, 10);

	for (; value >= 0x80; value >>= 7) {
		*to++ = (char)(value | 0x80);
		out->size++;
	}
	*to = (char)value;
	out->size++;
}

static void put_message(struct encoder *e, unsigned field, const ProtobufCMessage *message)
{
	const size_t size = protobuf_c_message_get_packed_size(message);

	put_varint(&e->content, field << 3 | WIRE_BYTES);
	put_varint(&e->content, size);
	e->content.size += protobuf_c_message_pack(message, (uint8_t *)hw_buf_reserve(&e->content, size));
}

/* proto3's strings are UTF-8 and some readers refuse others: broken bytes (and C1 control characters, which
 * hw_utf8_length counts among them) become U+FFFD. */
static void put_text(struct encoder *e, unsigned field, const char *text)
{
	struct hw_buf clean = { 0 };
	const char *start = text; /* of what is not copied yet */
	const char *p = text;

	while (*p) {
		const size_t length = (unsigned char)*p < 0x80 ? 1 : hw_utf8_length(p);

		if (!length) {
			hw_buf_add(&clean, start, (size_t)(p - start));
			hw_buf_text(&clean, "\xef\xbf\xbd");
			start = p + 1;
		}
		p += length ? length : 1;
	}
	if (start != text) {
		hw_buf_text(&clean, start);
		text = clean.data;
	}
	put_varint(&e->content, field << 3 | WIRE_BYTES);
	put_varint(&e->content, strlen(text));
	hw_buf_text(&e->content, text);
	hw_buf_fini(&clean);
}

/* Index in the file of one of the profile's strings: only those in use are written, in the order of first use. */
static int64_t string_place(struct encoder *e, uint32_t string)
{
	if (string && !e->string_places[string]) {
		e->string_places[string] = (uint32_t)e->strings.count;
		hw_vec_push(&e->strings, string);
	}
	return e->string_places[string];
}

/* --- the messages -------------------------------------------------------------------------------------- */

static void put_value_type(struct encoder *e, Pprof__ValueType *message, struct hw_value_type type)
{
	pprof__value_type__init(message);
	message->type = string_place(e, type.type);
	message->unit = string_place(e, type.unit);
}

static void put_sample_types(struct encoder *e)
{
	for (size_t i = 0; i < e->profile->sample_types.count; i++) {
		Pprof__ValueType message;

		put_value_type(e, &message, e->profile->sample_types.at[i]);
		put_message(e, 1, &message.base);
	}
}

static void fill_label(struct encoder *e, Pprof__Label *message, const struct hw_label *label)
{
	pprof__label__init(message);
	message->key = string_place(e, label->key);
	if (label->str) {
		message->str = string_place(e, label->str);
		return;
	}
	/* Without a unit pprof drops a 0 and takes the key for the unit of others: say so. */
	message->num = label->num;
	message->num_unit = string_place(e, label->num_unit ? label->num_unit : label->key);
}

static void fill_labels(struct encoder *e, Pprof__Sample *message, struct hw_label_set_id set)
{
	uint32_t count;
	const struct hw_label *labels = hw_label_sets_get(&e->profile->label_sets, set, &count);

	e->labels.count = e->label_pointers.count = 0;
	hw_vec_reserve(&e->labels, count);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	hw_vec_reserve(&e->label_pointers, count);
	for (uint32_t i = 0; i < count; i++) {
		fill_label(e, &e->labels.at[i], &labels[i]);
		e->label_pointers.at[i] = &e->labels.at[i];
	}
	message->n_label = count;
	message->label = e->label_pointers.at;
}

static void put_samples(struct encoder *e)
{
	const struct hw_profile *p = e->profile;

	for (size_t i = 0; i < p->samples.count; i++) {
		Pprof__Sample message = PPROF__SAMPLE__INIT;
		uint32_t count;
		const uint32_t *locations = hw_stacks_locations(&p->stacks, p->samples.at[i].stack, &count);

		e->location_ids.count = 0;
		hw_vec_reserve(&e->location_ids, count);
		for (uint32_t k = 0; k < count; k++)
			e->location_ids.at[k] = locations[k] + UINT64_C(1);
		message.n_location_id = count;
		message.location_id = e->location_ids.at;
		message.n_value = p->sample_types.count;
		message.value = (int64_t *)hw_profile_values(p, i); /* not changed */
		fill_labels(e, &message, p->samples.at[i].labels);
		put_message(e, 2, &message.base);
	}
}

static void put_mappings(struct encoder *e)
{
	for (size_t i = 0; i < e->profile->mappings.count; i++) {
		const struct hw_profile_mapping *m = &e->profile->mappings.at[i];
		Pprof__Mapping message = PPROF__MAPPING__INIT;

		message.id = i + 1;
		message.memory_start = m->start_avma;
		message.memory_limit = m->limit_avma;
		message.file_offset = m->file_foff;
		message.filename = string_place(e, m->filename);
		message.build_id = string_place(e, m->build_id);
		message.has_functions = m->has_functions;
		message.has_filenames = m->has_filenames;
		message.has_line_numbers = m->has_line_numbers;
		message.has_inline_frames = m->has_inline_frames;
		put_message(e, 3, &message.base);
	}
}

static void fill_lines(struct encoder *e, Pprof__Location *message, const struct hw_location *location)
{
	e->lines.count = e->line_pointers.count = 0;
	hw_vec_reserve(&e->lines, location->line_count);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	hw_vec_reserve(&e->line_pointers, location->line_count);
	for (uint32_t i = 0; i < location->line_count; i++) {
		const struct hw_line *line = &e->profile->lines.at[location->first_line + i];

		pprof__line__init(&e->lines.at[i]);
		e->lines.at[i].function_id = line->function + UINT64_C(1);
		e->lines.at[i].line = line->line;
		e->lines.at[i].column = line->column;
		e->line_pointers.at[i] = &e->lines.at[i];
	}
	message->n_line = location->line_count;
	message->line = e->line_pointers.at;
}

static void put_locations(struct encoder *e)
{
	for (size_t i = 0; i < e->profile->locations.count; i++) {
		const struct hw_location *location = &e->profile->locations.at[i];
		Pprof__Location message = PPROF__LOCATION__INIT;

		message.id = i + 1;
		message.mapping_id = location->mapping == HW_NONE ? 0 : location->mapping + UINT64_C(1);
		message.address = location->avma;
		message.is_folded = location->is_folded;
		fill_lines(e, &message, location);
		put_message(e, 4, &message.base);
	}
}

static void put_functions(struct encoder *e)
{
	for (size_t i = 0; i < e->profile->functions.count; i++) {
		const struct hw_function *f = &e->profile->functions.at[i];
		Pprof__Function message = PPROF__FUNCTION__INIT;

		message.id = i + 1;
		message.name = string_place(e, f->name);
		message.system_name = string_place(e, f->system_name);
		message.filename = string_place(e, f->filename);
		message.start_line = f->start_line;
		put_message(e, 5, &message.base);
	}
}

/* The comments about the recording first, each with a place behind the strings of the profile, then its own. */
static void collect_comments(struct encoder *e)
{
	const struct hw_profile *p = e->profile;
	HW_AUTO(hw_buf_fini) struct hw_buf printed = { 0 };

	hw_block_print(&printed, &p->recording, &p->quality);
	for (const char *line = hw_buf_str(&printed); *line;) {
		const size_t length = strcspn(line, "\n");

		/* Own string n gets its place when all of the profile's have theirs: -n for now. */
		hw_vec_push(&e->comments, -(int64_t)hw_strtab_add_sized(&e->own, line, length));
		line += length + (line[length] == '\n');
	}
	for (size_t i = 0; i < p->comments.count; i++)
		hw_vec_push(&e->comments, string_place(e, p->comments.at[i]));
}

/* The fields of Profile itself: another Profile message with just these, which follows the others as protobuf
 * allows. */
static void put_head(struct encoder *e)
{
	const struct hw_profile *p = e->profile;
	Pprof__Profile message = PPROF__PROFILE__INIT;
	Pprof__ValueType period_type;

	message.drop_frames = string_place(e, p->drop_frames);
	message.keep_frames = string_place(e, p->keep_frames);
	message.time_nanos = p->time_ns;
	message.duration_nanos = p->duration_ns;
	if (p->period_type.type || p->period_type.unit) {
		put_value_type(e, &period_type, p->period_type);
		message.period_type = &period_type;
	}
	message.period = p->period;
	message.default_sample_type = string_place(e, p->default_sample_type);
	message.doc_url = string_place(e, p->doc_url);
	collect_comments(e);
	for (size_t i = 0; i < e->comments.count; i++)
		if (e->comments.at[i] < 0)
			e->comments.at[i] = (int64_t)e->strings.count - e->comments.at[i] - 1;
	message.n_comment = e->comments.count;
	message.comment = e->comments.at;
	e->content.size += pprof__profile__pack(
		&message, (uint8_t *)hw_buf_reserve(&e->content, pprof__profile__get_packed_size(&message)));
}

static int put_strings(struct encoder *e, struct hw_err *err)
{
	const struct hw_profile *p = e->profile;
	HW_AUTO(hw_buf_fini) struct hw_buf block = { 0 };

	for (size_t i = 0; i < e->strings.count; i++)
		put_text(e, 6, hw_profile_text(p, e->strings.at[i]));
	for (uint32_t i = 1; i < e->own.texts.count; i++)
		put_text(e, 6, hw_strtab_text(&e->own, i));
	if (hw_block_encode(&block, p, err) < 0)
		return -1;
	if (block.size)
		put_text(e, 6, block.data);
	return 0;
}

static int encode(struct encoder *e, struct hw_buf *out, struct hw_err *err)
{
	hw_vec_push(&e->strings, 0); /* "" */
	put_sample_types(e);
	put_samples(e);
	put_mappings(e);
	put_locations(e);
	put_functions(e);
	put_head(e);
	if (put_strings(e, err) < 0)
		return -1;
	return hw_gzip_compress(out, e->content.data, e->content.size, err);
}

int hw_pprof_encode(struct hw_buf *out, const struct hw_profile *profile, struct hw_err *err)
{
	struct encoder e = { .profile = profile };
	int result;

	if (hw_profile_check(profile, err) < 0)
		return hw_err_wrap(err, "cannot write the profile");
	e.string_places = hw_alloc(profile->strings.texts.count, sizeof *e.string_places);
	hw_strtab_init(&e.own);
	result = encode(&e, out, err);
	free(e.string_places);
	hw_strtab_fini(&e.own);
	hw_buf_fini(&e.content);
	hw_vec_fini(&e.strings);
	hw_vec_fini(&e.comments);
	hw_vec_fini(&e.location_ids);
	hw_vec_fini(&e.labels);
	hw_vec_fini(&e.label_pointers);
	hw_vec_fini(&e.lines);
	hw_vec_fini(&e.line_pointers);
	return result;
}
