/* Procedure linkage tables: the stubs through which a file calls into others. */
#ifndef HW_DSO_PLT_H
#define HW_DSO_PLT_H

#include "base/arena.h"
#include "base/vec.h"
#include "dso/elf.h"

/* Copies of a file's names, in all: many symbols can share one long text. */
#define HW_PLT_TEXTS_MAX_BYTES ((size_t)256 << 20)

struct hw_plt_entry {
	uint64_t start_svma;
	uint64_t size;
	const char *name; /* "malloc@plt" */
};

struct hw_plt {
	HW_VEC(struct hw_plt_entry) entries;
};

/* Name a function of the file itself, for stubs of local IFUNCs; NULL when unknown. */
typedef const char *hw_plt_local_name(void *user, uint64_t svma);

/* Add every stub whose target is known, texts in the arena. Each stub is decoded (x86-64: jmp through a GOT slot,
 * or the push of a relocation index; AArch64: adrp and ldr of a slot) and the slot looked up in the file's dynamic
 * relocations, so that any linker's layout is read: .plt, .plt.sec, .plt.got, .iplt. */
void hw_plt_read(struct hw_plt *plt, const struct hw_elf *elf, struct hw_arena *texts,
		 hw_plt_local_name *local_name, void *user);
void hw_plt_fini(struct hw_plt *plt);

#endif
