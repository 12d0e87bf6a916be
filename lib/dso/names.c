#include "dso/names.h"

#include "dso/debug_file.h"
#include "dso/debug_info.h"
#include "dso/die_name.h"
#include "dso/inlines.h"
#include "dso/lines.h"
#include "dso/symtab.h"

#include <dwarf.h>

struct hw_names {
	const struct hw_elf *elf;	    /* borrowed */
	const struct hw_debug_files *files; /* borrowed */
	struct hw_symtab symtab;
};

struct run {
	uint32_t first, count;
};

/* One call of hw_names_resolve. */
struct resolver {
	const struct hw_names *names;
	struct hw_answer_writer *writer;
	struct hw_debug_info info;
	HW_VEC(struct hw_query) queries;
	/* Frames in the order in which they were found, and where those of each position are. */
	HW_VEC(struct hw_source_frame) frames;
	HW_VEC(struct run) runs;
	/* Functions by their DIE, without a place. */
	HW_VEC(struct hw_source_frame) functions;
	struct hw_map function_index;
	HW_VEC(const void *) function_dies;
	/* The symbol named last. */
	const struct hw_symbol *symbol;
	struct hw_source_frame symbol_frame;
	struct hw_arena texts;
	const char *folder; /* DW_AT_comp_dir of the unit at hand, or NULL */
	struct hw_buf path;
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

static bool open_debug_info(struct hw_debug_info *info, const struct hw_names *names)
{
	if (hw_debug_file_has_dwarf(names->elf))
		return hw_debug_info_open(info, names->elf, names->files->alt);
	if (names->files->debug && hw_debug_file_has_dwarf(names->files->debug))
		return hw_debug_info_open(info, names->files->debug, names->files->alt);
	return false;
}

static int compare_queries(const void *left, const void *right)
{
	const struct hw_query *a = left;
	const struct hw_query *b = right;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return a->svma < b->svma ? -1 : a->svma > b->svma;
}

/* What to look up, by unit; offsets outside the segments have no address and so no name. */
static void make_queries(struct resolver *r, const uint64_t *foffs, size_t count, bool has_info)
{
	for (size_t i = 0; i < count; i++) {
		struct hw_query query = { .position = (uint32_t)i, .unit = HW_UNIT_NONE };

		hw_vec_push(&r->runs, (struct run){ 0 });
		if (!hw_elf_svma_of_foff(r->names->elf, foffs[i], &query.svma))
			continue;
		if (has_info)
			query.unit = hw_debug_info_unit(&r->info, query.svma);
		hw_vec_push(&r->queries, query);
	}
	if (r->queries.count)
		qsort(r->queries.at, r->queries.count, sizeof *r->queries.at, compare_queries);
}

/* The whole path of a file: names in the line tables of some compilers (Rust's) are relative to the unit's folder. */
static const char *whole_path(struct resolver *r, const char *file)
{
	if (!file || file[0] == '/' || !r->folder)
		return hw_answer_text(r->writer, file);
	r->path.size = 0;
	hw_buf_printf(&r->path, "%s/%s", r->folder, file);
	return hw_answer_text(r->writer, r->path.data);
}

static void add_frame(struct resolver *r, const struct hw_query *query, const struct hw_source_frame *frame,
		      const struct hw_source_place *place)
{
	struct run *run = &r->runs.at[query->position];
	struct hw_source_frame placed = *frame;

	placed.file = whole_path(r, place->file);
	placed.line = place->line;
	placed.column = place->column;
	if (!run->count)
		run->first = (uint32_t)r->frames.count;
	run->count++;
	hw_vec_push(&r->frames, placed);
}

/* Answer with the symbol table's name, and the line where one is known. */
static void add_symbol(struct resolver *r, const struct hw_query *query, const struct hw_source_place *place)
{
	const struct hw_symbol *symbol = hw_symtab_find(&r->names->symtab, query->svma);

	if (!symbol)
		return;
	if (!r->symbol || r->symbol->name != symbol->name)
		hw_answer_name(r->writer, &r->symbol_frame, symbol->name);
	r->symbol = symbol;
	add_frame(r, query, &r->symbol_frame, place);
}

/* Is a symbol likely to be of a function called so? Folded functions share an address, and so symbols. Operators are
 * mangled without their name. */
static bool mentions(const char *symbol, const char *name)
{
	size_t length;

	if (strncmp(name, "operator", 8) == 0)
		return true;
	name += *name == '~';
	length = strcspn(name, "<");
	return memmem(symbol, strlen(symbol), name, length) != NULL;
}

/* A C++ function without a linkage name is local to its unit. Out of line, the symbol at its entry is its name, less
 * what the compiler appended for the copy it made (".constprop.0"): the line stands for the source. */
static const char *local_symbol(struct resolver *r, Dwarf_Die *die, const char *name)
{
	const struct hw_symbol *symbol;
	Dwarf_Addr entry_svma;

	if (dwarf_entrypc(die, &entry_svma) != 0)
		return NULL;
	symbol = hw_symtab_find(&r->names->symtab, entry_svma);
	if (!symbol || symbol->entry_svma != entry_svma || !mentions(symbol->name, name))
		return NULL;
	return hw_arena_text(&r->texts, symbol->name, strcspn(symbol->name, "."));
}

static void name_function(struct resolver *r, const struct hw_inlines *inlines, struct hw_inline_node *node,
			  uint32_t unit, struct hw_source_frame *frame)
{
	struct hw_die_name name;
	const char *symbol = NULL;

	hw_die_name_read(&name, &node->die);
	frame->start_line = name.start_line;
	if (!name.linkage_name && name.name && r->info.units.at[unit].is_cplusplus) {
		if (node->parent == HW_INLINE_NONE)
			symbol = local_symbol(r, &node->die, name.name);
		if (!symbol) {
			struct hw_buf qualified = { 0 };

			hw_inlines_qualify(&qualified, inlines, &name.declared);
			hw_buf_text(&qualified, name.name);
			frame->name = hw_answer_text(r->writer, qualified.data);
			frame->system_name = frame->name;
			hw_buf_fini(&qualified);
			return;
		}
	}
	if (!symbol)
		symbol = name.linkage_name ? name.linkage_name : name.name;
	if (!symbol && node->parent == HW_INLINE_NONE)
		symbol = local_symbol(r, &node->die, "");
	hw_answer_name(r->writer, frame, symbol ? symbol : "[nameless]");
}

/* The function of a node, without a place; looked up once for all inlined copies of it. */
static const struct hw_source_frame *function_of(struct resolver *r, const struct hw_inlines *inlines,
						 struct hw_inline_node *node, uint32_t unit)
{
	const bool is_inlined = node->parent != HW_INLINE_NONE;
	struct hw_source_frame frame = { 0 };
	Dwarf_Die origin = node->die;
	uint64_t hash;
	uint32_t id;

