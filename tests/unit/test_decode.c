/* Typed records and samples out of bytes that tests/lib/record_builder.c lays out from perf_event_open(2). */
#include "record/decode.h"

#include "tests/lib/record_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/mman.h>

/* What hwprof asks of every event. */
static const struct perf_event_attr usual = {
	.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
		       PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER |
		       PERF_SAMPLE_STACK_USER,
	.sample_id_all = 1,
	.build_id = 1,
	.sample_regs_user = 0x1c1, /* five registers, not next to each other */
	.sample_stack_user = 64,
};

static int decode(struct hw_record *record, const struct hw_buf *bytes, size_t offset,
		  const struct perf_event_attr *attr, struct hw_err *err)
{
	return hw_record_decode(record, hw_built_record(bytes, offset), attr, err);
}

static struct hw_sample sample_with_stack(void)
{
	static const uint64_t chain[] = { (uint64_t)PERF_CONTEXT_USER, 0x401000, 0x402000 };
	static const uint64_t regs[] = { 11, 22, 33, 44, 55 };
	static const uint64_t stack[] = { 0xaa, 0xbb, 0xcc };

	return (struct hw_sample){
		.id = 77,
		.ip_avma = 0x401000,
		.pid = 12,
		.tid = 13,
		.time_ns = 1000,
		.cpu = 3,
		.period_events = 999,
		.exact_ip = true,
		.cpumode = PERF_RECORD_MISC_USER,
		.callchain = (const uint8_t *)chain,
		.callchain_count = 3,
		.user_regs = { .abi = PERF_SAMPLE_REGS_ABI_64,
			       .mask = 0x1c1,
			       .values = (const uint8_t *)regs },
		.user_stack = (const uint8_t *)stack,
		.user_stack_size = sizeof stack,
	};
}

/* Every field hwprof asks for comes out as it went in; registers are found by number. */
static void sample_fields_are_decoded(void **state)
{
	const struct hw_sample sample = sample_with_stack();
	struct hw_buf bytes = { 0 };
	struct hw_record record;
	const size_t at = hw_build_sample(&bytes, &usual, &sample);

	(void)state;
	assert_int_equal(decode(&record, &bytes, at, &usual, NULL), 0);
	assert_int_equal(record.type, PERF_RECORD_SAMPLE);
	assert_int_equal(record.sample.id, 77);
	assert_int_equal(record.sample.ip_avma, 0x401000);
	assert_int_equal(record.sample.pid, 12);
	assert_int_equal(record.sample.tid, 13);
	assert_int_equal(record.sample.time_ns, 1000);
	assert_int_equal(record.sample.cpu, 3);
	assert_int_equal(record.sample.period_events, 999);
	assert_true(record.sample.exact_ip);
	assert_int_equal(record.sample.cpumode, PERF_RECORD_MISC_USER);
	assert_int_equal(record.sample.callchain_count, 3);
	assert_int_equal(hw_sample_word(record.sample.callchain, 2), 0x402000);
	assert_int_equal(hw_sample_reg(&record.sample.user_regs, 0), 11);
	assert_int_equal(hw_sample_reg(&record.sample.user_regs, 6), 22);
	assert_int_equal(hw_sample_reg(&record.sample.user_regs, 8), 44);
	assert_int_equal(hw_sample_reg(&record.sample.user_regs, 5), 0); /* not in the mask */
	assert_int_equal(record.sample.user_stack_size, 24);
	assert_int_equal(hw_sample_word(record.sample.user_stack, 2), 0xcc);
	assert_int_equal(record.id.time_ns, 1000);
	hw_buf_fini(&bytes);
}

/* Fields nobody reads yet are walked over: what follows them is still found. */
static void every_known_field_is_walked_over(void **state)
{
	const uint64_t all = (UINT64_C(1) << 25) - 1; /* all fields of Linux 6.1 */
	const uint64_t either_weight = PERF_SAMPLE_WEIGHT;
	struct perf_event_attr attr = usual;
	const struct hw_sample sample = sample_with_stack();

	(void)state;
	for (uint64_t bit = 1; bit < all; bit <<= 1) {
		struct hw_buf bytes = { 0 };
		struct hw_record record;

		attr.sample_type =
			(usual.sample_type | bit) & ~(bit == PERF_SAMPLE_WEIGHT_STRUCT ? either_weight : 0);
		attr.sample_regs_intr = 0x3;
		assert_int_equal(
			decode(&record, &bytes, hw_build_sample(&bytes, &attr, &sample), &attr, NULL), 0);
		assert_int_equal(record.sample.period_events, 999);
		assert_int_equal(record.sample.user_stack_size, 24);
		assert_int_equal(hw_sample_word(record.sample.user_stack, 1), 0xbb);
		hw_buf_fini(&bytes);
	}
}

