/* Lists, groups, presets and the parts of hybrid CPUs, on machines of our own. */
#include "event/events.h"

#include "event/catalogue.h"
#include "event/resolve.h"
#include "tests/lib/fake_root.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What sysfs shows of three machines (and "none": nothing). Types and events as on real ones: Alder Lake's big cores have
 * the type that is PERF_TYPE_RAW. */
static const char *const files[][2] = {
	{ "/plain/cpu/type", "4\n" },
	{ "/plain/cpu/format/event", "config:0-7\n" },
	{ "/plain/power/type", "12\n" },
	{ "/plain/power/cpumask", "0\n" },
	{ "/plain/power/format/event", "config:0-7\n" },
	{ "/plain/power/events/energy-pkg", "event=0x02\n" },
	{ "/plain/power/events/energy-pkg.unit", "Joules\n" },
	{ "/plain/power/events/energy-pkg.scale", "2.3283064365386962890625e-10\n" },
	{ "/plain/uncore_imc/type", "20\n" },
	{ "/plain/uncore_imc/cpumask", "0\n" },
	{ "/plain/uncore_imc/format/event", "config:0-7\n" },
	{ "/plain/uncore_cha_0/type", "21\n" },
	{ "/plain/uncore_cha_0/cpumask", "0\n" },
	{ "/plain/uncore_cha_0/format/event", "config:0-7\n" },
	{ "/plain/uncore_cha_1/type", "22\n" },
	{ "/plain/uncore_cha_1/cpumask", "0\n" },
	{ "/plain/uncore_cha_1/format/event", "config:0-7\n" },
	{ "/plain/uncore_cha_free/type", "23\n" },
	{ "/plain/ibs_op/type", "9\n" },
	{ "/plain/ibs_op/format/cnt_ctl", "config:19\n" },

	{ "/alder/cpu_core/type", "4\n" },
	{ "/alder/cpu_core/cpus", "0-15\n" },
	{ "/alder/cpu_core/format/event", "config:0-7\n" },
	{ "/alder/cpu_core/format/umask", "config:8-15\n" },
	{ "/alder/cpu_core/events/slots", "event=0x00,umask=0x4\n" },
	{ "/alder/cpu_atom/type", "10\n" },
	{ "/alder/cpu_atom/cpus", "16-23\n" },
	{ "/alder/cpu_atom/format/event", "config:0-7\n" },
	{ "/alder/cpu_atom/format/umask", "config:8-15\n" },
	{ "/alder/power/type", "12\n" },
	{ "/alder/power/cpumask", "0\n" },
	{ "/alder/power/events/energy-pkg", "event=0x02\n" },
	{ "/alder/power/format/event", "config:0-7\n" },

	{ "/arm/armv8_cortex_a53/type", "8\n" },
	{ "/arm/armv8_cortex_a53/cpus", "0-3\n" },
	{ "/arm/armv8_cortex_a53/format/event", "config:0-15\n" },
	{ "/arm/armv8_cortex_a53/events/cpu_cycles", "event=0x0011\n" },
	{ "/arm/armv8_cortex_a53/events/inst_retired", "event=0x0008\n" },
	{ "/arm/armv8_cortex_a53/events/l1d_cache_refill", "event=0x0003\n" },
	{ "/arm/armv8_cortex_a72/type", "9\n" },
	{ "/arm/armv8_cortex_a72/cpus", "4-5\n" },
	{ "/arm/armv8_cortex_a72/format/event", "config:0-15\n" },
	{ "/arm/armv8_cortex_a72/events/cpu_cycles", "event=0x0011\n" },
	{ "/arm/armv8_cortex_a72/events/inst_retired", "event=0x0008\n" },
	{ "/arm/armv8_cortex_a72/events/l1d_cache_refill", "event=0x0003\n" },
	{ "/arm/armv8_cortex_a72/events/br_retired", "event=0x0021\n" },

	{ "/three/armv9_a/type", "8\n" },
	{ "/three/armv9_a/cpus", "0-1\n" },
	{ "/three/armv9_a/format/event", "config:0-15\n" },
	{ "/three/armv9_a/events/rare", "event=0x99\n" },
	{ "/three/armv9_b/type", "9\n" },
	{ "/three/armv9_b/cpus", "2-3\n" },
	{ "/three/armv9_c/type", "10\n" },
	{ "/three/armv9_c/cpus", "4\n" },
	{ "/three/armv9_c/format/event", "config:0-15\n" },
	{ "/three/armv9_c/events/rare", "event=0x77\n" },

	{ "/single/armv8_pmuv3_0/type", "8\n" },
	{ "/single/armv8_pmuv3_0/cpus", "0-3\n" },
	{ "/single/armv8_pmuv3_0/format/event", "config:0-15\n" },
};