	if (node->function != HW_INLINE_NONE)
		return &r->functions.at[node->function];
	if (is_inlined)
		hw_die_origin(&origin, &node->die);
	hash = hw_hash_mix(0, (uintptr_t)origin.addr);
	for (size_t slot = hw_map_first(&r->function_index, hash);
	     (id = hw_map_id(&r->function_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&r->function_index, slot, hash))
		if (r->function_dies.at[id] == origin.addr)
			break;
	if (id == HW_MAP_NONE) {
		name_function(r, inlines, node, unit, &frame);
		id = (uint32_t)r->functions.count;
		hw_vec_push(&r->functions, frame);
		hw_vec_push(&r->function_dies, origin.addr);
		hw_map_insert(&r->function_index, hash, id);
	}
	node->function = id;
	return &r->functions.at[id];
}

static void resolve_unit(struct resolver *r, struct hw_inlines *inlines, const struct hw_query *queries,
			 size_t count)
{
	const uint32_t unit = queries[0].unit;
	Dwarf_Die *die = &r->info.units.at[unit].die;

	r->folder = hw_die_text(die, DW_AT_comp_dir);
	hw_inlines_find(inlines, &r->info, unit, queries, count);
	for (size_t i = 0; i < count; i++) {
		uint32_t at = inlines->innermost.at[i];
		struct hw_source_place place;

		(void)hw_line_find(&place, die, queries[i].svma);
		if (at == HW_INLINE_NONE)
			add_symbol(r, &queries[i], &place);
		while (at != HW_INLINE_NONE) {
			struct hw_inline_node *node = &inlines->nodes.at[at];

			add_frame(r, &queries[i], function_of(r, inlines, node, unit), &place);
			if (node->parent != HW_INLINE_NONE)
				hw_line_of_call(&place, die, &node->die);
			at = node->parent;
		}
	}
}

static void resolve_queries(struct resolver *r)
{
	struct hw_inlines inlines = { 0 };
	size_t limit;

	for (size_t i = 0; i < r->queries.count; i = limit) {
		limit = i + 1;
		if (r->queries.at[i].unit == HW_UNIT_NONE) {
			add_symbol(r, &r->queries.at[i], &(struct hw_source_place){ 0 });
			continue;
		}
		while (limit < r->queries.count && r->queries.at[limit].unit == r->queries.at[i].unit)
			limit++;
		resolve_unit(r, &inlines, &r->queries.at[i], limit - i);
	}
	hw_inlines_fini(&inlines);
}

void hw_names_resolve(struct hw_names *names, const uint64_t *foffs, size_t count,
		      struct hw_answer_writer *writer)
{
	struct resolver r = { .names = names, .writer = writer };
	const bool has_info = open_debug_info(&r.info, names);

	make_queries(&r, foffs, count, has_info);
	resolve_queries(&r);
	writer->answer->has_functions = names->symtab.symbols.count > 0 || r.info.units.count > 0;
	writer->answer->has_lines = writer->answer->has_inlines = r.info.units.count > 0;
	for (size_t i = 0; i < count; i++) {
		hw_answer_next(writer);
		for (uint32_t f = 0; f < r.runs.at[i].count; f++)
			hw_answer_frame(writer, &r.frames.at[r.runs.at[i].first + f]);
	}
	if (has_info)
		hw_debug_info_close(&r.info);
	hw_vec_fini(&r.queries);
	hw_vec_fini(&r.frames);
	hw_vec_fini(&r.runs);
	hw_vec_fini(&r.functions);
	hw_vec_fini(&r.function_dies);
	hw_map_fini(&r.function_index);
	hw_arena_fini(&r.texts);
	hw_buf_fini(&r.path);
}
