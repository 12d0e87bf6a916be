#include "dso/fde_range.h"

#include <dwarf.h>

#define EH_FRAME_HDR_VERSION 1
#define TABLE_ENCODING (DW_EH_PE_datarel | DW_EH_PE_sdata4)
#define AUGMENTATION_MAX 8

/* A cursor from an address to the end of what its segment has in the file. */
static bool bytes_at(const struct hw_elf *elf, uint64_t svma, struct hw_bytes *bytes)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct hw_elf_segment *s = &elf->segments[i];
		const uint64_t within = svma - s->vaddr_svma;
		const uint8_t *at;

		if (svma < s->vaddr_svma || within >= s->file_size)
			continue;
		at = hw_elf_at_svma(elf, svma, s->file_size - within);
		if (!at)
			return false;
		*bytes = hw_bytes_of(at, s->file_size - within);
		return true;
	}
	return false;
}

/* A value of the sizes DW_EH_PE_* knows, without its base; sign extended. Anything else is an overrun. */
static uint64_t encoded_value(struct hw_bytes *bytes, uint8_t encoding)
{
	switch (encoding & 0x0f) {
	case DW_EH_PE_absptr:
	case DW_EH_PE_udata8:
	case DW_EH_PE_sdata8:
		return hw_bytes_u64(bytes);
	case DW_EH_PE_udata4:
		return hw_bytes_u32(bytes);
	case DW_EH_PE_sdata4:
		return (uint64_t)(int32_t)hw_bytes_u32(bytes);
	case DW_EH_PE_udata2:
		return hw_bytes_u16(bytes);
	case DW_EH_PE_sdata2:
		return (uint64_t)(int16_t)hw_bytes_u16(bytes);
	case DW_EH_PE_uleb128:
		return hw_bytes_uleb(bytes);
	case DW_EH_PE_sleb128:
		return (uint64_t)hw_bytes_sleb(bytes);
	default:
		bytes->overrun = true;
		return 0;
	}
}

/* How addresses in the FDEs of a CIE are written: its 'R' augmentation. */
static bool fde_encoding(const struct hw_elf *elf, uint64_t cie_svma, uint8_t *encoding)
{
	struct hw_bytes cie;
	const char *augmentation;
	uint8_t version;

	*encoding = DW_EH_PE_absptr;
	if (!bytes_at(elf, cie_svma, &cie))
		return false;
	(void)hw_bytes_u32(&cie); /* length */
	if (hw_bytes_u32(&cie) != 0)
		return false; /* not a CIE */
	version = hw_bytes_u8(&cie);
	augmentation = hw_bytes_text(&cie);
	(void)hw_bytes_uleb(&cie); /* code alignment */
	(void)hw_bytes_sleb(&cie); /* data alignment */
	if (version == 1)
		(void)hw_bytes_u8(&cie); /* return address register */
	else
		(void)hw_bytes_uleb(&cie);
	if (cie.overrun || augmentation[0] != 'z')
		return !cie.overrun && augmentation[0] == '\0';
	(void)hw_bytes_uleb(&cie); /* length of the augmentation */
	for (const char *a = augmentation + 1; *a && a - augmentation < AUGMENTATION_MAX; a++) {
		switch (*a) {
		case 'R':
			*encoding = hw_bytes_u8(&cie);
			return !cie.overrun;
		case 'P':
			(void)encoded_value(&cie, hw_bytes_u8(&cie));
			break;
		case 'L':
			(void)hw_bytes_u8(&cie);
			break;
		case 'S': /* signal frame */
		case 'B': /* AArch64: return addresses are signed with key B */
			break;
		default:
			return false;
		}
	}
	return !cie.overrun;
}

/* The length of code an FDE describes; 0 when it is broken. */
static uint64_t fde_code_size(const struct hw_elf *elf, uint64_t fde_svma)
{
	struct hw_bytes fde;
	uint32_t length, cie_offset;
	uint64_t size;
	uint8_t encoding;

	if (!bytes_at(elf, fde_svma, &fde))
		return 0;
	length = hw_bytes_u32(&fde);
	cie_offset = hw_bytes_u32(&fde);
	/* 64-bit lengths (0xffffffff) do not occur: .eh_frame_hdr could not reach past 2 GiB. */
	if (length == 0 || length == UINT32_MAX || cie_offset == 0 ||
	    !fde_encoding(elf, fde_svma + 4 - cie_offset, &encoding))
		return 0;
	(void)encoded_value(&fde, encoding);	     /* pc_begin, known from the table */
	size = encoded_value(&fde, encoding & 0x07); /* a length: same size, without sign or base */
	return fde.overrun ? 0 : size;
}

bool hw_fde_range(const struct hw_elf *elf, uint64_t svma, uint64_t *start_svma, uint64_t *limit_svma)
{
	const uint8_t *image = hw_elf_at_svma(elf, elf->eh_frame_hdr_svma, elf->eh_frame_hdr_size);
	uint8_t version, frame_encoding, count_encoding, table_encoding;
	uint64_t count, low = 0, high, size;
	struct hw_bytes hdr;
	int32_t entry[2];

	if (!image)
		return false;
	hdr = hw_bytes_of(image, elf->eh_frame_hdr_size);
	version = hw_bytes_u8(&hdr);
	frame_encoding = hw_bytes_u8(&hdr);
	count_encoding = hw_bytes_u8(&hdr);
	table_encoding = hw_bytes_u8(&hdr);
	(void)encoded_value(&hdr, frame_encoding);
	count = encoded_value(&hdr, count_encoding);
	if (hdr.overrun || version != EH_FRAME_HDR_VERSION || table_encoding != TABLE_ENCODING ||
	    count > hw_bytes_left(&hdr) / sizeof entry)
		return false;
	high = count;
	while (low < high) {
		const uint64_t middle = low + (high - low) / 2;

		memcpy(entry, hdr.at + middle * sizeof entry, sizeof entry);
		if (elf->eh_frame_hdr_svma + (uint64_t)(int64_t)entry[0] <= svma)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	memcpy(entry, hdr.at + (low - 1) * sizeof entry, sizeof entry);
	*start_svma = elf->eh_frame_hdr_svma + (uint64_t)(int64_t)entry[0];
	size = fde_code_size(elf, elf->eh_frame_hdr_svma + (uint64_t)(int64_t)entry[1]);
	return svma - *start_svma < size && !__builtin_add_overflow(*start_svma, size, limit_svma);
}
