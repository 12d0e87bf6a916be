#include "event/pmu.h"

#include "base/file.h"
#include "event/dirs.h"
#include "event/names.h"

#include <ctype.h>
#include <errno.h>

/* sysfs shows at most a page. */
#define SYSFS_TEXT_MAX 4096

/* --- Formats --------------------------------------------------------------------------------------- */

/* A bit number 0..63 at *at, which steps behind it. */
static bool take_bit(const char **at, unsigned *bit)
{
	unsigned value = 0;
	const char *p = *at;

	while (isdigit((unsigned char)*p) && value < 64)
		value = value * 10 + (unsigned)(*p++ - '0');
	if (p == *at || value > 63)
		return false;
	*at = p;
	*bit = value;
	return true;
}

bool hw_pmu_format_parse(struct hw_pmu_format *format, const char *text)
{
	static const char *const words[] = { "config:", "config1:", "config2:" };
	struct hw_pmu_format parsed = { 0 };
	const char *at = NULL;

	for (unsigned i = 0; i < HW_COUNT_OF(words); i++) {
		if (strncmp(text, words[i], strlen(words[i])) == 0) {
			parsed.word = i;
			at = text + strlen(words[i]);
		}
	}
	if (!at)
		return false;
	do {
		unsigned from;
		unsigned to;

		if (!take_bit(&at, &from))
			return false;
		to = from;
		if (*at == '-' && (at++, !take_bit(&at, &to)))
			return false;
		if (to < from)
			return false;
		parsed.mask |= (~UINT64_C(0) >> (63 - (to - from))) << from;
	} while (*at == ',' && at++);
	if (*at)
		return false;
	*format = parsed;
	return true;
}

bool hw_pmu_bits_set(uint64_t *word, uint64_t mask, uint64_t value)
{
	uint64_t bits = 0;

	for (uint64_t left = mask; left; left &= left - 1, value >>= 1)
		if (value & 1)
			bits |= left & -left;
	if (value)
		return false;
	*word = (*word & ~mask) | bits;
	return true;
}

/* --- Terms ----------------------------------------------------------------------------------------- */

/* One PMU while its terms are looked up. */
struct lookup {
	struct perf_event_attr *attr;
	const char *root;
	const char *pmu;
	const char *event; /* for messages */
	struct hw_err *err;
};

static uint64_t *word_of(struct perf_event_attr *attr, unsigned word, uint64_t copy[3])
{
	copy[0] = attr->config;
	copy[1] = attr->config1;
	copy[2] = attr->config2;
	return &copy[word];
}

static bool set_bits(struct perf_event_attr *attr, const struct hw_pmu_format *format, uint64_t value)
{
	uint64_t words[3];

	if (!hw_pmu_bits_set(word_of(attr, format->word, words), format->mask, value))
		return false;
	attr->config = words[0];
	attr->config1 = words[1];
	attr->config2 = words[2];
	return true;
}

/* The first line of ROOT/PMU/folder/name; -1 when there is none (errno says why). */
static int read_entry(const struct lookup *in, char line[SYSFS_TEXT_MAX], const char *folder,
		      const char *name)
{
	HW_AUTO(hw_freep) char *path = NULL;

	if (!hw_dirs_name_ok(name)) {
		errno = ENOENT;
		return -1;
	}
	path = hw_asprintf("%s/%s/%s/%s", in->root, in->pmu, folder, name);
	return hw_file_read_line(line, SYSFS_TEXT_MAX, path);
}

/* "0x3c" or "60": never octal. */
static int parse_value(const struct lookup *in, const struct hw_spec_term *term, uint64_t *value)
{
	const char *text = term->value ? term->value : "1";
	const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end = NULL;

	errno = 0;
	if (isxdigit((unsigned char)text[hex ? 2 : 0]) && isdigit((unsigned char)text[0]))
		*value = strtoull(text, &end, hex ? 16 : 10);
	if (!end || *end || errno)
		return hw_err_set(in->err, HW_ERR_USAGE,
				  "event '%s': '%s' of %s= is not a number such as 60 or 0x3c", in->event,
				  text, term->key);
	return 0;
}

