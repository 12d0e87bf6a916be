/* The tables in events/: every event encodes to the code that a second source gives it, every metric can be computed,
 * every group fits the CPU's counters, and no CPU has two tables. */
#include "event/attr.h"
#include "event/catalogue_file.h"
#include "event/dirs.h"
#include "event/events.h"
#include "event/names.h"
#include "event/resolve.h"
#include "event/spec.h"
#include "event_codes.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- Machines with the PMUs that the tables name by the kernel's names --------------------------------------------- */

/* As the kernel shows them for Intel (arch/x86/events/intel/core.c: intel_arch_formats_attr, icl_td_events_attrs,
 * adl_hybrid_events_attrs) and, where the event has 12 bits, AMD (arch/x86/events/amd/core.c: event12). */
static const char *const pmu_files[][2] = {
	{ "format/event", "config:0-7,32-35\n" },
	{ "format/umask", "config:8-15\n" },
	{ "format/edge", "config:18\n" },
	{ "format/inv", "config:23\n" },
	{ "format/cmask", "config:24-31\n" },
	{ "events/slots", "event=0x00,umask=0x4\n" },
	{ "events/topdown-retiring", "event=0x00,umask=0x80\n" },
	{ "events/topdown-bad-spec", "event=0x00,umask=0x81\n" },
	{ "events/topdown-fe-bound", "event=0x00,umask=0x82\n" },
	{ "events/topdown-be-bound", "event=0x00,umask=0x83\n" },
};
#define ATOM_TYPE 10
static char root[] = "/tmp/hwprof-test-event-tables.XXXXXX";
static char plain_root[64], hybrid_root[64];
static const char *const no_tracepoints[] = { NULL };
static const struct hw_event_roots plain = { .pmus = plain_root, .tracepoints = no_tracepoints };
static const struct hw_event_roots hybrid = { .pmus = hybrid_root, .tracepoints = no_tracepoints };

static void write_file(const char *folder, const char *name, const char *text)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void make_pmu(const char *pmus, const char *name, const char *type)
{
	HW_AUTO(hw_freep) char *pmu = hw_asprintf("%s/%s", pmus, name);
	HW_AUTO(hw_freep) char *format = hw_asprintf("%s/format", pmu);
	HW_AUTO(hw_freep) char *events = hw_asprintf("%s/events", pmu);

	assert_int_equal(mkdir(pmu, 0700) | mkdir(format, 0700) | mkdir(events, 0700), 0);
	write_file(pmu, "type", type);
	for (size_t i = 0; i < HW_COUNT_OF(pmu_files); i++)
		write_file(pmu, pmu_files[i][0], pmu_files[i][1]);
	if (pmus == hybrid_root)
		write_file(pmu, "cpus", *type == '4' ? "0-15\n" : "16-23\n");
}

