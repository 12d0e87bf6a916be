/* Where a distribution keeps debug information apart: which command installs it. */
#ifndef HW_DSO_PACKAGE_H
#define HW_DSO_PACKAGE_H

#include "base/buf.h"

#include <stdbool.h>

/* The system's family and release, from os-release(5). */
enum hw_distribution {
	HW_DISTRIBUTION_OTHER,
	HW_DISTRIBUTION_DEBIAN,
	HW_DISTRIBUTION_UBUNTU,
	HW_DISTRIBUTION_FEDORA, /* and other users of dnf */
	HW_DISTRIBUTION_SUSE,
	HW_DISTRIBUTION_ARCH,
};

struct hw_system {
	enum hw_distribution distribution;
	char codename[32]; /* "bookworm"; "" when unknown */
};

/* Of the text of an os-release file. */
void hw_system_parse(struct hw_system *system, const char *os_release);
/* This machine's. */
void hw_system_read(struct hw_system *system);

/* Are files looked up by hw_packages_find? Elsewhere their build-ids are enough. */
bool hw_system_has_packages(const struct hw_system *system);

/* The server that has this distribution's debug files (sourceware.org/elfutils/Debuginfod.html). Static. */
const char *hw_system_debuginfod(const struct hw_system *system);

/* The installed Debian packages that own files, by dpkg's lists in `info` (/var/lib/dpkg/info; absolute paths, one a
 * line): names[i] is the package of paths[i], to be freed, or NULL. Lists may name files by /lib or by /usr/lib. */
void hw_packages_find(char **names, const char *const *paths, size_t count, const char *info);

/* How to install the debug information of a file: of its package (may be NULL), or of its build-id as hex (may be "").
 * Appends a command; nothing when there is none. */
void hw_package_print_fix(struct hw_buf *out, const struct hw_system *system, const char *package,
			  const char *build_id);

#endif
