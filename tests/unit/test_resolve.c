#include "event/resolve.h"

#include "event/events.h"
#include "tests/lib/fake_root.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A machine of our own: a CPU, and tracefs. */
static const char *const machine[][2] = {
	{ "pmu/cpu/type", "4\n" },
	{ "pmu/cpu/format/event", "config:0-7\n" },
	{ "pmu/cpu/events/read", "event=0x77\n" },
	{ "pmu/cpu/events/slots", "event=0x4\n" },
	{ "pmu/uncore/type", "20\n" },
	{ "pmu/uncore/cpumask", "0\n" },
	{ "pmu/uncore/format/event", "config:0-7\n" },
	{ "trace/events/sched/sched_switch/id", "372\n" },
	{ "trace/events/sched/sched_wakeup/id", "375\n" },
	{ "trace/events/sched/sched_wake", "a file as enable is one\n" },
	{ "trace/events/sched/broken/id", "x\n" },
};

static struct fake_root root;
static char pmus[80], tracing[80], absent[80];
static const char *mounted[] = { absent, tracing, NULL };
static const char *unmounted[] = { absent, NULL };

static int make_machine(void **state)
{
	(void)state;
	fake_root_init(&root);
	(void)snprintf(pmus, sizeof pmus, "%s/pmu", root.path);
	(void)snprintf(tracing, sizeof tracing, "%s/trace", root.path);
	(void)snprintf(absent, sizeof absent, "%s/absent", root.path);
	fake_root_files(&root, machine, HW_COUNT_OF(machine));
	return 0;
}

static int remove_machine(void **state)
{
	(void)state;
	fake_root_fini(&root);
	return 0;
}

static const struct hw_event_defaults at_1000_hz = { .freq_hz = 1000, .freq_is_default = true };

static int resolve(struct hw_event *event, const char *text, const struct hw_event_defaults *defaults,
		   struct hw_err *err)
{
	return hw_event_resolve_in(event, text, defaults,
				   &(struct hw_event_roots){ .pmus = pmus, .tracepoints = mounted }, err);
}

static struct hw_event resolved_with(const char *text, const struct hw_event_defaults *defaults)
{
	struct hw_err err = { 0 };
	struct hw_event event = { 0 };

	if (resolve(&event, text, defaults, &err) < 0)
		fail_msg("'%s': %s", text, err.message);
	return event;
}

/* Behind the nearest names, or alone. */
#define SHOWS_ALL "'hwprof list' shows the events of this machine"

static void assert_refused_with(const char *text, const struct hw_event_defaults *defaults,
				enum hw_err_kind kind, const char *message, const char *hint)
{
	struct hw_event event = { .precise_asked = 42 };
	struct hw_err err = { 0 };

	assert_int_equal(resolve(&event, text, defaults, &err), -1);
	assert_int_equal(event.precise_asked, 42);
	assert_string_equal(err.message, message);
	assert_string_equal(err.hint, hint);
	assert_int_equal(err.kind, kind);
}

/* -e text to type, config, name and unit, one of each kind of name. */
static void each_kind_of_name_resolves(void **state)
{
	static const struct {
		const char *text, *name, *unit;
		uint32_t type;
		uint64_t config;
	} cases[] = {
		{ "cycles:u", "cycles", "count", PERF_TYPE_HARDWARE, 0 },
		{ "cacheMisses", "cacheMisses", "count", PERF_TYPE_HARDWARE, 3 },
		{ "cpu-clock:u", "cpu-clock", "nanoseconds", PERF_TYPE_SOFTWARE, 0 },
		{ "task-clock", "task-clock", "nanoseconds", PERF_TYPE_SOFTWARE, 1 },
		{ "page-faults", "page-faults", "count", PERF_TYPE_SOFTWARE, 2 },
		{ "L1-dcache-load-misses", "L1-dcache-load-misses", "count", PERF_TYPE_HW_CACHE, 0x10000 },
		{ "r1a8:k", "r1a8", "count", PERF_TYPE_RAW, 0x1a8 },
		{ "cpu/event=0x3c/u", "cpu/event=0x3c/", "count", 4, 0x3c },
		{ "cpu/event=0x3c,name=mine/u", "mine", "count", 4, 0x3c },
		{ "slots", "slots", "count", 4, 4 },
		{ "read", "read", "count", 4, 0x77 }, /* not r0xead */
		{ "read1", "read1", "count", PERF_TYPE_RAW, 0xead1 },
		{ "sched:sched_switch:k", "sched:sched_switch", "count", PERF_TYPE_TRACEPOINT, 372 },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_event event = resolved_with(cases[i].text, &at_1000_hz);

		assert_string_equal(event.text, cases[i].text);
		assert_string_equal(event.name, cases[i].name);
		assert_string_equal(event.unit, cases[i].unit);
		assert_int_equal(event.attr.type, cases[i].type);
		assert_int_equal(event.attr.config, cases[i].config);
		assert_int_equal(event.attr.size, sizeof event.attr);
		assert_false(event.is_default);
		hw_event_fini(&event);
	}
}

