#include "record/decode.h"

#include <inttypes.h>
#include <sys/mman.h>

#ifndef PERF_RECORD_MISC_MMAP_BUILD_ID /* linux/perf_event.h before 5.12 */
#define PERF_RECORD_MISC_MMAP_BUILD_ID (1 << 14)
#endif

/* Fields of the sample_id trailer, in its order (linux/perf_event.h, "struct sample_id"). */
#define TRAILER_FIELDS                                                                                   \
	(PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU | \
	 PERF_SAMPLE_IDENTIFIER)

static size_t trailer_size(const struct perf_event_attr *attr)
{
	if (!attr->sample_id_all)
		return 0;
	return sizeof(uint64_t) * (size_t)__builtin_popcountll(attr->sample_type & TRAILER_FIELDS);
}

static void decode_trailer(struct hw_record_id *id, struct hw_bytes trailer, uint64_t fields)
{
	if (fields & PERF_SAMPLE_TID) {
		id->pid = hw_bytes_u32(&trailer);
		id->tid = hw_bytes_u32(&trailer);
	}
	if (fields & PERF_SAMPLE_TIME)
		id->time_ns = hw_bytes_u64(&trailer);
	if (fields & PERF_SAMPLE_ID)
		id->id = hw_bytes_u64(&trailer);
	if (fields & PERF_SAMPLE_STREAM_ID)
		(void)hw_bytes_u64(&trailer);
	if (fields & PERF_SAMPLE_CPU) {
		id->cpu = hw_bytes_u32(&trailer);
		(void)hw_bytes_u32(&trailer);
	}
	if (fields & PERF_SAMPLE_IDENTIFIER)
		id->id = hw_bytes_u64(&trailer);
}

static void decode_mmap(struct hw_record_mmap *mmap, struct hw_bytes *body, uint16_t misc)
{
	mmap->pid = hw_bytes_u32(body);
	mmap->tid = hw_bytes_u32(body);
	mmap->start_avma = hw_bytes_u64(body);
	mmap->size_bytes = hw_bytes_u64(body);
	mmap->file_foff = hw_bytes_u64(body);
	mmap->is_data = misc & PERF_RECORD_MISC_MMAP_DATA;
	mmap->prot = mmap->is_data ? PROT_READ : PROT_READ | PROT_EXEC;
	mmap->filename = hw_bytes_text(body);
}

static void decode_mmap2(struct hw_record_mmap *mmap, struct hw_bytes *body, uint16_t misc,
			 bool has_build_ids)
{
	mmap->pid = hw_bytes_u32(body);
	mmap->tid = hw_bytes_u32(body);
	mmap->start_avma = hw_bytes_u64(body);
	mmap->size_bytes = hw_bytes_u64(body);
	mmap->file_foff = hw_bytes_u64(body);
	/* The bit alone is not enough: Linux 6.18 leaves it set in our record when another profiler of the same task asked
	 * for build-ids and we did not. */
	if (has_build_ids && (misc & PERF_RECORD_MISC_MMAP_BUILD_ID)) {
		/* u8 size, u8 and u16 reserved, u8 build_id[20] */
		const uint8_t size = hw_bytes_u8(body);
		const uint8_t *build_id;

		(void)hw_bytes_take(body, 3);
		build_id = hw_bytes_take(body, HW_BUILD_ID_MAX);
		mmap->build_id_size = size <= HW_BUILD_ID_MAX ? size : HW_BUILD_ID_MAX;
		if (build_id)
			memcpy(mmap->build_id, build_id, mmap->build_id_size);
	} else {
		mmap->major = hw_bytes_u32(body);
		mmap->minor = hw_bytes_u32(body);
		mmap->inode = hw_bytes_u64(body);
		mmap->inode_generation = hw_bytes_u64(body);
	}
	mmap->prot = hw_bytes_u32(body);
	mmap->flags = hw_bytes_u32(body);
	mmap->is_data = misc & PERF_RECORD_MISC_MMAP_DATA;
	mmap->filename = hw_bytes_text(body);
}

static void decode_ksymbol(struct hw_record_ksymbol *ksymbol, struct hw_bytes *body)
{
	ksymbol->start_avma = hw_bytes_u64(body);
	ksymbol->size_bytes = hw_bytes_u32(body);
	ksymbol->type = hw_bytes_u16(body);
	ksymbol->flags = hw_bytes_u16(body);
	ksymbol->name = hw_bytes_text(body);
}

/* The body of every record but a sample: what its type says, without the trailer. */
static void decode_body(struct hw_record *r, struct hw_bytes *body, const struct perf_event_attr *attr)
{
	switch (r->type) {
	case PERF_RECORD_MMAP:
		decode_mmap(&r->mmap, body, r->misc);
		break;
	case PERF_RECORD_MMAP2:
		decode_mmap2(&r->mmap, body, r->misc, attr->build_id);
		break;
	case PERF_RECORD_COMM:
		r->comm.pid = hw_bytes_u32(body);
		r->comm.tid = hw_bytes_u32(body);
		r->comm.exec = r->misc & PERF_RECORD_MISC_COMM_EXEC;
		r->comm.comm = hw_bytes_text(body);
		break;
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT:
		r->task.pid = hw_bytes_u32(body);
		r->task.ppid = hw_bytes_u32(body);
		r->task.tid = hw_bytes_u32(body);
		r->task.ptid = hw_bytes_u32(body);
		r->task.time_ns = hw_bytes_u64(body);
		break;
	case PERF_RECORD_LOST:
		r->lost.id = hw_bytes_u64(body);
		r->lost.lost = hw_bytes_u64(body);
		break;
	case PERF_RECORD_LOST_SAMPLES:
		r->lost.lost = hw_bytes_u64(body);
		break;
	case PERF_RECORD_THROTTLE:
	case PERF_RECORD_UNTHROTTLE:
		r->throttle.time_ns = hw_bytes_u64(body);
		r->throttle.id = hw_bytes_u64(body);
		r->throttle.stream_id = hw_bytes_u64(body);
		break;
	case PERF_RECORD_SWITCH_CPU_WIDE:
		r->sched.other_pid = hw_bytes_u32(body);
		r->sched.other_tid = hw_bytes_u32(body);
		/* fall through */
	case PERF_RECORD_SWITCH:
		r->sched.out = r->misc & PERF_RECORD_MISC_SWITCH_OUT;
		r->sched.preempt = r->misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT;
		break;
	case PERF_RECORD_KSYMBOL:
		decode_ksymbol(&r->ksymbol, body);
		break;
	default: /* READ, AUX, ITRACE_START, NAMESPACES, BPF_EVENT, CGROUP, TEXT_POKE, ...: counted, not used */
		break;
	}
}

