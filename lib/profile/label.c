#include "profile/label.h"

void hw_label_sets_init(struct hw_label_sets *sets)
{
	*sets = (struct hw_label_sets){ 0 };
	hw_vec_push(&sets->sets, (struct hw_label_set){ 0 });
	hw_vec_reserve(&sets->labels, 1); /* so that hw_label_sets_get may add to it */
}

void hw_label_sets_fini(struct hw_label_sets *sets)
{
	hw_vec_fini(&sets->sets);
	hw_vec_fini(&sets->labels);
	hw_map_fini(&sets->index);
}

/* Field by field: the bytes between the fields are not ours to read. */
static uint64_t hash_labels(const struct hw_label *labels, uint32_t count)
{
	uint64_t hash = count;

	for (uint32_t i = 0; i < count; i++) {
		hash = hw_hash_mix(hash, labels[i].key | (uint64_t)labels[i].str << 32);
		if (!labels[i].str)
			hash = hw_hash_mix(hash ^ labels[i].num_unit, (uint64_t)labels[i].num);
	}
	return hash;
}

static bool same_label(const struct hw_label *a, const struct hw_label *b)
{
	return a->key == b->key && a->str == b->str && a->num == b->num && a->num_unit == b->num_unit;
}

static bool same_labels(const struct hw_label_sets *sets, uint32_t set, const struct hw_label *labels,
			uint32_t count)
{
	const struct hw_label *of_set = sets->labels.at + sets->sets.at[set].first;

	if (sets->sets.at[set].count != count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!same_label(&of_set[i], &labels[i]))
			return false;
	return true;
}

struct hw_label_set_id hw_label_sets_add(struct hw_label_sets *sets, const struct hw_label *labels,
					 uint32_t count)
{
	struct hw_label_set_id id = { 0 };
	uint64_t hash;
	uint32_t found;

	if (count == 0)
		return id;
	hash = hash_labels(labels, count);
	for (size_t slot = hw_map_first(&sets->index, hash);
	     (found = hw_map_id(&sets->index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&sets->index, slot, hash))
		if (same_labels(sets, found, labels, count))
			return (struct hw_label_set_id){ found };

	id.index = (uint32_t)sets->sets.count;
	hw_vec_push(&sets->sets,
		    (struct hw_label_set){ .first = (uint32_t)sets->labels.count, .count = count });
	hw_vec_reserve(&sets->labels, count);
	memcpy(sets->labels.at + sets->labels.count, labels, count * sizeof *labels);
	sets->labels.count += count;
	hw_map_insert(&sets->index, hash, id.index);
	return id;
}

const struct hw_label *hw_label_sets_get(const struct hw_label_sets *sets, struct hw_label_set_id id,
					 uint32_t *count)
{
	const struct hw_label_set *set = &sets->sets.at[id.index];

	*count = set->count;
	return sets->labels.at + set->first;
}

const struct hw_label *hw_label_sets_find(const struct hw_label_sets *sets, struct hw_label_set_id id,
					  uint32_t key)
{
	uint32_t count;
	const struct hw_label *labels = hw_label_sets_get(sets, id, &count);

	for (uint32_t i = 0; i < count; i++)
		if (labels[i].key == key)
			return &labels[i];
	return NULL;
}