/* Terms that perf has for itself (perf-record(1), -e), with what to do instead. */
static int refuse_perf_term(const struct lookup *in, const char *key)
{
	static const struct {
		const char *key, *hint;
	} terms[] = {
		{ "percore", "leave it out: counts are kept by thread and CPU, never by core" },
		{ "call-graph", "--unwind chooses how stacks are found, for all events" },
		{ "stack-size", "--stack-size chooses how much of the stack is copied, for all events" },
		{ "max-stack", "leave it out: stacks are followed to their root" },
		{ "time", "leave it out: every sample carries its time" },
		{ "inherit", "leave it out: new threads and children are always followed" },
		{ "no-inherit", "leave it out: new threads and children are always followed" },
		{ "overwrite", "leave it out: samples are read while they come" },
		{ "no-overwrite", "leave it out: samples are read while they come" },
		{ "branch_type", "leave it out: branch records are not sampled" },
		{ "aux-output", "leave it out: AUX areas are not recorded" },
		{ "aux-sample-size", "leave it out: AUX areas are not recorded" },
		{ "driver-config", "leave it out: AUX areas are not recorded" },
	};

	for (size_t i = 0; i < HW_COUNT_OF(terms); i++) {
		if (strcmp(key, terms[i].key) != 0)
			continue;
		(void)hw_err_set(in->err, HW_ERR_EVENT,
				 "event '%s': '%s' is a term of perf that hwprof does not have", in->event,
				 key);
		return hw_err_hint(in->err, "%s", terms[i].hint);
	}
	return 0;
}

static int unknown_term(const struct lookup *in, const struct hw_spec_term *term)
{
	HW_AUTO(hw_freep) char *folder = hw_asprintf("%s/%s/format", in->root, in->pmu);
	struct hw_buf hint = { 0 };
	struct hw_nearest nearest;

	if (refuse_perf_term(in, term->key) < 0)
		return -1;
	(void)hw_err_set(in->err, HW_ERR_EVENT, "event '%s': PMU '%s' has no term%s '%s'", in->event, in->pmu,
			 term->value ? "" : " or event", term->key);
	hw_nearest_init(&nearest, term->key);
	hw_dirs_offer(&nearest, folder, "", "");
	if (!term->value) {
		free(folder);
		folder = hw_asprintf("%s/%s/events", in->root, in->pmu);
		hw_dirs_offer(&nearest, folder, "", "");
	}
	if (hw_nearest_print(&hint, &nearest))
		(void)hw_err_hint(in->err, "%s", hw_buf_str(&hint));
	else
		(void)hw_err_hint(in->err, "%s/%s/format lists the terms it has", in->root, in->pmu);
	hw_buf_fini(&hint);
	return -1;
}

/* One key=value or key. Gives 0 when set, 1 when the key is no term of the PMU, -1 with err. */
static int set_term(const struct lookup *in, const struct hw_spec_term *term)
{
	static const char *const words[] = { "config", "config1", "config2" };
	struct hw_pmu_format format = { 0 };
	char line[SYSFS_TEXT_MAX];
	uint64_t value = 0;

	for (unsigned i = 0; i < HW_COUNT_OF(words); i++)
		if (strcmp(term->key, words[i]) == 0)
			format = (struct hw_pmu_format){ .word = i, .mask = ~UINT64_C(0) };
	if (!format.mask) {
		if (read_entry(in, line, "format", term->key) < 0)
			return 1;
		if (!hw_pmu_format_parse(&format, line))
			return hw_err_set(in->err, HW_ERR_EVENT,
					  "event '%s': %s/%s/format/%s says '%s', which is not a "
					  "form that hwprof knows",
					  in->event, in->root, in->pmu, term->key, line);
	}
	if (parse_value(in, term, &value) < 0)
		return -1;
	if (!set_bits(in->attr, &format, value))
		return hw_err_set(in->err, HW_ERR_EVENT,
				  "event '%s': %s=%s has more than the %d bits of PMU '%s'", in->event,
				  term->key, term->value, __builtin_popcountll(format.mask), in->pmu);
	return 0;
}

static bool is_given(const struct hw_spec_terms *terms, const char *key)
{
	for (size_t i = 0; i < terms->list.count; i++)
		if (terms->list.at[i].value && strcmp(terms->list.at[i].key, key) == 0)
			return true;
	return false;
}

/* The terms that stand for an event's name. Parameters ("event=?") are for the caller's own terms to fill. */
static int set_event_terms(const struct lookup *in, const char *name, const char *text,
			   const struct hw_spec_terms *given)
{
	struct hw_spec_terms terms = { 0 };
	int result = hw_spec_terms_parse(&terms, text, in->event, in->err);

	for (size_t i = 0; i < terms.list.count && result == 0; i++) {
		const struct hw_spec_term *term = &terms.list.at[i];

		if (term->value && strcmp(term->value, "?") == 0) {
			if (!is_given(given, term->key))
				result = hw_err_set(in->err, HW_ERR_USAGE,
						    "event '%s': %s/%s/ needs %s=VALUE beside it", in->event,
						    in->pmu, name, term->key);
			continue;
		}
		if (set_term(in, term) != 0)
			result = hw_err_set(in->err, HW_ERR_EVENT,
					    "event '%s': %s/%s/events/%s says '%s', which the "
					    "PMU's format folder does not explain",
					    in->event, in->root, in->pmu, name, text);
	}
	hw_spec_terms_fini(&terms);
	return result;
}

