#include "event/obstacle.h"

#include "base/cpu_list.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The sysctl's levels: Documentation/admin-guide/sysctl/kernel.rst; 3 and 4 are patches of Debian and Ubuntu. */
#define PARANOID_KERNEL_MAX 1
#define PARANOID_USER_MAX 2
#define PARANOID_CPUS_MAX 0

static void tell(struct hw_obstacle *obstacle, enum hw_obstacle_kind kind, const char *format, ...)
	HW_PRINTF(3, 4);
static void tell(struct hw_obstacle *obstacle, enum hw_obstacle_kind kind, const char *format, ...)
{
	va_list args;

	obstacle->kind = kind;
	va_start(args, format);
	(void)vsnprintf(obstacle->cause, sizeof obstacle->cause, format, args);
	va_end(args);
}

static void mend(struct hw_obstacle *obstacle, const char *format, ...) HW_PRINTF(2, 3);
static void mend(struct hw_obstacle *obstacle, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(obstacle->fix, sizeof obstacle->fix, format, args);
	va_end(args);
}

#define FIX_CONTAINER                                                                                  \
	"docker run --cap-add PERFMON ... (Docker 24 and later allow the call then; others also need " \
	"--security-opt seccomp=FILE, a profile that allows perf_event_open, or seccomp=unconfined)"

void hw_obstacle_print_privileges(struct hw_buf *out, const struct hw_host *host, const char *more)
{
	const bool has_perfmon = !host->last_cap || host->last_cap >= HW_CAP_PERFMON;

	if (!host->is_initial_user_ns) {
		hw_buf_text(out, "run hwprof outside of the user namespace");
	} else if (host->no_new_privs) {
		hw_buf_text(
			out,
			"start hwprof without no_new_privs (Kubernetes: allowPrivilegeEscalation), then with "
			"sudo or setcap");
	} else {
		hw_buf_printf(out, "run hwprof with sudo, or once: sudo setcap %s,cap_sys_ptrace%s=ep %s",
			      has_perfmon ? "cap_perfmon" : "cap_sys_admin", more ? more : "",
			      host->exe[0] ? host->exe : "\"$(command -v hwprof)\"");
	}
}

/* Appends to the fix. */
static void mend_privileges(struct hw_obstacle *obstacle, const struct hw_host *host)
{
	HW_AUTO(hw_buf_fini) struct hw_buf fix = { 0 };

	hw_buf_text(&fix, obstacle->fix);
	hw_obstacle_print_privileges(&fix, host, NULL);
	hw_copy_text(obstacle->fix, sizeof obstacle->fix, hw_buf_str(&fix));
}

const char *hw_obstacle_name(enum hw_obstacle_kind kind)
{
	static const char *const names[] = {
		[HW_OBSTACLE_NONE] = "none",
		[HW_OBSTACLE_PARANOID] = "paranoid",
		[HW_OBSTACLE_SECCOMP] = "seccomp",
		[HW_OBSTACLE_CAPABILITY] = "capability",
		[HW_OBSTACLE_OTHER_USER] = "other-user",
		[HW_OBSTACLE_VM_WITHOUT_PMU] = "vm-without-pmu",
		[HW_OBSTACLE_NO_PMU] = "no-pmu",
		[HW_OBSTACLE_HYBRID] = "hybrid",
		[HW_OBSTACLE_NOT_SUPPORTED] = "not-supported",
		[HW_OBSTACLE_BUSY] = "busy",
		[HW_OBSTACLE_TOO_MANY] = "too-many",
		[HW_OBSTACLE_LIMIT] = "limit",
		[HW_OBSTACLE_TARGET_GONE] = "target-gone",
		[HW_OBSTACLE_SETTINGS] = "settings",
		[HW_OBSTACLE_OTHER] = "other",
	};

	return (size_t)kind < HW_COUNT_OF(names) ? names[kind] : "other";
}

/* --- Refused (EACCES, EPERM) ---------------------------------------------------------------------------- */

int hw_obstacle_paranoid_needed(const struct perf_event_attr *attr, pid_t tid)
{
	if (tid < 0)
		return PARANOID_CPUS_MAX;
	return attr->exclude_kernel ? PARANOID_USER_MAX : PARANOID_KERNEL_MAX;
}

static const char *activity(const struct perf_event_attr *attr, pid_t tid)
{
	if (tid < 0)
		return "events of whole CPUs";
	return attr->exclude_kernel ? "perf events" : "events of kernel code";
}

