/* Which CPU this is, from texts of /proc/cpuinfo. */
#include "event/cpu.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The first CPU counts, by exact keys: "model" is not "model name", nor "cpu family" "family". */
static void x86(void **state)
{
	struct hw_cpu cpu;

	(void)state;
	hw_cpu_parse(&cpu, "processor\t: 0\n"
			   "vendor_id\t: GenuineIntel\n"
			   "cpu family\t: 6\n"
			   "model\t\t: 158\n"
			   "model name\t: Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz\n"
			   "stepping\t: 10\n"
			   "flags\t\t: fpu vme hypervisor_x lahf_lm\n"
			   "\n"
			   "processor\t: 1\n"
			   "vendor_id\t: Other\n"
			   "model\t\t: 1\n"
			   "flags\t\t: hypervisor\n");
	assert_string_equal(cpu.vendor, "GenuineIntel");
	assert_int_equal(cpu.family, 6);
	assert_int_equal(cpu.model, 158);
	assert_int_equal(cpu.stepping, 10);
	assert_string_equal(cpu.name, "Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz");
	assert_false(cpu.is_virtual);
	assert_false(cpu.is_mixed);
}

/* The hypervisor flag is a word of its own, wherever it stands. */
static void virtual_machine(void **state)
{
	static const char *const with[] = { "flags : hypervisor", "flags\t: fpu hypervisor\n",
					    "flags: hypervisor lm" };
	static const char *const without[] = { "flags : fpu", "bugs : hypervisor",
					       "flags : xhypervisor hypervisors" };
	struct hw_cpu cpu;

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(with); i++) {
		hw_cpu_parse(&cpu, with[i]);
		assert_true(cpu.is_virtual);
	}
	for (size_t i = 0; i < HW_COUNT_OF(without); i++) {
		hw_cpu_parse(&cpu, without[i]);
		assert_false(cpu.is_virtual);
	}
}

/* AArch64: implementer and part; known parts get their name; equal cores are no mixture. */
static void aarch64(void **state)
{
	static const char n1[] =
		"processor\t: %d\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\n"
		"CPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n";
	HW_AUTO(hw_freep) char *text = hw_asprintf("%s%s", n1, n1);
	struct hw_cpu cpu;

	(void)state;
	hw_cpu_parse(&cpu, text);
	assert_string_equal(cpu.vendor, "0x41");
	assert_int_equal(cpu.family, 0);
	assert_int_equal(cpu.model, 0xd0c);
	assert_int_equal(cpu.stepping, 1);
	assert_string_equal(cpu.name, "Arm Neoverse N1");
	assert_false(cpu.is_mixed);
}

/* big.LITTLE: the first kind, and that there are others. Another maker's part numbers are not Arm's. */
static void big_little(void **state)
{
	struct hw_cpu cpu;

	(void)state;
	hw_cpu_parse(&cpu, "processor : 0\nCPU implementer : 0x41\nCPU part : 0xd05\n\n"
			   "processor : 1\nCPU implementer : 0x41\nCPU part : 0xd0b\n");
	assert_int_equal(cpu.model, 0xd05);
	assert_string_equal(cpu.name, "Arm Cortex-A55");
	assert_true(cpu.is_mixed);
	hw_cpu_parse(&cpu, "processor : 0\nCPU implementer : 0x51\nCPU part : 0xd05\n");
	assert_string_equal(cpu.name, "");
}

/* Whatever else the text is, the answer is "unknown"; a vendor too long is cut. */
static void other_texts(void **state)
{
	static const char *const texts[] = { "",	   "\n\n",	  "cpu",       "model",
					     "model\t: x", "CPU part : ", "processor", "vendor_idx : y" };
	const struct hw_cpu unknown = { 0 };
	struct hw_cpu cpu;

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(texts); i++) {
		hw_cpu_parse(&cpu, texts[i]);
		assert_string_equal(cpu.vendor, "");
		assert_string_equal(cpu.name, "");
		assert_int_equal(cpu.model, unknown.model);
		assert_int_equal(cpu.family, unknown.family);
	}
	hw_cpu_parse(&cpu, "vendor_id : A vendor of a very long name\n");
	assert_string_equal(cpu.vendor, "A vendor of a v");
}

/* This machine says who made its CPU. */
static void this_machine(void **state)
{
	struct hw_cpu cpu;

	(void)state;
	hw_cpu_read(&cpu, "");
	assert_true(*cpu.vendor);
#if defined(__x86_64__)
	assert_true(cpu.family > 0);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86),	       cmocka_unit_test(virtual_machine),
		cmocka_unit_test(aarch64),     cmocka_unit_test(big_little),
		cmocka_unit_test(other_texts), cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
