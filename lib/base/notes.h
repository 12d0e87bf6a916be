/* Sentences for people, in the order they came up, each kept once. */
#ifndef HW_BASE_NOTES_H
#define HW_BASE_NOTES_H

#include "base/vec.h"

/* Zeroed is empty. */
struct hw_notes {
	HW_VEC(char *) list; /* without full stop; owned */
};

void hw_notes_keep(struct hw_notes *notes, const char *text);
void hw_notes_fini(struct hw_notes *notes);

#endif
