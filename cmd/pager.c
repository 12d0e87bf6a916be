#include "pager.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a shell says when it does not find a command. */
#define STATUS_NOT_FOUND 127

static bool is_longer_than(const struct hw_buf *text, unsigned lines)
{
	unsigned count = 0;

	for (size_t i = 0; i < text->size && count <= lines; i++)
		count += text->data[i] == '\n';
	return count > lines;
}

/* The pager to use for this text, or NULL. */
static const char *find_pager(const struct hw_buf *text)
{
	const char *pager = getenv("PAGER");
	struct winsize size = { 0 };

	if (!isatty(STDOUT_FILENO))
		return NULL;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row &&
	    !is_longer_than(text, size.ws_row - 1u))
		return NULL;
	if (!pager)
		return "less -FRX";
	return pager[0] && strcmp(pager, "cat") != 0 ? pager : NULL;
}

/* Write all of it. Returns 0, or the errno of the write that failed. */
static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		const ssize_t written = write(fd, data, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return errno;
		data += written;
		size -= (size_t)written;
	}
	return 0;
}

static void exec_pager(const char *pager, const int pipe_fds[2])
{
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(pipe_fds[0], STDIN_FILENO) < 0)
		_exit(STATUS_NOT_FOUND);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
	/* Quit when it fits, show colours, leave the screen alone: as git sets it for a bare $PAGER=less. */
	(void)setenv("LESS", "FRX", 0);
	(void)execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
	_exit(STATUS_NOT_FOUND);
}

/* True when the pager ran; what it did with the text is the user's business. */
static bool show_in_pager(const char *pager, const struct hw_buf *text)
{
	/* Ctrl-C is for the pager; so is the end of the pipe when the user has seen enough. */
	void (*old_int)(int) = signal(SIGINT, SIG_IGN);
	void (*old_pipe)(int) = signal(SIGPIPE, SIG_IGN);
	int pipe_fds[2];
	int status = 0;
	pid_t pid = -1;

	if (pipe(pipe_fds) == 0) {
		pid = fork();
		if (pid == 0)
			exec_pager(pager, pipe_fds);
		(void)close(pipe_fds[0]);
		if (pid > 0)
			(void)write_all(pipe_fds[1], text->data, text->size);
		(void)close(pipe_fds[1]);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)signal(SIGINT, old_int);
	(void)signal(SIGPIPE, old_pipe);
	return pid > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NOT_FOUND);
}

int hw_pager_show(const struct hw_buf *text, bool paging, struct hw_err *err)
{
	const char *pager = paging ? find_pager(text) : NULL;
	int failed;

	(void)fflush(stdout);
	if (pager && show_in_pager(pager, text))
		return 0;
	failed = write_all(STDOUT_FILENO, hw_buf_str(text), text->size);
	if (failed == EPIPE) {
		/* SIGPIPE was ignored when we were started: end as if it had not been. */
		(void)signal(SIGPIPE, SIG_DFL);
		(void)raise(SIGPIPE);
	}
	if (failed) {
		errno = failed;
		return hw_err_sys(err, HW_ERR_OUTPUT, "cannot write the report to stdout");
	}
	return 0;
}
