/* The record builder against bytes written down by hand from perf_event_open(2), "MMAP layout". */
#include "tests/lib/record_builder.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Compare the record at offset with little-endian 64-bit words. */
static void assert_words(const struct hw_buf *buf, size_t offset, const uint64_t *words, size_t count)
{
	struct hw_bytes bytes = hw_built_record(buf, offset);

	assert_int_equal(hw_bytes_left(&bytes), count * 8);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(hw_bytes_u64(&bytes), words[i]);
}

/* The header is type (32 bits), misc (16), size (16). */
static uint64_t header(uint32_t type, uint16_t misc, uint16_t size)
{
	return type | (uint64_t)misc << 32 | (uint64_t)size << 48;
}

static uint64_t pair(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

/* COMM is pid, tid, a padded name and the sample_id trailer in its own order (identifier last). */
static void comm_with_trailer(void **state)
{
	const struct perf_event_attr attr = {
		.sample_id_all = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
	};
	struct hw_buf buf = { 0 };
	const uint64_t expected[] = {
		header(PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, 64),
		pair(7, 8),
		UINT64_C(0x3837363534333231), /* "12345678" */
		0,			      /* its NUL and padding */
		pair(7, 8),
		99,
		pair(3, 0),
		42,
	};
	size_t offset;

	(void)state;
	offset = hw_build_record(
		&buf, &attr,
		&(struct hw_record){ .type = PERF_RECORD_COMM,
				     .comm = { .pid = 7, .tid = 8, .exec = true, .comm = "12345678" },
				     .id = { .pid = 7, .tid = 8, .time_ns = 99, .id = 42, .cpu = 3 } });
	assert_words(&buf, offset, expected, HW_COUNT_OF(expected));
	hw_buf_fini(&buf);
}

/* Without sample_id_all there is no trailer, whatever sample_type says. */
static void no_trailer_unless_asked(void **state)
{
	const struct perf_event_attr attr = { .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME };
	const uint64_t expected[] = { header(PERF_RECORD_FORK, 0, 32), pair(2, 1), pair(20, 10), 5 };
	struct hw_buf buf = { 0 };
	size_t offset;

	(void)state;
	offset = hw_build_record(
		&buf, &attr,
		&(struct hw_record){ .type = PERF_RECORD_FORK,
				     .task = { .pid = 2, .ppid = 1, .tid = 20, .ptid = 10, .time_ns = 5 } });
	assert_words(&buf, offset, expected, HW_COUNT_OF(expected));
	hw_buf_fini(&buf);
}

/* A sample's fields follow in the kernel's order, and the stack is padded to sample_stack_user. */
static void sample_fields_in_order(void **state)
{
	const struct perf_event_attr attr = {
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_PERIOD | PERF_SAMPLE_CALLCHAIN |
			       PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER,
		.sample_regs_user = 0x180,
		.sample_stack_user = 16,
	};
	const uint64_t callchain[] = { (uint64_t)PERF_CONTEXT_USER, 0x401000 };
	const uint64_t regs[] = { 0x401000, 0x7ffe0000 };
	const uint64_t stack[] = { 0x1122334455667788 };
	const uint64_t expected[] = {
		header(PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER | PERF_RECORD_MISC_EXACT_IP, 112),
		0x401000,
		pair(7, 8),
		1000,
		2,
		callchain[0],
		callchain[1],
		PERF_SAMPLE_REGS_ABI_64,
		regs[0],
		regs[1],
		16,
		stack[0],
		UINT64_C(0xeeeeeeeeeeeeeeee),
		8,
	};
	struct hw_buf buf = { 0 };
	size_t offset;

	(void)state;
	offset = hw_build_sample(&buf, &attr,
				 &(struct hw_sample){ .ip_avma = 0x401000,
						      .pid = 7,
						      .tid = 8,
						      .period_events = 1000,
						      .exact_ip = true,
						      .cpumode = PERF_RECORD_MISC_USER,
						      .callchain = (const uint8_t *)callchain,
						      .callchain_count = 2,
						      .user_regs = { .abi = PERF_SAMPLE_REGS_ABI_64,
								     .values = (const uint8_t *)regs },
						      .user_stack = (const uint8_t *)stack,
						      .user_stack_size = 8 });
	assert_words(&buf, offset, expected, HW_COUNT_OF(expected));
	hw_buf_fini(&buf);
}

/* A build-id takes the place of device and inode, and a misc bit says so. */
static void mmap2_with_build_id(void **state)
{
	const struct perf_event_attr attr = { 0 };
	const uint64_t expected[] = {
		header(PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER | (1 << 14), 80),
		pair(7, 7),
		0x400000,
		0x1000,
		0x2000,
		pair(4, 0x04030201),
		0,
		0,
		pair(5, 2),
		UINT64_C(0x000000000000612f), /* "/a" */
	};
	struct hw_buf buf = { 0 };
	size_t offset;

	(void)state;
	offset = hw_build_record(&buf, &attr,
				 &(struct hw_record){ .type = PERF_RECORD_MMAP2,
						      .misc = PERF_RECORD_MISC_USER,
						      .mmap = { .pid = 7,
								.tid = 7,
								.start_avma = 0x400000,
								.size_bytes = 0x1000,
								.file_foff = 0x2000,
								.build_id = { 1, 2, 3, 4 },
								.build_id_size = 4,
								.prot = 5,
								.flags = 2,
								.filename = "/a" } });
	assert_words(&buf, offset, expected, HW_COUNT_OF(expected));
	hw_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comm_with_trailer),
		cmocka_unit_test(no_trailer_unless_asked),
		cmocka_unit_test(sample_fields_in_order),
		cmocka_unit_test(mmap2_with_build_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