static void judge_seccomp(struct hw_obstacle *obstacle, const struct hw_obstacle_facts *facts)
{
	if (facts->syscall_errno == ENOSYS && !facts->host->seccomp) {
		tell(obstacle, HW_OBSTACLE_NOT_SUPPORTED, "this kernel is built without perf events");
		mend(obstacle, "a kernel with CONFIG_PERF_EVENTS=y");
		return;
	}
	tell(obstacle, HW_OBSTACLE_SECCOMP,
	     "a seccomp filter, as containers have, refuses the system call perf_event_open (%s)",
	     strerror(facts->syscall_errno));
	mend(obstacle, "%s", FIX_CONTAINER);
}

static void judge_target(struct hw_obstacle *obstacle, pid_t tid, const struct hw_obstacle_facts *facts)
{
	if (facts->target_is_other_users) {
		tell(obstacle, HW_OBSTACLE_OTHER_USER, "the thread belongs to another user (uid %u)",
		     facts->target_uid);
		mend(obstacle, "run hwprof as that user, or: ");
		mend_privileges(obstacle, facts->host);
		return;
	}
	tell(obstacle, HW_OBSTACLE_OTHER_USER,
	     "process %d may not be looked into, even by its own user (a set-user-id program, or one that "
	     "asked for it)",
	     (int)tid);
	mend_privileges(obstacle, facts->host);
}

static void judge_paranoid(struct hw_obstacle *obstacle, const struct perf_event_attr *attr, pid_t tid,
			   const struct hw_host *host)
{
	const uint64_t either = (UINT64_C(1) << HW_CAP_PERFMON) | (UINT64_C(1) << HW_CAP_SYS_ADMIN);
	const int needed = hw_obstacle_paranoid_needed(attr, tid);
	const bool in_namespace = !host->is_initial_user_ns;

	if (in_namespace && host->caps_effective & either) {
		tell(obstacle, HW_OBSTACLE_CAPABILITY,
		     "CAP_PERFMON is held inside a user namespace only, where it does not count for perf "
		     "events, and "
		     "without it perf_event_paranoid = %d forbids %s",
		     host->paranoid, activity(attr, tid));
		mend(obstacle, "outside of the namespace: sudo sysctl kernel.perf_event_paranoid=%d", needed);
		return;
	}
	tell(obstacle, HW_OBSTACLE_PARANOID,
	     "perf_event_paranoid = %d forbids %s to users without CAP_PERFMON", host->paranoid,
	     activity(attr, tid));
	if (in_namespace) {
		mend(obstacle, "outside of the user namespace: sudo sysctl kernel.perf_event_paranoid=%d",
		     needed);
	} else {
		mend(obstacle, "sudo sysctl kernel.perf_event_paranoid=%d, or: ", needed);
		mend_privileges(obstacle, host);
	}
}

static void judge_refusal(struct hw_obstacle *obstacle, const struct hw_event *event, pid_t tid,
			  const struct hw_obstacle_facts *facts)
{
	const struct hw_host *host = facts->host;
	const struct perf_event_attr *attr = &event->attr;
	const struct hw_pmu *pmu = hw_pmus_find(&host->pmus, attr->type);
	const bool probe = pmu && (strcmp(pmu->name, "kprobe") == 0 || strcmp(pmu->name, "uprobe") == 0);

	if (hw_host_is_perfmon(host)) {
		tell(obstacle, HW_OBSTACLE_OTHER,
		     "neither perf_event_paranoid nor a missing capability is the cause, so a security "
		     "module "
		     "(SELinux, AppArmor) or kernel lockdown must be");
		mend(obstacle, "cat /sys/kernel/security/lsm /sys/kernel/security/lockdown; journalctl -k | "
			       "grep -i -e denied -e lockdown");
	} else if (probe) {
		tell(obstacle, HW_OBSTACLE_CAPABILITY,
		     "probes need CAP_PERFMON, whatever perf_event_paranoid is");
		mend_privileges(obstacle, facts->host);
	} else if (facts->target_is_closed && facts->target_is_other_users) {
		judge_target(obstacle, tid, facts);
	} else if (host->has_paranoid && host->paranoid > hw_obstacle_paranoid_needed(attr, tid)) {
		judge_paranoid(obstacle, attr, tid, host);
	} else if (facts->target_is_closed) {
		judge_target(obstacle, tid, facts);
	} else {
		tell(obstacle, HW_OBSTACLE_CAPABILITY, "it needs CAP_PERFMON, which hwprof does not have");
		mend_privileges(obstacle, facts->host);
	}
}

