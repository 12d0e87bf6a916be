#include "event/names.h"

#include <linux/perf_event.h>

#define SPELLINGS_MAX 5

/* The spelling to suggest first; the rest means the same. NULL-terminated. */
struct known {
	uint64_t config;
	const char *spellings[SPELLINGS_MAX];
};

static const struct known hardware[] = {
	{ PERF_COUNT_HW_CPU_CYCLES, { "cycles", "cpu-cycles" } },
	{ PERF_COUNT_HW_INSTRUCTIONS, { "instructions" } },
	{ PERF_COUNT_HW_CACHE_REFERENCES, { "cache-references", "cacheReferences" } },
	{ PERF_COUNT_HW_CACHE_MISSES, { "cache-misses", "cacheMisses" } },
	{ PERF_COUNT_HW_BRANCH_INSTRUCTIONS, { "branch-instructions", "branches", "branchInstructions" } },
	{ PERF_COUNT_HW_BRANCH_MISSES, { "branch-misses", "branchMisses" } },
	{ PERF_COUNT_HW_BUS_CYCLES, { "bus-cycles" } },
	{ PERF_COUNT_HW_STALLED_CYCLES_FRONTEND, { "stalled-cycles-frontend", "idle-cycles-frontend" } },
	{ PERF_COUNT_HW_STALLED_CYCLES_BACKEND, { "stalled-cycles-backend", "idle-cycles-backend" } },
	{ PERF_COUNT_HW_REF_CPU_CYCLES, { "ref-cycles" } },
};

static const struct known software[] = {
	{ PERF_COUNT_SW_CPU_CLOCK, { "cpu-clock" } },
	{ PERF_COUNT_SW_TASK_CLOCK, { "task-clock" } },
	{ PERF_COUNT_SW_PAGE_FAULTS, { "page-faults", "faults" } },
	{ PERF_COUNT_SW_CONTEXT_SWITCHES, { "context-switches", "cs" } },
	{ PERF_COUNT_SW_CPU_MIGRATIONS, { "cpu-migrations", "migrations" } },
	{ PERF_COUNT_SW_PAGE_FAULTS_MIN, { "minor-faults" } },
	{ PERF_COUNT_SW_PAGE_FAULTS_MAJ, { "major-faults" } },
	{ PERF_COUNT_SW_ALIGNMENT_FAULTS, { "alignment-faults" } },
	{ PERF_COUNT_SW_EMULATION_FAULTS, { "emulation-faults" } },
	{ PERF_COUNT_SW_DUMMY, { "dummy" } },
	{ PERF_COUNT_SW_BPF_OUTPUT, { "bpf-output" } },
	{ PERF_COUNT_SW_CGROUP_SWITCHES, { "cgroup-switches" } },
};

static const struct known caches[] = {
	{ PERF_COUNT_HW_CACHE_L1D, { "L1-dcache", "L1-data", "l1-d", "l1d" } },
	{ PERF_COUNT_HW_CACHE_L1I, { "L1-icache", "L1-instruction", "l1-i", "l1i" } },
	{ PERF_COUNT_HW_CACHE_LL, { "LLC", "L2" } },
	{ PERF_COUNT_HW_CACHE_DTLB, { "dTLB", "Data-TLB", "d-tlb" } },
	{ PERF_COUNT_HW_CACHE_ITLB, { "iTLB", "Instruction-TLB", "i-tlb" } },
	{ PERF_COUNT_HW_CACHE_BPU, { "branch", "bpu", "btb", "bpc" } },
	{ PERF_COUNT_HW_CACHE_NODE, { "node" } },
};

static const struct known operations[] = {
	{ PERF_COUNT_HW_CACHE_OP_READ, { "loads", "load", "read" } },
	{ PERF_COUNT_HW_CACHE_OP_WRITE, { "stores", "store", "write" } },
	{ PERF_COUNT_HW_CACHE_OP_PREFETCH,
	  { "prefetches", "prefetch", "speculative-read", "speculative-load" } },
};

static const struct known results[] = {
	{ PERF_COUNT_HW_CACHE_RESULT_ACCESS, { "refs", "ops", "access", "Reference" } },
	{ PERF_COUNT_HW_CACHE_RESULT_MISS, { "misses", "miss" } },
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

static void offer_caches(struct hw_nearest *nearest)
{
	for (size_t c = 0; c < HW_COUNT_OF(caches); c++) {
		for (size_t o = 0; o < HW_COUNT_OF(operations); o++) {
			const struct known *operation = &operations[o];
			char name[64];

			if (!cache_has_operation(caches[c].config, operation->config))
				continue;
			(void)snprintf(name, sizeof name, "%s-%s", caches[c].spellings[0],
				       operation->spellings[0]);
			hw_nearest_offer(nearest, name);
			(void)snprintf(name, sizeof name, "%s-%s-misses", caches[c].spellings[0],
				       operation->spellings[1]);
			hw_nearest_offer(nearest, name);
		}
	}
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
