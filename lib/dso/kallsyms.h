/* The running kernel's symbols: functions of the image, of modules and of BPF programs. */
#ifndef HW_DSO_KALLSYMS_H
#define HW_DSO_KALLSYMS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

#include <stdint.h>

/* A function reaches to the next one, and no further than this: kallsyms knows no sizes. */
#define HW_KALLSYMS_REACH_BYTES ((uint64_t)1 << 20)

struct hw_kernel_symbol {
	uint64_t avma;
	uint32_t name;	 /* offset in hw_kallsyms.text */
	uint32_t module; /* likewise: "ext4", "bpf"; HW_KALLSYMS_NO_MODULE for the image */
};

#define HW_KALLSYMS_NO_MODULE UINT32_MAX

struct hw_kallsyms {
	HW_VEC(struct hw_kernel_symbol) symbols; /* ascending, one per address */
	struct hw_buf text;			 /* the file, with its fields terminated */
};

/* Parse text in the format of /proc/kallsyms ("ADDRESS TYPE NAME[\t[MODULE]]" lines), which is taken over and
 * changed. Functions (types t, T, w, W) are kept; lines that are not of the format are skipped; addresses 0, which
 * kptr_restrict puts in, count as not known. Of several names for an address the best for people is kept
 * (hw_symbol_name_compare). */
void hw_kallsyms_parse(struct hw_kallsyms *kallsyms, struct hw_buf *text);

/* Read /proc/kallsyms. Without symbols and HW_ERR_PERMISSION when the kernel hides the addresses. */
int hw_kallsyms_read(struct hw_kallsyms *kallsyms, struct hw_err *err) HW_CHECKED;
void hw_kallsyms_fini(struct hw_kallsyms *kallsyms);

/* The function an address lies in, or NULL. */
const struct hw_kernel_symbol *hw_kallsyms_find(const struct hw_kallsyms *kallsyms, uint64_t avma);

static inline const char *hw_kallsyms_text(const struct hw_kallsyms *kallsyms, uint32_t offset)
{
	return kallsyms->text.data + offset;
}

#endif
