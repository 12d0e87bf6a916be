/* CFI by libdw: the second opinion, and the one that reads .debug_frame. */
#include "unwind/walk.h"

#include "base/map.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>

/* Sets of mappings kept open; the one not used for longest makes room. */
#define SETS 16

/* libdwfl's view of the files mapped in a process. Forked processes share one as long as they map the same. */
struct module_set {
	Dwfl *dwfl;
	uint64_t hash; /* of the mappings */
	uint64_t used; /* when last, in walks */
};

struct state {
	struct module_set sets[SETS];
	uint64_t walks;
	struct hw_walk *walk;	/* during a walk: what the callbacks serve */
	Dwfl *dwfl;		/* likewise; borrowed from sets */
	struct hw_regs sampled; /* registers the walk starts with */
	uint64_t sp_avma;	/* of the frame found last */
	bool first;
	bool over_signal; /* the frame found last is a signal trampoline */
	bool read_failed;
	enum hw_stack_end end;
};

/* --- Modules ------------------------------------------------------------------------------------------ */

/* Give libdwfl the image that is in memory already, so that it opens no file of its own. */
static int find_elf(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base, char **file_name,
		    Elf **elf)
{
	const struct hw_elf *image = *userdata;

	(void)module, (void)name, (void)base, (void)file_name;
	*elf = hw_elf_handle(image);
	return -1;
}

static int find_debuginfo(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
			  const char *file_name, const char *link, GElf_Word crc, char **found)
{
	(void)module, (void)userdata, (void)name, (void)base;
	(void)file_name, (void)link, (void)crc, (void)found;
	return -1;
}

static uint64_t hash_mappings(const struct hw_mappings *mappings)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < mappings->list.count; i++) {
		const struct hw_mapping *mapping = &mappings->list.at[i];

		hash = hw_hash_mix(hash, mapping->start_avma);
		hash = hw_hash_mix(hash, mapping->limit_avma);
		hash = hw_hash_mix(hash, mapping->file_foff);
		/* A DSO whose file is read later changes what there is to report. */
		hash = hw_hash_mix(hash, (uint64_t)hw_dso_index(mapping->dso) * 2 +
						 (hw_dso_elf(mapping->dso) != NULL));
	}
	return hash;
}

/* What to add to the file's addresses where this mapping put them: by the executable segment that the mapping
 * shows. (Its first byte can belong to the segment before, when both have a part of the page.) */
static bool find_bias(const struct hw_elf *elf, const struct hw_mapping *mapping, uint64_t *bias)
{
	const uint64_t limit_foff = mapping->file_foff + (mapping->limit_avma - mapping->start_avma);

	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct hw_elf_segment *segment = &elf->segments[i];

		if (!(segment->flags & PF_X) || segment->file_foff >= limit_foff ||
		    segment->file_foff + segment->file_size <= mapping->file_foff)
			continue;
		*bias = mapping->start_avma - mapping->file_foff + segment->file_foff - segment->vaddr_svma;
		return true;
	}
	return false;
}

/* One mapping's file. What cannot be reported (it overlaps another, ...) is left out. */
static void report_module(Dwfl *dwfl, struct hw_cfi_set *cfis, const struct hw_mapping *mapping)
{
	const struct hw_dso_cfi *dso = hw_cfi_set_get(cfis, mapping->dso);
	uint64_t bias, low_avma, limit_avma;
	uint64_t low_svma = UINT64_MAX;
	void **userdata;
	Dwfl_Module *module;

	if (!dso || !dso->span || !find_bias(dso->elf, mapping, &bias))
		return;
	for (size_t i = 0; i < dso->elf->segment_count; i++)
		if (dso->elf->segments[i].vaddr_svma < low_svma)
			low_svma = dso->elf->segments[i].vaddr_svma;
	low_svma &= ~UINT64_C(0xfff);
	low_avma = bias + low_svma;
	if (__builtin_add_overflow(low_avma, dso->low_svma + dso->span - low_svma, &limit_avma))
		return;
	module = dwfl_report_module(dwfl, hw_dso_path(mapping->dso), low_avma, limit_avma);
	if (module && dwfl_module_info(module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL))
		*userdata = (void *)(uintptr_t)dso->elf;
}

/* --- What libdwfl asks for ---------------------------------------------------------------------------- */

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread_arg)
{
	(void)dwfl;
	if (*thread_arg)
		return 0;
	*thread_arg = arg;
	return 1;
}

/* The register whose saved slot, as the leaf's CFI has it, is at avma: an epilogue has popped it already, so the
 * slot is below the stack pointer and the value still in the register. */