static struct fake_root root;
static const char *const no_tracepoints[] = { NULL };
static const struct hw_event_defaults at_1000_hz = { .freq_hz = 1000, .freq_is_default = true };

static int make_machines(void **state)
{
	(void)state;
	fake_root_init(&root);
	for (size_t i = 0; i < HW_COUNT_OF(files); i++)
		fake_root_file(&root, files[i][0], files[i][1]);
	return 0;
}

static int remove_machines(void **state)
{
	(void)state;
	fake_root_fini(&root);
	return 0;
}

static int add(struct hw_events *events, const char *machine, const char *text,
	       const struct hw_catalogue *catalogue, struct hw_err *err)
{
	HW_AUTO(hw_freep) char *pmus = hw_asprintf("%s/%s", root.path, machine);
	const struct hw_event_roots roots = { .pmus = pmus, .tracepoints = no_tracepoints };

	return hw_events_add_in(events, text, &at_1000_hz, catalogue, &roots, err);
}

static struct hw_events added_with(const char *machine, const char *text,
				   const struct hw_catalogue *catalogue)
{
	struct hw_events events = { 0 };
	struct hw_err err = { 0 };

	if (add(&events, machine, text, catalogue, &err) < 0)
		fail_msg("'%s': %s", text, err.message);
	return events;
}

static struct hw_events added(const char *machine, const char *text)
{
	return added_with(machine, text, NULL);
}

/* Each event as "NAME TYPE:CONFIG", with "*WHOLE/PMU" of a part, "#GROUP", "D", "e", "I", "u", "k", "pN", "@PERIOD" and
 * "~FREQ" where they differ from the defaults; events with blanks between them. */
static void describe(struct hw_buf *text, const struct hw_events *events)
{
	for (size_t i = 0; i < events->list.count; i++) {
		const struct hw_event *e = &events->list.at[i];

		hw_buf_printf(text, "%s%s %u:%" PRIx64, i ? ", " : "", e->name, e->attr.type,
			      (uint64_t)e->attr.config);
		if (e->pmu)
			hw_buf_printf(text, " *%s/%s%u", e->whole, e->pmu, e->whole_id);
		if (e->group)
			hw_buf_printf(text, " #%u", e->group);
		hw_buf_text(text, e->attr.pinned ? " D" : "");
		hw_buf_text(text, e->attr.exclusive ? " e" : "");
		hw_buf_text(text, e->attr.exclude_idle ? " I" : "");
		hw_buf_text(text, e->attr.exclude_kernel && !e->attr.exclude_user ? " u" : "");
		hw_buf_text(text, e->attr.exclude_user && !e->attr.exclude_kernel ? " k" : "");
		if (e->attr.precise_ip)
			hw_buf_printf(text, " p%u", (unsigned)e->attr.precise_ip);
		if (!e->attr.freq)
			hw_buf_printf(text, " @%" PRIu64, (uint64_t)e->attr.sample_period);
		else if (e->attr.sample_freq != 1000)
			hw_buf_printf(text, " ~%" PRIu64, (uint64_t)e->attr.sample_freq);
	}
}

static void assert_events_with(const char *machine, const char *text, const struct hw_catalogue *catalogue,
			       const char *expected)
{
	struct hw_events events = added_with(machine, text, catalogue);
	HW_AUTO(hw_buf_fini) struct hw_buf got = { 0 };

	describe(&got, &events);
	assert_string_equal(hw_buf_str(&got), expected);
	hw_events_fini(&events);
}

static void assert_events(const char *machine, const char *text, const char *expected)
{
	assert_events_with(machine, text, NULL, expected);
}

static void assert_refused_with(const char *machine, const char *text, const struct hw_catalogue *catalogue,
				const char *message)
{
	struct hw_events events = { .group_count = 7 };
	struct hw_err err = { 0 };

	assert_int_equal(add(&events, machine, text, catalogue, &err), -1);
	assert_string_equal(err.message, message);
	assert_int_equal(events.list.count, 0);
	assert_int_equal(events.group_count, 7);
}

static void assert_refused(const char *machine, const char *text, const char *message)
{
	assert_refused_with(machine, text, NULL, message);
}

