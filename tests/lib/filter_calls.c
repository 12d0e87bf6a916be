/* Run a command under a seccomp filter, as a container's runtime does:
 *
 *	filter_calls perf_event_open EPERM COMMAND ARGUMENT...
 *
 * lets the system call fail with EPERM, EACCES or ENOSYS, or end the process (KILL). Also pass: a filter that refuses
 * nothing. Status 77 where this machine takes no filters. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	uint32_t action;
} actions[] = {
	{ "EPERM", SECCOMP_RET_ERRNO | EPERM },
	{ "EACCES", SECCOMP_RET_ERRNO | EACCES },
	{ "ENOSYS", SECCOMP_RET_ERRNO | ENOSYS },
	{ "KILL", SECCOMP_RET_KILL_PROCESS },
	{ "pass", SECCOMP_RET_ALLOW },
};

static int find_action(uint32_t *action, const char *name)
{
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		if (strcmp(name, actions[i].name) == 0) {
			*action = actions[i].action;
			return 0;
		}
	}
	return -1;
}

static int install(uint32_t action)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { .len = sizeof program / sizeof *program, .filter = program };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0)
		return 0; /* root may without giving up more */
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
		       ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)
		       : -1;
}

int main(int argc, char **argv)
{
	uint32_t action;

	if (argc < 4 || strcmp(argv[1], "perf_event_open") != 0 || find_action(&action, argv[2]) < 0) {
		fprintf(stderr,
			"usage: filter_calls perf_event_open EPERM|EACCES|ENOSYS|KILL|pass COMMAND...\n");
		return 99;
	}
	if (install(action) < 0) {
		perror("filter_calls: seccomp");
		return 77;
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 99;
}
