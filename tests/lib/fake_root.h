/* A folder with a proc and a sys, for code that takes the root it reads the machine's facts under. */
#ifndef HW_TESTS_FAKE_ROOT_H
#define HW_TESTS_FAKE_ROOT_H

#include <stddef.h>

struct fake_root {
	char path[64];
};

/* Make an empty one. */
void fake_root_init(struct fake_root *root);

/* Write a file, "/proc/cpuinfo", with the folders on its way; with fake_root_link, a symbolic link. */
void fake_root_file(const struct fake_root *root, const char *path, const char *text);
void fake_root_link(const struct fake_root *root, const char *path, const char *target);

/* Write count files, each given by its path, without the first slash, and its text. */
void fake_root_files(const struct fake_root *root, const char *const (*files)[2], size_t count);

/* Remove everything. */
void fake_root_fini(struct fake_root *root);

#endif
