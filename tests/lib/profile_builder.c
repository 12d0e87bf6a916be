#include "tests/lib/profile_builder.h"

#include <assert.h>
#include <ctype.h>

#define FRAMES_MAX 4096
#define LINES_MAX 16
#define KERNEL_AVMA UINT64_C(0xffffffff81000000)
#define DSO_SIZE UINT64_C(0x1000000)
#define DSO_FOFF UINT64_C(0x2000)

/* The mapping of that file, added when new: each with a range and a file offset of its own. */
static uint32_t find_mapping(struct hw_profile *profile, const char *dso)
{
	const uint32_t filename = hw_profile_string(profile, dso);
	const uint64_t start =
		strstr(dso, "[kernel") ? KERNEL_AVMA : DSO_SIZE * (profile->mappings.count + 1);

	for (uint32_t i = 0; i < profile->mappings.count; i++)
		if (profile->mappings.at[i].filename == filename)
			return i;
	return hw_profile_add_mapping(profile, &(struct hw_profile_mapping){ .start_avma = start,
									     .limit_avma = start + DSO_SIZE,
									     .file_foff = DSO_FOFF,
									     .filename = filename });
}

/* "name@file:line" */
static struct hw_line parse_line(struct hw_profile *profile, char *text)
{
	char *file = strchr(text, '@');
	char *line = file ? strrchr(file, ':') : NULL;
	struct hw_function function = { 0 };

	if (line)
		*line++ = '\0';
	if (file)
		*file++ = '\0';
	function.name = function.system_name = hw_profile_string(profile, text);
	function.filename = hw_profile_string(profile, file ? file : "");
	return (struct hw_line){ .function = hw_profile_add_function(profile, &function),
				 .line = line ? strtoll(line, NULL, 10) : 0 };
}

/* The location of a frame: equal texts are the same instruction. */
static uint32_t parse_frame(struct hw_profile *profile, char *text)
{
	const bool is_address = strncmp(text, "0x", 2) == 0;
	const uint32_t identity = hw_profile_string(profile, text);
	char *dso = strrchr(text, '!');
	struct hw_line outermost_first[LINES_MAX];
	struct hw_line lines[LINES_MAX];
	uint32_t count = 0;
	uint32_t mapping;
	uint32_t location;

	if (dso)
		*dso++ = '\0';
	mapping = find_mapping(profile, dso ? dso : "app");
	if (is_address)
		return hw_profile_add_location(profile, mapping,
					       profile->mappings.at[mapping].start_avma +
						       strtoull(text, NULL, 16));
	location = hw_profile_add_location(profile, mapping,
					   profile->mappings.at[mapping].start_avma + identity);
	for (char *part = text; part; count++) {
		char *next = strchr(part, '|');

		assert(count < LINES_MAX);
		if (next)
			*next++ = '\0';
		outermost_first[count] = parse_line(profile, part);
		part = next;
	}
	for (uint32_t i = 0; i < count; i++)
		lines[i] = outermost_first[count - 1 - i];
	hw_profile_set_lines(profile, location, lines, count);
	return location;
}

static struct hw_stack_id parse_stack(struct hw_profile *profile, char *text)
{
	static uint32_t leaf_first[FRAMES_MAX];
	uint32_t count = 0;

	if (strcmp(text, "-") == 0)
		return hw_stacks_add(&profile->stacks, NULL, 0);
	for (char *frame = text; frame;) {
		char *next = strchr(frame, ';');

		assert(count < FRAMES_MAX);
		if (next)
			*next++ = '\0';
		leaf_first[FRAMES_MAX - 1 - count++] = parse_frame(profile, frame);
		frame = next;
	}
	return hw_stacks_add(&profile->stacks, leaf_first + FRAMES_MAX - count, count);
}

static void add_sample(struct hw_profile *profile, char *text)
{
	char *rest = text;
	char *word = strsep(&rest, " ");
	const struct hw_stack_id stack = parse_stack(profile, word);
	int64_t values[HW_SAMPLE_TYPES_MAX] = { 0 };
	struct hw_label labels[LINES_MAX] = { 0 };
	uint32_t label_count = 0;
	size_t value_count = 0;

	while ((word = strsep(&rest, " "))) {
		char *value = strchr(word, '=');

		if (!value) {
			values[value_count++] = strtoll(word, NULL, 10);
			continue;
		}
		*value++ = '\0';
		assert(label_count < LINES_MAX);
		labels[label_count].key = hw_profile_string(profile, word);
		if (isdigit((unsigned char)*value))
			labels[label_count].num = strtoll(value, NULL, 10);
		else
			labels[label_count].str = hw_profile_string(profile, value);
		label_count++;
	}
	assert(value_count == profile->sample_types.count);
	hw_profile_add_sample(profile, stack, hw_label_sets_add(&profile->label_sets, labels, label_count),
			      values);
}

struct hw_profile *hw_test_profile(const char *types, const char *text)
{
	struct hw_profile *profile = hw_profile_new();
	char *type_list = hw_strdup(types);
	char *sample_list = hw_strdup(text);
	char *rest = type_list;
	char *word;

	while ((word = strsep(&rest, " "))) {
		char *unit = strrchr(word, '/');

		assert(unit);
		*unit++ = '\0';
		(void)hw_profile_add_sample_type(profile, word, unit);
	}
	rest = sample_list;
	while ((word = strsep(&rest, "\n")))
		if (*word)
			add_sample(profile, word);
	free(type_list);
	free(sample_list);
	return profile;
}