/* --- Not there (ENOENT, EOPNOTSUPP, ENODEV, ENXIO) ------------------------------------------------------- */

const char *hw_obstacle_vm_fix(const struct hw_host *host)
{
	static const struct {
		const char *hypervisor;
		const char *fix;
	} fixes[] = {
		{ "KVM", "on the host: qemu -cpu host,pmu=on, in libvirt <cpu mode='host-passthrough'/> and "
			 "<features><pmu state='on'/></features>; in a cloud: a bare-metal instance type" },
		{ "QEMU", "start the guest with KVM: qemu -accel kvm -cpu host,pmu=on" },
		{ "VMware",
		  "power the machine off and set vpmc.enable = \"TRUE\" in its .vmx (Processors: Virtualize "
		  "CPU performance counters)" },
		{ "Hyper-V", "on the host, the machine being off: Set-VMProcessor VM -Perfmon @(\"pmu\")" },
		{ "Xen", "boot Xen with vpmu=on" },
	};

	for (size_t i = 0; i < HW_COUNT_OF(fixes); i++)
		if (strcmp(host->hypervisor, fixes[i].hypervisor) == 0)
			return fixes[i].fix;
	return "give the guest a virtual PMU in the hypervisor's settings; in a cloud: a bare-metal instance "
	       "type";
}

static void judge_no_pmu(struct hw_obstacle *obstacle, const struct hw_host *host)
{
	char cpu[128] = "";

	if (host->cpu_name[0])
		(void)snprintf(cpu, sizeof cpu, " (%s)", host->cpu_name);
	if (!host->is_virtual) {
		tell(obstacle, HW_OBSTACLE_NO_PMU,
		     "the kernel exposes no CPU PMU%s%s: it has no driver for it, or the firmware turned it "
		     "off",
		     host->cpu_has_pmu ? " although the CPU has one" : "", cpu);
		mend(obstacle,
		     "sudo dmesg | grep -i -e 'performance events' -e pmu tells what the kernel found");
		return;
	}
	tell(obstacle, HW_OBSTACLE_VM_WITHOUT_PMU,
	     "the kernel exposes no CPU PMU%s%s: this is a virtual machine whose hypervisor%s%s%s gives it "
	     "none",
	     host->cpu_has_pmu ? " although the CPU has one" : "", cpu, host->hypervisor[0] ? " (" : "",
	     host->hypervisor, host->hypervisor[0] ? ")" : "");
	mend(obstacle, "%s", hw_obstacle_vm_fix(host));
}

/* Events that a core PMU would count. */
static bool is_hardware(const struct hw_host *host, const struct perf_event_attr *attr)
{
	const struct hw_pmu *pmu = hw_pmus_find(&host->pmus, attr->type);

	return attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE ||
	       attr->type == PERF_TYPE_RAW || (pmu && pmu->is_core);
}

/* On a hybrid CPU: the type of the PMU is in the upper half of a generic event's config. */
static const struct hw_pmu *core_pmu_of(const struct hw_host *host, const struct perf_event_attr *attr)
{
	const bool generic = attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE;
	const uint32_t type = generic ? (uint32_t)(attr->config >> 32) : attr->type;
	const struct hw_pmu *pmu = hw_pmus_find(&host->pmus, type);

	return pmu && pmu->is_core ? pmu : NULL;
}

static void judge_unsupported(struct hw_obstacle *obstacle, const struct hw_event *event,
			      const struct hw_obstacle_facts *facts)
{
	const struct hw_host *host = facts->host;
	const struct perf_event_attr *attr = &event->attr;
	const struct hw_pmu *pmu = hw_pmus_find(&host->pmus, attr->type);

	obstacle->kind = HW_OBSTACLE_NOT_SUPPORTED;
	if (attr->precise_ip && facts->opens_imprecise) {
		tell(obstacle, HW_OBSTACLE_NOT_SUPPORTED,
		     "this machine has no precise level %u for the event", (unsigned)attr->precise_ip);
		mend(obstacle, "ask for a lower one, or for the highest there is: %s:P", event->name);
	} else if (facts->counts && (attr->sample_period || attr->freq)) {
		tell(obstacle, HW_OBSTACLE_NOT_SUPPORTED,
		     "the event can be counted here, but not sampled: its PMU%s%s has no overflow interrupt",
		     pmu ? " " : "", pmu ? pmu->name : "");
		mend(obstacle, "hwprof stat -e '%s' counts it", event->text ? event->text : event->name);
	} else if (!host->knows_pmus) {
		tell(obstacle, HW_OBSTACLE_NOT_SUPPORTED,
		     "this machine does not offer the event, and /sys/bus/event_source, which would say "
		     "more, "
		     "cannot be read");
	} else if (is_hardware(host, attr)) {
		tell(obstacle, HW_OBSTACLE_NOT_SUPPORTED, "the PMU of this %s does not count the event",
		     host->is_virtual ? "virtual machine" : "CPU");
		mend(obstacle, "hwprof list shows the events that open here");
	} else {
		tell(obstacle, HW_OBSTACLE_NOT_SUPPORTED, "this kernel does not offer the event");
	}
}

