/* The unwind tables of every DSO of a recording, looked at when a stack first passes through it. */
#ifndef HW_UNWIND_CFI_SET_H
#define HW_UNWIND_CFI_SET_H

#include "dso/dso.h"
#include "unwind/cfi.h"
#include "unwind/go_stack.h"

struct hw_dso_cfi {
	const struct hw_elf *elf; /* borrowed from the DSO; NULL until it is loaded */
	struct hw_cfi cfi;
	struct hw_go_stack go;
	uint64_t low_svma; /* of its first segment, on a 64 KiB boundary */
	uint64_t span;	   /* from there to the end of its last segment */
	bool has_debug_frame;
};

/* Zeroed is empty. By hw_dso_index(): of one recording's DSO table only. */
struct hw_cfi_set {
	HW_VEC(struct hw_dso_cfi *) by_dso;
};

void hw_cfi_set_fini(struct hw_cfi_set *set);

/* What is known of a DSO; NULL when its file was not read or is not ELF. Borrowed from the set. Allocates when
 * the DSO is seen for the first time. */
struct hw_dso_cfi *hw_cfi_set_get(struct hw_cfi_set *set, const struct hw_dso *dso);

/* The same by number, for a DSO that hw_cfi_set_get has returned before; NULL for others. */
static inline const struct hw_dso_cfi *hw_cfi_set_at(const struct hw_cfi_set *set, uint64_t index)
{
	return index < set->by_dso.count ? set->by_dso.at[index] : NULL;
}

#endif
