/* Stacks of real programs by every engine, for tests/peers and tests/cli.
 *
 *	unwind_tool compare [-v] -- COMMAND...	record it, unwind every sample by each engine, compare
 *	unwind_tool stopped PID [METHOD]	every thread of a stopped process: TID, then one pc per line
 *
 * compare prints "samples N identical N different N ...", where samples that differ for a known reason are neither of the
 * two; then these by reason, and how the stacks ended. It exits with 1 when two engines found different frames for no known
 * reason, 77 when this machine does not let us record. METHOD: auto, rules, libunwind, libdw. */
#include "process/proc_maps.h"
#include "tests/lib/engines.h"
#include "tests/lib/live.h"
#include "unwind/unwind.h"

#include <asm/perf_regs.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#define SKIP 77
#define DIFFERENCES_SHOWN 5

/* --- compare ------------------------------------------------------------------------------------------ */

/* How the frames of one sample compare: the known kinds of difference, each with its reason. */
enum verdict {
	SAME,
	LIBUNWIND_WITHOUT_RULES,
	LIBUNWIND_UNAWARE,
	LIBDW_GOES_ON,
	OTHERS_LOST,
	DIFFERENT,
	VERDICTS
};

static const char *const reasons[VERDICTS] = {
	[SAME] = "same frames, same end",
	[LIBUNWIND_WITHOUT_RULES] = "libunwind is not given .debug_frame, where the others go on",
	[LIBUNWIND_UNAWARE] = "libunwind does not know of a planted return address, where rules end",
	[LIBDW_GOES_ON] = "libdw goes on, or finds no rule, behind where a stack of Go or a context begins",
	[OTHERS_LOST] = "only rules mend the CFA of AArch64's _dl_runtime_resolve and take signatures off",
	[DIFFERENT] = "unexplained",
};

struct comparison {
	struct hw_process_table *processes;
	struct hw_unwinder *unwinders[ENGINES];
	struct hw_frames frames[ENGINES];
	uint64_t samples;
	uint64_t verdicts[VERDICTS];
	uint64_t ends[ENGINES][HW_END_COUNT];
	uint64_t frame_count;
	bool verbose;
};

static const char *place_of(struct hw_process *process, uint64_t avma, uint64_t *foff)
{
	const struct hw_mapping *mapping = hw_mappings_find(&process->mappings, avma);

	*foff = mapping ? hw_mapping_foff(mapping, avma) : avma;
	return mapping ? hw_dso_path(mapping->dso) : "?";
}

static void show(struct hw_process *process, const char *name, const struct hw_frames *frames)
{
	printf("  %s: %zu frames, %s\n", name, frames->count, hw_stack_end_name(frames->end));
	for (size_t i = 0; i < frames->count; i++) {
		uint64_t foff;
		const char *path = place_of(process, frames->at[i].avma, &foff);

		printf("    %2zu %012" PRIx64 " %s+%" PRIx64 " kind %d origin %d\n", i, frames->at[i].avma,
		       path, foff, (int)frames->at[i].kind, (int)frames->at[i].origin);
	}
}

static bool same_frames(const struct hw_frames *a, const struct hw_frames *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->at[i].avma != b->at[i].avma || a->at[i].kind != b->at[i].kind)
			return false;
	return true;
}

static bool same(const struct hw_frames *a, const struct hw_frames *b)
{
	return a->end == b->end && same_frames(a, b);
}

/* How many frames both begin with. */
static size_t common_frames(const struct hw_frames *a, const struct hw_frames *b)
{
	size_t count = 0;

	while (count < a->count && count < b->count && a->at[count].avma == b->at[count].avma)
		count++;
	return count;
}

/* Rules know where stacks of Go and of makecontext() begin; libdw may go on from there, by frame pointers too, into what is
 * no caller. */
static bool has_all_of_rules(const struct hw_frames *rules, const struct hw_frames *other)
{
	return rules->end == HW_END_ROOT && common_frames(rules, other) == rules->count;
}

/* Rules mend the CFA of glibc's _dl_runtime_resolve on AArch64 (rule.c); the others get lost behind it, or find a 0 where
 * they look for a return address, and take it for the root. */
static bool is_lost(const struct hw_frames *rules, const struct hw_frames *other)
{
#if defined(__aarch64__)
	return rules->end == HW_END_ROOT && common_frames(rules, other) >= 2 &&
	       (other->end != HW_END_ROOT || other->count < rules->count);
#else
	(void)rules, (void)other;
	return false;
#endif
}

static enum verdict judge(const struct comparison *c)
{
	const struct hw_frames *rules = &c->frames[RULES];
	const struct hw_frames *libunwind = &c->frames[LIBUNWIND];
	const struct hw_frames *libdw = &c->frames[LIBDW];

