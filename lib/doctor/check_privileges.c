/* Who may do what: the sysctl, capabilities and where they count, filters, containers. */
#include "doctor/checks.h"

#include "base/bytes.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#define INITIAL_PID_NS "pid:[4026531836]" /* PROC_PID_INIT_INO, include/linux/proc_ns.h */

/* --- perf_event_paranoid ------------------------------------------------------------------------------- */

static void check_paranoid(struct hw_checkup *checkup)
{
	const struct hw_host *host = &checkup->host;
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_PRIVILEGES, "paranoid", "perf_event_paranoid");

	if (!host->has_paranoid) {
		hw_finding_cause(finding, HW_NO,
				 "/proc/sys/kernel/perf_event_paranoid cannot be read: a kernel without perf "
				 "events, or "
				 "a /proc that hides it");
		return;
	}
	hw_finding_number(finding, "level", host->paranoid);
	if (hw_host_is_perfmon(host)) {
		hw_finding_text(finding, "%d, which does not matter with CAP_PERFMON or root",
				host->paranoid);
		return;
	}
	hw_finding_text(finding, "%d", host->paranoid);
	if (host->paranoid > 2) {
		hw_finding_cause(finding, HW_NO, "it forbids perf events to users without CAP_PERFMON");
		hw_finding_fix(finding, "sudo sysctl kernel.perf_event_paranoid=1");
	} else if (host->paranoid == 2) {
		hw_finding_cause(finding, HW_LIMITED,
				 "user code of your own processes only: no kernel code, no whole CPUs");
		hw_finding_fix(
			finding,
			"sudo sysctl kernel.perf_event_paranoid=1 (kernel code), or =0 (whole CPUs, too)");
	} else if (host->paranoid == 1) {
		hw_finding_cause(finding, HW_LIMITED, "your own processes only: no whole CPUs");
		hw_finding_fix(finding, "sudo sysctl kernel.perf_event_paranoid=0");
	}
}

/* --- Capabilities -------------------------------------------------------------------------------------- */

static const struct {
	unsigned number;
	const char *name;
	const char *use;
} capabilities[] = {
	{ HW_CAP_PERFMON, "CAP_PERFMON", "kernel code and whole CPUs" },
	{ HW_CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "processes of other users" },
	{ HW_CAP_SYSLOG, "CAP_SYSLOG", "names of kernel functions" },
	{ HW_CAP_IPC_LOCK, "CAP_IPC_LOCK", "rings above the limit on locked memory" },
	{ HW_CAP_BPF, "CAP_BPF", "BPF programs" },
	{ HW_CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "all of these on kernels before 5.8" },
};

static void check_capabilities(struct hw_checkup *checkup)
{
	const struct hw_host *host = &checkup->host;
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_PRIVILEGES, "capabilities", "capabilities");
	HW_AUTO(hw_buf_fini) struct hw_buf held = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf missing = { 0 };
	bool is_held[HW_COUNT_OF(capabilities)];

	for (size_t i = 0; i < HW_COUNT_OF(capabilities); i++) {
		is_held[i] = (host->caps_effective >> capabilities[i].number) & 1;
		if (is_held[i])
			hw_buf_printf(&held, "%s%s", held.size ? ", " : "", capabilities[i].name);
		else if (capabilities[i].number != HW_CAP_SYS_ADMIN && capabilities[i].number != HW_CAP_BPF)
			hw_buf_printf(&missing, "%s%s (%s)", missing.size ? ", " : "", capabilities[i].name,
				      capabilities[i].use);
	}
	hw_finding_text(finding, "%s", held.size ? hw_buf_str(&held) : "none of those that matter");
	hw_finding_word(finding, "held", hw_buf_str(&held));
	if (!host->is_initial_user_ns && held.size) {
		hw_finding_cause(finding, HW_LIMITED,
				 "they are of a user namespace, where they do not count for perf events");
		hw_finding_fix(finding, "run hwprof outside of the namespace");
		return;
	}
	if (!missing.size || is_held[HW_COUNT_OF(capabilities) - 1])
		return;
	hw_finding_cause(finding, HW_LIMITED, "without %s", hw_buf_str(&missing));
	hw_finding_privileges(finding, host, NULL);
}

