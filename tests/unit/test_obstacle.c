/* One errno has many causes: which is told, from facts set up here. */
#include "event/obstacle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>

#define CAP(number) (UINT64_C(1) << (number))

/* An ordinary user's machine with a PMU, at the kernel's default of paranoid 2. */
static struct hw_pmu cpu_pmu[] = { { .name = (char *)"cpu", .type = 4, .is_core = true } };
static struct hw_host user(void)
{
	struct hw_host host = {
		.uid = 1000,
		.euid = 1000,
		.is_initial_user_ns = true,
		.has_paranoid = true,
		.paranoid = 2,
		.knows_pmus = true,
		.cpu_name = "Some CPU",
		.cpu_has_pmu = true,
	};

	host.pmus.list.at = cpu_pmu;
	host.pmus.list.count = 1;
	return host;
}

static struct hw_event cycles(void)
{
	return (struct hw_event){
		.text = (char *)"cycles",
		.name = (char *)"cycles",
		.attr = { .type = PERF_TYPE_HARDWARE, .freq = 1, .sample_freq = 999 },
	};
}

static struct hw_obstacle judge(const struct hw_host *host, const struct hw_event *event, pid_t tid, int cpu,
				int open_errno)
{
	const struct hw_obstacle_facts facts = { .host = host };
	struct hw_obstacle obstacle;

	hw_obstacle_judge(&obstacle, event, tid, cpu, open_errno, &facts);
	return obstacle;
}

static void expect(const struct hw_obstacle *obstacle, enum hw_obstacle_kind kind, const char *cause,
		   const char *fix)
{
	assert_string_equal(hw_obstacle_name(obstacle->kind), hw_obstacle_name(kind));
	if (!strstr(obstacle->cause, cause))
		fail_msg("cause '%s' has no '%s'", obstacle->cause, cause);
	if (!strstr(obstacle->fix, fix))
		fail_msg("fix '%s' has no '%s'", obstacle->fix, fix);
	/* Nothing was cut off. */
	assert_true(strlen(obstacle->cause) < sizeof obstacle->cause - 1);
	assert_true(strlen(obstacle->fix) < sizeof obstacle->fix - 1);
}

/* What is forbidden depends on what is asked for: 0 for CPUs, 1 for the kernel, 2 for user code (kernel.rst). */
static void paranoid_is_told_with_the_level_that_is_needed(void **state)
{
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle o;

	(void)state;
	o = judge(&host, &event, 0, -1, EACCES);
	expect(&o, HW_OBSTACLE_PARANOID, "perf_event_paranoid = 2",
	       "sudo sysctl kernel.perf_event_paranoid=1");
	o = judge(&host, &event, -1, 0, EACCES);
	expect(&o, HW_OBSTACLE_PARANOID, "whole CPUs", "sudo sysctl kernel.perf_event_paranoid=0");
	event.attr.exclude_kernel = 1;
	host.paranoid = 4; /* Ubuntu's */
	o = judge(&host, &event, 0, -1, EACCES);
	expect(&o, HW_OBSTACLE_PARANOID, "perf_event_paranoid = 4",
	       "sudo sysctl kernel.perf_event_paranoid=2");
}

/* Where the sysctl allows it, something else forbids it. */
static void paranoid_that_allows_it_is_not_blamed(void **state)
{
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle o;

	(void)state;
	event.attr.exclude_kernel = 1;
	o = judge(&host, &event, 0, -1, EACCES);
	expect(&o, HW_OBSTACLE_CAPABILITY, "CAP_PERFMON", "setcap");
	host.caps_effective = CAP(HW_CAP_PERFMON);
	o = judge(&host, &event, 0, -1, EACCES);
	expect(&o, HW_OBSTACLE_OTHER, "security module", "lsm");
}