/* A field newer than this code has an unknown length: refused, not guessed. */
static void unknown_sample_field_is_refused(void **state)
{
	struct perf_event_attr attr = usual;
	const struct hw_sample sample = sample_with_stack();
	struct hw_buf bytes = { 0 };
	struct hw_err err = { 0 };
	struct hw_record record;
	const size_t at = hw_build_sample(&bytes, &attr, &sample);

	(void)state;
	attr.sample_type |= UINT64_C(1) << 40;
	assert_int_equal(decode(&record, &bytes, at, &attr, &err), -1);
	assert_int_equal(err.kind, HW_ERR_FORMAT);
	hw_buf_fini(&bytes);
}

/* A kernel thread has no user registers and no stack. */
static void sample_without_user_half_is_decoded(void **state)
{
	struct hw_sample sample = sample_with_stack();
	struct hw_buf bytes = { 0 };
	struct hw_record record;

	(void)state;
	sample.user_regs = (struct hw_sample_regs){ 0 };
	sample.user_stack = NULL;
	sample.user_stack_size = 0;
	assert_int_equal(decode(&record, &bytes, hw_build_sample(&bytes, &usual, &sample), &usual, NULL), 0);
	assert_int_equal(record.sample.user_regs.abi, PERF_SAMPLE_REGS_ABI_NONE);
	assert_int_equal(hw_sample_reg(&record.sample.user_regs, 0), 0);
	assert_int_equal(record.sample.user_stack_size, 0);
	hw_buf_fini(&bytes);
}

/* Cut at any byte, a record is a format error and leaves the caller's struct alone. */
static void record_cut_short_is_refused(void **state)
{
	const struct hw_sample sample = sample_with_stack();
	const struct hw_record mmap = { .type = PERF_RECORD_MMAP2, .mmap = { .filename = "/usr/bin/true" } };
	struct hw_buf bytes = { 0 };
	size_t at[2];

	(void)state;
	at[0] = hw_build_sample(&bytes, &usual, &sample);
	at[1] = hw_build_record(&bytes, &usual, &mmap);
	for (size_t i = 0; i < 2; i++) {
		const struct hw_bytes whole = hw_built_record(&bytes, at[i]);

		for (size_t cut = 1; cut <= hw_bytes_left(&whole); cut++) {
			struct hw_bytes part = whole;
			struct hw_record record = { .type = 4242 };
			struct hw_err err = { 0 };

			part.end -= cut;
			assert_int_equal(hw_record_decode(&record, part, &usual, &err), -1);
			assert_int_equal(err.kind, HW_ERR_FORMAT);
			assert_int_equal(record.type, 4242);
		}
	}
	hw_buf_fini(&bytes);
}

/* The same with a header that agrees with the shorter size: the counts inside give it away. */
static void shorter_sample_with_matching_header_is_refused(void **state)
{
	const struct hw_sample sample = sample_with_stack();
	struct hw_buf bytes = { 0 };
	const size_t at = hw_build_sample(&bytes, &usual, &sample);
	struct hw_bytes whole = hw_built_record(&bytes, at);
	const size_t size = hw_bytes_left(&whole);

	(void)state;
	for (uint16_t shorter = 8; shorter < size; shorter++) {
		struct hw_record record;
		struct hw_bytes part = whole;

		memcpy(bytes.data + at + offsetof(struct perf_event_header, size), &shorter, sizeof shorter);
		part.end = part.at + shorter;
		assert_int_equal(hw_record_decode(&record, part, &usual, NULL), -1);
	}
	hw_buf_fini(&bytes);
}

/* Counts chosen to overflow when multiplied by 8 are refused. */
static void huge_callchain_count_is_refused(void **state)
{
	static const uint64_t counts[] = { 4, UINT64_MAX, UINT64_MAX / 8 + 1, UINT64_C(1) << 61 };
	const struct perf_event_attr attr = { .sample_type = PERF_SAMPLE_CALLCHAIN };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(counts); i++) {
		const uint64_t body[] = { counts[i], 1, 2, 3 };
		struct hw_sample sample = { .ip_avma = 42 };

		assert_int_equal(hw_sample_decode(&sample, 0, hw_bytes_of(body, sizeof body), &attr, NULL),
				 -1);
		assert_int_equal(sample.ip_avma, 42);
	}
}

