/* Which threads were born with our counters on them. */
#ifndef HW_STAT_LINEAGE_H
#define HW_STAT_LINEAGE_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct hw_lineage; /* lib/stat/lineage.c */

struct hw_lineage *hw_lineage_new(struct hw_err *err) HW_CHECKED;
void hw_lineage_free(struct hw_lineage *lineage);

/* Have the kernel tell (PERF_RECORD_FORK) when the thread, or one born from it from now on, starts another. One
 * descriptor per CPU. -1 with err as hw_counter_open. */
int hw_lineage_watch(struct hw_lineage *lineage, pid_t tid, struct hw_err *err) HW_CHECKED;

/* Stop watching the thread and forget what was born from it, and from those. */
void hw_lineage_unwatch(struct hw_lineage *lineage, pid_t tid);

/* Read what the kernel has told. */
void hw_lineage_read(struct hw_lineage *lineage);

/* Was the thread born from a watched one, as far as read? */
bool hw_lineage_has_child(const struct hw_lineage *lineage, pid_t tid);

/* Was anything born from this watched thread, as far as read? */
bool hw_lineage_has_parent(const struct hw_lineage *lineage, pid_t tid);

#endif
