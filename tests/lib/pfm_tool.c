/* pfm_tool PMU: every event of libpfm4's PMU with each of its unit masks, as libpfm4 itself encodes it, one a line:
 * "PMU::EVENT:UMASK TYPE CONFIG CONFIG1 CONFIG2". LIBPFM_FORCE_PMU=PMU makes the PMU present. What libpfm4 does not encode
 * (a unit mask that needs another) is left out. libpfm4's header redefines linux/perf_event.h: nothing of hwprof here. */
#include <inttypes.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdio.h>
#include <string.h>

static void print_encoding(const char *name)
{
	struct perf_event_attr attr;

	memset(&attr, 0, sizeof attr);
	if (pfm_get_perf_event_encoding(name, PFM_PLM0 | PFM_PLM3, &attr, NULL, NULL) != PFM_SUCCESS)
		return;
	printf("%s %" PRIu32 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "\n", name, (uint32_t)attr.type,
	       (uint64_t)attr.config, (uint64_t)attr.config1, (uint64_t)attr.config2);
}

static void print_event(const char *pmu, int idx)
{
	pfm_event_info_t info = { .size = sizeof info };
	char name[512];
	int masks = 0;

	if (pfm_get_event_info(idx, PFM_OS_PERF_EVENT, &info) != PFM_SUCCESS)
		return;
	for (int i = 0; i < info.nattrs; i++) {
		pfm_event_attr_info_t attr = { .size = sizeof attr };

		if (pfm_get_event_attr_info(idx, i, PFM_OS_PERF_EVENT, &attr) != PFM_SUCCESS ||
		    attr.type != PFM_ATTR_UMASK)
			continue;
		(void)snprintf(name, sizeof name, "%s::%s:%s", pmu, info.name, attr.name);
		print_encoding(name);
		masks++;
	}
	if (masks)
		return;
	(void)snprintf(name, sizeof name, "%s::%s", pmu, info.name);
	print_encoding(name);
}

int main(int argc, char **argv)
{
	if (argc != 2 || pfm_initialize() != PFM_SUCCESS)
		return 2;
	for (int pmu = PFM_PMU_NONE; pmu < PFM_PMU_MAX; pmu++) {
		pfm_pmu_info_t info = { .size = sizeof info };

		if (pfm_get_pmu_info(pmu, &info) != PFM_SUCCESS || !info.is_present ||
		    strcmp(info.name, argv[1]) != 0)
			continue;
		for (int idx = info.first_event; idx != -1; idx = pfm_get_event_next(idx))
			print_event(info.name, idx);
	}
	return 0;
}
