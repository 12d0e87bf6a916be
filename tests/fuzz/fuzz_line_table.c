/* A hostile line table. The first byte says how many addresses are asked, each then one 16-bit step behind the one
 * before; the rest is .debug_line, and at once the sections that hold its texts. */
#include "dso/line_program.h"

#define CODE_START_SVMA UINT64_C(0x1000)
#define ADDRESSES_MAX 32
#define FILES_ASKED 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A row lies at or before its address; what is not found is empty. */
static void check_rows(const uint64_t *svmas, const struct hw_line_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct hw_line_row *row = &rows[i];

		if (row->found ? row->svma > svmas[i] : row->svma || row->file || row->line || row->column)
			abort();
	}
}

static void check_paths(const struct hw_line_table *table)
{
	struct hw_buf path = { 0 };

	for (uint64_t file = 0; file < FILES_ASKED; file++) {
		const char *text = hw_line_table_path(table, file, file & 1 ? "/folder" : NULL, &path);

		if (text && (file >= table->files.count || strlen(text) != path.size))
			abort();
	}
	hw_buf_fini(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_bytes input = hw_bytes_of(data, size);
	const size_t count = hw_bytes_u8(&input) % (ADDRESSES_MAX + 1);
	struct hw_line_row rows[ADDRESSES_MAX];
	uint64_t svmas[ADDRESSES_MAX];
	struct hw_dwarf_sections sections = { 0 };
	struct hw_line_table table;
	uint64_t svma = CODE_START_SVMA;

	for (size_t i = 0; i < count; i++)
		svmas[i] = svma += hw_bytes_u16(&input);
	if (input.overrun)
		return 0;
	sections.line = sections.line_str = sections.str = input;
	if (hw_line_table_init(&table, &sections, 0)) {
		hw_line_program_run(&table, CODE_START_SVMA, svmas, count, rows);
		check_rows(svmas, rows, count);
		check_paths(&table);
	} else if (table.files.at || table.directories.at || table.program.at) {
		abort();
	}
	hw_line_table_fini(&table);
	return 0;
}