/* The kernel never says it copied more stack than there was room; a file may. */
static void stack_larger_than_its_room_is_refused(void **state)
{
	const struct perf_event_attr attr = { .sample_type = PERF_SAMPLE_STACK_USER };
	const uint64_t body[] = { 16, 0xaa, 0xbb, 24 };
	struct hw_sample sample;

	(void)state;
	assert_int_equal(hw_sample_decode(&sample, 0, hw_bytes_of(body, sizeof body), &attr, NULL), -1);
}

/* MMAP2 with an inode, MMAP2 with a build-id and the old MMAP give the same mapping. */
static void mappings_are_decoded(void **state)
{
	const struct hw_record in = {
		.type = PERF_RECORD_MMAP2,
		.misc = PERF_RECORD_MISC_USER,
		.id = { .pid = 5, .tid = 6, .time_ns = 123, .id = 9, .cpu = 1 },
		.mmap = { .pid = 5,
			  .tid = 6,
			  .start_avma = 0x7f0000001000,
			  .size_bytes = 0x3000,
			  .file_foff = 0x2000,
			  .major = 8,
			  .minor = 1,
			  .inode = 4711,
			  .inode_generation = 2,
			  .prot = PROT_READ | PROT_EXEC,
			  .flags = MAP_PRIVATE,
			  .filename = "/lib/libx.so" },
	};
	struct hw_record with_build_id = in;
	struct hw_record old = in;
	struct hw_buf bytes = { 0 };
	struct hw_record out;

	(void)state;
	assert_int_equal(decode(&out, &bytes, hw_build_record(&bytes, &usual, &in), &usual, NULL), 0);
	assert_int_equal(out.mmap.start_avma, 0x7f0000001000);
	assert_int_equal(out.mmap.size_bytes, 0x3000);
	assert_int_equal(out.mmap.file_foff, 0x2000);
	assert_int_equal(out.mmap.inode, 4711);
	assert_int_equal(out.mmap.prot, PROT_READ | PROT_EXEC);
	assert_int_equal(out.mmap.build_id_size, 0);
	assert_string_equal(out.mmap.filename, "/lib/libx.so");
	assert_int_equal(out.id.time_ns, 123);
	assert_int_equal(out.id.cpu, 1);
	assert_int_equal(out.id.id, 9);

	with_build_id.mmap.build_id_size = 20;
	memset(with_build_id.mmap.build_id, 0x5a, 20);
	assert_int_equal(decode(&out, &bytes, hw_build_record(&bytes, &usual, &with_build_id), &usual, NULL),
			 0);
	assert_int_equal(out.mmap.build_id_size, 20);
	assert_int_equal(out.mmap.build_id[19], 0x5a);
	assert_int_equal(out.mmap.inode, 0);
	assert_string_equal(out.mmap.filename, "/lib/libx.so");

	old.type = PERF_RECORD_MMAP;
	assert_int_equal(decode(&out, &bytes, hw_build_record(&bytes, &usual, &old), &usual, NULL), 0);
	assert_int_equal(out.mmap.start_avma, 0x7f0000001000);
	assert_true(out.mmap.prot & PROT_EXEC);
	hw_buf_fini(&bytes);
}

/* A build-id longer than there is room for is cut, not copied past its end. */
static void build_id_size_is_bounded(void **state)
{
	const struct hw_record in = { .type = PERF_RECORD_MMAP2,
				      .mmap = { .build_id_size = 20, .filename = "x" } };
	struct hw_buf bytes = { 0 };
	struct hw_record out;
	const size_t at = hw_build_record(&bytes, &usual, &in);

	(void)state;
	/* header 8, pid/tid 8, start, size, offset 24: then the size of the build-id */
	bytes.data[at + 40] = (char)255;
	assert_int_equal(decode(&out, &bytes, at, &usual, NULL), 0);
	assert_int_equal(out.mmap.build_id_size, HW_BUILD_ID_MAX);
	hw_buf_fini(&bytes);
}

