/* What this machine and this process allow, as far as perf events care: privileges, sysctls, seccomp, PMUs. Facts only;
 * obstacle.h says which of them is in the way. */
#ifndef HW_EVENT_HOST_H
#define HW_EVENT_HOST_H

#include "event/pmus.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Numbers of capabilities (linux/capability.h, which older systems have without the newer ones). */
#define HW_CAP_IPC_LOCK 14
#define HW_CAP_SYS_PTRACE 19
#define HW_CAP_SYS_ADMIN 21
#define HW_CAP_SYS_RESOURCE 24
#define HW_CAP_SYSLOG 34
#define HW_CAP_PERFMON 38 /* Linux 5.8 */
#define HW_CAP_BPF 39	  /* Linux 5.8 */

struct hw_host {
	uid_t uid, euid;
	uint64_t caps_effective, caps_permitted, caps_bounding; /* bit HW_CAP_* */
	unsigned last_cap;	 /* the highest the kernel knows; 0 = unknown */
	bool no_new_privs;	 /* capabilities of files do not take effect */
	unsigned seccomp;	 /* /proc/PID/status: 0 none, 1 strict, 2 filters */
	bool is_initial_user_ns; /* capabilities of another one do not count for perf events */
	bool has_paranoid;	 /* perf_event_paranoid can be read: the kernel has perf events */
	int paranoid;		 /* upstream -1..2, Debian 3, Ubuntu 4 */
	bool knows_pmus;	 /* sysfs could be read */
	struct hw_pmus pmus;	 /* without their words */
	bool is_virtual;	 /* a hypervisor is beneath */
	char hypervisor[16]; /* "KVM", "VMware", "Hyper-V", "Xen", ...; "" when it has no name that we know */
	char cpu_name[96];   /* for people; "" when unknown */
	char exe[160]; /* our own file, as a shell takes it without quotes; "" when it would need some */
	bool cpu_has_pmu; /* every CPU of this vendor and family has counters, whatever a hypervisor shows of them */
};

/* Read what is under root: "" is this machine; tests have folders with a proc and a sys. What cannot be read stays
 * zero. */
void hw_host_read(struct hw_host *host, const char *root);
void hw_host_fini(struct hw_host *host);

/* May this process do with perf events what a user may not (perfmon_capable() in the kernel)? */
bool hw_host_is_perfmon(const struct hw_host *host);

/* Does perf_event_open reach the kernel? 0, or the errno of what stands before it: a seccomp filter, or a kernel
 * without perf events (ENOSYS). Opens nothing. */
int hw_host_syscall_errno(void);

#endif
