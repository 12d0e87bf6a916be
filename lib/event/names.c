#include "event/names.h"

#include <linux/perf_event.h>

#define SPELLINGS_MAX 5

/* The spelling to suggest first; the rest means the same. NULL-terminated. The description of a cache, an operation or
 * a result is a part of the event's. */
struct known {
	uint64_t config;
	const char *spellings[SPELLINGS_MAX];
	const char *description;
};

static const struct known hardware[] = {
	{ PERF_COUNT_HW_CPU_CYCLES,
	  { "cycles", "cpu-cycles" },
	  "cycles of the core while it is not halted, at whatever frequency it runs" },
	{ PERF_COUNT_HW_INSTRUCTIONS, { "instructions" }, "instructions completed (retired)" },
	{ PERF_COUNT_HW_CACHE_REFERENCES,
	  { "cache-references", "cacheReferences" },
	  "accesses that reached a cache of the CPU's choice, mostly the last level" },
	{ PERF_COUNT_HW_CACHE_MISSES,
	  { "cache-misses", "cacheMisses" },
	  "those of cache-references that missed, mostly going on to memory" },
	{ PERF_COUNT_HW_BRANCH_INSTRUCTIONS,
	  { "branch-instructions", "branches", "branchInstructions" },
	  "branch instructions completed, taken or not" },
	{ PERF_COUNT_HW_BRANCH_MISSES,
	  { "branch-misses", "branchMisses" },
	  "branches completed that were predicted wrong" },
	{ PERF_COUNT_HW_BUS_CYCLES,
	  { "bus-cycles" },
	  "cycles of the bus or of a reference clock, which may differ from the core's" },
	{ PERF_COUNT_HW_STALLED_CYCLES_FRONTEND,
	  { "stalled-cycles-frontend", "idle-cycles-frontend" },
	  "cycles in which the front end had no instructions to give" },
	{ PERF_COUNT_HW_STALLED_CYCLES_BACKEND,
	  { "stalled-cycles-backend", "idle-cycles-backend" },
	  "cycles in which the back end could take no instructions" },
	{ PERF_COUNT_HW_REF_CPU_CYCLES, { "ref-cycles" }, "cycles not halted, at a constant frequency" },
};

static const struct known software[] = {
	{ PERF_COUNT_SW_CPU_CLOCK,
	  { "cpu-clock" },
	  "time on the CPU by a timer of each CPU; samples where there is no PMU" },
	{ PERF_COUNT_SW_TASK_CLOCK, { "task-clock" }, "time the thread ran on a CPU" },
	{ PERF_COUNT_SW_PAGE_FAULTS,
	  { "page-faults", "faults" },
	  "first touches of pages that were not mapped yet, minor and major" },
	{ PERF_COUNT_SW_CONTEXT_SWITCHES,
	  { "context-switches", "cs" },
	  "times a thread left a CPU (happens in the kernel: nothing with :u)" },
	{ PERF_COUNT_SW_CPU_MIGRATIONS,
	  { "cpu-migrations", "migrations" },
	  "times a thread went on on another CPU (happens in the kernel)" },
	{ PERF_COUNT_SW_PAGE_FAULTS_MIN, { "minor-faults" }, "page faults served from memory" },
	{ PERF_COUNT_SW_PAGE_FAULTS_MAJ, { "major-faults" }, "page faults that had to wait for a disk" },
	{ PERF_COUNT_SW_ALIGNMENT_FAULTS,
	  { "alignment-faults" },
	  "unaligned accesses that the kernel carried out; never on x86" },
	{ PERF_COUNT_SW_EMULATION_FAULTS, { "emulation-faults" }, "instructions that the kernel emulated" },
	{ PERF_COUNT_SW_DUMMY, { "dummy" }, "counts nothing; carries mappings and process records only" },
	{ PERF_COUNT_SW_BPF_OUTPUT, { "bpf-output" }, "records that BPF programs write" },
	{ PERF_COUNT_SW_CGROUP_SWITCHES,
	  { "cgroup-switches" },
	  "context switches to a thread of another cgroup" },
};

