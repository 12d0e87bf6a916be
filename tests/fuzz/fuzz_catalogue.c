/* Tables of events and texts of /proc/cpuinfo, whatever the bytes. */
#include "event/catalogue_file.h"

#include <stdint.h>

/* What was taken is whole. */
static void check_table(const struct hw_catalogue *table)
{
	for (size_t i = 0; i < table->events.count; i++)
		if (hw_catalogue_event(table, table->events.at[i].name) != &table->events.at[i] ||
		    !*table->events.at[i].text || !table->events.at[i].description)
			abort();
	for (size_t i = 0; i < table->metrics.count; i++)
		if (!table->metrics.at[i].formula || !table->metrics.at[i].title ||
		    !table->metrics.at[i].unit)
			abort();
	for (size_t i = 0; i < table->presets.count; i++)
		if (!table->presets.at[i].texts.count || !table->presets.at[i].description)
			abort();
}

static void check_file(const uint8_t *data, size_t size)
{
	struct hw_catalogue_file file;
	struct hw_err err = { 0 };
	const struct hw_cpu cpu = { .vendor = "GenuineIntel", .family = 6, .model = 0x4e };

	if (hw_catalogue_file_decode(&file, "x.json", (const char *)data, size, &err) == 0) {
		check_table(&file.table);
		(void)hw_catalogue_file_names(&file, &cpu);
	} else if (err.kind != HW_ERR_FORMAT || strncmp(err.message, "x.json: ", 8) != 0) {
		abort();
	}
	hw_catalogue_file_fini(&file);
}

static void check_cpuinfo(const uint8_t *data, size_t size)
{
	char *text = hw_strndup(size ? (const char *)data : "", size);
	struct hw_cpu cpu;

	hw_cpu_parse(&cpu, text);
	if (strlen(cpu.vendor) >= sizeof cpu.vendor || strlen(cpu.name) >= sizeof cpu.name)
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_file(data, size);
	check_cpuinfo(data, size);
	return 0;
}