static void make_machines(void)
{
	(void)snprintf(plain_root, sizeof plain_root, "%s/plain", root);
	(void)snprintf(hybrid_root, sizeof hybrid_root, "%s/hybrid", root);
	assert_int_equal(mkdir(plain_root, 0700) | mkdir(hybrid_root, 0700), 0);
	make_pmu(plain_root, "cpu", "4\n");
	make_pmu(hybrid_root, "cpu_core", "4\n");
	make_pmu(hybrid_root, "cpu_atom", "10\n");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

/* --- The tables ---------------------------------------------------------------------------------------------------- */

struct table {
	char *path;
	struct hw_catalogue_file file;
	struct hw_catalogue
		merged; /* as a CPU of this table loads it; for generic.json as a CPU without table */
};

static HW_VEC(struct table) tables;
static char *folder;

static bool is_generic(const struct hw_catalogue *table)
{
	return strcmp(table->family, "generic") == 0;
}

/* The machine with the table's core PMUs. */
static const struct hw_event_roots *machine_of(const struct hw_catalogue *table)
{
	return strcmp(table->family, "intel-alderlake") == 0 ? &hybrid : &plain;
}

/* The first CPU that the table names. */
static struct hw_cpu cpu_of(const struct table *table)
{
	struct hw_cpu cpu = { .vendor = "none" };

	if (table->file.cpus.count) {
		const struct hw_cpu_set *set = &table->file.cpus.at[0];

		hw_copy_text(cpu.vendor, sizeof cpu.vendor, set->vendor);
		cpu.family = set->family;
		cpu.model = set->models.count ? set->models.at[0].first : 0;
		cpu.stepping = set->steppings.count ? set->steppings.at[0].first : 0;
	}
	return cpu;
}

static void read_table(const char *name)
{
	struct table table = { .path = hw_asprintf("%s/%s", folder, name) };
	struct hw_err err = { 0 };
	struct hw_cpu cpu;

	if (hw_catalogue_file_read(&table.file, table.path, &err) < 0)
		fail_msg("%s", err.message);
	cpu = cpu_of(&table);
	if (hw_catalogue_load_for(&table.merged, folder, NULL, &cpu, &err) < 0)
		fail_msg("%s", err.message);
	hw_vec_push(&tables, table);
}

static int set_up(void **state)
{
	const char *top = getenv("top_srcdir");
	struct hw_dirs dirs = { 0 };

	(void)state;
	if (!mkdtemp(root))
		return -1;
	make_machines();
	folder = hw_asprintf("%s/events", top ? top : ".");
	hw_dirs_read(&dirs, folder);
	for (size_t i = 0; i < dirs.names.count; i++)
		if (strstr(dirs.names.at[i], ".json"))
			read_table(dirs.names.at[i]);
	hw_dirs_fini(&dirs);
	return tables.count > 1 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < tables.count; i++) {
		free(tables.at[i].path);
		hw_catalogue_file_fini(&tables.at[i].file);
		hw_catalogue_fini(&tables.at[i].merged);
	}
	hw_vec_fini(&tables);
	free(folder);
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* --- Encoding ------------------------------------------------------------------------------------------------------ */

static const struct event_code *find_code(const char *family, const char *event)
{
	for (size_t i = 0; i < HW_COUNT_OF(event_codes); i++)
		if (strcmp(event_codes[i].family, family) == 0 && strcmp(event_codes[i].event, event) == 0)
			return &event_codes[i];
	return NULL;
}

/* libpfm4 encodes for CPUs of the architecture it is built for. Names of the kernel and numbers need none of it. */
static bool encodes_here(const struct hw_catalogue *table, const char *text)
{
#if defined(__aarch64__)
	const bool is_here = table->pmu && strncmp(table->pmu, "arm_", 4) == 0;
#else
	const bool is_here = table->pmu && strncmp(table->pmu, "arm_", 4) != 0;
#endif
	uint64_t config;

	return is_here || strchr(text, '/') || hw_names_raw(text, &config);
}

static bool part_is_right(const struct hw_catalogue *table, const struct hw_catalogue_event *event,
			  const char *part, uint64_t config)
{
	const struct hw_event_defaults defaults = { 0 };
	struct hw_event resolved = { 0 };
	struct hw_err err = { 0 };
	bool right;

	if (hw_event_resolve_in(&resolved, part, &defaults, machine_of(table), &err) < 0) {
		print_error("%s: %s: %s; %s\n", table->family, event->name, err.message, err.hint);
		return false;
	}
	right = resolved.attr.type == (strncmp(part, "cpu_atom/", 9) == 0 ? ATOM_TYPE : PERF_TYPE_RAW) &&
		(!config || resolved.attr.config == config) && !resolved.attr.config1 &&
		!resolved.attr.config2;
	if (!right)
		print_error("%s: %s: '%s' is 0x%" PRIx64 ", not 0x%" PRIx64 "\n", table->family, event->name,
			    part, (uint64_t)resolved.attr.config, config);
	hw_event_fini(&resolved);
	return right;
}

/* Each part has its code, and there are no more codes than parts. */
static bool event_is_right(const struct hw_catalogue *table, const struct hw_catalogue_event *event)
{
	const struct event_code *code = find_code(table->family, event->name);
	const char *rest = event->text;
	bool right = true;
	size_t parts = 0;
	char *part;

	while (hw_spec_list_next(&rest, &part)) {
		if (parts == HW_COUNT_OF(code->configs) ||
		    !part_is_right(table, event, part, code ? code->configs[parts] : 0))
			right = false;
		parts++;
		free(part);
	}
	if (right && code && parts < HW_COUNT_OF(code->configs) && code->configs[parts]) {
		print_error("%s: %s: a part is missing\n", table->family, event->name);
		right = false;
	}
	return right;
}

enum { RIGHT = 0, WRONG = 1, OF_ANOTHER_ARCHITECTURE = 77 };

static int check_events(const struct table *checked)
{
	const struct hw_catalogue *table = &checked->file.table;
	int result = RIGHT;

	for (size_t i = 0; i < table->events.count; i++) {
		const struct hw_catalogue_event *event = &table->events.at[i];

		if (!encodes_here(table, event->text))
			result = result == WRONG ? WRONG : OF_ANOTHER_ARCHITECTURE;
		else if (!event_is_right(table, event))
			result = WRONG;
	}
	return result;
}

/* libpfm4 chooses its PMU once per process. */
static int check_as(const struct table *table, int (*check)(const struct table *table))
{
	const char *pmu = table->file.table.pmu;
	int status;
	const pid_t pid = fork();

	if (pid == 0) {
		if (setenv("LIBPFM_FORCE_PMU", pmu ? pmu : "perf", 1) < 0)
			_exit(99);
		_exit(check(table));
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* Check every table that can be checked on this architecture, and say which cannot. */
static void check_tables(int (*check)(const struct table *table))
{
	size_t checked = 0, elsewhere = 0;
	bool failed = false;

	for (size_t i = 0; i < tables.count; i++) {
		const int result = check_as(&tables.at[i], check);

		checked += result == RIGHT && !is_generic(&tables.at[i].merged);
		elsewhere += result == OF_ANOTHER_ARCHITECTURE;
		failed |= result != RIGHT && result != OF_ANOTHER_ARCHITECTURE;
		if (result == OF_ANOTHER_ARCHITECTURE)
			print_message("not checked, of another architecture: %s\n",
				      tables.at[i].file.table.family);
	}
	print_message("%zu tables checked, %zu of another architecture\n", checked, elsewhere);
	assert_false(failed);
	/* Without its own architecture's tables this test would say nothing: of Intel and AMD 11, of Arm 5. */
#if defined(__x86_64__)
	assert_true(checked >= 11);
#else
	assert_true(checked >= 5);
#endif
}

/* Every event of every table that can be encoded on this architecture is the event its second source says. */
static void every_event_encodes(void **state)
{
	(void)state;
	check_tables(check_events);
}

/* Every event has a second source, but the kernel's own; and no second source is left from an event that is gone. */
static void every_event_has_a_second_source(void **state)
{
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < tables.count; i++) {
		const struct hw_catalogue *table = &tables.at[i].file.table;

		for (size_t j = 0; j < table->events.count; j++) {
			const char *name = table->events.at[j].name;
			const bool is_there = find_code(table->family, name) != NULL;

			found += is_there;
			if (is_there == (strncmp(name, "topdown-", 8) == 0))
				fail_msg("%s: %s", table->family, name);
		}
	}
	assert_int_equal(found, HW_COUNT_OF(event_codes));
}

/* --- Presets and metrics ------------------------------------------------------------------------------------------- */

/* The events of a preset's text: those between the braces of a group, or one. */
static char *members_of(const char *text)
{
	const size_t length = strlen(text);

	if (*text != '{')
		return hw_strdup(text);
	assert_true(text[length - 1] == '}');
	return hw_strndup(text + 1, length - 2);
}

static bool is_member(const char *text, const char *name)
{
	HW_AUTO(hw_freep) char *members = members_of(text);
	const char *rest = members;
	bool found = false;
	char *member;

	while (hw_spec_list_next(&rest, &member)) {
		found |= strcmp(member, name) == 0;
		free(member);
	}
	return found;
}

static bool is_known(const struct hw_catalogue *catalogue, const char *name)
{
	uint32_t type;
	uint64_t config;

	return hw_catalogue_event(catalogue, name) || hw_names_find(name, &type, &config);
}

static bool has_all(const char *text, const struct hw_formula *formula)
{
	for (size_t i = 0; i < hw_formula_variable_count(formula); i++)
		if (!is_member(text, hw_formula_variable(formula, i)))
			return false;
	return true;
}

static bool is_in_a_preset(const struct hw_catalogue *catalogue, const struct hw_formula *formula)
{
	for (size_t i = 0; i < catalogue->presets.count; i++)
		for (size_t j = 0; j < catalogue->presets.at[i].texts.count; j++)
			if (has_all(catalogue->presets.at[i].texts.at[j], formula))
				return true;
	return false;
}

/* The variables of a metric are events of its table or of the kernel, and one group of some preset has them all:
 * otherwise no preset could ever give the metric. IPC holds on every CPU. */
static void every_metric_can_be_computed(void **state)
{
	(void)state;
	for (size_t i = 0; i < tables.count; i++) {
		const struct hw_catalogue *table = &tables.at[i].file.table;
		const struct hw_catalogue *merged = &tables.at[i].merged;

		assert_true(is_in_a_preset(merged, hw_catalogue_metric(merged, "ipc")->formula));
		for (size_t j = 0; j < table->metrics.count; j++) {
			const struct hw_formula *formula = table->metrics.at[j].formula;

			for (size_t v = 0; v < hw_formula_variable_count(formula); v++)
				if (!is_known(merged, hw_formula_variable(formula, v)))
					fail_msg("%s: %s: %s", table->family, table->metrics.at[j].name,
						 hw_formula_variable(formula, v));
			if (!is_in_a_preset(merged, formula))
				fail_msg("%s: no group has all events of %s", table->family,
					 table->metrics.at[j].name);
		}
	}
}

static size_t members_in(const char *text)
{
	HW_AUTO(hw_freep) char *members = members_of(text);
	const char *rest = members;
	size_t count = 0;
	char *member;

	while (hw_spec_list_next(&rest, &member)) {
		count++;
		free(member);
	}
	return count;
}

/* What -e PRESET becomes: all members of its groups, side by side and numbered; on a hybrid CPU at least that, as most
 * groups are one on each core PMU. */
static bool preset_is_right(const struct hw_catalogue *catalogue, const struct hw_preset *preset)
{
	const struct hw_event_defaults defaults = { 0 };
	const bool is_hybrid = machine_of(catalogue) == &hybrid;
	struct hw_events events = { 0 };
	struct hw_err err = { 0 };
	size_t members = 0, groups = 0;
	bool right;

	if (hw_events_add_in(&events, preset->name, &defaults, catalogue, machine_of(catalogue), &err) < 0) {
		print_error("%s: %s: %s; %s\n", catalogue->family, preset->name, err.message, err.hint);
		return false;
	}
	for (size_t i = 0; i < preset->texts.count; i++) {
		members += members_in(preset->texts.at[i]);
		groups += *preset->texts.at[i] == '{';
	}
	right = is_hybrid ? events.list.count >= members && events.group_count >= groups
			  : events.list.count == members && events.group_count == groups;
	for (size_t i = 0; i < events.list.count; i++)
		right &= events.list.at[i].group != 0 && (is_hybrid || !events.list.at[i].whole);
	if (!right)
		print_error("%s: %s: %zu events in %u groups, not %zu in %zu\n", catalogue->family,
			    preset->name, events.list.count, events.group_count, members, groups);
	hw_events_fini(&events);
	return right;
}

static int check_presets(const struct table *table)
{
	int result = RIGHT;

	for (size_t i = 0; i < table->file.table.events.count; i++)
		if (!encodes_here(&table->file.table, table->file.table.events.at[i].text))
			return OF_ANOTHER_ARCHITECTURE;
	for (size_t i = 0; i < table->merged.presets.count; i++)
		if (!preset_is_right(&table->merged, &table->merged.presets.at[i]))
			result = WRONG;
	return result;
}

/* Every preset of every table expands to its events, as -e does it. */
static void every_preset_expands(void **state)
{
	(void)state;
	check_tables(check_presets);
}

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* On a hybrid CPU each core PMU has its group of the events of a ratio, and the parts are of one event. */
static void hybrid_presets_have_a_group_for_each_pmu(void **state)
{
	static const struct {
		const char *preset;
		size_t events, groups;
	} cases[] = { { "cpu", 8, 2 },	   { "cache", 8, 2 },	 { "branch", 6, 2 },  { "tlb", 8, 2 },
		      { "memory", 14, 4 }, { "frontend", 8, 4 }, { "topdown", 10, 2 } };
	const struct hw_event_defaults defaults = { 0 };
	const struct hw_cpu cpu = { .vendor = "GenuineIntel", .family = 6, .model = 0x97 };
	struct hw_catalogue catalogue = { 0 };

	(void)state;
	assert_int_equal(hw_catalogue_load_for(&catalogue, folder, NULL, &cpu, NULL), 0);
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_events events = { 0 };

		assert_int_equal(
			hw_events_add_in(&events, cases[i].preset, &defaults, &catalogue, &hybrid, NULL), 0);
		assert_int_equal(events.list.count, cases[i].events);
		assert_int_equal(events.group_count, cases[i].groups);
		for (size_t j = 1; j < events.list.count; j++)
			assert_true(events.list.at[j].group != events.list.at[j - 1].group ||
				    is_same_text(events.list.at[j].pmu, events.list.at[j - 1].pmu));
		hw_events_fini(&events);
	}
	hw_catalogue_fini(&catalogue);
}

/* What computes nothing, or never counts, is of no use: every event of a table is in one of its presets. */
static void every_event_is_in_a_preset(void **state)
{
	(void)state;
	for (size_t i = 0; i < tables.count; i++) {
		const struct hw_catalogue *table = &tables.at[i].file.table;

		for (size_t j = 0; j < table->events.count; j++) {
			HW_AUTO(hw_freep) char *quoted = hw_asprintf("'%s'", table->events.at[j].name);
			struct hw_formula *formula = hw_formula_parse(quoted, NULL);

			assert_non_null(formula);
			if (!is_in_a_preset(table, formula))
				fail_msg("%s: %s", table->family, table->events.at[j].name);
			hw_formula_free(formula);
		}
	}
}

static bool is_fixed(const struct hw_catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->fixed.count; i++)
		if (strcmp(catalogue->fixed.at[i], name) == 0)
			return true;
	return false;
}