static bool read_below(const struct state *state, Dwfl *dwfl, uint64_t avma, Dwarf_Word *value)
{
	const uint64_t pc_avma = state->sampled.value[HW_REG_PC];
	Dwfl_Module *module = dwfl_addrmodule(dwfl, pc_avma);
	Dwarf_Addr bias;
	Dwarf_CFI *cfi = module ? dwfl_module_eh_cfi(module, &bias) : NULL;
	Dwarf_Frame *frame;
	Dwarf_Op *ops;
	size_t count;
	bool found = false;

	if (!cfi || dwarf_cfi_addrframe(cfi, pc_avma - bias, &frame) != 0)
		return false;
	/* The CFA of an epilogue is the stack pointer and an offset, which libdw shows as one DW_OP_bregx. */
	if (dwarf_frame_cfa(frame, &ops, &count) == 0 && count == 1 && ops[0].atom == DW_OP_bregx &&
	    ops[0].number == HW_REG_SP) {
		const uint64_t cfa_avma = state->sampled.value[HW_REG_SP] + ops[0].number2;

		for (const uint8_t *reg = hw_regs_callee_saved(); *reg != HW_REG_COUNT && !found; reg++) {
			Dwarf_Op memory[3];

			if (dwarf_frame_register(frame, *reg, memory, &ops, &count) != 0 || count != 2)
				continue;
			if (ops[0].atom == DW_OP_call_frame_cfa && ops[1].atom == DW_OP_plus_uconst &&
			    cfa_avma + ops[1].number == avma && hw_regs_has(&state->sampled, *reg)) {
				*value = state->sampled.value[*reg];
				found = true;
			}
		}
	}
	free(frame);
	return found;
}

static bool memory_read(Dwfl *dwfl, Dwarf_Addr avma, Dwarf_Word *value, void *arg)
{
	struct state *state = arg;
	uint64_t word;

	if (hw_walk_read(state->walk, avma, &word)) {
		*value = word;
		return true;
	}
	if (avma < state->walk->stack_avma && !state->walk->on_other_stack &&
	    read_below(state, dwfl, avma, value))
		return true;
	if (hw_walk_why_missing(state->walk, avma) != HW_END_BAD_CFI)
		state->read_failed = true;
	return false;
}

static bool set_initial_registers(Dwfl_Thread *thread, void *arg)
{
	const struct state *state = arg;
	const struct hw_regs *regs = &state->walk->regs;

	/* libdwfl takes the pc of x86-64 as register 16 and that of AArch64 apart. It looks the first pc up as it
	 * stands, so a return address is handed over one byte earlier. */
	for (unsigned reg = 0; reg < HW_REG_COUNT; reg++) {
		const bool back = reg == HW_REG_PC && state->walk->kind == HW_FRAME_RETURN_ADDRESS;
		const Dwarf_Word value = regs->value[reg] - (back ? 1 : 0);

		if (reg == HW_REG_PC && HW_REG_PC != HW_REG_RA)
			dwfl_thread_state_register_pc(thread, value);
		else if (hw_regs_has(regs, reg) && !dwfl_thread_state_registers(thread, (int)reg, 1, &value))
			return false;
	}
	return true;
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.memory_read = memory_read,
	.set_initial_registers = set_initial_registers,
};

/* --- The walk ----------------------------------------------------------------------------------------- */

/* Does .debug_frame say anything about this address? */
static bool has_debug_frame_rules(Dwfl *dwfl, uint64_t avma)
{
	Dwfl_Module *module = dwfl_addrmodule(dwfl, avma);
	Dwarf_Addr bias;
	Dwarf_CFI *cfi = module ? dwfl_module_dwarf_cfi(module, &bias) : NULL;
	Dwarf_Frame *frame;

	if (!cfi || dwarf_cfi_addrframe(cfi, avma - bias, &frame) != 0)
		return false;
	free(frame);
	return true;
}

/* Without CFI libdwfl follows the frame pointer unchecked. Is there CFI for the frame found last? */
static bool has_rules(struct state *state)
{
	const struct hw_walk *walk = state->walk;
	const struct hw_frame *last = &walk->frames->at[walk->frames->count - 1];
	struct hw_walk_place place;
	struct hw_cfi_fde fde;
	enum hw_stack_end why;
	const uint64_t pc_avma = state->first ? state->sampled.value[HW_REG_PC] : last->avma;

	state->over_signal = false;
	if (!hw_walk_locate(walk, pc_avma, walk->kind, &place, &why))
		return false;
	hw_cfi_wait(&place.dso->cfi);
	if (hw_cfi_find(&place.dso->cfi, place.svma, &fde) != HW_CFI_FOUND)
		return place.dso->has_debug_frame &&
		       has_debug_frame_rules(state->dwfl, walk->kind == HW_FRAME_IP ? pc_avma : pc_avma - 1);
	state->over_signal = fde.signal_frame;
	return true;
}

