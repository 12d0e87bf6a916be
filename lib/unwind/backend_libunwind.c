/* CFI by libunwind's remote unwinder.
 *
 * libunwind caches the rules it has parsed by instruction address, and would go on using them after another
 * process ran or another library was mapped there. So it never sees addresses of the process: every pc is handed
 * to it as a position in its DSO (see "Positions"), which means the same for ever and in all processes. One cache
 * serves them all and never has to be flushed. Stack addresses are passed as they are. */
#include "unwind/walk.h"

#if defined(__x86_64__) || defined(__aarch64__)

#include <libunwind.h>
#include <signal.h>

/* Rules kept, 0.2 KiB each. At most 2^15: libunwind links its entries by 16-bit numbers. */
#define CACHE_RULES 8192
#define CACHE_RULES_LAST 2
/* Below the stack pointer there is a red zone of 128 bytes at most, and what an epilogue has popped. */
#define BELOW_MAX 16

/* --- Positions ---------------------------------------------------------------------------------------- */

/* Bit 63 tells a position from an address of the process. Bit 62 is set for an instruction that was being
 * executed and clear for a return address: libunwind looks up the latter one byte earlier but caches both under
 * their address, and they may be of different functions (a call that does not return can be the last
 * instruction of one). Then the DSO's number in the recording, and the distance from its first segment. */
#define POSITION (UINT64_C(1) << 63)
#define POSITION_IP (UINT64_C(1) << 62)
#define OFFSET_BITS 36
#define OFFSET_MASK ((UINT64_C(1) << OFFSET_BITS) - 1)
#define DSO_BITS (62 - OFFSET_BITS)
#define DSO_MAX ((UINT64_C(1) << DSO_BITS) - 1) /* itself stands for the table below */
#define TABLE_POSITION (POSITION | DSO_MAX << OFFSET_BITS)

struct below_slot {
	uint64_t avma;
	uint64_t value;
};

struct state {
	unw_addr_space_t space;
	struct hw_walk *walk;  /* during a walk: what the callbacks serve */
	uint64_t pc_position;  /* of the frame the cursor starts at */
	enum hw_stack_end why; /* set by a callback that fails */
	bool found_nothing;    /* the step failed before anything was changed */
	struct below_slot below[BELOW_MAX];
	size_t below_count;
	uint64_t table_entry; /* the one .eh_frame_hdr entry libunwind is shown */
};

static uint64_t position_of(const struct hw_walk_place *place, enum hw_frame_kind kind)
{
	const uint64_t base = POSITION | (uint64_t)place->dso_index << OFFSET_BITS;
	const uint64_t offset = place->svma - place->dso->low_svma;

	/* A return address was looked up one byte earlier, and may lie behind the end of its mapping. */
	return kind == HW_FRAME_IP ? (base | POSITION_IP) + offset : base + offset + 1;
}

/* Can positions in this DSO be written down? */
static bool fits(const struct hw_walk_place *place)
{
	return place->dso_index < DSO_MAX && place->dso->span < OFFSET_MASK &&
	       place->svma - place->dso->low_svma < place->dso->span;
}

static const struct hw_dso_cfi *dso_of(const struct state *state, uint64_t position)
{
	return hw_cfi_set_at(state->walk->cfis, position >> OFFSET_BITS & DSO_MAX);
}

static uint64_t svma_of(const struct hw_dso_cfi *dso, uint64_t position)
{
	return dso->low_svma + (position & OFFSET_MASK);
}

/* --- What libunwind asks for -------------------------------------------------------------------------- */

/* An error that libunwind hands through. (-UNW_ENOINFO would make it guess.) */
static int fail(struct state *state, enum hw_stack_end why)
{
	state->why = why;
	return -UNW_EBADFRAME;
}

int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t ip, unw_dyn_info_t *info,
				       unw_proc_info_t *proc, int need_unwind_info, void *arg);

/* libunwind blocks every signal while it fills its cache, also the fault of a mapped file that somebody has cut short,
 * which the program may mend (SIGBUS of a blocked kind is fatal: sigaction(2)). It sets the old mask afterwards. */
static void let_faults_through(void)
{
	sigset_t faults;

	(void)sigemptyset(&faults);
	(void)sigaddset(&faults, SIGBUS);
	(void)pthread_sigmask(SIG_UNBLOCK, &faults, NULL);
}

