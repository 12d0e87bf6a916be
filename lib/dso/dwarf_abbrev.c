#include "dso/dwarf_abbrev.h"

#include <dwarf.h>

/* A table is as large as a compiler makes it, some thousand entries; clang's LTO has one for all its units. */
#define TABLE_MAX_BYTES ((size_t)8 << 20)
#define CACHE_MAX_BYTES ((uint64_t)64 << 20)
/* Compilers write some 20 at most; many that take no bytes would make much work of a small unit. */
#define SPECS_MAX 256

enum skip {
	SKIP_END, /* 0: hw_dwarf_skip_die looks for it */
	SKIP_ULEB,
	SKIP_TEXT,
	SKIP_BLOCK,
	SKIP_BLOCK1,
	SKIP_BLOCK2,
	SKIP_BLOCK4,
	SKIP_INDIRECT,
	SKIP_SIBLING,
};

static enum skip skip_of(uint64_t form)
{
	switch (form) {
	case DW_FORM_string:
		return SKIP_TEXT;
	case DW_FORM_block:
	case DW_FORM_exprloc:
		return SKIP_BLOCK;
	case DW_FORM_block1:
		return SKIP_BLOCK1;
	case DW_FORM_block2:
		return SKIP_BLOCK2;
	case DW_FORM_block4:
		return SKIP_BLOCK4;
	case DW_FORM_indirect:
		return SKIP_INDIRECT;
	default:
		return SKIP_ULEB; /* signed ones end the same way */
	}
}

/* In the unit: others than dwz write ref4. */
static bool is_reference(uint64_t form)
{
	return form == DW_FORM_ref1 || form == DW_FORM_ref2 || form == DW_FORM_ref4 || form == DW_FORM_ref8 ||
	       form == DW_FORM_ref_udata;
}

/* Add fixed bytes behind the last skip; false when there are absurdly many. */
static bool add_bytes(struct hw_dwarf_abbrevs *table, struct hw_dwarf_abbrev *abbrev, int size)
{
	uint16_t *bytes = table->skips.count == abbrev->first_skip
				  ? &abbrev->lead_bytes
				  : &table->skips.at[table->skips.count - 1].then_bytes;

	return !__builtin_add_overflow(*bytes, size, bytes);
}

static void add_skip(struct hw_dwarf_abbrevs *table, struct hw_dwarf_abbrev *abbrev, uint64_t name,
		     uint64_t form)
{
	const int size = hw_dwarf_form_size(form, table->encoding);

	if (size == HW_DWARF_SIZE_UNKNOWN)
		abbrev->is_broken = true;
	else if (name == DW_AT_sibling && is_reference(form))
		hw_vec_push(&table->skips, (struct hw_dwarf_skip){ .what = SKIP_SIBLING,
								   .size = size > 0 ? (uint8_t)size : 0 });
	else if (size == HW_DWARF_SIZE_VARIES)
		hw_vec_push(&table->skips, (struct hw_dwarf_skip){ .what = (uint8_t)skip_of(form) });
	else if (!add_bytes(table, abbrev, size))
		abbrev->is_broken = true;
}

static void read_abbrev(struct hw_dwarf_abbrevs *table, struct hw_dwarf_abbrev *abbrev,
			struct hw_bytes *bytes)
{
	const uint64_t tag = hw_dwarf_uleb(bytes);

	abbrev->tag = tag <= UINT16_MAX ? (uint16_t)tag : UINT16_MAX;
	abbrev->has_children = hw_bytes_u8(bytes) == DW_CHILDREN_yes;
	abbrev->first_spec = (uint32_t)table->specs.count;
	abbrev->first_skip = (uint32_t)table->skips.count;
	while (!bytes->overrun) {
		const uint64_t name = hw_dwarf_uleb(bytes);
		const uint64_t form = hw_dwarf_uleb(bytes);
		const int64_t implicit = form == DW_FORM_implicit_const ? hw_bytes_sleb(bytes) : 0;

		if (!name && !form)
			break;
		if (abbrev->spec_count == SPECS_MAX) {
			abbrev->is_broken = true;
			continue;
		}
		add_skip(table, abbrev, name, form);
		abbrev->has_code |= name == DW_AT_low_pc || name == DW_AT_ranges;
		hw_vec_push(&table->specs, (struct hw_dwarf_spec){
						   .name = name < UINT16_MAX ? (uint16_t)name : UINT16_MAX,
						   .form = form < UINT16_MAX ? (uint16_t)form : UINT16_MAX,
						   .implicit = implicit,
					   });
		abbrev->spec_count++;
	}
	hw_vec_push(&table->skips, (struct hw_dwarf_skip){ .what = SKIP_END });
}

static int compare_codes(const void *left, const void *right)
{
	const struct hw_dwarf_abbrev *a = left;
	const struct hw_dwarf_abbrev *b = right;

	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	return a->first_skip < b->first_skip ? -1 : a->first_skip > b->first_skip;
}

