/* The tables of events/: for a CPU family, names for its events, presets, and metrics with their formulas.
 * events/README.md has the format of the files. */
#ifndef HW_EVENT_CATALOGUE_H
#define HW_EVENT_CATALOGUE_H

#include "base/err.h"
#include "base/formula.h"
#include "base/vec.h"

struct hw_cpu;

struct hw_catalogue_texts {
	char **at;
	size_t count, capacity; /* as HW_VEC */
};

/* All texts are owned. */
struct hw_catalogue_event {
	/* "l2-misses": usable in -e, in presets and in formulas. Comes before the kernel's event of that name, which may
	 * be a cache event only (its "l2-misses" are those of the last level). */
	char *name;
	/* What it stands for, as -e takes it, never a name of a catalogue: "L2_RQSTS:MISS". On a hybrid CPU the event of each
	 * core PMU that has it, "cpu_core/event=0x24,umask=0x3f/,cpu_atom/event=0x24,umask=0x1/": parts of one event, to
	 * be added up, and in a group each in the group of its PMU. */
	char *text;
	char *description; /* one sentence without full stop */
};

struct hw_metric {
	char *name;	   /* "ipc" */
	char *title;	   /* "IPC", for a column */
	char *description; /* "instructions per cycle" */
	char *unit;	   /* "instructions/cycle"; "%" when the value is a share times 100 */
	char *formula_text;
	/* Its variables are names of this catalogue's events, or any other name -e takes. */
	struct hw_formula *formula;
};

struct hw_preset {
	char *name; /* "cache" */
	char *description;
	/* Events and groups as -e takes them, no presets: those of one ratio in one group. */
	struct hw_catalogue_texts texts;
};

struct hw_catalogue {
	char *family;		   /* "intel-skylake"; "generic" when no table is this CPU's */
	char *description;	   /* "Intel Skylake, Kaby Lake and Coffee Lake" */
	char *pmu;		   /* libpfm4's name of the core PMU the events are of; NULL for generic */
	unsigned general_counters; /* per thread, when nothing else uses them; 0 = not said */
	struct hw_catalogue_texts fixed; /* names of events that have counters of their own besides */
	struct hw_catalogue_texts paths; /* the files it was read from, the user's last */
	HW_VEC(struct hw_catalogue_event) events;
	HW_VEC(struct hw_metric) metrics;
	HW_VEC(struct hw_preset) presets;
};

/* Read the tables for this machine's CPU (event/cpu.h): generic.json, over it the family's, over it the user's file,
 * each replacing entries of the same name. The folder is $HWPROF_EVENTS when set, else events/ beside the program (as
 * in the build tree), else the installed one. The user's is $XDG_CONFIG_HOME/hwprof/events.json (~/.config). A missing
 * user's file is fine; a table that cannot be read (HW_ERR_INPUT, HW_ERR_LIMIT) or makes no sense (HW_ERR_FORMAT) is an
 * error that names file and entry, and *catalogue is then untouched. */
int hw_catalogue_load(struct hw_catalogue *catalogue, struct hw_err *err) HW_CHECKED;

/* The same for another CPU and from other places; user_path may be NULL. */
int hw_catalogue_load_for(struct hw_catalogue *catalogue, const char *folder, const char *user_path,
			  const struct hw_cpu *cpu, struct hw_err *err) HW_CHECKED;

/* Read one file over what is there; -1 with err, the catalogue then as before. */
int hw_catalogue_read(struct hw_catalogue *catalogue, const char *path, struct hw_err *err) HW_CHECKED;

void hw_catalogue_fini(struct hw_catalogue *catalogue);

/* By name; NULL when absent. */
const struct hw_catalogue_event *hw_catalogue_event(const struct hw_catalogue *catalogue, const char *name);
const struct hw_preset *hw_catalogue_preset(const struct hw_catalogue *catalogue, const char *name);
const struct hw_metric *hw_catalogue_metric(const struct hw_catalogue *catalogue, const char *name);

#endif
