/* PERF_RECORD_*: raw bytes to typed records. */
#ifndef HW_RECORD_DECODE_H
#define HW_RECORD_DECODE_H

#include "record/sample.h"

#define HW_BUILD_ID_MAX 20

/* The fields every record but a sample carries at its end with attr.sample_id_all; for samples, the sample's. */
struct hw_record_id {
	uint32_t pid, tid;
	uint64_t time_ns;
	uint64_t id;
	uint32_t cpu;
};

struct hw_record_mmap {
	uint32_t pid, tid;
	uint64_t start_avma;
	uint64_t size_bytes;
	uint64_t file_foff;
	uint32_t major, minor;
	uint64_t inode;
	uint64_t inode_generation;
	uint32_t prot;	/* PROT_*; PROT_EXEC when the old MMAP record does not say */
	uint32_t flags; /* MAP_* */
	uint8_t build_id[HW_BUILD_ID_MAX];
	uint8_t build_id_size; /* 0 when the kernel gave the inode instead */
	bool is_data;	       /* PERF_RECORD_MISC_MMAP_DATA: not executable */
	const char *filename;
};

struct hw_record_comm {
	uint32_t pid, tid;
	bool exec; /* the name changed because of execve */
	const char *comm;
};

/* FORK: ppid/ptid are the parent's. EXIT has the same layout. */
struct hw_record_task {
	uint32_t pid, ppid;
	uint32_t tid, ptid;
	uint64_t time_ns;
};

struct hw_record_lost {
	uint64_t id;
	uint64_t lost;
};

struct hw_record_throttle {
	uint64_t time_ns, id, stream_id;
};

struct hw_record_switch {
	bool out, preempt;
	uint32_t other_pid, other_tid; /* CPU_WIDE only */
};

struct hw_record_ksymbol {
	uint64_t start_avma;
	uint32_t size_bytes;
	uint16_t type;	/* PERF_RECORD_KSYMBOL_TYPE_* */
	uint16_t flags; /* PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER */
	const char *name;
};

/* type is the kernel's number, also for records that carry nothing we use (AUX, NAMESPACES, ...). */
struct hw_record {
	uint32_t type;
	uint16_t misc;
	struct hw_record_id id;
	union {
		struct hw_sample sample;	    /* SAMPLE */
		struct hw_record_mmap mmap;	    /* MMAP, MMAP2 */
		struct hw_record_comm comm;	    /* COMM */
		struct hw_record_task task;	    /* FORK, EXIT */
		struct hw_record_lost lost;	    /* LOST, LOST_SAMPLES */
		struct hw_record_throttle throttle; /* THROTTLE, UNTHROTTLE */
		struct hw_record_switch sched;	    /* SWITCH, SWITCH_CPU_WIDE */
		struct hw_record_ksymbol ksymbol;   /* KSYMBOL */
	};
};

/* Decode one whole record (header included) written for an event with attr. All pointers borrow bytes.
 * -1 with HW_ERR_FORMAT, and *record untouched, when the record is shorter than its type says.
 * Layouts: perf_event_open(2) and linux/perf_event.h, enum perf_event_type. */
int hw_record_decode(struct hw_record *record, struct hw_bytes bytes, const struct perf_event_attr *attr,
		     struct hw_err *err) HW_CHECKED;

/* Where records of an attr's form have their time, so that they can be ordered undecoded. */
struct hw_time_place {
	uint16_t in_samples; /* bytes from the start; 0 = nowhere */
	uint16_t in_others;  /* bytes back from the end; 0 = nowhere */
};

struct hw_time_place hw_record_time_place(const struct perf_event_attr *attr);

/* Offset of the time in a record of that type and size; 0 when it has none. A multiple of 8 when the size is one. */
static inline uint32_t hw_time_offset(struct hw_time_place place, uint32_t type, uint32_t size_bytes)
{
	if (type == PERF_RECORD_SAMPLE)
		return place.in_samples + sizeof(uint64_t) <= size_bytes ? place.in_samples : 0;
	return place.in_others + sizeof(struct perf_event_header) <= size_bytes && place.in_others
		       ? size_bytes - place.in_others
		       : 0;
}

/* "MMAP2", "SAMPLE", ...; "UNKNOWN" for numbers newer than this. */
const char *hw_record_type_name(uint32_t type);

#endif
