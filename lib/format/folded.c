#include "format/folded.h"

#include "profile/check.h"

#include <inttypes.h>

#define UNKNOWN "[unknown]"

static const char *const endings[] = { ".folded", ".collapsed", ".collapsedstack.txt", NULL };

const struct hw_format hw_format_folded = {
	.name = "folded",
	.endings = endings,
	.probe = hw_folded_probe,
	.decode = hw_folded_decode,
	.encode = hw_folded_encode,
};

/* --- reading ------------------------------------------------------------------------------------------- */

struct span {
	const char *at;
	size_t size;
};

/* The next line without its LF or CRLF; false at the end. */
static bool next_line(struct span *text, struct span *line)
{
	const char *lf = text->size ? memchr(text->at, '\n', text->size) : NULL;
	const size_t used = lf ? (size_t)(lf - text->at) + 1 : text->size;

	if (!text->size)
		return false;
	*line = (struct span){ text->at, lf ? used - 1 : used };
	if (line->size && line->at[line->size - 1] == '\r')
		line->size--;
	*text = (struct span){ text->at + used, text->size - used };
	return true;
}

/* Cut " COUNT" off the end of a line. False when there is none or it does not fit an int64_t. */
static bool cut_count(struct span *line, int64_t *count)
{
	size_t digits = 0;

	while (digits < line->size && line->at[line->size - 1 - digits] >= '0' &&
	       line->at[line->size - 1 - digits] <= '9')
		digits++;
	if (digits == 0 || digits == line->size || line->at[line->size - 1 - digits] != ' ')
		return false;
	*count = 0;
	for (size_t i = line->size - digits; i < line->size; i++)
		if (__builtin_mul_overflow(*count, 10, count) ||
		    __builtin_add_overflow(*count, line->at[i] - '0', count))
			return false;
	line->size -= digits + 1;
	return true;
}

/* No text holds these. */
static bool has_nul(struct span line)
{
	return line.size && memchr(line.at, '\0', line.size);
}

/* Programs write remarks above their stacks: "# taken on a Monday", "## samples 100", "#cpu". A root frame that begins with
 * '#' is a frame where neither space nor '#' follows and the line ends in a count; hw_folded_encode sees to that. */
static bool is_comment(struct span line)
{
	int64_t count;

	if (!line.size || line.at[0] != '#')
		return false;
	return line.size == 1 || strchr(" \t#", line.at[1]) || !cut_count(&line, &count);
}

struct reader {
	struct hw_profile *profile;
	HW_VEC(uint32_t) locations; /* by the string id of a name; HW_NONE = not met yet */
	HW_VEC(uint32_t) frames;    /* of the line at hand */
};

/* Location of the function of that name, which has just one. */
static uint32_t add_frame(struct reader *r, struct span name)
{
	struct hw_profile *p = r->profile;
	const uint32_t text = name.size ? hw_strtab_add_sized(&p->strings, name.at, name.size)
					: hw_profile_string(p, UNKNOWN);
	struct hw_line line = { 0 };

	while (r->locations.count <= text)
		hw_vec_push(&r->locations, HW_NONE);
	if (r->locations.at[text] == HW_NONE) {
		line.function = hw_profile_add_function(
			p, &(struct hw_function){ .name = text, .system_name = text });
		r->locations.at[text] = hw_profile_append_location(p, HW_NONE, 0);
		hw_profile_set_lines(p, r->locations.at[text], &line, 1);
	}
	return r->locations.at[text];
}

static void add_line(struct reader *r, struct span stack, int64_t count)
{
	struct hw_profile *p = r->profile;

	r->frames.count = 0;
	/* From the end, so that the leaf comes first. */
	for (size_t end = stack.size; stack.size;) {
		const char *semicolon = end ? memrchr(stack.at, ';', end) : NULL;
		const size_t start = semicolon ? (size_t)(semicolon - stack.at) + 1 : 0;

		hw_vec_push(&r->frames, add_frame(r, (struct span){ stack.at + start, end - start }));
		if (!semicolon)
			break;
		end = start - 1;
	}
	hw_profile_add_sample(p, hw_stacks_add(&p->stacks, r->frames.at, (uint32_t)r->frames.count),
			      (struct hw_label_set_id){ 0 }, &count);
}

/* Keep the text behind "#" and spaces. */
static void add_comment(struct hw_profile *profile, struct span line)
{
	while (line.size && (*line.at == '#' || *line.at == ' ' || *line.at == '\t')) {
		line.at++;
		line.size--;
	}
	if (line.size)
		hw_vec_push(&profile->comments, hw_strtab_add_sized(&profile->strings, line.at, line.size));
}

