#include "event/spec.h"

/* --- Terms ----------------------------------------------------------------------------------------- */

int hw_spec_terms_parse(struct hw_spec_terms *terms, const char *text, const char *event, struct hw_err *err)
{
	while (*text) {
		const size_t length = strcspn(text, ",");
		const size_t key_length = strcspn(text, "=,");
		struct hw_spec_term term = { 0 };

		if (!key_length)
			return hw_err_set(err, HW_ERR_USAGE, "event '%s' has an empty term", event);
		term.key = hw_strndup(text, key_length);
		if (key_length < length)
			term.value = hw_strndup(text + key_length + 1, length - key_length - 1);
		hw_vec_push(&terms->list, term);
		text += length;
		if (*text == ',' && !*++text)
			return hw_err_set(err, HW_ERR_USAGE, "event '%s' has an empty term", event);
	}
	return 0;
}

void hw_spec_terms_fini(struct hw_spec_terms *terms)
{
	for (size_t i = 0; i < terms->list.count; i++) {
		free(terms->list.at[i].key);
		free(terms->list.at[i].value);
	}
	hw_vec_fini(&terms->list);
}

void hw_spec_fini(struct hw_spec *spec)
{
	free(spec->name);
	free(spec->pmu);
	free(spec->label);
	hw_spec_terms_fini(&spec->terms);
	*spec = (struct hw_spec){ 0 };
}

/* --- Forms ----------------------------------------------------------------------------------------- */

/* One part behind a word: 1 when it is a modifier (and taken), 0 when it belongs to the name, -1 with err. */
static int take_part(struct hw_spec *spec, const char *text, const char *part,
		     bool (*is_mask)(const char *, const char *), struct hw_err *err)
{
	if (is_mask && hw_modifiers_are_letters(part) && is_mask(spec->name, part))
		return 0;
	return hw_modifiers_take(&spec->modifiers, part, text, err);
}

static int parse_word(struct hw_spec *spec, const char *text, bool (*is_mask)(const char *, const char *),
		      struct hw_err *err)
{
	const size_t first = strcspn(text, ":");
	const char *at = text + first;
	char *name = hw_alloc(strlen(text) + 1, 1);
	size_t used = first;
	bool keep_next = false; /* behind "::" stands the event, whatever it looks like */

	spec->name = name;
	memcpy(name, text, first);
	while (*at) {
		const size_t length = strcspn(at + 1, ":");
		HW_AUTO(hw_freep) char *part = hw_strndup(at + 1, length);
		const int taken = keep_next ? 0 : take_part(spec, text, part, is_mask, err);

		if (taken < 0)
			return -1;
		if (!taken) {
			memcpy(name + used, at, length + 1);
			used += length + 1;
		}
		keep_next = !length;
		at += length + 1;
	}
	if (!first || name[used - 1] == ':')
		return hw_err_set(err, HW_ERR_USAGE, "event '%s' has nothing %s its ':'", text,
				  first ? "behind" : "in front of");
	return 0;
}

/* Take name=, period=, freq= and precise= out of the terms. */
static int take_own_terms(struct hw_spec *spec, const char *text, struct hw_err *err)
{
	struct hw_spec_term *terms = spec->terms.list.at;
	size_t kept = 0;

	for (size_t i = 0; i < spec->terms.list.count; i++) {
		struct hw_spec_term term = terms[i];
		int taken = 0;

		terms[i] = (struct hw_spec_term){ 0 }; /* whichever way this ends, it is freed once */
		if (term.value && *term.value && strcmp(term.key, "name") == 0 && !spec->label) {
			spec->label = hw_strdup(term.value);
			taken = 1;
		} else if (term.value) {
			taken = hw_modifiers_take_pair(&spec->modifiers, term.key, term.value, text, err);
		}
		if (taken) {
			free(term.key);
			free(term.value);
		} else {
			terms[kept++] = term;
		}
		if (taken < 0)
			return -1;
	}
	spec->terms.list.count = kept;
	return 0;
}

static int parse_pmu(struct hw_spec *spec, const char *text, struct hw_err *err)
{
	const char *open = strchr(text, '/');
	const char *close = strchr(open + 1, '/');
	HW_AUTO(hw_freep) char *terms = NULL;
	const char *at;

	if (!close || strchr(close + 1, '/') || open == text) {
		(void)hw_err_set(err, HW_ERR_USAGE, "event '%s' is not of the form pmu/terms/", text);
		return hw_err_hint(err, "for example cpu/event=0x3c,umask=0x0/ or cpu/cpu-cycles/u");
	}
	spec->pmu = hw_strndup(text, (size_t)(open - text));
	spec->name = hw_strndup(text, (size_t)(close + 1 - text));
	terms = hw_strndup(open + 1, (size_t)(close - open - 1));
	if (hw_spec_terms_parse(&spec->terms, terms, text, err) < 0 || take_own_terms(spec, text, err) < 0)
		return -1;
	for (at = close + 1; *at;) {
		HW_AUTO(hw_freep) char *part = NULL;
		int taken;

		at += *at == ':';
		part = hw_strndup(at, strcspn(at, ":"));
		taken = hw_modifiers_take(&spec->modifiers, part, text, err);
		if (taken < 0)
			return -1;
		if (!taken)
			return hw_err_set(err, HW_ERR_USAGE, "event '%s': '%s' is not a modifier", text,
					  part);
		at += strlen(part);
	}
	return 0;
}

