#include "dso/dwarf_form.h"

#include <dwarf.h>

int hw_dwarf_form_size(uint64_t form, struct hw_dwarf_encoding encoding)
{
	switch (form) {
	case DW_FORM_flag_present:
	case DW_FORM_implicit_const:
		return 0;
	case DW_FORM_data1:
	case DW_FORM_flag:
	case DW_FORM_ref1:
	case DW_FORM_strx1:
	case DW_FORM_addrx1:
		return 1;
	case DW_FORM_data2:
	case DW_FORM_ref2:
	case DW_FORM_strx2:
	case DW_FORM_addrx2:
		return 2;
	case DW_FORM_strx3:
	case DW_FORM_addrx3:
		return 3;
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_ref_sup4:
	case DW_FORM_strx4:
	case DW_FORM_addrx4:
		return 4;
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sup8:
	case DW_FORM_ref_sig8:
		return 8;
	case DW_FORM_data16:
		return 16;
	case DW_FORM_addr:
		return encoding.address_size;
	case DW_FORM_ref_addr: /* DWARF 2 had it as an address */
		return encoding.version < 3 ? encoding.address_size : encoding.offset_size;
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_strp_sup:
	case DW_FORM_sec_offset:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return encoding.offset_size;
	case DW_FORM_sdata:
	case DW_FORM_udata:
	case DW_FORM_ref_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
	case DW_FORM_GNU_addr_index:
	case DW_FORM_GNU_str_index:
	case DW_FORM_string:
	case DW_FORM_block:
	case DW_FORM_exprloc:
	case DW_FORM_block1:
	case DW_FORM_block2:
	case DW_FORM_block4:
	case DW_FORM_indirect:
		return HW_DWARF_SIZE_VARIES;
	default:
		return HW_DWARF_SIZE_UNKNOWN;
	}
}

static enum hw_dwarf_class class_of(uint64_t form)
{
	switch (form) {
	case DW_FORM_addr:
		return HW_DWARF_ADDRESS;
	case DW_FORM_addrx:
	case DW_FORM_addrx1:
	case DW_FORM_addrx2:
	case DW_FORM_addrx3:
	case DW_FORM_addrx4:
	case DW_FORM_GNU_addr_index:
		return HW_DWARF_ADDRESS_INDEX;
	case DW_FORM_string:
		return HW_DWARF_TEXT;
	case DW_FORM_strp:
		return HW_DWARF_TEXT_STR;
	case DW_FORM_line_strp:
		return HW_DWARF_TEXT_LINE_STR;
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_strp_alt:
		return HW_DWARF_TEXT_ALT;
	case DW_FORM_strx:
	case DW_FORM_strx1:
	case DW_FORM_strx2:
	case DW_FORM_strx3:
	case DW_FORM_strx4:
	case DW_FORM_GNU_str_index:
		return HW_DWARF_TEXT_INDEX;
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
	case DW_FORM_ref_udata:
		return HW_DWARF_REFERENCE;
	case DW_FORM_ref_addr:
		return HW_DWARF_REFERENCE_INFO;
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
	case DW_FORM_GNU_ref_alt:
		return HW_DWARF_REFERENCE_ALT;
	case DW_FORM_sec_offset:
		return HW_DWARF_SECTION_OFFSET;
	case DW_FORM_rnglistx:
	case DW_FORM_loclistx:
		return HW_DWARF_LIST_INDEX;
	case DW_FORM_data1:
	case DW_FORM_data2:
	case DW_FORM_data4:
	case DW_FORM_data8:
	case DW_FORM_udata:
	case DW_FORM_sdata:
	case DW_FORM_flag:
	case DW_FORM_flag_present:
	case DW_FORM_implicit_const:
		return HW_DWARF_NUMBER;
	default:
		return HW_DWARF_OTHER;
	}
}

static uint64_t read_fixed(struct hw_bytes *bytes, int size)
{
	uint64_t value = 0;
	const uint8_t *at = hw_bytes_take(bytes, (uint64_t)size);

	if (at && size <= 8)
		memcpy(&value, at, (size_t)size); /* little-endian, as the whole file is */
	return value;
}

static void read_varying(struct hw_dwarf_value *value, struct hw_bytes *bytes, uint64_t form)
{
	switch (form) {
	case DW_FORM_string:
		value->text = hw_bytes_text(bytes);
		break;
	case DW_FORM_block:
	case DW_FORM_exprloc:
		(void)hw_bytes_take(bytes, hw_dwarf_uleb(bytes));
		break;
	case DW_FORM_block1:
		(void)hw_bytes_take(bytes, hw_bytes_u8(bytes));
		break;
	case DW_FORM_block2:
		(void)hw_bytes_take(bytes, hw_bytes_u16(bytes));
		break;
	case DW_FORM_block4:
		(void)hw_bytes_take(bytes, hw_bytes_u32(bytes));
		break;
	case DW_FORM_sdata:
		value->number = (uint64_t)hw_bytes_sleb(bytes);
		break;
	default:
		value->number = hw_dwarf_uleb(bytes);
		break;
	}
}

void hw_dwarf_value_read(struct hw_dwarf_value *value, struct hw_bytes *bytes, uint64_t form,
			 int64_t implicit, struct hw_dwarf_encoding encoding)
{
	int size;

	*value = (struct hw_dwarf_value){ .kind = HW_DWARF_NONE };
	if (form == DW_FORM_indirect) {
		form = hw_dwarf_uleb(bytes);
		/* Neither has a value of its own here. */
		if (form == DW_FORM_indirect || form == DW_FORM_implicit_const)
			bytes->overrun = true;
	}
	size = hw_dwarf_form_size(form, encoding);
	if (size == HW_DWARF_SIZE_UNKNOWN)
		bytes->overrun = true;
	else if (size == HW_DWARF_SIZE_VARIES)
		read_varying(value, bytes, form);
	else if (size > 0)
		value->number = read_fixed(bytes, size);
	else
		value->number = form == DW_FORM_implicit_const ? (uint64_t)implicit : 1;
	if (!bytes->overrun)
		value->kind = class_of(form);
}