/* Read a table of that many bytes at most; returns how many they were. */
static uint64_t read_table(struct hw_dwarf_abbrevs *table, struct hw_bytes bytes,
			   struct hw_dwarf_encoding encoding, uint64_t limit_bytes)
{
	table->start = bytes.at;
	table->encoding = encoding;
	table->is_dense = true;
	table->list.count = table->specs.count = table->skips.count = 0;
	if (hw_bytes_left(&bytes) > limit_bytes)
		bytes.end = bytes.at + limit_bytes;
	for (;;) {
		struct hw_dwarf_abbrev abbrev = { .code = hw_dwarf_uleb(&bytes) };

		if (!abbrev.code)
			break;
		read_abbrev(table, &abbrev, &bytes);
		if (bytes.overrun)
			break;
		table->is_dense &= abbrev.code == table->list.count + 1;
		hw_vec_push(&table->list, abbrev);
	}
	if (!table->is_dense)
		qsort(table->list.at, table->list.count, sizeof *table->list.at, compare_codes);
	return (uint64_t)(bytes.at - table->start);
}

static uint64_t table_limit(const struct hw_dwarf_abbrev_cache *cache)
{
	const uint64_t limit = CACHE_MAX_BYTES + cache->extra_bytes;
	const uint64_t left = cache->read_bytes < limit ? limit - cache->read_bytes : 0;

	return left < TABLE_MAX_BYTES ? left : TABLE_MAX_BYTES;
}

const struct hw_dwarf_abbrevs *hw_dwarf_abbrevs_get(struct hw_dwarf_abbrev_cache *cache,
						    struct hw_bytes bytes, struct hw_dwarf_encoding encoding)
{
	struct hw_dwarf_abbrevs *oldest = &cache->tables[0];

	for (size_t i = 0; i < HW_DWARF_ABBREV_CACHE_COUNT; i++) {
		struct hw_dwarf_abbrevs *table = &cache->tables[i];

		if (table->start == bytes.at && table->encoding.version == encoding.version &&
		    table->encoding.address_size == encoding.address_size &&
		    table->encoding.offset_size == encoding.offset_size) {
			table->used = ++cache->uses;
			return table;
		}
		if (table->used < oldest->used)
			oldest = table;
	}
	cache->read_bytes += read_table(oldest, bytes, encoding, table_limit(cache));
	oldest->used = ++cache->uses;
	return oldest;
}

void hw_dwarf_abbrev_cache_fini(struct hw_dwarf_abbrev_cache *cache)
{
	for (size_t i = 0; i < HW_DWARF_ABBREV_CACHE_COUNT; i++) {
		hw_vec_fini(&cache->tables[i].list);
		hw_vec_fini(&cache->tables[i].specs);
		hw_vec_fini(&cache->tables[i].skips);
	}
	*cache = (struct hw_dwarf_abbrev_cache){ 0 };
}

const struct hw_dwarf_abbrev *hw_dwarf_abbrevs_search(const struct hw_dwarf_abbrevs *table, uint64_t code)
{
	size_t low = 0, high = table->list.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (table->list.at[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->list.count && table->list.at[low].code == code ? &table->list.at[low] : NULL;
}

static void skip_uleb(struct hw_bytes *bytes)
{
	const uint8_t *at = bytes->at;

	while (at && at < bytes->end)
		if (!(*at++ & 0x80)) {
			bytes->at = at;
			return;
		}
	bytes->at = bytes->end;
	bytes->overrun = true;
}

static void skip_indirect(struct hw_bytes *bytes, struct hw_dwarf_encoding encoding)
{
	struct hw_dwarf_value value;

	hw_dwarf_value_read(&value, bytes, DW_FORM_indirect, 0, encoding);
}

static uint64_t read_sibling(struct hw_bytes *bytes, unsigned size)
{
	switch (size) {
	case 0:
		return hw_dwarf_uleb(bytes);
	case 1:
		return hw_bytes_u8(bytes);
	case 2:
		return hw_bytes_u16(bytes);
	case 4:
		return hw_bytes_u32(bytes);
	default:
		return hw_bytes_u64(bytes);
	}
}

uint64_t hw_dwarf_skip_varying(const struct hw_dwarf_abbrevs *table, const struct hw_dwarf_abbrev *abbrev,
			       struct hw_bytes *bytes)
{
	uint64_t sibling = 0;

	for (const struct hw_dwarf_skip *skip = &table->skips.at[abbrev->first_skip]; skip->what; skip++) {
		switch (skip->what) {
		case SKIP_ULEB:
			skip_uleb(bytes);
			break;
		case SKIP_TEXT:
			(void)hw_bytes_text(bytes);
			break;
		case SKIP_BLOCK:
			(void)hw_bytes_take(bytes, hw_dwarf_uleb(bytes));
			break;
		case SKIP_BLOCK1:
			(void)hw_bytes_take(bytes, hw_bytes_u8(bytes));
			break;
		case SKIP_BLOCK2:
			(void)hw_bytes_take(bytes, hw_bytes_u16(bytes));
			break;
		case SKIP_BLOCK4:
			(void)hw_bytes_take(bytes, hw_bytes_u32(bytes));
			break;
		case SKIP_INDIRECT:
			skip_indirect(bytes, table->encoding);
			break;
		default:
			sibling = read_sibling(bytes, skip->size);
			break;
		}
		(void)hw_bytes_take(bytes, skip->then_bytes);
	}
	return sibling;
}
