/* A hostile ELF file: headers, notes, symbols, PLT, unwind tables, minidebuginfo and DWARF, as they are read to name
 * addresses. */
#include "dso/build_id.h"
#include "dso/dso.h"
#include "dso/elf.h"
#include "dso/fde_range.h"
#include "tests/fuzz/check_answer.h"

#define ADDRESSES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_dso_table *table = hw_dso_table_new();
	struct hw_dso *dso =
		hw_dso_table_add(table, &(struct hw_dso_key){ .kind = HW_DSO_VDSO, .path = "[vdso]" });
	const size_t step = size / ADDRESSES + 1;
	struct hw_dso_answer answer;
	uint64_t foffs[ADDRESSES];
	size_t count = 0;

	hw_dso_load_bytes(dso, data, size);
	for (uint64_t foff = 0; foff < size && count < ADDRESSES; foff += step) {
		uint64_t svma, start_svma, limit_svma;

		foffs[count++] = foff;
		(void)hw_dso_function_start(dso, foff);
		if (hw_dso_elf(dso) && hw_elf_svma_of_foff(hw_dso_elf(dso), foff, &svma) &&
		    hw_fde_range(hw_dso_elf(dso), svma, &start_svma, &limit_svma) &&
		    (svma < start_svma || svma >= limit_svma))
			abort();
	}
	hw_dso_resolve(dso, foffs, count, NULL, &answer);
	check_answer(&answer, count);
	hw_dso_answer_fini(&answer);
	hw_dso_table_free(table);
	return 0;
}