int hw_spec_parse_with(struct hw_spec *spec, const char *text,
		       bool (*is_mask)(const char *name, const char *part), struct hw_err *err)
{
	*spec = (struct hw_spec){ 0 };
	if (!*text)
		return hw_err_set(err, HW_ERR_USAGE, "an event without a name");
	if (strlen(text) >= HW_SPEC_TEXT_MAX)
		return hw_err_set(err, HW_ERR_USAGE, "event '%.32s...' is longer than %d bytes", text,
				  HW_SPEC_TEXT_MAX - 1);
	if (hw_spec_is_group(text)) {
		(void)hw_err_set(err, HW_ERR_USAGE, "'%s' is a group, not an event", text);
		return hw_err_hint(err, "events of one group: -e '{cycles,instructions}'");
	}
	return strchr(text, '/') ? parse_pmu(spec, text, err) : parse_word(spec, text, is_mask, err);
}

int hw_spec_parse(struct hw_spec *spec, const char *text, struct hw_err *err)
{
	return hw_spec_parse_with(spec, text, NULL, err);
}

/* --- Lists and groups ------------------------------------------------------------------------------ */

int hw_spec_list_next(const char **list, char **text)
{
	const char *start = *list;
	bool in_terms = false;
	size_t depth = 0;
	const char *end;

	if (!start)
		return 0;
	for (end = start; *end && (in_terms || depth || *end != ','); end++) {
		in_terms ^= *end == '/';
		if (*end == '{')
			depth++;
		else if (*end == '}' && depth)
			depth--;
	}
	*text = hw_strndup(start, (size_t)(end - start));
	*list = *end ? end + 1 : NULL;
	return 1;
}

bool hw_spec_is_group(const char *text)
{
	return strpbrk(text, "{}");
}

static int refuse_group(const char *text, const char *why, struct hw_err *err)
{
	(void)hw_err_set(err, HW_ERR_USAGE, "group '%s' %s", text, why);
	return hw_err_hint(err, "a group is of the form {cycles,instructions} or {cycles,instructions}:u");
}

static int check_members(const char *members, const char *text, struct hw_err *err)
{
	const char *list = members;
	char *member = NULL;

	while (hw_spec_list_next(&list, &member)) {
		const bool is_empty = !*member;

		free(member);
		if (is_empty)
			return refuse_group(text, *members ? "has an empty member" : "has no members", err);
	}
	return 0;
}

int hw_spec_group_parse(struct hw_spec_group *group, const char *text, struct hw_err *err)
{
	const char *open = strchr(text, '{');
	const char *close = strchr(text, '}');
	const char *at;

	*group = (struct hw_spec_group){ 0 };
	if (!open || !close || close < open)
		return refuse_group(
			text, open && !close ? "has a '{' without a '}'" : "has a '}' without a '{'", err);
	if (memchr(open + 1, '{', (size_t)(close - open - 1)))
		return refuse_group(text, "has braces within its braces", err);
	if (open != text)
		return refuse_group(text, "has a name: groups are numbered here", err);
	group->members = hw_strndup(open + 1, (size_t)(close - open - 1));
	if (check_members(group->members, text, err) < 0)
		return -1;
	for (at = close + 1; *at;) {
		HW_AUTO(hw_freep) char *part = NULL;
		int taken;

		if (*at != ':')
			return refuse_group(text, "has something other than ':' and modifiers behind its '}'",
					    err);
		part = hw_strndup(at + 1, strcspn(at + 1, ":"));
		taken = hw_modifiers_take(&group->modifiers, part, text, err);
		if (taken < 0)
			return -1;
		if (!taken) {
			(void)hw_err_set(err, HW_ERR_USAGE, "group '%s': '%s' is not a modifier", text, part);
			return hw_err_hint(err, "%s", HW_MODIFIERS_HINT);
		}
		at += 1 + strlen(part);
	}
	return 0;
}

void hw_spec_group_fini(struct hw_spec_group *group)
{
	free(group->members);
	*group = (struct hw_spec_group){ 0 };
}
