/* Abbreviations: how the DIEs of a unit are written (DWARF 5 section 7.5.3), and how they are skipped fast. */
#ifndef HW_DSO_DWARF_ABBREV_H
#define HW_DSO_DWARF_ABBREV_H

#include "base/vec.h"
#include "dso/dwarf_form.h"

/* An attribute of a DIE. */
struct hw_dwarf_spec {
	uint16_t name; /* DW_AT_*; 0xffff where it does not fit, which none that has a meaning is */
	uint16_t form; /* DW_FORM_*; likewise */
	int64_t implicit;
};

/* What to skip next: a value whose size its bytes tell, then bytes of values whose sizes never change. */
struct hw_dwarf_skip {
	uint8_t what;	     /* enum of dwarf_abbrev.c */
	uint8_t size;	     /* of a DW_AT_sibling, which is kept; 0 = ULEB128 */
	uint16_t then_bytes; /* skipped after it */
};

struct hw_dwarf_abbrev {
	uint64_t code;
	uint32_t first_spec, spec_count;
	uint32_t first_skip;
	uint16_t lead_bytes; /* of fixed size, before the first skip */
	uint16_t tag;	     /* DW_TAG_* */
	bool has_children;
	bool has_code;	/* DW_AT_low_pc or DW_AT_ranges: it may hold addresses */
	bool is_broken; /* has a form nobody knows: nothing can be read from here on */
};

/* The abbreviations that some units share. */
struct hw_dwarf_abbrevs {
	HW_VEC(struct hw_dwarf_abbrev) list; /* by code; dense where compilers made them */
	HW_VEC(struct hw_dwarf_spec) specs;
	HW_VEC(struct hw_dwarf_skip) skips;
	const uint8_t *start; /* in .debug_abbrev: with the encoding, what it is known by */
	struct hw_dwarf_encoding encoding;
	bool is_dense; /* codes are 1, 2, 3, ... */
	uint64_t used; /* when it was last asked for */
};

#define HW_DWARF_ABBREV_CACHE_COUNT 16

/* Tables read before, of one thread. Zeroed is empty. It reads 64 MiB and the extra bytes at most; further tables are
 * empty: small units may all have a table of their own in a large section. */
struct hw_dwarf_abbrev_cache {
	uint64_t extra_bytes;
	uint64_t read_bytes;
	struct hw_dwarf_abbrevs tables[HW_DWARF_ABBREV_CACHE_COUNT];
	uint64_t uses;
};

/* The table at the start of those bytes, read when it is not there; never NULL, but empty when it is broken. Valid until
 * as many other tables were asked for as the cache holds. */
const struct hw_dwarf_abbrevs *hw_dwarf_abbrevs_get(struct hw_dwarf_abbrev_cache *cache,
						    struct hw_bytes bytes, struct hw_dwarf_encoding encoding);
void hw_dwarf_abbrev_cache_fini(struct hw_dwarf_abbrev_cache *cache);

/* hw_dwarf_abbrevs_find for tables with gaps. */
const struct hw_dwarf_abbrev *hw_dwarf_abbrevs_search(const struct hw_dwarf_abbrevs *table, uint64_t code);

/* The abbreviation of that code, or NULL. */
static inline const struct hw_dwarf_abbrev *hw_dwarf_abbrevs_find(const struct hw_dwarf_abbrevs *table,
								  uint64_t code)
{
	if (table->is_dense)
		return code - 1 < table->list.count ? &table->list.at[code - 1] : NULL;
	return hw_dwarf_abbrevs_search(table, code);
}

/* hw_dwarf_skip_die for what is not of one size. */
uint64_t hw_dwarf_skip_varying(const struct hw_dwarf_abbrevs *table, const struct hw_dwarf_abbrev *abbrev,
			       struct hw_bytes *bytes);

/* Skip the attributes of a DIE. Returns its DW_AT_sibling (offset in the unit), 0 when it has none. */
static inline uint64_t hw_dwarf_skip_die(const struct hw_dwarf_abbrevs *table,
					 const struct hw_dwarf_abbrev *abbrev, struct hw_bytes *bytes)
{
	if (hw_bytes_left(bytes) < abbrev->lead_bytes) {
		bytes->overrun = true;
		return 0;
	}
	bytes->at += abbrev->lead_bytes;
	if (table->skips.at[abbrev->first_skip].what == 0)
		return 0;
	return hw_dwarf_skip_varying(table, abbrev, bytes);
}

#endif