/* Without having asked for build-ids, the bit in our record is another profiler's: the inode is what is there. */
static void build_id_of_another_profiler_is_not_ours(void **state)
{
	struct perf_event_attr attr = usual;
	const struct hw_record in = {
		.type = PERF_RECORD_MMAP2,
		.mmap = { .major = 8, .minor = 1, .inode = 4711, .filename = "/bin/true" }
	};
	struct hw_buf bytes = { 0 };
	struct perf_event_header header;
	struct hw_record out;
	size_t at;

	(void)state;
	attr.build_id = 0;
	at = hw_build_record(&bytes, &attr, &in);
	memcpy(&header, bytes.data + at, sizeof header);
	header.misc |= 1 << 14; /* PERF_RECORD_MISC_MMAP_BUILD_ID */
	memcpy(bytes.data + at, &header, sizeof header);
	assert_int_equal(decode(&out, &bytes, at, &attr, NULL), 0);
	assert_int_equal(out.mmap.build_id_size, 0);
	assert_int_equal(out.mmap.inode, 4711);
	hw_buf_fini(&bytes);
}

static void names_births_and_deaths_are_decoded(void **state)
{
	const struct hw_record comm = { .type = PERF_RECORD_COMM,
					.misc = PERF_RECORD_MISC_COMM_EXEC,
					.comm = { .pid = 3, .tid = 4, .exec = true, .comm = "worker" } };
	const struct hw_record forked = {
		.type = PERF_RECORD_FORK,
		.task = { .pid = 10, .ppid = 3, .tid = 11, .ptid = 4, .time_ns = 99 }
	};
	struct hw_buf bytes = { 0 };
	struct hw_record out;

	(void)state;
	assert_int_equal(decode(&out, &bytes, hw_build_record(&bytes, &usual, &comm), &usual, NULL), 0);
	assert_int_equal(out.comm.tid, 4);
	assert_true(out.comm.exec);
	assert_string_equal(out.comm.comm, "worker");
	assert_int_equal(decode(&out, &bytes, hw_build_record(&bytes, &usual, &forked), &usual, NULL), 0);
	assert_int_equal(out.task.pid, 10);
	assert_int_equal(out.task.ppid, 3);
	assert_int_equal(out.task.tid, 11);
	assert_int_equal(out.task.ptid, 4);
	assert_int_equal(out.task.time_ns, 99);
	hw_buf_fini(&bytes);
}

static void losses_and_throttling_are_decoded(void **state)
{
	const struct hw_record lost = { .type = PERF_RECORD_LOST, .lost = { .id = 5, .lost = 17 } };
	const struct hw_record lost_samples = { .type = PERF_RECORD_LOST_SAMPLES, .lost = { .lost = 4 } };
	const struct hw_record throttle = { .type = PERF_RECORD_THROTTLE,
					    .throttle = { .time_ns = 7, .id = 8, .stream_id = 9 } };
	struct hw_buf bytes = { 0 };
	struct hw_record out;

	(void)state;
	assert_int_equal(decode(&out, &bytes, hw_build_record(&bytes, &usual, &lost), &usual, NULL), 0);
	assert_int_equal(out.lost.lost, 17);
	assert_int_equal(decode(&out, &bytes, hw_build_record(&bytes, &usual, &lost_samples), &usual, NULL),
			 0);
	assert_int_equal(out.lost.lost, 4);
	assert_int_equal(decode(&out, &bytes, hw_build_record(&bytes, &usual, &throttle), &usual, NULL), 0);
	assert_int_equal(out.throttle.id, 8);
	hw_buf_fini(&bytes);
}

