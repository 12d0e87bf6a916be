#include "dso/line_table.h"

#include <dwarf.h>

/* More files than any unit has; a list costs memory before anything is known to be asked of it. */
#define FILES_MAX (UINT64_C(1) << 20)
/* Longer than any path (PATH_MAX is 4096): a small file can refer to a long text often. */
#define TEXT_MAX_BYTES (UINT64_C(1) << 16)
/* Rows that may be tried for an address, on average: sequences that overlap are rare, and few. */
#define TRIES_MAX 64
/* The standard opcodes (DWARF 5 section 6.2.5.2), and how many LEB128 operands each has; fixed_advance_pc counts one,
 * though its operand is a uhalf. */
#define STANDARD_OPCODES 13
static const uint8_t standard_lengths[STANDARD_OPCODES] = { 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1 };

/* One column of a list of directories or files in DWARF 5, section 6.2.4.1. */
struct entry_format {
	uint64_t content; /* DW_LNCT_ */
	uint64_t form;	  /* DW_FORM_ */
};

struct entry {
	const char *name;
	uint64_t directory;
};

/* --- The header --------------------------------------------------------------------------------------------- */

static const char *text_at(struct hw_bytes section, uint64_t foff)
{
	const char *text;

	if (foff >= hw_bytes_left(&section))
		return NULL;
	section.at += foff;
	if (hw_bytes_left(&section) > TEXT_MAX_BYTES)
		section.end = section.at + TEXT_MAX_BYTES;
	text = hw_bytes_text(&section);
	return section.overrun ? NULL : text;
}

/* Read past a value, and give it as a number or a text when it is one; false on a form that has no place here. */
static bool read_form(struct hw_bytes *in, uint64_t form, bool is_64bit,
		      const struct hw_dwarf_sections *sections, uint64_t *number, const char **text)
{
	*number = 0;
	*text = NULL;
	switch (form) {
	case DW_FORM_string:
		*text = hw_bytes_text(in);
		break;
	case DW_FORM_line_strp:
		*text = text_at(sections->line_str, is_64bit ? hw_bytes_u64(in) : hw_bytes_u32(in));
		break;
	case DW_FORM_strp:
		*text = text_at(sections->str, is_64bit ? hw_bytes_u64(in) : hw_bytes_u32(in));
		break;
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_strp_alt:
		*text = text_at(sections->alt ? sections->alt->str : (struct hw_bytes){ 0 },
				is_64bit ? hw_bytes_u64(in) : hw_bytes_u32(in));
		break;
	case DW_FORM_udata:
	case DW_FORM_strx: /* by an index into a list only the unit knows: no text */
		*number = hw_bytes_uleb(in);
		break;
	case DW_FORM_data1:
	case DW_FORM_strx1:
		*number = hw_bytes_u8(in);
		break;
	case DW_FORM_data2:
	case DW_FORM_strx2:
		*number = hw_bytes_u16(in);
		break;
	case DW_FORM_strx3:
		(void)hw_bytes_take(in, 3);
		break;
	case DW_FORM_data4:
	case DW_FORM_strx4:
		*number = hw_bytes_u32(in);
		break;
	case DW_FORM_data8:
		*number = hw_bytes_u64(in);
		break;
	case DW_FORM_data16:
		(void)hw_bytes_take(in, 16);
		break;
	case DW_FORM_block:
		(void)hw_bytes_take(in, hw_bytes_uleb(in));
		break;
	case DW_FORM_block1:
		(void)hw_bytes_take(in, hw_bytes_u8(in));
		break;
	case DW_FORM_block2:
		(void)hw_bytes_take(in, hw_bytes_u16(in));
		break;
	case DW_FORM_block4:
		(void)hw_bytes_take(in, hw_bytes_u32(in));
		break;
	default:
		return false;
	}
	return !in->overrun;
}

