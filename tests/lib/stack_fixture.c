#include "tests/lib/stack_fixture.h"

#include "base/file.h"
#include "unwind/regs.h"

#include <ctype.h>
#include <dwarf.h>
#include <elf.h>

#define FILE_LIMIT ((uint64_t)1 << 20)
#define IMAGE_LIMIT ((uint64_t)64 << 20)
#define STACK_LIMIT ((uint64_t)1 << 16)
#define PAGE UINT64_C(4096)

/* --- Parts of a file ---------------------------------------------------------------------------------------- */

struct part_map {
	uint64_t start_avma, size, svma;
	uint64_t foff; /* in the image that is built */
};

struct part_code {
	uint64_t svma;
	struct hw_buf bytes;
};

struct part_rows {
	uint64_t start_svma, limit_svma, code_align;
	int64_t data_align;
	bool signal;
	struct hw_buf initial, program;
	uint64_t fde_svma; /* in the image that is built */
};

struct part_dso {
	struct hw_dso *dso;
	HW_VEC(struct part_map) maps;
	HW_VEC(struct part_code) codes;
	HW_VEC(struct part_rows) rows;
};

struct parts {
	struct stack_fixture *fixture;
	HW_VEC(struct part_dso) dsos;
};

static void parts_fini(struct parts *parts)
{
	for (size_t d = 0; d < parts->dsos.count; d++) {
		struct part_dso *dso = &parts->dsos.at[d];

		for (size_t i = 0; i < dso->codes.count; i++)
			hw_buf_fini(&dso->codes.at[i].bytes);
		for (size_t i = 0; i < dso->rows.count; i++) {
			hw_buf_fini(&dso->rows.at[i].initial);
			hw_buf_fini(&dso->rows.at[i].program);
		}
		hw_vec_fini(&dso->maps);
		hw_vec_fini(&dso->codes);
		hw_vec_fini(&dso->rows);
	}
	hw_vec_fini(&parts->dsos);
}

/* --- From the parts to an ELF file -------------------------------------------------------------------------- */

static void put(struct hw_buf *out, const void *data, size_t size)
{
	hw_buf_add(out, data, size);
}

static void put_u8(struct hw_buf *out, uint8_t value)
{
	put(out, &value, sizeof value);
}

static void put_u32(struct hw_buf *out, uint64_t value)
{
	const uint32_t word = (uint32_t)value;

	put(out, &word, sizeof word);
}

static void put_uleb(struct hw_buf *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		put_u8(out, (uint8_t)(value | 0x80));
	put_u8(out, (uint8_t)value);
}

static void put_sleb(struct hw_buf *out, int64_t value)
{
	for (; value < -0x40 || value >= 0x40; value >>= 7)
		put_u8(out, (uint8_t)(value | 0x80));
	put_u8(out, (uint8_t)(value & 0x7f));
}

static void pad_to(struct hw_buf *out, uint64_t size)
{
	if (out->size < size) {
		memset(hw_buf_reserve(out, size - out->size), 0, size - out->size);
		out->size = size;
	}
}

/* Fill an entry up with nops, and its length in at start. */
static void close_entry(struct hw_buf *out, size_t start)
{
	uint32_t length;

	pad_to(out, (out->size + 7) & ~UINT64_C(7));
	length = (uint32_t)(out->size - start - 4);
	memcpy(out->data + start, &length, sizeof length);
}

/* A CIE of its own and the FDE, at the end of out, which begins at base_svma. */
static void put_rows(struct hw_buf *out, uint64_t base_svma, struct part_rows *rows)
{
	const size_t cie = out->size;
	size_t fde;

	put_u32(out, 0);
	put_u32(out, 0);
	put_u8(out, 1);
	put(out, rows->signal ? "zRS" : "zR", rows->signal ? 4 : 3);
	put_uleb(out, rows->code_align);
	put_sleb(out, rows->data_align);
	put_u8(out, HW_REG_RA);
	put_uleb(out, 1);
	put_u8(out, DW_EH_PE_pcrel | DW_EH_PE_sdata4);
	put(out, hw_buf_str(&rows->initial), rows->initial.size);
	close_entry(out, cie);
	fde = out->size;
	rows->fde_svma = base_svma + fde;
	put_u32(out, 0);
	put_u32(out, fde + 4 - cie);
	put_u32(out, rows->start_svma - (base_svma + out->size));
	put_u32(out, rows->limit_svma - rows->start_svma);
	put_uleb(out, 0);
	put(out, hw_buf_str(&rows->program), rows->program.size);
	close_entry(out, fde);
}

static int compare_rows(const void *left, const void *right)
{
	const struct part_rows *a = left;
	const struct part_rows *b = right;

	return (a->start_svma > b->start_svma) - (a->start_svma < b->start_svma);
}

