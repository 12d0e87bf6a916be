#include "signals.h"

#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

int signals_take(int *fd, sigset_t *old_mask, struct hw_err *err)
{
	static const int taken[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
	sigset_t mask;
	sigset_t read_mask;

	(void)sigemptyset(&read_mask);
	for (size_t i = 0; i < HW_COUNT_OF(taken); i++) {
		struct sigaction action;

		/* What is ignored (nohup, a shell's background job) stays ignored. */
		if (sigaction(taken[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			(void)sigaddset(&read_mask, taken[i]);
	}
	mask = read_mask;
	(void)sigaddset(&mask, SIGPIPE);
	(void)sigaddset(&mask, SIGXFSZ);
	if (sigprocmask(SIG_BLOCK, &mask, old_mask) < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot block signals");
	*fd = signalfd(-1, &read_mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (*fd < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot read signals");
	return 0;
}

int signals_take_and_open(int *fd, sigset_t *old_mask, struct hw_output *output, const char *path,
			  struct hw_err *err)
{
	struct stat st;
	const bool waits_for_reader = lstat(path, &st) == 0 && S_ISFIFO(st.st_mode);

	if (waits_for_reader && hw_output_open(output, path, err) < 0)
		return -1;
	if (signals_take(fd, old_mask, err) < 0)
		return -1;
	return waits_for_reader ? 0 : hw_output_open(output, path, err);
}

/* Those that wait since a write failed, to a closed pipe or above the limit, would end us before the error is printed. */
static void forget_write_signals(void)
{
	const struct timespec at_once = { 0 };
	sigset_t mask;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGPIPE);
	(void)sigaddset(&mask, SIGXFSZ);
	while (sigtimedwait(&mask, NULL, &at_once) > 0)
		continue;
}

void signals_release(int *fd, const sigset_t *old_mask)
{
	struct signalfd_siginfo info;

	if (*fd < 0)
		return;
	/* A Ctrl-C while the result was written has nothing left to end; it would take the exit status with it. */
	while (read(*fd, &info, sizeof info) == (ssize_t)sizeof info)
		continue;
	close(*fd);
	*fd = -1;
	forget_write_signals();
	(void)sigprocmask(SIG_SETMASK, old_mask, NULL);
}

int signals_next(int fd, bool *from_terminal)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof info) != (ssize_t)sizeof info)
		return 0;
	*from_terminal = info.ssi_code == SI_KERNEL;
	return (int)info.ssi_signo;
}
