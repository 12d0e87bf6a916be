/* stack_capture FILE WHAT... -- COMMAND...: record a command until a sample has all that is asked for, and write it as a
 * fixture (stack_fixture.h): what its unwinding needs, and nothing else. How those in tests/fixtures/stacks were made.
 *
 * WHAT, all of which has to be so:
 *	end=NAME	the stack ends so ("root", "truncated", ...)
 *	leaf=TEXT	the path of the file of the leaf has TEXT in it
 *	section=NAME	the leaf is in that section
 *	function=NAME	a function of the stack has that name
 *	at=prologue	the leaf is within four bytes behind its first instruction, behind a push
 *	at=epilogue	the leaf is at a ret that is not its first instruction
 *	has=noreturn	a call was its function's last instruction
 *	has=signal	a signal frame
 *	has=expression	a CFA by an expression that is not one of a PLT's
 *	frames=N	at most N frames */
#include "base/file.h"
#include "tests/lib/engines.h"
#include "tests/lib/live.h"
#include "tests/lib/stack_fixture.h"
#include "unwind/callchain.h"
#include "unwind/rules.h"

#include <inttypes.h>

#define SKIP 77
#define CODE_AROUND 16

struct capture {
	const char *path;
	char **wanted; /* up to "--" */
	char **command;
	struct hw_dso_table *dsos;
	struct hw_process_table *processes;
	struct hw_cfi_set cfis;
	struct hw_unwinder *unwinders[ENGINES];
	struct hw_frames found[ENGINES];
	struct hw_frames again;
	bool done;
};

/* What is known of a frame's place. */
struct place {
	const struct hw_mapping *mapping;
	const struct hw_dso_cfi *dso;
	uint64_t svma;
	bool has_rows;
	struct hw_cfi_rows rows;
};

static bool find_place(struct capture *c, struct hw_process *process, uint64_t avma, struct place *place)
{
	*place = (struct place){ .mapping = hw_mappings_find(&process->mappings, avma) };
	if (!place->mapping)
		return false;
	place->dso = hw_cfi_set_get(&c->cfis, place->mapping->dso);
	if (!place->dso ||
	    !hw_elf_svma_of_foff(place->dso->elf, hw_mapping_foff(place->mapping, avma), &place->svma))
		return false;
	hw_cfi_wait(&place->dso->cfi);
	place->has_rows = hw_cfi_find_rows(&place->dso->cfi, place->svma, &place->rows) == HW_CFI_FOUND;
	return true;
}

/* The function's name; "" when there is none. For one frame at a time. */
static void name_of(const struct place *place, uint64_t avma, char *name, size_t size)
{
	const uint64_t foff = hw_mapping_foff(place->mapping, avma);
	struct hw_dso_answer answer = { 0 };

	*name = '\0';
	hw_dso_resolve(place->mapping->dso, &foff, 1, NULL, &answer);
	if (answer.frames.count && answer.frames.at[answer.frames.count - 1].system_name)
		hw_copy_text(name, size, answer.frames.at[answer.frames.count - 1].system_name);
	hw_dso_answer_fini(&answer);
}

/* --- Is it what is wanted? ---------------------------------------------------------------------------------- */

static bool in_section(const struct place *leaf, const char *name)
{
	const struct hw_elf_section *section = hw_elf_find_section(leaf->dso->elf, name);

	return section && leaf->svma - section->vaddr_svma < section->size;
}

static bool has_function(struct capture *c, struct hw_process *process, const char *wanted)
{
	for (size_t i = 0; i < c->found[AUTO].count; i++) {
		const uint64_t avma = hw_frame_lookup_avma(&c->found[AUTO].at[i]);
		struct place place;
		char name[128];

		if (!find_place(c, process, avma, &place))
			continue;
		name_of(&place, avma, name, sizeof name);
		if (!strcmp(name, wanted))
			return true;
	}
	return false;
}

static bool is_at(const struct place *leaf, const char *where)
{
	const uint8_t *code = hw_elf_at_svma(leaf->dso->elf, leaf->svma, 1);
	const uint64_t distance = leaf->svma - leaf->rows.start_svma;

	if (!leaf->has_rows || !code)
		return false;
	if (!strcmp(where, "prologue")) {
		struct hw_rule_draft draft;

		hw_rule_compile(&draft, &leaf->rows, leaf->svma);
		return distance > 0 && distance <= 8 && draft.rule.kind == HW_RULE_FRAME &&
		       draft.rule.cfa_offset == 16;
	}
	return !strcmp(where, "epilogue") && distance > 0 && *code == 0xc3;
}