/* .eh_frame_hdr, and .eh_frame behind it. */
static void build_cfi(struct hw_buf *out, struct part_dso *dso, uint64_t base_svma)
{
	const uint64_t frame_offset = 12 + dso->rows.count * 8;
	struct hw_buf frame = { 0 };

	if (dso->rows.count)
		qsort(dso->rows.at, dso->rows.count, sizeof *dso->rows.at, compare_rows);
	for (size_t i = 0; i < dso->rows.count; i++)
		put_rows(&frame, base_svma + frame_offset, &dso->rows.at[i]);
	put_u32(&frame, 0);
	put_u8(out, 1);
	put_u8(out, DW_EH_PE_pcrel | DW_EH_PE_sdata4);
	put_u8(out, DW_EH_PE_udata4);
	put_u8(out, DW_EH_PE_datarel | DW_EH_PE_sdata4);
	put_u32(out, frame_offset - 4);
	put_u32(out, dso->rows.count);
	for (size_t i = 0; i < dso->rows.count; i++) {
		put_u32(out, dso->rows.at[i].start_svma - base_svma);
		put_u32(out, dso->rows.at[i].fde_svma - base_svma);
	}
	put(out, hw_buf_str(&frame), frame.size);
	hw_buf_fini(&frame);
}

static Elf64_Phdr load(uint32_t type, uint64_t foff, uint64_t svma, uint64_t size)
{
	return (Elf64_Phdr){ .p_type = type,
			     .p_flags = PF_R | (type == PT_LOAD ? PF_X : 0),
			     .p_offset = foff,
			     .p_vaddr = svma,
			     .p_paddr = svma,
			     .p_filesz = size,
			     .p_memsz = size,
			     .p_align = type == PT_LOAD ? PAGE : 4 };
}

static void put_code(struct hw_buf *image, const struct part_dso *dso, const struct part_map *map)
{
	for (size_t i = 0; i < dso->codes.count; i++) {
		const struct part_code *code = &dso->codes.at[i];

		if (code->svma >= map->svma && code->svma + code->bytes.size <= map->svma + map->size)
			memcpy(image->data + map->foff + (code->svma - map->svma), code->bytes.data,
			       code->bytes.size);
	}
}

static void build_image(struct hw_buf *image, struct part_dso *dso)
{
	const size_t phdr_count = dso->maps.count + 2;
	Elf64_Ehdr ehdr = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			    .e_type = ET_DYN,
			    .e_machine = HW_REG_RA == HW_REG_PC ? EM_X86_64 : EM_AARCH64,
			    .e_version = EV_CURRENT,
			    .e_phoff = sizeof ehdr,
			    .e_ehsize = sizeof ehdr,
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = (uint16_t)phdr_count };
	Elf64_Phdr *phdrs = hw_alloc(phdr_count, sizeof *phdrs);
	struct hw_buf cfi = { 0 };
	uint64_t foff = PAGE;
	uint64_t top_svma = 0;

	for (size_t i = 0; i < dso->maps.count; i++) {
		struct part_map *map = &dso->maps.at[i];

		map->foff = foff;
		phdrs[i] = load(PT_LOAD, foff, map->svma, map->size);
		foff += (map->size + PAGE - 1) & ~(PAGE - 1);
		if (map->svma + map->size > top_svma)
			top_svma = map->svma + map->size;
	}
	top_svma = (top_svma + PAGE - 1) & ~(PAGE - 1);
	build_cfi(&cfi, dso, top_svma);
	phdrs[phdr_count - 2] = load(PT_LOAD, foff, top_svma, cfi.size);
	phdrs[phdr_count - 2].p_flags = PF_R;
	phdrs[phdr_count - 1] = load(PT_GNU_EH_FRAME, foff, top_svma, cfi.size);
	put(image, &ehdr, sizeof ehdr);
	put(image, phdrs, phdr_count * sizeof *phdrs);
	pad_to(image, foff);
	for (size_t i = 0; i < dso->maps.count; i++)
		put_code(image, dso, &dso->maps.at[i]);
	put(image, hw_buf_str(&cfi), cfi.size);
	hw_buf_fini(&cfi);
	free(phdrs);
}

static void build_process(struct parts *parts)
{
	for (size_t d = 0; d < parts->dsos.count; d++) {
		struct part_dso *dso = &parts->dsos.at[d];
		struct hw_buf image = { 0 };

		build_image(&image, dso);
		hw_dso_load_bytes(dso->dso, image.data, image.size);
		hw_buf_fini(&image);
		for (size_t i = 0; i < dso->maps.count; i++) {
			const struct part_map *map = &dso->maps.at[i];
			const struct hw_mapping mapping = { .start_avma = map->start_avma,
							    .limit_avma = map->start_avma + map->size,
							    .file_foff = map->foff,
							    .dso = dso->dso };

			hw_mappings_add(&parts->fixture->process.mappings, &mapping);
		}
	}
	parts->fixture->process.maps_known = true;
}

