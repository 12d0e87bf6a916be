/* CFI by compiled rules: what DWARF says about a place is read once (rule.c); after that a frame is a look into a cache,
 * an addition and two words of the stack.
 *
 * A stack is followed with three registers first: pc, stack pointer, frame pointer. Where a rule needs another one (a
 * CFA in rbx, r10, ...), the walk starts again and carries all of them. What rules cannot say goes to libunwind, which
 * finishes the stack. */
#include "unwind/rules.h"
#include "unwind/walk.h"

/* Addresses whose rule is found at once: 2^14 of 24 bytes stay in a second-level cache. */
#define CACHE_BITS 14

/* An address of a process and its rule. It holds as long as the mapping it lies in is the same. */
struct cached {
	uint64_t avma;
	uint64_t mapping_id;
	uint32_t mapping_index;
	uint32_t rule;
};

struct state {
	struct hw_rules rules;
	struct cached cache[1 << CACHE_BITS];
	void *libunwind; /* NULL until it is needed */
};

/* The part of a walk that has to stay in registers. */
struct position {
	uint64_t pc_avma;
	uint64_t sp_avma;
	uint64_t fp;
	uint64_t ra; /* AArch64: the link register */
	bool fp_known;
	bool ra_known;
	enum hw_frame_kind kind;
};

static size_t cache_slot(uint64_t avma)
{
	return (size_t)(avma * UINT64_C(0x9e3779b97f4a7c15) >> (64 - CACHE_BITS));
}

static bool holds(const struct cached *cached, const struct hw_mappings *mappings, uint64_t avma)
{
	const struct hw_mapping *mapping;

	if (cached->avma != avma || cached->mapping_index >= mappings->list.count)
		return false;
	mapping = &mappings->list.at[cached->mapping_index];
	return mapping->id == cached->mapping_id && avma < mapping->limit_avma && avma >= mapping->start_avma;
}

static const struct hw_rule *find_rule_anew(struct state *state, struct hw_walk *walk, struct cached *cached,
					    uint64_t avma, const struct position *at, enum hw_stack_end *why)
{
	struct hw_walk_place place;
	uint32_t rule;

	if (!hw_walk_locate(walk, at->pc_avma, at->kind, &place, why))
		return NULL;
	if (hw_cfi_has_no_rows(&place.dso->cfi))
		return NULL;
	rule = hw_rules_find(&state->rules, place.dso, place.dso_index, place.svma);
	if (rule == HW_RULES_PENDING) {
		*why = HW_END_NOT_READY;
		return NULL;
	}
	*cached = (struct cached){ .avma = avma,
				   .mapping_id = place.mapping->id,
				   .mapping_index = (uint32_t)(place.mapping - walk->mappings->list.at),
				   .rule = rule };
	return hw_rules_at(&state->rules, rule);
}

/* The rule for a frame; NULL with *why when there is none to be had. */
static inline const struct hw_rule *find_rule(struct state *state, struct hw_walk *walk,
					      const struct position *at, enum hw_stack_end *why)
{
	const uint64_t avma = at->kind == HW_FRAME_RETURN_ADDRESS ? at->pc_avma - 1 : at->pc_avma;
	struct cached *cached = &state->cache[cache_slot(avma)];

	if (holds(cached, walk->mappings, avma))
		return hw_rules_at(&state->rules, cached->rule);
	return find_rule_anew(state, walk, cached, avma, at, why);
}

/* --- One step --------------------------------------------------------------------------------------------- */

/* How a step went. */
enum step {
	STEP_MADE,
	STEP_ENDS,	      /* the stack ends here, or cannot be followed: *end says why */
	STEP_STANDS,	      /* no rule: another engine may go on from this frame */
	STEP_WANTS_REGISTERS, /* more of them than the three */
	STEP_WANTS_DWARF,     /* what rules cannot say */
};

/* The caller's frame by a plain rule. */
static inline enum step step_plain(const struct hw_walk *walk, const struct hw_rule *rule,
				   struct position *at, enum hw_stack_end *end)
{
	uint64_t cfa =
		(rule->cfa_reg == HW_REG_SP ? at->sp_avma : at->fp) + (uint64_t)(int64_t)rule->cfa_offset;
	uint64_t slot;

