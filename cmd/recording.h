/* What record and attach share: options, the waiting loop, the result and the closing line. */
#ifndef HW_CMD_RECORDING_H
#define HW_CMD_RECORDING_H

#include "event/events.h"
#include "format/format.h"
#include "options.h"
#include "pipeline.h"

#include <signal.h>

/* Samples per second and CPU, unless -F or -c says otherwise. */
#define RECORDING_FREQ_HZ 1000

struct recording_options {
	struct hw_texts events;
	uint64_t freq_hz;
	const char *period;
	const char *output;
	const char *format;
	uint64_t duration_ns;
	bool user_only;
	bool kernel_only;
	const char *unwind;
	const char *stack_size;
	uint64_t ring_size;
	bool no_demangle;
	bool no_stitch;
	bool dry_run;
	bool quiet;
};

/* The rows of both commands' tables; type's field `recording` holds the options. */
#define RECORDING_OPTIONS(type)                                                                                   \
	{ "event",                                                                                                \
	  'e',                                                                                                    \
	  "EVENT",                                                                                                \
	  HW_OPT_TEXTS,                                                                                           \
	  offsetof(type, recording.events),                                                                       \
	  "what to sample, as perf or libpfm4 name it, with modifiers such as cycles:u; may be given "            \
	  "several times "                                                                                        \
	  "(default cycles, or cpu-clock where the machine has no hardware counters)" },                          \
		{ "freq",                                                                                         \
		  'F',                                                                                            \
		  "HZ",                                                                                           \
		  HW_OPT_FREQ,                                                                                    \
		  offsetof(type, recording.freq_hz),                                                              \
		  "samples to take per second and CPU (default 1000)" },                                          \
		{ "period",                                                                                       \
		  'c',                                                                                            \
		  "EVENTS",                                                                                       \
		  HW_OPT_TEXT,                                                                                    \
		  offsetof(type, recording.period),                                                               \
		  "take a sample each time this many events have happened, instead of by frequency" },            \
		{ "output",                                                                                       \
		  'o',                                                                                            \
		  "FILE",                                                                                         \
		  HW_OPT_TEXT,                                                                                    \
		  offsetof(type, recording.output),                                                               \
		  "where the profile goes; '-' is stdout (default hwprof.pb.gz)" },                               \
		{ "format",                                                                                       \
		  0,                                                                                              \
		  "FORMAT",                                                                                       \
		  HW_OPT_TEXT,                                                                                    \
		  offsetof(type, recording.format),                                                               \
		  "pprof or folded (default by the ending of FILE: .pb.gz, .folded)" },                           \
		{ "duration",                                                                                     \
		  'd',                                                                                            \
		  "TIME",                                                                                         \
		  HW_OPT_DURATION,                                                                                \
		  offsetof(type, recording.duration_ns),                                                          \
		  "end the recording after this time, such as 10s, 500ms or 2m" },                                \
		{ "user", 'u', NULL, HW_OPT_FLAG, offsetof(type, recording.user_only), "sample user code only" }, \
		{ "kernel",                                                                                       \
		  'k',                                                                                            \
		  NULL,                                                                                           \
		  HW_OPT_FLAG,                                                                                    \
		  offsetof(type, recording.kernel_only),                                                          \
		  "sample kernel code only" },                                                                    \
		{ "unwind",                                                                                       \
		  0,                                                                                              \
		  "METHOD",                                                                                       \
		  HW_OPT_TEXT,                                                                                    \
		  offsetof(type, recording.unwind),                                                               \
		  "how user stacks are found: auto, rules, libunwind, libdw, fp (frame pointers, by the "         \
		  "kernel) "                                                                                      \
		  "or none "                                                                                      \
		  "(default auto)" },                                                                             \
		{ "stack-size",                                                                                   \
		  0,                                                                                              \
		  "SIZE",                                                                                         \
		  HW_OPT_TEXT,                                                                                    \
		  offsetof(type, recording.stack_size),                                                           \
		  "how much of the user stack is copied for each sample, at most 60KiB; auto: 32KiB, and "        \
		  "60KiB from when more than 1 % of the stacks are cut short, unless threads are recorded "       \
		  "and "                                                                                          \
		  "events times CPUs are more than 64 (default auto)" },                                          \
		{ "no-stitch",                                                                                    \
		  0,                                                                                              \
		  NULL,                                                                                           \
		  HW_OPT_FLAG,                                                                                    \
		  offsetof(type, recording.no_stitch),                                                            \
		  "leave stacks that the copy cut short as they are: see STACKS CUT SHORT in "                    \
		  "hwprof-record(1)" },                                                                           \
		{ "ring-size",                                                                                    \
		  0,                                                                                              \
		  "SIZE",                                                                                         \
		  HW_OPT_SIZE,                                                                                    \
		  offsetof(type, recording.ring_size),                                                            \
		  "memory for records of each CPU, a power of two (default by frequency and stack size)" },       \
		{ "no-demangle",                                                                                  \
		  0,                                                                                              \
		  NULL,                                                                                           \
		  HW_OPT_FLAG,                                                                                    \
		  offsetof(type, recording.no_demangle),                                                          \
		  "name C++ and Rust functions as the symbol table does: _ZN3foo3barEv for foo::bar()" },         \
		{ "dry-run",                                                                                      \
		  0,                                                                                              \
		  NULL,                                                                                           \
		  HW_OPT_FLAG,                                                                                    \
		  offsetof(type, recording.dry_run),                                                              \
		  "print the perf_event_attr of every event and open nothing" },                                  \
	{                                                                                                         \
		"quiet", 'q', NULL, HW_OPT_FLAG, offsetof(type, recording.quiet), "print nothing but errors"      \
	}

struct recording {
	const char *name; /* of the command, for messages */
	const struct recording_options *options;
	struct hw_events events;
	uint32_t stack_size_bytes; /* 0 = auto */
	const struct hw_format *format;
	struct hw_output output;
	struct hw_pipeline *pipeline;
	sigset_t old_mask; /* signals as we found them: what a launched command shall have */
	int signal_fd;
	uint64_t start_ns, deadline_ns; /* CLOCK_MONOTONIC; deadline 0 = none */
	bool saved;			/* the profile is written */
	size_t status_width;		/* columns of the line that is being rewritten on the terminal */
};

/* Validate the options, resolve the events, open the output, block signals. -1 with err. */
int recording_init(struct recording *recording, const char *name, const struct recording_options *options,
		   struct hw_err *err) HW_CHECKED;
void recording_fini(struct recording *recording);

/* Print what would be opened. Returns the exit status. */
int recording_dry_run(const struct recording *recording);

/* Make the pipeline. command: as typed. cpus may be NULL. */
int recording_open(struct recording *recording, const char *command, bool on_exec, const int *cpus,
		   size_t cpu_count, struct hw_err *err) HW_CHECKED;

/* Samples count from now on. */
void recording_start(struct recording *recording);

/* Sleep until records, a signal, activity on extra_fd (-1: none) or the time to look again; take records in. Returns a
 * signal's number with *from_terminal set (the terminal sent it, to the command as well), else 0. */
int recording_wait(struct recording *recording, int extra_fd, bool *from_terminal);

/* Is the time that --duration gave over? */
bool recording_is_over(const struct recording *recording);

/* Show how it goes, where that is of use: a terminal nobody else writes to. */
void recording_show_progress(struct recording *recording, const char *what);

/* Stop, resolve symbols, write the profile, print the closing line. Does nothing the second time. */
int recording_save(struct recording *recording, struct hw_err *err) HW_CHECKED;

#endif