/* --- Reading the lines -------------------------------------------------------------------------------------- */

static bool take_number(char **rest, uint64_t *value)
{
	char *end;

	*value = strtoull(*rest, &end, 16);
	if (end == *rest)
		return false;
	*rest = end;
	return true;
}

static char *take_word(char **rest)
{
	char *word;

	while (**rest == ' ')
		++*rest;
	word = *rest;
	while (**rest && **rest != ' ')
		++*rest;
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool take_hex(char **rest, struct hw_buf *bytes)
{
	const char *word = take_word(rest);

	if (!strcmp(word, "-"))
		return true;
	for (; isxdigit((unsigned char)word[0]) && isxdigit((unsigned char)word[1]); word += 2) {
		const char digits[3] = { word[0], word[1], '\0' };

		put_u8(bytes, (uint8_t)strtoul(digits, NULL, 16));
	}
	return !*word;
}

static bool end_of_name(const char *name, enum hw_stack_end *end)
{
	for (*end = 0; *end < HW_END_COUNT; ++*end)
		if (!strcmp(hw_stack_end_name(*end), name))
			return true;
	return false;
}

static struct part_dso *take_dso(struct parts *parts, char **rest)
{
	uint64_t index;

	return take_number(rest, &index) && index < parts->dsos.count ? &parts->dsos.at[index] : NULL;
}

static bool read_dso(struct parts *parts, char *rest)
{
	uint64_t index;
	struct hw_dso_key key = { .kind = HW_DSO_FILE };

	if (!take_number(&rest, &index) || index != parts->dsos.count)
		return false;
	key.path = take_word(&rest);
	hw_vec_push(&parts->dsos, (struct part_dso){ .dso = hw_dso_table_add(parts->fixture->dsos, &key) });
	return true;
}

static bool read_map(struct parts *parts, char *rest)
{
	struct part_dso *dso = take_dso(parts, &rest);
	struct part_map map = { 0 };

	if (!dso || !take_number(&rest, &map.start_avma) || !take_number(&rest, &map.size) ||
	    !take_number(&rest, &map.svma) || map.size > IMAGE_LIMIT)
		return false;
	hw_vec_push(&dso->maps, map);
	return true;
}

static bool read_code(struct parts *parts, char *rest)
{
	struct part_dso *dso = take_dso(parts, &rest);
	struct part_code code = { 0 };
	bool sound;

	if (!dso)
		return false;
	sound = take_number(&rest, &code.svma) && take_hex(&rest, &code.bytes);
	hw_vec_push(&dso->codes, code);
	return sound;
}

static bool read_rows(struct parts *parts, char *rest)
{
	struct part_dso *dso = take_dso(parts, &rest);
	struct part_rows rows = { 0 };
	uint64_t data_align = 0;
	bool sound;

	if (!dso)
		return false;
	sound = take_number(&rest, &rows.start_svma) && take_number(&rest, &rows.limit_svma) &&
		take_number(&rest, &rows.code_align) && take_number(&rest, &data_align);
	rows.data_align = (int64_t)data_align;
	rows.signal = !strcmp(take_word(&rest), "SIGNAL");
	sound = sound && take_hex(&rest, &rows.initial) && take_hex(&rest, &rows.program);
	hw_vec_push(&dso->rows, rows);
	return sound;
}

static bool read_ip(struct stack_fixture *f, char *rest)
{
	f->sample.cpumode =
		!strcmp(take_word(&rest), "kernel") ? PERF_RECORD_MISC_KERNEL : PERF_RECORD_MISC_USER;
	return take_number(&rest, &f->sample.ip_avma);
}

static bool read_reg(struct stack_fixture *f, char *rest)
{
	uint64_t number, value;

	if (!take_number(&rest, &number) || number >= HW_SAMPLE_REGS_MAX || !take_number(&rest, &value))
		return false;
	f->sample.user_regs.mask |= UINT64_C(1) << number;
	f->regs[number] = value;
	return true;
}

static bool read_size(struct stack_fixture *f, char *rest)
{
	uint64_t size;

	if (f->stack || !take_number(&rest, &size) || size > STACK_LIMIT)
		return false;
	f->stack = hw_alloc(size, 1);
	f->sample.user_stack = f->stack;
	f->sample.user_stack_size = size;
	return true;
}

/* Behind "size" and the registers. */
static bool read_stack(struct stack_fixture *f, uint64_t sp_avma, char *rest)
{
	uint64_t avma, word;

	if (!take_number(&rest, &avma))
		return false;
	for (; take_number(&rest, &word); avma += 8) {
		const uint64_t offset = avma - sp_avma;

		if (f->sample.user_stack_size < 8 || offset > f->sample.user_stack_size - 8)
			return false;
		memcpy(f->stack + offset, &word, sizeof word);
	}
	return !*rest;
}

static bool read_frame(struct stack_fixture *f, char *rest)
{
	const bool is_ip = !strcmp(take_word(&rest), "ip");
	struct hw_frame *frame = &f->expected.at[f->expected.count];

	if (f->expected.count == HW_FRAMES_MAX)
		return false;
	frame->kind = is_ip ? HW_FRAME_IP : HW_FRAME_RETURN_ADDRESS;
	f->expected.count++;
	return take_number(&rest, &frame->avma);
}

static bool read_difference(struct stack_fixture *f, char *rest)
{
	struct stack_difference difference = { 0 };
	uint64_t count;

	hw_copy_text(difference.engine, sizeof difference.engine, take_word(&rest));
	if (!take_number(&rest, &count))
		return false;
	difference.count = (size_t)count;
	while (*rest == ' ')
		rest++;
	if (!end_of_name(rest, &difference.end))
		return false;
	hw_vec_push(&f->differences, difference);
	return true;
}

static uint64_t sp_of(const struct stack_fixture *f)
{
#if defined(__aarch64__)
	return f->regs[31]; /* PERF_REG_ARM64_SP */
#else
	return f->regs[7]; /* PERF_REG_X86_SP */
#endif
}

static bool read_line(struct parts *parts, const char *key, char *rest)
{
	struct stack_fixture *f = parts->fixture;

	if (!strcmp(key, "ip"))
		return read_ip(f, rest);
	if (!strcmp(key, "reg"))
		return read_reg(f, rest);
	if (!strcmp(key, "dso"))
		return read_dso(parts, rest);
	if (!strcmp(key, "map"))
		return read_map(parts, rest);
	if (!strcmp(key, "code"))
		return read_code(parts, rest);
	if (!strcmp(key, "rows"))
		return read_rows(parts, rest);
	if (!strcmp(key, "size"))
		return read_size(f, rest);
	if (!strcmp(key, "stack"))
		return read_stack(f, sp_of(f), rest);
	if (!strcmp(key, "frame"))
		return read_frame(f, rest);
	if (!strcmp(key, "end"))
		return end_of_name(rest, &f->expected.end);
	return !strcmp(key, "differs") && read_difference(f, rest);
}

/* Registers in the order of the mask, as a sample has them. */
static void pack_registers(struct stack_fixture *f)
{
	size_t count = 0;

	for (unsigned reg = 0; reg < HW_SAMPLE_REGS_MAX; reg++)
		if (f->sample.user_regs.mask >> reg & 1)
			f->regs[count++] = f->regs[reg];
	f->sample.user_regs.abi = PERF_SAMPLE_REGS_ABI_64;
	f->sample.user_regs.values = (const uint8_t *)f->regs;
}

static int read_lines(struct parts *parts, char *text, const char *path, struct hw_err *err)
{
	struct stack_fixture *f = parts->fixture;
	size_t number = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *key;

		number++;
		if (!*line || *line == '#')
			continue;
		key = take_word(&line);
		if (!strcmp(key, "arch")) {
			hw_copy_text(f->arch, sizeof f->arch, take_word(&line));
			if (strcmp(f->arch, stack_fixture_arch()) != 0)
				return 0;
		} else if (!read_line(parts, key, line)) {
			return hw_err_set(err, HW_ERR_FORMAT, "%s:%zu: '%s' makes no sense", path, number,
					  key);
		}
	}
	pack_registers(f);
	build_process(parts);
	return 0;
}

const char *stack_fixture_arch(void)
{
#if defined(__x86_64__)
	return "x86_64";
#elif defined(__aarch64__)
	return "aarch64";
#else
	return "";
#endif
}

int stack_fixture_read(struct stack_fixture *fixture, const char *path, struct hw_err *err)
{
	struct parts parts = { .fixture = fixture };
	struct hw_buf text = { 0 };
	int status;

	*fixture = (struct stack_fixture){ .dsos = hw_dso_table_new(), .process = { .pid = 1 } };
	status = hw_file_read(&text, path, FILE_LIMIT, err);
	if (status == 0)
		status = read_lines(&parts, (char *)(uintptr_t)hw_buf_str(&text), path, err);
	hw_buf_fini(&text);
	parts_fini(&parts);
	if (status < 0)
		stack_fixture_fini(fixture);
	return status;
}

void stack_fixture_fini(struct stack_fixture *fixture)
{
	hw_mappings_fini(&fixture->process.mappings);
	hw_dso_table_free(fixture->dsos);
	hw_vec_fini(&fixture->differences);
	free(fixture->stack);
	fixture->dsos = NULL;
	fixture->stack = NULL;
}