/* Events in order, each with its own modifiers; groups are numbered on over several -e. */
static void lists_and_groups_are_taken_apart(void **state)
{
	struct hw_events events = added("plain", "cs,{cs,faults},cycles:u");
	struct hw_err err = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf got = { 0 };

	(void)state;
	assert_int_equal(add(&events, "plain", "{cycles}:k", NULL, &err), 0);
	describe(&got, &events);
	assert_string_equal(hw_buf_str(&got),
			    "cs 1:3 @1, cs 1:3 #1 @1, faults 1:2 #1, cycles 0:0 u, cycles 0:0 #2 k");
	assert_int_equal(events.group_count, 2);
	assert_string_equal(events.list.at[4].text, "cycles:k");
	hw_events_fini(&events);
}

/* As perf has it (tests/parse-events.c there): levels and precise levels of a group add up, D and e go to the leader, I to
 * all; a member's own rate stays. */
static void a_groups_modifiers_reach_its_members(void **state)
{
	(void)state;
	assert_events("plain", "{cycles:u,instructions:kp}:p",
		      "cycles 0:0 #1 u p1, instructions 0:1 #1 k p2");
	assert_events("plain", "{cycles:u,instructions:k}:u", "cycles 0:0 #1 u, instructions 0:1 #1");
	assert_events("plain", "{cycles,instructions}:DeI", "cycles 0:0 #1 D e I, instructions 0:1 #1 I");
	assert_events("plain", "{cycles:D,instructions}", "cycles 0:0 #1 D, instructions 0:1 #1");
	assert_events("plain", "{cycles:period=7,instructions}:freq=99:u",
		      "cycles 0:0 #1 u @7, instructions 0:1 #1 u ~99");
	assert_events("plain", "{cycles:P,instructions}:p", "cycles 0:0 #1 p3, instructions 0:1 #1 p1");
	assert_events("plain", "cycles:DeI", "cycles 0:0 D e I");
}

/* Every group that is none says why; nothing is appended. */
static void malformed_groups_are_refused(void **state)
{
	(void)state;
	assert_refused("plain", "{cycles,cs", "group '{cycles,cs' has a '{' without a '}'");
	assert_refused("plain", "cs,cycles}", "group 'cycles}' has a '}' without a '{'");
	assert_refused("plain", "}cs{", "group '}cs{' has a '}' without a '{'");
	assert_refused("plain", "{}", "group '{}' has no members");
	assert_refused("plain", "{cs,}", "group '{cs,}' has an empty member");
	assert_refused("plain", "{,cs}", "group '{,cs}' has an empty member");
	assert_refused("plain", "{cs,{faults,cs}}", "group '{cs,{faults,cs}}' has braces within its braces");
	assert_refused("plain", "x{cs}", "group 'x{cs}' has a name: groups are numbered here");
	assert_refused("plain", "{cs}u",
		       "group '{cs}u' has something other than ':' and modifiers behind its '}'");
	assert_refused("plain", "{cs}:x", "group '{cs}:x': 'x' is not a modifier");
	assert_refused("plain", "{cs}:", "group '{cs}:': '' is not a modifier");
	assert_refused("plain", "{cs}{faults}",
		       "group '{cs}{faults}' has something other than ':' and modifiers behind its '}'");
	assert_refused("plain", "{cycles}:S", "event '{cycles}:S': modifier 'S' has no meaning here");
	assert_refused("plain", "{cycles}:W", "event '{cycles}:W': modifier 'W' has no meaning here");
	assert_refused("plain", "{cycles:pp,cs}:pp",
		       "event 'cycles:pp:pp': precise levels are 0 to 3 (:p, :pp, :ppp)");
	assert_refused("plain", "{cs:period=1:freq=2}",
		       "event 'cs:period=1:freq=2' has a period and a frequency: one of them decides");
	assert_refused("plain", "{cs,faults:D}",
		       "event 'faults:D': only a whole group can be pinned (D) or exclusive (e)");
	assert_refused("plain", "{cs,faults:e}",
		       "event 'faults:e': only a whole group can be pinned (D) or exclusive (e)");
	assert_refused("plain", "cs,{cs,nope}", "unknown event 'nope'");
}

