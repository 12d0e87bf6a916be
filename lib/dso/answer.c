#include "dso/answer.h"

#include "dso/demangle.h"

void hw_answer_begin(struct hw_answer_writer *writer, struct hw_dso_answer *answer)
{
	*answer = (struct hw_dso_answer){ .texts = hw_alloc(1, sizeof *answer->texts) };
	*writer = (struct hw_answer_writer){ .answer = answer };
}

const char *hw_answer_text(struct hw_answer_writer *writer, const char *text)
{
	const size_t length = text ? strlen(text) : 0;
	const uint64_t hash = hw_hash_bytes(text, length);
	uint32_t id;

	if (!length)
		return NULL;
	for (size_t slot = hw_map_first(&writer->index, hash);
	     (id = hw_map_id(&writer->index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&writer->index, slot, hash))
		if (strcmp(writer->texts.at[id], text) == 0)
			return writer->texts.at[id];
	hw_map_insert(&writer->index, hash, (uint32_t)writer->texts.count);
	hw_vec_push(&writer->texts, hw_arena_text(writer->answer->texts, text, length));
	return writer->texts.at[writer->texts.count - 1];
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
	struct hw_arena scratch = { 0 };

	frame->system_name = hw_answer_text(writer, system_name);
	frame->name = frame->system_name;
	if (frame->system_name) {
		const char *name = hw_demangle(system_name, &scratch);

		if (name)
			frame->name = hw_answer_text(writer, name);
	}
	hw_arena_fini(&scratch);
}

void hw_answer_end(struct hw_answer_writer *writer)
{
	hw_answer_next(writer);
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
