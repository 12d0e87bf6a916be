#include "record/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs in the child; async-signal-safe calls only. */
static void wait_and_exec(char **argv, int go_fd, int exec_fd, const sigset_t *mask,
			  const struct sigaction *on_child)
{
	char byte;
	ssize_t got;
	int failed;

	do
		got = read(go_fd, &byte, 1);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(125); /* the profiler died or changed its mind */
	(void)sigaction(SIGCHLD, on_child, NULL);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	failed = errno;
	(void)!write(exec_fd, &failed, sizeof failed);
	_exit(127);
}

int hw_child_start(struct hw_child *child, char **argv, const sigset_t *mask, struct hw_err *err)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	struct sigaction on_child = { .sa_handler = SIG_DFL };
	int go[2];
	int exec[2];

	*child = (struct hw_child){ .go_fd = -1, .exec_fd = -1 };
	if (pipe2(go, O_CLOEXEC) < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot start '%s': pipe", argv[0]);
	if (pipe2(exec, O_CLOEXEC) < 0) {
		(void)hw_err_sys(err, HW_ERR_SYSTEM, "cannot start '%s': pipe", argv[0]);
		close(go[0]);
		close(go[1]);
		return -1;
	}
	/* Who started us may ignore the end of children; then the kernel would keep no exit status. */
	(void)sigaction(SIGCHLD, &by_default, &on_child);
	child->pid = fork();
	if (child->pid == 0) {
		close(go[1]);
		wait_and_exec(argv, go[0], exec[1], mask, &on_child);
	}
	close(go[0]);
	close(exec[1]);
	child->go_fd = go[1];
	child->exec_fd = exec[0];
	if (child->pid < 0) {
		(void)hw_err_sys(err, HW_ERR_SYSTEM, "cannot start '%s': fork", argv[0]);
		hw_child_fini(child);
		return -1;
	}
	return 0;
}

int hw_child_exec(struct hw_child *child, const char *name, struct hw_err *err)
{
	int failed = 0;
	ssize_t got;

	got = write(child->go_fd, "x", 1);
	close(child->go_fd);
	child->go_fd = -1;
	if (got == 1) {
		do
			got = read(child->exec_fd, &failed, sizeof failed);
		while (got < 0 && errno == EINTR);
	}
	close(child->exec_fd);
	child->exec_fd = -1;
	if (got == 0)
		return 0;
	(void)waitpid(child->pid, NULL, 0);
	child->pid = 0;
	errno = failed;
	if (failed == ENOENT) {
		(void)hw_err_sys(err, HW_ERR_EXEC_ABSENT, "cannot run '%s'", name);
		return hw_err_hint(err, "check the name%s", strchr(name, '/') ? "" : " and $PATH");
	}
	return hw_err_sys(err, HW_ERR_EXEC_FOUND, "cannot run '%s'", name);
}

void hw_child_fini(struct hw_child *child)
{
	const bool held = child->go_fd > 0;

	if (child->go_fd > 0)
		close(child->go_fd);
	if (child->exec_fd > 0)
		close(child->exec_fd);
	if (held && child->pid > 0)
		(void)waitpid(child->pid, NULL, 0);
	*child = (struct hw_child){ .go_fd = -1, .exec_fd = -1 };
}
