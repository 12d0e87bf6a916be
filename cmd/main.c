/* hwprof: which command, its words, its exit status. */
#include "lost_pages.h"
#include "options.h"

#include "base/nearest.h"
#include "dso/debuginfod.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "config.h"

/* What hwprof itself ends with when it fails, as env, nice and timeout do. */
#define STATUS_FAILED 125
#define STATUS_NOT_RUNNABLE 126
#define STATUS_NOT_FOUND 127

#define WIDTH_MAX 110

extern const struct hw_command hw_command_record;
extern const struct hw_command hw_command_attach;
extern const struct hw_command hw_command_report;
extern const struct hw_command hw_command_stat;
extern const struct hw_command hw_command_list;
extern const struct hw_command hw_command_doctor;

const struct hw_command *const hw_commands[] = { &hw_command_record,
						 &hw_command_attach,
						 &hw_command_report,
						 &hw_command_stat,
						 &hw_command_list,
						 &hw_command_doctor,
						 NULL };

static const struct hw_command *find_command(const char *name)
{
	for (size_t i = 0; hw_commands[i]; i++)
		if (strcmp(hw_commands[i]->name, name) == 0)
			return hw_commands[i];
	return NULL;
}

/* --- Messages -------------------------------------------------------------------------------------- */

/* "hwprof: NAME: message" and the hint, a "hint: " in front of each of its lines. name may be NULL. */
static void print_error(const char *name, const struct hw_err *err)
{
	struct hw_buf out = { 0 };
	const char *rest = err->hint;

	hw_buf_printf(&out, "hwprof: %s%s", name ? name : "", name ? ": " : "");
	hw_buf_printable(&out, err->message);
	hw_buf_text(&out, "\n");
	while (*rest) {
		HW_AUTO(hw_freep) char *line = hw_strndup(rest, strcspn(rest, "\n"));

		hw_buf_text(&out, "hint: ");
		hw_buf_printable(&out, line);
		hw_buf_text(&out, "\n");
		rest += strlen(line);
		rest += *rest == '\n';
	}
	(void)fputs(hw_buf_str(&out), stderr);
	hw_buf_fini(&out);
}

static int status_of(const struct hw_err *err)
{
	switch (err->kind) {
	case HW_ERR_EXEC_FOUND:
		return STATUS_NOT_RUNNABLE;
	case HW_ERR_EXEC_ABSENT:
		return STATUS_NOT_FOUND;
	default:
		return STATUS_FAILED;
	}
}

static int fail(const char *name, const struct hw_err *err)
{
	print_error(name, err);
	return status_of(err);
}

static int unknown_command(const char *name)
{
	struct hw_err err = { 0 };
	struct hw_nearest nearest;
	struct hw_buf hint = { 0 };

	hw_nearest_init(&nearest, name);
	for (size_t i = 0; hw_commands[i]; i++)
		hw_nearest_offer(&nearest, hw_commands[i]->name);
	hw_nearest_offer(&nearest, "help");
	(void)hw_err_set(&err, HW_ERR_USAGE, "unknown %s '%s'", name[0] == '-' ? "option" : "command", name);
	if (!hw_nearest_print(&hint, &nearest))
		hw_buf_text(&hint, "'hwprof --help' lists the commands");
	(void)hw_err_hint(&err, "%s", hw_buf_str(&hint));
	hw_buf_fini(&hint);
	return fail(NULL, &err);
}

/* --- Help ------------------------------------------------------------------------------------------ */

static unsigned terminal_width(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return 80;
	return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

static void print_usage(FILE *to)
{
	(void)fputs("Usage: hwprof COMMAND [OPTIONS] ...\n"
		    "\n"
		    "Profile programs with hardware performance counters; write pprof profiles.\n"
		    "\n"
		    "Commands:\n",
		    to);
	for (size_t i = 0; hw_commands[i]; i++)
		(void)fprintf(to, "  %-10s %s\n", hw_commands[i]->name, hw_commands[i]->summary);
	(void)fputs("\n"
		    "'hwprof COMMAND --help' shows a command's options, 'hwprof --version' the version.\n"
		    "Start with: hwprof record -- ./app, then hwprof report\n",
		    to);
}

static void print_help(const struct hw_command *command,
		       void (*print)(struct hw_buf *, const struct hw_command *))
{
	struct hw_buf out = { 0 };

	print(&out, command);
	(void)fputs(hw_buf_str(&out), stdout);
	hw_buf_fini(&out);
}

static void help_text(struct hw_buf *out, const struct hw_command *command)
{
	hw_options_help(out, command, terminal_width());
}

/* hwprof help [--man] [NAME]: --man prints the OPTIONS section of the manual page (make update-man). */
static int run_help(int argc, char **argv)
{
	const bool man = argc > 1 && strcmp(argv[1], "--man") == 0;
	const char *name = argc > 1 + man ? argv[1 + man] : NULL;
	const struct hw_command *command = name ? find_command(name) : NULL;

	if (name && !command)
		return unknown_command(name);
	if (command)
		print_help(command, man ? hw_options_man : help_text);
	else
		print_usage(stdout);
	return 0;
}

/* --- Running --------------------------------------------------------------------------------------- */

static int run_command(const struct hw_command *command, int argc, char **argv)
{
	HW_AUTO(hw_freep) void *options = hw_alloc(1, command->options_size ? command->options_size : 1);
	struct hw_err err = { 0 };
	int operand_count = 0;
	char **operands = NULL;
	int status = hw_options_parse(command, options, argc, argv, &operand_count, &operands, &err);

	if (status > 0) {
		print_help(command, help_text);
		status = 0;
	} else if (status == 0) {
		status = command->run(options, operand_count, operands, &err);
	}
	hw_options_fini(command, options);
	return status < 0 ? fail(command->name, &err) : status;
}

static int dispatch(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct hw_command *command;

	if (!name) {
		print_usage(stderr);
		return STATUS_FAILED;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
		return run_help(argc - 1, argv + 1);
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		(void)printf("hwprof %s\ndebuginfod: %s\n", PACKAGE_VERSION,
			     hw_debuginfod_is_built_in() ? "yes" : "no");
		return 0;
	}
	command = find_command(name);
	return command ? run_command(command, argc - 1, argv + 1) : unknown_command(name);
}

/* A descriptor 0, 1 or 2 that we were started without would go to the first file opened, and messages would end
 * in a profile. Put something in its place that fails, as a closed one does, and that the command does not get. */
static void hold_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* open() gives the lowest free number, which is fd. */
		if (open("/dev/null", (fd == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC) != fd)
			_exit(STATUS_FAILED);
	}
}

/* Text that is still in the buffer, or that never arrived (a full disk, a closed pipe), is seen here. */
static int close_stdout(int status)
{
	const bool failed_before = ferror(stdout);
	struct hw_err err = { 0 };

	errno = 0;
	if (fclose(stdout) == 0 && !failed_before)
		return status;
	if (!errno)
		errno = EIO;
	(void)hw_err_sys(&err, HW_ERR_OUTPUT, "cannot write to stdout");
	print_error(NULL, &err);
	return status ? status : STATUS_FAILED;
}

int main(int argc, char **argv)
{
	hold_standard_fds();
	hw_hold_lost_pages();
	return close_stdout(dispatch(argc, argv));
}