/* The events of a group are known, and general counters are enough for those without one of their own. One is left:
 * the kernel's NMI watchdog takes a counter, of Intel's fixed ones that of cycles. */
static void check_group(const struct hw_catalogue *catalogue, const char *text)
{
	HW_AUTO(hw_freep) char *members = members_of(text);
	const char *rest = members;
	unsigned general = 0;
	char *member;

	while (hw_spec_list_next(&rest, &member)) {
		if (!is_known(catalogue, member))
			fail_msg("%s: %s: %s", catalogue->family, text, member);
		general += !is_fixed(catalogue, member);
		free(member);
	}
	if (catalogue->general_counters && general + 1 > catalogue->general_counters)
		fail_msg("%s: %s does not fit %u counters", catalogue->family, text,
			 catalogue->general_counters);
}

static void every_group_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < tables.count; i++) {
		const struct hw_catalogue *merged = &tables.at[i].merged;

		assert_true(is_generic(&tables.at[i].merged) || merged->general_counters);
		for (size_t j = 0; j < merged->presets.count; j++)
			for (size_t k = 0; k < merged->presets.at[j].texts.count; k++)
				check_group(merged, merged->presets.at[j].texts.at[k]);
	}
}

/* A family has the presets that everybody asks for by name, and says where its numbers come from. */
static void every_family_has_the_presets(void **state)
{
	static const char *const names[] = { "cpu", "cache", "branch", "tlb", "frontend", "memory" };

	(void)state;
	for (size_t i = 0; i < tables.count; i++)
		for (size_t j = 0; j < HW_COUNT_OF(names); j++)
			if (!is_generic(&tables.at[i].merged) &&
			    !hw_catalogue_preset(&tables.at[i].merged, names[j]))
				fail_msg("%s: %s", tables.at[i].file.table.family, names[j]);
}

