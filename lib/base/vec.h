/* Growing arrays: struct { T *at; size_t count, capacity; }, written HW_VEC(T). Zeroed is empty.
 * The macros evaluate `vec` several times: give them a variable, not a call. */
#ifndef HW_BASE_VEC_H
#define HW_BASE_VEC_H

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define HW_VEC(type)             \
	struct {                 \
		type *at;        \
		size_t count;    \
		size_t capacity; \
	}

/* Make room for `more` further elements. */
#define hw_vec_reserve(vec, more)                                                      \
	do {                                                                           \
		if ((vec)->count + (more) > (vec)->capacity) {                         \
			size_t hw_want = (vec)->capacity ? (vec)->capacity * 2 : 8;    \
			while (hw_want < (vec)->count + (more))                        \
				hw_want *= 2;                                          \
			(vec)->at = hw_realloc((vec)->at, hw_want, sizeof *(vec)->at); \
			(vec)->capacity = hw_want;                                     \
		}                                                                      \
	} while (0)

/* Append a copy of value (may be a compound literal). vec is evaluated several times: a plain variable or field. */
#define hw_vec_push(vec, ...)                              \
	do {                                               \
		hw_vec_reserve((vec), 1);                  \
		(vec)->at[(vec)->count++] = (__VA_ARGS__); \
	} while (0)

/* Free the array and leave it empty. */
#define hw_vec_fini(vec)                            \
	do {                                        \
		free((vec)->at);                    \
		(vec)->at = NULL;                   \
		(vec)->count = (vec)->capacity = 0; \
	} while (0)

#endif