static int take_frame(Dwfl_Frame *frame, void *arg)
{
	struct state *state = arg;
	struct hw_walk *walk = state->walk;
	Dwarf_Addr pc;
	Dwarf_Word sp;

	if (state->first && state->end == HW_END_COUNT) { /* the frame we started with */
		state->end = HW_END_ROOT;
		return has_rules(state) ? DWARF_CB_OK : DWARF_CB_ABORT;
	}
	state->first = false;
	if (!dwfl_frame_pc(frame, &pc, NULL) || dwfl_frame_reg(frame, HW_REG_SP, &sp) != 0) {
		state->end = HW_END_BAD_CFI;
		return DWARF_CB_ABORT;
	}
	pc = hw_regs_strip(pc);
	if (!hw_walk_push_caller(walk, pc, sp, state->sp_avma, state->over_signal, HW_ORIGIN_CFI,
				 &state->end)) {
		walk->regs.known = 0;
		return DWARF_CB_ABORT;
	}
	state->sp_avma = sp;
	for (unsigned reg = 0; reg < HW_REG_COUNT; reg++) {
		Dwarf_Word value;

		if (dwfl_frame_reg(frame, reg, &value) == 0)
			hw_regs_set(&walk->regs, reg, value);
		else
			walk->regs.known &= ~(UINT64_C(1) << reg);
	}
	hw_regs_set(&walk->regs, HW_REG_PC, pc);
	return has_rules(state) ? DWARF_CB_OK : DWARF_CB_ABORT;
}

static Dwfl *open_set(struct state *state, struct hw_walk *walk)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = find_elf,
		.find_debuginfo = find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);

	if (!dwfl)
		return NULL;
	dwfl_report_begin(dwfl);
	for (size_t i = 0; i < walk->mappings->list.count; i++)
		report_module(dwfl, walk->cfis, &walk->mappings->list.at[i]);
	dwfl_report_end(dwfl, NULL, NULL);
	if (!dwfl_attach_state(dwfl, NULL, 1, &thread_callbacks, state)) {
		dwfl_end(dwfl);
		return NULL;
	}
	return dwfl;
}

static Dwfl *find_set(struct state *state, struct hw_walk *walk)
{
	const uint64_t hash = hash_mappings(walk->mappings);
	struct module_set *oldest = &state->sets[0];

	state->walks++;
	for (size_t i = 0; i < SETS; i++) {
		struct module_set *set = &state->sets[i];

		if (set->dwfl && set->hash == hash) {
			set->used = state->walks;
			return set->dwfl;
		}
		if (set->used < oldest->used)
			oldest = set;
	}
	dwfl_end(oldest->dwfl);
	*oldest = (struct module_set){ .dwfl = open_set(state, walk), .hash = hash, .used = state->walks };
	return oldest->dwfl;
}

/* What libdwfl's walk came to an end for, when none of our callbacks said so. */
static enum hw_stack_end end_of_walk(struct state *state, int status)
{
	struct hw_walk_place place;
	enum hw_stack_end why;
	const struct hw_frame *last = &state->walk->frames->at[state->walk->frames->count - 1];

	/* A return address that could not be read counts as undefined for libdwfl. */
	if (state->read_failed)
		return state->walk->on_other_stack ? HW_END_OTHER_STACK : HW_END_TRUNCATED;
	if (status == DWARF_CB_OK)
		return HW_END_ROOT;
	if (status == DWARF_CB_ABORT && state->end != HW_END_ROOT)
		return state->end;
	if (!hw_walk_locate(state->walk, last->avma, state->walk->kind, &place, &why))
		return why;
	return has_rules(state) ? HW_END_BAD_CFI : HW_END_NO_CFI;
}

static enum hw_stack_end engine_walk(void *opaque, struct hw_walk *walk)
{
	struct state *state = opaque;
	Dwfl *dwfl = find_set(state, walk);
	struct hw_walk_place place;
	enum hw_stack_end end;
	int status;

	if (!hw_walk_locate(walk, walk->regs.value[HW_REG_PC], walk->kind, &place, &end))
		return end;
	if (!dwfl)
		return HW_END_NO_CFI;
	state->walk = walk;
	state->dwfl = dwfl;
	state->sampled = walk->regs;
	state->sp_avma = walk->regs.value[HW_REG_SP];
	state->first = true;
	state->read_failed = false;
	state->end = HW_END_COUNT;
	status = dwfl_getthread_frames(dwfl, 1, take_frame, state);
	end = end_of_walk(state, status);
	state->walk = NULL;
	return end;
}

static void *engine_start(void)
{
	elf_version(EV_CURRENT);
	return hw_alloc(1, sizeof(struct state));
}

static void engine_stop(void *opaque)
{
	struct state *state = opaque;

	for (size_t i = 0; i < SETS; i++)
		dwfl_end(state->sets[i].dwfl);
	free(state);
}

const struct hw_unwind_engine hw_engine_libdw = {
	.name = "libdw",
	.start = engine_start,
	.stop = engine_stop,
	.walk = engine_walk,
};
