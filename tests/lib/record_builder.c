#include "tests/lib/record_builder.h"

/* Misc bits newer than some kernel headers (linux/perf_event.h, 6.1). */
#ifndef PERF_RECORD_MISC_MMAP_BUILD_ID
#define PERF_RECORD_MISC_MMAP_BUILD_ID (1 << 14)
#endif
#ifndef PERF_SAMPLE_WEIGHT_STRUCT
#define PERF_SAMPLE_WEIGHT_STRUCT (1U << 24)
#endif

#define FILLER UINT64_C(0xfeedfacecafe0000)

static void put_u64(struct hw_buf *buf, uint64_t value)
{
	hw_buf_add(buf, &value, sizeof value);
}

static void put_u32(struct hw_buf *buf, uint32_t value)
{
	hw_buf_add(buf, &value, sizeof value);
}

static void put_u16(struct hw_buf *buf, uint16_t value)
{
	hw_buf_add(buf, &value, sizeof value);
}

static void put_u32_pair(struct hw_buf *buf, uint32_t first, uint32_t second)
{
	put_u32(buf, first);
	put_u32(buf, second);
}

/* count words that no decoder should take for a field it wants. */
static void put_filler(struct hw_buf *buf, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_u64(buf, FILLER + i);
}

/* A NUL-terminated text, padded with NULs to a multiple of 8 (kernel/events/core.c, perf_event_comm_event). */
static void put_text(struct hw_buf *buf, const char *text)
{
	const size_t size = strlen(text) + 1;
	static const char zeros[8];

	hw_buf_add(buf, text, size);
	hw_buf_add(buf, zeros, (8 - size % 8) % 8);
}

/* --- PERF_RECORD_SAMPLE, in the order of perf_event_open(2) ------------------------------------------------- */

/* PERF_SAMPLE_READ: struct read_format for attr->read_format (perf_event_open(2), "Reading results"). */
static void put_read_format(struct hw_buf *buf, const struct perf_event_attr *attr)
{
	const uint64_t format = attr->read_format;
	const uint64_t nr = 2; /* events in the made-up group */
	size_t per_event = 1;

	per_event += (format & PERF_FORMAT_ID) != 0;
#ifdef PERF_FORMAT_LOST
	per_event += (format & PERF_FORMAT_LOST) != 0;
#endif
	if (format & PERF_FORMAT_GROUP)
		put_u64(buf, nr);
	else
		put_u64(buf, FILLER), per_event--;
	if (format & PERF_FORMAT_TOTAL_TIME_ENABLED)
		put_u64(buf, FILLER);
	if (format & PERF_FORMAT_TOTAL_TIME_RUNNING)
		put_u64(buf, FILLER);
	put_filler(buf, format & PERF_FORMAT_GROUP ? nr * per_event : per_event);
}

static void put_user_regs(struct hw_buf *buf, uint64_t mask, const struct hw_sample_regs *regs)
{
	put_u64(buf, regs->abi);
	if (regs->abi)
		hw_buf_add(buf, regs->values, (size_t)__builtin_popcountll(mask) * 8);
}

/* size, then that many bytes, then how many of them are real; the last word only when size is not 0. */
static void put_user_stack(struct hw_buf *buf, uint64_t size, const struct hw_sample *sample)
{
	put_u64(buf, size);
	if (!size)
		return;
	hw_buf_add(buf, sample->user_stack, (size_t)sample->user_stack_size);
	for (uint64_t i = sample->user_stack_size; i < size; i++)
		hw_buf_add(buf, "\xee", 1);
	put_u64(buf, sample->user_stack_size);
}

static void put_raw_sample(struct hw_buf *buf)
{
	const uint32_t size = 12; /* with its own four bytes of size, a multiple of 8 */

	put_u32(buf, size);
	hw_buf_add(buf, "tracepoint!!", size);
}

static void put_branch_stack(struct hw_buf *buf, const struct perf_event_attr *attr)
{
	const uint64_t branches = 2;

	put_u64(buf, branches);
	if (attr->branch_sample_type & PERF_SAMPLE_BRANCH_HW_INDEX)
		put_u64(buf, FILLER);
	put_filler(buf, branches * 3);
}

/* The fields before the callchain. */
static void put_sample_head(struct hw_buf *buf, uint64_t fields, const struct hw_sample *sample)
{
	if (fields & PERF_SAMPLE_IDENTIFIER)
		put_u64(buf, sample->id);
	if (fields & PERF_SAMPLE_IP)
		put_u64(buf, sample->ip_avma);
	if (fields & PERF_SAMPLE_TID)
		put_u32_pair(buf, sample->pid, sample->tid);
	if (fields & PERF_SAMPLE_TIME)
		put_u64(buf, sample->time_ns);
	if (fields & PERF_SAMPLE_ADDR)
		put_u64(buf, sample->data_avma);
	if (fields & PERF_SAMPLE_ID)
		put_u64(buf, sample->id);
	if (fields & PERF_SAMPLE_STREAM_ID)
		put_u64(buf, FILLER);
	if (fields & PERF_SAMPLE_CPU)
		put_u32_pair(buf, sample->cpu, 0);
	if (fields & PERF_SAMPLE_PERIOD)
		put_u64(buf, sample->period_events);
}

