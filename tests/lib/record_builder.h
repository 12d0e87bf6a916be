/* PERF_RECORD_* bytes from readable calls: the kernel's side of lib/record, for tests.
 *
 *	struct hw_buf bytes = { 0 };
 *	hw_build_record(&bytes, &attr, &(struct hw_record){
 *		.type = PERF_RECORD_MMAP2, .misc = PERF_RECORD_MISC_USER,
 *		.id = { .pid = 7, .tid = 8, .time_ns = 100 },
 *		.mmap = { .pid = 7, .tid = 8, .start_avma = 0x1000, .size_bytes = 0x2000, .filename = "/bin/true" } });
 *
 * writes what the kernel would for an event opened with that attr: the inverse of hw_record_decode, written from
 * perf_event_open(2) and linux/perf_event.h without it. */
#ifndef HW_TESTS_RECORD_BUILDER_H
#define HW_TESTS_RECORD_BUILDER_H

#include "base/buf.h"
#include "record/decode.h"

/* Append one record, header included; its size is a multiple of 8 as the kernel's are. Returns the offset of its
 * header in buf.
 *
 * Samples: the fields attr->sample_type names, in the kernel's order. attr->sample_stack_user bytes of stack are
 * written, the first user_stack_size of them copied from the sample; attr->sample_regs_user decides which registers
 * (user_regs.values holds that many words; abi 0 writes none). misc gets cpumode and EXACT_IP from the sample.
 * Fields hw_sample does not hold are filled with recognisable bytes of plausible length, so that a decoder that does
 * not skip them reads nonsense.
 * Other types: MMAP, MMAP2 (with the build-id when build_id_size is set), COMM, FORK, EXIT, LOST, LOST_SAMPLES,
 * THROTTLE, UNTHROTTLE, SWITCH, SWITCH_CPU_WIDE, KSYMBOL; the sample_id trailer follows with attr->sample_id_all.
 * A type that is not listed has an empty body before its trailer. */
size_t hw_build_record(struct hw_buf *buf, const struct perf_event_attr *attr,
		       const struct hw_record *record);

/* A sample with nothing but its fields: hw_build_record of type SAMPLE. */
size_t hw_build_sample(struct hw_buf *buf, const struct perf_event_attr *attr,
		       const struct hw_sample *sample);

/* Append a record of any type and misc with this body, as it stands: hostile sizes and unknown types. The header
 * says header_size, whatever the body's size is. */
size_t hw_build_raw(struct hw_buf *buf, uint32_t type, uint16_t misc, const void *body, size_t body_size,
		    uint16_t header_size);

/* The record at an offset hw_build_* returned, as a cursor over as many bytes as its header says, but not
 * past the end of buf. */
struct hw_bytes hw_built_record(const struct hw_buf *buf, size_t offset);

#endif
