/* Unwind tables by DSO. */
#include "unwind/cfi_set.h"

#define LOW_ALIGN UINT64_C(0x10000)

void hw_cfi_set_fini(struct hw_cfi_set *set)
{
	for (size_t i = 0; i < set->by_dso.count; i++) {
		if (set->by_dso.at[i]) {
			hw_cfi_fini(&set->by_dso.at[i]->cfi);
			hw_go_stack_fini(&set->by_dso.at[i]->go);
		}
		free(set->by_dso.at[i]);
	}
	hw_vec_fini(&set->by_dso);
}

static void find_extent(struct hw_dso_cfi *entry, const struct hw_elf *elf)
{
	uint64_t low = UINT64_MAX;
	uint64_t high = 0;

	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct hw_elf_segment *segment = &elf->segments[i];
		uint64_t limit;

		if (__builtin_add_overflow(segment->vaddr_svma, segment->mem_size, &limit))
			continue;
		low = segment->vaddr_svma < low ? segment->vaddr_svma : low;
		high = limit > high ? limit : high;
	}
	entry->low_svma = low & ~(LOW_ALIGN - 1);
	entry->span = high > entry->low_svma ? high - entry->low_svma : 0;
}

static struct hw_dso_cfi *add(struct hw_cfi_set *set, uint32_t index, const struct hw_elf *elf)
{
	struct hw_dso_cfi *entry = hw_alloc(1, sizeof *entry);

	entry->elf = elf;
	find_extent(entry, elf);
	hw_cfi_init(&entry->cfi, elf);
	hw_go_stack_init(&entry->go, elf);
	entry->has_debug_frame = hw_elf_find_section(elf, ".debug_frame") != NULL;
	while (set->by_dso.count <= index)
		hw_vec_push(&set->by_dso, NULL);
	set->by_dso.at[index] = entry;
	return entry;
}

struct hw_dso_cfi *hw_cfi_set_get(struct hw_cfi_set *set, const struct hw_dso *dso)
{
	const uint32_t index = hw_dso_index(dso);
	const struct hw_elf *elf;

	if (index < set->by_dso.count && set->by_dso.at[index])
		return set->by_dso.at[index];
	elf = hw_dso_elf(dso);
	return elf ? add(set, index, elf) : NULL;
}
