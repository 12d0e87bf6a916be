/* The names closest to one that was not found, for "did you mean". */
#ifndef HW_BASE_NEAREST_H
#define HW_BASE_NEAREST_H

#include "base/buf.h"

#define HW_NEAREST_MAX 5
#define HW_NEAREST_NAME_MAX 96 /* bytes with the NUL; longer names are never close */

struct hw_nearest {
	char wanted[HW_NEAREST_NAME_MAX];
	size_t count;
	struct {
		char name[HW_NEAREST_NAME_MAX];
		unsigned cost;
	} best[HW_NEAREST_MAX]; /* cheapest first; of equals, the one offered first */
};

void hw_nearest_init(struct hw_nearest *nearest, const char *wanted);

/* Keep a copy of name when it is among the closest so far and close at all: an edit distance (insert, delete,
 * replace, swap neighbours; case costs nothing) of at most a third of the wanted name, or one begins with the other. */
void hw_nearest_offer(struct hw_nearest *nearest, const char *name);

/* "did you mean 'a', 'b' or 'c'?"; nothing when no name is close. Gives the number of names. */
size_t hw_nearest_print(struct hw_buf *out, const struct hw_nearest *nearest);

#endif
