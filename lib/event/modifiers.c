#include "event/modifiers.h"

#include "base/units.h"
#include "event/attr.h"

#define LETTERS "ukhGHIpPDeSW"

static int set_rate(struct hw_modifiers *m, uint64_t *field, const char *key, const char *value,
		    const char *event, struct hw_err *err)
{
	const int parsed =
		field == &m->freq_hz ? hw_parse_freq(field, value, err) : hw_parse_u64(field, value, err);

	if (parsed < 0)
		return hw_err_wrap(err, "event '%s', %s", event, key);
	if (!*field)
		return hw_err_set(err, HW_ERR_USAGE, "event '%s': a period of 0 takes no samples", event);
	if (*field > HW_EVENT_PERIOD_MAX)
		return hw_err_set(err, HW_ERR_USAGE,
				  "event '%s': a period of %s is more than the kernel takes, 2^63 - 1", event,
				  value);
	if (m->period_events && m->freq_hz)
		return hw_err_set(err, HW_ERR_USAGE,
				  "event '%s' has a period and a frequency: one of them decides", event);
	return 0;
}

static int too_precise(const char *event, struct hw_err *err)
{
	return hw_err_set(err, HW_ERR_USAGE, "event '%s': precise levels are 0 to 3 (:p, :pp, :ppp)", event);
}

static int set_precise(struct hw_modifiers *m, uint64_t level, bool max, const char *event,
		       struct hw_err *err)
{
	if (level > 3)
		return too_precise(event, err);
	if (m->precise_given)
		return hw_err_set(err, HW_ERR_USAGE, "event '%s' has two precise levels", event);
	m->precise_given = true;
	m->precise_max = max;
	m->precise = (uint8_t)level;
	return 0;
}

bool hw_modifiers_are_letters(const char *part)
{
	return *part && !part[strspn(part, LETTERS)];
}

/* Letters of perf that say how perf shall read or open a group. */
static int refuse_letter(char letter, const char *event, struct hw_err *err)
{
	(void)hw_err_set(err, HW_ERR_USAGE, "event '%s': modifier '%c' has no meaning here", event, letter);
	if (letter == 'S')
		return hw_err_hint(err,
				   "leave it out: each event of a group takes its own samples; hwprof stat "
				   "reads the counts of a group together");
	return hw_err_hint(err, "leave it out: a group that does not fit on the counters is told beforehand; "
				"without { } its events take turns");
}

/* "u", "kpp", "GH", ...: 1 when the word is made of such letters, 0 when not. */
static int take_letters(struct hw_modifiers *m, const char *word, const char *event, struct hw_err *err)
{
	unsigned precise = 0;

	if (!hw_modifiers_are_letters(word))
		return 0;
	for (; *word; word++) {
		m->user |= *word == 'u';
		m->kernel |= *word == 'k';
		m->hypervisor |= *word == 'h';
		m->guest |= *word == 'G';
		m->host |= *word == 'H';
		m->exclude_idle |= *word == 'I';
		m->pinned |= *word == 'D';
		m->exclusive |= *word == 'e';
		precise += *word == 'p';
		if (*word == 'P' && set_precise(m, 3, true, event, err) < 0)
			return -1;
		if (*word == 'S' || *word == 'W')
			return refuse_letter(*word, event, err);
	}
	if (precise && set_precise(m, precise, false, event, err) < 0)
		return -1;
	return 1;
}

int hw_modifiers_take_pair(struct hw_modifiers *modifiers, const char *key, const char *value,
			   const char *event, struct hw_err *err)
{
	const bool is_period = strcmp(key, "period") == 0;
	uint64_t level;

	if (is_period || strcmp(key, "freq") == 0) {
		uint64_t *field = is_period ? &modifiers->period_events : &modifiers->freq_hz;

		if (*field)
			return hw_err_set(err, HW_ERR_USAGE, "event '%s' has %s= twice", event, key);
		return set_rate(modifiers, field, key, value, event, err) < 0 ? -1 : 1;
	}
	if (strcmp(key, "precise") == 0) {
		if (hw_parse_u64(&level, value, err) < 0)
			return hw_err_wrap(err, "event '%s', precise", event);
		return set_precise(modifiers, level, false, event, err) < 0 ? -1 : 1;
	}
	return 0;
}

int hw_modifiers_take(struct hw_modifiers *modifiers, const char *part, const char *event, struct hw_err *err)
{
	const size_t key_length = strcspn(part, "=");
	HW_AUTO(hw_freep) char *key = NULL;

	key = hw_strndup(part, key_length);
	/* libpfm4 also has u=0, k=1, mg. Were they left in the name, it would set exclude bits that we overwrite. */
	if ((part[key_length] && key_length == 1 && strchr("ukh", key[0])) || strcmp(key, "mg") == 0 ||
	    strcmp(key, "mh") == 0) {
		(void)hw_err_set(err, HW_ERR_USAGE, "event '%s': ':%s' is not a modifier", event, part);
		return hw_err_hint(
			err, "levels are :u user, :k kernel, :h hypervisor, :G guest, :H host, or several");
	}
	if (!part[key_length])
		return take_letters(modifiers, part, event, err);
	return hw_modifiers_take_pair(modifiers, key, part + key_length + 1, event, err);
}

int hw_modifiers_inherit(struct hw_modifiers *modifiers, const struct hw_modifiers *group, const char *event,
			 struct hw_err *err)
{
	modifiers->user |= group->user;
	modifiers->kernel |= group->kernel;
	modifiers->hypervisor |= group->hypervisor;
	modifiers->guest |= group->guest;
	modifiers->host |= group->host;
	modifiers->exclude_idle |= group->exclude_idle;
	if (!modifiers->period_events && !modifiers->freq_hz) {
		modifiers->period_events = group->period_events;
		modifiers->freq_hz = group->freq_hz;
	}
	if (!group->precise_given)
		return 0;
	if (group->precise_max || modifiers->precise_max) {
		modifiers->precise_max = true;
		modifiers->precise = 3;
	} else if (modifiers->precise + group->precise > 3) {
		return too_precise(event, err);
	} else {
		modifiers->precise = (uint8_t)(modifiers->precise + group->precise);
	}
	modifiers->precise_given = true;
	return 0;
}