/* Called once per distinct address, when its rule is not in the cache. The FDE is found and checked by cfi.c;
 * libunwind is shown a table that holds just this one. */
static int find_proc_info(unw_addr_space_t space, unw_word_t ip, unw_proc_info_t *proc, int need, void *arg)
{
	struct state *state = arg;
	const struct hw_dso_cfi *dso = ip & POSITION ? dso_of(state, ip) : NULL;
	const uint64_t base = ip & ~OFFSET_MASK;
	struct hw_cfi_fde fde;
	unw_dyn_info_t info = { .format = UNW_INFO_FORMAT_REMOTE_TABLE };
	int64_t distance;

	state->found_nothing = true;
	if (!dso)
		return fail(state, HW_END_NO_CFI);
	let_faults_through();
	switch (hw_cfi_find(&dso->cfi, svma_of(dso, ip), &fde)) {
	case HW_CFI_FOUND:
		break;
	case HW_CFI_ABSENT:
		return fail(state, HW_END_NO_CFI);
	case HW_CFI_BAD:
		return fail(state, HW_END_BAD_CFI);
	case HW_CFI_PENDING:
		return fail(state, HW_END_NOT_READY);
	}
	distance = (int64_t)(fde.fde_svma - fde.start_svma);
	if (distance != (int32_t)distance)
		return fail(state, HW_END_BAD_CFI);
	state->table_entry = (uint64_t)(uint32_t)distance << 32;
	info.start_ip = base + (fde.start_svma - dso->low_svma);
	info.end_ip = base + (fde.limit_svma - dso->low_svma);
	info.u.rti.segbase = info.start_ip;
	info.u.rti.table_data = TABLE_POSITION;
	info.u.rti.table_len = sizeof state->table_entry / sizeof(unw_word_t);
	info.load_offset = fde.absolute ? base - dso->low_svma : 0;
	if (UNW_OBJ(dwarf_search_unwind_table)(space, ip, &info, proc, need, arg) < 0)
		return fail(state, HW_END_BAD_CFI);
	state->found_nothing = false;
	return 0;
}

static void put_unwind_info(unw_addr_space_t space, unw_proc_info_t *proc, void *arg)
{
	(void)space, (void)proc, (void)arg;
}

static int get_dyn_info_list_addr(unw_addr_space_t space, unw_word_t *list, void *arg)
{
	(void)space, (void)list, (void)arg;
	return -UNW_ENOINFO;
}

/* A word of a DSO's file; the part of it that lies behind the end is 0, since libunwind reads aligned words. */
static int read_position(struct state *state, uint64_t position, unw_word_t *value)
{
	const struct hw_dso_cfi *dso;
	uint64_t svma;
	const uint8_t *at;

	*value = 0;
	if (position == TABLE_POSITION) {
		*value = state->table_entry;
		return 0;
	}
	dso = dso_of(state, position);
	if (!dso)
		return fail(state, HW_END_BAD_CFI);
	svma = svma_of(dso, position);
	at = hw_elf_at_svma(dso->elf, svma, sizeof *value);
	if (at) {
		memcpy(value, at, sizeof *value);
		return 0;
	}
	for (uint64_t i = 0; i < sizeof *value; i++) {
		at = hw_elf_at_svma(dso->elf, svma + i, 1);
		if (at)
			*value |= (uint64_t)*at << 8 * i;
		else if (i == 0)
			return fail(state, HW_END_BAD_CFI);
	}
	return 0;
}

static int access_mem(unw_addr_space_t space, unw_word_t avma, unw_word_t *value, int write, void *arg)
{
	struct state *state = arg;

	(void)space;
	if (write) /* unw_set_reg(UNW_REG_IP) would store the position; the cursor alone has to know it */
		return 0;
	if (avma & POSITION)
		return read_position(state, avma, value);
	if (hw_walk_read(state->walk, avma, value))
		return 0;
	for (size_t i = 0; i < state->below_count; i++)
		if (state->below[i].avma == avma) {
			*value = state->below[i].value;
			return 0;
		}
	return fail(state, hw_walk_why_missing(state->walk, avma));
}

