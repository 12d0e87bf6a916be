#include "event/pmu_cpus.h"

#include "base/cpu_list.h"
#include "base/file.h"
#include "base/units.h"
#include "event/dirs.h"

/* The name of the PMU with this type. The caller frees it; NULL when there is none. */
static char *name_of_type(const char *root, uint32_t type)
{
	struct hw_dirs pmus = { 0 };
	char *name = NULL;

	hw_dirs_read(&pmus, root);
	for (size_t i = 0; i < pmus.names.count && !name; i++) {
		HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s/type", root, pmus.names.at[i]);
		uint64_t its_type = 0;
		char line[32];

		if (hw_file_read_line(line, sizeof line, path) == 0 &&
		    hw_parse_u64(&its_type, line, NULL) == 0 && its_type == type)
			name = hw_strdup(pmus.names.at[i]);
	}
	hw_dirs_fini(&pmus);
	return name;
}

static bool read_list(const char *root, const char *pmu, const char *file, int **cpus, size_t *count)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s/%s", root, pmu, file);
	char line[4096];

	return hw_file_read_line(line, sizeof line, path) == 0 && line[0] &&
	       hw_cpu_list_parse(cpus, count, line, NULL) == 0;
}

enum hw_pmu_reach hw_pmu_cpus(const char *root, const struct hw_event *event, int **cpus, size_t *count)
{
	HW_AUTO(hw_freep) char *found = NULL;
	const char *pmu = event->pmu;

	*cpus = NULL;
	*count = 0;
	/* Below PERF_TYPE_MAX are the kernel's own kinds, which say nothing about a PMU, except raw events: those of the
	 * x86 PMU with this type, which on a hybrid CPU is that of the large cores. */
	if (!pmu && (event->attr.type >= PERF_TYPE_MAX || event->attr.type == PERF_TYPE_RAW)) {
		found = name_of_type(root, event->attr.type);
		pmu = found;
	}
	if (!pmu || !hw_dirs_name_ok(pmu))
		return HW_PMU_REACH_ALL;
	if (read_list(root, pmu, "cpumask", cpus, count))
		return HW_PMU_REACH_PACKAGE;
	if (read_list(root, pmu, "cpus", cpus, count))
		return HW_PMU_REACH_CORES;
	return HW_PMU_REACH_ALL;
}

int hw_pmu_cpus_among(int **cpus, size_t *count, const char *root, const struct hw_event *event,
		      const int *wanted, size_t wanted_count, struct hw_err *err)
{
	HW_AUTO(hw_freep) int *there = NULL;
	size_t there_count = 0;
	const bool everywhere = hw_pmu_cpus(root, event, &there, &there_count) == HW_PMU_REACH_ALL;

	hw_cpu_list_intersect(cpus, count, wanted, wanted_count, everywhere ? wanted : there,
			      everywhere ? wanted_count : there_count);
	if (*count)
		return 0;
	free(*cpus);
	*cpus = NULL;
	(void)hw_err_set(err, HW_ERR_EVENT, "event '%s' is counted on none of the CPUs asked for",
			 event->name);
	return hw_err_hint(err, "its PMU is that of CPU %d%s: leave -C out", there_count ? there[0] : 0,
			   there_count > 1 ? " and others" : "");
}
