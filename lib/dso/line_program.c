#include "dso/line_program.h"

#include <dwarf.h>

/* Rows that may be tried for an address, on average: sequences that overlap are rare, and few. */
#define TRIES_MAX 64
/* The standard opcodes (DWARF 5 section 6.2.5.2), and how many LEB128 operands each has; fixed_advance_pc counts one,
 * though its operand is a uhalf. */
#define STANDARD_OPCODES 13
static const uint8_t standard_lengths[STANDARD_OPCODES] = { 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1 };

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
 * variables of hw_line_program_run alone, whose address nobody takes: they then live in registers of the machine. */
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
		(void)hw_line_table_add_file(table, name, &operands);
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

void hw_line_program_run(struct hw_line_table *table, uint64_t code_start_svma, const uint64_t *svmas,
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
	while (program.at && program.at < program.end && !program.overrun) {
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
