#include "event/catalogue_file.h"

#include "base/file.h"
#include "event/names.h"
#include "event/spec.h"

#include <ctype.h>
#include <jansson.h>
#include <linux/perf_event.h>
#include <stdarg.h>

#define NAME_MAX_BYTES 64
#define TEXT_MAX_BYTES 4096

/* Where we are, for messages: "FILE: metric 'ipc': ...". */
struct place {
	const char *path;
	const char *kind; /* "metric"; NULL at the top of the file */
	const char *name;
	struct hw_err *err;
};

/* What a key of an object is for. */
struct field {
	const char *key;
	bool required;
	int (*take)(const json_t *value, const char *key, void *into, const struct place *place);
};

HW_PRINTF(2, 3) static int fail(const struct place *place, const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (!place->kind)
		return hw_err_set(place->err, HW_ERR_FORMAT, "%s: %s", place->path, what);
	return hw_err_set(place->err, HW_ERR_FORMAT, "%s: %s '%.64s': %s", place->path, place->kind,
			  place->name, what);
}

/* --- Values ---------------------------------------------------------------------------------------- */

static bool is_printable(const char *text)
{
	size_t length;

	for (; *text; text += length)
		if (!(length = hw_utf8_length(text)))
			return false;
	return true;
}

/* A text of some length without control characters; borrowed. NULL with err. */
static const char *text_of(const json_t *value, const char *key, const struct place *place)
{
	const char *text = json_string_value(value);

	if (text && *text && strlen(text) <= TEXT_MAX_BYTES && is_printable(text))
		return text;
	(void)fail(place, text ? "'%s' is empty, too long or unprintable" : "'%s' must be a text", key);
	return NULL;
}

static int take_text(const json_t *value, const char *key, void *into, const struct place *place)
{
	const char *text = text_of(value, key, place);

	if (!text)
		return -1;
	*(char **)into = hw_strdup(text);
	return 0;
}

static int check_object(const json_t *value, const char *key, const struct place *place)
{
	if (!json_is_object(value))
		return fail(place, "'%s' must be an object", key);
	if (json_object_size(value) > HW_CATALOGUE_ENTRIES_MAX)
		return fail(place, "'%s' has more than %d entries", key, HW_CATALOGUE_ENTRIES_MAX);
	return 0;
}

static int check_array(const json_t *value, const char *key, const struct place *place)
{
	if (!json_is_array(value))
		return fail(place, "'%s' must be a list", key);
	if (json_array_size(value) > HW_CATALOGUE_ENTRIES_MAX)
		return fail(place, "'%s' has more than %d entries", key, HW_CATALOGUE_ENTRIES_MAX);
	return json_array_size(value) ? 0 : fail(place, "'%s' is empty", key);
}

/* Take each key of an object by its field: fields[i]'s goes to into[i]. */
static int take_object(const json_t *object, const struct field *fields, size_t count, void *const *into,
		       const struct place *place)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		size_t i = 0;

		while (i < count && strcmp(fields[i].key, key) != 0)
			i++;
		if (i == count)
			return fail(place, "unknown key '%.64s'", is_printable(key) ? key : "(unprintable)");
		if (fields[i].take(value, key, into[i], place) < 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++)
		if (fields[i].required && !json_object_get(object, fields[i].key))
			return fail(place, "'%s' is missing", fields[i].key);
	return 0;
}

static int take_texts(const json_t *value, const char *key, void *into, const struct place *place)
{
	struct hw_catalogue_texts *texts = into;

	if (check_array(value, key, place) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *text = text_of(json_array_get(value, i), key, place);

		if (!text)
			return -1;
		hw_vec_push(texts, hw_strdup(text));
	}
	return 0;
}

static void free_texts(void *list)
{
	struct hw_catalogue_texts *texts = list;

	for (size_t i = 0; i < texts->count; i++)
		free(texts->at[i]);
	hw_vec_fini(texts);
}

/* The sources are for those who check the table. */
static int check_texts(const json_t *value, const char *key, void *into, const struct place *place)
{
	struct hw_catalogue_texts texts = { 0 };
	const int result = take_texts(value, key, &texts, place);

	(void)into;
	free_texts(&texts);
	return result;
}

/* --- Which CPUs ------------------------------------------------------------------------------------ */

static int read_range(struct hw_number_range *range, const char *text, const char *key,
		      const struct place *place)
{
	if (hw_number_range_parse(range, text))
		return 0;
	return fail(place, "'%s' must hold numbers such as \"0x4e\" or ranges such as \"0x30-0x7f\"", key);
}

static int take_ranges(const json_t *value, const char *key, void *into, const struct place *place)
{
	struct hw_number_ranges *ranges = into;

	if (check_array(value, key, place) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *text = text_of(json_array_get(value, i), key, place);
		struct hw_number_range range;

		if (!text || read_range(&range, text, key, place) < 0)
			return -1;
		hw_vec_push(ranges, range);
	}
	return 0;
}