static int access_reg(unw_addr_space_t space, unw_regnum_t reg, unw_word_t *value, int write, void *arg)
{
	struct state *state = arg;
	const struct hw_regs *regs = &state->walk->regs;

	(void)space;
	if (write)
		return 0;
	if (reg == HW_REG_PC) {
		*value = state->pc_position;
		return 0;
	}
	if (reg < 0 || !hw_regs_has(regs, (unsigned)reg))
		return -UNW_EBADREG;
	*value = regs->value[reg];
	return 0;
}

static int access_fpreg(unw_addr_space_t space, unw_regnum_t reg, unw_fpreg_t *value, int write, void *arg)
{
	(void)space, (void)reg, (void)value, (void)write, (void)arg;
	return -UNW_EBADREG;
}

static int resume(unw_addr_space_t space, unw_cursor_t *cursor, void *arg)
{
	(void)space, (void)cursor, (void)arg;
	return -UNW_EINVAL;
}

static int get_proc_name(unw_addr_space_t space, unw_word_t ip, char *name, size_t size, unw_word_t *offset,
			 void *arg)
{
	(void)space, (void)ip, (void)name, (void)size, (void)offset, (void)arg;
	return -UNW_ENOINFO;
}

/* --- The walk ----------------------------------------------------------------------------------------- */

/* In an epilogue, CFI goes on naming the slots of registers that were popped already: they lie below the stack
 * pointer, outside the copy. Their values are still in the registers. Only the frame the walk starts with can be
 * in that state, so this is done once, after the first step. */
static void note_slots_below(struct state *state, unw_cursor_t *cursor)
{
	const struct hw_regs *regs = &state->walk->regs;

	for (const uint8_t *reg = hw_regs_callee_saved(); *reg != HW_REG_COUNT; reg++) {
		unw_save_loc_t slot;

		if (!hw_regs_has(regs, *reg) || unw_get_save_loc(cursor, *reg, &slot) < 0)
			continue;
		if (slot.type == UNW_SLT_MEMORY && slot.u.addr < state->walk->stack_avma &&
		    state->below_count < BELOW_MAX)
			state->below[state->below_count++] =
				(struct below_slot){ .avma = slot.u.addr, .value = regs->value[*reg] };
	}
}

/* What the registers are in the frame the cursor stands at, for another engine. */
static void take_registers(struct state *state, unw_cursor_t *cursor, uint64_t pc_avma)
{
	struct hw_regs regs = { 0 };

	for (int reg = 0; reg < HW_REG_COUNT; reg++) {
		unw_word_t value;

		if (reg != HW_REG_PC && unw_get_reg(cursor, reg, &value) >= 0)
			hw_regs_set(&regs, (unsigned)reg, value);
	}
	hw_regs_set(&regs, HW_REG_PC, pc_avma);
	state->walk->regs = regs;
}

static bool locate(const struct state *state, uint64_t pc_avma, uint64_t *position, enum hw_stack_end *why)
{
	struct hw_walk_place place;

	if (!hw_walk_locate(state->walk, pc_avma, state->walk->kind, &place, why))
		return false;
	*why = HW_END_NO_CFI;
	if (hw_cfi_is_empty(&place.dso->cfi) || !fits(&place))
		return false;
	*position = position_of(&place, state->walk->kind);
	return true;
}

/* What unw_is_signal_frame tells of the cursor: on AArch64, whether it stands at a trampoline, known by its code; elsewhere
 * whether it has come over one. */
#if defined(__aarch64__)
#define TOLD_BEFORE_STEP true
#else
#define TOLD_BEFORE_STEP false
#endif

/* Step once. False with *end when the stack ends here. */
static bool step(struct state *state, unw_cursor_t *cursor, uint64_t *sp_avma, uint64_t *pc_avma,
		 enum hw_stack_end *end)
{
	bool over_signal_frame = TOLD_BEFORE_STEP && unw_is_signal_frame(cursor) > 0;
	unw_word_t pc;
	unw_word_t sp;
	int moved;

