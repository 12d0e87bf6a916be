/* The kernel's PMUs, all in /sys/bus/event_source/devices at once. pmu.h looks up a single event. */
#ifndef HW_EVENT_PMUS_H
#define HW_EVENT_PMUS_H

#include "base/buf.h"
#include "base/vec.h"
#include "event/pmu.h"

/* A word of "pmu/word=value/". */
struct hw_pmu_term {
	char *name;
	char *text;		     /* "config:0-7,21" */
	struct hw_pmu_format format; /* mask 0: in a form that hwprof does not know */
};

struct hw_pmu_event {
	char *name;
	char *terms; /* what it stands for: "event=0x3c" */
	char *unit;  /* what count x scale is in ("Joules"); NULL = a number of events */
	double scale;
};

struct hw_pmu {
	char *name;
	uint32_t type; /* perf_event_attr.type */
	char *cpus;    /* those it counts on, as a list of CPUs; NULL = all */
	bool is_core;  /* counts what a CPU executes; else something the CPUs share, or the kernel itself */
	bool is_whole; /* counts for whole CPUs only (those of `cpus`), not for a thread */
	HW_VEC(struct hw_pmu_term) terms; /* of these two, none before hw_pmus_read_words */
	HW_VEC(struct hw_pmu_event) events;
};

/* Sorted by name; all texts are owned. */
struct hw_pmus {
	HW_VEC(struct hw_pmu) list;
};

/* Read which there are below root (HW_PMU_ROOT, or a test's), and what each takes. What cannot be read is not there. */
void hw_pmus_read(struct hw_pmus *pmus, const char *root);
void hw_pmus_read_words(struct hw_pmus *pmus, const char *root);
void hw_pmus_fini(struct hw_pmus *pmus);

/* The PMU of an attr's type, and the one of a name; NULL when there is none. */
const struct hw_pmu *hw_pmus_find(const struct hw_pmus *pmus, uint32_t type);
const struct hw_pmu *hw_pmus_named(const struct hw_pmus *pmus, const char *name);

/* The first core PMU; *count is how many there are. NULL when there is none. */
const struct hw_pmu *hw_pmus_core(const struct hw_pmus *pmus, size_t *count);

/* Leave only the core PMUs, when there are several: those of a hybrid CPU (Intel's P and E cores, Arm's big.LITTLE).
 * Else leave none. */
void hw_pmus_keep_hybrid(struct hw_pmus *pmus);

/* Append the encoding of an attr as -e takes it: "cpu/event=0x3c,umask=0x1/", "msr/event=0x0/", "r13c" where no PMU has
 * the type of raw codes. Bits that no term names are given as config=. False for generic hardware and cache events,
 * which no PMU's terms express, and for a type that no PMU has. */
bool hw_pmus_print_encoding(struct hw_buf *buf, const struct hw_pmus *pmus,
			    const struct perf_event_attr *attr);

#endif