static int take_family(const json_t *value, const char *key, void *into, const struct place *place)
{
	const char *text = text_of(value, key, place);
	struct hw_number_range range;

	if (!text || read_range(&range, text, key, place) < 0)
		return -1;
	*(uint32_t *)into = range.first;
	return range.first == range.last ? 0 : fail(place, "'%s' must be one number", key);
}

static int take_cpu_set(struct hw_cpu_set *set, const json_t *value, const struct place *place)
{
	static const struct field fields[] = {
		{ "vendor", true, take_text },
		{ "family", false, take_family },
		{ "models", false, take_ranges },
		{ "steppings", false, take_ranges },
	};
	void *const into[] = { &set->vendor, &set->family, &set->models, &set->steppings };

	return check_object(value, "cpus", place) < 0 ||
			       take_object(value, fields, HW_COUNT_OF(fields), into, place) < 0
		       ? -1
		       : 0;
}

static int take_cpus(const json_t *value, const char *key, void *into, const struct place *place)
{
	struct hw_catalogue_file *file = into;

	if (check_array(value, key, place) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(value); i++) {
		hw_vec_push(&file->cpus, (struct hw_cpu_set){ 0 });
		if (take_cpu_set(&file->cpus.at[i], json_array_get(value, i), place) < 0)
			return -1;
	}
	return 0;
}

static int take_general(const json_t *value, const char *key, void *into, const struct place *place)
{
	const json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 1 || number > 64)
		return fail(place, "'%s' must be a number from 1 to 64", key);
	*(unsigned *)into = (unsigned)number;
	return 0;
}

static int take_counters(const json_t *value, const char *key, void *into, const struct place *place)
{
	static const struct field fields[] = {
		{ "general", true, take_general },
		{ "fixed", false, take_texts },
	};
	struct hw_catalogue *table = into;
	void *const parts[] = { &table->general_counters, &table->fixed };

	return check_object(value, key, place) < 0
		       ? -1
		       : take_object(value, fields, HW_COUNT_OF(fields), parts, place);
}

/* --- Entries --------------------------------------------------------------------------------------- */

static int check_name(const char *name, const struct place *place)
{
	const size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (name[length] || !islower((unsigned char)*name) || length > NAME_MAX_BYTES ||
	    name[length - 1] == '-')
		return fail(place, "a name is small letters, digits and -, and begins with a letter");
	return 0;
}

/* Tables come before the kernel's names: they may redefine its cache events (its "l2-misses" are the last level's), not
 * what everyone knows. */
static int check_event_name(const char *name, const struct place *place)
{
	uint32_t type;
	uint64_t config;

	if ((hw_names_find(name, &type, &config) && type != PERF_TYPE_HW_CACHE) ||
	    hw_names_raw(name, &config))
		return fail(place, "the kernel has an event of this name");
	return check_name(name, place);
}

/* One event or the parts of one, each a text that -e can read. */
static int check_event_text(const char *text, const struct place *place)
{
	const char *rest = text;
	char *part;
	int result = 0;

	while (hw_spec_list_next(&rest, &part)) {
		struct hw_spec spec = { 0 };

		if (result == 0 && hw_spec_parse(&spec, part, place->err) < 0)
			result =
				hw_err_wrap(place->err, "%s: %s '%s'", place->path, place->kind, place->name);
		if (result == 0 && rest && !spec.pmu)
			result = fail(place, "parts of an event are \"pmu/.../\", not '%.64s'", part);
		if (place->err)
			place->err->kind = result < 0 ? HW_ERR_FORMAT : place->err->kind;
		hw_spec_fini(&spec);
		free(part);
	}
	return result;
}

static int take_event(const json_t *value, void *table, const struct place *place)
{
	static const struct field fields[] = {
		{ "event", true, take_text },
		{ "description", true, take_text },
	};
	struct hw_catalogue *catalogue = table;
	struct hw_catalogue_event *event;

	hw_vec_push(&catalogue->events, (struct hw_catalogue_event){ .name = hw_strdup(place->name) });
	event = &catalogue->events.at[catalogue->events.count - 1];
	if (check_event_name(event->name, place) < 0 ||
	    take_object(value, fields, HW_COUNT_OF(fields),
			(void *const[]){ &event->text, &event->description }, place) < 0)
		return -1;
	return check_event_text(event->text, place);
}

static int take_metric(const json_t *value, void *table, const struct place *place)
{
	static const struct field fields[] = {
		{ "title", true, take_text },
		{ "description", true, take_text },
		{ "unit", true, take_text },
		{ "formula", true, take_text },
	};
	struct hw_catalogue *catalogue = table;
	struct hw_metric *metric;

	hw_vec_push(&catalogue->metrics, (struct hw_metric){ .name = hw_strdup(place->name) });
	metric = &catalogue->metrics.at[catalogue->metrics.count - 1];
	if (check_name(metric->name, place) < 0 ||
	    take_object(value, fields, HW_COUNT_OF(fields),
			(void *const[]){ &metric->title, &metric->description, &metric->unit,
					 &metric->formula_text },
			place) < 0)
		return -1;
	metric->formula = hw_formula_parse(metric->formula_text, place->err);
	if (!metric->formula)
		return hw_err_wrap(place->err, "%s: metric '%s'", place->path, place->name);
	if (!hw_formula_variable_count(metric->formula))
		return hw_err_set(place->err, HW_ERR_FORMAT, "%s: metric '%s': formula '%s' has no event",
				  place->path, place->name, metric->formula_text);
	return 0;
}

