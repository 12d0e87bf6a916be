/* The kernel's names of mappings. */
#include "process/map_name.h"

#include <string.h>

static const char deleted_suffix[] = " (deleted)";

static bool starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

size_t hw_map_name_length(const char *name)
{
	const size_t length = strlen(name);
	const size_t suffix = sizeof deleted_suffix - 1;

	return length > suffix && !strcmp(name + length - suffix, deleted_suffix) ? length - suffix : length;
}

/* Shared memory segments are "/SYSV" and their key, eight hexadecimal digits (ipc/shm.c). */
static bool is_sysv(const char *name)
{
	return starts_with(name, "/SYSV") && strspn(name + 5, "0123456789abcdef") == 8 &&
	       hw_map_name_length(name) == 13;
}

enum hw_dso_kind hw_map_name_kind(const char *name)
{
	static const char *const exact[] = { "/dev/zero", "/anon_hugepage" };
	const size_t length = hw_map_name_length(name);

	if (!strcmp(name, "[vdso]"))
		return HW_DSO_VDSO;
	if (name[0] != '/') /* "(unreachable)/lib/x.so" is a file of a file system that was unmounted */
		return starts_with(name, "(unreachable)/") ? HW_DSO_FILE : HW_DSO_ANON;
	if (starts_with(name, "//") || starts_with(name, "/memfd:") || is_sysv(name))
		return HW_DSO_ANON;
	for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++)
		if (length == strlen(exact[i]) && !strncmp(name, exact[i], length))
			return HW_DSO_ANON;
	return HW_DSO_FILE;
}

const char *hw_map_name_plain(const char *name)
{
	return !*name || starts_with(name, "[anon:") ? "//anon" : name;
}
