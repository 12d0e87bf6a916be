/* Real samples of a real program, for tests and benchmarks of what comes after the recorder. */
#ifndef HW_TESTS_LIVE_H
#define HW_TESTS_LIVE_H

#include "base/vec.h"
#include "record/recorder.h"

/* Run a command (its output to /dev/null) and record it with cpu-clock, registers, stack copies and the kernel's
 * callchains (the user half too when callchain_user). each gets every record in time order, borrowed during the call.
 * -1 with err when the machine does not let us: a test skips then. */
struct hw_live_config {
	char **argv;
	uint64_t freq_hz;
	uint32_t stack_size_bytes;
	uint64_t user_regs_mask;
	bool callchain_user;
	bool with_kernel; /* samples in the kernel too, where allowed */
	void (*each)(const struct hw_record *record, void *arg);
	void *arg;
};

int hw_live_record(const struct hw_live_config *config, struct hw_err *err) HW_CHECKED;

/* Samples kept beyond their record. Zeroed is empty. */
struct hw_live_samples {
	HW_VEC(struct hw_sample) list;
};

void hw_live_samples_add(struct hw_live_samples *samples, const struct hw_sample *sample);
void hw_live_samples_fini(struct hw_live_samples *samples);

#endif