static bool frame_has(const struct place *place, const struct hw_frame *frame, const char *what)
{
	struct hw_rule_draft draft;

	if (!place->has_rows)
		return false;
	if (!strcmp(what, "signal"))
		return place->rows.signal_frame;
	if (!strcmp(what, "noreturn"))
		return frame->kind == HW_FRAME_RETURN_ADDRESS && place->svma + 1 == place->rows.limit_svma;
	hw_rule_compile(&draft, &place->rows, place->svma);
	return !strcmp(what, "expression") && !place->rows.signal_frame &&
	       (draft.rule.kind == HW_RULE_DEREF || draft.rule.kind == HW_RULE_OTHER);
}

static bool has(struct capture *c, struct hw_process *process, const char *what)
{
	for (size_t i = 0; i < c->found[AUTO].count; i++) {
		const struct hw_frame *frame = &c->found[AUTO].at[i];
		struct place place;

		if (find_place(c, process, hw_frame_lookup_avma(frame), &place) &&
		    frame_has(&place, frame, what))
			return true;
	}
	return false;
}

static bool is_wanted(struct capture *c, struct hw_process *process, const struct hw_sample *sample)
{
	struct place leaf;

	if (!find_place(c, process, sample->ip_avma, &leaf))
		return false;
	for (char **what = c->wanted; strcmp(*what, "--") != 0; what++) {
		const char *value = strchr(*what, '=') + 1;
		bool so;

		if (!strncmp(*what, "end=", 4))
			so = !strcmp(hw_stack_end_name(c->found[AUTO].end), value);
		else if (!strncmp(*what, "leaf=", 5))
			so = strstr(hw_dso_path(leaf.mapping->dso), value) != NULL;
		else if (!strncmp(*what, "section=", 8))
			so = in_section(&leaf, value);
		else if (!strncmp(*what, "at=", 3))
			so = is_at(&leaf, value);
		else if (!strncmp(*what, "has=", 4))
			so = has(c, process, value);
		else if (!strncmp(*what, "frames=", 7))
			so = c->found[AUTO].count <= strtoul(value, NULL, 10);
		else
			so = has_function(c, process, value);
		if (!so)
			return false;
	}
	return true;
}

/* --- Leaving out what nobody looks at ------------------------------------------------------------------------- */

static bool same(const struct hw_frames *a, const struct hw_frames *b)
{
	if (a->count != b->count || a->end != b->end)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->at[i].avma != b->at[i].avma || a->at[i].kind != b->at[i].kind)
			return false;
	return true;
}

static bool finds_the_same(struct capture *c, struct hw_process *process, const struct hw_sample *sample)
{
	for (size_t i = 0; i < ENGINES; i++) {
		hw_unwind(c->unwinders[i], sample, process, &c->again);
		if (!same(&c->again, &c->found[i]))
			return false;
	}
	return true;
}

/* The shortest copy, and of it only the words, that give every engine what it found. */
static void minimize(struct capture *c, struct hw_process *process, struct hw_sample *sample, uint64_t *words)
{
	uint64_t low = 0;
	uint64_t high = sample->user_stack_size / 8;

	while (low < high) {
		const uint64_t middle = low + (high - low) / 2;

		sample->user_stack_size = middle * 8;
		if (finds_the_same(c, process, sample))
			high = middle;
		else
			low = middle + 1;
	}
	sample->user_stack_size = high * 8;
	for (uint64_t i = 0; i < high; i++) {
		const uint64_t word = words[i];

		words[i] = 0;
		if (word && !finds_the_same(c, process, sample))
			words[i] = word;
	}
}

/* --- Writing it ----------------------------------------------------------------------------------------------- */

struct used_map {
	const struct hw_mapping *mapping;
	uint64_t low_avma, high_avma;
	uint64_t svma_minus_avma;
};

struct writer {
	struct capture *capture;
	struct hw_process *process;
	struct hw_buf out;
	HW_VEC(const struct hw_dso *) dsos;
	HW_VEC(struct used_map) maps;
	HW_VEC(uint64_t) rows; /* addresses of rows that are written: DSO's number and start */
};

static size_t dso_number(struct writer *w, const struct hw_dso *dso)
{
	for (size_t i = 0; i < w->dsos.count; i++)
		if (w->dsos.at[i] == dso)
			return i;
	hw_vec_push(&w->dsos, dso);
	hw_buf_printf(&w->out, "dso %zx %s\n", w->dsos.count - 1, hw_dso_path(dso));
	return w->dsos.count - 1;
}

static void use_map(struct writer *w, const struct place *place, uint64_t avma)
{
	const uint64_t page = 4096;
	const uint64_t low = (avma - 64) & ~(page - 1);
	const uint64_t high = (avma + 64 + page) & ~(page - 1);

	for (size_t i = 0; i < w->maps.count; i++) {
		struct used_map *map = &w->maps.at[i];

		if (map->mapping != place->mapping)
			continue;
		map->low_avma = low < map->low_avma ? low : map->low_avma;
		map->high_avma = high > map->high_avma ? high : map->high_avma;
		return;
	}
	hw_vec_push(&w->maps, (struct used_map){ place->mapping, low, high, place->svma - avma });
}