/* A filter answers before the kernel does, whatever errno it was given. */
static void seccomp_is_told_from_paranoid(void **state)
{
	static const int errors[] = { EPERM, EACCES, ENOSYS };
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle_facts facts = { .host = &host };
	struct hw_obstacle o;

	(void)state;
	host.seccomp = 2;
	host.caps_effective = CAP(HW_CAP_PERFMON);
	for (size_t i = 0; i < 3; i++) {
		facts.syscall_errno = errors[i];
		hw_obstacle_judge(&o, &event, 0, -1, errors[i], &facts);
		expect(&o, HW_OBSTACLE_SECCOMP, "seccomp", "docker run --cap-add PERFMON");
	}
	/* A filter that lets the call through is not to blame. */
	host.caps_effective = 0;
	o = judge(&host, &event, 0, -1, EACCES);
	expect(&o, HW_OBSTACLE_PARANOID, "perf_event_paranoid", "sysctl");
}

static void a_kernel_without_perf_events_is_no_filter(void **state)
{
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle_facts facts = { .host = &host, .syscall_errno = ENOSYS };
	struct hw_obstacle o;

	(void)state;
	hw_obstacle_judge(&o, &event, 0, -1, ENOSYS, &facts);
	expect(&o, HW_OBSTACLE_NOT_SUPPORTED, "built without perf events", "CONFIG_PERF_EVENTS");
}

/* Root of a namespace has every capability, and none that counts. */
static void a_capability_of_a_user_namespace_is_named(void **state)
{
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle o;

	(void)state;
	host.is_initial_user_ns = false;
	host.caps_effective = ~UINT64_C(0);
	o = judge(&host, &event, 0, -1, EACCES);
	expect(&o, HW_OBSTACLE_CAPABILITY, "user namespace", "outside of the namespace: sudo sysctl");
	host.caps_effective = 0;
	o = judge(&host, &event, 0, -1, EACCES);
	expect(&o, HW_OBSTACLE_PARANOID, "perf_event_paranoid = 2", "outside of the user namespace");
}

static void another_users_thread_is_named_with_its_user(void **state)
{
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle_facts facts = {
		.host = &host, .target_is_closed = true, .target_is_other_users = true, .target_uid = 33
	};
	struct hw_obstacle o;

	(void)state;
	hw_obstacle_judge(&o, &event, 4711, -1, EACCES, &facts);
	expect(&o, HW_OBSTACLE_OTHER_USER, "another user (uid 33)", "sudo");
	/* With CAP_SYS_PTRACE we may look into it: then it is the sysctl. */
	facts.target_is_closed = false;
	hw_obstacle_judge(&o, &event, 4711, -1, EACCES, &facts);
	expect(&o, HW_OBSTACLE_PARANOID, "perf_event_paranoid", "sysctl");
	/* One's own, that is not dumpable. */
	facts.target_is_closed = true;
	facts.target_is_other_users = false;
	event.attr.exclude_kernel = 1;
	hw_obstacle_judge(&o, &event, 4711, -1, EACCES, &facts);
	expect(&o, HW_OBSTACLE_OTHER_USER, "process 4711 may not be looked into", "sudo");
}

/* perf_kprobe_event_init and perf_uprobe_event_init ask for the capability alone. */
static void probes_need_the_capability(void **state)
{
	static struct hw_pmu pmus[] = { { .name = (char *)"uprobe", .type = 7 } };
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle o;

	(void)state;
	host.pmus.list.at = pmus;
	host.paranoid = -1;
	event.attr.type = 7;
	o = judge(&host, &event, 0, -1, EACCES);
	expect(&o, HW_OBSTACLE_CAPABILITY, "probes need CAP_PERFMON", "setcap");
}