static int take_preset(const json_t *value, void *table, const struct place *place)
{
	static const struct field fields[] = {
		{ "description", true, take_text },
		{ "events", true, take_texts },
	};
	struct hw_catalogue *catalogue = table;
	struct hw_preset *preset;

	hw_vec_push(&catalogue->presets, (struct hw_preset){ .name = hw_strdup(place->name) });
	preset = &catalogue->presets.at[catalogue->presets.count - 1];
	return check_name(preset->name, place) < 0
		       ? -1
		       : take_object(value, fields, HW_COUNT_OF(fields),
				     (void *const[]){ &preset->description, &preset->texts }, place);
}

/* Take each entry of an object, "name": { ... }. */
static int take_entries(const json_t *object, const char *key, const char *kind,
			int (*take)(const json_t *, void *, const struct place *), void *table,
			const struct place *place)
{
	const char *name;
	json_t *value;

	if (check_object(object, key, place) < 0)
		return -1;
	json_object_foreach((json_t *)object, name, value)
	{
		const struct place entry = {
			.path = place->path, .kind = kind, .name = name, .err = place->err
		};

		if (!is_printable(name))
			return fail(place, "an unprintable name in '%s'", key);
		if (!json_is_object(value))
			return fail(&entry, "it must be an object");
		if (take(value, table, &entry) < 0)
			return -1;
	}
	return 0;
}

static int take_events(const json_t *value, const char *key, void *into, const struct place *place)
{
	return take_entries(value, key, "event", take_event, into, place);
}

static int take_metrics(const json_t *value, const char *key, void *into, const struct place *place)
{
	return take_entries(value, key, "metric", take_metric, into, place);
}

static int take_presets(const json_t *value, const char *key, void *into, const struct place *place)
{
	return take_entries(value, key, "preset", take_preset, into, place);
}

/* --- The file -------------------------------------------------------------------------------------- */

static int take_top(const json_t *root, struct hw_catalogue_file *file, const struct place *place)
{
	static const struct field fields[] = {
		{ "description", false, take_text },  { "source", false, check_texts },
		{ "cpus", false, take_cpus },	      { "pmu", false, take_text },
		{ "counters", false, take_counters }, { "events", false, take_events },
		{ "metrics", false, take_metrics },   { "presets", false, take_presets },
	};
	struct hw_catalogue *table = &file->table;
	void *const into[] = { &table->description, NULL, file, &table->pmu, table, table, table, table };

	if (!json_is_object(root))
		return fail(place, "it must hold an object");
	return take_object(root, fields, HW_COUNT_OF(fields), into, place);
}

static char *family_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const size_t length = strlen(name);
	const bool is_json = length > 5 && strcmp(name + length - 5, ".json") == 0;

	return hw_strndup(name, is_json ? length - 5 : length);
}

int hw_catalogue_file_decode(struct hw_catalogue_file *file, const char *path, const char *text, size_t size,
			     struct hw_err *err)
{
	const struct place top = { .path = path, .err = err };
	json_error_t why;
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
	int result;

	*file = (struct hw_catalogue_file){ .table = { .family = family_of(path) } };
	hw_vec_push(&file->table.paths, hw_strdup(path));
	if (root) {
		result = take_top(root, file, &top);
	} else {
		result = hw_err_set(err, HW_ERR_FORMAT, "%s: line %d: %s", path, why.line, why.text);
	}
	json_decref(root);
	if (result < 0)
		hw_catalogue_file_fini(file);
	return result;
}

int hw_catalogue_file_read(struct hw_catalogue_file *file, const char *path, struct hw_err *err)
{
	struct hw_buf text = { 0 };
	int result = hw_file_read_regular(&text, path, HW_CATALOGUE_FILE_MAX_BYTES, err);

	*file = (struct hw_catalogue_file){ 0 };
	if (result == 0)
		result = hw_catalogue_file_decode(file, path, hw_buf_str(&text), text.size, err);
	hw_buf_fini(&text);
	return result;
}

void hw_catalogue_file_fini(struct hw_catalogue_file *file)
{
	for (size_t i = 0; i < file->cpus.count; i++)
		hw_cpu_set_fini(&file->cpus.at[i]);
	hw_vec_fini(&file->cpus);
	hw_catalogue_fini(&file->table);
}

bool hw_catalogue_file_names(const struct hw_catalogue_file *file, const struct hw_cpu *cpu)
{
	for (size_t i = 0; i < file->cpus.count; i++)
		if (hw_cpu_set_has(&file->cpus.at[i], cpu))
			return true;
	return false;
}
