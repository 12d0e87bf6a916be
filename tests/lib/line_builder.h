/* Line programs written byte by byte, so that every row is known beforehand. */
#ifndef HW_TESTS_LINE_BUILDER_H
#define HW_TESTS_LINE_BUILDER_H

#include "dso/line_program.h"

#include <dwarf.h>
#include <stdlib.h>

/* Where the code is: what lies lower was left out by the linker. */
#define CODE UINT64_C(0x401000)

/* A line program under construction: .debug_line from its first byte. */
struct program {
	struct hw_buf bytes;
	bool is_64bit;
	size_t unit_end_of_length;   /* where unit_length counts from */
	size_t header_end_of_length; /* where header_length counts from */
};

static inline void u8(struct program *p, unsigned value)
{
	const uint8_t byte = (uint8_t)value;

	hw_buf_add(&p->bytes, &byte, sizeof byte);
}

static inline void u16(struct program *p, uint16_t value)
{
	hw_buf_add(&p->bytes, &value, sizeof value);
}

static inline void u32(struct program *p, uint32_t value)
{
	hw_buf_add(&p->bytes, &value, sizeof value);
}

static inline void u64(struct program *p, uint64_t value)
{
	hw_buf_add(&p->bytes, &value, sizeof value);
}

static inline void offset(struct program *p, uint64_t value)
{
	if (p->is_64bit)
		u64(p, value);
	else
		u32(p, (uint32_t)value);
}

static inline void leb(struct program *p, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		u8(p, (value & 0x7f) | 0x80);
	u8(p, (unsigned)value);
}

static inline void text(struct program *p, const char *value)
{
	hw_buf_add(&p->bytes, value, strlen(value) + 1);
}

/* What follows the version and comes before the lists. */
struct parameters {
	uint16_t version;
	bool is_64bit;
	uint8_t min_instruction_bytes;
	uint8_t max_operations;
	uint8_t opcode_base;
	uint8_t line_range;
	const uint8_t *lengths; /* NULL: those of the standard, 1 for the rest */
};

static const struct parameters ordinary = {
	.version = 4, .min_instruction_bytes = 1, .max_operations = 1, .opcode_base = 13, .line_range = 14
};

static inline void begin(struct program *p, const struct parameters *with)
{
	static const uint8_t standard[] = { 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1 };

	*p = (struct program){ .is_64bit = with->is_64bit };
	if (p->is_64bit)
		u32(p, UINT32_MAX);
	offset(p, 0);
	p->unit_end_of_length = p->bytes.size;
	u16(p, with->version);
	if (with->version >= 5) {
		u8(p, 8);
		u8(p, 0);
	}
	offset(p, 0);
	p->header_end_of_length = p->bytes.size;
	u8(p, with->min_instruction_bytes);
	if (with->version >= 4)
		u8(p, with->max_operations);
	u8(p, 1);
	u8(p, (uint8_t)-5);
	u8(p, with->line_range);
	u8(p, with->opcode_base);
	for (unsigned i = 0; i + 1 < with->opcode_base; i++)
		u8(p, with->lengths ? with->lengths[i] : i < sizeof standard ? standard[i] : 1);
}

static inline void set_length(struct program *p, size_t end_of_length)
{
	const uint64_t length = p->bytes.size - end_of_length;
	const size_t size = p->is_64bit ? 8 : 4;

	memcpy(p->bytes.data + end_of_length - size, &length, size);
}

/* The lists are complete: opcodes follow. */
static inline void end_header(struct program *p)
{
	set_length(p, p->header_end_of_length);
}

/* Two directories and three files, as DWARF 2 to 4 have them. */
static inline void old_lists(struct program *p)
{
	text(p, "sub");
	text(p, "/usr/include");
	u8(p, 0);
	for (unsigned i = 0; i < 3; i++) {
		text(p, ((const char *[]){ "main.c", "part.c", "stdio.h" })[i]);
		leb(p, i);
		leb(p, 0);
		leb(p, 0);
	}
	u8(p, 0);
	end_header(p);
}

static inline void begin_ordinary(struct program *p)
{
	begin(p, &ordinary);
	old_lists(p);
}

static inline void extended(struct program *p, uint64_t size, unsigned opcode)
{
	u8(p, 0);
	leb(p, size);
	u8(p, opcode);
}

static inline void set_address(struct program *p, uint64_t svma)
{
	extended(p, 9, DW_LNE_set_address);
	u64(p, svma);
}

static inline void advance_pc(struct program *p, uint64_t operations)
{
	u8(p, DW_LNS_advance_pc);
	leb(p, operations);
}

static inline void advance_line(struct program *p, int lines)
{
	u8(p, DW_LNS_advance_line);
	for (; lines < -64 || lines > 63; lines >>= 7)
		u8(p, (unsigned)(lines & 0x7f) | 0x80);
	u8(p, (unsigned)lines & 0x7f);
}

/* A row `lines` further down, `bytes` behind the one before. */
static inline void row(struct program *p, uint64_t bytes, int lines)
{
	advance_pc(p, bytes);
	advance_line(p, lines);
	u8(p, DW_LNS_copy);
}

static inline void end_sequence(struct program *p, uint64_t bytes)
{
	advance_pc(p, bytes);
	extended(p, 1, DW_LNE_end_sequence);
}

static inline struct hw_dwarf_sections sections_of(struct program *p)
{
	set_length(p, p->unit_end_of_length);
	return (struct hw_dwarf_sections){ .line = hw_bytes_of(p->bytes.data, p->bytes.size) };
}

/* Read the table and run it; the rows of the addresses. */
static inline void run(struct program *p, struct hw_line_table *table, const uint64_t *svmas, size_t count,
		       struct hw_line_row *rows)
{
	const struct hw_dwarf_sections sections = sections_of(p);

	if (!hw_line_table_init(table, &sections, 0))
		abort();
	hw_line_program_run(table, CODE, svmas, count, rows);
}

#endif