static void write_bytes(struct hw_buf *out, const uint8_t *bytes, size_t size)
{
	if (!size)
		hw_buf_text(out, " -");
	else
		hw_buf_text(out, " ");
	for (size_t i = 0; i < size; i++)
		hw_buf_printf(out, "%02x", bytes[i]);
}

static void write_rows(struct writer *w, size_t dso, const struct hw_cfi_rows *rows)
{
	const uint64_t key = (uint64_t)dso << 48 ^ rows->start_svma;

	for (size_t i = 0; i < w->rows.count; i++)
		if (w->rows.at[i] == key)
			return;
	hw_vec_push(&w->rows, key);
	hw_buf_printf(&w->out, "rows %zx %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %s", dso,
		      rows->start_svma, rows->limit_svma, rows->code_align, (uint64_t)rows->data_align,
		      rows->signal_frame ? "SIGNAL" : "PLAIN");
	write_bytes(&w->out, rows->initial.at, hw_bytes_left(&rows->initial));
	write_bytes(&w->out, rows->program.at, hw_bytes_left(&rows->program));
	hw_buf_text(&w->out, "\n");
}

/* What is known of a place: its rules, and the code around it. */
static void write_place(struct writer *w, uint64_t avma, bool with_code)
{
	struct place place;
	const uint8_t *code;
	size_t dso;

	if (!find_place(w->capture, w->process, avma, &place))
		return;
	dso = dso_number(w, place.mapping->dso);
	use_map(w, &place, avma);
	if (place.has_rows)
		write_rows(w, dso, &place.rows);
	code = hw_elf_at_svma(place.dso->elf, place.svma - CODE_AROUND, 2 * CODE_AROUND);
	if (code && with_code) {
		hw_buf_printf(&w->out, "code %zx %" PRIx64, dso, place.svma - CODE_AROUND);
		write_bytes(&w->out, code, 2 * CODE_AROUND);
		hw_buf_text(&w->out, "\n");
	}
}

static void write_frame(struct writer *w, const struct hw_frame *frame)
{
	const uint64_t avma = hw_frame_lookup_avma(frame);
	struct place place;
	char name[128] = "";

	if (find_place(w->capture, w->process, avma, &place))
		name_of(&place, avma, name, sizeof name);
	hw_buf_printf(&w->out, "frame %s %" PRIx64 " %s\n", frame->kind == HW_FRAME_IP ? "ip" : "ra",
		      frame->avma, name);
}

static void write_registers(struct hw_buf *out, const struct hw_sample *sample)
{
	for (unsigned reg = 0; reg < HW_SAMPLE_REGS_MAX; reg++)
		if (sample->user_regs.mask >> reg & 1)
			hw_buf_printf(out, "reg %x %" PRIx64 "\n", reg,
				      hw_sample_reg(&sample->user_regs, reg));
}

static void write_stack(struct hw_buf *out, const uint64_t *words, uint64_t count, uint64_t sp_avma)
{
	hw_buf_printf(out, "size %" PRIx64 "\n", count * 8);
	for (uint64_t i = 0; i < count; i++) {
		if (!words[i])
			continue;
		hw_buf_printf(out, "stack %" PRIx64, sp_avma + i * 8);
		for (; i < count && words[i]; i++)
			hw_buf_printf(out, " %" PRIx64, words[i]);
		hw_buf_text(out, "\n");
	}
}

static void write_results(struct writer *w)
{
	const struct hw_frames *found = w->capture->found;

	for (size_t i = 0; i < found[AUTO].count; i++)
		write_frame(w, &found[AUTO].at[i]);
	hw_buf_printf(&w->out, "end %s\n", hw_stack_end_name(found[AUTO].end));
	for (size_t i = RULES; i < ENGINES; i++)
		if (!same(&found[i], &found[AUTO]))
			hw_buf_printf(&w->out, "# Why?\ndiffers %s %zx %s\n", engines[i].name, found[i].count,
				      hw_stack_end_name(found[i].end));
}

static void write_command(struct writer *w)
{
	hw_buf_text(&w->out, "# made by: stack_capture");
	for (char **word = w->capture->wanted; *word; word++)
		hw_buf_printf(&w->out, strchr(*word, ' ') ? " '%s'" : " %s", *word);
	hw_buf_text(&w->out, "\n");
}

