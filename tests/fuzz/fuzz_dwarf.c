/* Hostile DWARF as it is read to name addresses: units, abbreviations, DIEs, range lists, lines, of a program, of a .dwp
 * with its split units and of a dwz file. An input is a row of pieces: u8 which section of which file, u16 size,
 * bytes. tests/fuzz/make_dwarf_seed.py makes one of real files. Code lies at 0x1000, 4 KiB of it. */
#include "dso/answer.h"
#include "dso/names.h"
#include "tests/fuzz/check_answer.h"
#include "tests/lib/elf_builder.h"

#define CODE_SVMA 0x1000
#define CODE_BYTES 0x1000
#define ADDRESSES 64
#define FILES 3
#define PIECES_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const section_names[FILES][10] = {
	{ ".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_line", ".debug_ranges",
	  ".debug_rnglists", ".debug_addr", ".debug_str_offsets", ".debug_aranges" },
	{ ".debug_info.dwo", ".debug_abbrev.dwo", ".debug_str.dwo", ".debug_line_str.dwo", ".debug_line.dwo",
	  ".debug_ranges.dwo", ".debug_rnglists.dwo", ".debug_addr.dwo", ".debug_str_offsets.dwo",
	  ".debug_cu_index" },
	{ ".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_line", ".debug_ranges",
	  ".debug_rnglists", ".debug_addr", ".debug_str_offsets", ".debug_aranges" },
};

static const uint8_t code[CODE_BYTES] = { 0xc3 };

/* The file with that number, made of its pieces. */
static struct hw_elf *make_file(const uint8_t *data, size_t size, unsigned file)
{
	static const struct elf_segment text = { PT_LOAD, PF_R | PF_X, 1 };
	struct elf_section sections[PIECES_MAX + 1] = { {
		.name = ".text",
		.type = SHT_PROGBITS,
		.flags = SHF_ALLOC | SHF_EXECINSTR,
		.vaddr_svma = CODE_SVMA,
		.data = code,
		.size = sizeof code,
	} };
	struct hw_bytes bytes = hw_bytes_of(data, size);
	struct hw_buf image = { 0 };
	struct hw_elf *elf;
	size_t count = 1;

	while (hw_bytes_left(&bytes) >= 3 && count <= PIECES_MAX) {
		const uint8_t kind = hw_bytes_u8(&bytes);
		uint64_t piece_size = hw_bytes_u16(&bytes);
		const uint8_t *piece;

		if (piece_size > hw_bytes_left(&bytes))
			piece_size = hw_bytes_left(&bytes);
		piece = hw_bytes_take(&bytes, piece_size);
		if (kind / 16 % FILES == file)
			sections[count++] = (struct elf_section){
				.name = section_names[file][kind % 16 % 10],
				.type = SHT_PROGBITS,
				.data = piece,
				.size = piece_size,
			};
	}
	elf_build(&image, sections, count, &text, 1);
	elf = hw_elf_open_bytes(image.data, image.size, "fuzz", NULL);
	hw_buf_fini(&image);
	if (!elf)
		abort();
	return elf;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_elf *elf = make_file(data, size, 0);
	struct hw_elf *dwp = make_file(data, size, 1);
	struct hw_elf *alt = make_file(data, size, 2);
	const struct hw_debug_files files = { .dwp = dwp, .alt = alt };
	struct hw_names *names = hw_names_new(elf, &files);
	struct hw_answer_writer writer;
	struct hw_dso_answer answer;
	uint64_t foffs[ADDRESSES], start_foff;

	if (!hw_elf_foff_of_svma(elf, CODE_SVMA, &start_foff))
		abort();
	for (uint64_t i = 0; i < ADDRESSES; i++)
		foffs[i] = start_foff + i * (CODE_BYTES / ADDRESSES);
	hw_answer_begin(&writer, &answer);
	hw_names_resolve(names, foffs, ADDRESSES, NULL, &writer);
	hw_answer_end(&writer, NULL);
	check_answer(&answer, ADDRESSES);
	hw_dso_answer_fini(&answer);
	hw_names_free(names);
	hw_elf_close(alt);
	hw_elf_close(dwp);
	hw_elf_close(elf);
	return 0;
}
