#include "event/inventory.h"

#include "event/catalogue.h"
#include "event/names.h"
#include "event/resolve.h"
#include "tests/lib/fake_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A machine of our own; its PMUs have types that no kernel has given away, so that nothing of it opens. */
static const char *const machine[][2] = {
	{ "/pmu/cpu/type", "70004\n" },
	{ "/pmu/cpu/format/event", "config:0-7\n" },
	{ "/pmu/cpu/format/umask", "config:8-15\n" },
	{ "/pmu/cpu/events/cpu-cycles", "event=0x3c\n" },
	{ "/pmu/cpu/events/offcore", "event=0xb7,umask=?\n" },
	{ "/pmu/power/type", "70022\n" },
	{ "/pmu/power/cpumask", "0\n" },
	{ "/pmu/power/format/event", "config:0-7\n" },
	{ "/pmu/power/events/energy-pkg", "event=0x02\n" },
	{ "/pmu/power/events/energy-pkg.unit", "Joules\n" },
	{ "/trace/events/enable", "0\n" },
	{ "/trace/events/sched/enable", "0\n" },
	{ "/trace/events/sched/sched_switch/id", "4000000372\n" },
	{ "/trace/events/sched/sched_switch/format", "\tfield:pid_t prev_pid;\toffset:24;\n" },
	{ "/trace/events/sched/sched_wakeup/id", "4000000375\n" },
};

static struct fake_root root;
static char pmus[96], tracing[96];
static const char *mounted[] = { tracing, NULL };
static const struct hw_event_roots roots = { .pmus = pmus, .tracepoints = mounted };
static struct hw_inventory inventory;

static int make_machine(void **state)
{
	(void)state;
	fake_root_init(&root);
	for (size_t i = 0; i < HW_COUNT_OF(machine); i++)
		fake_root_file(&root, machine[i][0], machine[i][1]);
	(void)snprintf(pmus, sizeof pmus, "%s/pmu", root.path);
	(void)snprintf(tracing, sizeof tracing, "%s/trace", root.path);
	hw_inventory_init(&inventory, &roots, NULL);
	return 0;
}

static int remove_machine(void **state)
{
	(void)state;
	hw_inventory_fini(&inventory);
	fake_root_fini(&root);
	return 0;
}

static struct hw_inventory_entry *entry_of(const char *name)
{
	for (size_t i = 0; i < inventory.entries.count; i++)
		if (strcmp(inventory.entries.at[i].name, name) == 0)
			return &inventory.entries.at[i];
	fail_msg("no entry '%s'", name);
	return NULL;
}

static struct hw_inventory_entry *examined(const char *name)
{
	const struct hw_inventory_care care = { .details = true };
	struct hw_inventory_entry *entry = entry_of(name);

	hw_inventory_examine(&inventory, entry, &care);
	return entry;
}

/* Each kind is listed, in the kinds' order, and no name twice. */
static void every_source_is_listed(void **state)
{
	static const struct {
		const char *name;
		enum hw_inventory_kind kind;
	} expected[] = {
		{ "cycles", HW_INVENTORY_HARDWARE },
		{ "L1-dcache-load-misses", HW_INVENTORY_CACHE },
		{ "page-faults", HW_INVENTORY_SOFTWARE },
		{ "cpu/cpu-cycles/", HW_INVENTORY_PMU },
		{ "cpu/offcore,umask=?/", HW_INVENTORY_PMU },
		{ "power/energy-pkg/", HW_INVENTORY_PMU },
		{ "rNNN", HW_INVENTORY_RAW },
		{ "cpu/TERM=VALUE,.../", HW_INVENTORY_RAW },
		{ "sched:sched_switch", HW_INVENTORY_TRACEPOINT },
		{ "sched:sched_wakeup", HW_INVENTORY_TRACEPOINT },
	};
	size_t tracepoints = 0;

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(expected); i++)
		assert_int_equal(entry_of(expected[i].name)->kind, expected[i].kind);
	for (size_t i = 0; i < inventory.entries.count; i++) {
		const struct hw_inventory_entry *entry = &inventory.entries.at[i];

		assert_true(!i || inventory.entries.at[i - 1].kind <= entry->kind);
		tracepoints += entry->kind == HW_INVENTORY_TRACEPOINT;
		for (size_t j = 0; j < i; j++)
			if (strcmp(inventory.entries.at[j].name, entry->name) == 0)
				fail_msg("'%s' is listed twice", entry->name);
	}
	assert_int_equal(tracepoints, 2);		   /* "enable" is none */
	for (size_t i = 0; i < inventory.notes.count; i++) /* libpfm4 may not know the CPU */
		assert_int_equal(inventory.notes.at[i].kind, HW_INVENTORY_PFM);
}