/* The fields after the user stack, none of which hw_sample holds. */
static void put_sample_tail(struct hw_buf *buf, const struct perf_event_attr *attr)
{
	const uint64_t fields = attr->sample_type;

	if (fields & (PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT))
		put_u64(buf, FILLER);
	if (fields & PERF_SAMPLE_DATA_SRC)
		put_u64(buf, FILLER);
	if (fields & PERF_SAMPLE_TRANSACTION)
		put_u64(buf, FILLER);
	if (fields & PERF_SAMPLE_REGS_INTR) {
		put_u64(buf, PERF_SAMPLE_REGS_ABI_64);
		put_filler(buf, (size_t)__builtin_popcountll(attr->sample_regs_intr));
	}
	if (fields & PERF_SAMPLE_PHYS_ADDR)
		put_u64(buf, FILLER);
	if (fields & PERF_SAMPLE_CGROUP)
		put_u64(buf, FILLER);
	if (fields & PERF_SAMPLE_DATA_PAGE_SIZE)
		put_u64(buf, FILLER);
	if (fields & PERF_SAMPLE_CODE_PAGE_SIZE)
		put_u64(buf, FILLER);
	if (fields & PERF_SAMPLE_AUX) {
		put_u64(buf, 8);
		put_filler(buf, 1);
	}
}

static void put_sample(struct hw_buf *buf, const struct perf_event_attr *attr, const struct hw_sample *sample)
{
	const uint64_t fields = attr->sample_type;

	put_sample_head(buf, fields, sample);
	if (fields & PERF_SAMPLE_READ)
		put_read_format(buf, attr);
	if (fields & PERF_SAMPLE_CALLCHAIN) {
		put_u64(buf, sample->callchain_count);
		hw_buf_add(buf, sample->callchain, (size_t)sample->callchain_count * 8);
	}
	if (fields & PERF_SAMPLE_RAW)
		put_raw_sample(buf);
	if (fields & PERF_SAMPLE_BRANCH_STACK)
		put_branch_stack(buf, attr);
	if (fields & PERF_SAMPLE_REGS_USER)
		put_user_regs(buf, attr->sample_regs_user, &sample->user_regs);
	if (fields & PERF_SAMPLE_STACK_USER)
		put_user_stack(buf, attr->sample_stack_user, sample);
	put_sample_tail(buf, attr);
}

/* --- The other records ------------------------------------------------------------------------------------ */

/* struct sample_id (perf_event_open(2)): what attr.sample_id_all puts at the end of every record but a sample. */
static void put_sample_id(struct hw_buf *buf, uint64_t fields, const struct hw_record_id *id)
{
	if (fields & PERF_SAMPLE_TID)
		put_u32_pair(buf, id->pid, id->tid);
	if (fields & PERF_SAMPLE_TIME)
		put_u64(buf, id->time_ns);
	if (fields & PERF_SAMPLE_ID)
		put_u64(buf, id->id);
	if (fields & PERF_SAMPLE_STREAM_ID)
		put_u64(buf, FILLER);
	if (fields & PERF_SAMPLE_CPU)
		put_u32_pair(buf, id->cpu, 0);
	if (fields & PERF_SAMPLE_IDENTIFIER)
		put_u64(buf, id->id);
}

static void put_mmap_range(struct hw_buf *buf, const struct hw_record_mmap *mmap)
{
	put_u32_pair(buf, mmap->pid, mmap->tid);
	put_u64(buf, mmap->start_avma);
	put_u64(buf, mmap->size_bytes);
	put_u64(buf, mmap->file_foff);
}

static void put_mmap2(struct hw_buf *buf, const struct hw_record_mmap *mmap)
{
	put_mmap_range(buf, mmap);
	if (mmap->build_id_size) {
		const uint8_t head[4] = { mmap->build_id_size };

		hw_buf_add(buf, head, sizeof head);
		hw_buf_add(buf, mmap->build_id, sizeof mmap->build_id);
	} else {
		put_u32_pair(buf, mmap->major, mmap->minor);
		put_u64(buf, mmap->inode);
		put_u64(buf, mmap->inode_generation);
	}
	put_u32_pair(buf, mmap->prot, mmap->flags);
	put_text(buf, mmap->filename);
}