/* The terms of the PMU's event of this name, under any spelling of a generic one. */
static int read_event(const struct lookup *in, char line[SYSFS_TEXT_MAX], const char *name)
{
	const char *const *spellings = hw_names_spellings(name);

	if (read_entry(in, line, "events", name) == 0)
		return 0;
	while (spellings && *spellings)
		if (read_entry(in, line, "events", *spellings++) == 0)
			return 0;
	return -1;
}

static int apply_term(const struct lookup *in, const struct hw_spec_term *term,
		      const struct hw_spec_terms *all)
{
	char line[SYSFS_TEXT_MAX];
	uint64_t raw;
	int result;

	if (!term->value && read_event(in, line, term->key) == 0)
		return set_event_terms(in, term->key, line, all);
	result = set_term(in, term);
	if (result > 0 && !term->value && hw_names_raw(term->key, &raw)) {
		in->attr->config = raw;
		return 0;
	}
	return result > 0 ? unknown_term(in, term) : result;
}

/* --- PMUs ------------------------------------------------------------------------------------------ */

static int unknown_pmu(const struct lookup *in)
{
	struct hw_buf hint = { 0 };
	struct hw_nearest nearest;

	(void)hw_err_set(in->err, HW_ERR_EVENT, "event '%s': this machine has no PMU '%s'", in->event,
			 in->pmu);
	hw_nearest_init(&nearest, in->pmu);
	hw_dirs_offer(&nearest, in->root, "", "");
	if (hw_nearest_print(&hint, &nearest))
		(void)hw_err_hint(in->err, "%s", hw_buf_str(&hint));
	else
		(void)hw_err_hint(in->err,
				  "%s lists the PMUs the kernel knows; a virtual machine often has none",
				  in->root);
	hw_buf_fini(&hint);
	return -1;
}

static int read_type(const struct lookup *in)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s/type", in->root, in->pmu);
	char line[32];
	char *end = NULL;
	unsigned long type;

	if (!hw_dirs_name_ok(in->pmu))
		return unknown_pmu(in);
	if (hw_file_read_line(line, sizeof line, path) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return unknown_pmu(in);
		return hw_err_sys(in->err, errno == EACCES ? HW_ERR_PERMISSION : HW_ERR_SYSTEM,
				  "event '%s': cannot read '%s'", in->event, path);
	}
	errno = 0;
	type = isdigit((unsigned char)line[0]) ? strtoul(line, &end, 10) : 0;
	if (!end || *end || errno || type > UINT32_MAX)
		return hw_err_set(in->err, HW_ERR_EVENT, "event '%s': '%s' holds no PMU type: '%s'",
				  in->event, path, line);
	in->attr->type = (uint32_t)type;
	return 0;
}

int hw_pmu_encode(struct perf_event_attr *attr, const char *root, const char *pmu,
		  const struct hw_spec_terms *terms, const char *event, struct hw_err *err)
{
	const struct lookup in = { .attr = attr, .root = root, .pmu = pmu, .event = event, .err = err };

	if (read_type(&in) < 0)
		return -1;
	for (size_t i = 0; i < terms->list.count; i++)
		if (apply_term(&in, &terms->list.at[i], terms) < 0)
			return -1;
	return 0;
}

bool hw_pmu_has_event(const char *root, const char *pmu, const char *name)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s/events/%s", root, pmu, name);
	char line[SYSFS_TEXT_MAX];

	/* EVENT.unit and EVENT.scale are no events */
	return hw_dirs_name_ok(name) && !strchr(name, '.') && hw_file_read_line(line, sizeof line, path) == 0;
}

bool hw_pmu_find_event(char *pmu, size_t size, const char *root, const char *name)
{
	struct hw_dirs dirs = { 0 };
	bool found = false;

	hw_dirs_read(&dirs, root);
	for (size_t i = 0; i < dirs.names.count; i++) {
		const bool is_cpu = strncmp(dirs.names.at[i], "cpu", 3) == 0;

		if ((found && !is_cpu) || !hw_pmu_has_event(root, dirs.names.at[i], name))
			continue;
		hw_copy_text(pmu, size, dirs.names.at[i]);
		found = true;
		if (is_cpu)
			break;
	}
	hw_dirs_fini(&dirs);
	return found;
}

void hw_pmu_offer(struct hw_nearest *nearest, const char *root, const char *pmu)
{
	struct hw_dirs dirs = { 0 };

	hw_dirs_read(&dirs, root);
	for (size_t i = 0; i < dirs.names.count; i++) {
		const char *name = dirs.names.at[i];
		HW_AUTO(hw_freep) char *folder = hw_asprintf("%s/%s/events", root, name);
		HW_AUTO(hw_freep) char *prefix = hw_asprintf("%s/", name);

		if (pmu && strcmp(pmu, name) != 0)
			continue;
		if (strchr(nearest->wanted, '/'))
			hw_dirs_offer(nearest, folder, prefix, "/");
		else
			hw_dirs_offer(nearest, folder, "", "");
	}
	hw_dirs_fini(&dirs);
}
