/* What the rows of a report are: the frames (or labels) of a profile grouped by function, line, DSO, thread or
 * process. Worked out once per distinct location, so that a pass over the samples only reads small lists. */
#ifndef HW_REPORT_ROWS_H
#define HW_REPORT_ROWS_H

#include "base/arena.h"
#include "base/buf.h"
#include "profile/profile.h"

enum hw_row_key {
	HW_ROW_FUNCTION, /* same name and file; without a file, same name and DSO; without a name, same address */
	HW_ROW_LINE,	 /* of one function; without a line, the function; without a name, same address */
	HW_ROW_DSO,
	HW_ROW_THREAD,	/* same pid, tid and name */
	HW_ROW_PROCESS, /* same pid and name */
};

#define HW_ROW_KEY_COUNT 5

/* "function", "line", ...: the word for --by, in headings and in JSON. */
const char *hw_row_key_name(enum hw_row_key key);

/* Is it a property of frames (function, line, DSO), so that rows call each other? */
bool hw_row_key_has_callers(enum hw_row_key key);

/* Texts are never NULL, and owned by the rows or borrowed from the profile. Numbers are -1 when unknown. */
struct hw_row {
	const char *
		name; /* function, DSO, thread or process; "[FILE+0xOFFSET]" for an address without a symbol */
	const char *file; /* source file, or "" */
	const char *dso;  /* file it was mapped from, or "" */
	int64_t line;	  /* 0 unless grouped by line */
	int64_t pid, tid;
	bool is_kernel;
	bool is_unknown; /* no symbol for this address */
};

struct hw_rows {
	enum hw_row_key key;
	HW_VEC(struct hw_row) list;
	/* By function, line, DSO: the rows of location i, innermost first, are
	 * of_location[first_of_location[i]] .. of_location[first_of_location[i + 1] - 1]; never none. */
	uint32_t *first_of_location;
	HW_VEC(uint32_t) of_location;
	uint32_t of_empty_stack; /* the row of a stack without frames; HW_NONE when there is no such stack */
	/* By thread, process: the row of each sample. Else NULL. */
	uint32_t *of_sample;

	struct hw_arena texts;
	struct hw_map index;
};

/* Group a profile, which must outlive the rows. */
void hw_rows_init(struct hw_rows *rows, const struct hw_profile *profile, enum hw_row_key key);
void hw_rows_fini(struct hw_rows *rows);

/* The rows of a location, innermost first; at least one. */
static inline const uint32_t *hw_rows_of_location(const struct hw_rows *rows, uint32_t location,
						  uint32_t *count)
{
	const uint32_t first = rows->first_of_location[location];

	*count = rows->first_of_location[location + 1] - first;
	return rows->of_location.at + first;
}

/* Order by name, then file, DSO, line, pid and tid: what decides between equal values. */
int hw_row_compare(const struct hw_row *a, const struct hw_row *b);

/* A text to show for a row: its name, with the line or the ids that tell it from its neighbours. Appended to out
 * as it stands: the caller escapes it. */
void hw_row_label(struct hw_buf *out, const struct hw_rows *rows, const struct hw_row *row);

#endif