/* Capabilities of the file that runs: struct vfs_cap_data in linux/capability.h, little-endian. -1 when it has none. */
static int read_file_capabilities(uint64_t *permitted, const char *path)
{
	uint8_t data[32];
	const ssize_t size = getxattr(path, "security.capability", data, sizeof data);
	struct hw_bytes bytes = hw_bytes_of(data, size > 0 ? (size_t)size : 0);
	uint64_t low;

	(void)hw_bytes_u32(&bytes); /* revision and flags */
	low = hw_bytes_u32(&bytes);
	(void)hw_bytes_u32(&bytes); /* inheritable */
	if (bytes.overrun)
		return -1;
	*permitted = low | (uint64_t)hw_bytes_u32(&bytes) << 32; /* 0 in revision 1, which ends before it */
	return 0;
}

static void check_file_capabilities(struct hw_checkup *checkup)
{
	const struct hw_host *host = &checkup->host;
	struct hw_finding *finding;
	HW_AUTO(hw_buf_fini) struct hw_buf names = { 0 };
	uint64_t permitted = 0;

	if (read_file_capabilities(&permitted, "/proc/self/exe") < 0)
		return;
	for (size_t i = 0; i < HW_COUNT_OF(capabilities); i++)
		if ((permitted >> capabilities[i].number) & 1)
			hw_buf_printf(&names, "%s%s", names.size ? ", " : "", capabilities[i].name);
	finding = hw_findings_add(checkup->findings, HW_SECTION_PRIVILEGES, "file-capabilities",
				  "capabilities of the hwprof file");
	hw_finding_text(finding, "%s", names.size ? hw_buf_str(&names) : "none of those that matter");
	hw_finding_word(finding, "held", hw_buf_str(&names));
	if ((permitted & host->caps_effective) == permitted)
		return;
	hw_finding_cause(finding, HW_NO, "they did not take effect: %s",
			 host->no_new_privs ? "the process was started with no_new_privs"
			 : !host->is_initial_user_ns
				 ? "they count outside of this user namespace only"
				 : "the file system may be mounted nosuid, or the file lacks the "
				   "effective flag (=ep)");
}

static void check_user_namespace(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_PRIVILEGES, "user-namespace", "user namespace");

	hw_finding_number(finding, "initial", checkup->host.is_initial_user_ns);
	if (checkup->host.is_initial_user_ns) {
		hw_finding_text(finding, "the initial one");
		return;
	}
	hw_finding_text(finding, "one of its own, uid %u in it", (unsigned)checkup->host.euid);
	hw_finding_cause(
		finding, HW_LIMITED,
		"root and capabilities in it do not count for perf events: perf_event_paranoid decides");
	hw_finding_fix(
		finding,
		"run hwprof outside of it (a rootful container, or on the host: hwprof attach -p PID)");
}

/* --- Around the process -------------------------------------------------------------------------------- */

static void check_seccomp(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_PRIVILEGES, "seccomp", "seccomp");
	struct perf_event_attr attr = hw_checkup_attr(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY, 0);

	hw_finding_number(finding, "mode", checkup->host.seccomp);
	if (checkup->syscall_errno) {
		struct hw_obstacle obstacle;

		hw_obstacle_judge(&obstacle, &(struct hw_event){ .attr = attr }, 0, -1, EPERM,
				  &(struct hw_obstacle_facts){ .host = &checkup->host,
							       .syscall_errno = checkup->syscall_errno });
		hw_finding_obstacle(finding, HW_NO, &obstacle, EPERM);
		if (checkup->syscall_kills)
			hw_finding_cause(finding, HW_NO,
					 "a seccomp filter ends every process that calls perf_event_open");
		return;
	}
	hw_finding_text(finding, "%s",
			checkup->host.seccomp ? "a filter that lets perf_event_open through" : "no filter");
}

static const char *container_of_cgroup(const char *text)
{
	static const char *const names[] = { "docker", "kubepods", "libpod", "lxc", "containerd" };

	for (size_t i = 0; i < HW_COUNT_OF(names); i++)
		if (strstr(text, names[i]))
			return names[i];
	return NULL;
}

