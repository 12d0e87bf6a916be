/* Processes of many threads, for tests of attaching, and what the kernel knows of them. */
#ifndef HW_TESTS_CROWD_H
#define HW_TESTS_CROWD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A process whose main thread starts `count` threads with this function, and waits for ever. It dies with us. */
pid_t crowd_start(void *(*thread_main)(void *), int count);
void crowd_end(pid_t pid);

/* Wait until it has that many threads. */
void crowd_wait(pid_t pid, size_t thread_count);

/* Minor page faults of all threads, also those that have ended. */
uint64_t crowd_faults(pid_t pid);

/* What its threads may do: start others for ever, some 50 at a time, which live for 50 ms and touch pages ... */
void *crowd_spawn(void *arg);
/* ... or touch two pages five times in two seconds. */
void *crowd_touch_and_wait(void *arg);

#endif
