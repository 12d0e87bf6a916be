#include "dso/demangle.h"

#include "base/buf.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>

#define MANGLED_MAX_BYTES ((size_t)16 << 10)
#define DEMANGLED_MAX_BYTES ((size_t)64 << 10)

struct output {
	char text[DEMANGLED_MAX_BYTES];
	size_t size;
	jmp_buf too_long;
};

/* A name of n bytes can stand for 2^n bytes, because parts refer to earlier parts. libiberty's callback has no way
 * to say "enough"; its printers keep their state on the stack, so that they can be left from here. */
static void collect(const char *text, size_t size, void *opaque)
{
	struct output *out = opaque;

	if (size > sizeof out->text - out->size)
		longjmp(out->too_long, 1);
	memcpy(out->text + out->size, text, size);
	out->size += size;
}

static bool demangle(struct output *out, const char *name)
{
	if (setjmp(out->too_long))
		return false;
	/* Legacy Rust names are C++ names too, with a hash at the end, "17h" and 16 digits: they go first. */
	if ((name[1] == 'R' || strstr(name, "17h")) &&
	    rust_demangle_callback(name, DMGL_PARAMS | DMGL_ANSI, collect, out))
		return true;
	out->size = 0;
	return cplus_demangle_v3_callback(name, DMGL_PARAMS | DMGL_ANSI | DMGL_RET_DROP, collect, out);
}

const char *hw_demangle(const char *system_name, struct hw_arena *arena)
{
	struct output *out;
	const char *name = NULL;

	if (system_name[0] != '_' || (system_name[1] != 'Z' && system_name[1] != 'R') ||
	    strnlen(system_name, MANGLED_MAX_BYTES) == MANGLED_MAX_BYTES)
		return NULL;
	out = hw_realloc(NULL, 1, sizeof *out);
	out->size = 0;
	if (demangle(out, system_name) && out->size)
		name = hw_arena_text(arena, out->text, out->size);
	free(out);
	return name;
}
