#include "report/rows.h"

#include "profile/unnamed.h"

#include <inttypes.h>

static const char *const key_names[HW_ROW_KEY_COUNT] = { "function", "line", "dso", "thread", "process" };

const char *hw_row_key_name(enum hw_row_key key)
{
	return key_names[key];
}

bool hw_row_key_has_callers(enum hw_row_key key)
{
	return key != HW_ROW_THREAD && key != HW_ROW_PROCESS;
}

int hw_row_compare(const struct hw_row *a, const struct hw_row *b)
{
	int order = strcmp(a->name, b->name);

	if (!order)
		order = strcmp(a->file, b->file);
	if (!order)
		order = strcmp(a->dso, b->dso);
	if (!order)
		order = (a->line > b->line) - (a->line < b->line);
	if (!order)
		order = (a->pid > b->pid) - (a->pid < b->pid);
	return order ? order : (a->tid > b->tid) - (a->tid < b->tid);
}

static bool same_group(const struct hw_row *a, const struct hw_row *b)
{
	/* The DSO tells rows apart only where no source file does. */
	return a->line == b->line && a->pid == b->pid && a->tid == b->tid && strcmp(a->name, b->name) == 0 &&
	       strcmp(a->file, b->file) == 0 && (a->file[0] || strcmp(a->dso, b->dso) == 0);
}

