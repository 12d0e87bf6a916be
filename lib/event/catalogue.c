#include "event/catalogue.h"

#include "event/catalogue_file.h"
#include "event/cpu.h"
#include "event/dirs.h"

#include <errno.h>
#include <unistd.h>

/* --- Lookups --------------------------------------------------------------------------------------- */

const struct hw_catalogue_event *hw_catalogue_event(const struct hw_catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->events.count; i++)
		if (strcmp(catalogue->events.at[i].name, name) == 0)
			return &catalogue->events.at[i];
	return NULL;
}

const struct hw_preset *hw_catalogue_preset(const struct hw_catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->presets.count; i++)
		if (strcmp(catalogue->presets.at[i].name, name) == 0)
			return &catalogue->presets.at[i];
	return NULL;
}

const struct hw_metric *hw_catalogue_metric(const struct hw_catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->metrics.count; i++)
		if (strcmp(catalogue->metrics.at[i].name, name) == 0)
			return &catalogue->metrics.at[i];
	return NULL;
}

/* --- Ends ------------------------------------------------------------------------------------------ */

static void fini_event(struct hw_catalogue_event *event)
{
	free(event->name);
	free(event->text);
	free(event->description);
}

static void fini_metric(struct hw_metric *metric)
{
	free(metric->name);
	free(metric->title);
	free(metric->description);
	free(metric->unit);
	free(metric->formula_text);
	hw_formula_free(metric->formula);
}

static void fini_preset(struct hw_preset *preset)
{
	free(preset->name);
	free(preset->description);
	for (size_t i = 0; i < preset->texts.count; i++)
		free(preset->texts.at[i]);
	hw_vec_fini(&preset->texts);
}

void hw_catalogue_fini(struct hw_catalogue *catalogue)
{
	free(catalogue->family);
	free(catalogue->description);
	free(catalogue->pmu);
	for (size_t i = 0; i < catalogue->fixed.count; i++)
		free(catalogue->fixed.at[i]);
	for (size_t i = 0; i < catalogue->paths.count; i++)
		free(catalogue->paths.at[i]);
	for (size_t i = 0; i < catalogue->events.count; i++)
		fini_event(&catalogue->events.at[i]);
	for (size_t i = 0; i < catalogue->metrics.count; i++)
		fini_metric(&catalogue->metrics.at[i]);
	for (size_t i = 0; i < catalogue->presets.count; i++)
		fini_preset(&catalogue->presets.at[i]);
	hw_vec_fini(&catalogue->fixed);
	hw_vec_fini(&catalogue->paths);
	hw_vec_fini(&catalogue->events);
	hw_vec_fini(&catalogue->metrics);
	hw_vec_fini(&catalogue->presets);
	*catalogue = (struct hw_catalogue){ 0 };
}

/* --- One table over another ------------------------------------------------------------------------ */

/* Each of these takes over what an entry owns, in the place of one with the same name. */
static void put_event(struct hw_catalogue *catalogue, const struct hw_catalogue_event *event)
{
	struct hw_catalogue_event *old =
		(struct hw_catalogue_event *)hw_catalogue_event(catalogue, event->name);

	if (!old) {
		hw_vec_push(&catalogue->events, *event);
		return;
	}
	fini_event(old);
	*old = *event;
}

static void put_metric(struct hw_catalogue *catalogue, const struct hw_metric *metric)
{
	struct hw_metric *old = (struct hw_metric *)hw_catalogue_metric(catalogue, metric->name);

	if (!old) {
		hw_vec_push(&catalogue->metrics, *metric);
		return;
	}
	fini_metric(old);
	*old = *metric;
}

static void put_preset(struct hw_catalogue *catalogue, const struct hw_preset *preset)
{
	struct hw_preset *old = (struct hw_preset *)hw_catalogue_preset(catalogue, preset->name);

	if (!old) {
		hw_vec_push(&catalogue->presets, *preset);
		return;
	}
	fini_preset(old);
	*old = *preset;
}

static void put_text(char **to, char **from)
{
	if (!*from)
		return;
	free(*to);
	*to = *from;
	*from = NULL;
}

/* The CPU's table, or the first, says what the catalogue is of. */
static void put_family(struct hw_catalogue *catalogue, struct hw_catalogue_file *file)
{
	if (catalogue->family && !file->cpus.count)
		return;
	put_text(&catalogue->family, &file->table.family);
	put_text(&catalogue->description, &file->table.description);
}

static void put_counters(struct hw_catalogue *catalogue, struct hw_catalogue *table)
{
	if (!table->general_counters)
		return;
	catalogue->general_counters = table->general_counters;
	for (size_t i = 0; i < catalogue->fixed.count; i++)
		free(catalogue->fixed.at[i]);
	catalogue->fixed.count = 0;
	for (size_t i = 0; i < table->fixed.count; i++)
		hw_vec_push(&catalogue->fixed, table->fixed.at[i]);
	table->fixed.count = 0;
}