/* Every generic event is listed with what hw_names_find says, as are its other names. */
static void generic_events_mean_what_they_say(void **state)
{
	struct hw_generic event;
	size_t count = 0;

	(void)state;
	for (size_t at = 0; hw_names_next(&at, &event); count++) {
		const struct hw_inventory_entry *entry = examined(event.name);
		uint32_t type;
		uint64_t config;

		assert_true(entry->encoded);
		assert_int_equal(entry->type, event.type);
		assert_int_equal(entry->config, event.config);
		assert_true(*entry->description);
		assert_true(hw_names_find(event.name, &type, &config));
		assert_true(type == event.type && config == event.config);
		for (size_t i = 0; i < entry->aliases.count; i++) {
			assert_true(hw_names_find(entry->aliases.at[i], &type, &config));
			assert_true(type == event.type && config == event.config);
		}
	}
	assert_int_equal(
		count,
		10 + 12 + 32); /* of Linux 6.1: hardware, software, and the cache events CPUs can have */
}

/* What a PMU's driver named has its code, its unit, and the PMU it is of. */
static void pmu_events_have_units(void **state)
{
	const struct hw_inventory_entry *energy = examined("power/energy-pkg/");

	(void)state;
	assert_string_equal(energy->unit, "Joules");
	assert_string_equal(energy->source, "power");
	assert_string_equal(energy->encoding, "power/event=0x2/");
	assert_int_equal(energy->type, 70022);
	assert_int_equal(energy->config, 2);
	assert_int_equal(energy->probe.opens, HW_ANSWER_NO);
	assert_true(*energy->probe.obstacle.cause);
}

/* An event that needs a value of the user's says which, and nothing is claimed of it. */
static void parameters_are_left_open(void **state)
{
	const struct hw_inventory_entry *entry = examined("cpu/offcore,umask=?/");

	(void)state;
	assert_false(entry->encoded);
	assert_int_equal(entry->probe.opens, HW_ANSWER_UNKNOWN);
	assert_true(*entry->probe.obstacle.cause);
}

/* A generic hardware event shows the code of its PMU, where the driver tells it. */
static void mapping_is_a_detail(void **state)
{
	const struct hw_inventory_entry *entry = examined("cycles");

	(void)state;
	assert_int_equal(entry->details.count, 1);
	assert_string_equal(entry->details.at[0].label, "mapped to");
	assert_string_equal(entry->details.at[0].text, "cpu/event=0x3c/");
}

/* The number that no kernel gives does not open; of several, the first one's answer holds for all. */
static void tracepoints_share_an_answer(void **state)
{
	const struct hw_inventory_entry *first = examined("sched:sched_switch");
	const struct hw_inventory_entry *second = examined("sched:sched_wakeup");

	(void)state;
	assert_int_equal(first->config, 4000000372);
	assert_int_equal(second->config, 4000000375);
	assert_int_equal(first->probe.opens, HW_ANSWER_NO);
	assert_int_equal(second->probe.opens, HW_ANSWER_NO);
	assert_string_equal(first->details.at[0].label, "fields");
	assert_string_equal(first->details.at[0].text, "pid_t prev_pid");
	assert_int_equal(second->details.count, 0); /* has no format file */
}

/* A counter of the kernel's own opens for everybody who may open anything. */
static void software_events_open(void **state)
{
	const struct hw_inventory_entry *entry = examined("page-faults");

	(void)state;
	if (entry->probe.opens != HW_ANSWER_YES) {
		print_message("not tested: %s\n", entry->probe.obstacle.cause);
		assert_true(*entry->probe.obstacle.cause);
		skip();
	}
	assert_int_equal(entry->probe.samples, HW_ANSWER_YES);
}

/* Without tracefs there are no tracepoints, and a note says why. */
static void missing_tracefs_is_noted(void **state)
{
	static const char *const absent[] = { "/nonexistent", NULL };
	const struct hw_event_roots bare = { .pmus = "/nonexistent", .tracepoints = absent };
	struct hw_inventory other;

	(void)state;
	hw_inventory_init(&other, &bare, NULL);
	assert_true(other.notes.count);
	assert_int_equal(other.notes.at[other.notes.count - 1].kind, HW_INVENTORY_TRACEPOINT);
	assert_string_equal(other.notes.at[other.notes.count - 1].text,
			    "no tracepoints: tracefs is not mounted (as root: mount -t tracefs "
			    "tracefs /sys/kernel/tracing)");
	hw_inventory_fini(&other);
}