	if (rule->cfa_reg != HW_REG_SP && !at->fp_known)
		return STEP_WANTS_REGISTERS;
	if (rule->kind == HW_RULE_PLT && (at->pc_avma & 15) >= rule->plt_late)
		cfa += 8;
	if (rule->ra_offset) {
		slot = cfa + (uint64_t)(int64_t)rule->ra_offset;
		if (!hw_walk_read(walk, slot, &at->ra)) {
			*end = hw_walk_why_missing(walk, slot);
			return STEP_ENDS;
		}
	} else if (!at->ra_known || at->kind != HW_FRAME_IP) {
		*end = HW_END_BAD_CFI; /* only a leaf has it in a register */
		return STEP_ENDS;
	}
	if (rule->fp_offset) {
		slot = cfa + (uint64_t)(int64_t)rule->fp_offset;
		/* In an epilogue CFI goes on naming slots that were popped already: below the stack pointer, the
		 * register has its value again. */
		if (!hw_walk_read(walk, slot, &at->fp))
			at->fp_known = slot < walk->stack_avma && at->fp_known;
	}
	at->ra_known = false;
	at->sp_avma = cfa;
	at->pc_avma = hw_regs_strip(at->ra);
	return STEP_MADE;
}

/* What a slot holds. False when it is lost, or not in the copy of the stack. */
static bool read_slot(const struct hw_walk *walk, const struct hw_regs *regs, const struct hw_slot *slot,
		      uint64_t cfa, uint64_t *value)
{
	uint64_t avma = cfa;

	if (slot->kind == HW_SLOT_LOST)
		return false;
	if (slot->kind == HW_SLOT_BASE) {
		if (!hw_regs_has(regs, slot->base))
			return false;
		avma = regs->value[slot->base];
	}
	avma += (uint64_t)(int64_t)slot->offset;
	if (hw_walk_read(walk, avma, value))
		return true;
	*value = regs->value[slot->reg]; /* popped already, as above */
	return avma < walk->stack_avma && hw_regs_has(regs, slot->reg);
}

/* Where the word lies that a slot could not be read from, for the cause. */
static uint64_t slot_avma(const struct hw_regs *regs, const struct hw_slot *slot, uint64_t cfa)
{
	return (slot->kind == HW_SLOT_BASE ? regs->value[slot->base] : cfa) + (uint64_t)(int64_t)slot->offset;
}

static enum step find_cfa(const struct hw_walk *walk, const struct hw_rule *rule, const struct hw_regs *regs,
			  uint64_t *cfa, enum hw_stack_end *end)
{
	uint64_t base;

	if (!hw_regs_has(regs, rule->cfa_reg))
		return STEP_WANTS_REGISTERS;
	base = regs->value[rule->cfa_reg] + (uint64_t)(int64_t)rule->cfa_offset;
	if (rule->kind == HW_RULE_PLT && (regs->value[HW_REG_PC] & 15) >= rule->plt_late)
		base += 8;
	*cfa = base;
	if (rule->kind != HW_RULE_DEREF)
		return STEP_MADE;
	if (!hw_walk_read(walk, base, cfa)) {
		*end = hw_walk_why_missing(walk, base);
		return STEP_ENDS;
	}
	*cfa += (uint64_t)(int64_t)rule->cfa_add;
	return STEP_MADE;
}

/* The caller's registers by any rule, all of them. */
static enum step step_fully(const struct state *state, const struct hw_walk *walk, const struct hw_rule *rule,
			    struct hw_regs *regs, enum hw_frame_kind kind, enum hw_stack_end *end)
{
	const struct hw_slot *slots = state->rules.slots.at + rule->first_slot;
	struct hw_regs caller = *regs;
	uint64_t cfa;
	const enum step found = find_cfa(walk, rule, regs, &cfa, end);