static int decode_lines(struct reader *r, struct span text, struct hw_err *err)
{
	struct span line;
	int64_t count;

	for (size_t number = 1; next_line(&text, &line); number++) {
		if (line.size == 0)
			continue;
		if (!has_nul(line) && is_comment(line)) {
			add_comment(r->profile, line);
			continue;
		}
		if (has_nul(line) || !cut_count(&line, &count))
			return hw_err_set(
				err, HW_ERR_FORMAT,
				"line %zu is no folded stack: it does not end in a space and a whole number",
				number);
		add_line(r, line, count);
	}
	if (r->profile->samples.count == 0)
		return hw_err_set(err, HW_ERR_FORMAT, "there is no folded stack in it");
	return hw_profile_check(r->profile, err);
}

struct hw_profile *hw_folded_decode(const void *data, size_t size, struct hw_err *err)
{
	struct reader r = { .profile = hw_profile_new() };

	(void)hw_profile_add_sample_type(r.profile, "samples", "count");
	if (decode_lines(&r, (struct span){ data, size }, err) < 0)
		hw_profile_freep(&r.profile);
	hw_vec_fini(&r.locations);
	hw_vec_fini(&r.frames);
	return r.profile;
}

bool hw_folded_probe(const void *data, size_t size)
{
	struct span text = { data, size };
	struct span line = { 0 };
	int64_t count;

	while (next_line(&text, &line) && (line.size == 0 || is_comment(line)))
		line.size = 0;
	if (!cut_count(&line, &count))
		return false;
	for (size_t i = 0; i < line.size; i++)
		if ((unsigned char)line.at[i] < 0x20 && line.at[i] != '\t')
			return false;
	return true;
}

/* --- writing ------------------------------------------------------------------------------------------- */

/* Every location becomes a run of names; names are numbered in the order of their texts. Stacks of such numbers,
 * root first, are interned as the profile's own stacks are, which merges what has equal names, and comparing
 * numbers compares texts. */
struct folder {
	const struct hw_profile *profile;
	struct hw_strtab names; /* as written; id 0, "", is not used */
	uint32_t *ranks;	/* by name */
	uint32_t *by_rank;	/* names in order */
	uint32_t *first_part;	/* by location: where its names begin in parts; one more at the end */
	HW_VEC(uint32_t) parts; /* names of all locations, outermost first */
	struct hw_stacks stacks;
	HW_VEC(int64_t) sums; /* by stack of the folder */
};

/* As it goes into a line: without ';', line ends and other control characters, and not looking like a comment. */
static uint32_t add_name(struct folder *f, const char *before, const char *name, const char *after)
{
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	hw_buf_text(&text, before);
	hw_buf_printable(&text, name);
	hw_buf_text(&text, after);
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] == ';')
			text.data[i] = ':';
	if (text.data[0] == '#' && strchr(" #", text.data[1]))
		text.data[0] = ':';
	return hw_strtab_add(&f->names, text.data);
}

/* What stands for code without a symbol: its file, as stackcollapse-perf writes it. */
static uint32_t add_file_name(struct folder *f, const struct hw_location *location)
{
	const struct hw_profile *p = f->profile;
	const char *path = "";
	const char *slash;

	if (location->mapping != HW_NONE)
		path = hw_profile_text(p, p->mappings.at[location->mapping].filename);
	slash = strrchr(path, '/');
	if (slash && slash[1])
		path = slash + 1;
	if (!*path)
		return add_name(f, "", UNKNOWN, "");
	return path[0] == '[' ? add_name(f, "", path, "") : add_name(f, "[", path, "]");
}

static void name_locations(struct folder *f)
{
	const struct hw_profile *p = f->profile;

	for (size_t i = 0; i < p->locations.count; i++) {
		const struct hw_location *location = &p->locations.at[i];

		f->first_part[i] = (uint32_t)f->parts.count;
		for (uint32_t k = location->line_count; k-- > 0;) {
			const struct hw_line *line = &p->lines.at[location->first_line + k];
			const char *name = hw_profile_text(p, p->functions.at[line->function].name);

			hw_vec_push(&f->parts, add_name(f, "", *name ? name : UNKNOWN, ""));
		}
		if (!location->line_count)
			hw_vec_push(&f->parts, add_file_name(f, location));
	}
	f->first_part[p->locations.count] = (uint32_t)f->parts.count;
}

static int compare_names(const void *a, const void *b, void *folder)
{
	const struct folder *f = folder;

	return strcmp(hw_strtab_text(&f->names, *(const uint32_t *)a),
		      hw_strtab_text(&f->names, *(const uint32_t *)b));
}