static void assert_matches(const char *name, const char *pattern, bool expected)
{
	if (hw_inventory_matches(entry_of(name), pattern, NULL) != expected)
		fail_msg("'%s' %s '%s'", pattern, expected ? "does not match" : "matches", name);
}

/* Kinds, parts of names and descriptions, globs of the whole; case does not count. */
static void patterns_match(void **state)
{
	bool exact = false;

	(void)state;
	assert_matches("cycles", "hw", true);
	assert_matches("cycles", "Hardware", true);
	assert_matches("cycles", "sw", false);
	assert_matches("cache-misses", "cache", false); /* the kind, as for perf */
	assert_matches("cache-misses", "*cache*", true);
	assert_matches("cache-misses", "cache*", true);
	assert_matches("L1-dcache-loads", "cache*", false);
	assert_matches("L1-dcache-loads", "l1-[di]cache-loads", true);
	assert_matches("L1-dcache-loads", "DCACHE", true);
	assert_matches("cache-misses", "cacheMisses", true);
	assert_matches("major-faults", "disk", true); /* in its description */
	assert_matches("major-faults", "disk*", false);
	assert_matches("sched:sched_switch", "tracepoint", true);
	assert_true(hw_inventory_matches(entry_of("page-faults"), "FAULTS", &exact));
	assert_true(exact); /* an alias */
	assert_true(hw_inventory_matches(entry_of("minor-faults"), "faults", &exact));
	assert_false(exact);
}

/* Every word of a kind is a pattern for it. */
static void kinds_have_words(void **state)
{
	(void)state;
	for (enum hw_inventory_kind kind = 0; kind < HW_INVENTORY_KIND_COUNT; kind++)
		assert_int_equal(hw_inventory_kind_asked(hw_inventory_kind_word(kind)), kind);
	assert_int_equal(hw_inventory_kind_asked("hardware"), HW_INVENTORY_HARDWARE);
	assert_int_equal(hw_inventory_kind_asked("cycles"), HW_INVENTORY_KIND_COUNT);
}

/* What stands in no list is added when it is an event, and refused when not. */
static void unlisted_events_are_added(void **state)
{
	const size_t count = inventory.entries.count;
	const struct hw_inventory_entry *entry;
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(hw_inventory_add(&inventory, "cpu/event=0xc0,umask=1/u", &err), 0);
	assert_int_equal(inventory.entries.count, count + 1);
	entry = &inventory.entries.at[count];
	assert_string_equal(entry->name, "cpu/event=0xc0,umask=1/u");
	assert_string_equal(entry->encoding, "cpu/event=0xc0,umask=0x1/");
	assert_int_equal(entry->probe.opens, HW_ANSWER_NO);
	assert_int_equal(hw_inventory_add(&inventory, "cpu/nosuch=1/", &err), -1);
	assert_int_equal(err.kind, HW_ERR_EVENT);
	assert_int_equal(inventory.entries.count, count + 1);
}

/* A table with one of each. */
static const char table[] =
	"{\"description\": \"a table\",\"source\": [\"none\"],"
	"\"events\": {\"odd-faults\": {\"event\": \"minor-faults\", \"description\": \"odd\"}},"
	"\"metrics\": {\"fault-rate\": {\"title\": \"rate\", \"description\": \"of all\", "
	"\"unit\": \"%\", \"formula\": \"100 * odd-faults / page-faults\"}},"
	"\"presets\": {\"faults-of-all-kinds\": {\"description\": \"all\", "
	"\"events\": [\"{page-faults,odd-faults}\", \"cycles\"]}}}";

static struct hw_inventory_entry *examined_in(struct hw_inventory *of, const char *name)
{
	for (size_t i = 0; i < of->entries.count; i++) {
		if (strcmp(of->entries.at[i].name, name) != 0)
			continue;
		hw_inventory_examine(of, &of->entries.at[i], &(struct hw_inventory_care){ .details = true });
		return &of->entries.at[i];
	}
	fail_msg("no entry '%s'", name);
	return NULL;
}

static const char *detail_of(const struct hw_inventory_entry *entry, const char *label)
{
	for (size_t i = 0; i < entry->details.count; i++)
		if (strcmp(entry->details.at[i].label, label) == 0)
			return entry->details.at[i].text;
	fail_msg("'%s' has no detail '%s'", entry->name, label);
	return NULL;
}