/* --- Which CPU has which ------------------------------------------------------------------------------------------- */

static size_t tables_of(const struct hw_cpu *cpu)
{
	size_t found = 0;

	for (size_t i = 0; i < tables.count; i++)
		found += hw_catalogue_file_names(&tables.at[i].file, cpu);
	return found;
}

/* Every CPU that some table names: models to 0xff of x86 (the extended model has 8 bits), all parts of Arm. */
static void no_cpu_has_two_tables(void **state)
{
	static const uint32_t families[] = { 0, 6, 0x17, 0x19 };
	static const char *const vendors[] = { "GenuineIntel", "AuthenticAMD", "0x41" };
	size_t named = 0;

	(void)state;
	for (size_t v = 0; v < HW_COUNT_OF(vendors); v++)
		for (size_t f = 0; f < HW_COUNT_OF(families); f++)
			for (uint32_t model = 0; model <= 0xfff; model++)
				for (uint32_t stepping = 0; stepping < 16; stepping++) {
					struct hw_cpu cpu = { .family = families[f],
							      .model = model,
							      .stepping = stepping };
					size_t found;

					hw_copy_text(cpu.vendor, sizeof cpu.vendor, vendors[v]);
					found = tables_of(&cpu);
					named += found;
					if (found > 1)
						fail_msg("%s %x %x %x", vendors[v], cpu.family, model,
							 stepping);
				}
	assert_true(named > 0);
}

