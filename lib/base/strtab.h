/* Interned texts: equal texts get equal ids; id 0 is "". Init before use. */
#ifndef HW_BASE_STRTAB_H
#define HW_BASE_STRTAB_H

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"

#include <stdint.h>

struct hw_strtab {
	HW_VEC(const char *) texts; /* by id, owned by the arena, NUL-terminated */
	HW_VEC(uint32_t) lengths;
	struct hw_map index;
	struct hw_arena arena;
};

void hw_strtab_init(struct hw_strtab *strtab);
void hw_strtab_fini(struct hw_strtab *strtab);

/* The id of a text, added when it is new. The text must hold no NUL within its length. */
uint32_t hw_strtab_add(struct hw_strtab *strtab, const char *text);
uint32_t hw_strtab_add_sized(struct hw_strtab *strtab, const char *text, size_t length);

/* The id of a text, or HW_MAP_NONE when it was never added. */
uint32_t hw_strtab_find(const struct hw_strtab *strtab, const char *text);

/* The text of an id; valid as long as the table. */
static inline const char *hw_strtab_text(const struct hw_strtab *strtab, uint32_t id)
{
	return strtab->texts.at[id];
}

#endif
