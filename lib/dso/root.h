/* The tree of files a process sees, where it is not ours: containers and chroots. Held open, so that debug files inside
 * are found at the end of a recording as well, when the process and its mounts would be gone. */
#ifndef HW_DSO_ROOT_H
#define HW_DSO_ROOT_H

#include "base/vec.h"

#include <sys/types.h>

struct hw_root; /* lib/dso/root.c */

/* Trees held at most; further ones are not. Two descriptors each. */
#define HW_ROOTS_MAX 64

/* Every tree that was seen; zeroed is empty. */
struct hw_roots {
	HW_VEC(struct hw_root *) list;
};

/* The tree that process pid sees now, owned by roots. NULL when it is our own, when the process has ended or may not be
 * looked at, and when HW_ROOTS_MAX are held. A mount namespace lives as long as it is held (namespaces(7)). */
const struct hw_root *hw_roots_of_process(struct hw_roots *roots, pid_t pid);
void hw_roots_fini(struct hw_roots *roots);

/* Open a regular file by its path in that tree, or in ours for NULL: as hw_open_regular. Paths as /proc/PID/maps tells
 * them in a chroot start at our root, not at the tree's: they are understood too. */
int hw_root_open(const struct hw_root *root, const char *path) HW_CHECKED;

#endif
