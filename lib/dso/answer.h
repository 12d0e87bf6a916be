/* Writing a hw_dso_answer: frames appended address by address, texts kept once, names demangled at the end. */
#ifndef HW_DSO_ANSWER_H
#define HW_DSO_ANSWER_H

#include "base/map.h"
#include "base/workers.h"
#include "dso/dso.h"

struct hw_answer_text; /* lib/dso/answer.c */

struct hw_answer_writer {
	struct hw_dso_answer *answer;	       /* borrowed */
	struct hw_map index;		       /* of the texts */
	HW_VEC(struct hw_answer_text *) texts; /* owned by the answer */
};

/* Start an empty answer, which is the caller's to hw_dso_answer_fini. */
void hw_answer_begin(struct hw_answer_writer *writer, struct hw_dso_answer *answer);

/* The answer's own copy of a text; equal texts give the same pointer. NULL and "" give NULL, and so does what comes after
 * half a GiB of texts: overlapping ones can make much of a small file. */
const char *hw_answer_text(struct hw_answer_writer *writer, const char *text);

/* The same for a text whose length and hw_hash_bytes are known. */
const char *hw_answer_hashed_text(struct hw_answer_writer *writer, const char *text, size_t length,
				  uint64_t hash);

/* What follows belongs to the next address. Called before the frames of each address. */
void hw_answer_next(struct hw_answer_writer *writer);

/* Append a frame whose texts are the answer's. Where name is system_name, it becomes its demangled form at the end, if it
 * is mangled. */
void hw_answer_frame(struct hw_answer_writer *writer, const struct hw_source_frame *frame);

/* Name a frame by its symbol: system_name, and name for hw_answer_frame to complete. */
void hw_answer_name(struct hw_answer_writer *writer, struct hw_source_frame *frame, const char *system_name);

/* Done with the last address. Demangles, by the workers (NULL = in this thread). */
void hw_answer_end(struct hw_answer_writer *writer, struct hw_workers *workers);

#endif
