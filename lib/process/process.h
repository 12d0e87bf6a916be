/* Processes and threads as the records tell of them: names, mappings, births and deaths. */
#ifndef HW_PROCESS_PROCESS_H
#define HW_PROCESS_PROCESS_H

#include "process/mapping.h"
#include "record/decode.h"

#define HW_COMM_SIZE 16 /* TASK_COMM_LEN, linux/sched.h */

struct hw_thread {
	uint32_t tid;
	uint32_t tag; /* the pipeline's (label set); HW_MAPPING_NO_TAG at first and after every rename */
	uint32_t tag_renames; /* the pipeline's: process->renames when it set the tag */
	uint32_t cut_thread;  /* the pipeline's: its number in hw_cut_stack, 0 = none; anew after an exec */
	char comm[HW_COMM_SIZE];
	bool exited;
};

struct hw_process {
	uint32_t pid;
	struct hw_mappings mappings;
	char comm[HW_COMM_SIZE]; /* of the main thread */
	uint32_t renames;	 /* how often comm has changed: tags of its threads are older than that */
	bool maps_known; /* mappings came from an exec, a fork or /proc, so that "no mapping" means something */
	bool exited;
};

struct hw_process_table; /* lib/process/process.c */

/* dsos: where mappings intern their DSO; borrowed. */
struct hw_process_table *hw_process_table_new(struct hw_dso_table *dsos);
void hw_process_table_free(struct hw_process_table *table);

/* The records are of another time or machine: /proc is not asked about their processes, and no file is looked
 * for in a process's own root. Call before the first record. */
void hw_process_table_set_offline(struct hw_process_table *table);

/* The process or thread of that id; added, with name and mappings read from /proc while it lives, when it is
 * new. Never NULL. Borrowed until the next apply: what has exited is forgotten some exits later, so that memory
 * stays bounded however many processes pass by. pid 0 is the idle task, "swapper"; the kernel gives pid -1 to a
 * task past its exit. */
struct hw_process *hw_process_table_get(struct hw_process_table *table, uint32_t pid);
struct hw_thread *hw_process_table_thread(struct hw_process_table *table, uint32_t pid, uint32_t tid);

/* Apply a record: MMAP, MMAP2, COMM, FORK, EXIT change the table, others are left alone. Files that become
 * known are loaded (hw_dso_load) at once, since a short-lived process will not wait. Mappings of the kernel
 * (which `perf record` writes into its files) go to hw_process_table_kernel. */
void hw_process_table_apply(struct hw_process_table *table, const struct hw_record *record);

/* The kernel lost records, mappings and names among them perhaps: every process that lives is read from /proc again
 * when it is next asked for. */
void hw_process_table_resync(struct hw_process_table *table);

/* Kernel image and modules, as one mapping list shared by all processes. May be empty (kptr_restrict). */
struct hw_mappings *hw_process_table_kernel(struct hw_process_table *table);

#endif