static bool read_entry(struct hw_bytes *in, const struct entry_format *formats, unsigned format_count,
		       bool is_64bit, const struct hw_dwarf_sections *sections, struct entry *entry)
{
	*entry = (struct entry){ 0 };
	for (unsigned i = 0; i < format_count; i++) {
		const char *text;
		uint64_t number;

		if (!read_form(in, formats[i].form, is_64bit, sections, &number, &text))
			return false;
		if (formats[i].content == DW_LNCT_path)
			entry->name = text;
		else if (formats[i].content == DW_LNCT_directory_index)
			entry->directory = number;
	}
	return true;
}

static void add_file(struct hw_line_table *table, const char *name, uint64_t directory)
{
	hw_vec_push(&table->files,
		    (struct hw_line_file){
			    .name = name,
			    .directory = directory < UINT32_MAX ? (uint32_t)directory : UINT32_MAX,
		    });
}

/* A list of directories or files as DWARF 5 has them: what its columns are, then the rows. */
static bool read_list(struct hw_line_table *table, struct hw_bytes *in, bool is_64bit, bool is_files,
		      const struct hw_dwarf_sections *sections)
{
	struct entry_format formats[UINT8_MAX];
	const unsigned format_count = hw_bytes_u8(in);
	uint64_t count;

	for (unsigned i = 0; i < format_count; i++) {
		formats[i].content = hw_bytes_uleb(in);
		formats[i].form = hw_bytes_uleb(in);
	}
	count = hw_bytes_uleb(in);
	/* Every form that is read takes a byte at least: what has forms ends with the bytes. */
	if (in->overrun || count > FILES_MAX || (count && !format_count))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		struct entry entry;

		if (!read_entry(in, formats, format_count, is_64bit, sections, &entry))
			return false;
		if (is_files)
			add_file(table, entry.name, entry.directory);
		else
			hw_vec_push(&table->directories, entry.name);
	}
	return true;
}

/* A file as DWARF 2 to 4 have it, behind its name: directory, time, size. */
static bool read_old_file(struct hw_line_table *table, struct hw_bytes *in, const char *name)
{
	const uint64_t directory = hw_bytes_uleb(in);

	(void)hw_bytes_uleb(in);
	(void)hw_bytes_uleb(in);
	if (in->overrun || table->files.count >= FILES_MAX)
		return false;
	add_file(table, name, directory);
	return true;
}

/* The lists of DWARF 2 to 4 (DWARF 4 section 6.2.4): texts, then files, each ended by an empty name. */
static bool read_old_lists(struct hw_line_table *table, struct hw_bytes *in)
{
	const char *name;

	hw_vec_push(&table->directories, NULL);
	while (*(name = hw_bytes_text(in))) {
		if (table->directories.count >= FILES_MAX)
			return false;
		hw_vec_push(&table->directories, name);
	}
	add_file(table, NULL, 0);
	while (*(name = hw_bytes_text(in)))
		if (!read_old_file(table, in, name))
			return false;
	return !in->overrun;
}

static bool read_header(struct hw_line_table *table, struct hw_bytes unit, bool is_64bit,
			const struct hw_dwarf_sections *sections)
{
	struct hw_bytes header;

	table->version = hw_bytes_u16(&unit);
	if (unit.overrun || table->version < 2 || table->version > 5)
		return false;
	if (table->version >= 5)
		(void)hw_bytes_take(
			&unit, 2); /* address_size, segment_selector_size: set_address has its own length */
	header = hw_bytes_sub(&unit, is_64bit ? hw_bytes_u64(&unit) : hw_bytes_u32(&unit));
	if (unit.overrun)
		return false;
	table->program = unit;
	table->min_instruction_bytes = hw_bytes_u8(&header);
	table->max_operations = table->version >= 4 ? hw_bytes_u8(&header) : 1;
	if (!table->max_operations)
		table->max_operations = 1; /* some assemblers say 0 and mean: not VLIW */
	(void)hw_bytes_u8(&header);	   /* default_is_stmt */
	table->line_base = (int8_t)hw_bytes_u8(&header);
	table->line_range = hw_bytes_u8(&header);
	table->opcode_base = hw_bytes_u8(&header);
	if (header.overrun || !table->line_range || !table->opcode_base)
		return false;
	table->opcode_lengths = hw_bytes_take(&header, table->opcode_base - 1U);
	if (header.overrun)
		return false;
	if (table->version < 5)
		return read_old_lists(table, &header);
	return read_list(table, &header, is_64bit, false, sections) &&
	       read_list(table, &header, is_64bit, true, sections);
}

