/* line_tool FILE: hold our rows of every unit's line table against libdw's, at the start of every row, the byte before
 * and the byte behind. Prints "UNITS units, ADDRESSES addresses, GAPS covered by libdw alone, DIFFERENCES differ" and the
 * first differences; exit status 1 when there are any. Addresses below the file's code are not asked.
 * Covered by libdw alone: it sorts the row that stands at the end of its own sequence behind that end, and then has it
 * reach to the next sequence, which is no code of that line; likewise the rows of code that was left out (at 0).
 * line_tool -q FILE: for each "TABLE ADDRESS" of stdin (hexadecimal; sorted), print them and "FILE:LINE:COLUMN", the
 * path without the unit's folder; "-" where no row covers the address. */
#include "dso/line_program.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define SHOWN_MAX 20

struct addresses {
	uint64_t *at;
	size_t count;
	size_t capacity;
};

static int compare(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left;
	const uint64_t b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static void sort_unique(struct addresses *list)
{
	size_t kept = 0;

	if (list->count)
		qsort(list->at, list->count, sizeof *list->at, compare);
	for (size_t i = 0; i < list->count; i++)
		if (!kept || list->at[i] != list->at[kept - 1])
			list->at[kept++] = list->at[i];
	list->count = kept;
}

static uint64_t code_start(const struct hw_elf *elf)
{
	uint64_t start_svma = UINT64_MAX;

	for (size_t i = 0; i < elf->section_count; i++)
		if (elf->sections[i].flags & SHF_EXECINSTR && elf->sections[i].vaddr_svma < start_svma)
			start_svma = elf->sections[i].vaddr_svma;
	return start_svma;
}

static void add_address(struct addresses *list, uint64_t svma, uint64_t start_svma)
{
	if (svma >= start_svma)
		hw_vec_push(list, svma);
}

struct sums {
	size_t units, addresses, gaps, differences;
};

/* Does libdw's row cover nothing, standing at the end of a sequence, or is it of code that was left out? */
static bool is_gap(Dwarf_Line *line, const struct addresses *ends, uint64_t start_svma)
{
	Dwarf_Addr svma;

	if (dwarf_lineaddr(line, &svma) != 0)
		return false;
	return svma < start_svma ||
	       (ends->count && bsearch(&svma, ends->at, ends->count, sizeof *ends->at, compare));
}

/* libdw leaves the unit's folder away where a directory of the table is relative; eu-addr2line adds it as here. */
static bool is_same_path(const char *ours, const char *libdw, const char *comp_dir)
{
	const size_t length = comp_dir ? strlen(comp_dir) : 0;

	if (!ours || !libdw)
		return ours == libdw || strcmp(ours ? ours : libdw, "???") == 0;
	if (strcmp(ours, libdw) == 0)
		return true;
	return libdw[0] != '/' && length && strncmp(ours, comp_dir, length) == 0 && ours[length] == '/' &&
	       strcmp(ours + length + 1, libdw) == 0;
}

static void compare_row(const struct hw_line_row *row, const char *path, Dwarf_Line *line,
			const char *comp_dir, uint64_t svma, struct sums *sums)
{
	const char *file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	int number = 0, column = 0;

	if (line) {
		(void)dwarf_lineno(line, &number);
		(void)dwarf_linecol(line, &column);
	}
	if (row->found == (line != NULL) && row->line == (uint32_t)number &&
	    row->column == (uint32_t)column && is_same_path(path, file, comp_dir))
		return;
	if (sums->differences++ < SHOWN_MAX)
		printf("0x%" PRIx64 ": %s:%u:%u, libdw %s:%d:%d\n", svma, path ? path : "-", row->line,
		       row->column, file ? file : "-", number, column);
}

/* The rows' addresses and those beside them, and the ends of sequences. */
static void list_addresses(Dwarf_Lines *lines, size_t count, uint64_t start_svma, struct addresses *list,
			   struct addresses *ends)
{
	for (size_t i = 0; i < count; i++) {
		Dwarf_Line *line = dwarf_onesrcline(lines, i);
		Dwarf_Addr svma;
		bool is_end;

		if (dwarf_lineaddr(line, &svma) != 0 || dwarf_lineendsequence(line, &is_end) != 0)
			continue;
		if (is_end)
			hw_vec_push(ends, svma);
		add_address(list, svma - 1, start_svma);
		add_address(list, svma, start_svma);
		add_address(list, svma + 1, start_svma);
	}
	sort_unique(list);
	sort_unique(ends);
}

static void compare_unit(Dwarf_Die *unit, const struct hw_dwarf_sections *sections, uint64_t start_svma,
			 struct sums *sums)
{
	const char *comp_dir = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &(Dwarf_Attribute){ 0 }));
	struct addresses list = { 0 }, ends = { 0 };
	struct hw_buf path = { 0 };
	struct hw_line_table table;
	struct hw_line_row *rows;
	Dwarf_Attribute attr;
	Dwarf_Word line_foff;
	Dwarf_Lines *lines;
	size_t count;

	if (!dwarf_attr(unit, DW_AT_stmt_list, &attr) || dwarf_formudata(&attr, &line_foff) != 0 ||
	    dwarf_getsrclines(unit, &lines, &count) != 0)
		return;
	list_addresses(lines, count, start_svma, &list, &ends);
	rows = hw_alloc(list.count + 1, sizeof *rows);
	if (hw_line_table_init(&table, sections, line_foff))
		hw_line_program_run(&table, start_svma, list.at, list.count, rows);
	for (size_t i = 0; i < list.count; i++) {
		Dwarf_Line *line = dwarf_getsrc_die(unit, list.at[i]);

		if (!rows[i].found && line && is_gap(line, &ends, start_svma))
			sums->gaps++;
		else
			compare_row(&rows[i],
				    rows[i].found ? hw_line_table_path(&table, rows[i].file, comp_dir, &path)
						  : NULL,
				    line, comp_dir, list.at[i], sums);
	}
	sums->units++;
	sums->addresses += list.count;
	hw_line_table_fini(&table);
	hw_vec_fini(&list);
	hw_vec_fini(&ends);
	hw_buf_fini(&path);
	free(rows);
}