	if (!same(rules, libdw)) {
		if (is_lost(rules, libdw))
			return OTHERS_LOST;
		if (!has_all_of_rules(rules, libdw))
			return DIFFERENT;
	}
	if (same(rules, libunwind))
		return same(rules, libdw) ? SAME : LIBDW_GOES_ON;
	if (libunwind->end == HW_END_NO_CFI && has_all_of_rules(rules, libunwind))
		return LIBUNWIND_UNAWARE;
	if (libunwind->end == HW_END_NO_CFI && common_frames(rules, libunwind) == libunwind->count)
		return LIBUNWIND_WITHOUT_RULES;
	return is_lost(rules, libunwind) ? OTHERS_LOST : DIFFERENT;
}

static void compare_sample(struct comparison *c, const struct hw_sample *sample)
{
	struct hw_process *process = hw_process_table_get(c->processes, sample->pid);
	enum verdict verdict;

	for (size_t i = 0; i < ENGINES; i++) {
		hw_unwind(c->unwinders[i], sample, process, &c->frames[i]);
		c->ends[i][c->frames[i].end]++;
	}
	c->samples++;
	c->frame_count += c->frames[AUTO].count;
	verdict = judge(c);
	c->verdicts[verdict]++;
	if (verdict == DIFFERENT && c->verdicts[DIFFERENT] <= DIFFERENCES_SHOWN) {
		printf("difference at sp %" PRIx64 "\n", hw_sample_reg(&sample->user_regs, 7));
		for (size_t i = RULES; i < ENGINES; i++)
			show(process, engines[i].name, &c->frames[i]);
	}
	if (c->verbose && c->frames[AUTO].end != HW_END_ROOT && c->frames[AUTO].end != HW_END_KERNEL_ONLY)
		show(process, "incomplete", &c->frames[AUTO]);
}

static void compare_record(const struct hw_record *record, void *arg)
{
	struct comparison *c = arg;

	if (record->type == PERF_RECORD_SAMPLE)
		compare_sample(c, &record->sample);
	else
		hw_process_table_apply(c->processes, record);
}

static int compare(char **argv, bool verbose)
{
	static struct comparison c;
	struct hw_dso_table *dsos = hw_dso_table_new();
	const struct hw_live_config config = {
		.argv = argv,
		.freq_hz = 999,
		.stack_size_bytes = 60 * 1024,
		.user_regs_mask = hw_unwind_regs_mask(),
		.with_kernel = true,
		.each = compare_record,
		.arg = &c,
	};
	struct hw_err err = { 0 };
	int status;

	c.verbose = verbose;
	c.processes = hw_process_table_new(dsos);
	for (size_t i = 0; i < ENGINES; i++)
		c.unwinders[i] = hw_unwinder_new(engines[i].method);
	status = hw_live_record(&config, &err);
	printf("samples %" PRIu64 " identical %" PRIu64 " different %" PRIu64 " frames %" PRIu64 "\n",
	       c.samples, c.verdicts[SAME], c.verdicts[DIFFERENT], c.frame_count);
	for (size_t i = SAME + 1; i < VERDICTS; i++)
		if (c.verdicts[i])
			printf("not the same: %" PRIu64 " %s\n", c.verdicts[i], reasons[i]);
	for (size_t i = 0; i < ENGINES; i++)
		for (size_t end = 0; end < HW_END_COUNT; end++)
			if (c.ends[i][end])
				printf("%s ended %s: %" PRIu64 "\n", engines[i].name,
				       hw_stack_end_name((enum hw_stack_end)end), c.ends[i][end]);
	for (size_t i = 0; i < ENGINES; i++)
		hw_unwinder_free(c.unwinders[i]);
	hw_process_table_free(c.processes);
	hw_dso_table_free(dsos);
	if (status < 0) {
		fprintf(stderr, "unwind_tool: %s\n", err.message);
		return SKIP;
	}
	return c.verdicts[DIFFERENT] ? 1 : 0;
}

/* --- stopped ------------------------------------------------------------------------------------------ */

#if defined(__x86_64__)

/* perf's numbering of struct user_regs_struct. */
static void take_registers(uint64_t *words, const struct user_regs_struct *from)
{
	words[PERF_REG_X86_AX] = from->rax;
	words[PERF_REG_X86_BX] = from->rbx;
	words[PERF_REG_X86_CX] = from->rcx;
	words[PERF_REG_X86_DX] = from->rdx;
	words[PERF_REG_X86_SI] = from->rsi;
	words[PERF_REG_X86_DI] = from->rdi;
	words[PERF_REG_X86_BP] = from->rbp;
	words[PERF_REG_X86_SP] = from->rsp;
	words[PERF_REG_X86_IP] = from->rip;
	words[PERF_REG_X86_R8] = from->r8;
	words[PERF_REG_X86_R9] = from->r9;
	words[PERF_REG_X86_R10] = from->r10;
	words[PERF_REG_X86_R11] = from->r11;
	words[PERF_REG_X86_R12] = from->r12;
	words[PERF_REG_X86_R13] = from->r13;
	words[PERF_REG_X86_R14] = from->r14;
	words[PERF_REG_X86_R15] = from->r15;
}