static void put_body(struct hw_buf *buf, const struct hw_record *r)
{
	switch (r->type) {
	case PERF_RECORD_MMAP:
		put_mmap_range(buf, &r->mmap);
		put_text(buf, r->mmap.filename);
		break;
	case PERF_RECORD_MMAP2:
		put_mmap2(buf, &r->mmap);
		break;
	case PERF_RECORD_COMM:
		put_u32_pair(buf, r->comm.pid, r->comm.tid);
		put_text(buf, r->comm.comm);
		break;
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT:
		put_u32_pair(buf, r->task.pid, r->task.ppid);
		put_u32_pair(buf, r->task.tid, r->task.ptid);
		put_u64(buf, r->task.time_ns);
		break;
	case PERF_RECORD_LOST:
		put_u64(buf, r->lost.id);
		put_u64(buf, r->lost.lost);
		break;
	case PERF_RECORD_LOST_SAMPLES:
		put_u64(buf, r->lost.lost);
		break;
	case PERF_RECORD_THROTTLE:
	case PERF_RECORD_UNTHROTTLE:
		put_u64(buf, r->throttle.time_ns);
		put_u64(buf, r->throttle.id);
		put_u64(buf, r->throttle.stream_id);
		break;
	case PERF_RECORD_SWITCH_CPU_WIDE:
		put_u32_pair(buf, r->sched.other_pid, r->sched.other_tid);
		break;
	case PERF_RECORD_KSYMBOL:
		put_u64(buf, r->ksymbol.start_avma);
		put_u32(buf, r->ksymbol.size_bytes);
		put_u16(buf, r->ksymbol.type);
		put_u16(buf, r->ksymbol.flags);
		put_text(buf, r->ksymbol.name);
		break;
	default: /* SWITCH, and whatever carries nothing we use */
		break;
	}
}

/* The header's misc bits, with those the record's own fields stand for. */
static uint16_t misc_of(const struct hw_record *r)
{
	unsigned misc = r->misc;

	switch (r->type) {
	case PERF_RECORD_SAMPLE:
		misc |= r->sample.cpumode & PERF_RECORD_MISC_CPUMODE_MASK;
		misc |= r->sample.exact_ip ? PERF_RECORD_MISC_EXACT_IP : 0;
		break;
	case PERF_RECORD_MMAP:
	case PERF_RECORD_MMAP2:
		misc |= r->mmap.is_data ? PERF_RECORD_MISC_MMAP_DATA : 0;
		misc |= r->type == PERF_RECORD_MMAP2 && r->mmap.build_id_size ? PERF_RECORD_MISC_MMAP_BUILD_ID
									      : 0;
		break;
	case PERF_RECORD_COMM:
		misc |= r->comm.exec ? PERF_RECORD_MISC_COMM_EXEC : 0;
		break;
	case PERF_RECORD_SWITCH:
	case PERF_RECORD_SWITCH_CPU_WIDE:
		misc |= r->sched.out ? PERF_RECORD_MISC_SWITCH_OUT : 0;
		misc |= r->sched.preempt ? PERF_RECORD_MISC_SWITCH_OUT_PREEMPT : 0;
		break;
	default:
		break;
	}
	return (uint16_t)misc;
}

size_t hw_build_raw(struct hw_buf *buf, uint32_t type, uint16_t misc, const void *body, size_t body_size,
		    uint16_t header_size)
{
	const struct perf_event_header header = { .type = type, .misc = misc, .size = header_size };
	const size_t offset = buf->size;

	hw_buf_add(buf, &header, sizeof header);
	hw_buf_add(buf, body, body_size);
	return offset;
}

size_t hw_build_record(struct hw_buf *buf, const struct perf_event_attr *attr, const struct hw_record *record)
{
	const size_t offset = hw_build_raw(buf, record->type, misc_of(record), "", 0, 0);
	uint16_t size;

	if (record->type == PERF_RECORD_SAMPLE) {
		put_sample(buf, attr, &record->sample);
	} else {
		put_body(buf, record);
		if (attr->sample_id_all)
			put_sample_id(buf, attr->sample_type, &record->id);
	}
	if (buf->size - offset > UINT16_MAX) {
		fprintf(stderr, "record_builder: a record of %zu bytes does not fit its header\n",
			buf->size - offset);
		abort();
	}
	size = (uint16_t)(buf->size - offset);
	memcpy(buf->data + offset + offsetof(struct perf_event_header, size), &size, sizeof size);
	return offset;
}

size_t hw_build_sample(struct hw_buf *buf, const struct perf_event_attr *attr, const struct hw_sample *sample)
{
	return hw_build_record(buf, attr,
			       &(struct hw_record){ .type = PERF_RECORD_SAMPLE, .sample = *sample });
}

struct hw_bytes hw_built_record(const struct hw_buf *buf, size_t offset)
{
	struct perf_event_header header;

	memcpy(&header, buf->data + offset, sizeof header);
	return hw_bytes_of(buf->data + offset,
			   header.size < buf->size - offset ? header.size : buf->size - offset);
}