static int compare_with_libdw(const char *file, const struct hw_elf *elf,
			      const struct hw_dwarf_sections *sections)
{
	const int fd = open(file, O_RDONLY | O_CLOEXEC);
	Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);
	struct sums sums = { 0 };
	Dwarf_CU *cu = NULL;
	Dwarf_Half version;
	Dwarf_Die unit;
	uint8_t type;

	while (dwarf_get_units(dwarf, cu, &cu, &version, &type, &unit, NULL) == 0)
		compare_unit(&unit, sections, code_start(elf), &sums);
	(void)dwarf_end(dwarf);
	(void)close(fd);
	printf("%zu units, %zu addresses, %zu covered by libdw alone, %zu differ\n", sums.units,
	       sums.addresses, sums.gaps, sums.differences);
	return !sums.addresses || sums.differences;
}

/* All addresses asked of one table. */
static void answer(const struct hw_dwarf_sections *sections, uint64_t line_foff, uint64_t start_svma,
		   const struct addresses *list)
{
	struct hw_buf path = { 0 };
	struct hw_line_table table;
	struct hw_line_row *rows = hw_alloc(list->count + 1, sizeof *rows);

	if (hw_line_table_init(&table, sections, line_foff))
		hw_line_program_run(&table, start_svma, list->at, list->count, rows);
	for (size_t i = 0; i < list->count; i++) {
		const char *text =
			rows[i].found ? hw_line_table_path(&table, rows[i].file, NULL, &path) : NULL;

		printf("%" PRIx64 " %" PRIx64 " ", line_foff, list->at[i]);
		if (rows[i].found)
			printf("%s:%u:%u\n", text ? text : "??", rows[i].line, rows[i].column);
		else
			puts("-");
	}
	hw_line_table_fini(&table);
	hw_buf_fini(&path);
	free(rows);
}

static int answer_queries(const struct hw_elf *elf, const struct hw_dwarf_sections *sections)
{
	struct addresses list = { 0 };
	uint64_t line_foff = 0, table = 0, svma;

	while (scanf("%" SCNx64 " %" SCNx64, &line_foff, &svma) == 2) {
		if (line_foff != table)
			answer(sections, table, code_start(elf), &list);
		if (line_foff != table)
			list.count = 0;
		table = line_foff;
		hw_vec_push(&list, svma);
	}
	answer(sections, table, code_start(elf), &list);
	hw_vec_fini(&list);
	return 0;
}

int main(int argc, char **argv)
{
	HW_AUTO(hw_elf_closep) struct hw_elf *elf = NULL;
	const bool queries = argc == 3 && strcmp(argv[1], "-q") == 0;
	struct hw_dwarf_sections sections;
	struct hw_err err = { 0 };
	int fd, status;

	if (argc != 2 + queries)
		return 2;
	fd = open(argv[argc - 1], O_RDONLY | O_CLOEXEC);
	elf = hw_elf_open_fd(fd, argv[argc - 1], &err);
	(void)close(fd);
	if (!elf || !hw_dwarf_sections_open(&sections, elf, HW_DWARF_WHOLE)) {
		fprintf(stderr, "line_tool: %s\n", elf ? "no debug information" : err.message);
		return 2;
	}
	status =
		queries ? answer_queries(elf, &sections) : compare_with_libdw(argv[argc - 1], elf, &sections);
	hw_dwarf_sections_close(&sections);
	return status;
}