static const struct known caches[] = {
	{ PERF_COUNT_HW_CACHE_L1D, { "L1-dcache", "L1-data", "l1-d", "l1d" }, "first-level data cache" },
	{ PERF_COUNT_HW_CACHE_L1I,
	  { "L1-icache", "L1-instruction", "l1-i", "l1i" },
	  "first-level instruction cache" },
	{ PERF_COUNT_HW_CACHE_LL, { "LLC" }, "last-level cache" },
	{ PERF_COUNT_HW_CACHE_DTLB, { "dTLB", "Data-TLB", "d-tlb" }, "data TLB" },
	{ PERF_COUNT_HW_CACHE_ITLB, { "iTLB", "Instruction-TLB", "i-tlb" }, "instruction TLB" },
	{ PERF_COUNT_HW_CACHE_BPU, { "branch", "bpu", "btb", "bpc" }, "branch predictor" },
	{ PERF_COUNT_HW_CACHE_NODE, { "node" }, "memory of the own NUMA node" },
};

static const struct known operations[] = {
	{ PERF_COUNT_HW_CACHE_OP_READ, { "loads", "load", "read" }, "reads" },
	{ PERF_COUNT_HW_CACHE_OP_WRITE, { "stores", "store", "write" }, "writes" },
	{ PERF_COUNT_HW_CACHE_OP_PREFETCH,
	  { "prefetches", "prefetch", "speculative-read", "speculative-load" },
	  "prefetches" },
};

static const struct known results[] = {
	{ PERF_COUNT_HW_CACHE_RESULT_ACCESS, { "refs", "ops", "access", "Reference" }, NULL },
	{ PERF_COUNT_HW_CACHE_RESULT_MISS, { "misses", "miss" }, NULL },
};

static const struct known *find_whole(const struct known *table, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < SPELLINGS_MAX && table[i].spellings[j]; j++)
			if (strcmp(table[i].spellings[j], name) == 0)
				return &table[i];
	return NULL;
}

/* The entry one of whose spellings *name begins with, up to its end or a '-'; steps *name behind both. No spelling
 * of a table is the beginning of another up to a '-', so that the first is the only one. */
static const struct known *take_word(const struct known *table, size_t count, const char **name)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < SPELLINGS_MAX && table[i].spellings[j]; j++) {
			const size_t length = strlen(table[i].spellings[j]);
			const char *end = *name + length;

			if (strncasecmp(*name, table[i].spellings[j], length) != 0 || (*end && *end != '-'))
				continue;
			*name = end + (end[0] == '-' && end[1]);
			return &table[i];
		}
	}
	return NULL;
}

/* Instruction caches are not written, and their TLB and the branch predictor not prefetched: the kernel has no such
 * event on any CPU. */
static bool cache_has_operation(uint64_t cache, uint64_t operation)
{
	switch (cache) {
	case PERF_COUNT_HW_CACHE_L1I:
		return operation != PERF_COUNT_HW_CACHE_OP_WRITE;
	case PERF_COUNT_HW_CACHE_ITLB:
	case PERF_COUNT_HW_CACHE_BPU:
		return operation == PERF_COUNT_HW_CACHE_OP_READ;
	default:
		return true;
	}
}

/* config = cache | operation << 8 | result << 16 (perf_event_open(2), PERF_TYPE_HW_CACHE). */
static bool find_cache(const char *name, uint64_t *config)
{
	const struct known *cache = take_word(caches, HW_COUNT_OF(caches), &name);
	const struct known *operation = cache ? take_word(operations, HW_COUNT_OF(operations), &name) : NULL;
	const struct known *result = cache ? take_word(results, HW_COUNT_OF(results), &name) : NULL;
	const uint64_t operation_id = operation ? operation->config : PERF_COUNT_HW_CACHE_OP_READ;
	const uint64_t result_id = result ? result->config : PERF_COUNT_HW_CACHE_RESULT_ACCESS;

	if (!cache || *name || !cache_has_operation(cache->config, operation_id))
		return false;
	*config = cache->config | operation_id << 8 | result_id << 16;
	return true;
}