/* Counters of packages are not in one group with those of cores, nor with each other; software is with all. */
static void groups_do_not_mix_pmus(void **state)
{
	(void)state;
	assert_refused("plain", "{cycles,power/energy-pkg/}",
		       "group '{cycles,power/energy-pkg/}': 'cycles' and 'power/energy-pkg/' are counted by "
		       "different PMUs");
	assert_refused("plain", "{uncore_imc/event=1/,power/energy-pkg/}",
		       "group '{uncore_imc/event=1/,power/energy-pkg/}': 'uncore_imc/event=1/' and "
		       "'power/energy-pkg/' are counted by different PMUs");
	assert_refused(
		"alder", "{cpu_core/slots/,cpu_atom/event=1/}",
		"group '{cpu_core/slots/,cpu_atom/event=1/}': 'cpu_core/slots/' and 'cpu_atom/event=1/' "
		"are counted by different PMUs");
	assert_events("plain", "{uncore_imc/event=1/,uncore_imc/event=2/,cs}",
		      "uncore_imc/event=1/ 20:1 #1, uncore_imc/event=2/ 20:2 #1, cs 1:3 #1 @1");
}

/* Units and scales come with the names of sysfs, found with their PMU or without; guests are for PMUs that know them. */
static void sysfs_tells_units(void **state)
{
	struct hw_events events = added("plain", "power/energy-pkg/,energy-pkg,cycles,ibs_op/cnt_ctl=1/");
	const struct hw_event *e = events.list.at;

	(void)state;
	assert_int_equal(events.list.count, 4);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(e[i].attr.type, 12);
		assert_int_equal(e[i].attr.config, 2);
		assert_string_equal(e[i].unit, "Joules");
		assert_true(e[i].scale > 2.328306436538e-10 && e[i].scale < 2.328306436539e-10);
		assert_int_equal(e[i].attr.exclude_guest, 0);
	}
	assert_string_equal(e[2].unit, "count");
	assert_true(e[2].scale > 0.999 && e[2].scale < 1.001);
	assert_int_equal(e[2].attr.exclude_guest, 1);
	assert_int_equal(e[3].attr.type, 9);
	assert_int_equal(e[3].attr.config, 1 << 19);
	assert_int_equal(e[3].attr.exclude_guest, 0);
	hw_events_fini(&events);
}

/* --- Hybrid ---------------------------------------------------------------------------------------- */

/* Generic events, cache events and raw codes are one event on each core PMU: the generic ones with the PMU's type in the
 * upper half of config (perf_event_open(2), config), raw ones of the PMU's own type, as perf 6.1 opens them
 * (parse-events-hybrid.c). */
static void alder_lake_has_two_parts(void **state)
{
	(void)state;
	assert_events("alder", "cycles:u",
		      "cpu_atom/cycles/ 0:a00000000 *cycles/cpu_atom1 u, "
		      "cpu_core/cycles/ 0:400000000 *cycles/cpu_core1 u");
	assert_events("alder", "LLC-load-misses",
		      "cpu_atom/LLC-load-misses/ 3:a00010002 *LLC-load-misses/cpu_atom1, "
		      "cpu_core/LLC-load-misses/ 3:400010002 *LLC-load-misses/cpu_core1");
	assert_events("alder", "r3c:period=5",
		      "cpu_atom/r3c/ 10:3c *r3c/cpu_atom1 @5, cpu_core/r3c/ 4:3c *r3c/cpu_core1 @5");
	assert_events("alder", "cs,cpu_core/slots/", "cs 1:3 @1, cpu_core/slots/ 4:400");
	assert_events("alder", "cycles/name=x,period=9/",
		      "cpu_atom/x/ 0:a00000000 *x/cpu_atom1 @9, cpu_core/x/ 0:400000000 *x/cpu_core1 @9");
}

/* A group is one on each core PMU, software events with it; a member of one PMU draws the group to it. */
static void alder_lake_splits_groups(void **state)
{
	(void)state;
	assert_events(
		"alder", "{cycles,cs}:D",
		"cpu_atom/cycles/ 0:a00000000 *cycles/cpu_atom1 #1 D, cpu_atom/cs/ 1:3 *cs/cpu_atom2 #1 @1, "
		"cpu_core/cycles/ 0:400000000 *cycles/cpu_core1 #2 D, cpu_core/cs/ 1:3 *cs/cpu_core2 #2 @1");
	assert_events(
		"alder", "{cpu_core/slots/,cycles,cs},{cs}",
		"cpu_core/slots/ 4:400 #1, cpu_core/cycles/ 0:400000000 #1, cs 1:3 #1 @1, cs 1:3 #2 @1");
	assert_events("alder", "{cs,faults}", "cs 1:3 #1 @1, faults 1:2 #1");
}

