/* Event texts: the grammar, sysfs's format files and lists, whatever the bytes. */
#include "base/nearest.h"
#include "event/names.h"
#include "event/pmu.h"
#include "event/spec.h"

#include <stdint.h>

static void check_spec(const char *text)
{
	struct hw_spec spec;
	struct hw_err err = { 0 };

	if (hw_spec_parse(&spec, text, &err) == 0) {
		if (!spec.name || !*spec.name || spec.modifiers.precise > 3 ||
		    (spec.modifiers.period_events && spec.modifiers.freq_hz))
			abort();
	} else if (err.kind != HW_ERR_USAGE || !*err.message) {
		abort();
	}
	hw_spec_fini(&spec);
}

static bool always(const char *name, const char *part)
{
	return *name && *part;
}

/* Whatever is a unit mask, the name then holds every letter. */
static void check_spec_with_masks(const char *text)
{
	struct hw_spec spec;

	if (hw_spec_parse_with(&spec, text, always, NULL) == 0 && (spec.modifiers.user && !spec.pmu))
		abort();
	hw_spec_fini(&spec);
}

static void check_group(const char *text)
{
	struct hw_spec_group group;
	struct hw_err err = { 0 };

	if (hw_spec_group_parse(&group, text, &err) == 0) {
		const char *list = group.members;
		char *member;

		while (hw_spec_list_next(&list, &member)) {
			if (!*member || hw_spec_is_group(member))
				abort();
			check_spec(member);
			free(member);
		}
	} else if (err.kind != HW_ERR_USAGE || !*err.message) {
		abort();
	}
	hw_spec_group_fini(&group);
}

/* The parts of a list, joined by commas, are the list. */
static void check_list(const char *text)
{
	const char *list = text;
	struct hw_buf joined = { 0 };
	char *part;

	while (hw_spec_list_next(&list, &part)) {
		hw_buf_text(&joined, part);
		hw_buf_text(&joined, list ? "," : "");
		check_spec(part);
		check_spec_with_masks(part);
		check_group(part);
		free(part);
	}
	if (strcmp(hw_buf_str(&joined), text) != 0)
		abort();
	hw_buf_fini(&joined);
}

/* A format's mask takes its own number of bits and not one more. */
static void check_format(const char *text)
{
	struct hw_pmu_format format;
	uint64_t word = 0;
	unsigned bits;

	if (!hw_pmu_format_parse(&format, text))
		return;
	bits = (unsigned)__builtin_popcountll(format.mask);
	if (!format.mask || format.word > 2 ||
	    !hw_pmu_bits_set(&word, format.mask, UINT64_MAX >> (64 - bits)) || word != format.mask ||
	    (bits < 64 && hw_pmu_bits_set(&word, format.mask, UINT64_C(1) << bits)))
		abort();
}

static void check_names(const char *text)
{
	struct hw_nearest nearest;
	uint32_t type;
	uint64_t config;

	(void)hw_names_find(text, &type, &config);
	(void)hw_names_raw(text, &config);
	hw_nearest_init(&nearest, text);
	hw_names_offer(&nearest);
	hw_nearest_offer(&nearest, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = hw_strndup(size ? (const char *)data : "", size);

	check_list(text);
	check_format(text);
	if (size < 64) /* the longest name is shorter, and the offers are what takes time */
		check_names(text);
	free(text);
	return 0;
}