/* Turn the names in parts into ranks. */
static void rank_names(struct folder *f)
{
	const size_t count = f->names.texts.count;

	f->ranks = hw_alloc(count, sizeof *f->ranks);
	f->by_rank = hw_alloc(count, sizeof *f->by_rank);
	for (uint32_t i = 0; i < count; i++)
		f->by_rank[i] = i;
	qsort_r(f->by_rank, count, sizeof *f->by_rank, compare_names, f);
	for (uint32_t i = 0; i < count; i++)
		f->ranks[f->by_rank[i]] = i;
	for (size_t i = 0; i < f->parts.count; i++)
		f->parts.at[i] = f->ranks[f->parts.at[i]];
}

/* Add up the samples by their stacks of ranks. */
static void fold_samples(struct folder *f, uint32_t sample_type)
{
	const struct hw_profile *p = f->profile;
	HW_VEC(uint32_t) ranks = { 0 };

	for (size_t i = 0; i < p->samples.count; i++) {
		const int64_t value = hw_profile_values(p, i)[sample_type];
		struct hw_stack_id id;
		uint32_t count;
		const uint32_t *locations = hw_stacks_locations(&p->stacks, p->samples.at[i].stack, &count);

		ranks.count = 0;
		while (count-- > 0)
			for (uint32_t k = f->first_part[locations[count]];
			     k < f->first_part[locations[count] + 1]; k++)
				hw_vec_push(&ranks, f->parts.at[k]);
		id = hw_stacks_add(&f->stacks, ranks.at, (uint32_t)ranks.count);
		if (id.index == f->sums.count)
			hw_vec_push(&f->sums, value);
		else if (__builtin_add_overflow(f->sums.at[id.index], value, &f->sums.at[id.index]))
			f->sums.at[id.index] = value < 0 ? INT64_MIN : INT64_MAX;
	}
	hw_vec_fini(&ranks);
}

static int compare_stacks(const void *a, const void *b, void *folder)
{
	const struct folder *f = folder;
	uint32_t count_a, count_b;
	const uint32_t *ranks_a =
		hw_stacks_locations(&f->stacks, (struct hw_stack_id){ *(const uint32_t *)a }, &count_a);
	const uint32_t *ranks_b =
		hw_stacks_locations(&f->stacks, (struct hw_stack_id){ *(const uint32_t *)b }, &count_b);

	for (uint32_t i = 0; i < count_a && i < count_b; i++)
		if (ranks_a[i] != ranks_b[i])
			return ranks_a[i] < ranks_b[i] ? -1 : 1;
	return (count_a > count_b) - (count_a < count_b);
}

static int print_stack(struct hw_buf *out, const struct folder *f, uint32_t stack, struct hw_err *err)
{
	uint32_t count;
	const uint32_t *ranks = hw_stacks_locations(&f->stacks, (struct hw_stack_id){ stack }, &count);
	const int64_t sum = f->sums.at[stack];

	if (sum < 0)
		return hw_err_set(err, HW_ERR_OUTPUT,
				  "a stack has the value %" PRId64 "; folded stacks hold none below 0", sum);
	if (sum == 0)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t name = f->by_rank[ranks[i]];

		if (i)
			hw_buf_add(out, ";", 1);
		hw_buf_add(out, hw_strtab_text(&f->names, name), f->names.lengths.at[name]);
	}
	hw_buf_printf(out, " %" PRId64 "\n", sum);
	return 0;
}

static int print_stacks(struct hw_buf *out, struct folder *f, struct hw_err *err)
{
	const size_t count = f->stacks.list.count;
	HW_AUTO(hw_freep) uint32_t *order = hw_alloc(count, sizeof *order);

	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof *order, compare_stacks, f);
	for (size_t i = 0; i < count; i++)
		if (print_stack(out, f, order[i], err) < 0)
			return -1;
	return 0;
}

int hw_folded_encode(struct hw_buf *out, const struct hw_profile *profile, struct hw_err *err)
{
	struct folder f = { .profile = profile };
	int result;

	if (hw_profile_check(profile, err) < 0)
		return hw_err_wrap(err, "cannot write the profile");
	f.first_part = hw_alloc(profile->locations.count + 1, sizeof *f.first_part);
	hw_strtab_init(&f.names);
	name_locations(&f);
	rank_names(&f);
	fold_samples(&f, hw_profile_default_sample_type(profile));
	result = print_stacks(out, &f, err);
	free(f.first_part);
	free(f.ranks);
	free(f.by_rank);
	hw_strtab_fini(&f.names);
	hw_stacks_fini(&f.stacks);
	hw_vec_fini(&f.parts);
	hw_vec_fini(&f.sums);
	return result;
}
