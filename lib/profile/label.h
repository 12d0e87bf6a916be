/* Interned sets of labels: what a sample is tagged with. Set 0 is the empty set. */
#ifndef HW_PROFILE_LABEL_H
#define HW_PROFILE_LABEL_H

#include "base/map.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

struct hw_label_set_id {
	uint32_t index;
};

/* Either a text (str != 0) or a number with a unit (profile.proto, Label). Texts are string ids. */
struct hw_label {
	uint32_t key;
	uint32_t str;
	int64_t num;
	uint32_t num_unit;
};

struct hw_label_set {
	uint32_t first, count;
};

struct hw_label_sets {
	HW_VEC(struct hw_label_set) sets;
	HW_VEC(struct hw_label) labels;
	struct hw_map index;
};

void hw_label_sets_init(struct hw_label_sets *sets);
void hw_label_sets_fini(struct hw_label_sets *sets);

/* Id of the set with these labels in this order, added when new. */
struct hw_label_set_id hw_label_sets_add(struct hw_label_sets *sets, const struct hw_label *labels,
					 uint32_t count);

/* The labels of a set; borrowed until the next add. */
const struct hw_label *hw_label_sets_get(const struct hw_label_sets *sets, struct hw_label_set_id id,
					 uint32_t *count);

/* The label with that key (string id) in a set, or NULL. */
const struct hw_label *hw_label_sets_find(const struct hw_label_sets *sets, struct hw_label_set_id id,
					  uint32_t key);

#endif