/* A name without its NUL would be read past the record. */
static void unterminated_name_is_refused(void **state)
{
	const struct perf_event_attr bare = { 0 };
	const char body[16] = { 1, 0, 0, 0, 2, 0, 0, 0, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h' };
	struct hw_buf bytes = { 0 };
	struct hw_record out;
	const size_t at = hw_build_raw(&bytes, PERF_RECORD_COMM, 0, body, sizeof body, 24);

	(void)state;
	assert_int_equal(decode(&out, &bytes, at, &bare, NULL), -1);
	hw_buf_fini(&bytes);
}

/* Types newer than the headers, or without use here, are no error: they are counted by the caller. */
static void unknown_types_are_passed_on(void **state)
{
	const uint64_t body[16] = { 0 };
	struct hw_buf bytes = { 0 };
	struct hw_record out;

	(void)state;
	for (uint32_t type = 0; type < 64; type++) {
		const size_t at = hw_build_raw(&bytes, type, 0, body, sizeof body, 8 + sizeof body);

		if (type != PERF_RECORD_SAMPLE)
			assert_int_equal(decode(&out, &bytes, at, &usual, NULL), 0);
		assert_non_null(hw_record_type_name(type));
	}
	assert_string_equal(hw_record_type_name(PERF_RECORD_MMAP2), "MMAP2");
	assert_string_equal(hw_record_type_name(4096), "UNKNOWN");
	hw_buf_fini(&bytes);
}

/* The time of a record by its place, 0 when it has none. */
static uint64_t time_of(struct hw_bytes record, const struct perf_event_attr *attr)
{
	struct perf_event_header header;
	uint32_t offset;

	memcpy(&header, record.at, sizeof header);
	offset = hw_time_offset(hw_record_time_place(attr), header.type, header.size);
	(void)hw_bytes_take(&record, offset);
	return offset ? hw_bytes_u64(&record) : 0;
}

/* The time of any record is known without decoding it. */
static void time_is_found_without_decoding(void **state)
{
	const struct hw_sample sample = sample_with_stack();
	const struct hw_record comm = { .type = PERF_RECORD_COMM,
					.id = { .time_ns = 555 },
					.comm = { .comm = "x" } };
	struct hw_buf bytes = { 0 };
	size_t at;

	(void)state;
	at = hw_build_sample(&bytes, &usual, &sample);
	assert_int_equal(time_of(hw_built_record(&bytes, at), &usual), 1000);
	at = hw_build_record(&bytes, &usual, &comm);
	assert_int_equal(time_of(hw_built_record(&bytes, at), &usual), 555);
	hw_buf_fini(&bytes);
}

/* Records too short for their time, and forms without one, have none. */
static void no_time_outside_of_the_record(void **state)
{
	const struct perf_event_attr timeless = { .sample_type = PERF_SAMPLE_IP, .sample_id_all = 1 };
	const struct perf_event_attr bare = { .sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TIME };
	const struct hw_time_place place = hw_record_time_place(&usual);

	(void)state;
	for (uint32_t size = 8; size < place.in_samples + 8u; size += 8)
		assert_int_equal(hw_time_offset(place, PERF_RECORD_SAMPLE, size), 0);
	assert_int_equal(hw_time_offset(place, PERF_RECORD_SAMPLE, place.in_samples + 8u), place.in_samples);
	for (uint32_t size = 8; size < place.in_others + 8u; size += 8)
		assert_int_equal(hw_time_offset(place, PERF_RECORD_COMM, size), 0);
	assert_int_equal(hw_time_offset(place, PERF_RECORD_COMM, place.in_others + 8u), 8);
	assert_int_equal(hw_time_offset(hw_record_time_place(&timeless), PERF_RECORD_SAMPLE, 64), 0);
	assert_int_equal(hw_time_offset(hw_record_time_place(&timeless), PERF_RECORD_COMM, 64), 0);
	assert_int_equal(hw_time_offset(hw_record_time_place(&bare), PERF_RECORD_SAMPLE, 64), 16);
	assert_int_equal(hw_time_offset(hw_record_time_place(&bare), PERF_RECORD_COMM, 64), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sample_fields_are_decoded),
		cmocka_unit_test(every_known_field_is_walked_over),
		cmocka_unit_test(unknown_sample_field_is_refused),
		cmocka_unit_test(sample_without_user_half_is_decoded),
		cmocka_unit_test(record_cut_short_is_refused),
		cmocka_unit_test(shorter_sample_with_matching_header_is_refused),
		cmocka_unit_test(huge_callchain_count_is_refused),
		cmocka_unit_test(stack_larger_than_its_room_is_refused),
		cmocka_unit_test(mappings_are_decoded),
		cmocka_unit_test(build_id_size_is_bounded),
		cmocka_unit_test(build_id_of_another_profiler_is_not_ours),
		cmocka_unit_test(names_births_and_deaths_are_decoded),
		cmocka_unit_test(losses_and_throttling_are_decoded),
		cmocka_unit_test(unterminated_name_is_refused),
		cmocka_unit_test(unknown_types_are_passed_on),
		cmocka_unit_test(time_is_found_without_decoding),
		cmocka_unit_test(no_time_outside_of_the_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
