/* What runs already and is to be looked at: processes, threads, or everything on some CPUs. */
#ifndef HW_CMD_TARGETS_H
#define HW_CMD_TARGETS_H

#include "options.h"

#include <sys/types.h>

/* As typed. */
struct target_options {
	struct hw_texts pids;
	struct hw_texts tids;
	struct hw_texts names;
	bool all;
	const char *cpus;
};

struct targets {
	HW_VEC(pid_t) pids;
	HW_VEC(pid_t) tids;
	bool all;
	int *cpus; /* NULL = all; owned */
	size_t cpu_count;
};

/* Look them up. Exactly one kind is to be given, -C beside any; command is what hints call us. Finalise in any case. */
int targets_find(struct targets *targets, const struct target_options *options, const char *command,
		 struct hw_err *err) HW_CHECKED;
void targets_fini(struct targets *targets);

/* Append "process 12 (app), process 13 (db)". */
void targets_describe(struct hw_buf *text, const struct targets *targets);

/* Is one of the targets still running? A process that waits for its parent to take its status is not. */
bool targets_any_alive(const struct targets *targets);

#endif