	if (found != STEP_MADE)
		return found;
	hw_regs_set(&caller, HW_REG_SP, cfa);
	if (HW_REG_RA != HW_REG_PC && kind != HW_FRAME_IP)
		caller.known &= ~(UINT64_C(1) << HW_REG_RA); /* only a leaf has it in a register */
	for (uint32_t i = 0; i < rule->slot_count; i++) {
		const struct hw_slot *slot = &slots[i];
		uint64_t value;

		if (read_slot(walk, regs, slot, cfa, &value)) {
			hw_regs_set(&caller, slot->reg, value);
		} else if (slot->reg == HW_REG_RA || slot->reg == HW_REG_SP) {
			if (slot->kind == HW_SLOT_BASE && !hw_regs_has(regs, slot->base))
				return STEP_WANTS_REGISTERS;
			*end = hw_walk_why_missing(walk, slot_avma(regs, slot, cfa));
			return STEP_ENDS;
		} else {
			caller.known &= ~(UINT64_C(1) << slot->reg);
		}
	}
	if (!hw_regs_has(&caller, HW_REG_RA)) {
		*end = HW_END_BAD_CFI;
		return STEP_ENDS;
	}
	hw_regs_set(&caller, HW_REG_PC, hw_regs_strip(caller.value[HW_REG_RA]));
	*regs = caller;
	return STEP_MADE;
}

/* --- The walk --------------------------------------------------------------------------------------------- */

static void position_of(struct position *at, const struct hw_regs *regs)
{
	at->pc_avma = regs->value[HW_REG_PC];
	at->sp_avma = regs->value[HW_REG_SP];
	at->fp = regs->value[HW_REG_FP];
	at->fp_known = hw_regs_has(regs, HW_REG_FP);
	at->ra = regs->value[HW_REG_RA];
	at->ra_known = HW_REG_RA != HW_REG_PC && hw_regs_has(regs, HW_REG_RA);
}

/* The registers of a position, and no others. */
static void registers_of(struct hw_regs *regs, const struct position *at)
{
	regs->known = 0;
	hw_regs_set(regs, HW_REG_RA, at->ra);
	if (!at->ra_known)
		regs->known = 0;
	hw_regs_set(regs, HW_REG_PC, at->pc_avma);
	hw_regs_set(regs, HW_REG_SP, at->sp_avma);
	if (at->fp_known)
		hw_regs_set(regs, HW_REG_FP, at->fp);
}

/* Is what a step found a caller? False with *end. */
static bool leads_up(const struct position *at, uint64_t old_sp_avma, bool over_signal_frame,
		     enum hw_stack_end *end)
{
	/* Only a leaf of AArch64 may need no stack; a handler's own stack may lie anywhere. */
	const bool may_stay = over_signal_frame || (HW_REG_RA != HW_REG_PC && at->kind == HW_FRAME_IP &&
						    at->sp_avma == old_sp_avma);

	*end = at->pc_avma ? HW_END_BAD_CFI : HW_END_ROOT;
	return at->pc_avma && (at->sp_avma > old_sp_avma || may_stay);
}

/* The caller by a rule that is not plain, or when all registers are carried. */
static enum step step_by_slots(const struct state *state, struct hw_walk *walk, const struct hw_rule *rule,
			       struct position *at, bool registers_are_whole, enum hw_stack_end *end)
{
	enum step step;

	if (rule->is_call_root && at->kind == HW_FRAME_RETURN_ADDRESS) {
		*end = HW_END_ROOT;
		return STEP_ENDS;
	}
	switch (rule->kind) {
	case HW_RULE_ROOT:
		*end = HW_END_ROOT;
		return STEP_ENDS;
	case HW_RULE_OTHER:
		return STEP_WANTS_DWARF;
	case HW_RULE_ABSENT:
		*end = HW_END_NO_CFI;
		return STEP_STANDS;
	case HW_RULE_BAD:
		*end = HW_END_BAD_CFI;
		return STEP_STANDS;
	default:
		break;
	}
	if (!registers_are_whole)
		registers_of(&walk->regs, at);
	step = step_fully(state, walk, rule, &walk->regs, at->kind, end);
	if (step == STEP_MADE)
		position_of(at, &walk->regs);
	return step;
}

