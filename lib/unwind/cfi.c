/* Finding and checking frame description entries. */
#include "unwind/cfi.h"

#include "unwind/cfi_program.h"
#include "unwind/regs.h"

#include <dwarf.h>

/* --- Pointers ----------------------------------------------------------------------------------------- */

/* A cursor that knows at which address of the file it stands. */
struct place {
	struct hw_bytes bytes;
	const uint8_t *origin;
	uint64_t origin_svma;
};

static uint64_t here(const struct place *place)
{
	return place->origin_svma + (uint64_t)(place->bytes.at - place->origin);
}

/* A pointer as DW_EH_PE_* says it is written. data_svma: what DW_EH_PE_datarel counts from. An encoding that is
 * not used for addresses of code overruns. */
static uint64_t take_pointer(struct place *place, uint8_t encoding, uint64_t data_svma)
{
	const uint64_t pc = here(place);
	uint64_t value;

	switch (encoding & 0x0f) {
	case DW_EH_PE_absptr:
	case DW_EH_PE_udata8:
	case DW_EH_PE_sdata8:
		value = hw_bytes_u64(&place->bytes);
		break;
	case DW_EH_PE_udata4:
		value = hw_bytes_u32(&place->bytes);
		break;
	case DW_EH_PE_sdata4:
		value = (uint64_t)(int64_t)(int32_t)hw_bytes_u32(&place->bytes);
		break;
	case DW_EH_PE_udata2:
		value = hw_bytes_u16(&place->bytes);
		break;
	case DW_EH_PE_sdata2:
		value = (uint64_t)(int64_t)(int16_t)hw_bytes_u16(&place->bytes);
		break;
	default:
		place->bytes.overrun = true;
		return 0;
	}
	switch (encoding & 0xf0) {
	case 0:
		return value;
	case DW_EH_PE_pcrel:
		return value + pc;
	case DW_EH_PE_datarel:
		return value + data_svma;
	default:
		place->bytes.overrun = true;
		return 0;
	}
}

/* --- Entries ------------------------------------------------------------------------------------------ */

static bool place_at(const struct hw_cfi_section *section, uint64_t svma, struct place *place)
{
	const uint64_t offset = svma - section->svma;

	if (offset >= hw_bytes_left(&section->bytes))
		return false;
	*place = (struct place){ .bytes = section->bytes,
				 .origin = section->bytes.at,
				 .origin_svma = section->svma };
	place->bytes.at += offset;
	return true;
}

/* The body of the entry that starts here; its id field is next. False at the terminator or a corrupt length. */
static bool take_entry(struct place *place, bool *is_64)
{
	uint64_t length = hw_bytes_u32(&place->bytes);

	*is_64 = length == UINT32_MAX;
	if (*is_64)
		length = hw_bytes_u64(&place->bytes);
	if (!length || place->bytes.overrun || length > hw_bytes_left(&place->bytes))
		return false;
	place->bytes.end = place->bytes.at + length;
	return true;
}

/* The second field of an entry: in a CIE a mark, in an FDE where its CIE is. */
static uint64_t take_id(struct place *place, bool is_64)
{
	return is_64 ? hw_bytes_u64(&place->bytes) : hw_bytes_u32(&place->bytes);
}

static uint64_t cie_id(const struct hw_cfi_section *section, bool is_64)
{
	if (!section->is_debug_frame)
		return 0;
	return is_64 ? UINT64_MAX : UINT32_MAX;
}

struct cie {
	uint8_t pointer_encoding;
	uint8_t lsda_encoding;
	bool sized; /* augmentation starts with 'z': an FDE's augmentation has a length */
	bool signal_frame;
	uint64_t code_align;
	int64_t data_align;
	struct hw_bytes program; /* the initial instructions */
};

/* What the letters behind 'z' say: System V ABI for AMD64, section 4.2.4; 'B' is AArch64's pointer
 * authentication with the second key. An unknown letter makes what follows unreadable. */
static bool read_augmentation(struct cie *cie, const char *letters, struct place data)
{
	for (; *letters; letters++) {
		switch (*letters) {
		case 'L':
			cie->lsda_encoding = hw_bytes_u8(&data.bytes);
			break;
		case 'R':
			cie->pointer_encoding = hw_bytes_u8(&data.bytes);
			break;
		case 'P':
			take_pointer(&data, hw_bytes_u8(&data.bytes) & 0x1f, 0);
			break;
		case 'S':
			cie->signal_frame = true;
			break;
		case 'B':
			break;
		default:
			return false;
		}
	}
	return !data.bytes.overrun;
}

