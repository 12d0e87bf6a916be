/* jit-PID.dump: what a JIT compiler says about its code as it goes, with times, so that an address whose code was replaced
 * is known at any moment. Format: tools/perf/Documentation/jitdump-specification.txt in Linux. */
#ifndef HW_DSO_JITDUMP_H
#define HW_DSO_JITDUMP_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/strtab.h"
#include "base/vec.h"
#include "dso/code_sweep.h"

#include <stdbool.h>

/* Where a source line's instructions begin. */
struct hw_jitdump_line {
	uint64_t offset; /* in the code */
	uint32_t line, column;
	uint32_t file; /* string id */
};

/* A function at one address, from one moment on, until other code is loaded there. */
struct hw_jitdump_code {
	struct hw_code_range range; /* first: hw_code_sweep_init */
	uint64_t time_ns;	    /* of the program's clock; CLOCK_MONOTONIC is recommended */
	uint64_t code_index;	    /* the program's number for the function */
	uint32_t number;	    /* of the code in the file, from 0: stays the same when the file grows */
	uint32_t name;		    /* string id */
	uint32_t first_line, line_count;
};

struct hw_jitdump {
	HW_VEC(struct hw_jitdump_code) codes; /* by time */
	HW_VEC(struct hw_jitdump_line) lines; /* a code's ascend */
	struct hw_strtab strings;
	uint64_t last_time_ns;	/* of any record: what happened until then is told */
	bool times_are_foreign; /* of a clock of the CPU (JITDUMP_FLAGS_ARCH_TIMESTAMP) */
	bool ends_early;	/* in the middle of a record, or with what is none */
	size_t bad_records;	/* that contradict themselves */
	size_t foreign_records; /* of other processes: children that write on into their parent's file */
};

/* Is it the name such a file has? Programs map it executable, once, to tell profilers that it is there. */
bool hw_jitdump_is_named(const char *path);

/* Parse a file's bytes, and keep what is about process pid (as it sees itself). A file that is being written may end
 * anywhere. -1 with *err and an empty dump when it does not begin like one of this machine. Finalise it in any case. */
int hw_jitdump_parse(struct hw_jitdump *dump, struct hw_bytes bytes, uint32_t pid, struct hw_err *err)
	HW_CHECKED;

/* The same from an open regular file, as large as it is now, but no larger than *room_bytes, from which it is taken off:
 * what is made of it needs a few times as much memory. */
int hw_jitdump_read(struct hw_jitdump *dump, int fd, uint32_t pid, uint64_t *room_bytes, struct hw_err *err)
	HW_CHECKED;
void hw_jitdump_fini(struct hw_jitdump *dump);

/* The source line of an address within a code, or NULL. */
const struct hw_jitdump_line *hw_jitdump_line_at(const struct hw_jitdump *dump,
						 const struct hw_jitdump_code *code, uint64_t avma);

#endif
