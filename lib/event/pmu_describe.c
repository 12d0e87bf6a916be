/* What sysfs says of a PMU and its events beside their encoding. */
#include "base/file.h"
#include "event/dirs.h"
#include "event/pmu.h"

#include <math.h>
#include <unistd.h>

#define UNIT_MAX 64

bool hw_pmu_is_core(const char *root, const char *pmu)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s/cpus", root, pmu);

	return strcmp(pmu, "cpu") == 0 || strcmp(pmu, "cpum_cf") == 0 /* s390's */ ||
	       (hw_dirs_name_ok(pmu) && access(path, F_OK) == 0);
}

/* events/NAME.unit and events/NAME.scale: the count times the scale is in this unit. */
static void describe_unit(struct hw_event *event, const char *root, const char *pmu, const char *name)
{
	HW_AUTO(hw_freep) char *unit_path = hw_asprintf("%s/%s/events/%s.unit", root, pmu, name);
	HW_AUTO(hw_freep) char *scale_path = hw_asprintf("%s/%s/events/%s.scale", root, pmu, name);
	char line[UNIT_MAX];
	char *end = NULL;
	double scale;

	if (!hw_dirs_name_ok(name))
		return;
	if (hw_file_read_line(line, sizeof line, unit_path) == 0 && *line) {
		free(event->unit_text);
		event->unit = event->unit_text = hw_strdup(line);
	}
	if (hw_file_read_line(line, sizeof line, scale_path) < 0)
		return;
	scale = strtod(line, &end);
	if (end != line && !*end && isfinite(scale) && scale > 0)
		event->scale = scale;
}

void hw_pmu_describe(struct hw_event *event, const char *root, const char *pmu,
		     const struct hw_spec_terms *terms)
{
	if (!hw_dirs_name_ok(pmu))
		return;
	for (size_t i = 0; i < terms->list.count; i++)
		if (!terms->list.at[i].value)
			describe_unit(event, root, pmu, terms->list.at[i].key);
}