bool hw_line_table_init(struct hw_line_table *table, const struct hw_dwarf_sections *sections,
			uint64_t line_foff)
{
	struct hw_bytes in = sections->line;
	bool is_64bit = false;
	uint64_t size_bytes;
	struct hw_bytes unit;

	*table = (struct hw_line_table){ 0 };
	if (line_foff >= hw_bytes_left(&in))
		return false;
	in.at += line_foff;
	size_bytes = hw_bytes_u32(&in);
	if (size_bytes == UINT32_MAX) { /* DWARF 5 section 7.4: lengths and offsets of 64 bits */
		is_64bit = true;
		size_bytes = hw_bytes_u64(&in);
	}
	unit = hw_bytes_sub(&in, size_bytes);
	if (in.overrun || !read_header(table, unit, is_64bit, sections)) {
		hw_line_table_fini(table);
		return false;
	}
	return true;
}

void hw_line_table_fini(struct hw_line_table *table)
{
	hw_vec_fini(&table->directories);
	hw_vec_fini(&table->files);
	*table = (struct hw_line_table){ 0 };
}

/* --- The program -------------------------------------------------------------------------------------------- */

/* The addresses asked for, and where among them the program is. */
struct search {
	const uint64_t *svmas; /* ascending */
	size_t count;
	struct hw_line_row *rows; /* one for each */
	uint64_t code_start_svma;
	size_t tries_left;
	size_t next; /* the first of svmas at or behind the row before */
};

/* The registers of section 6.2.2, as far as they are asked for, and what it takes to notice a row that matters. In
 * variables of hw_line_table_run alone, whose address nobody takes: they then live in registers of the machine. */
struct state {
	uint64_t svma;
	uint32_t operation; /* op_index */
	uint32_t file;
	uint32_t line;
	uint32_t column;
	bool is_dead;		 /* the sequence is of code that is not there */
	struct hw_line_row last; /* the row before; found: there is one in this sequence */
	uint64_t next_svma;	 /* the address that search->next stands at; UINT64_MAX when there is none */
};

/* At the start of a sequence. The row before is such that the first one is seen to go back. */
static const struct state sequence_start = {
	.file = 1,
	.line = 1,
	.last.svma = UINT64_MAX,
	.next_svma = UINT64_MAX,
};

/* What each special opcode adds (section 6.2.5.1), so that rows need no division. */
struct special {
	uint16_t operations;
	int16_t lines;
};

static void fill_specials(const struct hw_line_table *table, struct special *specials)
{
	for (unsigned opcode = table->opcode_base; opcode <= UINT8_MAX; opcode++) {
		const unsigned adjusted = opcode - table->opcode_base;

		specials[opcode].operations = (uint16_t)(adjusted / table->line_range);
		specials[opcode].lines = (int16_t)(table->line_base + (int)(adjusted % table->line_range));
	}
}