/* What a table names: an event is what it stands for; presets and metrics say of what they are made, and open when all
 * of that does, naming the one that does not. */
static void tables_are_listed(void **state)
{
	struct hw_catalogue catalogue = { 0 };
	struct hw_inventory of;
	const struct hw_inventory_entry *entry;
	struct hw_err err = { 0 };
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/table.json", root.path);
	fake_root_file(&root, "/table.json", table);
	if (hw_catalogue_read(&catalogue, path, &err) < 0)
		fail_msg("%s", err.message);
	hw_inventory_init(&of, &roots, &catalogue);

	entry = examined_in(&of, "odd-faults");
	assert_int_equal(entry->kind, HW_INVENTORY_EVENT);
	assert_int_equal(entry->type, PERF_TYPE_SOFTWARE);
	assert_int_equal(entry->config, PERF_COUNT_SW_PAGE_FAULTS_MIN);
	assert_string_equal(detail_of(entry, "stands for"), "minor-faults");

	entry = examined_in(&of, "fault-rate");
	assert_int_equal(entry->kind, HW_INVENTORY_METRIC);
	assert_string_equal(entry->unit, "%");
	assert_string_equal(detail_of(entry, "formula"), "100 * odd-faults / page-faults");
	assert_string_equal(detail_of(entry, "events"),
			    "odd-faults = type 1 config 0x5, page-faults = type 1 config 0x2");
	assert_false(entry->encoded);
	if (examined("page-faults")->probe.opens == HW_ANSWER_YES)
		assert_int_equal(entry->probe.opens, HW_ANSWER_YES);

	entry = examined_in(&of, "faults-of-all-kinds");
	assert_int_equal(entry->kind, HW_INVENTORY_PRESET);
	assert_string_equal(detail_of(entry, "stands for"), "{page-faults,odd-faults} cycles");
	assert_int_equal(entry->probe.opens, examined("cycles")->probe.opens);
	if (examined("page-faults")->probe.opens == HW_ANSWER_YES && entry->probe.opens == HW_ANSWER_NO)
		assert_int_equal(strncmp(entry->probe.obstacle.cause, "cycles: ", 8), 0);
	hw_inventory_fini(&of);
	hw_catalogue_fini(&catalogue);
}

/* On a hybrid CPU a generic event has a part on each core PMU. */
static void hybrid_events_have_parts(void **state)
{
	static const char *const absent[] = { "/nonexistent", NULL };
	struct fake_root hybrid;
	struct hw_inventory of;
	struct hw_event_roots there = { .tracepoints = absent };
	const struct hw_inventory_entry *entry;

	(void)state;
	fake_root_init(&hybrid);
	fake_root_file(&hybrid, "/cpu_core/type", "4\n");
	fake_root_file(&hybrid, "/cpu_core/cpus", "0-3\n");
	fake_root_file(&hybrid, "/cpu_core/format/event", "config:0-7\n");
	fake_root_file(&hybrid, "/cpu_atom/type", "70010\n");
	fake_root_file(&hybrid, "/cpu_atom/cpus", "4-7\n");
	fake_root_file(&hybrid, "/cpu_atom/format/event", "config:0-7\n");
	there.pmus = hybrid.path;
	hw_inventory_init(&of, &there, NULL);
	entry = examined_in(&of, "instructions");
	assert_false(entry->encoded);
	assert_string_equal(detail_of(entry, "events"),
			    "instructions of cpu_atom = type 0 config 0x1117a00000001, "
			    "instructions of cpu_core = type 0 config 0x400000001");
	hw_inventory_fini(&of);
	fake_root_fini(&hybrid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_source_is_listed),
		cmocka_unit_test(generic_events_mean_what_they_say),
		cmocka_unit_test(pmu_events_have_units),
		cmocka_unit_test(parameters_are_left_open),
		cmocka_unit_test(mapping_is_a_detail),
		cmocka_unit_test(tracepoints_share_an_answer),
		cmocka_unit_test(software_events_open),
		cmocka_unit_test(missing_tracefs_is_noted),
		cmocka_unit_test(patterns_match),
		cmocka_unit_test(kinds_have_words),
		cmocka_unit_test(unlisted_events_are_added),
		cmocka_unit_test(tables_are_listed),
		cmocka_unit_test(hybrid_events_have_parts),
	};

	return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
