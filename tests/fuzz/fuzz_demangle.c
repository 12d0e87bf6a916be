/* Hostile symbol names: must come back soon, bounded, without running out of stack. */
#include "base/alloc.h"
#include "dso/demangle.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_arena arena = { 0 };
	char *name = hw_alloc(size + 3, 1);
	const char *readable;

	/* Most of what a fuzzer makes up is no mangled name: make it one. */
	memcpy(name, size && data[0] & 1 ? "_R" : "_Z", 2);
	memcpy(name + 2, data, size);
	readable = hw_demangle(name, &arena);
	if (readable && strlen(readable) > (size_t)64 << 10)
		abort();
	hw_arena_fini(&arena);
	free(name);
	return 0;
}