static bool read_cie(const struct hw_cfi_section *section, uint64_t svma, struct cie *cie)
{
	struct place place;
	const char *letters;
	bool is_64;
	uint8_t version;
	uint64_t ra_column;

	*cie = (struct cie){ .lsda_encoding = DW_EH_PE_omit };
	if (!place_at(section, svma, &place) || !take_entry(&place, &is_64) ||
	    take_id(&place, is_64) != cie_id(section, is_64))
		return false;
	version = hw_bytes_u8(&place.bytes);
	if (version != 1 && version != 3 && (version != 4 || !section->is_debug_frame))
		return false;
	letters = hw_bytes_text(&place.bytes);
	/* Sizes of an address and of a segment selector. */
	if (version == 4 && hw_bytes_u16(&place.bytes) != sizeof(uint64_t))
		return false;
	cie->code_align = hw_bytes_uleb(&place.bytes);
	cie->data_align = hw_bytes_sleb(&place.bytes);
	ra_column = version == 1 ? hw_bytes_u8(&place.bytes) : hw_bytes_uleb(&place.bytes);
	if (place.bytes.overrun || ra_column != HW_REG_RA)
		return false;
	if (*letters == 'z') {
		struct place data = place;
		const uint64_t size = hw_bytes_uleb(&data.bytes);

		place.bytes = data.bytes;
		data.bytes = hw_bytes_sub(&place.bytes, size);
		cie->sized = true;
		if (data.bytes.overrun || !read_augmentation(cie, letters + 1, data))
			return false;
	} else if (*letters) {
		return false;
	}
	cie->program = place.bytes;
	return true;
}

/* Read the FDE at svma up to the range of code it is about, leaving the place behind that. */
static bool read_fde_range(const struct hw_cfi_section *section, uint64_t svma, struct hw_cfi_fde *fde,
			   struct cie *cie, struct place *place)
{
	uint64_t id_svma;
	uint64_t id;
	uint64_t size;
	bool is_64;

	if (!place_at(section, svma, place) || !take_entry(place, &is_64))
		return false;
	id_svma = here(place);
	id = take_id(place, is_64);
	if (place->bytes.overrun || id == cie_id(section, is_64))
		return false;
	/* .eh_frame counts back from the field, .debug_frame from the section's start. */
	if (!read_cie(section, section->is_debug_frame ? id : id_svma - id, cie))
		return false;
	/* Relative to where they stand, or as they are; nothing else is emitted for code. */
	if ((cie->pointer_encoding & 0xf0) != 0 && (cie->pointer_encoding & 0xf0) != DW_EH_PE_pcrel)
		return false;
	fde->absolute = (cie->pointer_encoding & 0xf0) == 0;
	fde->fde_svma = svma;
	fde->start_svma = take_pointer(place, cie->pointer_encoding, 0);
	size = take_pointer(place, cie->pointer_encoding & 0x0f, 0);
	return !place->bytes.overrun && !__builtin_add_overflow(fde->start_svma, size, &fde->limit_svma);
}

/* Read the FDE at svma whole: its range, and in place the instructions. */
static bool read_fde(const struct hw_cfi_section *section, uint64_t svma, struct hw_cfi_fde *fde,
		     struct cie *cie, struct place *place)
{
	if (!read_fde_range(section, svma, fde, cie, place))
		return false;
	if (cie->sized)
		hw_bytes_take(&place->bytes, hw_bytes_uleb(&place->bytes));
	return !place->bytes.overrun;
}

/* Check the instructions, and learn what they say about the outermost frame. */
static bool check_fde(struct hw_cfi_fde *fde, const struct cie *cie, const struct place *place)
{
	struct hw_cfi_state state = { .pointer_encoding = cie->pointer_encoding, .is_cie = true };

	if (!hw_cfi_program_check(cie->program, &state))
		return false;
	state.is_cie = false;
	state.depth = 0;
	if (!hw_cfi_program_check(place->bytes, &state))
		return false;
	fde->signal_frame = cie->signal_frame;
	fde->ra_undefined = state.ra_undefined;
	return true;
}