/* perf takes its own terms behind a name that is no PMU, too; the PMU's terms have no meaning there. */
static void names_take_slashes(void **state)
{
	struct hw_event event = resolved_with("cycles/period=7/u", &at_1000_hz);

	(void)state;
	assert_string_equal(event.name, "cycles");
	assert_int_equal(event.attr.sample_period, 7);
	assert_int_equal(event.attr.exclude_kernel, 1);
	hw_event_fini(&event);
	event = resolved_with("sched:sched_switch/name=switch,period=3/", &at_1000_hz);
	assert_string_equal(event.name, "switch");
	assert_int_equal(event.attr.config, 372);
	assert_int_equal(event.attr.sample_period, 3);
	hw_event_fini(&event);
	event = resolved_with("r1a8/freq=5/pp", &at_1000_hz);
	assert_int_equal(event.attr.config, 0x1a8);
	assert_int_equal(event.attr.precise_ip, 2);
	hw_event_fini(&event);
	assert_refused_with("cycles/event=1/", &at_1000_hz, HW_ERR_USAGE,
			    "event 'cycles/event=1/': 'cycles' is an event, not a PMU, and takes no 'event'",
			    "between its slashes may stand name=, period=, freq= and precise=");
}

/* PMUs that know no guests refuse the bit that leaves them out: it is set only when asked for. */
static void guests_are_left_out_where_they_are_known(void **state)
{
	static const struct {
		const char *text;
		unsigned exclude_guest;
	} cases[] = {
		{ "cpu/event=1/", 1 },
		{ "uncore/event=1/", 0 },
		{ "uncore/event=1/H", 1 },
		{ "cycles", 1 },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_event event = resolved_with(cases[i].text, &at_1000_hz);

		assert_int_equal(event.attr.exclude_guest, cases[i].exclude_guest);
		hw_event_fini(&event);
	}
}

static void assert_levels(const char *text, const struct hw_event_defaults *defaults, unsigned bits)
{
	struct hw_event event = resolved_with(text, defaults);
	const struct perf_event_attr *a = &event.attr;
	const unsigned got = (unsigned)(a->exclude_user << 4 | a->exclude_kernel << 3 | a->exclude_hv << 2 |
					a->exclude_host << 1 | a->exclude_guest);

	if (got != bits)
		fail_msg("'%s': user, kernel, hv, host, guest excluded: 0x%x, not 0x%x", text, got, bits);
	hw_event_fini(&event);
}

/* The exclude bits (user, kernel, hv, host, guest) of each modifier, as perf sets them but for the guest's, which
 * only :G takes back; -u and -k where the event says nothing. */
static void levels_become_exclude_bits(void **state)
{
	const struct hw_event_defaults user = { .freq_hz = 1, .user_only = true };
	const struct hw_event_defaults kernel = { .freq_hz = 1, .kernel_only = true };

	(void)state;
	assert_levels("cycles", &at_1000_hz, 0x01);
	assert_levels("cycles:u", &at_1000_hz, 0x0d);
	assert_levels("cycles:k", &at_1000_hz, 0x15);
	assert_levels("cycles:h", &at_1000_hz, 0x19);
	assert_levels("cycles:uk", &at_1000_hz, 0x05);
	assert_levels("cycles:ukh", &at_1000_hz, 0x01);
	assert_levels("cycles:G", &at_1000_hz, 0x02);
	assert_levels("cycles:H", &at_1000_hz, 0x01);
	assert_levels("cycles:GH", &at_1000_hz, 0x00);
	assert_levels("cycles:uG", &at_1000_hz, 0x0e);
	assert_levels("cycles:P", &at_1000_hz, 0x01);
	assert_levels("cycles", &user, 0x0d);
	assert_levels("cycles", &kernel, 0x15);
	assert_levels("cycles:uk", &user, 0x05);
	assert_levels("cycles:G", &user, 0x0e);
}