static int decode_sample(struct hw_record *r, struct hw_bytes body, const struct perf_event_attr *attr,
			 struct hw_err *err)
{
	if (hw_sample_decode(&r->sample, r->misc, body, attr, err) < 0)
		return -1;
	r->id = (struct hw_record_id){
		.pid = r->sample.pid,
		.tid = r->sample.tid,
		.time_ns = r->sample.time_ns,
		.id = r->sample.id,
		.cpu = r->sample.cpu,
	};
	return 0;
}

int hw_record_decode(struct hw_record *record, struct hw_bytes bytes, const struct perf_event_attr *attr,
		     struct hw_err *err)
{
	const size_t whole = hw_bytes_left(&bytes);
	const size_t trailer = trailer_size(attr);
	struct hw_record r = { .type = hw_bytes_u32(&bytes) };
	struct hw_bytes body;

	r.misc = hw_bytes_u16(&bytes);
	if (hw_bytes_u16(&bytes) != whole || bytes.overrun)
		return hw_err_set(err, HW_ERR_FORMAT,
				  "record of type %" PRIu32 " does not have the size its header says",
				  r.type);
	if (r.type == PERF_RECORD_SAMPLE) {
		if (decode_sample(&r, bytes, attr, err) < 0)
			return -1;
		*record = r;
		return 0;
	}
	if (hw_bytes_left(&bytes) < trailer)
		return hw_err_set(err, HW_ERR_FORMAT, "%s record of %zu bytes has no room for its sample_id",
				  hw_record_type_name(r.type), whole);
	body = hw_bytes_sub(&bytes, hw_bytes_left(&bytes) - trailer);
	decode_trailer(&r.id, bytes, trailer ? attr->sample_type : 0);
	decode_body(&r, &body, attr);
	if (body.overrun)
		return hw_err_set(err, HW_ERR_FORMAT, "%s record of %zu bytes ends too early",
				  hw_record_type_name(r.type), whole);
	*record = r;
	return 0;
}

static uint16_t words(uint64_t fields)
{
	return (uint16_t)(sizeof(uint64_t) * (size_t)__builtin_popcountll(fields));
}

struct hw_time_place hw_record_time_place(const struct perf_event_attr *attr)
{
	const uint64_t fields = attr->sample_type;
	struct hw_time_place place = { 0 };

	if (!(fields & PERF_SAMPLE_TIME))
		return place;
	place.in_samples =
		(uint16_t)(sizeof(struct perf_event_header) +
			   words(fields & (PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID)));
	if (attr->sample_id_all)
		place.in_others = words(fields & TRAILER_FIELDS & ~(uint64_t)PERF_SAMPLE_TID);
	return place;
}

const char *hw_record_type_name(uint32_t type)
{
	static const char *const names[] = {
		[PERF_RECORD_MMAP] = "MMAP",
		[PERF_RECORD_LOST] = "LOST",
		[PERF_RECORD_COMM] = "COMM",
		[PERF_RECORD_EXIT] = "EXIT",
		[PERF_RECORD_THROTTLE] = "THROTTLE",
		[PERF_RECORD_UNTHROTTLE] = "UNTHROTTLE",
		[PERF_RECORD_FORK] = "FORK",
		[PERF_RECORD_READ] = "READ",
		[PERF_RECORD_SAMPLE] = "SAMPLE",
		[PERF_RECORD_MMAP2] = "MMAP2",
		[PERF_RECORD_AUX] = "AUX",
		[PERF_RECORD_ITRACE_START] = "ITRACE_START",
		[PERF_RECORD_LOST_SAMPLES] = "LOST_SAMPLES",
		[PERF_RECORD_SWITCH] = "SWITCH",
		[PERF_RECORD_SWITCH_CPU_WIDE] = "SWITCH_CPU_WIDE",
		[PERF_RECORD_NAMESPACES] = "NAMESPACES",
		[PERF_RECORD_KSYMBOL] = "KSYMBOL",
		[PERF_RECORD_BPF_EVENT] = "BPF_EVENT",
		[PERF_RECORD_CGROUP] = "CGROUP",
		[PERF_RECORD_TEXT_POKE] = "TEXT_POKE",
		[PERF_RECORD_AUX_OUTPUT_HW_ID] = "AUX_OUTPUT_HW_ID",
		[22] = "CALLCHAIN_DEFERRED", /* newer than the headers here */
	};

	return type < HW_COUNT_OF(names) && names[type] ? names[type] : "UNKNOWN";
}
