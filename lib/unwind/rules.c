#include "unwind/rules.h"

#define PLACES_MIN ((size_t)4096)
/* A position: the DSO's number above, the distance from its first segment below, and 1 so that none is 0. */
#define OFFSET_BITS 36
#define DSO_LIMIT (UINT32_C(1) << 27)
/* The longest call of x86-64 without prefixes: opcode, ModRM, SIB, four bytes of displacement. */
#define CALL_BYTES_MAX 7

void hw_rules_fini(struct hw_rules *rules)
{
	hw_vec_fini(&rules->list);
	hw_vec_fini(&rules->slots);
	hw_map_fini(&rules->index);
	free(rules->places);
	*rules = (struct hw_rules){ 0 };
}

/* --- Equal rules are one ---------------------------------------------------------------------------------- */

static uint64_t hash_of(const struct hw_rule_draft *draft)
{
	const struct hw_rule *rule = &draft->rule;
	uint64_t hash = hw_hash_mix(rule->kind, rule->cfa_reg | (uint64_t)rule->plt_late << 8 |
							(uint64_t)rule->is_call_root << 24 |
							(uint64_t)rule->signal_frame << 16 |
							(uint64_t)(uint32_t)rule->cfa_offset << 32);

	hash = hw_hash_mix(hash, (uint32_t)rule->cfa_add);
	for (uint32_t i = 0; i < rule->slot_count; i++) {
		const struct hw_slot *slot = &draft->slots[i];

		hash = hw_hash_mix(hash, slot->reg | (uint64_t)slot->kind << 8 | (uint64_t)slot->base << 16 |
						 (uint64_t)(uint32_t)slot->offset << 32);
	}
	return hash;
}

static bool is_same_slot(const struct hw_slot *a, const struct hw_slot *b)
{
	return a->reg == b->reg && a->kind == b->kind && a->base == b->base && a->offset == b->offset;
}

static bool is_same(const struct hw_rules *rules, const struct hw_rule *rule,
		    const struct hw_rule_draft *draft)
{
	const struct hw_rule *other = &draft->rule;

	if (rule->kind != other->kind || rule->cfa_reg != other->cfa_reg ||
	    rule->plt_late != other->plt_late || rule->signal_frame != other->signal_frame ||
	    rule->is_call_root != other->is_call_root || rule->cfa_offset != other->cfa_offset ||
	    rule->cfa_add != other->cfa_add || rule->slot_count != other->slot_count)
		return false;
	for (uint32_t i = 0; i < rule->slot_count; i++)
		if (!is_same_slot(&rules->slots.at[rule->first_slot + i], &draft->slots[i]))
			return false;
	return true;
}

