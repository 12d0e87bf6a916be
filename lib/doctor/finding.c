#include "doctor/finding.h"

#include <stdarg.h>

static const struct {
	const char *id;
	const char *title;
} sections[HW_SECTION_COUNT] = {
	[HW_SECTION_COUNTERS] = { "hardware-counters", "Hardware counters" },
	[HW_SECTION_KERNEL_EVENTS] = { "kernel-events", "Events of the kernel" },
	[HW_SECTION_PRIVILEGES] = { "privileges", "Privileges" },
	[HW_SECTION_LIMITS] = { "limits", "Limits" },
	[HW_SECTION_SYMBOLS] = { "kernel", "Kernel" },
	[HW_SECTION_DEBUG_INFO] = { "debug-info", "Debug information" },
};

const char *hw_section_title(enum hw_section section)
{
	return sections[section].title;
}

const char *hw_section_id(enum hw_section section)
{
	return sections[section].id;
}

const char *hw_finding_state_name(enum hw_finding_state state)
{
	static const char *const names[] = { [HW_WORKS] = "works", [HW_LIMITED] = "limited", [HW_NO] = "no" };

	return names[state];
}

struct hw_finding *hw_findings_add(struct hw_findings *findings, enum hw_section section, const char *id,
				   const char *title)
{
	hw_vec_push(&findings->list, (struct hw_finding){
					     .section = section,
					     .id = id,
					     .title = title,
					     .text = hw_strdup(""),
					     .cause = hw_strdup(""),
					     .fix = hw_strdup(""),
				     });
	return &findings->list.at[findings->list.count - 1];
}

static void set_text(char **text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static void set_text(char **text, const char *format, va_list args)
{
	char *fresh = NULL;

	if (vasprintf(&fresh, format, args) < 0)
		fresh = hw_strdup("");
	free(*text);
	*text = fresh;
}

void hw_finding_text(struct hw_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(&finding->text, format, args);
	va_end(args);
}

void hw_finding_cause(struct hw_finding *finding, enum hw_finding_state state, const char *format, ...)
{
	va_list args;

	finding->state = state;
	va_start(args, format);
	set_text(&finding->cause, format, args);
	va_end(args);
}

void hw_finding_fix(struct hw_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(&finding->fix, format, args);
	va_end(args);
}

void hw_finding_number(struct hw_finding *finding, const char *name, int64_t number)
{
	hw_vec_push(&finding->facts, (struct hw_fact){ .name = name, .is_number = true, .number = number });
}

void hw_finding_word(struct hw_finding *finding, const char *name, const char *text)
{
	hw_vec_push(&finding->facts, (struct hw_fact){ .name = name, .text = hw_strdup(text) });
}

const struct hw_finding *hw_findings_find(const struct hw_findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->list.count; i++)
		if (strcmp(findings->list.at[i].id, id) == 0)
			return &findings->list.at[i];
	return NULL;
}

void hw_findings_fini(struct hw_findings *findings)
{
	for (size_t i = 0; i < findings->list.count; i++) {
		struct hw_finding *finding = &findings->list.at[i];

		for (size_t k = 0; k < finding->facts.count; k++)
			free(finding->facts.at[k].text);
		hw_vec_fini(&finding->facts);
		free(finding->subject);
		free(finding->text);
		free(finding->cause);
		free(finding->fix);
	}
	hw_vec_fini(&findings->list);
}

/* --- JSON -------------------------------------------------------------------------------------------- */

static void text_or_null(struct hw_json *json, const char *key, const char *text)
{
	hw_json_key(json, key);
	hw_json_text(json, text && *text ? text : NULL);
}

static void add_facts(struct hw_json *json, const struct hw_finding *finding)
{
	hw_json_key(json, "facts");
	hw_json_begin_line(json, '{');
	for (size_t i = 0; i < finding->facts.count; i++) {
		const struct hw_fact *fact = &finding->facts.at[i];

		hw_json_key(json, fact->name);
		if (fact->is_number)
			hw_json_i64(json, fact->number);
		else
			hw_json_text(json, fact->text);
	}
	hw_json_end(json, '}');
}

void hw_findings_json(struct hw_json *json, const struct hw_findings *findings)
{
	hw_json_begin(json, '[');
	for (size_t i = 0; i < findings->list.count; i++) {
		const struct hw_finding *finding = &findings->list.at[i];

		hw_json_begin(json, '{');
		hw_json_key(json, "id");
		hw_json_text(json, finding->id);
		hw_json_key(json, "section");
		hw_json_text(json, hw_section_id(finding->section));
		hw_json_key(json, "title");
		hw_json_text(json, finding->title);
		text_or_null(json, "subject", finding->subject);
		hw_json_key(json, "state");
		hw_json_text(json, hw_finding_state_name(finding->state));
		text_or_null(json, "text", finding->text);
		text_or_null(json, "cause", finding->cause);
		text_or_null(json, "fix", finding->fix);
		add_facts(json, finding);
		hw_json_end(json, '}');
	}
	hw_json_end(json, ']');
}
