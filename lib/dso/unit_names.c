#include "dso/unit_names.h"

#include "base/map.h"
#include "dso/die_name.h"
#include "dso/die_scope.h"
#include "dso/dwarf_split.h"
#include "dso/inlines.h"
#include "dso/line_program.h"

#include <dwarf.h>

/* One call of hw_unit_names_find. */
struct finder {
	struct hw_unit_names *names;
	const struct hw_unit_sources *sources;
	const struct hw_dwarf_unit *unit; /* of the program: it has the lines */
	const struct hw_dwarf_unit *tree; /* has the DIEs: the same, or the split one */
	const uint64_t *svmas;
	size_t count;
	struct hw_dwarf_abbrev_cache cache;
	struct hw_dwarf_split split;
	struct hw_inlines inlines;
	struct hw_line_table lines;
	HW_VEC(struct hw_line_row) rows;
	HW_VEC(uint32_t) function_of_node; /* HW_NAME_NONE until it is named */
	/* Abstract functions that have been named. */
	struct hw_map origin_index;		    /* to functions */
	HW_VEC(const uint8_t *) origin_of_function; /* NULL where there is none */
	struct hw_map file_index;		    /* numbers of the line table to files */
	HW_VEC(uint32_t) number_of_file;
	/* The symbol named last. */
	const struct hw_symbol *symbol;
	uint32_t symbol_function;
	struct hw_buf path;
};

/* Where in the source. */
struct place {
	uint32_t file, line, column;
};

static struct hw_unit_text text_of(const char *text)
{
	const size_t length = strlen(text);

	return (struct hw_unit_text){ .text = text, .length = length, .hash = hw_hash_bytes(text, length) };
}

/* A copy of the text's beginning; NULL when there have been too many. */
static const char *copy_start(struct finder *f, const char *text, size_t length)
{
	if (!hw_debug_info_afford_copy(f->sources->info, length + 1))
		return NULL;
	return hw_arena_text(&f->names->texts, text, length);
}

static struct hw_unit_text name_copy(struct finder *f, const char *name)
{
	const char *copy = copy_start(f, name, strlen(name));

	return text_of(copy ? copy : "[nameless]");
}

static uint32_t add_function(struct finder *f, struct hw_unit_text symbol, uint32_t start_line,
			     const uint8_t *origin)
{
	hw_vec_push(&f->names->functions,
		    (struct hw_unit_function){ .symbol = symbol, .start_line = start_line });
	hw_vec_push(&f->origin_of_function, origin);
	return (uint32_t)f->names->functions.count - 1;
}