/* What kind of container this looks like; NULL for none. Nothing says so for certain, and nothing depends on it. */
static const char *find_container(void)
{
	HW_AUTO(hw_buf_fini) struct hw_buf cgroup = { 0 };

	if (access("/run/.containerenv", F_OK) == 0)
		return "podman";
	if (access("/.dockerenv", F_OK) == 0)
		return "docker";
	if (getenv("KUBERNETES_SERVICE_HOST"))
		return "kubernetes";
	if (hw_file_read(&cgroup, "/proc/self/cgroup", (uint64_t)1 << 20, NULL) < 0)
		return NULL;
	return container_of_cgroup(hw_buf_str(&cgroup));
}

static void check_container(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_PRIVILEGES, "container", "container");
	const char *kind = find_container();
	char target[64];
	const ssize_t length = readlink("/proc/self/ns/pid", target, sizeof target - 1);
	bool own_pids;

	target[length > 0 ? length : 0] = '\0';
	own_pids = length > 0 && strcmp(target, INITIAL_PID_NS) != 0;
	hw_finding_word(finding, "kind", kind ? kind : "none");
	hw_finding_number(finding, "pid_namespace", own_pids);
	if (kind)
		hw_finding_text(finding, "this looks like one of %s", kind);
	else
		hw_finding_text(finding, "no traces of one");
	if (own_pids)
		hw_finding_cause(
			finding, HW_LIMITED,
			"only processes of this PID namespace are seen: hwprof on the host sees all");
}

void hw_check_privileges(struct hw_checkup *checkup)
{
	check_paranoid(checkup);
	check_capabilities(checkup);
	check_file_capabilities(checkup);
	check_user_namespace(checkup);
	check_seccomp(checkup);
	check_container(checkup);
}

/* --- A process that shall be profiled ------------------------------------------------------------------ */

/* May the file /proc/PID/name be read? 0, or the errno. */
static int read_error(pid_t pid, const char *name)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("/proc/%d/%s", (int)pid, name);
	char byte;
	HW_AUTO(hw_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || read(fd, &byte, 1) < 0 ? errno : 0;
}

static void check_process(struct hw_checkup *checkup, pid_t pid)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_PRIVILEGES, "process", "the process");
	struct perf_event_attr attr = hw_checkup_attr(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 1000000);
	int error;

	attr.exclude_kernel = !checkup->kernel_code;
	error = checkup->syscall_kills ? EPERM : hw_trial_open(&attr, pid, -1);
	hw_finding_number(finding, "pid", pid);
	if (error) {
		struct hw_obstacle obstacle;

		hw_checkup_explain(checkup, &obstacle, "cpu-clock", &attr, pid, error);
		hw_finding_obstacle(finding, HW_NO, &obstacle, error);
		return;
	}
	error = read_error(pid, "maps");
	if (error) {
		hw_finding_cause(finding, HW_NO, "its events open, but /proc/%d/maps does not: %s", (int)pid,
				 strerror(error));
		hw_finding_privileges(finding, &checkup->host, NULL);
		return;
	}
	hw_finding_text(finding, "process %d can be profiled", (int)pid);
}

/* Processes in general: what is told without -p. */
static void check_processes(struct hw_checkup *checkup)
{
	const uint64_t ptrace = UINT64_C(1) << HW_CAP_SYS_PTRACE;
	struct hw_finding *finding = hw_findings_add(checkup->findings, HW_SECTION_PRIVILEGES, "processes",
						     "other users' processes");
	const bool may_trace = (checkup->host.caps_effective & ptrace) && checkup->host.is_initial_user_ns;
	int64_t scope = 0;

	if (hw_sysctl_read(&scope, "yama/ptrace_scope"))
		hw_finding_number(finding, "yama_ptrace_scope",
				  scope); /* of attaching, not of reading as we do */
	if (may_trace && hw_host_is_perfmon(&checkup->host)) {
		hw_finding_text(finding, "may be profiled (-p)");
		return;
	}
	hw_finding_cause(
		finding, HW_LIMITED,
		"only your own processes may be profiled: others need CAP_PERFMON and CAP_SYS_PTRACE");
	hw_finding_privileges(finding, &checkup->host, NULL);
}

void hw_check_target(struct hw_checkup *checkup)
{
	if (checkup->config->pid)
		check_process(checkup, checkup->config->pid);
	else
		check_processes(checkup);
}