/* Each table is the one that its CPUs load, over generic.json. */
static void each_table_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < tables.count; i++) {
		assert_string_equal(tables.at[i].merged.family, tables.at[i].file.table.family);
		assert_int_equal(tables.at[i].merged.paths.count, is_generic(&tables.at[i].merged) ? 1 : 2);
		assert_true(is_generic(&tables.at[i].merged) || tables.at[i].file.cpus.count);
	}
}

/* CPUs people have, and the table each finds. */
static void known_cpus(void **state)
{
	static const struct {
		struct hw_cpu cpu;
		const char *family;
	} cases[] = {
		{ { .vendor = "GenuineIntel", .family = 6, .model = 158, .stepping = 10 },
		  "intel-skylake" }, /* i7-8700 */
		{ { .vendor = "GenuineIntel", .family = 6, .model = 85, .stepping = 4 },
		  "intel-skylake-x" }, /* Xeon 6148 */
		{ { .vendor = "GenuineIntel", .family = 6, .model = 85, .stepping = 7 },
		  "intel-cascadelake-x" },						      /* 8280 */
		{ { .vendor = "GenuineIntel", .family = 6, .model = 126 }, "intel-icelake" }, /* i7-1065G7 */
		{ { .vendor = "GenuineIntel", .family = 6, .model = 140 }, "intel-icelake" }, /* i7-1185G7 */
		{ { .vendor = "GenuineIntel", .family = 6, .model = 106 },
		  "intel-icelake-x" }, /* Xeon 8380 */
		{ { .vendor = "GenuineIntel", .family = 6, .model = 151 },
		  "intel-alderlake" }, /* i9-12900K */
		{ { .vendor = "GenuineIntel", .family = 6, .model = 143 },
		  "intel-sapphirerapids" },						 /* Xeon 8480+ */
		{ { .vendor = "GenuineIntel", .family = 6, .model = 60 }, "generic" },	 /* Haswell */
		{ { .vendor = "AuthenticAMD", .family = 23, .model = 1 }, "amd-zen1" },	 /* EPYC 7601 */
		{ { .vendor = "AuthenticAMD", .family = 23, .model = 49 }, "amd-zen2" }, /* EPYC 7742 */
		{ { .vendor = "AuthenticAMD", .family = 25, .model = 1 }, "amd-zen3" },	 /* EPYC 7763 */
		{ { .vendor = "AuthenticAMD", .family = 25, .model = 33 }, "amd-zen3" }, /* Ryzen 9 5950X */
		{ { .vendor = "AuthenticAMD", .family = 25, .model = 17 }, "amd-zen4" }, /* EPYC 9654 */
		{ { .vendor = "AuthenticAMD", .family = 25, .model = 97 }, "amd-zen4" }, /* Ryzen 9 7950X */
		{ { .vendor = "AuthenticAMD", .family = 26, .model = 2 }, "generic" },	 /* Zen 5 */
		{ { .vendor = "0x41", .model = 0xd0c, .stepping = 1 }, "arm-neoverse-n1" }, /* Graviton 2 */
		{ { .vendor = "0x41", .model = 0xd40, .stepping = 1 }, "arm-neoverse-v1" }, /* Graviton 3 */
		{ { .vendor = "0x41", .model = 0xd08, .stepping = 3 },
		  "arm-cortex-a72" }, /* Raspberry Pi 4 */
		{ { .vendor = "0x41", .model = 0xd0b, .stepping = 1 },
		  "arm-cortex-a76" }, /* Raspberry Pi 5 */
		{ { .vendor = "0x41", .model = 0xd07 }, "arm-cortex-a57" },
		{ { .vendor = "0x51", .model = 0xd0b }, "generic" },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_catalogue catalogue = { 0 };

		assert_int_equal(hw_catalogue_load_for(&catalogue, folder, NULL, &cases[i].cpu, NULL), 0);
		assert_string_equal(catalogue.family, cases[i].family);
		hw_catalogue_fini(&catalogue);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_encodes),
		cmocka_unit_test(every_event_has_a_second_source),
		cmocka_unit_test(every_metric_can_be_computed),
		cmocka_unit_test(every_preset_expands),
		cmocka_unit_test(hybrid_presets_have_a_group_for_each_pmu),
		cmocka_unit_test(every_event_is_in_a_preset),
		cmocka_unit_test(every_group_fits),
		cmocka_unit_test(every_family_has_the_presets),
		cmocka_unit_test(no_cpu_has_two_tables),
		cmocka_unit_test(each_table_is_found),
		cmocka_unit_test(known_cpus),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