/* Arm: the PMU's own event where sysfs has it, since kernels before 6.6 take no type in config; a cache event or branch
 * count that it lacks is left to newer kernels. */
static void big_little_uses_the_pmus_events(void **state)
{
	(void)state;
	assert_events("arm", "cycles,cache-misses",
		      "armv8_cortex_a53/cycles/ 8:11 *cycles/armv8_cortex_a531, "
		      "armv8_cortex_a72/cycles/ 9:11 *cycles/armv8_cortex_a721, "
		      "armv8_cortex_a53/cache-misses/ 8:3 *cache-misses/armv8_cortex_a532, "
		      "armv8_cortex_a72/cache-misses/ 9:3 *cache-misses/armv8_cortex_a722");
	assert_events("arm", "branches",
		      "armv8_cortex_a53/branches/ 0:800000004 *branches/armv8_cortex_a531, "
		      "armv8_cortex_a72/branches/ 9:21 *branches/armv8_cortex_a721");
	assert_events("arm", "{cycles,instructions}:u",
		      "armv8_cortex_a53/cycles/ 8:11 *cycles/armv8_cortex_a531 #1 u, "
		      "armv8_cortex_a53/instructions/ 8:8 *instructions/armv8_cortex_a532 #1 u, "
		      "armv8_cortex_a72/cycles/ 9:11 *cycles/armv8_cortex_a721 #2 u, "
		      "armv8_cortex_a72/instructions/ 9:8 *instructions/armv8_cortex_a722 #2 u");
	assert_events("arm", "r11",
		      "armv8_cortex_a53/r11/ 8:11 *r11/armv8_cortex_a531, "
		      "armv8_cortex_a72/r11/ 9:11 *r11/armv8_cortex_a721");
}

/* A name of sysfs means the event of each core PMU that has it. */
static void names_of_sysfs_are_looked_for_on_each_core(void **state)
{
	(void)state;
	assert_events("arm", "cpu_cycles:u,br_retired",
		      "armv8_cortex_a53/cpu_cycles/ 8:11 *cpu_cycles/armv8_cortex_a531 u, "
		      "armv8_cortex_a72/cpu_cycles/ 9:11 *cpu_cycles/armv8_cortex_a721 u, br_retired 9:21");
	assert_events("arm", "{cycles,inst_retired}",
		      "armv8_cortex_a53/cycles/ 8:11 *cycles/armv8_cortex_a531 #1, "
		      "armv8_cortex_a53/inst_retired/ 8:8 *inst_retired/armv8_cortex_a532 #1, "
		      "armv8_cortex_a72/cycles/ 9:11 *cycles/armv8_cortex_a721 #2, "
		      "armv8_cortex_a72/inst_retired/ 9:8 *inst_retired/armv8_cortex_a722 #2");
	assert_events("arm", "{cycles,br_retired}", "armv8_cortex_a72/cycles/ 9:11 #1, br_retired 9:21 #1");
	assert_events("alder", "slots", "slots 4:400");
}

/* Where one kind of core lacks the group's leader, the next member leads, pinned as the group is. */
static void every_kind_of_core_has_a_leader(void **state)
{
	(void)state;
	assert_events("three", "{rare,r11}:De",
		      "armv9_a/rare/ 8:99 *rare/armv9_a1 #1 D e, armv9_a/r11/ 8:11 *r11/armv9_a2 #1, "
		      "armv9_b/r11/ 9:11 *r11/armv9_b2 #2 D e, "
		      "armv9_c/rare/ 10:77 *rare/armv9_c1 #3 D e, armv9_c/r11/ 10:11 *r11/armv9_c2 #3");
}

/* One core PMU, named cpu or not, or none at all: an event is one event. */
static void ordinary_machines_have_no_parts(void **state)
{
	(void)state;
	assert_events("plain", "cycles,r3c,LLC-loads", "cycles 0:0, r3c 4:3c, LLC-loads 3:2");
	assert_events("single", "cycles,r11,{cycles,cs}",
		      "cycles 0:0, r11 4:11, cycles 0:0 #1, cs 1:3 #1 @1");
	assert_events("none", "cycles,r3c", "cycles 0:0, r3c 4:3c");
}

