/* What is read about a machine and a process, from the kernel's own formats. */
#include "event/host.h"

#include "tests/lib/fake_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* A Docker container's process as Linux 6.1 shows it, shortened. */
static const char status_text[] =
	"Name:\thwprof\nUmask:\t0022\nState:\tR (running)\nTgid:\t7\nPid:\t7\n"
	"Uid:\t1000\t1001\t1001\t1001\nGid:\t100\t100\t100\t100\n"
	"CapInh:\t0000000000000000\nCapPrm:\t000000c000080000\nCapEff:\t0000004000000000\n"
	"CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n"
	"Seccomp:\t2\nSeccomp_filters:\t1\n";

static void a_process_is_read_field_by_field(void **state)
{
	struct fake_root root;
	struct hw_host host;

	(void)state;
	fake_root_init(&root);
	fake_root_file(&root, "/proc/self/status", status_text);
	fake_root_link(&root, "/proc/self/ns/user", "user:[4026531837]");
	fake_root_file(&root, "/proc/sys/kernel/perf_event_paranoid", "4\n");
	hw_host_read(&host, root.path);
	assert_int_equal(host.uid, 1000);
	assert_int_equal(host.euid, 1001);
	assert_int_equal(host.caps_effective, UINT64_C(1) << HW_CAP_PERFMON);
	assert_int_equal(host.caps_permitted, UINT64_C(1) << HW_CAP_PERFMON | UINT64_C(1) << HW_CAP_BPF |
						      UINT64_C(1) << HW_CAP_SYS_PTRACE);
	assert_int_equal(host.caps_bounding, 0xa80425fb);
	assert_true(host.no_new_privs);
	assert_int_equal(host.seccomp, 2);
	assert_true(host.is_initial_user_ns);
	assert_true(hw_host_is_perfmon(&host));
	assert_true(host.has_paranoid);
	assert_int_equal(host.paranoid, 4);
	hw_host_fini(&host);
	fake_root_fini(&root);
}

/* The same capabilities in another user namespace are worth nothing for perf events. */
static void a_user_namespace_makes_capabilities_void(void **state)
{
	struct fake_root root;
	struct hw_host host;

	(void)state;
	fake_root_init(&root);
	fake_root_file(&root, "/proc/self/status", status_text);
	fake_root_link(&root, "/proc/self/ns/user", "user:[4026532444]");
	hw_host_read(&host, root.path);
	assert_false(host.is_initial_user_ns);
	assert_false(hw_host_is_perfmon(&host));
	hw_host_fini(&host);
	fake_root_fini(&root);
}

static void pmu(const struct fake_root *root, const char *name, const char *type, const char *file,
		const char *text)
{
	char path[128];

	(void)snprintf(path, sizeof path, "/sys/bus/event_source/devices/%s/type", name);
	fake_root_file(root, path, type);
	if (!file)
		return;
	(void)snprintf(path, sizeof path, "/sys/bus/event_source/devices/%s/%s", name, file);
	fake_root_file(root, path, text);
}

/* Alder Lake: two core PMUs, and others that are none. */
static void a_hybrid_cpu_has_two_core_pmus(void **state)
{
	struct fake_root root;
	struct hw_host host;
	const struct hw_pmu *first;
	size_t count;

	(void)state;
	fake_root_init(&root);
	pmu(&root, "cpu_core", "4\n", "cpus", "0-15\n");
	pmu(&root, "cpu_atom", "10\n", "cpus", "16-23\n");
	pmu(&root, "uncore_imc_0", "21\n", "cpumask", "0\n");
	pmu(&root, "software", "1\n", NULL, NULL);
	hw_host_read(&host, root.path);
	assert_true(host.knows_pmus);
	assert_int_equal(host.pmus.list.count, 4);
	first = hw_pmus_core(&host.pmus, &count);
	assert_int_equal(count, 2);
	assert_string_equal(first->name, "cpu_atom");
	assert_string_equal(first->cpus, "16-23");
	assert_int_equal(hw_pmus_find(&host.pmus, 4)->is_core, true);
	assert_false(hw_pmus_find(&host.pmus, 21)->is_core);
	assert_true(hw_pmus_find(&host.pmus, 21)->is_whole);
	assert_null(hw_pmus_find(&host.pmus, 99));
	hw_host_fini(&host);
	fake_root_fini(&root);
}