/* --- Tables ------------------------------------------------------------------------------------------- */

static uint64_t table_word(const struct hw_cfi *cfi, size_t index, size_t word)
{
	int32_t offset;

	memcpy(&offset, cfi->table + (index * 2 + word) * sizeof offset, sizeof offset);
	return cfi->hdr_svma + (uint64_t)(int64_t)offset;
}

/* FDE of the last function that starts at or below svma; 0 when none does. */
static uint64_t find_in_table(const struct hw_cfi *cfi, uint64_t svma)
{
	size_t low = 0;
	size_t high = cfi->table_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (table_word(cfi, middle, 0) <= svma)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? table_word(cfi, low - 1, 1) : 0;
}

static uint64_t find_in_built(const struct hw_cfi_section *section, uint64_t svma)
{
	size_t low = 0;
	size_t high = section->built.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (section->built.at[middle].start_svma <= svma)
			low = middle + 1;
		else
			high = middle;
	}
	return low && svma < section->built.at[low - 1].limit_svma ? section->built.at[low - 1].fde_svma : 0;
}

/* The FDE that may cover svma, read but not checked. (None begins at 0: a CIE comes first.) */
static enum hw_cfi_found find_fde(const struct hw_cfi *cfi, const struct hw_cfi_section *section,
				  uint64_t svma, struct hw_cfi_fde *fde, struct cie *cie, struct place *place)
{
	const bool has_table = !section->is_debug_frame && cfi->table_count;
	const uint64_t fde_svma = has_table ? find_in_table(cfi, svma) : find_in_built(section, svma);

	if (!fde_svma)
		return HW_CFI_ABSENT;
	if (!read_fde(section, fde_svma, fde, cie, place))
		return HW_CFI_BAD;
	return svma >= fde->start_svma && svma < fde->limit_svma ? HW_CFI_FOUND : HW_CFI_ABSENT;
}

enum hw_cfi_found hw_cfi_find(const struct hw_cfi *cfi, uint64_t svma, struct hw_cfi_fde *fde)
{
	struct place place;
	struct cie cie;
	const enum hw_cfi_found found = find_fde(cfi, &cfi->frame, svma, fde, &cie, &place);

	return found == HW_CFI_FOUND && !check_fde(fde, &cie, &place) ? HW_CFI_BAD : found;
}

enum hw_cfi_found hw_cfi_find_rows(const struct hw_cfi *cfi, uint64_t svma, struct hw_cfi_rows *rows)
{
	struct hw_cfi_fde fde;
	struct place place;
	struct cie cie;
	enum hw_cfi_found found = find_fde(cfi, &cfi->frame, svma, &fde, &cie, &place);

	if (found == HW_CFI_ABSENT)
		found = find_fde(cfi, &cfi->debug_frame, svma, &fde, &cie, &place);
	if (found == HW_CFI_FOUND)
		*rows = (struct hw_cfi_rows){ .start_svma = fde.start_svma,
					      .limit_svma = fde.limit_svma,
					      .initial = cie.program,
					      .program = place.bytes,
					      .code_align = cie.code_align,
					      .data_align = cie.data_align,
					      .signal_frame = cie.signal_frame };
	return found;
}

static int compare_entries(const void *left, const void *right)
{
	const struct hw_cfi_entry *a = left;
	const struct hw_cfi_entry *b = right;

	if (a->start_svma != b->start_svma)
		return a->start_svma < b->start_svma ? -1 : 1;
	return (a->fde_svma > b->fde_svma) - (a->fde_svma < b->fde_svma);
}

/* Walk the section once and sort its FDEs. */
static void build_index(struct hw_cfi_section *section)
{
	uint64_t svma = section->svma;
	struct place place;
	bool is_64;

	while (place_at(section, svma, &place) && take_entry(&place, &is_64)) {
		const uint64_t next = svma + (is_64 ? 12 : 4) + hw_bytes_left(&place.bytes);
		struct hw_cfi_fde fde = { 0 };
		struct place at;
		struct cie cie;

		if (read_fde_range(section, svma, &fde, &cie, &at) && fde.start_svma < fde.limit_svma)
			hw_vec_push(&section->built, (struct hw_cfi_entry){ .start_svma = fde.start_svma,
									    .limit_svma = fde.limit_svma,
									    .fde_svma = svma });
		svma = next;
	}
	if (section->built.count)
		qsort(section->built.at, section->built.count, sizeof *section->built.at, compare_entries);
}