/* A PMU that a server has several boxes of is all of them, each a part; with its number it is one. */
static void boxes_of_a_kind_add_up(void **state)
{
	(void)state;
	assert_events("plain", "uncore_cha/event=5/,cs",
		      "uncore_cha_0/event=5/ 21:5 *uncore_cha/event=5//uncore_cha_01, "
		      "uncore_cha_1/event=5/ 22:5 *uncore_cha/event=5//uncore_cha_11, cs 1:3 @1");
	assert_events("plain", "uncore_cha/event=5,name=x/",
		      "uncore_cha_0/x/ 21:5 *x/uncore_cha_01, uncore_cha_1/x/ 22:5 *x/uncore_cha_11");
	assert_events("plain", "uncore_cha_1/event=5/", "uncore_cha_1/event=5/ 22:5");
	assert_refused("plain", "uncore_cha/evnt=5/",
		       "event 'uncore_cha/evnt=5/': PMU 'uncore_cha_0' has no term 'evnt'");
	assert_refused("plain", "uncore_ch/event=5/",
		       "event 'uncore_ch/event=5/': this machine has no PMU 'uncore_ch'");
	assert_refused(
		"plain", "{uncore_cha/event=5/,uncore_cha/event=6/}",
		"group '{uncore_cha/event=5/,uncore_cha/event=6/}': 'uncore_cha/event=5/' is counted by "
		"several PMUs");
	assert_events("plain", "{uncore_cha_0/event=5/,uncore_cha_0/event=6/}",
		      "uncore_cha_0/event=5/ 21:5 #1, uncore_cha_0/event=6/ 21:6 #1");
}

/* libpfm4's raw type says which core PMU on x86, whose big cores have that type; on Arm it says nothing. */
static void libpfm4_says_no_core_on_arm(void **state)
{
	(void)state;
#ifdef __x86_64__
	assert_events("alder", "skl::INST_RETIRED:ANY_P", "skl::INST_RETIRED:ANY_P 4:c0");
	assert_refused(
		"arm", "skl::INST_RETIRED:ANY_P",
		"event 'skl::INST_RETIRED:ANY_P' is of one kind of core, and its name does not say of which");
	assert_events("single", "skl::INST_RETIRED:ANY_P", "skl::INST_RETIRED:ANY_P 4:c0");
#else
	skip();
#endif
}

/* --- The catalogue --------------------------------------------------------------------------------- */

static struct hw_catalogue_event table_events[] = {
	{ .name = (char *)"l2-misses", .text = (char *)"cpu/event=0x24/" },
	{ .name = (char *)"slow", .text = (char *)"cs:period=100:u" },
	{ .name = (char *)"instructions", .text = (char *)"cpu/event=0xc0/" },
	{ .name = (char *)"both",
	  .text = (char *)"cpu_core/event=0x24,umask=0x3f/,cpu_atom/event=0x24,umask=0x1/" },
	{ .name = (char *)"wrong", .text = (char *)"nosuch" },
	{ .name = (char *)"twice", .text = (char *)"cpu_core/event=1/,cpu_core/event=2/" },
};

static char *cache_texts[] = { (char *)"{l2-misses,instructions}", (char *)"slow" };
static char *branch_texts[] = { (char *)"{branches,branch-misses}" };
static char *both_texts[] = { (char *)"{both,instructions}" };
static char *nested_texts[] = { (char *)"cache" };

static struct hw_preset table_presets[] = {
	{ .name = (char *)"cache", .texts = { .at = cache_texts, .count = 2 } },
	{ .name = (char *)"branch", .texts = { .at = branch_texts, .count = 1 } },
	{ .name = (char *)"cs", .texts = { .at = branch_texts, .count = 1 } },
	{ .name = (char *)"shared", .texts = { .at = both_texts, .count = 1 } },
	{ .name = (char *)"nested", .texts = { .at = nested_texts, .count = 1 } },
};

static const struct hw_catalogue table = {
	.events = { .at = table_events, .count = HW_COUNT_OF(table_events) },
	.presets = { .at = table_presets, .count = HW_COUNT_OF(table_presets) },
};

/* A catalogue's event takes modifiers; its own rate gives way to one that was typed. */
static void catalogue_events_are_found(void **state)
{
	(void)state;
	assert_events_with("plain", "l2-misses:u:pp", &table, "l2-misses 4:24 u p2");
	assert_events_with("plain", "slow,slow:k:freq=50", &table, "slow 1:3 u @100, slow 1:3 ~50");
	assert_events_with("plain", "{l2-misses,cycles}:u", &table, "l2-misses 4:24 #1 u, cycles 0:0 #1 u");
	assert_refused_with("plain", "wrong", &table,
			    "'wrong' of the event tables, 'nosuch': unknown event 'nosuch'");
	assert_refused_with("plain", "l2-misses", NULL, "unknown event 'l2-misses'");
}