static void a_virtual_machine_without_pmu_is_no_missing_driver(void **state)
{
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle o;

	(void)state;
	host.pmus.list.count = 0;
	o = judge(&host, &event, 0, 0, ENOENT);
	expect(&o, HW_OBSTACLE_NO_PMU, "the kernel exposes no CPU PMU although the CPU has one (Some CPU)",
	       "dmesg");
	host.is_virtual = true;
	hw_copy_text(host.hypervisor, sizeof host.hypervisor, "VMware");
	o = judge(&host, &event, 0, 0, ENOENT);
	expect(&o, HW_OBSTACLE_VM_WITHOUT_PMU, "virtual machine whose hypervisor (VMware)", "vpmc.enable");
	host.cpu_has_pmu = false;
	host.hypervisor[0] = '\0';
	o = judge(&host, &event, 0, 0, EOPNOTSUPP);
	expect(&o, HW_OBSTACLE_VM_WITHOUT_PMU, "no CPU PMU (Some CPU): this is", "bare-metal");
	assert_null(strstr(o.cause, "although"));
	/* Software events miss no PMU; and where sysfs is hidden, nobody knows. */
	event.attr.type = PERF_TYPE_SOFTWARE;
	o = judge(&host, &event, 0, 0, ENOENT);
	expect(&o, HW_OBSTACLE_NOT_SUPPORTED, "this kernel does not offer", "");
	event.attr.type = PERF_TYPE_HARDWARE;
	host.knows_pmus = false;
	o = judge(&host, &event, 0, 0, ENOENT);
	expect(&o, HW_OBSTACLE_NOT_SUPPORTED, "cannot be read", "");
}

/* Each fix is whole, for every hypervisor there is a word for. */
static void every_hypervisor_has_its_own_fix(void **state)
{
	static const char *const names[] = { "KVM", "QEMU", "VMware", "Hyper-V", "Xen", "" };
	const char *before = "";

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(names); i++) {
		struct hw_host host = user();
		struct hw_event event = cycles();
		struct hw_obstacle o;

		host.pmus.list.count = 0;
		host.is_virtual = true;
		memset(host.cpu_name, 'x', sizeof host.cpu_name - 1);
		hw_copy_text(host.hypervisor, sizeof host.hypervisor, names[i]);
		o = judge(&host, &event, 0, 0, ENOENT);
		expect(&o, HW_OBSTACLE_VM_WITHOUT_PMU, "gives it none", hw_obstacle_vm_fix(&host));
		assert_string_not_equal(before, hw_obstacle_vm_fix(&host));
		before = hw_obstacle_vm_fix(&host);
	}
}

static struct hw_pmu hybrid_pmus[] = {
	{ .name = (char *)"cpu_atom", .type = 10, .is_core = true, .cpus = (char *)"16-23" },
	{ .name = (char *)"cpu_core", .type = 4, .is_core = true, .cpus = (char *)"0-7,9-15" },
};

/* Core PMUs count on their own CPUs. A generic event's config names its PMU (PERF_PMU_TYPE_SHIFT). */
static void a_hybrid_cpu_has_events_of_some_cores_only(void **state)
{
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle o;

	(void)state;
	host.pmus.list.at = hybrid_pmus;
	host.pmus.list.count = 2;
	event.attr.config = UINT64_C(10) << 32;
	o = judge(&host, &event, 0, 3, ENOENT);
	expect(&o, HW_OBSTACLE_HYBRID, "PMU cpu_atom counts on CPUs 16-23 only, not on CPU 3", "-C 16-23");
	o = judge(&host, &event, 0, 16, ENOENT);
	expect(&o, HW_OBSTACLE_NOT_SUPPORTED, "does not count the event", "hwprof list");
	event.attr.type = 4;
	o = judge(&host, &event, 0, 8, ENOENT);
	expect(&o, HW_OBSTACLE_HYBRID, "not on CPU 8", "0-7,9-15");
	o = judge(&host, &event, 0, 9, ENOENT);
	expect(&o, HW_OBSTACLE_NOT_SUPPORTED, "", "");
}

static void what_opens_when_it_is_simpler_says_what_was_too_much(void **state)
{
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle_facts facts = { .host = &host, .counts = true };
	struct hw_obstacle o;

	(void)state;
	hw_obstacle_judge(&o, &event, 0, -1, EOPNOTSUPP, &facts);
	expect(&o, HW_OBSTACLE_NOT_SUPPORTED, "counted here, but not sampled", "hwprof stat -e 'cycles'");
	event.attr.precise_ip = 2;
	facts.opens_imprecise = true;
	hw_obstacle_judge(&o, &event, 0, -1, EOPNOTSUPP, &facts);
	expect(&o, HW_OBSTACLE_NOT_SUPPORTED, "no precise level 2", "cycles:P");
	event.attr.precise_ip = 0;
	event.group = 1;
	facts = (struct hw_obstacle_facts){ .host = &host, .opens_alone = true };
	hw_obstacle_judge(&o, &event, 0, -1, EINVAL, &facts);
	expect(&o, HW_OBSTACLE_TOO_MANY, "group", "smaller");
}