bool hw_names_find(const char *name, uint32_t *type, uint64_t *config)
{
	const struct known *found = find_whole(hardware, HW_COUNT_OF(hardware), name);

	*type = PERF_TYPE_HARDWARE;
	if (!found) {
		found = find_whole(software, HW_COUNT_OF(software), name);
		*type = PERF_TYPE_SOFTWARE;
	}
	if (found) {
		*config = found->config;
		return true;
	}
	*type = PERF_TYPE_HW_CACHE;
	return find_cache(name, config);
}

bool hw_names_raw(const char *name, uint64_t *config)
{
	const char *digits = name + 1;
	const size_t length = name[0] == 'r' ? strlen(digits) : 0;

	if (!length || length > 16 || digits[strspn(digits, "0123456789abcdefABCDEF")])
		return false;
	*config = strtoull(digits, NULL, 16);
	return true;
}

const char *const *hw_names_spellings(const char *name)
{
	const struct known *found = find_whole(hardware, HW_COUNT_OF(hardware), name);

	return found ? found->spellings : NULL;
}

/* --- All of them ----------------------------------------------------------------------------------- */

static void describe_known(struct hw_generic *event, uint32_t type, const struct known *known)
{
	event->type = type;
	event->config = known->config;
	hw_copy_text(event->name, sizeof event->name, known->spellings[0]);
	event->aliases = known->spellings + 1;
	hw_copy_text(event->description, sizeof event->description, known->description);
}

/* The cache event of this place in a list of every cache x operation x result; false when no CPU has it. */
static bool describe_cache(struct hw_generic *event, size_t place)
{
	static const char *const no_aliases[] = { NULL };
	const bool misses = place % 2;
	const struct known *operation = &operations[place / 2 % HW_COUNT_OF(operations)];
	const struct known *cache = &caches[place / 2 / HW_COUNT_OF(operations)];

	if (!cache_has_operation(cache->config, operation->config))
		return false;
	event->type = PERF_TYPE_HW_CACHE;
	event->aliases = no_aliases;
	(void)snprintf(event->name, sizeof event->name, "%s-%s%s", cache->spellings[0],
		       operation->spellings[misses], misses ? "-misses" : "");
	(void)snprintf(event->description, sizeof event->description, "%s, %s%s", cache->description,
		       operation->description, misses ? " that missed" : "");
	return find_cache(event->name, &event->config);
}

bool hw_names_next(size_t *at, struct hw_generic *event)
{
	const size_t cache_count = HW_COUNT_OF(caches) * HW_COUNT_OF(operations) * 2;

	for (;;) {
		size_t place = (*at)++;

		if (place < HW_COUNT_OF(hardware)) {
			describe_known(event, PERF_TYPE_HARDWARE, &hardware[place]);
			return true;
		}
		place -= HW_COUNT_OF(hardware);
		if (place < HW_COUNT_OF(software)) {
			describe_known(event, PERF_TYPE_SOFTWARE, &software[place]);
			return true;
		}
		place -= HW_COUNT_OF(software);
		if (place >= cache_count)
			return false;
		if (describe_cache(event, place))
			return true;
	}
}

static void offer_caches(struct hw_nearest *nearest)
{
	struct hw_generic event;

	for (size_t at = 0; hw_names_next(&at, &event);)
		if (event.type == PERF_TYPE_HW_CACHE)
			hw_nearest_offer(nearest, event.name);
}

static void offer_table(struct hw_nearest *nearest, const struct known *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < SPELLINGS_MAX && table[i].spellings[j]; j++)
			hw_nearest_offer(nearest, table[i].spellings[j]);
}

void hw_names_offer(struct hw_nearest *nearest)
{
	offer_table(nearest, hardware, HW_COUNT_OF(hardware));
	offer_table(nearest, software, HW_COUNT_OF(software));
	offer_caches(nearest);
}
