/* Folders whose entries are names: sysfs's PMUs and tracefs's tracepoints. */
#ifndef HW_EVENT_DIRS_H
#define HW_EVENT_DIRS_H

#include "base/nearest.h"
#include "base/vec.h"

#include <stdbool.h>

struct hw_dirs {
	HW_VEC(char *) names; /* sorted, owned */
};

/* The names in a folder that pass hw_dirs_name_ok; none when it cannot be read. */
void hw_dirs_read(struct hw_dirs *dirs, const char *path);
void hw_dirs_fini(struct hw_dirs *dirs);

/* May this become part of a path? Letters, digits and -_. only, not beginning with a '.': event texts come from
 * anywhere, and "../../x" is no PMU. */
bool hw_dirs_name_ok(const char *name);

/* Offer prefix + name + suffix of each name in a folder; names with a '.' (EVENT.unit) are no events. */
void hw_dirs_offer(struct hw_nearest *nearest, const char *path, const char *prefix, const char *suffix);

#endif
