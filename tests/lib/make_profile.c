/* Write a pprof profile as one reads it: make_profile TYPES OUT <TEXT. TYPES and the lines of TEXT are those of
 * profile_builder.h; a line "%NAME VALUE" sets what a recorder would have said:
 *
 *	%command %hostname %kernel %cpu %pid %cpu_count	who and where
 *	%time_ns %duration_ns %comment %note		when, and in words
 *	%default NAME					the sample type shown when none is asked for
 *	%samples %lost %throttles			what it counted; any of these makes the quality "present"
 *	%complete %truncated %broken %end %dropped	stacks; causes, one "CAUSE=N" each
 *	%ended CAUSE@DSO=N %frames CAUSE=N		where stacks stopped; how frames were found
 *	%event NAME=SAMPLES [FIELD=NUMBER...]		an event and its samples; FIELD: those of event_numbers, pmu, whole
 *	%unnamed FILE BUILD-ID CAUSE|FIX		what would name its code; BUILD-ID "-" = none
 *	%metric NAME TITLE UNIT FORMULA			variables of the formula are sample types */
#include "tests/lib/profile_builder.h"

#include "format/format.h"

#include <unistd.h>

struct number {
	const char *name;
	uint64_t *at;
};

static bool set_number(struct hw_profile *p, const char *name, uint64_t value)
{
	struct hw_quality *q = &p->quality;
	const struct number numbers[] = {
		{ "samples", &q->samples },
		{ "lost", &q->samples_lost },
		{ "throttles", &q->throttles },
		{ "complete", &q->stacks_complete },
		{ "truncated", &q->stacks_truncated },
		{ "broken", &q->stacks_broken },
		{ "stitched", &q->stacks_stitched },
	};

	for (size_t i = 0; i < HW_COUNT_OF(numbers); i++) {
		if (strcmp(name, numbers[i].name) == 0) {
			*numbers[i].at = value;
			q->present = true;
			return true;
		}
	}
	if (strcmp(name, "pid") == 0)
		p->recording.pid = (uint32_t)value;
	else if (strcmp(name, "cpu_count") == 0)
		p->recording.cpu_count = (uint32_t)value;
	else if (strcmp(name, "time_ns") == 0)
		p->time_ns = (int64_t)value;
	else if (strcmp(name, "duration_ns") == 0)
		p->duration_ns = (int64_t)value;
	else
		return false;
	return true;
}

static bool set_text(struct hw_profile *p, const char *name, const char *value)
{
	struct hw_recording *r = &p->recording;

	if (strcmp(name, "command") == 0)
		r->command = hw_strdup(value);
	else if (strcmp(name, "hostname") == 0)
		r->hostname = hw_strdup(value);
	else if (strcmp(name, "kernel") == 0)
		r->kernel = hw_strdup(value);
	else if (strcmp(name, "cpu") == 0)
		r->cpu = hw_strdup(value);
	else if (strcmp(name, "comment") == 0)
		hw_vec_push(&p->comments, hw_profile_string(p, value));
	else if (strcmp(name, "default") == 0)
		p->default_sample_type = hw_profile_string(p, value);
	else if (strcmp(name, "note") == 0)
		hw_quality_note(&p->quality, value);
	else
		return false;
	return true;
}

/* "CAUSE@DSO", or "CAUSE" alone */
static void count_end(struct hw_profile *p, char *text, uint64_t n)
{
	char *dso = strchr(text, '@');

	if (dso)
		*dso++ = '\0';
	hw_quality_count_end(&p->quality, text, dso ? dso : "", n);
}

/* "CAUSE=N" */
static bool set_count(struct hw_profile *p, const char *name, char *text)
{
	char *equals = strrchr(text, '=');
	uint64_t n;

	if (!equals)
		return false;
	*equals = '\0';
	n = strtoull(equals + 1, NULL, 10);
	if (strcmp(name, "end") == 0)
		hw_quality_count(&p->quality.stack_ends, text, n);
	else if (strcmp(name, "dropped") == 0)
		hw_quality_count(&p->quality.dropped, text, n);
	else if (strcmp(name, "frames") == 0)
		hw_quality_count(&p->quality.frame_origins, text, n);
	else if (strcmp(name, "ended") == 0)
		count_end(p, text, n);
	else
		return false;
	return true;
}

static bool set_event_field(struct hw_event_quality *e, const char *name, const char *value)
{
	const struct number event_numbers[] = {
		{ "freq", &e->freq_hz },
		{ "period", &e->period },
		{ "events", &e->events },
		{ "lost", &e->lost },
		{ "throttles", &e->throttles },
		{ "exact", &e->exact_ips },
		{ "enabled", &e->time_enabled_ns },
		{ "running", &e->time_running_ns },
		{ "counted", &e->counted },
		{ "counted_enabled", &e->counted_enabled_ns },
		{ "counted_running", &e->counted_running_ns },
	};
	const uint64_t number = strtoull(value, NULL, 10);

	for (size_t i = 0; i < HW_COUNT_OF(event_numbers); i++) {
		if (strcmp(name, event_numbers[i].name) == 0) {
			*event_numbers[i].at = number;
			return true;
		}
	}
	if (strcmp(name, "group") == 0)
		e->group = (uint32_t)number;
	else if (strcmp(name, "precise_asked") == 0)
		e->precise_asked = (uint32_t)number;
	else if (strcmp(name, "precise") == 0)
		e->precise_obtained = (uint32_t)number;
	else if (strcmp(name, "itself") == 0)
		e->counted_itself = number;
	else if (strcmp(name, "pmu") == 0)
		e->pmu = hw_strdup(value);
	else if (strcmp(name, "whole") == 0)
		e->whole = hw_strdup(value);
	else
		return false;
	return true;
}

