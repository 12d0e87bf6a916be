/* /tmp/perf-PID.map: the names a program gives to the code it makes while it runs. */
#ifndef HW_DSO_PERF_MAP_H
#define HW_DSO_PERF_MAP_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "dso/code_sweep.h"

#include <sys/types.h>

#define HW_PERF_MAP_LIMIT_BYTES ((uint64_t)256 << 20)
/* Of 24 bytes each. */
#define HW_PERF_MAP_LIMIT_ENTRIES ((size_t)4 << 20)

struct hw_perf_map_entry {
	struct hw_code_range range; /* first: hw_code_sweep_init */
	size_t name;		    /* offset in hw_perf_map.text */
};

struct hw_perf_map {
	HW_VEC(struct hw_perf_map_entry)
	entries;	    /* in the order of their lines: of two that overlap, the later holds */
	struct hw_buf text; /* the file, with its names terminated */
	size_t bad_lines;   /* neither empty nor of the format, or too many: left out */
};

/* Parse text of lines "START SIZE NAME", START and SIZE hexadecimal ("0x" is taken too), NAME all that follows, blanks
 * included (tools/perf/Documentation/jit-interface.txt in Linux). The text is taken over and changed. Entries of no
 * size are left out, as they cover nothing. */
void hw_perf_map_parse(struct hw_perf_map *map, struct hw_buf *text);

/* Where a process writes its map: /tmp as it sees it, which may be in a container, and the pid it has there. */
struct hw_perf_map_place {
	int folder_fd; /* a path descriptor; -1 when it could not be opened */
	uint32_t pid;
	uid_t owner; /* the process's user */
};

/* Find the place while the process lives; what has ended already is taken to be of this container and of our user.
 * Close with hw_perf_map_place_fini. The folder stays there for us after the process, and its mounts, are gone. */
void hw_perf_map_place_find(struct hw_perf_map_place *place, pid_t pid);
void hw_perf_map_place_fini(struct hw_perf_map_place *place);

/* Read the map that is there now. 1 when it was read, 0 when there is none, -1 with *err. It is taken only if it is a
 * regular file, no symlink, and belongs to the process's user or to root: others may write to /tmp. */
int hw_perf_map_read(struct hw_perf_map *map, const struct hw_perf_map_place *place, struct hw_err *err)
	HW_CHECKED;
void hw_perf_map_fini(struct hw_perf_map *map);

static inline const char *hw_perf_map_name(const struct hw_perf_map *map, uint32_t entry)
{
	return map->text.data + map->entries.at[entry].name;
}

#endif