/* An event that leaves out what the options ask for, and options that leave out each other, are refused. */
static void contradictions_are_refused(void **state)
{
	const struct hw_event_defaults user = { .freq_hz = 1, .user_only = true };
	const struct hw_event_defaults kernel = { .freq_hz = 1, .kernel_only = true };
	const struct hw_event_defaults both_levels = { .freq_hz = 1, .user_only = true, .kernel_only = true };
	const struct hw_event_defaults both_rates = { .freq_hz = 1, .period_events = 1 };

	(void)state;
	assert_refused_with("cycles:k", &user, HW_ERR_USAGE,
			    "event 'cycles:k' and option -u contradict each other", "");
	assert_refused_with("cycles:u", &kernel, HW_ERR_USAGE,
			    "event 'cycles:u' and option -k contradict each other", "");
	assert_refused_with("cycles", &both_levels, HW_ERR_USAGE, "options -u and -k contradict each other",
			    "");
	assert_refused_with("cycles", &both_rates, HW_ERR_USAGE,
			    "a frequency and a period contradict each other: one decides", "");
}

static void assert_rate(const char *text, const struct hw_event_defaults *defaults, uint64_t freq_hz,
			uint64_t period)
{
	struct hw_event event = resolved_with(text, defaults);

	assert_int_equal(event.attr.freq, freq_hz != 0);
	assert_int_equal(event.attr.sample_freq, freq_hz ? freq_hz : period);
	hw_event_fini(&event);
}

/* The event's own rate wins over the command line's. A tracepoint takes each, and so do rare
 * software events, unless a rate was typed. */
static void rates_come_from_the_nearest(void **state)
{
	const struct hw_event_defaults by_period = { .period_events = 5000 };
	const struct hw_event_defaults typed_freq = { .freq_hz = 50 };
	const struct hw_event_defaults nothing = { 0 };

	(void)state;
	assert_rate("cycles", &at_1000_hz, 1000, 0);
	assert_rate("cpu-clock:freq=99", &at_1000_hz, 99, 0);
	assert_rate("cycles:period=7", &at_1000_hz, 0, 7);
	assert_rate("cycles", &by_period, 0, 5000);
	assert_rate("cycles:freq=99", &by_period, 99, 0);
	assert_rate("cycles", &nothing, 0, 0);
	assert_rate("sched:sched_switch", &at_1000_hz, 0, 1);
	assert_rate("sched:sched_switch", &nothing, 0, 1);
	assert_rate("sched:sched_switch", &typed_freq, 50, 0);
	assert_rate("sched:sched_switch", &by_period, 0, 5000);
	assert_rate("sched:sched_switch:period=3", &at_1000_hz, 0, 3);
	assert_rate("context-switches", &at_1000_hz, 0, 1);
	assert_rate("cpu-migrations", &typed_freq, 50, 0);
	assert_rate("page-faults", &at_1000_hz, 1000, 0);
}

/* Below 10 us the kernel's timer does not keep up, and its samples would be given too little weight. */
static void clocks_have_a_shortest_period(void **state)
{
	const struct hw_event_defaults by_period = { .period_events = 9999 };

	(void)state;
	assert_rate("cpu-clock:period=10000", &at_1000_hz, 0, 10000);
	assert_rate("page-faults:period=1", &at_1000_hz, 0, 1);
	assert_refused_with("cpu-clock", &by_period, HW_ERR_USAGE,
			    "event 'cpu-clock': the kernel's timer takes no period below 10000 ns",
			    "periods of cpu-clock are nanoseconds: 1000000 is 1,000 samples per second");
	assert_refused_with(
		"task-clock:u:period=1", &at_1000_hz, HW_ERR_USAGE,
		"event 'task-clock:u:period=1': the kernel's timer takes no period below 10000 ns",
		"periods of task-clock are nanoseconds: 1000000 is 1,000 samples per second");
}