/* Id of the row like this one, added when new. */
static uint32_t add_row(struct hw_rows *rows, const struct hw_row *row)
{
	const char *place = row->file[0] ? row->file : row->dso;
	uint64_t hash = hw_hash_bytes(row->name, strlen(row->name));
	uint32_t id;

	hash = hw_hash_mix(hash, hw_hash_bytes(place, strlen(place)));
	hash = hw_hash_mix(hash, (uint64_t)row->line);
	hash = hw_hash_mix(hw_hash_mix(hash, (uint64_t)row->pid), (uint64_t)row->tid);
	for (size_t slot = hw_map_first(&rows->index, hash);
	     (id = hw_map_id(&rows->index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&rows->index, slot, hash))
		if (same_group(&rows->list.at[id], row))
			return id;
	id = (uint32_t)rows->list.count;
	hw_vec_push(&rows->list, *row);
	hw_map_insert(&rows->index, hash, id);
	return id;
}

static struct hw_row empty_row(const char *name)
{
	return (struct hw_row){ .name = name, .file = "", .dso = "", .pid = -1, .tid = -1 };
}

/* --- Frames ------------------------------------------------------------------------------------------------ */

/* Kernel code: in the upper half of the address space on x86-64 and AArch64, or in a mapping of the kernel or of a
 * module, however recorders spell it ("[kernel.kallsyms]_text", "[guest.kernel.kallsyms]", ".../foo.ko.xz"). */
static bool is_kernel(const struct hw_location *location, const char *dso)
{
	const char *ko = strstr(dso, ".ko");

	return location->avma >> 63 || strncmp(dso, "[kernel", 7) == 0 ||
	       strncmp(dso, "[guest.kernel", 13) == 0 || (ko && (ko[3] == '\0' || ko[3] == '.'));
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static const char *function_name(const struct hw_profile *profile, const struct hw_line *line)
{
	const struct hw_function *function = &profile->functions.at[line->function];

	return hw_profile_text(profile, function->name ? function->name : function->system_name);
}

/* "[libfoo.so+0x1234]" with the offset in the file, which stays the same from run to run; "[0x7f...]" elsewhere. */
static const char *address_name(struct hw_rows *rows, const struct hw_profile *profile,
				const struct hw_location *location)
{
	const struct hw_profile_mapping *mapping =
		location->mapping == HW_NONE ? NULL : &profile->mappings.at[location->mapping];
	struct hw_buf name = { 0 };
	const char *text;

	if (mapping && mapping->filename && location->avma >= mapping->start_avma)
		hw_buf_printf(&name, "[%s+0x%" PRIx64 "]",
			      base_name(hw_profile_text(profile, mapping->filename)),
			      location->avma - mapping->start_avma + mapping->file_foff);
	else
		hw_buf_printf(&name, "[0x%" PRIx64 "]", location->avma);
	text = hw_arena_text(&rows->texts, name.data, name.size);
	hw_buf_fini(&name);
	return text;
}

/* The row of one line of a location; line = NULL for a location without any. */
static struct hw_row frame_row(struct hw_rows *rows, const struct hw_profile *profile,
			       const struct hw_location *location, const struct hw_line *line)
{
	const char *dso =
		location->mapping == HW_NONE
			? ""
			: hw_profile_text(profile, profile->mappings.at[location->mapping].filename);
	struct hw_row row = empty_row("");

	row.dso = dso;
	row.is_kernel = is_kernel(location, dso);
	if (line)
		row.name = function_name(profile, line);
	row.is_unknown = !row.name[0] || hw_name_is_stand_in(row.name);
	if (rows->key == HW_ROW_DSO) {
		row.name = dso[0] ? dso : "[unknown]";
		return row;
	}
	if (line)
		row.file = hw_profile_text(profile, profile->functions.at[line->function].filename);
	if (!row.name[0])
		row.name = address_name(rows, profile, location);
	if (line && rows->key == HW_ROW_LINE)
		row.line = line->line > 0 ? line->line : 0;
	return row;
}

static bool has_empty_stack(const struct hw_profile *profile)
{
	for (size_t i = 0; i < profile->samples.count; i++)
		if (!profile->stacks.list.at[profile->samples.at[i].stack.index].count)
			return true;
	return false;
}

static void group_frames(struct hw_rows *rows, const struct hw_profile *profile)
{
	rows->first_of_location = hw_alloc(profile->locations.count + 1, sizeof *rows->first_of_location);
	for (size_t i = 0; i < profile->locations.count; i++) {
		const struct hw_location *location = &profile->locations.at[i];

		rows->first_of_location[i] = (uint32_t)rows->of_location.count;
		/* Inlined copies of DSO rows would only repeat it. */
		for (uint32_t j = 0; j < location->line_count && (j == 0 || rows->key != HW_ROW_DSO); j++) {
			const struct hw_row row = frame_row(rows, profile, location,
							    &profile->lines.at[location->first_line + j]);

			hw_vec_push(&rows->of_location, add_row(rows, &row));
		}
		if (!location->line_count) {
			const struct hw_row row = frame_row(rows, profile, location, NULL);

			hw_vec_push(&rows->of_location, add_row(rows, &row));
		}
	}
	rows->first_of_location[profile->locations.count] = (uint32_t)rows->of_location.count;
	rows->of_empty_stack = HW_NONE;
	if (has_empty_stack(profile)) {
		const struct hw_row row = empty_row("[no stack]");

		rows->of_empty_stack = add_row(rows, &row);
	}
}

/* --- Labels ------------------------------------------------------------------------------------------------ */

/* Label keys by which recorders know a thread, best first (hwprof, perf_data_converter, parca-agent, OpenTelemetry). */
static const char *const thread_name_keys[] = { "thread",      "thread_name", "thread_comm",
						"thread.name", "comm",	      NULL };
static const char *const tid_keys[] = { "tid", "thread_id", "thread.id", NULL };
static const char *const process_name_keys[] = { "comm", "process", "process_name", "process.executable.name",
						 NULL };
static const char *const pid_keys[] = { "pid", "process_id", "process.pid", NULL };

static const struct hw_label *find_label(const struct hw_profile *profile, struct hw_label_set_id labels,
					 const char *const *keys)
{
	for (; *keys; keys++) {
		const uint32_t key = hw_strtab_find(&profile->strings, *keys);
		const struct hw_label *label =
			key == HW_MAP_NONE ? NULL : hw_label_sets_find(&profile->label_sets, labels, key);

		if (label)
			return label;
	}
	return NULL;
}

/* A label's number, also when it was written as text; -1 when there is none. */
static int64_t label_number(const struct hw_profile *profile, const struct hw_label *label)
{
	const char *text;
	char *end;
	long long number;

	if (!label)
		return -1;
	if (!label->str)
		return label->num >= 0 ? label->num : -1;
	text = hw_profile_text(profile, label->str);
	number = text[0] >= '0' && text[0] <= '9' ? strtoll(text, &end, 10) : -1;
	return number >= 0 && !*end ? number : -1;
}

static struct hw_row label_row(const struct hw_rows *rows, const struct hw_profile *profile,
			       struct hw_label_set_id labels)
{
	const bool by_thread = rows->key == HW_ROW_THREAD;
	const struct hw_label *name =
		find_label(profile, labels, by_thread ? thread_name_keys : process_name_keys);
	struct hw_row row = empty_row(by_thread ? "[no thread]" : "[no process]");

	row.pid = label_number(profile, find_label(profile, labels, pid_keys));
	if (by_thread)
		row.tid = label_number(profile, find_label(profile, labels, tid_keys));
	if (name && name->str)
		row.name = hw_profile_text(profile, name->str);
	else if (row.pid >= 0 || row.tid >= 0)
		row.name = "[no name]";
	return row;
}

static void group_labels(struct hw_rows *rows, const struct hw_profile *profile)
{
	/* One look-up per distinct label set, not per sample. */
	uint32_t *of_set = hw_alloc(profile->label_sets.sets.count + 1, sizeof *of_set);

	for (size_t i = 0; i < profile->label_sets.sets.count; i++)
		of_set[i] = HW_NONE;
	rows->of_empty_stack = HW_NONE;
	rows->of_sample = hw_alloc(profile->samples.count + 1, sizeof *rows->of_sample);
	for (size_t i = 0; i < profile->samples.count; i++) {
		const struct hw_label_set_id labels = profile->samples.at[i].labels;

		if (of_set[labels.index] == HW_NONE) {
			const struct hw_row row = label_row(rows, profile, labels);

			of_set[labels.index] = add_row(rows, &row);
		}
		rows->of_sample[i] = of_set[labels.index];
	}
	free(of_set);
}

void hw_rows_init(struct hw_rows *rows, const struct hw_profile *profile, enum hw_row_key key)
{
	*rows = (struct hw_rows){ .key = key };
	if (hw_row_key_has_callers(key))
		group_frames(rows, profile);
	else
		group_labels(rows, profile);
}

void hw_rows_fini(struct hw_rows *rows)
{
	hw_vec_fini(&rows->list);
	hw_vec_fini(&rows->of_location);
	free(rows->first_of_location);
	free(rows->of_sample);
	hw_arena_fini(&rows->texts);
	hw_map_fini(&rows->index);
	*rows = (struct hw_rows){ 0 };
}

void hw_row_label(struct hw_buf *out, const struct hw_rows *rows, const struct hw_row *row)
{
	hw_buf_text(out, row->name);
	if (rows->key == HW_ROW_LINE && row->line)
		hw_buf_printf(out, " %s:%" PRId64, base_name(row->file), row->line);
	if (row->pid >= 0 && row->tid >= 0)
		hw_buf_printf(out, " (pid %" PRId64 ", tid %" PRId64 ")", row->pid, row->tid);
	else if (row->pid >= 0)
		hw_buf_printf(out, " (pid %" PRId64 ")", row->pid);
	else if (row->tid >= 0)
		hw_buf_printf(out, " (tid %" PRId64 ")", row->tid);
}
