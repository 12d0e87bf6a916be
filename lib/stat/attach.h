/* Counting processes that run already. */
#ifndef HW_STAT_ATTACH_H
#define HW_STAT_ATTACH_H

#include "event/counting.h"

/* Open counters on every thread of a process. Threads that come and go meanwhile count once: one born from a thread
 * with counters has them already. -1 with HW_ERR_TARGET when the process is gone, or as hw_counting_open. */
int hw_stat_attach(struct hw_counting *counting, pid_t pid, struct hw_err *err) HW_CHECKED;

#endif