/* Precise levels are for hardware; P means the best there is, which for a clock is none. */
static void precise_levels_need_hardware(void **state)
{
	struct hw_event event = resolved_with("cycles:pp", &at_1000_hz);

	(void)state;
	assert_int_equal(event.attr.precise_ip, 2);
	assert_int_equal(event.precise_asked, 2);
	assert_false(event.precise_max);
	hw_event_fini(&event);
	event = resolved_with("cpu/event=1/P", &at_1000_hz);
	assert_int_equal(event.attr.precise_ip, 3);
	assert_true(event.precise_max);
	hw_event_fini(&event);
	event = resolved_with("cpu-clock:P", &at_1000_hz);
	assert_int_equal(event.attr.precise_ip, 0);
	assert_int_equal(event.precise_asked, 0);
	hw_event_fini(&event);
	assert_refused_with("cpu-clock:p", &at_1000_hz, HW_ERR_EVENT,
			    "event 'cpu-clock:p': only hardware events have precise levels", "");
	assert_refused_with("sched:sched_switch:pp", &at_1000_hz, HW_ERR_EVENT,
			    "event 'sched:sched_switch:pp': only hardware events have precise levels", "");
}

/* Unknown names come with the nearest, unknown modifiers with the modifiers. */
static void unknown_names_get_suggestions(void **state)
{
	HW_AUTO(hw_freep)
	char *broken = hw_asprintf("tracepoint 'sched:broken': '%s/events/sched/broken/id': 'x' is not "
				   "a whole number",
				   tracing);

	(void)state;
	assert_refused_with("zzzzzzzzz", &at_1000_hz, HW_ERR_EVENT, "unknown event 'zzzzzzzzz'", SHOWS_ALL);
	assert_refused_with("task-clok", &at_1000_hz, HW_ERR_EVENT, "unknown event 'task-clok'",
			    "did you mean 'task-clock'? " SHOWS_ALL);
	assert_refused_with("sched:sched_swich", &at_1000_hz, HW_ERR_EVENT,
			    "unknown event 'sched:sched_swich'",
			    "did you mean 'sched:sched_switch' or 'sched:sched_wakeup'? " SHOWS_ALL);
	assert_refused_with("shed:sched_wakeup", &at_1000_hz, HW_ERR_EVENT,
			    "unknown event 'shed:sched_wakeup'",
			    "did you mean 'sched:sched_wakeup'? " SHOWS_ALL);
	assert_refused_with("cycles:x", &at_1000_hz, HW_ERR_USAGE, "event 'cycles:x': ':x' is not a modifier",
			    HW_MODIFIERS_HINT);
	assert_refused_with("sched:sched_*", &at_1000_hz, HW_ERR_EVENT,
			    "event 'sched:sched_*' is a pattern, and events are named one by one",
			    "hwprof list 'sched:sched_*' shows what it matches");
	assert_refused_with("sched:broken", &at_1000_hz, HW_ERR_USAGE, broken, "");
}

/* A tracepoint without tracefs says so, and how to mount it. */
static void absent_tracefs_is_named(void **state)
{
	const struct hw_event_roots roots = { .pmus = pmus, .tracepoints = unmounted };
	struct hw_event event;
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(hw_event_resolve_in(&event, "sched:sched_switch", &at_1000_hz, &roots, &err), -1);
	assert_string_equal(err.message, "tracepoint 'sched:sched_switch': tracefs is not mounted");
	assert_string_equal(err.hint, "as root: mount -t tracefs tracefs /sys/kernel/tracing");
}

/* tracefs that only root may search is a matter of permission. */
static void closed_tracefs_is_a_permission(void **state)
{
	const struct hw_event_roots roots = { .pmus = pmus, .tracepoints = mounted };
	HW_AUTO(hw_freep) char *events = hw_asprintf("%s/events", tracing);
	struct hw_event event;
	struct hw_err err = { 0 };
	uid_t user = geteuid();
	int result;

	(void)state;
	assert_int_equal(chmod(events, 0), 0);
	if (!user) /* root may read everything: become somebody else, who may search the way to it */
		assert_int_equal(
			chmod(root.path, 0755) | chmod(tracing, 0755) | setresuid((uid_t)-1, 65534, 0), 0);
	result = hw_event_resolve_in(&event, "sched:sched_switch", &at_1000_hz, &roots, &err);
	if (!user)
		assert_int_equal(setresuid((uid_t)-1, 0, 0), 0);
	assert_int_equal(chmod(events, 0700), 0);
	assert_int_equal(result, -1);
	assert_int_equal(err.kind, HW_ERR_PERMISSION);
	assert_int_equal(err.sys_errno, EACCES);
	assert_non_null(strstr(err.hint, "mount -o remount,mode=750,gid=GROUP"));
}

