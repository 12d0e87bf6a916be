#include "dso/names.h"

#include "dso/debug_file.h"
#include "dso/debug_info.h"
#include "dso/symtab.h"
#include "dso/unit_names.h"

struct hw_names {
	const struct hw_elf *elf;	    /* borrowed */
	const struct hw_debug_files *files; /* borrowed */
	struct hw_symtab symtab;
};

/* An address asked for. */
struct query {
	uint64_t svma;
	uint32_t position; /* the caller's */
	uint32_t unit;	   /* HW_UNIT_NONE = in none */
};

/* The addresses of one unit: one task. */
struct group {
	uint32_t unit;
	size_t first, count; /* in the queries */
	struct hw_unit_names names;
	/* The answer's texts. */
	const char **symbols; /* of each function */
	const char **files;
};

/* Where the frames of an address are. */
struct found {
	uint32_t group; /* UINT32_MAX = in no unit */
	uint32_t index; /* in the group's names */
	uint64_t svma;
	bool has_address;
};

/* One call of hw_names_resolve. */
struct resolver {
	const struct hw_names *names;
	struct hw_answer_writer *writer;
	struct hw_workers *workers;
	struct hw_debug_info info;
	HW_VEC(struct query) queries;
	HW_VEC(uint64_t) svmas; /* of the queries */
	HW_VEC(struct group) groups;
	HW_VEC(struct found) found; /* by position */
	/* The symbol named last. */
	const struct hw_symbol *symbol;
	struct hw_source_frame symbol_frame;
};

struct hw_names *hw_names_new(const struct hw_elf *elf, const struct hw_debug_files *files)
{
	struct hw_names *names = hw_alloc(1, sizeof *names);

	names->elf = elf;
	names->files = files;
	hw_symtab_init(&names->symtab, elf, files->debug, files->mini);
	return names;
}

void hw_names_free(struct hw_names *names)
{
	if (!names)
		return;
	hw_symtab_fini(&names->symtab);
	free(names);
}

static int compare_queries(const void *left, const void *right)
{
	const struct query *a = left;
	const struct query *b = right;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return a->svma < b->svma ? -1 : a->svma > b->svma;
}

/* What to look up, by unit; offsets outside the segments have no address and so no name. */
static void make_queries(struct resolver *r, const uint64_t *foffs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct found found = { .group = UINT32_MAX };
		struct query query = { .position = (uint32_t)i };

		found.has_address = hw_elf_svma_of_foff(r->names->elf, foffs[i], &found.svma);
		hw_vec_push(&r->found, found);
		query.svma = found.svma;
		query.unit = found.has_address ? hw_debug_info_unit(&r->info, query.svma) : HW_UNIT_NONE;
		if (query.unit != HW_UNIT_NONE)
			hw_vec_push(&r->queries, query);
	}
	if (r->queries.count)
		qsort(r->queries.at, r->queries.count, sizeof *r->queries.at, compare_queries);
}

static void make_groups(struct resolver *r)
{
	for (size_t i = 0; i < r->queries.count; i++) {
		const struct query *query = &r->queries.at[i];
		struct group *group;

		if (i == 0 || r->queries.at[i - 1].unit != query->unit)
			hw_vec_push(&r->groups, (struct group){ .unit = query->unit, .first = i });
		group = &r->groups.at[r->groups.count - 1];
		r->found.at[query->position].group = (uint32_t)r->groups.count - 1;
		r->found.at[query->position].index = (uint32_t)group->count++;
		hw_vec_push(&r->svmas, query->svma);
	}
}

static void name_group(void *user, size_t index)
{
	struct resolver *r = user;
	struct group *group = &r->groups.at[index];
	const struct hw_unit_sources sources = { .info = &r->info,
						 .symtab = &r->names->symtab,
						 .files = r->names->files };

	hw_unit_names_find(&group->names, &sources, group->unit, &r->svmas.at[group->first], group->count);
	hw_workers_advance(r->workers, group->count);
}

