/* hwprof record: run a command and profile it from its exec to its exit. */
#include "command_line.h"
#include "recording.h"

#include "base/units.h"
#include "record/child.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct record_options {
	struct recording_options recording;
};

static const struct hw_option record_option_table[] = {
	RECORDING_OPTIONS(struct record_options),
};

/* Has the command ended? Its status is then in *status. */
static bool has_ended(pid_t pid, int *status)
{
	pid_t got;

	do
		got = waitpid(pid, status, WNOHANG);
	while (got < 0 && errno == EINTR);
	return got != 0;
}

static int exit_status(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return 128 + WTERMSIG(wait_status);
	return WEXITSTATUS(wait_status);
}

/* Record until the command ends; it goes on alone when --duration is over first. Signals somebody sent to us are
 * passed on; those of the terminal have reached it already. A second Ctrl-C ends the recording without it.
 * Returns the exit status, or -1 with err. */
static int follow(struct recording *recording, pid_t pid, struct hw_err *err)
{
	HW_AUTO(hw_closep)
	int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0); /* -1 before Linux 5.3: we look by the clock */
	unsigned interrupts = 0;
	int status = 0;

	while (!has_ended(pid, &status)) {
		bool from_terminal = false;
		const int number = recording_wait(recording, pid_fd, &from_terminal);

		if (number && !from_terminal)
			(void)kill(pid, number);
		if (number == SIGINT && from_terminal && ++interrupts == 2) {
			status = SIGINT; /* as waitpid would tell it */
			break;
		}
		if (!recording->saved && recording_is_over(recording) && recording_save(recording, err) < 0)
			return -1;
	}
	if (recording_save(recording, err) < 0)
		return -1;
	return exit_status(status);
}

static int record_command(struct recording *recording, char **words, struct hw_err *err)
{
	HW_AUTO(hw_freep) char *command = command_line_join(words);
	struct hw_child child;

	if (hw_child_start(&child, words, &recording->old_mask, err) < 0)
		return -1;
	if (recording_open(recording, command, true, NULL, 0, err) < 0 ||
	    hw_pipeline_open_process(recording->pipeline, child.pid, err) < 0) {
		hw_child_fini(&child);
		return -1;
	}
	recording_start(recording);
	if (hw_child_exec(&child, words[0], err) < 0)
		return -1;
	return follow(recording, child.pid, err);
}

static int run(const void *options, int operand_count, char **operands, struct hw_err *err)
{
	const struct record_options *o = options;
	struct recording recording;
	int status;

	if (!operand_count && !o->recording.dry_run) {
		(void)hw_err_set(err, HW_ERR_USAGE, "no command to run");
		return hw_err_hint(
			err,
			"hwprof record -- ./app ARGS; to profile a running process: hwprof attach -p PID");
	}
	status = recording_init(&recording, "record", &o->recording, err);
	if (status == 0)
		status = o->recording.dry_run ? recording_dry_run(&recording)
					      : record_command(&recording, operands, err);
	recording_fini(&recording);
	return status;
}

const struct hw_command hw_command_record = {
	.name = "record",
	.summary = "run a command and profile it",
	.usage = "[OPTIONS] -- COMMAND [ARGS]",
	.options = record_option_table,
	.option_count = HW_COUNT_OF(record_option_table),
	.options_size = sizeof(struct record_options),
	.run = run,
};
