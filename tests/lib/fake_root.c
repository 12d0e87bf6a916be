#include "tests/lib/fake_root.h"

#include "base/buf.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

/* A test that cannot write its own files has nothing to say. */
static void must(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		abort();
	}
}

void fake_root_init(struct fake_root *root)
{
	(void)snprintf(root->path, sizeof root->path, "/tmp/hwprof-root.XXXXXX");
	if (!mkdtemp(root->path))
		must(-1, root->path);
}

/* The full path, its folders made. */
static char *prepare(const struct fake_root *root, const char *path)
{
	char *full = hw_asprintf("%s%s", root->path, path);

	for (char *slash = full + strlen(root->path) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(full, 0700);
		*slash = '/';
	}
	return full;
}

void fake_root_file(const struct fake_root *root, const char *path, const char *text)
{
	HW_AUTO(hw_freep) char *full = prepare(root, path);
	FILE *file = fopen(full, "we");

	if (!file)
		must(-1, full);
	must(fputs(text, file), full);
	must(fclose(file), full);
}

void fake_root_link(const struct fake_root *root, const char *path, const char *target)
{
	HW_AUTO(hw_freep) char *full = prepare(root, path);

	must(symlink(target, full), full);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fake_root_files(const struct fake_root *root, const char *const (*files)[2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		HW_AUTO(hw_freep) char *path = hw_asprintf("/%s", files[i][0]);

		fake_root_file(root, path, files[i][1]);
	}
}

void fake_root_fini(struct fake_root *root)
{
	(void)nftw(root->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
