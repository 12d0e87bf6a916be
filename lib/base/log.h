/* Debug output by domain: HWPROF_DEBUG=ring,unwind (or all). Silent by default, never in a hot loop. */
#ifndef HW_BASE_LOG_H
#define HW_BASE_LOG_H

#include "base/alloc.h"

#include <stdbool.h>

/* Is the domain asked for? Reads the environment each time: call once and keep the answer. */
bool hw_log_on(const char *domain);

/* One line to stderr, "hwprof[domain]: ...", when the domain is asked for. */
void hw_log(const char *domain, const char *format, ...) HW_PRINTF(2, 3);

#endif
