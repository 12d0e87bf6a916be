/* Threads that do many independent tasks, and the tasks those are made of, with all cores busy until the last. */
#ifndef HW_BASE_WORKERS_H
#define HW_BASE_WORKERS_H

#include <stddef.h>

struct hw_workers; /* lib/base/workers.c */

/* Task `index` of a batch. */
typedef void hw_task(void *user, size_t index);

/* Called by the thread that made the workers, between tasks and ten times a second while it waits for others, with the
 * sum of what tasks passed to hw_workers_advance. NULL = nobody looks. */
typedef void hw_workers_watch(void *user, size_t advanced);

/* Cores this process may run on, at least 1. */
size_t hw_core_count(void);

/* Start threads, so that with the caller's there are as many as that (at most 64); fewer when the system gives no more.
 * They take no signals but SIGBUS: those are the caller's. */
struct hw_workers *hw_workers_new(size_t thread_count, hw_workers_watch *watch, void *user);
void hw_workers_free(struct hw_workers *workers);

/* Do tasks 0 to count - 1, in any order, in the calling thread and those that are idle; returns when all are done. A task
 * may call it for a batch of its own. workers NULL: in the calling thread, one after the other. */
void hw_workers_run(struct hw_workers *workers, size_t count, hw_task *task, void *user);

/* Tell the watch that some more of the work is done. */
void hw_workers_advance(struct hw_workers *workers, size_t amount);

#endif
