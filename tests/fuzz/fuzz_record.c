/* hw_record_decode on hostile records. Input: the fields of the attr that decide the layout, then records one after
 * another, each as long as its header says (what is left when it says more). */
#include "record/decode.h"

/* Read a run of bytes as its user would; the address sanitizer watches. */
static uint64_t touch(const uint8_t *bytes, uint64_t size)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < size; i++)
		sum += bytes[i];
	return sum;
}

static uint64_t touch_sample(const struct hw_sample *sample)
{
	uint64_t sum = touch(sample->user_stack, sample->user_stack_size);

	sum += touch(sample->callchain, sample->callchain_count * 8);
	for (unsigned reg = 0; reg < HW_SAMPLE_REGS_MAX; reg++)
		sum += hw_sample_reg(&sample->user_regs, reg);
	return sum;
}

static uint64_t touch_record(const struct hw_record *record)
{
	switch (record->type) {
	case PERF_RECORD_SAMPLE:
		return touch_sample(&record->sample);
	case PERF_RECORD_MMAP:
	case PERF_RECORD_MMAP2:
		return strlen(record->mmap.filename) +
		       touch(record->mmap.build_id, record->mmap.build_id_size);
	case PERF_RECORD_COMM:
		return strlen(record->comm.comm);
	case PERF_RECORD_KSYMBOL:
		return strlen(record->ksymbol.name);
	default:
		return record->type;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_bytes input = hw_bytes_of(data, size);
	struct perf_event_attr attr = { .size = sizeof attr };
	uint64_t sum = 0;

	attr.sample_type = hw_bytes_u64(&input);
	attr.read_format = hw_bytes_u64(&input);
	attr.branch_sample_type = hw_bytes_u64(&input);
	attr.sample_regs_user = hw_bytes_u64(&input);
	attr.sample_regs_intr = hw_bytes_u64(&input);
	attr.sample_stack_user = hw_bytes_u32(&input);
	attr.sample_id_all = hw_bytes_u32(&input) & 1;
	while (!input.overrun && hw_bytes_left(&input) >= sizeof(struct perf_event_header)) {
		struct perf_event_header header;
		struct hw_record record = { 0 };
		struct hw_err err = { 0 };
		struct hw_bytes bytes;
		size_t length;
		uint32_t offset;

		memcpy(&header, input.at, sizeof header);
		length = header.size >= sizeof header ? header.size : sizeof header;
		if (length > hw_bytes_left(&input))
			length = hw_bytes_left(&input);
		bytes = hw_bytes_sub(&input, length);
		offset = hw_time_offset(hw_record_time_place(&attr), header.type, (uint32_t)length);
		sum += touch(bytes.at + offset, offset ? sizeof(uint64_t) : 0);
		if (hw_record_decode(&record, bytes, &attr, &err) == 0)
			sum += touch_record(&record);
		else if (err.kind != HW_ERR_FORMAT)
			abort(); /* every refusal says what is wrong with the bytes */
	}
	/* Depend on what was read, so that no read is optimised away. */
	__asm__ volatile("" : : "r"(sum));
	return 0;
}
