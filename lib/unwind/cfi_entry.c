#include "unwind/cfi_entry.h"

#include "unwind/regs.h"

#include <dwarf.h>

/* --- Pointers ----------------------------------------------------------------------------------------- */

static uint64_t here(const struct hw_cfi_place *place)
{
	return place->origin_svma + (uint64_t)(place->bytes.at - place->origin);
}

uint64_t hw_cfi_take_pointer(struct hw_cfi_place *place, uint8_t encoding, uint64_t data_svma)
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

bool hw_cfi_place_at(const struct hw_cfi_section *section, uint64_t svma, struct hw_cfi_place *place)
{
	const uint64_t offset = svma - section->svma;

	if (offset >= hw_bytes_left(&section->bytes))
		return false;
	*place = (struct hw_cfi_place){ .bytes = section->bytes,
					.origin = section->bytes.at,
					.origin_svma = section->svma };
	place->bytes.at += offset;
	return true;
}

/* The body of the entry that starts here; its id field is next. False at the terminator or a corrupt length. */
static bool take_entry(struct hw_cfi_place *place, bool *is_64)
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
static uint64_t take_id(struct hw_cfi_place *place, bool is_64)
{
	return is_64 ? hw_bytes_u64(&place->bytes) : hw_bytes_u32(&place->bytes);
}

static uint64_t cie_id(const struct hw_cfi_section *section, bool is_64)
{
	if (!section->is_debug_frame)
		return 0;
	return is_64 ? UINT64_MAX : UINT32_MAX;
}

bool hw_cfi_take_head(const struct hw_cfi_section *section, struct hw_cfi_place *place, uint64_t *cie_svma)
{
	uint64_t id_svma;
	uint64_t id;
	bool is_64;

	if (!take_entry(place, &is_64))
		return false;
	id_svma = here(place);
	id = take_id(place, is_64);
	if (place->bytes.overrun)
		return false;
	if (id == cie_id(section, is_64))
		*cie_svma = HW_CFI_IS_CIE;
	else /* .eh_frame counts back from the field, .debug_frame from the section's start */
		*cie_svma = section->is_debug_frame ? id : id_svma - id;
	return true;
}

/* What the letters behind 'z' say: System V ABI for AMD64, section 4.2.4; 'B' is AArch64's pointer
 * authentication with the second key. An unknown letter makes what follows unreadable. */
static bool read_augmentation(struct hw_cfi_cie *cie, const char *letters, struct hw_cfi_place data)
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
			hw_cfi_take_pointer(&data, hw_bytes_u8(&data.bytes) & 0x1f, 0);
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

bool hw_cfi_read_cie(const struct hw_cfi_section *section, uint64_t svma, struct hw_cfi_cie *cie)
{
	struct hw_cfi_place place;
	const char *letters;
	bool is_64;
	uint8_t version;
	uint64_t ra_column;

	*cie = (struct hw_cfi_cie){ .lsda_encoding = DW_EH_PE_omit };
	if (!hw_cfi_place_at(section, svma, &place) || !take_entry(&place, &is_64) ||
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
		struct hw_cfi_place data = place;
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

bool hw_cfi_take_range(struct hw_cfi_place *place, const struct hw_cfi_cie *cie, struct hw_cfi_range *range)
{
	const uint8_t how = cie->pointer_encoding & 0xf0;
	uint64_t size;

	/* Relative to where they stand, or as they are; nothing else is emitted for code. */
	if (how != 0 && how != DW_EH_PE_pcrel)
		return false;
	range->absolute = how == 0;
	range->start_svma = hw_cfi_take_pointer(place, cie->pointer_encoding, 0);
	size = hw_cfi_take_pointer(place, cie->pointer_encoding & 0x0f, 0);
	return !place->bytes.overrun && !__builtin_add_overflow(range->start_svma, size, &range->limit_svma);
}
