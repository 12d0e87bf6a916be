#include "event/host.h"

#include "base/buf.h"
#include "base/file.h"
#include "event/cpu.h"
#include "event/pmu.h"

#include <ctype.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

/* /proc/PID/status of a process with many groups or CPUs is longer than a page. */
#define STATUS_MAX_BYTES ((uint64_t)1 << 20)

/* Namespace of user ids the kernel starts with: PROC_USER_INIT_INO (include/linux/proc_ns.h). */
#define INITIAL_USER_NS "user:[4026531837]"

static int read_line(char *line, size_t size, const char *root, const char *path)
{
	HW_AUTO(hw_freep) char *full = hw_asprintf("%s%s", root, path);

	return hw_file_read_line(line, size, full);
}

/* --- The process ------------------------------------------------------------------------------------- */

/* The value behind "NAME:\t" of a text like /proc/PID/status; NULL when there is no such line. */
static const char *field(const char *text, const char *name)
{
	const size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1 + strspn(line + length + 1, " \t");
	}
	return NULL;
}

static uint64_t number_field(const char *text, const char *name, int base)
{
	const char *value = field(text, name);

	return value ? strtoull(value, NULL, base) : 0;
}

static void read_status(struct hw_host *host, const char *root)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/proc/self/status", root);
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	const char *uids;

	if (hw_file_read(&text, path, STATUS_MAX_BYTES, NULL) < 0)
		return;
	host->caps_effective = number_field(hw_buf_str(&text), "CapEff", 16);
	host->caps_permitted = number_field(hw_buf_str(&text), "CapPrm", 16);
	host->caps_bounding = number_field(hw_buf_str(&text), "CapBnd", 16);
	host->no_new_privs = number_field(hw_buf_str(&text), "NoNewPrivs", 10) != 0;
	host->seccomp = (unsigned)number_field(hw_buf_str(&text), "Seccomp", 10);
	uids = field(hw_buf_str(&text), "Uid"); /* real, effective, saved, file system */
	if (uids) {
		char *end = NULL;

		host->uid = (uid_t)strtoul(uids, &end, 10);
		host->euid = (uid_t)strtoul(end, NULL, 10);
	}
}

static void read_user_ns(struct hw_host *host, const char *root)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/proc/self/ns/user", root);
	char target[64];
	const ssize_t length = readlink(path, target, sizeof target - 1);

	/* A kernel without user namespaces has no such link, and nothing else to be in. */
	host->is_initial_user_ns = length < 0;
	if (length < 0)
		return;
	target[length] = '\0';
	host->is_initial_user_ns = strcmp(target, INITIAL_USER_NS) == 0;
}

static void read_capability_limit(struct hw_host *host, const char *root)
{
	char line[32];

	if (read_line(line, sizeof line, root, "/proc/sys/kernel/cap_last_cap") == 0)
		host->last_cap = (unsigned)strtoul(line, NULL, 10);
}

static void read_exe(struct hw_host *host, const char *root)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/proc/self/exe", root);
	const ssize_t length = readlink(path, host->exe, sizeof host->exe - 1);

	host->exe[length > 0 ? length : 0] = '\0';
	for (const char *c = host->exe; *c; c++)
		if (length == (ssize_t)sizeof host->exe - 1 ||
		    (!isalnum((unsigned char)*c) && !strchr("/._+-", *c))) {
			host->exe[0] = '\0';
			return;
		}
}

static void read_paranoid(struct hw_host *host, const char *root)
{
	char line[32];
	char *end = NULL;

	if (read_line(line, sizeof line, root, "/proc/sys/kernel/perf_event_paranoid") < 0)
		return;
	host->paranoid = (int)strtol(line, &end, 10);
	host->has_paranoid = end != line;
}

/* --- The CPU ----------------------------------------------------------------------------------------- */

static void read_cpuinfo(struct hw_host *host, const char *root)
{
	struct hw_cpu cpu;

	hw_cpu_read(&cpu, root);
	host->is_virtual = cpu.is_virtual;
	hw_copy_text(host->cpu_name, sizeof host->cpu_name, cpu.name);
	/* Counters since the Pentium Pro and the K7, both family 6, whatever a hypervisor's CPUID says. */
	host->cpu_has_pmu = cpu.family >= 6 && (strcmp(cpu.vendor, "GenuineIntel") == 0 ||
						strcmp(cpu.vendor, "AuthenticAMD") == 0 ||
						strcmp(cpu.vendor, "HygonGenuine") == 0);
}

