/* One PERF_RECORD_SAMPLE as a struct. */
#ifndef HW_RECORD_SAMPLE_H
#define HW_RECORD_SAMPLE_H

#include "base/bytes.h"
#include "base/err.h"

#include <linux/perf_event.h>

/* As many registers as attr.sample_regs_user can name. */
#define HW_SAMPLE_REGS_MAX 64

/* User registers at the sample, in the order of the bits set in mask (asm/perf_regs.h). */
struct hw_sample_regs {
	uint64_t abi; /* enum perf_sample_regs_abi; 0 = none (a kernel thread) */
	uint64_t mask;
	const uint8_t *values; /* popcount(mask) words of 8 bytes, any alignment */
};

/* Fields the attr did not ask for are zero. Pointers borrow the record's bytes. */
struct hw_sample {
	uint64_t id;	  /* of the counter that overflowed */
	uint64_t ip_avma; /* precise where the event is */
	uint32_t pid;
	uint32_t tid;
	uint64_t time_ns;
	uint64_t data_avma;
	uint32_t cpu;
	uint64_t period_events;
	bool exact_ip;	  /* PERF_RECORD_MISC_EXACT_IP */
	uint16_t cpumode; /* PERF_RECORD_MISC_KERNEL, _USER, ... */

	const uint8_t *callchain; /* callchain_count words of 8 bytes, any alignment, markers included */
	uint64_t callchain_count;

	struct hw_sample_regs user_regs;

	const uint8_t *user_stack; /* copy of memory from the stack pointer upwards */
	uint64_t user_stack_size;  /* bytes that were really copied */
};

/* A word of callchain or registers, which the kernel aligns to 8 only within its ring. */
static inline uint64_t hw_sample_word(const uint8_t *words, uint64_t index)
{
	uint64_t word;

	memcpy(&word, words + index * sizeof word, sizeof word);
	return word;
}

/* Value of register `reg` (enum perf_event_x86_regs / perf_event_arm_regs); 0 when it was not sampled. */
static inline uint64_t hw_sample_reg(const struct hw_sample_regs *regs, unsigned reg)
{
	const uint64_t bit = UINT64_C(1) << reg;

	if (!(regs->mask & bit) || !regs->values)
		return 0;
	return hw_sample_word(regs->values, (uint64_t)__builtin_popcountll(regs->mask & (bit - 1)));
}

/* Decode the body (what follows struct perf_event_header) of a sample taken with attr. -1 with HW_ERR_FORMAT,
 * and *sample untouched, when the body is shorter than its own counts say. Layout: perf_event_open(2),
 * PERF_RECORD_SAMPLE; linux/perf_event.h. */
int hw_sample_decode(struct hw_sample *sample, uint16_t misc, struct hw_bytes body,
		     const struct perf_event_attr *attr, struct hw_err *err) HW_CHECKED;

#endif
