/* Writing a hw_dso_answer: frames appended address by address, texts kept once. */
#ifndef HW_DSO_ANSWER_H
#define HW_DSO_ANSWER_H

#include "base/map.h"
#include "dso/dso.h"

struct hw_answer_writer {
	struct hw_dso_answer *answer; /* borrowed */
	struct hw_map index;	      /* of the texts */
	HW_VEC(const char *) texts;   /* owned by the answer */
};

/* Start an empty answer, which is the caller's to hw_dso_answer_fini. */
void hw_answer_begin(struct hw_answer_writer *writer, struct hw_dso_answer *answer);

/* The answer's own copy of a text; equal texts give the same pointer. NULL and "" give NULL. */
const char *hw_answer_text(struct hw_answer_writer *writer, const char *text);

/* What follows belongs to the next address. Called before the frames of each address. */
void hw_answer_next(struct hw_answer_writer *writer);

/* Append a frame whose texts are the answer's. */
void hw_answer_frame(struct hw_answer_writer *writer, const struct hw_source_frame *frame);

/* Name a frame by its symbol: system_name and its demangled form, or the same where it is not mangled. */
void hw_answer_name(struct hw_answer_writer *writer, struct hw_source_frame *frame, const char *system_name);

/* Done with the last address. */
void hw_answer_end(struct hw_answer_writer *writer);

#endif
