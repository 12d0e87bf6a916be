/* A folder with a proc and a sys, for code that takes the root it reads the machine's facts under. */
#ifndef HW_TESTS_FAKE_ROOT_H
#define HW_TESTS_FAKE_ROOT_H

struct fake_root {
	char path[64];
};

/* Make an empty one. */
void fake_root_init(struct fake_root *root);

/* Write a file, "/proc/cpuinfo", with the folders on its way; with fake_root_link, a symbolic link. */
void fake_root_file(const struct fake_root *root, const char *path, const char *text);
void fake_root_link(const struct fake_root *root, const char *path, const char *target);

/* Remove everything. */
void fake_root_fini(struct fake_root *root);

#endif