static size_t lower_bound(const uint64_t *svmas, size_t count, uint64_t svma)
{
	size_t low = 0;

	while (low < count) {
		const size_t middle = low + (count - low) / 2;

		if (svmas[middle] < svma)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* A row at svma that is behind an address asked for, or the first of a sequence, or goes back: the row before covers
 * what lies between. Returns the new next_svma. */
static uint64_t meet_row(struct search *search, struct hw_line_row last, uint64_t svma)
{
	if (svma < last.svma)
		search->next = lower_bound(search->svmas, search->count, svma);
	for (; search->next < search->count && search->svmas[search->next] < svma; search->next++) {
		struct hw_line_row *row = &search->rows[search->next];

		if (!search->tries_left)
			return UINT64_MAX;
		search->tries_left--;
		if (!row->found || row->svma <= last.svma)
			*row = last;
	}
	return search->next < search->count ? search->svmas[search->next] : UINT64_MAX;
}

static inline __attribute__((always_inline)) void emit_row(struct state *state, struct search *search)
{
	if (state->svma > state->next_svma || state->svma < state->last.svma) {
		if (!state->last.found && state->svma < search->code_start_svma)
			state->is_dead = true;
		state->next_svma = state->is_dead ? UINT64_MAX : meet_row(search, state->last, state->svma);
	}
	state->last.svma = state->svma;
	state->last.file = state->file;
	state->last.line = state->line;
	state->last.column = state->column;
	state->last.found = true;
}

static inline __attribute__((always_inline)) void advance(struct state *state,
							  const struct hw_line_table *table,
							  uint64_t operations)
{
	if (table->max_operations > 1) { /* section 6.2.5.1 */
		operations += state->operation;
		state->operation = (uint32_t)(operations % table->max_operations);
		operations /= table->max_operations;
	}
	state->svma += operations * table->min_instruction_bytes;
}

/* Most operands are of one byte. Longer ones are read through a copy of the cursor, so that it may stay where it is. */
static inline __attribute__((always_inline)) uint64_t read_uleb(struct hw_bytes *program)
{
	struct hw_bytes copy;
	uint64_t value;

	if (program->at < program->end && *program->at < 0x80)
		return *program->at++;
	copy = *program;
	value = hw_bytes_uleb(&copy);
	*program = copy;
	return value;
}

static inline __attribute__((always_inline)) uint32_t read_lines(struct hw_bytes *program)
{
	struct hw_bytes copy;
	int64_t value;

	if (program->at < program->end && *program->at < 0x80)
		return ((uint32_t)*program->at++ ^ 0x40) - 0x40;
	copy = *program;
	value = hw_bytes_sleb(&copy);
	*program = copy;
	return (uint32_t)value;
}

static uint32_t narrow(uint64_t value, uint32_t too_large)
{
	return value < UINT32_MAX ? (uint32_t)value : too_large;
}

/* The operand of DW_LNE_set_address. What linkers write for code they left out, where it is not 0, is dead. */
static bool read_address(struct hw_bytes operand, uint64_t *svma, bool *is_dead)
{
	const size_t size = hw_bytes_left(&operand);

	if (size == 8)
		*svma = hw_bytes_u64(&operand);
	else if (size == 4)
		*svma = hw_bytes_u32(&operand);
	else if (size == 2)
		*svma = hw_bytes_u16(&operand);
	else
		return false;
	*is_dead |= *svma >= (UINT64_MAX >> (64 - size * 8)) - 1;
	return true;
}

static void define_file(struct hw_line_table *table, struct hw_bytes operands)
{
	const char *name = hw_bytes_text(&operands);

	if (!operands.overrun)
		(void)read_old_file(table, &operands, name);
}

/* The opcodes that are what section 6.2.5.2 says: those the header gives as many operands as there. */
static uint32_t known_opcodes(const struct hw_line_table *table)
{
	uint32_t known = 0;

	for (unsigned opcode = 1; opcode < STANDARD_OPCODES && opcode < table->opcode_base; opcode++)
		if (table->opcode_lengths[opcode - 1] == standard_lengths[opcode])
			known |= 1U << opcode;
	return known;
}

static void skip_unknown(const struct hw_line_table *table, struct hw_bytes *program, uint8_t opcode)
{
	for (unsigned i = 0; i < table->opcode_lengths[opcode - 1]; i++)
		(void)hw_bytes_uleb(program);
}

static inline __attribute__((always_inline)) void run_standard(struct state *state, struct search *search,
							       const struct hw_line_table *table,
							       struct hw_bytes *program, uint8_t opcode)
{
	switch (opcode) {
	case DW_LNS_copy:
		emit_row(state, search);
		break;
	case DW_LNS_advance_pc:
		advance(state, table, read_uleb(program));
		break;
	case DW_LNS_advance_line:
		state->line += read_lines(program);
		break;
	case DW_LNS_set_file:
		state->file = narrow(read_uleb(program), UINT32_MAX);
		break;
	case DW_LNS_set_column:
		state->column = narrow(read_uleb(program), 0);
		break;
	case DW_LNS_const_add_pc:
		advance(state, table, (255U - table->opcode_base) / table->line_range);
		break;
	case DW_LNS_fixed_advance_pc:
		state->svma += hw_bytes_u16(program);
		state->operation = 0;
		break;
	case DW_LNS_set_isa:
		(void)read_uleb(program);
		break;
	default: /* flags of a row that nothing here asks for */
		break;
	}
}

static inline __attribute__((always_inline)) void run_extended(struct state *state, struct search *search,
							       struct hw_line_table *table,
							       struct hw_bytes *program)
{
	const uint64_t size_bytes = read_uleb(program);
	struct hw_bytes in = hw_bytes_sub(program, size_bytes);

	if (!size_bytes || in.overrun)
		return;
	switch (hw_bytes_u8(&in)) {
	case DW_LNE_end_sequence:
		emit_row(state, search);
		*state = sequence_start;
		break;
	case DW_LNE_set_address:
		if (read_address(in, &state->svma, &state->is_dead))
			state->operation = 0;
		break;
	case DW_LNE_define_file:
		define_file(table, in);
		break;
	default: /* set_discriminator, and what vendors add */
		break;
	}
}

void hw_line_table_run(struct hw_line_table *table, uint64_t code_start_svma, const uint64_t *svmas,
		       size_t count, struct hw_line_row *rows)
{
	const uint32_t known = known_opcodes(table);
	struct special specials[UINT8_MAX + 1];
	struct hw_bytes program = table->program;
	struct state state = sequence_start;
	struct search search = {
		.svmas = svmas,
		.count = count,
		.rows = rows,
		.code_start_svma = code_start_svma,
		.tries_left = count < SIZE_MAX / TRIES_MAX ? count * TRIES_MAX : SIZE_MAX,
	};

	if (!count)
		return;
	for (size_t i = 0; i < count; i++)
		rows[i] = (struct hw_line_row){ 0 };
	fill_specials(table, specials);
	while (program.at < program.end && !program.overrun) {
		const uint8_t opcode = *program.at++;

		if (opcode >= table->opcode_base) {
			advance(&state, table, specials[opcode].operations);
			state.line += (uint32_t)specials[opcode].lines;
			emit_row(&state, &search);
		} else if (opcode == 0) {
			run_extended(&state, &search, table, &program);
		} else if (opcode < STANDARD_OPCODES && known >> opcode & 1) {
			run_standard(&state, &search, table, &program, opcode);
		} else {
			skip_unknown(table, &program, opcode);
		}
	}
}

/* --- Files -------------------------------------------------------------------------------------------------- */

static bool is_relative(const char *path)
{
	return path[0] != '/';
}

static void add_folder(struct hw_buf *path, const char *folder)
{
	const size_t length = folder ? strnlen(folder, TEXT_MAX_BYTES) : 0;

	if (!length)
		return;
	hw_buf_add(path, folder, length);
	hw_buf_add(path, "/", 1);
}

const char *hw_line_table_path(const struct hw_line_table *table, uint64_t file, const char *comp_dir,
			       struct hw_buf *path)
{
	const struct hw_line_file *entry;

	if (file >= table->files.count || !table->files.at[file].name)
		return NULL;
	entry = &table->files.at[file];
	path->size = 0;
	if (is_relative(entry->name)) {
		const char *folder = entry->directory < table->directories.count
					     ? table->directories.at[entry->directory]
					     : NULL;

		/* Directory 0 of DWARF 5 is the unit's folder once more. */
		if (comp_dir && (!folder || (is_relative(folder) && strcmp(folder, comp_dir) != 0)))
			add_folder(path, comp_dir);
		add_folder(path, folder);
	}
	hw_buf_add(path, entry->name, strnlen(entry->name, TEXT_MAX_BYTES));
	return hw_buf_str(path);
}
