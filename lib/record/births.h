/* Threads and processes that were born while counters were being opened: who inherited what. */
#ifndef HW_RECORD_BIRTHS_H
#define HW_RECORD_BIRTHS_H

#include "base/map.h"
#include "base/vec.h"

#include <sys/types.h>

struct hw_birth {
	pid_t tid;
	pid_t parent_tid;
	uint64_t time_ns; /* of its FORK record: after it inherited its parent's counters */
};

/* Zeroed is empty. */
struct hw_births {
	HW_VEC(struct hw_birth) list; /* in the order they were added */
	struct hw_map by_tid;
};

void hw_births_add(struct hw_births *births, const struct hw_birth *birth);
void hw_births_fini(struct hw_births *births);

/* The last birth of a thread with this id; NULL when none was seen. Borrowed until the next is added. */
const struct hw_birth *hw_births_find(const struct hw_births *births, pid_t tid);

#endif
