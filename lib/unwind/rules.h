/* The rules of a recording, each distinct one kept once, found again by where in which DSO they are in force. They mean
 * the same in every process and are never thrown away: as many as there are distinct addresses in the stacks. */
#ifndef HW_UNWIND_RULES_H
#define HW_UNWIND_RULES_H

#include "base/map.h"
#include "unwind/cfi_set.h"
#include "unwind/rule.h"

/* An address of a DSO and its rule. */
struct hw_rule_place {
	uint64_t position; /* DSO and distance in it; 0 in an empty place */
	uint32_t rule;
};

/* Zeroed is empty. */
struct hw_rules {
	HW_VEC(struct hw_rule) list;
	HW_VEC(struct hw_slot) slots;
	struct hw_map index;	      /* of equal ones */
	struct hw_rule_place *places; /* a hash table, open addressing, at most half full */
	size_t place_mask;
	size_t place_count;
};

void hw_rules_fini(struct hw_rules *rules);

#define HW_RULES_PENDING UINT32_MAX

/* Number of the rule in force at svma of a DSO; compiled when it is asked for the first time. HW_RULES_PENDING while that
 * cannot be known yet (cfi_index.h). */
uint32_t hw_rules_find(struct hw_rules *rules, const struct hw_dso_cfi *dso, uint32_t dso_index,
		       uint64_t svma);

static inline const struct hw_rule *hw_rules_at(const struct hw_rules *rules, uint32_t rule)
{
	return &rules->list.at[rule];
}

#endif
