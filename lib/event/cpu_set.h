/* CPUs by vendor, family, models and steppings: which a table of events/ is for. */
#ifndef HW_EVENT_CPU_SET_H
#define HW_EVENT_CPU_SET_H

#include "event/cpu.h"

#include <stddef.h>

struct hw_number_range {
	uint32_t first, last;
};

struct hw_number_ranges {
	struct hw_number_range *at;
	size_t count, capacity; /* as HW_VEC */
};

/* CPUs of one vendor and family. Zeroed is empty. */
struct hw_cpu_set {
	char *vendor;
	uint32_t family;
	struct hw_number_ranges models;	   /* none = any */
	struct hw_number_ranges steppings; /* none = any */
};

void hw_cpu_set_fini(struct hw_cpu_set *set);

/* "0x4e", "78" or "0x30-0x7f". False for any other text, *range then being undefined. */
bool hw_number_range_parse(struct hw_number_range *range, const char *text);

bool hw_cpu_set_has(const struct hw_cpu_set *set, const struct hw_cpu *cpu);

#endif