static int write_fixture(struct capture *c, struct hw_process *process, const struct hw_sample *sample,
			 const uint64_t *words, uint64_t sp_avma)
{
	struct writer w = { .capture = c, .process = process };
	struct hw_output output;
	struct hw_err err = { 0 };
	int status;

	write_command(&w);
	hw_buf_printf(&w.out, "arch %s\nip %s %" PRIx64 "\n", stack_fixture_arch(),
		      hw_sample_in_kernel(sample) ? "kernel" : "user", sample->ip_avma);
	write_registers(&w.out, sample);
	for (size_t i = 0; i < c->found[AUTO].count; i++) {
		const uint64_t avma = hw_frame_lookup_avma(&c->found[AUTO].at[i]);

		write_place(&w, avma, true);
		if (c->found[AUTO].at[i].kind == HW_FRAME_IP)
			write_place(&w, avma - 3, false); /* in front of a system call */
		else
			write_place(&w, avma + 1, false); /* a planted return address (rules.c) */
	}
	for (size_t i = 0; i < w.maps.count; i++)
		hw_buf_printf(&w.out, "map %zx %" PRIx64 " %" PRIx64 " %" PRIx64 "\n",
			      dso_number(&w, w.maps.at[i].mapping->dso), w.maps.at[i].low_avma,
			      w.maps.at[i].high_avma - w.maps.at[i].low_avma,
			      w.maps.at[i].low_avma + w.maps.at[i].svma_minus_avma);
	write_stack(&w.out, words, sample->user_stack_size / 8, sp_avma);
	write_results(&w);
	status = hw_output_open(&output, c->path, &err);
	if (status == 0)
		status = hw_output_write(&output, w.out.data, w.out.size, &err);
	if (status == 0)
		status = hw_output_commit(&output, &err);
	if (status < 0)
		fprintf(stderr, "stack_capture: %s\n", err.message);
	hw_buf_fini(&w.out);
	hw_vec_fini(&w.dsos);
	hw_vec_fini(&w.maps);
	hw_vec_fini(&w.rows);
	return status;
}

/* --- Recording ------------------------------------------------------------------------------------------------ */

static void take(const struct hw_record *record, void *arg)
{
	struct capture *c = arg;
	const struct hw_sample *sample = &record->sample;
	struct hw_live_samples kept = { 0 };
	struct hw_process *process;
	struct hw_regs regs;
	struct hw_sample small;

	if (record->type != PERF_RECORD_SAMPLE) {
		hw_process_table_apply(c->processes, record);
		return;
	}
	if (c->done || !hw_regs_of_sample(&regs, &sample->user_regs) || hw_sample_in_kernel(sample))
		return;
	process = hw_process_table_get(c->processes, sample->pid);
	hw_unwind(c->unwinders[AUTO], sample, process, &c->found[AUTO]);
	if (!is_wanted(c, process, sample))
		return;
	hw_live_samples_add(&kept, sample);
	small = kept.list.at[0];
	small.callchain_count = 0; /* a fixture has none */
	for (size_t i = 0; i < ENGINES; i++)
		hw_unwind(c->unwinders[i], &small, process, &c->found[i]);
	minimize(c, process, &small, (uint64_t *)(uintptr_t)small.user_stack);
	c->done = write_fixture(c, process, &small, (const uint64_t *)(const void *)small.user_stack,
				regs.value[HW_REG_SP]) == 0;
	hw_live_samples_fini(&kept);
}

int main(int argc, char **argv)
{
	static struct capture c;
	struct hw_live_config config = {
		.freq_hz = 4999,
		.stack_size_bytes = 16 * 1024,
		.user_regs_mask = hw_unwind_regs_mask(),
		.each = take,
		.arg = &c,
	};
	struct hw_err err = { 0 };
	int split = 2;

	while (split < argc && strcmp(argv[split], "--") != 0 && strchr(argv[split], '='))
		split++;
	if (split + 1 >= argc || strcmp(argv[split], "--") != 0) {
		fprintf(stderr, "usage: stack_capture FILE WHAT=VALUE... -- COMMAND...\n");
		return 2;
	}
	c.path = argv[1];
	c.wanted = argv + 2;
	config.argv = c.command = argv + split + 1;
	c.dsos = hw_dso_table_new();
	c.processes = hw_process_table_new(c.dsos);
	for (size_t i = 0; i < ENGINES; i++)
		c.unwinders[i] = hw_unwinder_new(engines[i].method);
	if (hw_live_record(&config, &err) < 0) {
		fprintf(stderr, "stack_capture: %s\n", err.message);
		return SKIP;
	}
	for (size_t i = 0; i < ENGINES; i++)
		hw_unwinder_free(c.unwinders[i]);
	hw_cfi_set_fini(&c.cfis);
	hw_process_table_free(c.processes);
	hw_dso_table_free(c.dsos);
	if (!c.done)
		fprintf(stderr, "stack_capture: no such sample\n");
	return c.done ? 0 : 1;
}
