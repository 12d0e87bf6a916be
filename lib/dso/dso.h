/* A dynamic shared object: anything code is mapped from. Its identity, its bytes while it can be read, and
 * what its addresses mean. */
#ifndef HW_DSO_DSO_H
#define HW_DSO_DSO_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "base/workers.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum hw_dso_kind {
	HW_DSO_FILE,   /* an ELF file (or a file that turns out not to be one) */
	HW_DSO_KERNEL, /* the kernel image; addresses are run-time addresses */
	HW_DSO_MODULE, /* a kernel module; likewise */
	HW_DSO_VDSO,   /* the kernel's ELF image in every process */
	HW_DSO_ANON,   /* executable memory without a file: JIT code, "//anon", "[heap]", ... */
};

#define HW_DSO_BUILD_ID_MAX 20

/* What makes two mappings the same DSO: kind, path, and build-id where known, else device and inode.
 * For HW_DSO_ANON path and pid and, in inode, a number of the program the process was running: the next one of the
 * same process, after execve, has memory of its own. */
struct hw_dso_key {
	enum hw_dso_kind kind;
	const char *path; /* as the process sees it; " (deleted)" taken off by the caller */
	uint32_t major, minor;
	uint64_t inode;
	uint8_t build_id[HW_DSO_BUILD_ID_MAX];
	uint8_t build_id_size;
	pid_t pid;
};

struct hw_dso;	     /* lib/dso/dso.c */
struct hw_dso_table; /* owns every DSO of one recording */
struct hw_elf;	     /* dso/elf.h: the mapped file */

struct hw_dso_table *hw_dso_table_new(void);
void hw_dso_table_free(struct hw_dso_table *table);
void hw_dso_table_freep(struct hw_dso_table **table);

/* The DSO of that identity, added when it is new. Never NULL; owned by the table; cheap when it is known. */
struct hw_dso *hw_dso_table_add(struct hw_dso_table *table, const struct hw_dso_key *key);

/* Open and map the file now, while process pid still has it: /proc/PID/map_files/RANGE (any file, also deleted;
 * needs privilege), /proc/PID/root/PATH (its mount namespace), PATH itself, then /proc/PID/exe (a deleted
 * program). A candidate is taken only if it is a regular file and its build-id (or device and inode) is the key's;
 * FIFOs and devices are never opened. Remembers failure: a second call for the same process does nothing, and
 * after a few processes no call does. pid 0: PATH only. range_start/limit: the mapping, for map_files; 0 when
 * unknown. Returns true when the DSO has its bytes. */
bool hw_dso_load(struct hw_dso *dso, pid_t pid, uint64_t range_start_avma, uint64_t range_limit_avma);

/* Give a DSO its bytes directly (the vdso, read from our own memory or the target's). Copies. */
void hw_dso_load_bytes(struct hw_dso *dso, const void *image, size_t size);

/* The mapped ELF file, or NULL (not loaded, not ELF, kernel, anonymous). Borrowed from the DSO. */
const struct hw_elf *hw_dso_elf(const struct hw_dso *dso);

enum hw_dso_kind hw_dso_kind(const struct hw_dso *dso);
const char *hw_dso_path(const struct hw_dso *dso);
/* The files that belong to it (dso/debug_file.h), looked for by the first call; NULL while it is not loaded. Borrowed
 * from the DSO. */
struct hw_debug_files;
const struct hw_debug_files *hw_dso_debug_files(struct hw_dso *dso);
/* May the machine's own packages say nothing about it, because it was loaded from a container or a chroot? */
bool hw_dso_is_elsewhere(const struct hw_dso *dso);
/* Have the debug information that the file lacks downloaded; before its first address is resolved. */
struct hw_debuginfod;
void hw_dso_download(struct hw_dso *dso, struct hw_debuginfod *debuginfod);
/* Where the file was opened from by name, beside which separate debug files lie; NULL while it is not loaded. */
const char *hw_dso_file_path(const struct hw_dso *dso);
/* Dense number within the table, from 0 in the order of addition: an index for side arrays. */
uint32_t hw_dso_index(const struct hw_dso *dso);
/* Whose memory it is, for HW_DSO_ANON; else 0. */
pid_t hw_dso_pid(const struct hw_dso *dso);
size_t hw_dso_table_count(const struct hw_dso_table *table);
struct hw_dso *hw_dso_table_at(const struct hw_dso_table *table, uint32_t index);
/* Lower-case hex of the build-id: the kernel's, or the file's own once loaded; "" when there is none.
 * For the kernel from /sys/kernel/notes, for a module from /sys/module/NAME/notes. */
const char *hw_dso_build_id(const struct hw_dso *dso);
/* Why the file could not be used, in words for the quality block; "" when it was. */
const char *hw_dso_problem(const struct hw_dso *dso);
/* What to do about that; "" when nobody knows. */
const char *hw_dso_fix(const struct hw_dso *dso);

/* --- Addresses to names: the request/answer interface symbolise.c speaks. --------------------------------- */

/* One frame of source: a function and where in it. Texts are owned by the answer; NULL when unknown. */
struct hw_source_frame {
	const char *name; /* demangled, without return type, e.g. "std::vector<int>::push_back(int&&)" */
	const char *system_name; /* as in the symbol table */
	const char *file;
	uint32_t line;	     /* 0 unknown */
	uint32_t column;     /* 0 unknown */
	uint32_t start_line; /* of the function; 0 unknown */
};

/* Frames of address i are frames[first[i]] .. frames[first[i + 1] - 1], innermost inlined callee first, the
 * physical function last. None when nothing is known about the address. */
struct hw_dso_answer {
	HW_VEC(struct hw_source_frame) frames;
	HW_VEC(uint32_t) first; /* count + 1 entries */
	struct hw_arena *texts; /* owned */
	bool has_functions;	/* the DSO had a symbol table or debug information at all */
	bool has_lines;		/* it had line tables */
	bool has_inlines;	/* it had inlining information */
};

void hw_dso_answer_fini(struct hw_dso_answer *answer);

/* Name every address. For files and the vdso, addresses are offsets in the file; for the kernel and modules,
 * run-time addresses; ascending, without duplicates. Every address is looked up as it stands: the caller has
 * already stepped return addresses back by one. Unknown addresses get no frames; that is no error. Does not
 * touch other DSOs, so that several may be resolved at the same time by different threads. A DSO's units are named by the
 * workers (NULL = in this thread), which are told of each address that is done (hw_workers_advance). */
void hw_dso_resolve(struct hw_dso *dso, const uint64_t *addresses, size_t count, struct hw_workers *workers,
		    struct hw_dso_answer *answer);

/* Where the function of an address that has no name starts, as an address written in the ELF file: by the table in
 * .eh_frame_hdr; the address itself (so converted) where that tells nothing, unchanged where there is no file.
 * address: as for hw_dso_resolve. */
uint64_t hw_dso_function_start(const struct hw_dso *dso, uint64_t address);

#endif
