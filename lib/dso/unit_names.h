/* Functions, lines and inlined frames of the addresses that lie in one unit. */
#ifndef HW_DSO_UNIT_NAMES_H
#define HW_DSO_UNIT_NAMES_H

#include "base/arena.h"
#include "dso/debug_file.h"
#include "dso/debug_info.h"
#include "dso/symtab.h"

#define HW_NAME_NONE UINT32_MAX

struct hw_unit_frame {
	uint32_t function;     /* in functions */
	uint32_t file;	       /* in files; HW_NAME_NONE = unknown */
	uint32_t line, column; /* 0 unknown */
};

/* Texts of functions and files are borrowed from the sections, the symbol table or the arena. */
struct hw_unit_text {
	const char *text;
	size_t length;
	uint64_t hash; /* hw_hash_bytes */
};

struct hw_unit_function {
	struct hw_unit_text
		symbol;	     /* as in the symbol table, or as people write it where it has no such name */
	uint32_t start_line; /* 0 unknown */
};

struct hw_unit_names {
	HW_VEC(struct hw_unit_frame) frames;
	HW_VEC(uint32_t) first; /* count + 1: where the frames of each address are, innermost first */
	HW_VEC(struct hw_unit_function) functions;
	HW_VEC(struct hw_unit_text) files;
	struct hw_arena texts;
};

/* Where to look; all borrowed. */
struct hw_unit_sources {
	struct hw_debug_info *info;
	const struct hw_symtab *symtab;
	const struct hw_debug_files *files; /* for split units */
};

/* Name addresses (ascending) of a unit, by its index. An address that no function of the unit covers has the name of its
 * symbol, and no frames without one. Other threads may ask for other units at the same time. Finish with
 * hw_unit_names_fini. */
void hw_unit_names_find(struct hw_unit_names *names, const struct hw_unit_sources *sources, uint32_t unit,
			const uint64_t *svmas, size_t count);
void hw_unit_names_fini(struct hw_unit_names *names);

#endif
