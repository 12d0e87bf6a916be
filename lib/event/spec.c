#include "event/spec.h"

#include "base/units.h"

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

/* --- Modifiers ------------------------------------------------------------------------------------- */

static int set_rate(struct hw_spec *spec, const char *text, uint64_t *field, const char *key,
		    const char *value, struct hw_err *err)
{
	const int parsed =
		field == &spec->freq_hz ? hw_parse_freq(field, value, err) : hw_parse_u64(field, value, err);

	if (parsed < 0)
		return hw_err_wrap(err, "event '%s', %s", text, key);
	if (!*field)
		return hw_err_set(err, HW_ERR_USAGE, "event '%s': a period of 0 takes no samples", text);
	if (spec->period_events && spec->freq_hz)
		return hw_err_set(err, HW_ERR_USAGE,
				  "event '%s' has a period and a frequency: one of them decides", text);
	return 0;
}

static int set_precise(struct hw_spec *spec, const char *text, unsigned level, bool max, struct hw_err *err)
{
	if (level > 3) {
		(void)hw_err_set(err, HW_ERR_USAGE, "event '%s': precise levels are 0 to 3 (:p, :pp, :ppp)",
				 text);
		return -1;
	}
	if (spec->precise_given)
		return hw_err_set(err, HW_ERR_USAGE, "event '%s' has two precise levels", text);
	spec->precise_given = true;
	spec->precise_max = max;
	spec->precise = (uint8_t)level;
	return 0;
}

/* "u", "kpp", "GH", ...: 1 when the word is made of such letters, 0 when not. */
static int parse_letters(struct hw_spec *spec, const char *text, const char *word, struct hw_err *err)
{
	unsigned precise = 0;

	if (!*word || word[strspn(word, "ukhGHpP")])
		return 0;
	for (; *word; word++) {
		spec->user |= *word == 'u';
		spec->kernel |= *word == 'k';
		spec->hypervisor |= *word == 'h';
		spec->guest |= *word == 'G';
		spec->host |= *word == 'H';
		precise += *word == 'p';
		if (*word == 'P' && set_precise(spec, text, 3, true, err) < 0)
			return -1;
	}
	if (precise && set_precise(spec, text, precise, false, err) < 0)
		return -1;
	return 1;
}

/* "period=N" and its kind, as a modifier or a term: 1 when it is one of ours, 0 when not, -1 with err. */
static int parse_pair(struct hw_spec *spec, const char *text, const char *key, const char *value,
		      struct hw_err *err)
{
	const bool is_period = strcmp(key, "period") == 0;
	uint64_t level;

	if (is_period || strcmp(key, "freq") == 0) {
		uint64_t *field = is_period ? &spec->period_events : &spec->freq_hz;

		if (*field)
			return hw_err_set(err, HW_ERR_USAGE, "event '%s' has %s= twice", text, key);
		return set_rate(spec, text, field, key, value, err) < 0 ? -1 : 1;
	}
	if (strcmp(key, "precise") == 0) {
		if (hw_parse_u64(&level, value, err) < 0)
			return hw_err_wrap(err, "event '%s', precise", text);
		return set_precise(spec, text, level > 3 ? 4 : (unsigned)level, false, err) < 0 ? -1 : 1;
	}
	return 0;
}

/* One part between colons: 1 when it is a modifier (and taken), 0 when it belongs to the name, -1 with err. */
static int parse_modifier(struct hw_spec *spec, const char *text, const char *part, struct hw_err *err)
{
	const size_t key_length = strcspn(part, "=");
	HW_AUTO(hw_freep) char *key = NULL;

	key = hw_strndup(part, key_length);
	/* libpfm4 also has u=0, k=1, mg. Were they left in the name, it would set exclude bits that we overwrite. */
	if ((part[key_length] && key_length == 1 && strchr("ukh", key[0])) || strcmp(key, "mg") == 0 ||
	    strcmp(key, "mh") == 0) {
		(void)hw_err_set(err, HW_ERR_USAGE, "event '%s': ':%s' is not a modifier", text, part);
		return hw_err_hint(
			err, "levels are :u user, :k kernel, :h hypervisor, :G guest, :H host, or several");
	}
	if (!part[key_length])
		return parse_letters(spec, text, part, err);
	return parse_pair(spec, text, key, part + key_length + 1, err);
}

/* --- Forms ----------------------------------------------------------------------------------------- */

static int parse_word(struct hw_spec *spec, const char *text, struct hw_err *err)
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
		const int taken = keep_next ? 0 : parse_modifier(spec, text, part, err);

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
			taken = parse_pair(spec, text, term.key, term.value, err);
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
		taken = parse_modifier(spec, text, part, err);
		if (taken < 0)
			return -1;
		if (!taken)
			return hw_err_set(err, HW_ERR_USAGE, "event '%s': '%s' is not a modifier", text,
					  part);
		at += strlen(part);
	}
	return 0;
}

int hw_spec_parse(struct hw_spec *spec, const char *text, struct hw_err *err)
{
	*spec = (struct hw_spec){ 0 };
	if (!*text)
		return hw_err_set(err, HW_ERR_USAGE, "an event without a name");
	if (strlen(text) >= HW_SPEC_TEXT_MAX)
		return hw_err_set(err, HW_ERR_USAGE, "event '%.32s...' is longer than %d bytes", text,
				  HW_SPEC_TEXT_MAX - 1);
	return strchr(text, '/') ? parse_pmu(spec, text, err) : parse_word(spec, text, err);
}

int hw_spec_list_next(const char **list, char **text)
{
	const char *start = *list;
	bool in_terms = false;
	const char *end;

	if (!start)
		return 0;
	for (end = start; *end && (in_terms || *end != ','); end++)
		in_terms ^= *end == '/';
	*text = hw_strndup(start, (size_t)(end - start));
	*list = *end ? end + 1 : NULL;
	return 1;
}