static void judge_absence(struct hw_obstacle *obstacle, const struct hw_event *event, int cpu,
			  const struct hw_obstacle_facts *facts)
{
	const struct hw_host *host = facts->host;
	const struct hw_pmu *pmu = core_pmu_of(host, &event->attr);
	size_t cores = 0;

	(void)hw_pmus_core(&host->pmus, &cores);
	if (host->knows_pmus && cores == 0 && is_hardware(host, &event->attr)) {
		judge_no_pmu(obstacle, host);
	} else if (pmu && cores > 1 && cpu >= 0 && pmu->cpus && !hw_cpu_list_has(pmu->cpus, cpu)) {
		tell(obstacle, HW_OBSTACLE_HYBRID,
		     "the CPU is hybrid, and PMU %s counts on CPUs %s only, not on CPU %d", pmu->name,
		     pmu->cpus, cpu);
		mend(obstacle, "-C %s, or the event by its generic name, which opens on each kind of core",
		     pmu->cpus);
	} else {
		judge_unsupported(obstacle, event, facts);
	}
}

/* --- Not taken (EINVAL) --------------------------------------------------------------------------------- */

static void judge_settings(struct hw_obstacle *obstacle, const struct hw_event *event, pid_t tid,
			   const struct hw_obstacle_facts *facts)
{
	const struct perf_event_attr *attr = &event->attr;
	const struct hw_pmu *pmu = hw_pmus_find(&facts->host->pmus, attr->type);
	const bool samples = attr->sample_period || attr->freq;

	if (attr->freq && facts->max_freq_hz && attr->sample_freq > facts->max_freq_hz) {
		tell(obstacle, HW_OBSTACLE_LIMIT,
		     "%" PRIu64 " samples per second are more than perf_event_max_sample_rate = %" PRIu64,
		     (uint64_t)attr->sample_freq, facts->max_freq_hz);
		mend(obstacle, "sudo sysctl kernel.perf_event_max_sample_rate=%" PRIu64,
		     (uint64_t)attr->sample_freq);
	} else if (event->group && facts->opens_alone) {
		tell(obstacle, HW_OBSTACLE_TOO_MANY,
		     "its group has more events than the PMU counts at once, or events of PMUs that do not "
		     "mix");
		mend(obstacle, "make the group smaller, or leave the braces away");
	} else if (pmu && pmu->is_whole && tid >= 0) {
		tell(obstacle, HW_OBSTACLE_SETTINGS, "PMU %s counts for whole CPUs, not for processes",
		     pmu->name);
		mend(obstacle, "measure whole CPUs: -a");
	} else if (attr->precise_ip && facts->opens_imprecise) {
		judge_unsupported(obstacle, event, facts);
	} else if (samples && facts->counts) {
		judge_unsupported(obstacle, event, facts);
	} else {
		tell(obstacle, HW_OBSTACLE_SETTINGS, "the kernel does not take these settings of the event");
		mend(obstacle, "HWPROF_DEBUG=event shows the settings, dmesg may say more");
	}
}

/* --- All of it ------------------------------------------------------------------------------------------ */