/* A kernel's hardware and software names stand before the catalogue's, cache events behind its presets. */
static void names_have_a_precedence(void **state)
{
	(void)state;
	assert_events_with("plain", "instructions", &table, "instructions 0:1");
	assert_events_with("plain", "cs", &table, "cs 1:3 @1");
	assert_events_with("plain", "branch", &table, "branches 0:4 #1, branch-misses 0:5 #1");
	assert_events_with("plain", "branch", NULL, "branch 3:5");
	assert_events_with("plain", "branch-loads", &table, "branch-loads 3:5");
}

/* A preset is its texts, each with the modifiers typed behind its name. */
static void presets_are_their_texts(void **state)
{
	struct hw_events events = added_with("plain", "cache:u:period=9", &table);
	HW_AUTO(hw_buf_fini) struct hw_buf got = { 0 };

	(void)state;
	describe(&got, &events);
	assert_string_equal(hw_buf_str(&got),
			    "l2-misses 4:24 #1 u @9, instructions 0:1 #1 u @9, slow 1:3 u @9");
	assert_string_equal(events.list.at[0].text, "l2-misses:u:period=9");
	hw_events_fini(&events);
	assert_refused_with("plain", "{cs,branch}", &table, "'branch' is a preset and cannot be in a group");
	assert_refused_with("plain", "nested", &table,
			    "preset 'nested' of the event tables: unknown event 'cache'");
}

/* The kernel's own names and PMU/terms/ need no tables. */
static void only_other_names_need_tables(void **state)
{
	(void)state;
	assert_false(hw_events_need_catalogue(
		"cycles:u,{instructions,cs}:k,cpu/event=1/,task-clock:period=99999"));
	assert_true(hw_events_need_catalogue("cycles,branch"));
	assert_true(hw_events_need_catalogue("{cycles,l2-misses}:u"));
	assert_false(hw_events_need_catalogue("skl::INST_RETIRED:ANY_P,sched:sched_switch,r1a8"));
	assert_false(hw_events_need_catalogue("{cycles"));
}

/* An event that the catalogue has for each core PMU is parts of one, in a group each in its PMU's. */
static void catalogue_events_may_have_parts(void **state)
{
	(void)state;
	assert_events_with(
		"alder", "both:u", &table,
		"cpu_core/both/ 4:3f24 *both/cpu_core1 u, cpu_atom/both/ 10:124 *both/cpu_atom1 u");
	assert_events_with("alder", "shared", &table,
			   "cpu_atom/both/ 10:124 *both/cpu_atom1 #1, "
			   "cpu_atom/instructions/ 0:a00000001 *instructions/cpu_atom2 #1, "
			   "cpu_core/both/ 4:3f24 *both/cpu_core1 #2, "
			   "cpu_core/instructions/ 0:400000001 *instructions/cpu_core2 #2");
	assert_refused_with("plain", "both", &table,
			    "'both' of the event tables, "
			    "'cpu_core/event=0x24,umask=0x3f/,cpu_atom/event=0x24,umask=0x1/': "
			    "this machine has none of the PMUs of "
			    "'cpu_core/event=0x24,umask=0x3f/,cpu_atom/event=0x24,umask=0x1/'");
	assert_refused_with(
		"alder", "twice", &table,
		"'twice' of the event tables, 'cpu_core/event=1/,cpu_core/event=2/': two events are of "
		"PMU 'cpu_core'");
}

/* --- Names ----------------------------------------------------------------------------------------- */

static void assert_names(const char *machine, const char *text, const char *const *names, size_t count)
{
	struct hw_events events = added_with(machine, text, &table);
	struct hw_err err = { 0 };

	if (hw_events_set_names(events.list.at, events.list.count, &err) < 0)
		fail_msg("'%s': %s", text, err.message);
	assert_int_equal(events.list.count, count);
	for (size_t i = 0; i < count; i++) {
		HW_AUTO(hw_freep)
		char *got = hw_asprintf("%s%s%s", events.list.at[i].name, events.list.at[i].whole ? " " : "",
					events.list.at[i].whole ? events.list.at[i].whole : "");

		assert_string_equal(got, names[i]);
	}
	hw_events_fini(&events);
}

