#include "record/sample.h"

#include <inttypes.h>

/* Fields this decoder walks over; a sample with any other cannot be laid out. */
#define KNOWN_FIELDS                                                                                        \
	(PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR | PERF_SAMPLE_READ |        \
	 PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_ID | PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD |                    \
	 PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_RAW | PERF_SAMPLE_BRANCH_STACK | PERF_SAMPLE_REGS_USER |       \
	 PERF_SAMPLE_STACK_USER | PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT | PERF_SAMPLE_DATA_SRC |   \
	 PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TRANSACTION | PERF_SAMPLE_REGS_INTR | PERF_SAMPLE_PHYS_ADDR | \
	 PERF_SAMPLE_AUX | PERF_SAMPLE_CGROUP | PERF_SAMPLE_DATA_PAGE_SIZE | PERF_SAMPLE_CODE_PAGE_SIZE)

/* count words of 8 bytes, borrowed. */
static const uint8_t *take_words(struct hw_bytes *body, uint64_t count)
{
	if (count > hw_bytes_left(body) / sizeof(uint64_t)) {
		body->overrun = true;
		return NULL;
	}
	return hw_bytes_take(body, count * sizeof(uint64_t));
}

/* PERF_SAMPLE_READ: struct read_format, whose size follows from attr.read_format. */
static void skip_read_values(struct hw_bytes *body, uint64_t format)
{
	const uint64_t times = (uint64_t)__builtin_popcountll(
		format & (PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING));
	const uint64_t per_value =
		1 + (uint64_t)__builtin_popcountll(format & (PERF_FORMAT_ID | PERF_FORMAT_LOST));
	uint64_t words;

	if (!(format & PERF_FORMAT_GROUP)) {
		(void)take_words(body, times + per_value);
		return;
	}
	words = hw_bytes_u64(body);
	if (__builtin_mul_overflow(words, per_value, &words) || __builtin_add_overflow(words, times, &words))
		words = UINT64_MAX;
	(void)take_words(body, words);
}

static void skip_branch_stack(struct hw_bytes *body, uint64_t branch_sample_type)
{
	const uint64_t count = hw_bytes_u64(body);

	if (branch_sample_type & PERF_SAMPLE_BRANCH_HW_INDEX)
		(void)hw_bytes_u64(body);
	/* struct perf_branch_entry: from, to, flags */
	(void)take_words(body, count > UINT64_MAX / 3 ? UINT64_MAX : count * 3);
}

static void decode_regs(struct hw_sample_regs *regs, struct hw_bytes *body, uint64_t mask)
{
	regs->abi = hw_bytes_u64(body);
	if (regs->abi == PERF_SAMPLE_REGS_ABI_NONE)
		return;
	regs->mask = mask;
	regs->values = take_words(body, (uint64_t)__builtin_popcountll(mask));
}

static void decode_user_stack(struct hw_sample *s, struct hw_bytes *body)
{
	const uint64_t room = hw_bytes_u64(body);
	uint64_t copied;

	if (!room) /* then no dynamic size follows */
		return;
	s->user_stack = hw_bytes_take(body, room);
	copied = hw_bytes_u64(body);
	if (copied > room)
		body->overrun = true;
	s->user_stack_size = copied;
}

/* What comes after the stack: kept by nobody yet, but it has to be inside the record. */
static void skip_tail(struct hw_bytes *body, const struct perf_event_attr *attr)
{
	const uint64_t fields = attr->sample_type;
	struct hw_sample_regs regs_intr = { 0 };

	if (fields & (PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT))
		(void)hw_bytes_u64(body);
	if (fields & PERF_SAMPLE_DATA_SRC)
		(void)hw_bytes_u64(body);
	if (fields & PERF_SAMPLE_TRANSACTION)
		(void)hw_bytes_u64(body);
	if (fields & PERF_SAMPLE_REGS_INTR)
		decode_regs(&regs_intr, body, attr->sample_regs_intr);
	if (fields & PERF_SAMPLE_PHYS_ADDR)
		(void)hw_bytes_u64(body);
	if (fields & PERF_SAMPLE_CGROUP)
		(void)hw_bytes_u64(body);
	if (fields & PERF_SAMPLE_DATA_PAGE_SIZE)
		(void)hw_bytes_u64(body);
	if (fields & PERF_SAMPLE_CODE_PAGE_SIZE)
		(void)hw_bytes_u64(body);
	if (fields & PERF_SAMPLE_AUX)
		(void)hw_bytes_take(body, hw_bytes_u64(body));
}

int hw_sample_decode(struct hw_sample *sample, uint16_t misc, struct hw_bytes body,
		     const struct perf_event_attr *attr, struct hw_err *err)
{
	const uint64_t fields = attr->sample_type;
	struct hw_sample s = {
		.exact_ip = misc & PERF_RECORD_MISC_EXACT_IP,
		.cpumode = misc & PERF_RECORD_MISC_CPUMODE_MASK,
	};

	if (fields & ~(uint64_t)KNOWN_FIELDS)
		return hw_err_set(err, HW_ERR_FORMAT,
				  "sample_type 0x%" PRIx64 " has fields this version does not know", fields);
	if (fields & PERF_SAMPLE_IDENTIFIER)
		s.id = hw_bytes_u64(&body);
	if (fields & PERF_SAMPLE_IP)
		s.ip_avma = hw_bytes_u64(&body);
	if (fields & PERF_SAMPLE_TID) {
		s.pid = hw_bytes_u32(&body);
		s.tid = hw_bytes_u32(&body);
	}
	if (fields & PERF_SAMPLE_TIME)
		s.time_ns = hw_bytes_u64(&body);
	if (fields & PERF_SAMPLE_ADDR)
		s.data_avma = hw_bytes_u64(&body);
	if (fields & PERF_SAMPLE_ID)
		s.id = hw_bytes_u64(&body);
	if (fields & PERF_SAMPLE_STREAM_ID)
		(void)hw_bytes_u64(&body);
	if (fields & PERF_SAMPLE_CPU) {
		s.cpu = hw_bytes_u32(&body);
		(void)hw_bytes_u32(&body);
	}
	if (fields & PERF_SAMPLE_PERIOD)
		s.period_events = hw_bytes_u64(&body);
	if (fields & PERF_SAMPLE_READ)
		skip_read_values(&body, attr->read_format);
	if (fields & PERF_SAMPLE_CALLCHAIN) {
		s.callchain_count = hw_bytes_u64(&body);
		s.callchain = take_words(&body, s.callchain_count);
	}
	if (fields & PERF_SAMPLE_RAW)
		(void)hw_bytes_take(&body, hw_bytes_u32(&body));
	if (fields & PERF_SAMPLE_BRANCH_STACK)
		skip_branch_stack(&body, attr->branch_sample_type);
	if (fields & PERF_SAMPLE_REGS_USER)
		decode_regs(&s.user_regs, &body, attr->sample_regs_user);
	if (fields & PERF_SAMPLE_STACK_USER)
		decode_user_stack(&s, &body);
	skip_tail(&body, attr);
	if (body.overrun)
		return hw_err_set(err, HW_ERR_FORMAT,
				  "sample record ends before its sample_type 0x%" PRIx64 " does", fields);
	*sample = s;
	return 0;
}
