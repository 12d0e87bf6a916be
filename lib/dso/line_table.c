#include "dso/line_table.h"

#include <dwarf.h>

/* More files than any unit has; a list costs memory before anything is known to be asked of it. */
#define FILES_MAX (UINT64_C(1) << 20)
/* Longer than any path (PATH_MAX is 4096): a small file can refer to a long text often. */
#define TEXT_MAX_BYTES (UINT64_C(1) << 16)

/* One column of a list of directories or files in DWARF 5, section 6.2.4.1. */
struct entry_format {
	uint64_t content; /* DW_LNCT_ */
	uint64_t form;	  /* DW_FORM_ */
};

struct entry {
	const char *name;
	uint64_t directory;
};

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

bool hw_line_table_add_file(struct hw_line_table *table, const char *name, struct hw_bytes *in)
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
		if (!hw_line_table_add_file(table, name, in))
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

/* What follows the length of the table at an offset; false when that reaches out of the section. */
static bool take_table(struct hw_bytes *unit, bool *is_64bit, const struct hw_dwarf_sections *sections,
		       uint64_t line_foff)
{
	struct hw_bytes in = sections->line;
	uint64_t size_bytes;

	if (line_foff >= hw_bytes_left(&in))
		return false;
	in.at += line_foff;
	size_bytes = hw_bytes_u32(&in);
	*is_64bit = size_bytes == UINT32_MAX; /* DWARF 5 section 7.4: lengths and offsets of 64 bits */
	if (*is_64bit)
		size_bytes = hw_bytes_u64(&in);
	*unit = hw_bytes_sub(&in, size_bytes);
	return !in.overrun;
}

uint64_t hw_line_table_size(const struct hw_dwarf_sections *sections, uint64_t line_foff)
{
	struct hw_bytes unit;
	bool is_64bit;

	return take_table(&unit, &is_64bit, sections, line_foff) ? hw_bytes_left(&unit) : 0;
}

bool hw_line_table_init(struct hw_line_table *table, const struct hw_dwarf_sections *sections,
			uint64_t line_foff)
{
	struct hw_bytes unit;
	bool is_64bit;

	*table = (struct hw_line_table){ 0 };
	if (!take_table(&unit, &is_64bit, sections, line_foff) ||
	    !read_header(table, unit, is_64bit, sections)) {
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