	state->why = HW_END_BAD_CFI;
	state->found_nothing = false;
	moved = unw_step(cursor);
	if (moved < 0) {
		if (state->found_nothing)
			take_registers(state, cursor, *pc_avma);
		else
			state->walk->regs.known = 0;
		*end = state->why;
		return false;
	}
	*end = HW_END_ROOT;
	if (moved == 0)
		return false;
	if (unw_get_reg(cursor, UNW_REG_IP, &pc) < 0 || unw_get_reg(cursor, UNW_REG_SP, &sp) < 0) {
		state->walk->regs.known = 0;
		*end = state->why;
		return false;
	}
	if (!TOLD_BEFORE_STEP)
		over_signal_frame = unw_is_signal_frame(cursor) > 0;
	pc = hw_regs_strip(pc);
	if (!hw_walk_push_caller(state->walk, pc, sp, *sp_avma, over_signal_frame, HW_ORIGIN_CFI, end)) {
		state->walk->regs.known = 0;
		return false;
	}
	*pc_avma = pc;
	*sp_avma = sp;
	return true;
}

static enum hw_stack_end walk_stack(struct state *state)
{
	struct hw_walk *walk = state->walk;
	uint64_t pc_avma = walk->regs.value[HW_REG_PC];
	uint64_t sp_avma = walk->regs.value[HW_REG_SP];
	bool at_start = walk->kind == HW_FRAME_IP;
	unw_cursor_t cursor;
	enum hw_stack_end end;
	uint64_t position;

	if (!locate(state, pc_avma, &position, &end))
		return end;
	/* A fresh cursor looks its pc up as it stands, so a return address is handed over one byte earlier. */
	state->pc_position = walk->kind == HW_FRAME_IP ? position : (position - 1) | POSITION_IP;
	if (unw_init_remote(&cursor, state->space, state) < 0)
		return HW_END_BAD_CFI;
	for (;;) {
		if (!step(state, &cursor, &sp_avma, &pc_avma, &end))
			return end;
		if (at_start)
			note_slots_below(state, &cursor);
		at_start = false;
		if (!locate(state, pc_avma, &position, &end)) {
			take_registers(state, &cursor, pc_avma);
			return end;
		}
		unw_set_reg(&cursor, UNW_REG_IP, position);
	}
}

static enum hw_stack_end engine_walk(void *opaque, struct hw_walk *walk)
{
	struct state *state = opaque;
	enum hw_stack_end end;

	state->walk = walk;
	state->below_count = 0;
	end = walk_stack(state);
	state->walk = NULL;
	return end;
}

static void *engine_start(void)
{
	static unw_accessors_t accessors = {
		.find_proc_info = find_proc_info,
		.put_unwind_info = put_unwind_info,
		.get_dyn_info_list_addr = get_dyn_info_list_addr,
		.access_mem = access_mem,
		.access_reg = access_reg,
		.access_fpreg = access_fpreg,
		.resume = resume,
		.get_proc_name = get_proc_name,
	};
	struct state *state = hw_alloc(1, sizeof *state);

	state->space = unw_create_addr_space(&accessors, 0);
	if (state->space) {
		unw_set_caching_policy(state->space, UNW_CACHE_GLOBAL);
		/* The first call of libunwind 1.6 sets up the cache, of 128 rules whatever it was asked for
		 * (dwarf_flush_rs_cache()); the second makes it larger. Failing, it is small. */
		unw_set_cache_size(state->space, CACHE_RULES, 0);
		unw_set_cache_size(state->space, CACHE_RULES, 0);
	}
	return state;
}

static void engine_stop(void *opaque)
{
	struct state *state = opaque;

	if (state->space) {
		/* Destroying it does not unmap the cache; resizing does, so that little is left behind. */
		unw_set_cache_size(state->space, CACHE_RULES_LAST, 0);
		unw_destroy_addr_space(state->space);
	}
	free(state);
}

#else /* another architecture: hw_unwind never gets as far as an engine */

static void *engine_start(void)
{
	return hw_alloc(1, 1);
}

static void engine_stop(void *state)
{
	free(state);
}

static enum hw_stack_end engine_walk(void *state, struct hw_walk *walk)
{
	(void)state, (void)walk;
	return HW_END_NO_CFI;
}

#endif

const struct hw_unwind_engine hw_engine_libunwind = {
	.name = "libunwind",
	.start = engine_start,
	.stop = engine_stop,
	.walk = engine_walk,
};
