#include "profile/filter.h"

#include <regex.h>

/* What one expression says about the strings, locations and stacks of a profile, each looked at once. */
struct matcher {
	const struct hw_profile *profile;
	regex_t regex;
	uint8_t *strings; /* by string id: one of enum seen */
};

enum seen { SEEN_NOT, SEEN_MATCH, SEEN_NO_MATCH };

static bool string_matches(struct matcher *m, uint32_t string)
{
	if (m->strings[string] == SEEN_NOT) {
		const int found = regexec(&m->regex, hw_profile_text(m->profile, string), 0, NULL, 0);

		m->strings[string] = found == 0 ? SEEN_MATCH : SEEN_NO_MATCH;
	}
	return m->strings[string] == SEEN_MATCH;
}

static bool location_matches(struct matcher *m, const struct hw_location *location)
{
	const struct hw_profile *p = m->profile;

	for (uint32_t i = 0; i < location->line_count; i++) {
		const struct hw_function *f =
			&p->functions.at[p->lines.at[location->first_line + i].function];

		if (string_matches(m, f->name) || string_matches(m, f->system_name) ||
		    string_matches(m, f->filename))
			return true;
	}
	return location->mapping != HW_NONE && string_matches(m, p->mappings.at[location->mapping].filename);
}

static void match_stacks(struct matcher *m, uint8_t *stack_matches)
{
	const struct hw_profile *p = m->profile;
	HW_AUTO(hw_freep) uint8_t *locations = hw_alloc(p->locations.count + 1, 1);

	for (size_t i = 0; i < p->locations.count; i++)
		locations[i] = location_matches(m, &p->locations.at[i]);
	for (size_t i = 0; i < p->stacks.list.count; i++) {
		uint32_t count;
		const uint32_t *frames =
			hw_stacks_locations(&p->stacks, (struct hw_stack_id){ (uint32_t)i }, &count);

		for (uint32_t k = 0; k < count && !stack_matches[i]; k++)
			stack_matches[i] = locations[frames[k]];
	}
}

/* Drop from kept the samples of stacks that match (or, for focus, do not match) the expression. */
static int apply(const char *option, const char *expression, bool keep_matching,
		 const struct hw_profile *profile, uint8_t *kept, struct hw_err *err)
{
	struct matcher m = { .profile = profile };
	HW_AUTO(hw_freep) uint8_t *strings = hw_alloc(profile->strings.texts.count + 1, 1);
	HW_AUTO(hw_freep) uint8_t *stack_matches = hw_alloc(profile->stacks.list.count + 1, 1);
	const int bad = regcomp(&m.regex, expression, REG_EXTENDED | REG_NOSUB);

	if (bad) {
		char why[128];

		(void)regerror(bad, &m.regex, why, sizeof why);
		(void)hw_err_set(err, HW_ERR_USAGE, "%s: '%s' is no regular expression: %s", option,
				 expression, why);
		return hw_err_hint(err, "extended regular expressions as in grep -E; see regex(7)");
	}
	m.strings = strings;
	match_stacks(&m, stack_matches);
	regfree(&m.regex);
	for (size_t i = 0; i < profile->samples.count; i++)
		if ((stack_matches[profile->samples.at[i].stack.index] != 0) != keep_matching)
			kept[i] = 0;
	return 0;
}

/* As in pprof, an empty expression is none. */
static bool is_set(const char *expression)
{
	return expression && *expression;
}

int hw_filter_apply(const struct hw_filter *filter, const struct hw_profile *profile, uint8_t **kept,
		    struct hw_err *err)
{
	HW_AUTO(hw_freep) uint8_t *keep = hw_alloc(profile->samples.count + 1, 1);

	memset(keep, 1, profile->samples.count);
	if (is_set(filter->focus) && apply("focus", filter->focus, true, profile, keep, err) < 0)
		return -1;
	if (is_set(filter->ignore) && apply("ignore", filter->ignore, false, profile, keep, err) < 0)
		return -1;
	*kept = keep;
	keep = NULL;
	return 0;
}
