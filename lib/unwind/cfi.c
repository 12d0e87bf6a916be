/* Finding and checking frame description entries. */
#include "unwind/cfi.h"

#include "unwind/cfi_program.h"

#include <dwarf.h>

/* --- Entries ------------------------------------------------------------------------------------------ */

/* Read the FDE at svma whole: its range, and in place the instructions. */
static bool read_fde(const struct hw_cfi_section *section, uint64_t svma, struct hw_cfi_range *range,
		     struct hw_cfi_cie *cie, struct hw_cfi_place *place)
{
	uint64_t cie_svma;

	if (!hw_cfi_place_at(section, svma, place) || !hw_cfi_take_head(section, place, &cie_svma) ||
	    cie_svma == HW_CFI_IS_CIE || !hw_cfi_read_cie(section, cie_svma, cie) ||
	    !hw_cfi_take_range(place, cie, range))
		return false;
	if (cie->sized)
		hw_bytes_take(&place->bytes, hw_bytes_uleb(&place->bytes));
	return !place->bytes.overrun;
}

/* Check the instructions, and learn what they say about the outermost frame. */
static bool check_fde(struct hw_cfi_fde *fde, const struct hw_cfi_cie *cie, const struct hw_cfi_place *place)
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

/* What is known of an address: where its FDE is, with all that was read of it. */
struct finding {
	const struct hw_cfi_section *section;
	uint64_t fde_svma;
	struct hw_cfi_range range;
	struct hw_cfi_cie cie;
	struct hw_cfi_place place; /* at its instructions */
};

/* Read what may cover svma. */
static enum hw_cfi_found read_finding(struct finding *f, uint64_t svma)
{
	if (!read_fde(f->section, f->fde_svma, &f->range, &f->cie, &f->place))
		return HW_CFI_BAD;
	return svma >= f->range.start_svma && svma < f->range.limit_svma ? HW_CFI_FOUND : HW_CFI_ABSENT;
}

static enum hw_cfi_found find_in_index(struct hw_cfi_index *index, uint64_t svma, struct finding *f)
{
	switch (hw_cfi_index_find(index, svma, &f->fde_svma)) {
	case HW_CFI_INDEXED:
		f->section = hw_cfi_index_section(index);
		return read_finding(f, svma);
	case HW_CFI_NOT_YET:
		return HW_CFI_PENDING;
	case HW_CFI_NOT_INDEXED:
		break;
	}
	return HW_CFI_ABSENT;
}

/* In .eh_frame. (No FDE begins at 0: a CIE comes first.) */
static enum hw_cfi_found find_fde(const struct hw_cfi *cfi, uint64_t svma, struct finding *f)
{
	if (!cfi->table_count)
		return cfi->index ? find_in_index(cfi->index, svma, f) : HW_CFI_ABSENT;
	f->section = &cfi->frame;
	f->fde_svma = find_in_table(cfi, svma);
	return f->fde_svma ? read_finding(f, svma) : HW_CFI_ABSENT;
}

enum hw_cfi_found hw_cfi_find(const struct hw_cfi *cfi, uint64_t svma, struct hw_cfi_fde *fde)
{
	struct finding f;
	const enum hw_cfi_found found = find_fde(cfi, svma, &f);

	if (found != HW_CFI_FOUND)
		return found;
	*fde = (struct hw_cfi_fde){ .fde_svma = f.fde_svma,
				    .start_svma = f.range.start_svma,
				    .limit_svma = f.range.limit_svma,
				    .absolute = f.range.absolute };
	return check_fde(fde, &f.cie, &f.place) ? HW_CFI_FOUND : HW_CFI_BAD;
}

enum hw_cfi_found hw_cfi_find_rows(const struct hw_cfi *cfi, uint64_t svma, struct hw_cfi_rows *rows)
{
	struct finding f;
	enum hw_cfi_found found = find_fde(cfi, svma, &f);

	if (found == HW_CFI_ABSENT && cfi->debug_index)
		found = find_in_index(cfi->debug_index, svma, &f);
	if (found == HW_CFI_FOUND)
		*rows = (struct hw_cfi_rows){ .start_svma = f.range.start_svma,
					      .limit_svma = f.range.limit_svma,
					      .initial = f.cie.program,
					      .program = f.place.bytes,
					      .code_align = f.cie.code_align,
					      .data_align = f.cie.data_align,
					      .signal_frame = f.cie.signal_frame };
	return found;
}

void hw_cfi_wait(const struct hw_cfi *cfi)
{
	if (cfi->index)
		hw_cfi_index_wait(cfi->index);
	if (cfi->debug_index)
		hw_cfi_index_wait(cfi->debug_index);
}

/* --- Looking at a file ---------------------------------------------------------------------------------- */

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
	struct hw_cfi_place place = { .bytes = segment_rest(elf, elf->eh_frame_hdr_svma) };
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
	frame_svma = hw_cfi_take_pointer(&place, frame_encoding, elf->eh_frame_hdr_svma);
	if (place.bytes.overrun)
		return;
	if (!hw_bytes_left(&cfi->frame.bytes)) { /* no section headers: up to the end of its segment */
		cfi->frame.bytes = segment_rest(elf, frame_svma);
		cfi->frame.svma = frame_svma;
	}
	if (count_encoding == DW_EH_PE_omit || table_encoding != (DW_EH_PE_datarel | DW_EH_PE_sdata4))
		return;
	count = hw_cfi_take_pointer(&place, count_encoding, elf->eh_frame_hdr_svma);
	if (place.bytes.overrun || count > hw_bytes_left(&place.bytes) / 8)
		return;
	cfi->hdr_svma = elf->eh_frame_hdr_svma;
	cfi->table = place.bytes.at;
	cfi->table_count = (size_t)count;
}

static uint64_t lowest_svma(const struct hw_elf *elf)
{
	uint64_t low = UINT64_MAX;

	for (size_t i = 0; i < elf->segment_count; i++)
		if (elf->segments[i].vaddr_svma < low)
			low = elf->segments[i].vaddr_svma;
	return low;
}

void hw_cfi_init(struct hw_cfi *cfi, const struct hw_elf *elf)
{
	const struct hw_elf_section *section = hw_elf_find_section(elf, ".eh_frame");
	const struct hw_elf_section *debug_section = hw_elf_find_section(elf, ".debug_frame");
	const uint64_t low_svma = lowest_svma(elf);

	*cfi = (struct hw_cfi){ .elf = elf };
	if (section && section->type != SHT_NOBITS) {
		cfi->frame.bytes = hw_elf_section_bytes(elf, section);
		cfi->frame.svma = section->vaddr_svma;
	}
	if (elf->eh_frame_hdr_svma)
		read_hdr(cfi, elf);
	if (cfi->frame.bytes.overrun)
		cfi->frame.bytes = (struct hw_bytes){ 0 };
	if (!cfi->table_count && hw_bytes_left(&cfi->frame.bytes))
		cfi->index = hw_cfi_index_new(&cfi->frame, low_svma);
	if (debug_section)
		cfi->debug_index = hw_cfi_index_new_debug_frame(elf, debug_section, low_svma);
}

void hw_cfi_fini(struct hw_cfi *cfi)
{
	hw_cfi_index_free(cfi->index);
	hw_cfi_index_free(cfi->debug_index);
	*cfi = (struct hw_cfi){ 0 };
}