#ifdef __x86_64__
/* libpfm4's lists grow: only a part of message and hint is fixed. */
static void assert_hint_has(const char *text, const char *message, const char *hint)
{
	struct hw_event event;
	struct hw_err err = { 0 };

	assert_int_equal(resolve(&event, text, &at_1000_hz, &err), -1);
	assert_int_equal(err.kind, HW_ERR_EVENT);
	if (!strstr(err.message, message) || !strstr(err.hint, hint))
		fail_msg("'%s': '%s', hint '%s'", text, err.message, err.hint);
}
#endif

/* libpfm4 encodes for the CPU it is told it has: Skylake's INST_RETIRED.ANY_P is event 0xc0, umask 0 (Intel SDM vol.
 * 3B, 20.2.1.2); BR_MISP_RETIRED.CONDITIONAL 0xc5, umask 1. Levels are ours, whatever libpfm4 would set. */
static void libpfm4_names_encode(void **state)
{
#ifdef __x86_64__
	struct hw_event event = resolved_with("skl::INST_RETIRED:ANY_P:u:period=2000003", &at_1000_hz);

	(void)state;
	assert_string_equal(event.name, "skl::INST_RETIRED:ANY_P");
	assert_int_equal(event.attr.type, PERF_TYPE_RAW);
	assert_int_equal(event.attr.config, 0xc0);
	assert_int_equal(event.attr.exclude_kernel, 1);
	assert_int_equal(event.attr.sample_period, 2000003);
	hw_event_fini(&event);
	event = resolved_with("BR_MISP_RETIRED:CONDITIONAL:k:c=2", &at_1000_hz);
	assert_int_equal(event.attr.config, 0x20001c5);
	assert_int_equal(event.attr.exclude_user, 1);
	hw_event_fini(&event);
	assert_hint_has("BR_MISP_RETIRD", "unknown event 'BR_MISP_RETIRD'", "did you mean 'BR_MISP_RETIRED'");
	assert_hint_has("skl::BR_MISP_RETIRD", "unknown event 'skl::BR_MISP_RETIRD'",
			"did you mean 'skl::BR_MISP_RETIRED'");
	assert_hint_has("BR_MISP_RETIRED:CONDITIONL",
			"libpfm4 does not take event 'BR_MISP_RETIRED:CONDITIONL'", "BR_MISP_RETIRED takes");
	assert_hint_has("BR_MISP_RETIRED:CONDITIONL", "CONDITIONL", " :CONDITIONAL ");
#else
	(void)state;
	skip();
#endif
}

/* Sample types need names of their own: shared ones grow their modifiers, equal texts are refused. */
static void shared_names_keep_their_modifiers(void **state)
{
	struct hw_event events[] = { resolved_with("cycles:u", &at_1000_hz),
				     resolved_with("cpu-clock:u", &at_1000_hz),
				     resolved_with("cycles:k", &at_1000_hz),
				     resolved_with("cycles", &at_1000_hz) };
	struct hw_event twice[] = { resolved_with("cs", &at_1000_hz), resolved_with("cs", &at_1000_hz) };
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(hw_events_set_names(events, HW_COUNT_OF(events), &err), 0);
	assert_string_equal(events[0].name, "cycles:u");
	assert_string_equal(events[1].name, "cpu-clock");
	assert_string_equal(events[2].name, "cycles:k");
	assert_string_equal(events[3].name, "cycles");
	assert_int_equal(hw_events_set_names(twice, 2, &err), -1);
	assert_string_equal(err.message, "event 'cs' is given twice");
	for (size_t i = 0; i < HW_COUNT_OF(events); i++)
		hw_event_fini(&events[i]);
	hw_event_fini(&twice[0]);
	hw_event_fini(&twice[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_name_resolves),
		cmocka_unit_test(names_take_slashes),
		cmocka_unit_test(guests_are_left_out_where_they_are_known),
		cmocka_unit_test(levels_become_exclude_bits),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(rates_come_from_the_nearest),
		cmocka_unit_test(clocks_have_a_shortest_period),
		cmocka_unit_test(precise_levels_need_hardware),
		cmocka_unit_test(unknown_names_get_suggestions),
		cmocka_unit_test(absent_tracefs_is_named),
		cmocka_unit_test(closed_tracefs_is_a_permission),
		cmocka_unit_test(libpfm4_names_encode),
		cmocka_unit_test(shared_names_keep_their_modifiers),
	};

	/* libpfm4 shall see the same CPU on every machine that runs this. */
	if (setenv("LIBPFM_FORCE_PMU", "skl", 1) < 0)
		return 99;
	return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