void hw_obstacle_judge(struct hw_obstacle *obstacle, const struct hw_event *event, pid_t tid, int cpu,
		       int open_errno, const struct hw_obstacle_facts *facts)
{
	*obstacle = (struct hw_obstacle){ .kind = HW_OBSTACLE_OTHER };
	switch (open_errno) {
	case 0:
		obstacle->kind = HW_OBSTACLE_NONE;
		break;
	case ESRCH:
		obstacle->kind = HW_OBSTACLE_TARGET_GONE;
		break;
	case EMFILE:
	case ENFILE:
		tell(obstacle, HW_OBSTACLE_LIMIT, "the limit on open files %s is reached",
		     open_errno == EMFILE ? "of a process" : "of the system");
		mend(obstacle,
		     open_errno == EMFILE ? "ulimit -n $(ulimit -Hn)" : "sudo sysctl fs.file-max=1000000");
		break;
	case EBUSY:
	case ENOSPC:
		tell(obstacle, HW_OBSTACLE_BUSY,
		     "another user (perf, another profiler, the NMI watchdog) holds the counters");
		mend(obstacle,
		     "sudo sysctl kernel.nmi_watchdog=0; sudo lsof | grep perf_event shows who has some");
		break;
	case EACCES:
	case EPERM:
	case ENOSYS:
		if (facts->syscall_errno)
			judge_seccomp(obstacle, facts);
		else
			judge_refusal(obstacle, event, tid, facts);
		break;
	case ENOENT:
	case ENODEV:
	case ENXIO:
	case EOPNOTSUPP:
		judge_absence(obstacle, event, cpu, facts);
		break;
	case EINVAL:
		judge_settings(obstacle, event, tid, facts);
		break;
	case E2BIG:
		tell(obstacle, HW_OBSTACLE_SETTINGS,
		     "this kernel is older than a field of the event's settings");
		break;
	default:
		break;
	}
}

/* Does the attr open alone, on ourselves or the CPU? */
static bool opens(struct perf_event_attr attr, pid_t tid, int cpu)
{
	long fd;

	attr.disabled = 1;
	attr.enable_on_exec = 0;
	fd = syscall(SYS_perf_event_open, &attr, tid < 0 ? -1 : 0, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd >= 0)
		close((int)fd);
	return fd >= 0;
}

static void try_simpler(struct hw_obstacle_facts *facts, const struct hw_event *event, pid_t tid, int cpu)
{
	struct perf_event_attr attr = event->attr;

	facts->opens_alone = event->group && opens(attr, tid, cpu);
	attr.precise_ip = 0;
	facts->opens_imprecise = event->attr.precise_ip && opens(attr, tid, cpu);
	attr.freq = 0;
	attr.sample_period = 0;
	attr.sample_type = 0;
	attr.sample_regs_user = 0;
	attr.sample_stack_user = 0;
	facts->counts = opens(attr, tid, cpu);
}

/* Whose is it? The kernel compares all three of the target's ids (ptrace_may_access in kernel/ptrace.c). */
static void look_at_target(struct hw_obstacle_facts *facts, pid_t tid)
{
	HW_AUTO(hw_freep) char *status = hw_asprintf("/proc/%d/status", (int)tid);
	HW_AUTO(hw_freep) char *auxv = hw_asprintf("/proc/%d/auxv", (int)tid);
	HW_AUTO(hw_closep) int fd = -1;
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	const char *line;

	if (tid <= 0 || hw_file_read(&text, status, (uint64_t)1 << 20, NULL) < 0)
		return;
	line = strstr(hw_buf_str(&text), "\nUid:");
	for (char *at = (char *)(line ? line + 5 : ""); *at && *at != '\n';) {
		char *end = NULL;
		const unsigned long uid = strtoul(at, &end, 10);

		if (end == at)
			break;
		at = end;
		if (uid == facts->host->uid)
			continue;
		facts->target_is_other_users = true;
		facts->target_uid = (unsigned)uid;
	}
	fd = open(auxv, O_RDONLY | O_CLOEXEC); /* allowed to whom ptrace's read access is */
	facts->target_is_closed = fd < 0 && (errno == EACCES || errno == EPERM);
}

static uint64_t max_freq(void)
{
	char line[32];

	if (hw_file_read_line(line, sizeof line, "/proc/sys/kernel/perf_event_max_sample_rate") < 0)
		return 0;
	return strtoull(line, NULL, 10);
}

void hw_obstacle_find(struct hw_obstacle *obstacle, const struct hw_event *event, pid_t tid, int cpu,
		      int open_errno)
{
	struct hw_host host = { 0 };
	struct hw_obstacle_facts facts = { .host = &host };

	/* Of a process with many threads, some end at any time: their errno says all, and is to be had cheaply. */
	if (open_errno != ESRCH && open_errno != EMFILE && open_errno != ENFILE) {
		hw_host_read(&host, "");
		facts.syscall_errno = hw_host_syscall_errno();
		facts.max_freq_hz = max_freq();
		look_at_target(&facts, tid);
		if (!facts.syscall_errno)
			try_simpler(&facts, event, tid, cpu);
	}
	hw_obstacle_judge(obstacle, event, tid, cpu, open_errno, &facts);
	hw_host_fini(&host);
}