/* A file of the unit, by its number in the line table. */
static uint32_t file_of(struct finder *f, uint32_t number)
{
	const uint64_t hash = hw_hash_mix(0, number);
	const char *path;
	uint32_t id;

	for (size_t slot = hw_map_first(&f->file_index, hash);
	     (id = hw_map_id(&f->file_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&f->file_index, slot, hash))
		if (f->number_of_file.at[id] == number)
			return f->names->files.at[id].text ? id : HW_NAME_NONE;
	path = hw_line_table_path(&f->lines, number, f->unit->comp_dir, &f->path);
	path = path ? copy_start(f, path, strlen(path)) : NULL;
	id = (uint32_t)f->names->files.count;
	hw_vec_push(&f->names->files, path ? text_of(path) : (struct hw_unit_text){ 0 });
	hw_vec_push(&f->number_of_file, number);
	hw_map_insert(&f->file_index, hash, id);
	return path ? id : HW_NAME_NONE;
}

static struct place place_of_row(struct finder *f, const struct hw_line_row *row)
{
	if (!row->found)
		return (struct place){ .file = HW_NAME_NONE };
	return (struct place){ .file = file_of(f, row->file), .line = row->line, .column = row->column };
}

static struct place place_of_call(struct finder *f, const struct hw_inline_node *node)
{
	return (struct place){
		.file = node->has_call_file ? file_of(f, node->call_file) : HW_NAME_NONE,
		.line = node->call_line,
		.column = node->call_column,
	};
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
 * what the compiler appended for the copy it made (".constprop.0"): the line stands for the source. NULL when that is
 * not to be had. */
static const char *local_symbol(struct finder *f, const struct hw_inline_node *node, const char *name)
{
	const struct hw_symbol *symbol = hw_symtab_find(f->sources->symtab, node->entry_svma);

	if (!symbol || symbol->entry_svma != node->entry_svma || !mentions(symbol->name, name))
		return NULL;
	return copy_start(f, symbol->name, strcspn(symbol->name, "."));
}

static bool is_cplusplus(const struct hw_dwarf_unit *unit)
{
	switch (unit->language) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case 0x2b: /* DW_LANG_C_plus_plus_17: given out after DWARF 5 */
	case 0x3a: /* DW_LANG_C_plus_plus_20 */
		return true;
	default:
		return false;
	}
}

static struct hw_unit_text qualified_name(struct finder *f, const struct hw_die_name *name)
{
	struct hw_buf qualified = { 0 };
	struct hw_unit_text text;

	hw_die_qualify(&qualified, name->unit, name->declared, &f->cache);
	hw_buf_text(&qualified, name->name);
	text = name_copy(f, qualified.data);
	hw_buf_fini(&qualified);
	return text;
}

static struct hw_unit_text name_node(struct finder *f, const struct hw_inline_node *node,
				     uint32_t *start_line)
{
	const bool is_physical = node->parent == HW_INLINE_NONE;
	const char *symbol = NULL;
	struct hw_die_name name;

	hw_die_name_read(&name, f->tree, node->die, &f->cache);
	*start_line = name.start_line;
	if (!name.linkage_name && name.name && (is_cplusplus(name.unit) || is_cplusplus(f->tree))) {
		symbol = is_physical ? local_symbol(f, node, name.name) : NULL;
		return symbol ? text_of(symbol) : qualified_name(f, &name);
	}
	symbol = name.linkage_name ? name.linkage_name : name.name;
	if (!symbol && is_physical)
		symbol = local_symbol(f, node, "");
	if (!symbol)
		return text_of("[nameless]");
	return f->split.elf ? name_copy(f, symbol)
			    : text_of(symbol); /* the file of the split unit is closed soon */
}

/* The function of a node; looked up once for all inlined copies of it. */
static uint32_t function_of(struct finder *f, uint32_t index)
{
	const struct hw_inline_node *node = &f->inlines.nodes.at[index];
	const uint8_t *origin = NULL;
	struct hw_unit_text name;
	uint32_t start_line, id;
	uint64_t hash;

	if (f->function_of_node.at[index] != HW_NAME_NONE)
		return f->function_of_node.at[index];
	if (node->parent != HW_INLINE_NONE)
		(void)hw_dwarf_unit_follow(f->tree, &node->origin, &origin);
	hash = hw_hash_mix(0, (uintptr_t)origin);
	id = HW_MAP_NONE;
	if (origin)
		for (size_t slot = hw_map_first(&f->origin_index, hash);
		     (id = hw_map_id(&f->origin_index, slot)) != HW_MAP_NONE;
		     slot = hw_map_next(&f->origin_index, slot, hash))
			if (f->origin_of_function.at[id] == origin)
				break;
	if (id == HW_MAP_NONE) {
		name = name_node(f, node, &start_line);
		id = add_function(f, name, start_line, origin);
		if (origin)
			hw_map_insert(&f->origin_index, hash, id);
	}
	f->function_of_node.at[index] = id;
	return id;
}

static void add_frame(struct finder *f, uint32_t function, const struct place *place)
{
	hw_vec_push(&f->names->frames, (struct hw_unit_frame){
					       .function = function,
					       .file = place->file,
					       .line = place->line,
					       .column = place->column,
				       });
}

/* Answer with the symbol table's name, and the line where one is known. */
static void add_symbol(struct finder *f, uint64_t svma, const struct place *place)
{
	const struct hw_symbol *symbol = hw_symtab_find(f->sources->symtab, svma);

	if (!symbol)
		return;
	if (f->symbol != symbol)
		f->symbol_function = add_function(f, text_of(symbol->name), 0, NULL);
	f->symbol = symbol;
	add_frame(f, f->symbol_function, place);
}

static void read_lines(struct finder *f)
{
	struct hw_debug_info *info = f->sources->info;
	uint64_t size_bytes;

	hw_vec_reserve(&f->rows, f->count);
	f->rows.count = f->count;
	memset(f->rows.at, 0, f->count * sizeof *f->rows.at);
	if (!f->unit->has_lines)
		return;
	size_bytes = hw_line_table_size(&info->sections, f->unit->lines_offset);
	if (!size_bytes || !hw_debug_info_afford_lines(info, size_bytes) ||
	    !hw_line_table_init(&f->lines, &info->sections, f->unit->lines_offset))
		return;
	hw_line_program_run(&f->lines, info->code_start_svma, f->svmas, f->count, f->rows.at);
	hw_dwarf_sections_release(&info->sections, f->lines.program.at, f->lines.program.end);
}

static void open_tree(struct finder *f)
{
	const struct hw_debug_info *info = f->sources->info;

	f->tree = f->unit;
	if ((f->unit->dwo_name || f->unit->tag == DW_TAG_skeleton_unit) &&
	    hw_dwarf_split_open(&f->split, f->unit, &info->dwp_sections, f->sources->files, &f->cache))
		f->tree = f->split.unit;
}

static void find_functions(struct finder *f)
{
	hw_inlines_find(&f->inlines, f->tree, f->sources->info->code_start_svma, f->svmas, f->count,
			&f->cache);
	hw_vec_reserve(&f->function_of_node, f->inlines.nodes.count);
	for (size_t i = 0; i < f->inlines.nodes.count; i++)
		hw_vec_push(&f->function_of_node, HW_NAME_NONE);
}

static void add_frames(struct finder *f, size_t i)
{
	uint32_t at = f->inlines.innermost.at[i];
	struct place place = place_of_row(f, &f->rows.at[i]);

	if (at == HW_INLINE_NONE)
		add_symbol(f, f->svmas[i], &place);
	while (at != HW_INLINE_NONE) {
		const struct hw_inline_node *node = &f->inlines.nodes.at[at];

		add_frame(f, function_of(f, at), &place);
		if (node->parent != HW_INLINE_NONE)
			place = place_of_call(f, node);
		at = node->parent;
	}
}

void hw_unit_names_find(struct hw_unit_names *names, const struct hw_unit_sources *sources, uint32_t unit,
			const uint64_t *svmas, size_t count)
{
	struct finder f = { .names = names, .sources = sources, .svmas = svmas, .count = count };

	*names = (struct hw_unit_names){ 0 };
	f.unit = &sources->info->units.list.at[unit];
	open_tree(&f);
	find_functions(&f);
	read_lines(&f);
	hw_vec_reserve(&names->first, count + 1);
	for (size_t i = 0; i < count; i++) {
		hw_vec_push(&names->first, (uint32_t)names->frames.count);
		add_frames(&f, i);
	}
	hw_vec_push(&names->first, (uint32_t)names->frames.count);
	hw_dwarf_sections_release(f.tree->home->sections, f.tree->dies.at, f.tree->dies.end);
	hw_dwarf_split_close(&f.split, &f.cache);
	hw_dwarf_abbrev_cache_fini(&f.cache);
	hw_inlines_fini(&f.inlines);
	hw_line_table_fini(&f.lines);
	hw_vec_fini(&f.rows);
	hw_vec_fini(&f.function_of_node);
	hw_vec_fini(&f.origin_of_function);
	hw_vec_fini(&f.number_of_file);
	hw_map_fini(&f.origin_index);
	hw_map_fini(&f.file_index);
	hw_buf_fini(&f.path);
}

void hw_unit_names_fini(struct hw_unit_names *names)
{
	hw_vec_fini(&names->frames);
	hw_vec_fini(&names->first);
	hw_vec_fini(&names->functions);
	hw_vec_fini(&names->files);
	hw_arena_fini(&names->texts);
	*names = (struct hw_unit_names){ 0 };
}