/* The flag of a virtual machine, and what its CPU is; "hypervisor" within another word is no flag. */
static void a_virtual_machine_shows_in_its_cpu_flags(void **state)
{
	static const char *const flags[] = { "fpu hypervisor lahf_lm", "fpu nohypervisor_x hypervisors fpu",
					     "fpu lahf_lm hypervisor" };
	static const bool virtual[] = { true, false, true };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fake_root root;
		struct hw_host host;
		char text[256];

		fake_root_init(&root);
		(void)snprintf(text, sizeof text,
			       "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\n"
			       "model name\t: AMD EPYC\nflags\t\t: %s\n\n",
			       flags[i]);
		fake_root_file(&root, "/proc/cpuinfo", text);
		hw_host_read(&host, root.path);
		assert_int_equal(host.is_virtual, virtual[i]);
		assert_true(host.cpu_has_pmu);
		assert_string_equal(host.cpu_name, "AMD EPYC");
		hw_host_fini(&host);
		fake_root_fini(&root);
	}
}

/* An AArch64 guest has its firmware's word only. */
static void firmware_names_the_hypervisor(void **state)
{
	struct fake_root root;
	struct hw_host host;

	(void)state;
	fake_root_init(&root);
	fake_root_file(&root, "/proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\n");
	fake_root_file(&root, "/sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
	hw_host_read(&host, root.path);
	assert_true(host.is_virtual);
	assert_string_equal(host.hypervisor, "VMware");
	assert_false(host.cpu_has_pmu);
	hw_host_fini(&host);
	fake_root_fini(&root);
}

/* Nothing to read is no crash and no claim. */
static void an_empty_root_claims_nothing(void **state)
{
	struct fake_root root;
	struct hw_host host;
	size_t count;

	(void)state;
	fake_root_init(&root);
	hw_host_read(&host, root.path);
	assert_false(host.knows_pmus || host.has_paranoid || host.is_virtual || host.cpu_has_pmu);
	assert_null(hw_pmus_core(&host.pmus, &count));
	assert_int_equal(count, 0);
	hw_host_fini(&host);
	fake_root_fini(&root);
}

/* Texts that end in the middle, or are no such text at all. */
static void broken_files_are_survived(void **state)
{
	static const char *const texts[] = { "",       "Uid",	    "Uid:", "Uid:\t", "Uid:\tx\nCapEff:\tzz",
					     "\n\n\n", "Seccomp:\t" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct fake_root root;
		struct hw_host host;

		fake_root_init(&root);
		fake_root_file(&root, "/proc/self/status", texts[i]);
		fake_root_file(&root, "/proc/cpuinfo", texts[i]);
		fake_root_file(&root, "/proc/sys/kernel/perf_event_paranoid", texts[i]);
		hw_host_read(&host, root.path);
		assert_int_equal(host.caps_effective, 0);
		assert_int_equal(host.seccomp, 0);
		assert_false(host.has_paranoid);
		hw_host_fini(&host);
		fake_root_fini(&root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_read_field_by_field),
		cmocka_unit_test(a_user_namespace_makes_capabilities_void),
		cmocka_unit_test(a_hybrid_cpu_has_two_core_pmus),
		cmocka_unit_test(a_virtual_machine_shows_in_its_cpu_flags),
		cmocka_unit_test(firmware_names_the_hypervisor),
		cmocka_unit_test(an_empty_root_claims_nothing),
		cmocka_unit_test(broken_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