/* Over a signal frame: its trampoline was never called, what is one byte before it is another function. */
static void note_signal_frame(struct hw_walk *walk, const struct position *at)
{
	if (walk->frames->count)
		walk->frames->at[walk->frames->count - 1].kind = HW_FRAME_IP;
	walk->on_other_stack = !hw_walk_is_above_copy(walk, at->sp_avma);
}

/* Follow the stack, with three registers or (full) with all. The registers are left as those of the last frame found,
 * or unknown when a step failed in its middle. */
static inline __attribute__((always_inline)) enum step follow(struct state *state, struct hw_walk *walk,
							      const bool full, enum hw_stack_end *end)
{
	struct position at = { .kind = walk->kind };
	bool is_first = true; /* the registers are all those of the sample still */
	const struct hw_rule *rule;

	position_of(&at, &walk->regs);
	rule = find_rule(state, walk, &at, end);
	while (rule) {
		const uint64_t old_sp_avma = at.sp_avma;
		const enum step step = rule->is_plain && !full
					       ? step_plain(walk, rule, &at, end)
					       : step_by_slots(state, walk, rule, &at, full || is_first, end);

		if (step == STEP_STANDS)
			break;
		if (step != STEP_MADE || !leads_up(&at, old_sp_avma, rule->signal_frame, end)) {
			walk->regs.known = 0;
			return step == STEP_MADE ? STEP_ENDS : step;
		}
		is_first = false;
		at.kind = rule->signal_frame ? HW_FRAME_IP : HW_FRAME_RETURN_ADDRESS;
		if (rule->signal_frame)
			note_signal_frame(walk, &at);
		rule = find_rule(state, walk, &at, end);
		if (!rule && *end == HW_END_NO_MAPPING && walk->maps_known) {
			walk->regs.known = 0;
			return STEP_ENDS;
		}
		if (!hw_walk_push(walk, at.pc_avma, at.sp_avma, at.kind, HW_ORIGIN_CFI)) {
			*end = HW_END_FRAMES_MAX;
			return STEP_ENDS;
		}
	}
	if (!full && !is_first)
		registers_of(&walk->regs, &at);
	walk->kind = at.kind;
	return STEP_ENDS;
}

/* Put a walk back to where it began. */
static void rewind_to(struct hw_walk *walk, const struct hw_walk *start, size_t frame_count)
{
	*walk = *start;
	walk->frames->count = frame_count;
}

/* From the start again, by libunwind: what rules had found so far is found once more. */
static enum hw_stack_end walk_by_libunwind(struct state *state, struct hw_walk *walk,
					   const struct hw_walk *start, size_t frame_count)
{
	const size_t by_rules = walk->frames->count;
	enum hw_stack_end end;

	rewind_to(walk, start, frame_count);
	if (!state->libunwind)
		state->libunwind = hw_engine_libunwind.start();
	end = hw_engine_libunwind.walk(state->libunwind, walk);
	for (size_t i = by_rules; i < walk->frames->count; i++)
		walk->frames->at[i].origin = HW_ORIGIN_FALLBACK;
	return end;
}

static enum hw_stack_end engine_walk(void *opaque, struct hw_walk *walk)
{
	struct state *state = opaque;
	const struct hw_walk start = *walk;
	const size_t frame_count = walk->frames->count;
	enum hw_stack_end end;
	enum step step = follow(state, walk, false, &end);

	if (step == STEP_WANTS_REGISTERS) {
		rewind_to(walk, &start, frame_count);
		step = follow(state, walk, true, &end);
	}
	if (step == STEP_ENDS)
		return end;
	return walk_by_libunwind(state, walk, &start, frame_count);
}

static void *engine_start(void)
{
	return hw_alloc(1, sizeof(struct state));
}

static void engine_stop(void *opaque)
{
	struct state *state = opaque;

	hw_rules_fini(&state->rules);
	if (state->libunwind)
		hw_engine_libunwind.stop(state->libunwind);
	free(state);
}

const struct hw_unwind_engine hw_engine_rules = {
	.name = "rules",
	.start = engine_start,
	.stop = engine_stop,
	.walk = engine_walk,
};