/* Bytes from an address to the end of what the file has of its segment. */
static struct hw_bytes segment_rest(const struct hw_elf *elf, uint64_t svma)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct hw_elf_segment *segment = &elf->segments[i];
		const uint64_t offset = svma - segment->vaddr_svma;
		const uint8_t *at;

		if (svma < segment->vaddr_svma || offset >= segment->file_size)
			continue;
		at = hw_elf_at_svma(elf, svma, segment->file_size - offset);
		if (at)
			return hw_bytes_of(at, (size_t)(segment->file_size - offset));
	}
	return (struct hw_bytes){ .overrun = true };
}

/* .eh_frame_hdr: version, three encodings, where .eh_frame is, how many entries, and the sorted table. */
static void read_hdr(struct hw_cfi *cfi, const struct hw_elf *elf)
{
	struct place place = { .bytes = segment_rest(elf, elf->eh_frame_hdr_svma) };
	uint8_t version, frame_encoding, count_encoding, table_encoding;
	uint64_t frame_svma, count;

	place.origin = place.bytes.at;
	place.origin_svma = elf->eh_frame_hdr_svma;
	version = hw_bytes_u8(&place.bytes);
	frame_encoding = hw_bytes_u8(&place.bytes);
	count_encoding = hw_bytes_u8(&place.bytes);
	table_encoding = hw_bytes_u8(&place.bytes);
	if (place.bytes.overrun || version != 1 || frame_encoding == DW_EH_PE_omit)
		return;
	frame_svma = take_pointer(&place, frame_encoding, elf->eh_frame_hdr_svma);
	if (place.bytes.overrun)
		return;
	if (!hw_bytes_left(&cfi->frame.bytes)) { /* no section headers: up to the end of its segment */
		cfi->frame.bytes = segment_rest(elf, frame_svma);
		cfi->frame.svma = frame_svma;
	}
	if (count_encoding == DW_EH_PE_omit || table_encoding != (DW_EH_PE_datarel | DW_EH_PE_sdata4))
		return;
	count = take_pointer(&place, count_encoding, elf->eh_frame_hdr_svma);
	if (place.bytes.overrun || count > hw_bytes_left(&place.bytes) / 8)
		return;
	cfi->hdr_svma = elf->eh_frame_hdr_svma;
	cfi->table = place.bytes.at;
	cfi->table_count = (size_t)count;
}

static void read_debug_frame(struct hw_cfi *cfi, const struct hw_elf *elf)
{
	const struct hw_elf_section *section = hw_elf_find_section(elf, ".debug_frame");
	size_t size;

	if (!section)
		return;
	if (section->flags & SHF_COMPRESSED) {
		cfi->unpacked = hw_elf_unpack_section(elf, section, &size);
		cfi->debug_frame.bytes = hw_bytes_of(cfi->unpacked, cfi->unpacked ? size : 0);
	} else {
		cfi->debug_frame.bytes = hw_elf_section_bytes(elf, section);
	}
	build_index(&cfi->debug_frame);
}

void hw_cfi_init(struct hw_cfi *cfi, const struct hw_elf *elf)
{
	const struct hw_elf_section *section = hw_elf_find_section(elf, ".eh_frame");

	*cfi = (struct hw_cfi){ .elf = elf, .debug_frame.is_debug_frame = true };
	if (section && section->type != SHT_NOBITS) {
		cfi->frame.bytes = hw_elf_section_bytes(elf, section);
		cfi->frame.svma = section->vaddr_svma;
	}
	if (elf->eh_frame_hdr_svma)
		read_hdr(cfi, elf);
	if (cfi->frame.bytes.overrun)
		cfi->frame.bytes = (struct hw_bytes){ 0 };
	if (!cfi->table_count && hw_bytes_left(&cfi->frame.bytes))
		build_index(&cfi->frame);
	read_debug_frame(cfi, elf);
}

void hw_cfi_fini(struct hw_cfi *cfi)
{
	hw_vec_fini(&cfi->frame.built);
	hw_vec_fini(&cfi->debug_frame.built);
	free(cfi->unpacked);
	*cfi = (struct hw_cfi){ 0 };
}