/* Move what the file has over what is there. Finalises the file. */
static void lay_over(struct hw_catalogue *catalogue, struct hw_catalogue_file *file)
{
	struct hw_catalogue *table = &file->table;

	put_family(catalogue, file);
	put_text(&catalogue->pmu, &table->pmu);
	put_counters(catalogue, table);
	for (size_t i = 0; i < table->events.count; i++)
		put_event(catalogue, &table->events.at[i]);
	for (size_t i = 0; i < table->metrics.count; i++)
		put_metric(catalogue, &table->metrics.at[i]);
	for (size_t i = 0; i < table->presets.count; i++)
		put_preset(catalogue, &table->presets.at[i]);
	for (size_t i = 0; i < table->paths.count; i++)
		hw_vec_push(&catalogue->paths, table->paths.at[i]);
	table->events.count = table->metrics.count = table->presets.count = table->paths.count = 0;
	hw_catalogue_file_fini(file);
}

int hw_catalogue_read(struct hw_catalogue *catalogue, const char *path, struct hw_err *err)
{
	struct hw_catalogue_file file;

	if (hw_catalogue_file_read(&file, path, err) < 0)
		return -1;
	lay_over(catalogue, &file);
	return 0;
}

/* --- Which tables ---------------------------------------------------------------------------------- */

static bool is_family_table(const char *name)
{
	const size_t length = strlen(name);

	return length > 5 && strcmp(name + length - 5, ".json") == 0 && strcmp(name, "generic.json") != 0;
}

/* Lay the first table of the folder, by the alphabet, that names the CPU over the catalogue. None is fine. */
static int read_family(struct hw_catalogue *catalogue, const char *folder, const struct hw_cpu *cpu,
		       struct hw_err *err)
{
	struct hw_dirs dirs = { 0 };
	bool found = false;
	int result = 0;

	hw_dirs_read(&dirs, folder);
	for (size_t i = 0; i < dirs.names.count && !found && result == 0; i++) {
		HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s", folder, dirs.names.at[i]);
		struct hw_catalogue_file file;

		if (!is_family_table(dirs.names.at[i]))
			continue;
		result = hw_catalogue_file_read(&file, path, err);
		if (result < 0)
			break;
		found = hw_catalogue_file_names(&file, cpu);
		if (found)
			lay_over(catalogue, &file);
		else
			hw_catalogue_file_fini(&file);
	}
	hw_dirs_fini(&dirs);
	return result;
}

static int load(struct hw_catalogue *catalogue, const char *folder, const char *user_path,
		const struct hw_cpu *cpu, struct hw_err *err)
{
	HW_AUTO(hw_freep) char *generic = hw_asprintf("%s/generic.json", folder);

	if (hw_catalogue_read(catalogue, generic, err) < 0)
		return hw_err_hint(
			err, "the tables of events are installed with hwprof; HWPROF_EVENTS names another "
			     "folder");
	/* Cores of several kinds number their events differently, and a name must mean one thing on all of them. */
	if (!cpu->is_mixed && read_family(catalogue, folder, cpu, err) < 0)
		return -1;
	if (!user_path || (access(user_path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR)))
		return 0;
	if (hw_catalogue_read(catalogue, user_path, err) < 0)
		return hw_err_hint(err, "this is your own table of events: mend it or move it away");
	return 0;
}

int hw_catalogue_load_for(struct hw_catalogue *catalogue, const char *folder, const char *user_path,
			  const struct hw_cpu *cpu, struct hw_err *err)
{
	struct hw_catalogue made = { 0 };
	const int result = load(&made, folder, user_path, cpu, err);

	if (result < 0)
		hw_catalogue_fini(&made);
	else
		*catalogue = made;
	return result;
}

/* events/ beside the program, where the build has it; NULL when it is not there. Free it. */
static char *folder_beside_program(void)
{
	char program[4096];
	const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	HW_AUTO(hw_freep) char *table = NULL;

	if (length <= 0)
		return NULL;
	program[length] = '\0';
	*strrchr(program, '/') = '\0';
	table = hw_asprintf("%s/events/generic.json", program);
	return access(table, R_OK) == 0 ? hw_asprintf("%s/events", program) : NULL;
}

static char *tables_folder(void)
{
	const char *named = getenv("HWPROF_EVENTS");
	char *folder;

	if (named && *named)
		return hw_strdup(named);
	folder = folder_beside_program();
	return folder ? folder : hw_strdup(HW_EVENTS_FOLDER);
}

/* By the XDG base directory specification, which has relative paths ignored. NULL when there is no home. */
static char *user_table(void)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (config && *config == '/')
		return hw_asprintf("%s/hwprof/events.json", config);
	return home && *home == '/' ? hw_asprintf("%s/.config/hwprof/events.json", home) : NULL;
}

int hw_catalogue_load(struct hw_catalogue *catalogue, struct hw_err *err)
{
	HW_AUTO(hw_freep) char *folder = tables_folder();
	HW_AUTO(hw_freep) char *user_path = user_table();
	struct hw_cpu cpu;

	hw_cpu_read(&cpu, "");
	return hw_catalogue_load_for(catalogue, folder, user_path, &cpu, err);
}
