#include "dso/answer.h"

#include "dso/demangle.h"

#include <stddef.h>

#define TEXTS_MAX_BYTES ((size_t)512 << 20)
/* Names a task demangles: some milliseconds of work. */
#define NAMES_PER_TASK 256

/* A text of the answer. Frames have the address of its bytes. */
struct hw_answer_text {
	const char *demangled; /* the answer's; NULL until it is known, and when the text is not mangled */
	char bytes[];
};

/* What a task made of some names. */
struct demangled {
	struct hw_arena arena;
	const char *names[NAMES_PER_TASK]; /* NULL = not mangled */
	uint64_t hashes[NAMES_PER_TASK];
};

struct demangling {
	struct hw_answer_writer *writer;
	HW_VEC(struct hw_answer_text *) texts; /* that may be mangled */
	struct demangled *results;	       /* of each task */
};

void hw_answer_begin(struct hw_answer_writer *writer, struct hw_dso_answer *answer)
{
	*answer = (struct hw_dso_answer){ .texts = hw_alloc(1, sizeof *answer->texts) };
	*writer = (struct hw_answer_writer){ .answer = answer };
}

static struct hw_answer_text *container_of(const char *bytes)
{
	return (struct hw_answer_text *)(void *)(uintptr_t)(bytes - offsetof(struct hw_answer_text, bytes));
}

const char *hw_answer_hashed_text(struct hw_answer_writer *writer, const char *text, size_t length,
				  uint64_t hash)
{
	struct hw_answer_text *kept;
	uint32_t id;

	if (!length)
		return NULL;
	for (size_t slot = hw_map_first(&writer->index, hash);
	     (id = hw_map_id(&writer->index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&writer->index, slot, hash))
		if (strcmp(writer->texts.at[id]->bytes, text) == 0)
			return writer->texts.at[id]->bytes;
	if (length > TEXTS_MAX_BYTES || writer->answer->texts->total_bytes > TEXTS_MAX_BYTES - length)
		return NULL;
	kept = hw_arena_alloc(writer->answer->texts, sizeof *kept + length + 1);
	kept->demangled = NULL;
	memcpy(kept->bytes, text, length);
	kept->bytes[length] = '\0'; /* the text may lie in a file that somebody writes to */
	hw_map_insert(&writer->index, hash, (uint32_t)writer->texts.count);
	hw_vec_push(&writer->texts, kept);
	return kept->bytes;
}

const char *hw_answer_text(struct hw_answer_writer *writer, const char *text)
{
	const size_t length = text ? strlen(text) : 0;

	return hw_answer_hashed_text(writer, text, length, hw_hash_bytes(text, length));
}

void hw_answer_next(struct hw_answer_writer *writer)
{
	hw_vec_push(&writer->answer->first, (uint32_t)writer->answer->frames.count);
}

void hw_answer_frame(struct hw_answer_writer *writer, const struct hw_source_frame *frame)
{
	hw_vec_push(&writer->answer->frames, *frame);
}

void hw_answer_name(struct hw_answer_writer *writer, struct hw_source_frame *frame, const char *system_name)
{
	frame->system_name = hw_answer_text(writer, system_name);
	frame->name = frame->system_name;
}

static void demangle_some(void *user, size_t task)
{
	const struct demangling *d = user;
	struct demangled *result = &d->results[task];
	const size_t first = task * NAMES_PER_TASK;

	for (size_t i = 0; i < NAMES_PER_TASK && first + i < d->texts.count; i++) {
		const char *name = hw_demangle(d->texts.at[first + i]->bytes, &result->arena);

		result->names[i] = name;
		result->hashes[i] = name ? hw_hash_bytes(name, strlen(name)) : 0;
	}
}

/* Take what a task made into the answer. */
static void keep_demangled(const struct demangling *d, size_t task)
{
	struct demangled *result = &d->results[task];
	const size_t first = task * NAMES_PER_TASK;

	for (size_t i = 0; i < NAMES_PER_TASK && first + i < d->texts.count; i++)
		if (result->names[i])
			d->texts.at[first + i]->demangled = hw_answer_hashed_text(
				d->writer, result->names[i], strlen(result->names[i]), result->hashes[i]);
	hw_arena_fini(&result->arena);
}

/* Every name once, whatever number of frames has it. */
static void demangle_all(struct hw_answer_writer *writer, struct hw_workers *workers)
{
	struct demangling d = { .writer = writer };
	size_t tasks;

	for (size_t i = 0; i < writer->texts.count; i++)
		if (writer->texts.at[i]->bytes[0] == '_')
			hw_vec_push(&d.texts, writer->texts.at[i]);
	tasks = (d.texts.count + NAMES_PER_TASK - 1) / NAMES_PER_TASK;
	d.results = hw_alloc(tasks, sizeof *d.results);
	hw_workers_run(workers, tasks, demangle_some, &d);
	for (size_t i = 0; i < tasks; i++)
		keep_demangled(&d, i);
	free(d.results);
	hw_vec_fini(&d.texts);
}

void hw_answer_end(struct hw_answer_writer *writer, struct hw_workers *workers)
{
	struct hw_dso_answer *answer = writer->answer;

	hw_answer_next(writer);
	demangle_all(writer, workers);
	for (size_t i = 0; i < answer->frames.count; i++) {
		struct hw_source_frame *frame = &answer->frames.at[i];

		if (frame->name && frame->name == frame->system_name && container_of(frame->name)->demangled)
			frame->name = container_of(frame->name)->demangled;
	}
	hw_map_fini(&writer->index);
	hw_vec_fini(&writer->texts);
}

void hw_dso_answer_fini(struct hw_dso_answer *answer)
{
	hw_vec_fini(&answer->frames);
	hw_vec_fini(&answer->first);
	if (answer->texts) {
		hw_arena_fini(answer->texts);
		free(answer->texts);
	}
	*answer = (struct hw_dso_answer){ 0 };
}