/* "NAME=SAMPLES FIELD=VALUE FIELD=VALUE" */
static bool set_event(struct hw_profile *p, char *text)
{
	struct hw_event_quality e = { 0 };
	char *word = strsep(&text, " ");
	char *equals = strrchr(word, '=');

	if (!equals)
		return false;
	*equals = '\0';
	e.asked = hw_strdup(word);
	e.opened = hw_strdup(word);
	e.samples = strtoull(equals + 1, NULL, 10);
	while ((word = strsep(&text, " "))) {
		const char *field = strsep(&word, "=");

		if (!word || !set_event_field(&e, field, word))
			return false;
	}
	hw_vec_push(&p->quality.events, e);
	return true;
}

/* "FILE BUILD-ID CAUSE|FIX" */
static bool set_unnamed(struct hw_profile *p, char *text)
{
	const char *dso = strsep(&text, " ");
	const char *build_id = strsep(&text, " ");
	const char *cause = text ? strsep(&text, "|") : NULL;
	struct hw_unnamed_help help = { 0 };

	if (!text)
		return false;
	help.dso = hw_strdup(dso);
	help.build_id = hw_strdup(strcmp(build_id, "-") == 0 ? "" : build_id);
	help.cause = hw_strdup(cause);
	help.fix = hw_strdup(text);
	hw_vec_push(&p->quality.unnamed, help);
	return true;
}

/* "NAME TITLE UNIT FORMULA": '_' in the title is a space. */
static bool set_metric(struct hw_profile *p, char *text)
{
	const char *name = strsep(&text, " ");
	char *title = strsep(&text, " ");
	const char *unit = strsep(&text, " ");
	struct hw_profile_metric metric = { 0 };

	if (!text)
		return false;
	for (char *at = title; (at = strchr(at, '_')); *at = ' ')
		;
	metric.name = hw_strdup(name);
	metric.title = hw_strdup(title);
	metric.description = hw_strdup("");
	metric.unit = hw_strdup(unit);
	metric.formula = hw_strdup(text);
	for (size_t i = 0; i < p->sample_types.count; i++) {
		const char *type = hw_profile_text(p, p->sample_types.at[i].type);

		hw_vec_push(&metric.variables, hw_strdup(type));
		hw_vec_push(&metric.sample_types, hw_strdup(type));
	}
	hw_vec_push(&p->metrics, metric);
	return true;
}

/* Take the "%" lines out of the text, into settings. */
static void split_settings(char *text, struct hw_buf *samples, struct hw_buf *settings)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct hw_buf *to = *line == '%' ? settings : samples;

		hw_buf_text(to, line + (*line == '%'));
		hw_buf_text(to, "\n");
	}
}

static bool apply_setting(struct hw_profile *p, const char *name, char *value)
{
	if (strcmp(name, "event") == 0)
		return set_event(p, value);
	if (strcmp(name, "unnamed") == 0)
		return set_unnamed(p, value);
	if (strcmp(name, "metric") == 0)
		return set_metric(p, value);
	return set_text(p, name, value) || set_number(p, name, strtoull(value, NULL, 10)) ||
	       set_count(p, name, value);
}

static int apply_settings(struct hw_profile *profile, char *settings)
{
	char *line;

	while ((line = strsep(&settings, "\n"))) {
		char *value = line;
		const char *name = strsep(&value, " ");

		if (*line && (!value || !apply_setting(profile, name, value))) {
			fprintf(stderr, "make_profile: what is '%%%s'?\n", name);
			return -1;
		}
	}
	return 0;
}

static int make(const char *types, const char *path, struct hw_err *err)
{
	HW_AUTO(hw_output_fini) struct hw_output output = { .fd = -1 };
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = NULL;
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf samples = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf settings = { 0 };

	hw_buf_text(&text, "");
	hw_buf_text(&settings, "");
	if (hw_file_read_fd(&text, STDIN_FILENO, "stdin", 1 << 20, err) < 0)
		return -1;
	split_settings(text.data, &samples, &settings);
	profile = hw_test_profile(types, hw_buf_str(&samples));
	if (apply_settings(profile, settings.data) < 0)
		return hw_err_set(err, HW_ERR_USAGE, "bad setting");
	if (hw_output_open(&output, path, err) < 0 ||
	    hw_format_write(&output, hw_format_find("pprof"), profile, err) < 0)
		return -1;
	return hw_output_commit(&output, err);
}

int main(int argc, char **argv)
{
	struct hw_err err = { 0 };

	if (argc != 3) {
		fprintf(stderr, "usage: make_profile TYPES OUT <TEXT\n");
		return 2;
	}
	if (make(argv[1], argv[2], &err) < 0) {
		fprintf(stderr, "make_profile: %s\n", err.message);
		return 1;
	}
	return 0;
}