static const char **keep_symbols(struct resolver *r, const struct hw_unit_names *names)
{
	const char **kept = hw_alloc(names->functions.count, sizeof *kept);

	for (size_t i = 0; i < names->functions.count; i++) {
		const struct hw_unit_text *text = &names->functions.at[i].symbol;

		kept[i] = hw_answer_hashed_text(r->writer, text->text, text->length, text->hash);
	}
	return kept;
}

static const char **keep_files(struct resolver *r, const struct hw_unit_names *names)
{
	const char **kept = hw_alloc(names->files.count, sizeof *kept);

	for (size_t i = 0; i < names->files.count; i++) {
		const struct hw_unit_text *text = &names->files.at[i];

		kept[i] = hw_answer_hashed_text(r->writer, text->text, text->length, text->hash);
	}
	return kept;
}

static void add_frames(struct resolver *r, const struct found *found)
{
	const struct group *group = &r->groups.at[found->group];
	const struct hw_unit_names *names = &group->names;

	for (uint32_t i = names->first.at[found->index]; i < names->first.at[found->index + 1]; i++) {
		const struct hw_unit_frame *frame = &names->frames.at[i];

		hw_answer_frame(
			r->writer,
			&(struct hw_source_frame){
				.name = group->symbols[frame->function],
				.system_name = group->symbols[frame->function],
				.file = frame->file == HW_NAME_NONE ? NULL : group->files[frame->file],
				.line = frame->line,
				.column = frame->column,
				.start_line = names->functions.at[frame->function].start_line,
			});
	}
}

/* Where there is no debug information the symbol table has a name. */
static void add_symbol(struct resolver *r, uint64_t svma)
{
	const struct hw_symbol *symbol = hw_symtab_find(&r->names->symtab, svma);

	if (!symbol)
		return;
	if (!r->symbol || r->symbol->name != symbol->name)
		hw_answer_name(r->writer, &r->symbol_frame, symbol->name);
	r->symbol = symbol;
	hw_answer_frame(r->writer, &r->symbol_frame);
}

static void write_answer(struct resolver *r)
{
	struct hw_dso_answer *answer = r->writer->answer;
	size_t frames = 0;

	for (size_t i = 0; i < r->groups.count; i++) {
		struct group *group = &r->groups.at[i];

		group->symbols = keep_symbols(r, &group->names);
		group->files = keep_files(r, &group->names);
		frames += group->names.frames.count;
	}
	/* The texts are the answer's from here on. */
	hw_dwarf_sections_release(&r->info.sections, r->info.sections.str.at, r->info.sections.str.end);
	hw_vec_reserve(&answer->frames, frames);
	for (size_t i = 0; i < r->found.count; i++) {
		const struct found *found = &r->found.at[i];

		hw_answer_next(r->writer);
		if (found->group != UINT32_MAX)
			add_frames(r, found);
		else if (found->has_address)
			add_symbol(r, found->svma);
	}
	answer->has_functions = r->names->symtab.symbols.count > 0 || r->info.units.list.count > 0;
	answer->has_lines = answer->has_inlines = r->info.units.list.count > 0;
}

static void finish(struct resolver *r)
{
	for (size_t i = 0; i < r->groups.count; i++) {
		hw_unit_names_fini(&r->groups.at[i].names);
		free(r->groups.at[i].symbols);
		free(r->groups.at[i].files);
	}
	hw_debug_info_close(&r->info);
	hw_vec_fini(&r->queries);
	hw_vec_fini(&r->svmas);
	hw_vec_fini(&r->groups);
	hw_vec_fini(&r->found);
}

void hw_names_resolve(struct hw_names *names, const uint64_t *foffs, size_t count, struct hw_workers *workers,
		      struct hw_answer_writer *writer)
{
	struct resolver r = { .names = names, .writer = writer, .workers = workers };
	const struct hw_elf *dwarf = hw_debug_files_dwarf(names->files, names->elf);

	if (dwarf)
		(void)hw_debug_info_open(&r.info, dwarf, names->files->alt, names->files->dwp);
	make_queries(&r, foffs, count);
	make_groups(&r);
	hw_workers_advance(workers, count - r.queries.count);
	hw_workers_run(workers, r.groups.count, name_group, &r);
	write_answer(&r);
	finish(&r);
}
