/* One table of events/ as its JSON text has it: see events/README.md. */
#ifndef HW_EVENT_CATALOGUE_FILE_H
#define HW_EVENT_CATALOGUE_FILE_H

#include "event/catalogue.h"
#include "event/cpu_set.h"

#define HW_CATALOGUE_FILE_MAX_BYTES (1 << 20)
#define HW_CATALOGUE_ENTRIES_MAX 1000 /* of each kind, and of each list */

struct hw_catalogue_file {
	HW_VEC(struct hw_cpu_set) cpus; /* that the table is for; none: for any */
	struct hw_catalogue table;	/* family: the file's name without folder and ".json" */
};

/* Read a file, or decode its text (path is what errors call it). -1 with HW_ERR_INPUT, HW_ERR_LIMIT when it is larger
 * than HW_CATALOGUE_FILE_MAX_BYTES, or HW_ERR_FORMAT naming the file and the entry; *file is then empty. */
int hw_catalogue_file_read(struct hw_catalogue_file *file, const char *path, struct hw_err *err) HW_CHECKED;
int hw_catalogue_file_decode(struct hw_catalogue_file *file, const char *path, const char *text, size_t size,
			     struct hw_err *err) HW_CHECKED;
void hw_catalogue_file_fini(struct hw_catalogue_file *file);

/* Does the table name this CPU? False for one that names none. */
bool hw_catalogue_file_names(const struct hw_catalogue_file *file, const struct hw_cpu *cpu);

#endif
