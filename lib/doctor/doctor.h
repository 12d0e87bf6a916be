/* What of hwprof works on this machine for this user, what does not, why, and the exact fix: by looking, and by trying
 * on ourselves. */
#ifndef HW_DOCTOR_DOCTOR_H
#define HW_DOCTOR_DOCTOR_H

#include "doctor/finding.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A file whose code runs: a program, or what a process has mapped. */
struct hw_doctor_file {
	const char *path;
	uint32_t major, minor; /* of the mapping; 0 with inode 0: unknown */
	uint64_t inode;
	uint64_t start_avma, limit_avma; /* where it is mapped */
};

struct hw_doctor_config {
	pid_t pid; /* a process that shall be profiled, or 0; the files are then of it */
	const struct hw_doctor_file *files; /* whose debug information shall be looked for; borrowed */
	size_t file_count;
	uint64_t freq_hz; /* what a recording asks for by default */
	uint32_t stack_size_bytes;
	uint32_t stack_raised_bytes; /* and what they may be raised to while recording */
};

struct hw_diagnosis {
	struct hw_findings findings;
	char *verdict;	      /* one sentence without full stop; owned */
	bool can_record;      /* own processes can be profiled, at least by a timer */
	bool has_counters;    /* on hardware counters */
	bool has_kernel_code; /* kernel code, too */
	bool has_whole_cpus;  /* whole CPUs (-a) */
};

/* Takes some 10 to 100 ms. Changes nothing but the limit on open files of this process. */
void hw_diagnosis_init(struct hw_diagnosis *diagnosis, const struct hw_doctor_config *config);
void hw_diagnosis_fini(struct hw_diagnosis *diagnosis);

/* hwprof-doctor(1), JSON FORMAT. */
void hw_diagnosis_json(struct hw_buf *out, const struct hw_diagnosis *diagnosis, const char *version);

#endif
