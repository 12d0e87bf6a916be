/* Rings -> the bytes of their records, in time order. */
#ifndef HW_RECORD_READER_H
#define HW_RECORD_READER_H

#include "base/bytes.h"
#include "record/births.h"
#include "record/cpu_rings.h"

struct hw_reader; /* lib/record/reader.c */

struct hw_reader_stats {
	uint64_t records_read;	/* every record found in a ring */
	uint64_t records_late;	/* of those, out of order (given out all the same) */
	uint64_t rings_corrupt; /* times a ring's bytes made no sense and were skipped */
};

/* For rings that are open, and records of one form, which is that of `model` (for its sample_type, sample_id_all and
 * clock). Both borrowed. */
struct hw_reader *hw_reader_new(struct hw_cpu_rings *rings, const struct perf_event_attr *model);
void hw_reader_free(struct hw_reader *reader);

/* See what the rings have got, and what of it may go in order: what is a few milliseconds old; if `last`, everything.
 * births: FORK records are wanted before their turn, and go there; NULL = not wanted. */
void hw_reader_look(struct hw_reader *reader, bool last, struct hw_births *births);

/* The next record in time order. 1 with its bytes, borrowed from the ring until the next call, or 0 when a new look is
 * needed. Call it until it says so: the kernel needs the room. */
int hw_reader_next(struct hw_reader *reader, struct hw_bytes *bytes) HW_CHECKED;

void hw_reader_stats(const struct hw_reader *reader, struct hw_reader_stats *stats);

#endif