static uint32_t intern(struct hw_rules *rules, struct hw_rule_draft *draft)
{
	const uint64_t hash = hash_of(draft);
	uint32_t id;

	for (size_t slot = hw_map_first(&rules->index, hash);
	     (id = hw_map_id(&rules->index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&rules->index, slot, hash))
		if (is_same(rules, &rules->list.at[id], draft))
			return id;
	id = (uint32_t)rules->list.count;
	draft->rule.first_slot = (uint32_t)rules->slots.count;
	for (uint32_t i = 0; i < draft->rule.slot_count; i++)
		hw_vec_push(&rules->slots, draft->slots[i]);
	hw_vec_push(&rules->list, draft->rule);
	hw_map_insert(&rules->index, hash, id);
	return id;
}

/* Do these bytes end with a call? On AArch64 the last instruction is BL or BLR, plain or with pointer authentication; on
 * x86-64 CALL rel32, or CALL r/m with ModRM and perhaps SIB and displacement behind it. */
static bool ends_with_call(const uint8_t *bytes, size_t size)
{
#if defined(__aarch64__)
	uint32_t code;

	memcpy(&code, bytes + size - sizeof code, sizeof code);
	return code >> 26 == 0x25 || (code & 0xfefff800) == 0xd63f0800 || (code & 0xfffffc1f) == 0xd63f0000;
#else
	if (bytes[size - 5] == 0xe8)
		return true;
	for (size_t length = 2; length <= CALL_BYTES_MAX; length++)
		if (bytes[size - length] == 0xff && (bytes[size - length + 1] >> 3 & 7) == 2)
			return true;
	return false;
#endif
}

/* Nothing is known of the code here, and in the byte behind it a function begins, which no call is in front of: who has
 * it for a return address did not call. glibc's makecontext() lets a context return to __start_context so, which starts
 * another one or ends the process: the stack begins with what it returns from. */
static bool is_before_planted_return(const struct hw_dso_cfi *dso, uint64_t svma)
{
	const uint8_t *bytes = hw_elf_at_svma(dso->elf, svma + 1 - CALL_BYTES_MAX, CALL_BYTES_MAX + 1);
	struct hw_cfi_rows rows;

	return bytes && !ends_with_call(bytes, CALL_BYTES_MAX) &&
	       hw_cfi_find_rows(&dso->cfi, svma + 1, &rows) == HW_CFI_FOUND && rows.start_svma == svma + 1;
}

static uint32_t compile(struct hw_rules *rules, const struct hw_dso_cfi *dso, uint64_t svma)
{
	struct hw_rule_draft draft;
	struct hw_cfi_rows rows;

	switch (hw_cfi_find_rows(&dso->cfi, svma, &rows)) {
	case HW_CFI_FOUND:
		hw_rule_compile(&draft, &rows, svma);
		break;
	case HW_CFI_ABSENT:
		draft.rule = (struct hw_rule){ .kind = HW_RULE_ABSENT };
		break;
	case HW_CFI_BAD:
		draft.rule = (struct hw_rule){ .kind = HW_RULE_BAD };
		break;
	case HW_CFI_PENDING:
		return HW_RULES_PENDING;
	}
	draft.rule.is_call_root = hw_go_stack_is_root(&dso->go, svma) ||
				  (draft.rule.kind == HW_RULE_ABSENT && is_before_planted_return(dso, svma));
	draft.rule.is_plain &= !draft.rule.is_call_root;
	return intern(rules, &draft);
}

/* --- Places ----------------------------------------------------------------------------------------------- */

static size_t slot_of(const struct hw_rules *rules, uint64_t position)
{
	size_t slot = (size_t)hw_hash_mix(0, position) & rules->place_mask;

	while (rules->places[slot].position && rules->places[slot].position != position)
		slot = (slot + 1) & rules->place_mask;
	return slot;
}

static void grow(struct hw_rules *rules)
{
	struct hw_rule_place *old = rules->places;
	const size_t old_count = old ? rules->place_mask + 1 : 0;
	const size_t count = old_count ? old_count * 2 : PLACES_MIN;

	rules->places = hw_alloc(count, sizeof *rules->places);
	rules->place_mask = count - 1;
	for (size_t i = 0; i < old_count; i++)
		if (old[i].position)
			rules->places[slot_of(rules, old[i].position)] = old[i];
	free(old);
}

uint32_t hw_rules_find(struct hw_rules *rules, const struct hw_dso_cfi *dso, uint32_t dso_index,
		       uint64_t svma)
{
	const uint64_t offset = svma - dso->low_svma;
	const uint64_t position = ((uint64_t)dso_index << OFFSET_BITS | offset) + 1;
	size_t slot;

	/* A DSO so large, or one so late, is not kept: compiled each time. */
	if (offset >> OFFSET_BITS || dso_index >= DSO_LIMIT)
		return compile(rules, dso, svma);
	if (rules->place_count * 2 >= rules->place_mask)
		grow(rules);
	slot = slot_of(rules, position);
	if (!rules->places[slot].position) {
		const uint32_t rule = compile(rules, dso, svma);

		if (rule == HW_RULES_PENDING)
			return rule;
		rules->places[slot] = (struct hw_rule_place){ .position = position, .rule = rule };
		rules->place_count++;
	}
	return rules->places[slot].rule;
}