static bool read_thread(pid_t tid, uint64_t *words)
{
	struct user_regs_struct regs;
	struct iovec into = { .iov_base = &regs, .iov_len = sizeof regs };
	int status;

	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0)
		return false;
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 || waitpid(tid, &status, __WALL) != tid ||
	    ptrace(PTRACE_GETREGSET, tid, (void *)1, &into) < 0)
		return false;
	take_registers(words, &regs);
	ptrace(PTRACE_DETACH, tid, NULL, NULL);
	return true;
}

static uint64_t read_stack(pid_t pid, uint64_t sp_avma, uint8_t *stack, size_t size)
{
	/* Up to the end of the stack's mapping: a read past it comes back short, page by page. */
	for (size_t left = size; left; left -= 4096) {
		const struct iovec local = { .iov_base = stack, .iov_len = left };
		const struct iovec remote = { .iov_base = (void *)(uintptr_t)sp_avma, .iov_len = left };
		const ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);

		if (got > 0)
			return (uint64_t)got & ~UINT64_C(7);
	}
	return 0;
}

static int print_thread(struct hw_unwinder *unwinder, struct hw_process *process, pid_t tid)
{
	static uint8_t stack[256 * 1024];
	static struct hw_frames frames;
	uint64_t words[HW_SAMPLE_REGS_MAX] = { 0 };
	uint8_t packed[sizeof words];
	struct hw_sample sample = { .pid = process->pid,
				    .tid = (uint32_t)tid,
				    .cpumode = PERF_RECORD_MISC_USER };
	size_t count = 0;

	if (!read_thread(tid, words))
		return -1;
	sample.ip_avma = words[PERF_REG_X86_IP];
	sample.user_regs.abi = PERF_SAMPLE_REGS_ABI_64;
	sample.user_regs.mask = hw_unwind_regs_mask();
	for (size_t reg = 0; reg < HW_SAMPLE_REGS_MAX; reg++)
		if (sample.user_regs.mask >> reg & 1)
			memcpy(packed + 8 * count++, &words[reg], 8);
	sample.user_regs.values = packed;
	sample.user_stack = stack;
	sample.user_stack_size = read_stack((pid_t)process->pid, words[PERF_REG_X86_SP], stack, sizeof stack);
	hw_unwind(unwinder, &sample, process, &frames);
	printf("thread %d %s\n", (int)tid, hw_stack_end_name(frames.end));
	for (size_t i = 0; i < frames.count; i++)
		printf("0x%016" PRIx64 "\n", frames.at[i].avma);
	return 0;
}

static int stopped(pid_t pid, enum hw_unwind_method method)
{
	struct hw_dso_table *dsos = hw_dso_table_new();
	struct hw_process_table *processes = hw_process_table_new(dsos);
	struct hw_unwinder *unwinder = hw_unwinder_new(method);
	struct hw_err err = { 0 };
	pid_t *tids = NULL;
	size_t count = 0;
	int status = hw_proc_tids(pid, &tids, &count, &err);

	for (size_t i = 0; i < count && status == 0; i++)
		status = print_thread(unwinder, hw_process_table_get(processes, (uint32_t)pid), tids[i]);
	if (status < 0)
		fprintf(stderr, "unwind_tool: process %d: %s\n", (int)pid,
			err.message[0] ? err.message : strerror(errno));
	free(tids);
	hw_unwinder_free(unwinder);
	hw_process_table_free(processes);
	hw_dso_table_free(dsos);
	return status < 0 ? SKIP : 0;
}

#else

static int stopped(pid_t pid, enum hw_unwind_method method)
{
	(void)pid, (void)method;
	return SKIP;
}

#endif

static enum hw_unwind_method method_of(const char *name)
{
	for (size_t i = 0; i < ENGINES; i++)
		if (!strcmp(name, engines[i].name))
			return engines[i].method;
	return HW_UNWIND_AUTO;
}

int main(int argc, char **argv)
{
	bool verbose;

	if (argc >= 3 && !strcmp(argv[1], "stopped"))
		return stopped((pid_t)strtol(argv[2], NULL, 10), method_of(argc > 3 ? argv[3] : "auto"));
	verbose = argc >= 3 && !strcmp(argv[2], "-v");
	if (argc < (verbose ? 5 : 4) || strcmp(argv[1], "compare")) {
		fprintf(stderr, "usage: unwind_tool compare [-v] -- COMMAND... | stopped PID [METHOD]\n");
		return 2;
	}
	return compare(argv + (verbose ? 4 : 3), verbose);
}
