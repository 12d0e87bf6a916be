/* What the doctor found: one thing that works, works with limits, or does not, why, and what mends it. */
#ifndef HW_DOCTOR_FINDING_H
#define HW_DOCTOR_FINDING_H

#include "base/buf.h"
#include "base/json.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

enum hw_finding_state { HW_WORKS, HW_LIMITED, HW_NO };

enum hw_section {
	HW_SECTION_COUNTERS,
	HW_SECTION_KERNEL_EVENTS,
	HW_SECTION_PRIVILEGES,
	HW_SECTION_LIMITS,
	HW_SECTION_SYMBOLS,
	HW_SECTION_DEBUG_INFO,
	HW_SECTION_COUNT,
};

/* A figure of a finding, for programs that read the JSON. */
struct hw_fact {
	const char *name; /* static */
	bool is_number;
	int64_t number;
	char *text; /* when it is no number; owned */
};

struct hw_finding {
	enum hw_section section;
	const char *id;	   /* stable, for programs: "paranoid"; static */
	const char *title; /* for people; static */
	char *subject;	   /* of several findings with the same id: the file; NULL else; owned */
	enum hw_finding_state state;
	bool is_implied; /* follows from another finding that is not "works": people need not read it twice */
	char *text;	 /* what is there; "" = nothing; owned */
	char *cause;	 /* what is missing, and why; "" = nothing is; owned */
	char *fix;	 /* command or setting that mends it; "" = none; owned */
	HW_VEC(struct hw_fact) facts;
};

struct hw_findings {
	HW_VEC(struct hw_finding) list;
};

/* Add a finding, which works until told otherwise. Valid until the next is added. */
struct hw_finding *hw_findings_add(struct hw_findings *findings, enum hw_section section, const char *id,
				   const char *title);

/* What is there, what is missing and why, what mends it. The last call of each wins. */
void hw_finding_text(struct hw_finding *finding, const char *format, ...) HW_PRINTF(2, 3);
void hw_finding_cause(struct hw_finding *finding, enum hw_finding_state state, const char *format, ...)
	HW_PRINTF(3, 4);
void hw_finding_fix(struct hw_finding *finding, const char *format, ...) HW_PRINTF(2, 3);

void hw_finding_number(struct hw_finding *finding, const char *name, int64_t number);
void hw_finding_word(struct hw_finding *finding, const char *name, const char *text);

/* The finding of this id; NULL when there is none. */
const struct hw_finding *hw_findings_find(const struct hw_findings *findings, const char *id);

void hw_findings_fini(struct hw_findings *findings);

/* "works", "limited", "no". */
const char *hw_finding_state_name(enum hw_finding_state state);
/* For people, "Hardware counters"; for programs, "hardware-counters". */
const char *hw_section_title(enum hw_section section);
const char *hw_section_id(enum hw_section section);

/* The findings as an array; hwprof-doctor(1), JSON FORMAT. */
void hw_findings_json(struct hw_json *json, const struct hw_findings *findings);

#endif