/* The limit can come down by itself: interrupts that take too long lower it (perf_sample_event_took). */
static void a_frequency_above_the_limit_is_a_limit(void **state)
{
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle_facts facts = { .host = &host, .max_freq_hz = 998 };
	struct hw_obstacle o;

	(void)state;
	hw_obstacle_judge(&o, &event, 0, -1, EINVAL, &facts);
	expect(&o, HW_OBSTACLE_LIMIT, "perf_event_max_sample_rate = 998", "perf_event_max_sample_rate=999");
	facts.max_freq_hz = 999;
	hw_obstacle_judge(&o, &event, 0, -1, EINVAL, &facts);
	expect(&o, HW_OBSTACLE_SETTINGS, "does not take these settings", "HWPROF_DEBUG=event");
}

static void an_uncore_pmu_has_no_processes(void **state)
{
	static struct hw_pmu pmus[] = { { .name = (char *)"uncore_imc_0", .type = 21, .is_whole = true } };
	struct hw_host host = user();
	struct hw_event event = cycles();
	struct hw_obstacle o;

	(void)state;
	host.pmus.list.at = pmus;
	event.attr.type = 21;
	o = judge(&host, &event, 0, -1, EINVAL);
	expect(&o, HW_OBSTACLE_SETTINGS, "uncore_imc_0 counts for whole CPUs", "-a");
}

static void the_other_errors_have_causes_of_their_own(void **state)
{
	const struct hw_host host = user();
	const struct hw_event event = cycles();
	struct hw_obstacle o;

	(void)state;
	o = judge(&host, &event, 0, -1, EMFILE);
	expect(&o, HW_OBSTACLE_LIMIT, "open files of a process", "ulimit -n");
	o = judge(&host, &event, 0, -1, ENFILE);
	expect(&o, HW_OBSTACLE_LIMIT, "of the system", "fs.file-max");
	o = judge(&host, &event, 0, -1, EBUSY);
	expect(&o, HW_OBSTACLE_BUSY, "holds the counters", "nmi_watchdog=0");
	o = judge(&host, &event, 0, -1, E2BIG);
	expect(&o, HW_OBSTACLE_SETTINGS, "older", "");
	o = judge(&host, &event, 5, -1, ESRCH);
	expect(&o, HW_OBSTACLE_TARGET_GONE, "", "");
	o = judge(&host, &event, 0, -1, ENOMEM);
	expect(&o, HW_OBSTACLE_OTHER, "", "");
	o = judge(&host, &event, 0, -1, 0);
	expect(&o, HW_OBSTACLE_NONE, "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paranoid_is_told_with_the_level_that_is_needed),
		cmocka_unit_test(paranoid_that_allows_it_is_not_blamed),
		cmocka_unit_test(seccomp_is_told_from_paranoid),
		cmocka_unit_test(a_kernel_without_perf_events_is_no_filter),
		cmocka_unit_test(a_capability_of_a_user_namespace_is_named),
		cmocka_unit_test(another_users_thread_is_named_with_its_user),
		cmocka_unit_test(probes_need_the_capability),
		cmocka_unit_test(a_virtual_machine_without_pmu_is_no_missing_driver),
		cmocka_unit_test(every_hypervisor_has_its_own_fix),
		cmocka_unit_test(a_hybrid_cpu_has_events_of_some_cores_only),
		cmocka_unit_test(what_opens_when_it_is_simpler_says_what_was_too_much),
		cmocka_unit_test(a_frequency_above_the_limit_is_a_limit),
		cmocka_unit_test(an_uncore_pmu_has_no_processes),
		cmocka_unit_test(the_other_errors_have_causes_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
