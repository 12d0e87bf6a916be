/* The arrows of the program: events -> recorder -> processes -> unwinder -> profile -> symbols.
 * The file to open first; it holds no parsing. */
#ifndef HW_PIPELINE_H
#define HW_PIPELINE_H

#include "base/err.h"
#include "dso/debuginfod.h"
#include "event/attr.h"
#include "profile/profile.h"
#include "symbolise.h"
#include "unwind/unwind.h"

#include <sys/types.h>

struct hw_pipeline_config {
	struct hw_event *events; /* borrowed; stepped down in place to what this machine has */
	size_t event_count;
	enum hw_unwind_method unwind;
	/* Of user stack copied for each sample; multiple of 8, up to 60 KiB. 0 = a default that is raised while recording,
	 * when too many stacks are cut short by it (copy_size.h). */
	uint32_t stack_size_bytes;
	size_t ring_size_bytes; /* 0 = by frequency and stack size */
	const int *cpus;	/* NULL = all; borrowed during hw_pipeline_new */
	size_t cpu_count;
	bool no_demangle;    /* functions are named as in the symbol table */
	bool no_stitch;	     /* stacks cut short stay as they are */
	bool on_exec;	     /* one target, counted from its next execve on (a launched command) */
	const char *command; /* what was run or attached to, as typed; borrowed during hw_pipeline_new */
};

/* How a recording stands, for the closing line. */
struct hw_pipeline_summary {
	uint64_t samples;
	uint64_t lost;
	uint64_t stacks_complete, stacks_truncated, stacks_broken;
	uint64_t duration_ns;
};

struct hw_pipeline; /* lib/pipeline.c */

struct hw_pipeline *hw_pipeline_new(const struct hw_pipeline_config *config, struct hw_err *err) HW_CHECKED;
void hw_pipeline_free(struct hw_pipeline *pipeline);
void hw_pipeline_freep(struct hw_pipeline **pipeline);

/* The attr of every event as it would be opened first, as text (--dry-run). Sets the events' attrs. */
void hw_pipeline_print_attrs(struct hw_buf *text, const struct hw_pipeline_config *config);

/* What to record. The first target opened settles what the machine can do; targets that exit meanwhile are no error
 * unless all do. Process: all its threads and those to come. */
int hw_pipeline_open_process(struct hw_pipeline *pipeline, pid_t pid, struct hw_err *err) HW_CHECKED;
int hw_pipeline_open_thread(struct hw_pipeline *pipeline, pid_t tid, struct hw_err *err) HW_CHECKED;
int hw_pipeline_open_system(struct hw_pipeline *pipeline, struct hw_err *err) HW_CHECKED;

/* All targets are open: from now on they are sampled. */
void hw_pipeline_start(struct hw_pipeline *pipeline);

/* poll() this descriptor for reading, so many milliseconds at most, then step. */
int hw_pipeline_fd(const struct hw_pipeline *pipeline);
int hw_pipeline_wait_ms(const struct hw_pipeline *pipeline);
void hw_pipeline_step(struct hw_pipeline *pipeline);

/* Samples taken in so far. */
uint64_t hw_pipeline_samples(const struct hw_pipeline *pipeline);

/* Stop counting, take in what the rings still hold, and see what the counts say about it. */
void hw_pipeline_stop(struct hw_pipeline *pipeline);

/* Events that were open and had time, but never counted: how many, named in *err. After hw_pipeline_stop. */
size_t hw_pipeline_silent_events(const struct hw_pipeline *pipeline, struct hw_err *err);

/* Download debug information where DEBUGINFOD_URLS says so, resolve symbols and hand out the profile, which the caller then owns. After hw_pipeline_stop, once. */
struct hw_profile *hw_pipeline_finish(struct hw_pipeline *pipeline,
				      const struct hw_symbolise_progress *progress,
				      const struct hw_download_progress *download_progress,
				      struct hw_pipeline_summary *summary);

#endif
