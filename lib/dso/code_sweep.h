/* Which of many pieces of code, loaded one after the other, lay at an address? Pieces may overlap: JITs free code and
 * put other code in its place. Asked for ascending addresses, a sweep answers each in the time of a few words,
 * however the pieces lie: they come from files of others. */
#ifndef HW_DSO_CODE_SWEEP_H
#define HW_DSO_CODE_SWEEP_H

#include <stddef.h>
#include <stdint.h>

/* [start, limit), not empty. */
struct hw_code_range {
	uint64_t start_avma, limit_avma;
};

#define HW_CODE_NONE UINT32_MAX
#define HW_CODE_SWEEP_LEVELS 6 /* 64^6 > 2^32 */

struct hw_code_sweep {
	const uint8_t *first; /* borrowed */
	size_t stride;
	uint32_t count;
	uint32_t *by_start, *by_limit; /* the pieces in these orders */
	uint32_t started, ended;       /* so many of them begin, end at or below the address reached */
	/* One bit for each piece that covers the address reached; above it, one for each word that is not 0; and so on. */
	uint64_t *level[HW_CODE_SWEEP_LEVELS];
	unsigned level_count;
};

/* Begin, over count (below HW_CODE_NONE) structs of `stride` bytes that start with their struct hw_code_range, in the
 * order in which they were loaded. They are borrowed until hw_code_sweep_fini. */
void hw_code_sweep_init(struct hw_code_sweep *sweep, const void *first, size_t stride, size_t count);
void hw_code_sweep_fini(struct hw_code_sweep *sweep);

/* Go on to an address, not below the one before. */
void hw_code_sweep_to(struct hw_code_sweep *sweep, uint64_t avma);

/* The last piece before number `index` that covers the address; HW_CODE_NONE when there is none. The newest of all is
 * hw_code_sweep_before(sweep, sweep->count). */
uint32_t hw_code_sweep_before(const struct hw_code_sweep *sweep, uint32_t index);

#endif
