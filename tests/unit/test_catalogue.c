/* The tables of events: reading, refusing, laying one over another, choosing one for a CPU. */
#include "event/catalogue.h"

#include "base/buf.h"
#include "event/catalogue_file.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/hwprof-test-catalogue.XXXXXX";

static int make_root(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The path of a file with this text; free it. */
static char *file_with(const char *name, const char *text)
{
	char *path = hw_asprintf("%s/%s", root, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static const char generic[] =
	"{ \"description\": \"any CPU\",\n"
	"  \"metrics\": { \"ipc\": { \"title\": \"IPC\", \"description\": \"d\", \"unit\": \"u\",\n"
	"    \"formula\": \"instructions / cycles\" } },\n"
	"  \"presets\": { \"cpu\": { \"description\": \"d\", \"events\": [\"{cycles,instructions}\", "
	"\"branches\"] } } }\n";

static const char family[] =
	"{ \"description\": \"Some CPUs\", \"source\": [\"a manual\"], \"pmu\": \"skl\",\n"
	"  \"cpus\": [ { \"vendor\": \"GenuineIntel\", \"family\": \"6\", \"models\": [\"0x4e\", "
	"\"0x50-0x5e\"],\n"
	"               \"steppings\": [\"3-4\"] }, { \"vendor\": \"0x41\", \"models\": [\"0xd0c\"] } ],\n"
	"  \"counters\": { \"general\": 4, \"fixed\": [\"cycles\", \"instructions\"] },\n"
	"  \"events\": { \"l2-misses\": { \"event\": \"L2_RQSTS:MISS\", \"description\": \"L2\" },\n"
	"    \"stalls\": { \"event\": \"cpu_core/event=1,umask=2/,cpu_atom/event=3/\", \"description\": "
	"\"s\" } },\n"
	"  \"metrics\": { \"l2-mpki\": { \"title\": \"L2 MPKI\", \"description\": \"d\", \"unit\": \"u\",\n"
	"    \"formula\": \"1000 * l2-misses / instructions\" } },\n"
	"  \"presets\": { \"cpu\": { \"description\": \"mine\", \"events\": [\"cycles\"] } } }\n";

static struct hw_catalogue catalogue_of(const char *text)
{
	HW_AUTO(hw_freep) char *path = file_with("table.json", text);
	struct hw_catalogue catalogue = { 0 };
	struct hw_err err = { 0 };

	if (hw_catalogue_read(&catalogue, path, &err) < 0)
		fail_msg("%s", err.message);
	return catalogue;
}

/* Every field arrives where the header says. */
static void a_whole_table(void **state)
{
	struct hw_catalogue catalogue = catalogue_of(family);
	const struct hw_metric *metric = hw_catalogue_metric(&catalogue, "l2-mpki");
	const struct hw_catalogue_event *event = hw_catalogue_event(&catalogue, "l2-misses");
	const struct hw_preset *preset = hw_catalogue_preset(&catalogue, "cpu");

	(void)state;
	assert_string_equal(catalogue.family, "table");
	assert_string_equal(catalogue.description, "Some CPUs");
	assert_string_equal(catalogue.pmu, "skl");
	assert_int_equal(catalogue.general_counters, 4);
	assert_int_equal(catalogue.fixed.count, 2);
	assert_string_equal(catalogue.fixed.at[1], "instructions");
	assert_string_equal(event->text, "L2_RQSTS:MISS");
	assert_string_equal(event->description, "L2");
	assert_string_equal(hw_catalogue_event(&catalogue, "stalls")->text,
			    "cpu_core/event=1,umask=2/,cpu_atom/event=3/");
	assert_string_equal(metric->title, "L2 MPKI");
	assert_string_equal(metric->unit, "u");
	assert_string_equal(metric->formula_text, "1000 * l2-misses / instructions");
	assert_true(hw_formula_value(metric->formula, (const double[]){ 3, 1500 }) == 2);
	assert_int_equal(preset->texts.count, 1);
	assert_string_equal(preset->texts.at[0], "cycles");
	assert_null(hw_catalogue_event(&catalogue, "cpu"));
	assert_null(hw_catalogue_metric(&catalogue, "l2-misses"));
	assert_null(hw_catalogue_preset(&catalogue, "l2-mpki"));
	hw_catalogue_fini(&catalogue);
}

/* What makes no sense is refused with the file and the entry named, and the catalogue stays as it was. */
static void refusals_name_file_and_entry(void **state)
{
	static const struct {
		const char *text, *why; /* behind the path */
	} cases[] = {
		{ "", "line 1: '[' or '{' expected near end of file" },
		{ "{ \"events\": ", "line 1: unexpected token near end of file" },
		{ "{} {}", "line 1: end of file expected near '{'" },
		{ "[]", "it must hold an object" },
		{ "{\"evnets\": {}}", "unknown key 'evnets'" },
		{ "{\"pmu\": \"a\", \"pmu\": \"b\"}", "line 1: duplicate object key near '\"pmu\"'" },
		{ "{\"pmu\": 3}", "'pmu' must be a text" },
		{ "{\"pmu\": \"\"}", "'pmu' is empty, too long or unprintable" },
		{ "{\"pmu\": \"a\\u001bb\"}", "'pmu' is empty, too long or unprintable" },
		{ "{\"events\": []}", "'events' must be an object" },
		{ "{\"events\": {\"x\": 1}}", "event 'x': it must be an object" },
		{ "{\"events\": {\"x\": {\"event\": \"A\"}}}", "event 'x': 'description' is missing" },
		{ "{\"events\": {\"X\": {}}}",
		  "event 'X': a name is small letters, digits and -, and begins with a letter" },
		{ "{\"events\": {\"x-\": {}}}",
		  "event 'x-': a name is small letters, digits and -, and begins with a letter" },
		{ "{\"events\": {\"x:u\": {}}}",
		  "event 'x:u': a name is small letters, digits and -, and begins with a letter" },
		{ "{\"events\": {\"branches\": {}}}",
		  "event 'branches': the kernel has an event of this name" },
		{ "{\"events\": {\"r1a8\": {}}}", "event 'r1a8': the kernel has an event of this name" },
		{ "{\"events\": {\"x\": {\"event\": \"cpu/event=1\", \"description\": \"d\"}}}",
		  "event 'x': event 'cpu/event=1' is not of the form pmu/terms/" },
		{ "{\"events\": {\"x\": {\"event\": \"A,B\", \"description\": \"d\"}}}",
		  "event 'x': parts of an event are \"pmu/.../\", not 'A'" },
		{ "{\"metrics\": {\"m\": {\"title\": \"t\", \"description\": \"d\", \"unit\": \"u\", "
		  "\"formula\": \"a b\"}}}",
		  "metric 'm': formula 'a b': an operator expected at byte 3" },
		{ "{\"metrics\": {\"m\": {\"title\": \"t\", \"description\": \"d\", \"unit\": \"u\", "
		  "\"formula\": \"1 + 1\"}}}",
		  "metric 'm': formula '1 + 1' has no event" },
		{ "{\"metrics\": {\"m\": {\"title\": \"t\", \"description\": \"d\", \"unit\": \"u\"}}}",
		  "metric 'm': 'formula' is missing" },
		{ "{\"presets\": {\"p\": {\"description\": \"d\", \"events\": []}}}",
		  "preset 'p': 'events' is empty" },
		{ "{\"presets\": {\"p\": {\"description\": \"d\", \"events\": [1]}}}",
		  "preset 'p': 'events' must be a text" },
		{ "{\"cpus\": [{\"family\": \"6\"}]}", "'vendor' is missing" },
		{ "{\"cpus\": [{\"vendor\": \"V\", \"models\": [\"0x4e-\"]}]}",
		  "'models' must hold numbers such as \"0x4e\" or ranges such as \"0x30-0x7f\"" },
		{ "{\"cpus\": [{\"vendor\": \"V\", \"models\": [\"5-4\"]}]}",
		  "'models' must hold numbers such as \"0x4e\" or ranges such as \"0x30-0x7f\"" },
		{ "{\"cpus\": [{\"vendor\": \"V\", \"models\": [\"4294967296\"]}]}",
		  "'models' must hold numbers such as \"0x4e\" or ranges such as \"0x30-0x7f\"" },
		{ "{\"cpus\": [{\"vendor\": \"V\", \"family\": \"6-7\"}]}", "'family' must be one number" },
		{ "{\"counters\": {\"general\": 0}}", "'general' must be a number from 1 to 64" },
		{ "{\"counters\": {\"fixed\": [\"cycles\"]}}", "'general' is missing" },
	};
	struct hw_catalogue catalogue = catalogue_of(generic);

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		HW_AUTO(hw_freep) char *path = file_with("bad.json", cases[i].text);
		HW_AUTO(hw_freep) char *expected = hw_asprintf("%s: %s", path, cases[i].why);
		struct hw_err err = { 0 };

		if (hw_catalogue_read(&catalogue, path, &err) == 0)
			fail_msg("'%s' was taken", cases[i].text);
		assert_string_equal(err.message, expected);
		assert_int_equal(err.kind, HW_ERR_FORMAT);
		assert_int_equal(hw_catalogue_read(&catalogue, path, NULL), -1);
	}
	assert_int_equal(catalogue.paths.count, 1);
	assert_int_equal(catalogue.metrics.count + catalogue.presets.count + catalogue.events.count, 2);
	hw_catalogue_fini(&catalogue);
}

/* Bounds: bytes of the file, entries of a kind, bytes of a name. */
static void bounds(void **state)
{
	struct hw_buf text = { 0 };
	struct hw_catalogue_file file;
	struct hw_err err = { 0 };

	(void)state;
	for (int extra = 0; extra <= 1; extra++) {
		text.size = 0;
		hw_buf_text(&text, "{\"events\": {");
		for (int i = 0; i < HW_CATALOGUE_ENTRIES_MAX + extra; i++)
			hw_buf_printf(&text, "%s\"x%d\": {\"event\": \"A\", \"description\": \"d\"}",
				      i ? "," : "", i);
		hw_buf_text(&text, "}}");
		assert_int_equal(hw_catalogue_file_decode(&file, "t", text.data, text.size, &err), -extra);
		hw_catalogue_file_fini(&file);
	}
	assert_string_equal(err.message, "t: 'events' has more than 1000 entries");

	for (int extra = 0; extra <= 1; extra++) {
		text.size = 0;
		hw_buf_printf(&text,
			      "{\"presets\": {\"a%0*d\": {\"description\": \"d\", \"events\": [\"e\"]}}}",
			      63 + extra, 0);
		assert_int_equal(hw_catalogue_file_decode(&file, "t", text.data, text.size, &err), -extra);
		hw_catalogue_file_fini(&file);
	}

	text.size = 0;
	hw_buf_text(&text, "{}");
	while (text.size < HW_CATALOGUE_FILE_MAX_BYTES)
		hw_buf_text(&text, " ");
	free(file_with("large.json", text.data));
	hw_buf_fini(&text);
	text.data = hw_asprintf("%s/large.json", root);
	assert_int_equal(hw_catalogue_file_read(&file, text.data, &err), 0);
	hw_catalogue_file_fini(&file);
	assert_int_equal(truncate(text.data, HW_CATALOGUE_FILE_MAX_BYTES + 1), 0);
	assert_int_equal(hw_catalogue_file_read(&file, text.data, &err), -1);
	assert_int_equal(err.kind, HW_ERR_LIMIT);
	hw_buf_fini(&text);
}

/* Entries of the same name are replaced in their place, others added; family and description stay those of the CPU. */
static void one_table_over_another(void **state)
{
	static const char user[] =
		"{ \"description\": \"my own\", \"pmu\": \"icl\",\n"
		"  \"events\": { \"l2-misses\": { \"event\": \"MINE\", \"description\": \"m\" } },\n"
		"  \"metrics\": { \"ipc\": { \"title\": \"my IPC\", \"description\": \"d\", \"unit\": \"u\", "
		"\"formula\": \"1 * cycles\" } },\n"
		"  \"presets\": { \"own\": { \"description\": \"d\", \"events\": [\"l2-misses\"] } } }\n";
	HW_AUTO(hw_freep) char *family_path = file_with("some-family.json", family);
	HW_AUTO(hw_freep) char *user_path = file_with("user.json", user);
	struct hw_catalogue catalogue = catalogue_of(generic);

	(void)state;
	assert_string_equal(catalogue.family, "table");
	assert_int_equal(hw_catalogue_read(&catalogue, family_path, NULL), 0);
	assert_string_equal(catalogue.family, "some-family");
	assert_int_equal(hw_catalogue_read(&catalogue, user_path, NULL), 0);
	assert_string_equal(catalogue.family, "some-family");
	assert_string_equal(catalogue.description, "Some CPUs");
	assert_string_equal(catalogue.pmu, "icl");
	assert_int_equal(catalogue.general_counters, 4);
	assert_int_equal(catalogue.fixed.count, 2);
	assert_int_equal(catalogue.events.count, 2);
	assert_string_equal(hw_catalogue_event(&catalogue, "l2-misses")->text, "MINE");
	assert_int_equal(catalogue.metrics.count, 2);
	assert_string_equal(catalogue.metrics.at[0].title, "my IPC");
	assert_int_equal(catalogue.presets.count, 2);
	assert_string_equal(hw_catalogue_preset(&catalogue, "cpu")->description, "mine");
	assert_int_equal(catalogue.paths.count, 3);
	assert_string_equal(catalogue.paths.at[2], user_path);
	hw_catalogue_fini(&catalogue);
}

/* A CPU's table is the one that names its vendor, family, model and stepping; of AArch64, implementer and part. */
static void which_cpus_a_table_names(void **state)
{
	static const struct {
		struct hw_cpu cpu;
		bool named;
	} cases[] = {
		{ { .vendor = "GenuineIntel", .family = 6, .model = 0x4e, .stepping = 3 }, true },
		{ { .vendor = "GenuineIntel", .family = 6, .model = 0x50, .stepping = 4 }, true },
		{ { .vendor = "GenuineIntel", .family = 6, .model = 0x5e, .stepping = 4 }, true },
		{ { .vendor = "GenuineIntel", .family = 6, .model = 0x5f, .stepping = 4 }, false },
		{ { .vendor = "GenuineIntel", .family = 6, .model = 0x4f, .stepping = 4 }, false },
		{ { .vendor = "GenuineIntel", .family = 6, .model = 0x4e, .stepping = 5 }, false },
		{ { .vendor = "GenuineIntel", .family = 7, .model = 0x4e, .stepping = 3 }, false },
		{ { .vendor = "AuthenticAMD", .family = 6, .model = 0x4e, .stepping = 3 }, false },
		{ { .vendor = "0x41", .model = 0xd0c, .stepping = 9 }, true },
		{ { .vendor = "0x41", .model = 0xd0b }, false },
		{ { .model = 0 }, false },
	};
	struct hw_catalogue_file file;

	(void)state;
	assert_int_equal(hw_catalogue_file_decode(&file, "t", family, strlen(family), NULL), 0);
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++)
		assert_int_equal(hw_catalogue_file_names(&file, &cases[i].cpu), cases[i].named);
	hw_catalogue_file_fini(&file);
	assert_int_equal(hw_catalogue_file_decode(&file, "t", generic, strlen(generic), NULL), 0);
	assert_false(hw_catalogue_file_names(&file, &cases[0].cpu));
	hw_catalogue_file_fini(&file);
}

static char *make_folder(const char *name)
{
	char *path = hw_asprintf("%s/%s", root, name);

	assert_int_equal(mkdir(path, 0700), 0);
	return path;
}

/* Loading: generic.json, the CPU's table over it, the user's over that; a CPU without a table, or with cores of several
 * kinds, has the generic one; without a user's file all is well. */
static void loading_by_cpu(void **state)
{
	HW_AUTO(hw_freep) char *folder = make_folder("tables");
	HW_AUTO(hw_freep) char *none = hw_asprintf("%s/none/events.json", root);
	HW_AUTO(hw_freep)
	char *user = file_with(
		"mine.json", "{\"presets\": {\"own\": {\"description\": \"d\", \"events\": [\"cycles\"]}}}");
	struct hw_cpu cpu = { .vendor = "0x41", .model = 0xd0c };
	struct hw_catalogue catalogue = { 0 };

	(void)state;
	free(file_with("tables/generic.json", generic));
	free(file_with("tables/arm-one.json", family));
	free(file_with("tables/README.md", "not a table"));
	assert_int_equal(hw_catalogue_load_for(&catalogue, folder, user, &cpu, NULL), 0);
	assert_string_equal(catalogue.family, "arm-one");
	assert_int_equal(catalogue.paths.count, 3);
	assert_non_null(hw_catalogue_metric(&catalogue, "ipc"));
	assert_non_null(hw_catalogue_event(&catalogue, "l2-misses"));
	assert_non_null(hw_catalogue_preset(&catalogue, "own"));
	hw_catalogue_fini(&catalogue);

	assert_int_equal(hw_catalogue_load_for(&catalogue, folder, none, &cpu, NULL), 0);
	assert_int_equal(catalogue.paths.count, 2);
	hw_catalogue_fini(&catalogue);

	cpu.is_mixed = true;
	assert_int_equal(hw_catalogue_load_for(&catalogue, folder, NULL, &cpu, NULL), 0);
	assert_string_equal(catalogue.family, "generic");
	assert_null(catalogue.pmu);
	hw_catalogue_fini(&catalogue);

	cpu = (struct hw_cpu){ .vendor = "unknown" };
	assert_int_equal(hw_catalogue_load_for(&catalogue, folder, NULL, &cpu, NULL), 0);
	assert_string_equal(catalogue.family, "generic");
	hw_catalogue_fini(&catalogue);
}

/* A wrong file ends the loading, whoever wrote it, and nothing of it is left. */
static void loading_fails_on_a_wrong_file(void **state)
{
	HW_AUTO(hw_freep) char *folder = make_folder("wrong");
	HW_AUTO(hw_freep) char *user = file_with("wrong-user.json", "{\"events\": {\"x\": {}}}");
	HW_AUTO(hw_freep) char *expected = hw_asprintf("%s: event 'x': 'event' is missing", user);
	const struct hw_cpu cpu = { .vendor = "0x41", .model = 0xd0c };
	struct hw_catalogue catalogue = { .general_counters = 42 };
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(hw_catalogue_load_for(&catalogue, folder, NULL, &cpu, &err), -1);
	assert_int_equal(err.kind, HW_ERR_INPUT);
	assert_non_null(strstr(err.message, "wrong/generic.json"));
	assert_non_null(strstr(err.hint, "HWPROF_EVENTS"));
	free(file_with("wrong/generic.json", generic));
	assert_int_equal(hw_catalogue_load_for(&catalogue, folder, user, &cpu, &err), -1);
	assert_string_equal(err.message, expected);
	assert_string_equal(err.hint, "this is your own table of events: mend it or move it away");
	free(file_with("wrong/a.json", "{"));
	assert_int_equal(hw_catalogue_load_for(&catalogue, folder, NULL, &cpu, &err), -1);
	assert_non_null(strstr(err.message, "wrong/a.json: line 1"));
	assert_int_equal(catalogue.general_counters, 42);
}

/* The environment names the folder and the user's file; a relative XDG_CONFIG_HOME does not count. */
static void loading_by_environment(void **state)
{
	HW_AUTO(hw_freep) char *folder = make_folder("named");
	HW_AUTO(hw_freep) char *home = make_folder("home");
	struct hw_catalogue catalogue = { 0 };

	(void)state;
	free(file_with("named/generic.json", generic));
	free(make_folder("home/.config"));
	free(make_folder("home/.config/hwprof"));
	free(file_with("home/.config/hwprof/events.json",
		       "{\"presets\": {\"home\": {\"description\": \"d\", \"events\": [\"cycles\"]}}}"));
	free(make_folder("home/hwprof"));
	free(file_with("home/hwprof/events.json",
		       "{\"presets\": {\"xdg\": {\"description\": \"d\", \"events\": [\"cycles\"]}}}"));
	assert_int_equal(setenv("HWPROF_EVENTS", folder, 1), 0);
	assert_int_equal(setenv("HOME", home, 1), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
	assert_int_equal(hw_catalogue_load(&catalogue, NULL), 0);
	assert_string_equal(catalogue.family, "generic");
	assert_non_null(hw_catalogue_preset(&catalogue, "home"));
	assert_null(hw_catalogue_preset(&catalogue, "xdg"));
	hw_catalogue_fini(&catalogue);

	assert_int_equal(setenv("XDG_CONFIG_HOME", home, 1), 0);
	assert_int_equal(hw_catalogue_load(&catalogue, NULL), 0);
	assert_non_null(hw_catalogue_preset(&catalogue, "xdg"));
	assert_null(hw_catalogue_preset(&catalogue, "home"));
	hw_catalogue_fini(&catalogue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_table),
		cmocka_unit_test(refusals_name_file_and_entry),
		cmocka_unit_test(bounds),
		cmocka_unit_test(one_table_over_another),
		cmocka_unit_test(which_cpus_a_table_names),
		cmocka_unit_test(loading_by_cpu),
		cmocka_unit_test(loading_fails_on_a_wrong_file),
		cmocka_unit_test(loading_by_environment),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
