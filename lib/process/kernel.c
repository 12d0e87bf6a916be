/* The kernel image and its modules as mappings, and the bytes of the vdso. */
#include "process/kernel.h"

#include "base/file.h"
#include "process/proc_maps.h"

#include <errno.h>
#include <limits.h>
#include <sys/mman.h>

#define MODULES_SIZE_MAX (UINT64_C(16) << 20)
#define MAPS_SIZE_MAX (UINT64_C(256) << 20)

static void add_mapping(struct hw_mappings *mappings, struct hw_dso_table *dsos, enum hw_dso_kind kind,
			const char *path, uint64_t start_avma, uint64_t limit_avma)
{
	const struct hw_dso_key key = { .kind = kind, .path = path };
	/* Kernel DSOs are asked for run-time addresses, so an "offset in the file" is the address itself. */
	const struct hw_mapping mapping = {
		.start_avma = start_avma,
		.limit_avma = limit_avma,
		.file_foff = start_avma,
		.prot = PROT_READ | PROT_EXEC,
		.dso = hw_dso_table_add(dsos, &key),
		.tag = HW_MAPPING_NO_TAG,
		.load_tried = true,
	};

	hw_mappings_add(mappings, &mapping);
}

/* The upper half of the address space is the kernel's (Documentation/arch/x86/x86_64/mm.rst, arch/arm64/memory.rst).
 * Where in it the image lies is not asked: the kernel takes 70 ms to list its symbols, and what is neither image nor
 * module (BPF, trampolines) is named by that list, too. */
#define KERNEL_START (UINT64_C(1) << 63)

struct module {
	uint64_t start_avma;
	uint64_t size_bytes;
	char name[64];
};

struct module_list {
	HW_VEC(struct module) modules;
};

/* One line of /proc/modules, proc(5): name size refcount users state address [taint]. */
static bool parse_module(struct module *module, char *line)
{
	char *rest = line;
	char *fields[6];

	for (size_t i = 0; i < HW_COUNT_OF(fields); i++) {
		fields[i] = strsep(&rest, " ");
		if (!fields[i])
			return false;
	}
	hw_copy_text(module->name, sizeof module->name, fields[0]);
	module->size_bytes = strtoull(fields[1], NULL, 10);
	module->start_avma = strtoull(fields[5], NULL, 16);
	return module->start_avma && module->size_bytes && module->name[0];
}

static int compare_modules(const void *left, const void *right)
{
	const uint64_t a = ((const struct module *)left)->start_avma;
	const uint64_t b = ((const struct module *)right)->start_avma;

	return (a > b) - (a < b);
}

static void add_modules(struct hw_mappings *mappings, struct hw_dso_table *dsos)
{
	struct module_list list = { 0 };
	struct hw_buf text = { 0 };
	struct module module;

	if (hw_file_read(&text, "/proc/modules", MODULES_SIZE_MAX, NULL) == 0 && text.size) {
		char *rest = text.data;
		char *line;

		while ((line = strsep(&rest, "\n")))
			if (parse_module(&module, line))
				hw_vec_push(&list.modules, module);
	}
	hw_buf_fini(&text);
	/* Since Linux 6.4 the size counts data that lies elsewhere, so a range can reach into the next module:
	 * in ascending order each module keeps its beginning, where its code is. */
	if (list.modules.count)
		qsort(list.modules.at, list.modules.count, sizeof *list.modules.at, compare_modules);
	for (size_t i = 0; i < list.modules.count; i++) {
		const struct module *m = &list.modules.at[i];
		char path[sizeof m->name + 2];
		uint64_t limit_avma;

		if (__builtin_add_overflow(m->start_avma, m->size_bytes, &limit_avma))
			continue;
		snprintf(path, sizeof path, "[%s]", m->name);
		add_mapping(mappings, dsos, HW_DSO_MODULE, path, m->start_avma, limit_avma);
	}
	hw_vec_fini(&list.modules);
}

void hw_kernel_mappings(struct hw_mappings *mappings, struct hw_dso_table *dsos)
{
	add_mapping(mappings, dsos, HW_DSO_KERNEL, "[kernel.kallsyms]", KERNEL_START, UINT64_MAX);
	add_modules(mappings, dsos);
}

void hw_kernel_load_vdso(struct hw_dso *dso)
{
	struct hw_buf text = { 0 };
	struct hw_proc_map map;
	struct hw_bytes cursor;
	int got;

	if (hw_file_read(&text, "/proc/self/maps", MAPS_SIZE_MAX, NULL) == 0) {
		cursor = hw_bytes_of(hw_buf_str(&text), text.size);
		while ((got = hw_proc_map_next(&cursor, &map, NULL)) != 0)
			if (got > 0 && !strcmp(map.path, "[vdso]")) {
				hw_dso_load_bytes(dso, (const void *)(uintptr_t)map.start_avma,
						  (size_t)(map.limit_avma - map.start_avma));
				break;
			}
	}
	hw_buf_fini(&text);
}
