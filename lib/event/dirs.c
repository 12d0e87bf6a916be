#include "event/dirs.h"

#include <ctype.h>
#include <dirent.h>

bool hw_dirs_name_ok(const char *name)
{
	if (!*name || *name == '.' || strlen(name) > 128)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("-_.", *name))
			return false;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void hw_dirs_read(struct hw_dirs *dirs, const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (hw_dirs_name_ok(entry->d_name))
			hw_vec_push(&dirs->names, hw_strdup(entry->d_name));
	(void)closedir(dir);
	if (dirs->names.count)
		qsort(dirs->names.at, dirs->names.count, sizeof *dirs->names.at, by_name);
}

void hw_dirs_fini(struct hw_dirs *dirs)
{
	for (size_t i = 0; i < dirs->names.count; i++)
		free(dirs->names.at[i]);
	hw_vec_fini(&dirs->names);
}

void hw_dirs_offer(struct hw_nearest *nearest, const char *path, const char *prefix, const char *suffix)
{
	struct hw_dirs dirs = { 0 };

	hw_dirs_read(&dirs, path);
	for (size_t i = 0; i < dirs.names.count; i++) {
		char name[2 * HW_NEAREST_NAME_MAX];

		if (strchr(dirs.names.at[i], '.'))
			continue;
		(void)snprintf(name, sizeof name, "%s%s%s", prefix, dirs.names.at[i], suffix);
		hw_nearest_offer(nearest, name);
	}
	hw_dirs_fini(&dirs);
}