#ifdef __x86_64__
/* Leaf 0x40000000 holds the hypervisor's signature in EBX, ECX, EDX (each vendor's interface specification). */
static void read_hypervisor(struct hw_host *host)
{
	static const struct {
		const char *signature;
		const char *name;
	} known[] = {
		{ "KVMKVMKVM", "KVM" },	       { "Linux KVM Hv", "KVM" },	 { "VMwareVMware", "VMware" },
		{ "Microsoft Hv", "Hyper-V" }, { "XenVMMXenVMM", "Xen" },	 { "TCGTCGTCGTCG", "QEMU" },
		{ "bhyve bhyve ", "bhyve" },   { "VBoxVBoxVBox", "VirtualBox" },
	};
	unsigned eax;
	unsigned words[4] = { 0 };

	__cpuid(0x40000000, eax, words[0], words[1], words[2]);
	(void)eax;
	for (size_t i = 0; i < HW_COUNT_OF(known); i++)
		if (strncmp((const char *)words, known[i].signature, 12) == 0)
			hw_copy_text(host->hypervisor, sizeof host->hypervisor, known[i].name);
}
#else
static void read_hypervisor(struct hw_host *host)
{
	(void)host;
}
#endif

/* Where the CPU has no flag for it (AArch64), the firmware's own words. */
static void read_firmware(struct hw_host *host, const char *root)
{
	static const struct {
		const char *vendor;
		const char *name;
	} known[] = {
		{ "QEMU", "QEMU" },	     { "VMware", "VMware" },	   { "Xen", "Xen" },
		{ "innotek", "VirtualBox" }, { "Parallels", "Parallels" }, { "Apple Virtualization", "" },
	};
	char line[128];

	if (read_line(line, sizeof line, root, "/sys/class/dmi/id/sys_vendor") == 0)
		for (size_t i = 0; i < HW_COUNT_OF(known); i++)
			if (strncmp(line, known[i].vendor, strlen(known[i].vendor)) == 0) {
				host->is_virtual = true;
				hw_copy_text(host->hypervisor, sizeof host->hypervisor, known[i].name);
			}
	/* QEMU's `virt` board and Firecracker come with a device tree instead. */
	if (read_line(line, sizeof line, root, "/sys/firmware/devicetree/base/model") == 0 ||
	    read_line(line, sizeof line, root, "/sys/firmware/devicetree/base/compatible") == 0)
		host->is_virtual |= strstr(line, "linux,dummy-virt") != NULL;
	host->is_virtual |= read_line(line, sizeof line, root, "/sys/hypervisor/type") == 0;
}

/* --- PMUs -------------------------------------------------------------------------------------------- */

static void read_pmus(struct hw_host *host, const char *root)
{
	HW_AUTO(hw_freep) char *folder = hw_asprintf("%s%s", root, HW_PMU_ROOT);

	hw_pmus_read(&host->pmus, folder);
	host->knows_pmus = host->pmus.list.count > 0; /* the kernel's own ("software") are always there */
}

/* --- All of it --------------------------------------------------------------------------------------- */

void hw_host_read(struct hw_host *host, const char *root)
{
	*host = (struct hw_host){ 0 };
	read_status(host, root);
	read_user_ns(host, root);
	read_capability_limit(host, root);
	read_exe(host, root);
	read_paranoid(host, root);
	read_pmus(host, root);
	read_cpuinfo(host, root);
	read_firmware(host, root);
	if (host->is_virtual && !*root)
		read_hypervisor(host);
}

void hw_host_fini(struct hw_host *host)
{
	hw_pmus_fini(&host->pmus);
	*host = (struct hw_host){ 0 };
}

bool hw_host_is_perfmon(const struct hw_host *host)
{
	const uint64_t either = (UINT64_C(1) << HW_CAP_PERFMON) | (UINT64_C(1) << HW_CAP_SYS_ADMIN);

	return host->is_initial_user_ns && (host->caps_effective & either);
}

int hw_host_syscall_errno(void)
{
	/* The kernel refuses unknown flags before it looks at anything else, permissions included; a filter on system
	 * calls comes before the kernel. */
	if (syscall(SYS_perf_event_open, NULL, 0, -1, -1, ~0UL) < 0 && errno == EINVAL)
		return 0;
	return errno;
}