#define assert_named(machine, text, ...)                                      \
	do {                                                                  \
		static const char *const expected[] = { __VA_ARGS__ };        \
                                                                              \
		assert_names(machine, text, expected, HW_COUNT_OF(expected)); \
	} while (0)

/* Shared names become whole texts, then get the number of their group; parts agree on the name of their whole. */
static void names_are_told_apart(void **state)
{
	struct hw_events events = added("alder", "cycles,cycles");
	struct hw_err err = { 0 };

	(void)state;
	assert_named("plain", "{cycles,instructions}:u,{cycles,cs}:k", "cycles:u", "instructions", "cycles:k",
		     "cs");
	assert_named("plain", "cycles,{cycles,cs},{cycles,faults}", "cycles", "cycles#1", "cs", "cycles#2",
		     "faults");
	assert_named("plain", "cache,branch,{l2-misses}", "l2-misses#1", "instructions", "slow", "branches",
		     "branch-misses", "l2-misses#3");
	assert_named("alder", "cycles:u,cycles:k", "cpu_atom/cycles:u/ cycles:u",
		     "cpu_core/cycles:u/ cycles:u", "cpu_atom/cycles:k/ cycles:k",
		     "cpu_core/cycles:k/ cycles:k");
	assert_named("alder", "{cycles},{cycles}", "cpu_atom/cycles#1/ cycles#1",
		     "cpu_core/cycles#1/ cycles#1", "cpu_atom/cycles#3/ cycles#3",
		     "cpu_core/cycles#3/ cycles#3");
	assert_int_equal(hw_events_set_names(events.list.at, events.list.count, &err), -1);
	assert_string_equal(err.message, "event 'cycles' is given twice");
	hw_events_fini(&events);
	events = added("plain", "{cs,cs}");
	assert_int_equal(hw_events_set_names(events.list.at, events.list.count, &err), -1);
	hw_events_fini(&events);
}

/* What --dry-run says of an event besides its attr. */
static void events_are_printed(void **state)
{
	struct hw_events events = added("alder", "cs,{cycles,faults}");
	struct hw_events energy = added("plain", "power/energy-pkg/");
	HW_AUTO(hw_buf_fini) struct hw_buf got = { 0 };

	(void)state;
	hw_event_print(&got, &events.list.at[0], false);
	hw_event_print(&got, &events.list.at[1], true);
	hw_event_print(&got, &events.list.at[2], false);
	hw_event_print(&got, &energy.list.at[0], false);
	assert_string_equal(hw_buf_str(&got),
			    "event cs\n"
			    "event cycles\ngroup = 1 (leader)\npart = cycles on cpu_atom\n"
			    "event faults\ngroup = 1\npart = faults on cpu_atom\n"
			    "event power/energy-pkg/\nunit = Joules\nscale = 2.3283064365386963e-10\n");
	hw_events_fini(&events);
	hw_events_fini(&energy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_and_groups_are_taken_apart),
		cmocka_unit_test(a_groups_modifiers_reach_its_members),
		cmocka_unit_test(malformed_groups_are_refused),
		cmocka_unit_test(groups_do_not_mix_pmus),
		cmocka_unit_test(sysfs_tells_units),
		cmocka_unit_test(alder_lake_has_two_parts),
		cmocka_unit_test(alder_lake_splits_groups),
		cmocka_unit_test(big_little_uses_the_pmus_events),
		cmocka_unit_test(names_of_sysfs_are_looked_for_on_each_core),
		cmocka_unit_test(every_kind_of_core_has_a_leader),
		cmocka_unit_test(boxes_of_a_kind_add_up),
		cmocka_unit_test(libpfm4_says_no_core_on_arm),
		cmocka_unit_test(ordinary_machines_have_no_parts),
		cmocka_unit_test(catalogue_events_are_found),
		cmocka_unit_test(names_have_a_precedence),
		cmocka_unit_test(presets_are_their_texts),
		cmocka_unit_test(only_other_names_need_tables),
		cmocka_unit_test(catalogue_events_may_have_parts),
		cmocka_unit_test(names_are_told_apart),
		cmocka_unit_test(events_are_printed),
	};

	/* libpfm4 shall see the same CPU on every machine that runs this. */
	if (setenv("LIBPFM_FORCE_PMU", "skl", 1) < 0)
		return 99;
	return cmocka_run_group_tests(tests, make_machines, remove_machines);
}
