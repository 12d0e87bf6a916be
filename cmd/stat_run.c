#include "stat_run.h"
#include "signals.h"
#include "stat_setup.h"
#include "terminal.h"

#include "base/clock.h"
#include "base/file.h"
#include "event/counting.h"
#include "record/child.h"
#include "stat/attach.h"
#include "stat/result.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)
#define TARGETS_CHECK_NS (NS_PER_S / 10)

/* The command of one run. */
struct command {
	struct hw_child child;
	int pid_fd; /* -1 before Linux 5.3: we look by the clock */
	bool ended;
	bool left;  /* a second Ctrl-C: we do not wait for it */
	int status; /* as waitpid tells it */
	struct rusage usage;
};

struct run {
	struct stat_plan *plan;
	struct stat_setup setup;
	bool settled;
	struct hw_counting *counting;
	struct hw_count *counts;       /* of the opened events, read last */
	struct hw_count *since;	       /* at the interval's start */
	struct hw_count *sheet_counts; /* of all events, as the sheet takes them */
	uint64_t start_ns, interval_start_ns, end_ns;
	bool enabled, interrupted, first_printed;
	struct hw_output output;
	bool to_stderr;
	sigset_t old_mask;
	int signal_fd;
	struct rlimit files; /* the limit on descriptors as we found it, for the command */
	int status;	     /* of the command, for our exit */
};

/* --- Output ------------------------------------------------------------------------------------------------- */

/* From here on signals are ours. */
static int open_output(struct run *run, struct hw_err *err)
{
	const char *path = run->plan->options->output;

	/* stdout belongs to the command, where there is one. */
	run->to_stderr = !path && run->plan->command;
	if (run->to_stderr)
		return signals_take(&run->signal_fd, &run->old_mask, err);
	if (path && !*path)
		return hw_err_set(err, HW_ERR_USAGE, "--output: the name is empty");
	return signals_take_and_open(&run->signal_fd, &run->old_mask, &run->output, path ? path : "-", err);
}

static int emit(struct run *run, const struct hw_buf *text, struct hw_err *err)
{
	if (!run->to_stderr)
		return hw_output_write(&run->output, hw_buf_str(text), text->size, err);
	if (fwrite(hw_buf_str(text), 1, text->size, stderr) < text->size)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot write to stderr");
	return 0;
}

static unsigned width_of(const struct run *run)
{
	const size_t width = hw_terminal_width(run->to_stderr ? STDERR_FILENO : run->output.fd);

	return !width ? 80 : width < 40 ? 40 : (unsigned)width;
}

/* end_s: of an interval, NaN for the result of the whole. */
static int print(struct run *run, double end_s, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	const struct hw_result result = {
		.sheet = &run->setup.sheet,
		.derived = &run->setup.derived,
		.what = run->plan->what,
		.end_s = end_s,
		.width = width_of(run),
	};
	const bool first = !run->first_printed;

	run->first_printed = true;
	if (run->plan->form == STAT_JSON)
		hw_result_print_json(&text, &result);
	else if (run->plan->form == STAT_CSV)
		hw_result_print_csv(&text, &result, first);
	else if (isnan(end_s))
		hw_result_print_text(&text, &result);
	else
		hw_result_print_interval(&text, &result, first);
	return emit(run, &text, err);
}

/* --- Counting ----------------------------------------------------------------------------------------------- */

static bool waits_for_exec(const struct stat_plan *plan)
{
	return plan->command && !plan->has_targets && !plan->delay_ns;
}

static int open_targets(struct run *run, struct hw_err *err)
{
	const struct targets *targets = &run->plan->targets;

	if (targets->all)
		return hw_counting_open_cpus(run->counting, err);
	for (size_t i = 0; i < targets->pids.count; i++)
		if (hw_stat_attach(run->counting, targets->pids.at[i], err) < 0)
			return -1;
	for (size_t i = 0; i < targets->tids.count; i++)
		if (hw_counting_open(run->counting, targets->tids.at[i], err) < 0)
			return -1;
	return 0;
}

/* pid: of the command that is to be counted, 0 for none. */
static int open_counters(struct run *run, pid_t pid, struct hw_err *err)
{
	const struct targets *targets = &run->plan->targets;
	const pid_t tid = targets->all		? -1
			  : targets->pids.count ? targets->pids.at[0]
			  : targets->tids.count ? targets->tids.at[0]
						: pid;
	const int cpu = !targets->all ? -1 : targets->cpu_count ? targets->cpus[0] : 0;
	struct hw_counting_config config = {
		.cpus = targets->cpus,
		.cpu_count = targets->cpu_count,
		.enable_on_exec = waits_for_exec(run->plan),
		.no_inherit = run->plan->options->no_inherit,
	};

	if (!run->settled) {
		run->settled = true;
		if (stat_setup_init(&run->setup, run->plan, tid, cpu, err) < 0)
			return -1;
		if (run->setup.warning && !run->plan->options->quiet)
			hw_terminal_say("", run->setup.warning);
	}
	config.events = run->setup.opened;
	config.event_count = run->setup.opened_count;
	hw_counting_free(run->counting);
	run->counting = hw_counting_new(&config);
	return run->plan->has_targets ? open_targets(run, err) : hw_counting_open(run->counting, pid, err);
}

/* What is counted and measured from here on is this run's. */
static void begin(struct run *run, uint64_t start_ns)
{
	run->enabled = true;
	run->start_ns = run->interval_start_ns = start_ns;
	memset(run->since, 0, run->setup.opened_count * sizeof *run->since);
}

static void enable(struct run *run)
{
	if (!waits_for_exec(run->plan))
		hw_counting_start(run->counting);
	begin(run, hw_now_ns());
}

/* Counts since the interval began, into the sheet. */
static int add_interval(struct run *run, uint64_t end_ns, const struct rusage *usage, struct hw_err *err)
{
	struct hw_sheet_times times = { .elapsed_s = (double)(end_ns - run->interval_start_ns) / 1e9 };

	if (hw_counting_read(run->counting, run->counts, err) < 0)
		return -1;
	memset(run->sheet_counts, 0, run->plan->events.list.count * sizeof *run->sheet_counts);
	for (size_t i = 0; i < run->setup.opened_count; i++) {
		struct hw_count *count = &run->sheet_counts[run->setup.opened_at[i]];

		count->value = run->counts[i].value - run->since[i].value;
		count->time_enabled_ns = run->counts[i].time_enabled_ns - run->since[i].time_enabled_ns;
		count->time_running_ns = run->counts[i].time_running_ns - run->since[i].time_running_ns;
		run->since[i] = run->counts[i];
	}
	if (usage) {
		times.has_cpu_times = true;
		times.user_s = (double)usage->ru_utime.tv_sec + (double)usage->ru_utime.tv_usec / 1e6;
		times.system_s = (double)usage->ru_stime.tv_sec + (double)usage->ru_stime.tv_usec / 1e6;
	}
	hw_sheet_add(&run->setup.sheet, run->sheet_counts, &times);
	hw_derived_add(&run->setup.derived, &run->setup.sheet);
	run->interval_start_ns = end_ns;
	return 0;
}

static int print_interval(struct run *run, uint64_t end_ns, struct hw_err *err)
{
	hw_sheet_clear(&run->setup.sheet);
	hw_derived_clear(&run->setup.derived);
	if (add_interval(run, end_ns, NULL, err) < 0)
		return -1;
	return print(run, (double)(end_ns - run->start_ns) / 1e9, err);
}

/* --- The command -------------------------------------------------------------------------------------------- */

static bool has_ended(struct command *command)
{
	pid_t got;

	if (command->ended)
		return true;
	do
		got = wait4(command->child.pid, &command->status, WNOHANG, &command->usage);
	while (got < 0 && errno == EINTR);
	command->ended = got != 0;
	return command->ended;
}

static int exit_status(const struct command *command)
{
	if (command->left)
		return 128 + SIGINT;
	if (WIFSIGNALED(command->status))
		return 128 + WTERMSIG(command->status);
	return WEXITSTATUS(command->status);
}

/* Pass on what somebody sent to us; what the terminal sent has reached the command already. */
static void take_signals(struct run *run, struct command *command)
{
	bool from_terminal = false;
	int number;

	while ((number = signals_next(run->signal_fd, &from_terminal))) {
		if (command && !from_terminal && !command->ended)
			(void)kill(command->child.pid, number);
		if (command && number == SIGINT && from_terminal && run->interrupted)
			command->left = true;
		run->interrupted = true;
	}
}

/* --- Waiting ------------------------------------------------------------------------------------------------ */

/* The next moment at which there is something to do; UINT64_MAX = none. */
static uint64_t next_moment(const struct run *run, const struct command *command, uint64_t delay_end_ns)
{
	const struct stat_plan *plan = run->plan;
	uint64_t next = UINT64_MAX;

	if (!run->enabled)
		next = delay_end_ns;
	else if (plan->interval_ns)
		next = run->interval_start_ns + plan->interval_ns;
	if (run->enabled && run->end_ns && run->end_ns < next)
		next = run->end_ns;
	if ((command ? command->pid_fd < 0 : !plan->targets.all) && hw_now_ns() + TARGETS_CHECK_NS < next)
		next = hw_now_ns() + TARGETS_CHECK_NS;
	return next;
}

static void sleep_until(const struct run *run, const struct command *command, uint64_t moment_ns)
{
	struct pollfd fds[] = {
		{ .fd = run->signal_fd, .events = POLLIN },
		{ .fd = command ? command->pid_fd : -1, .events = POLLIN },
	};
	const uint64_t now = hw_now_ns();
	struct timespec rest = { 0 };

	if (moment_ns > now && moment_ns != UINT64_MAX)
		rest = (struct timespec){ .tv_sec = (time_t)((moment_ns - now) / NS_PER_S),
					  .tv_nsec = (long)((moment_ns - now) % NS_PER_S) };
	(void)ppoll(fds, HW_COUNT_OF(fds), moment_ns == UINT64_MAX ? NULL : &rest, NULL);
}

/* Is counting over? */
static bool is_over(struct run *run, struct command *command)
{
	if (command)
		return has_ended(command) || command->left || (run->end_ns && hw_now_ns() >= run->end_ns);
	return run->interrupted || (run->end_ns && hw_now_ns() >= run->end_ns) ||
	       !targets_any_alive(&run->plan->targets);
}

/* From the start to the end of counting; intervals are printed. command may be NULL. */
static int follow(struct run *run, struct command *command, struct hw_err *err)
{
	const struct stat_plan *plan = run->plan;
	const uint64_t delay_end_ns = hw_now_ns() + plan->delay_ns;

	run->end_ns = 0;
	while (!is_over(run, command)) {
		if (!run->enabled && hw_now_ns() >= delay_end_ns)
			enable(run);
		if (run->enabled && plan->options->duration_ns)
			run->end_ns = run->start_ns + plan->options->duration_ns;
		if (run->enabled && plan->interval_ns &&
		    hw_now_ns() >= run->interval_start_ns + plan->interval_ns &&
		    print_interval(run, hw_now_ns(), err) < 0)
			return -1;
		sleep_until(run, command, next_moment(run, command, delay_end_ns));
		take_signals(run, command);
	}
	return 0;
}

static void wait_for_end(struct run *run, struct command *command)
{
	while (!has_ended(command) && !command->left) {
		sleep_until(run, command, command->pid_fd < 0 ? hw_now_ns() + TARGETS_CHECK_NS : UINT64_MAX);
		take_signals(run, command);
	}
}

/* --- Runs --------------------------------------------------------------------------------------------------- */

/* One run is over: its counts are taken in, or it is left out because it was cut short and others were whole. */
static int take_in(struct run *run, const struct command *command, struct hw_err *err)
{
	const uint64_t end_ns = hw_now_ns();
	const bool counted = command && command->ended && !run->plan->has_targets;

	if (!run->enabled) {
		begin(run, end_ns); /* and ends: the counters never started */
		hw_notes_keep(&run->setup.sheet.notes,
			      "it ended before the delay was over: nothing was counted");
	}
	if (run->plan->interval_ns)
		return print_interval(run, end_ns, err);
	if (run->interrupted && run->setup.sheet.run_count) {
		hw_notes_keep(&run->setup.sheet.notes, "the last run was interrupted and is left out");
		return 0;
	}
	return add_interval(run, end_ns, counted ? &command->usage : NULL, err);
}

static void command_fini(struct command *command)
{
	if (command->pid_fd >= 0)
		close(command->pid_fd);
	hw_child_fini(&command->child);
}

/* Start the command, count while it runs, wait for its end. */
static int run_command(struct run *run, struct hw_err *err)
{
	HW_AUTO(command_fini) struct command command = { .pid_fd = -1 };
	int result;

	(void)setrlimit(RLIMIT_NOFILE, &run->files); /* earlier runs may have raised it */
	run->enabled = false;
	if (hw_child_start(&command.child, run->plan->command, &run->old_mask, err) < 0 ||
	    open_counters(run, command.child.pid, err) < 0)
		return -1;
	command.pid_fd = (int)syscall(SYS_pidfd_open, command.child.pid, 0);
	if (!run->plan->delay_ns)
		enable(run);
	if (hw_child_exec(&command.child, run->plan->command[0], err) < 0)
		return -1;
	result = follow(run, &command, err);
	if (result == 0)
		result = take_in(run, &command, err);
	hw_counting_free(run->counting); /* the command may go on: nothing of ours stays on it */
	run->counting = NULL;
	wait_for_end(run, &command);
	if (!run->status)
		run->status = exit_status(&command);
	return result;
}

static int run_commands(struct run *run, struct hw_err *err)
{
	for (uint64_t i = 0; i < run->plan->repeats && !run->interrupted; i++)
		if (run_command(run, err) < 0)
			return -1;
	return 0;
}

static int run_attached(struct run *run, struct hw_err *err)
{
	if (open_counters(run, 0, err) < 0)
		return -1;
	if (!run->plan->delay_ns)
		enable(run);
	if (follow(run, NULL, err) < 0)
		return -1;
	return take_in(run, NULL, err);
}

static int run_all(struct run *run, struct hw_err *err)
{
	if (open_output(run, err) < 0 ||
	    (run->plan->command ? run_commands(run, err) : run_attached(run, err)) < 0)
		return -1;
	if (!run->plan->interval_ns) {
		hw_sheet_note_zeros(&run->setup.sheet);
		if (print(run, NAN, err) < 0)
			return -1;
	}
	return run->to_stderr ? 0 : hw_output_commit(&run->output, err);
}

int stat_run(struct stat_plan *plan, struct hw_err *err)
{
	const size_t count = plan->events.list.count;
	struct run run = {
		.plan = plan,
		.counts = hw_alloc(count + 1, sizeof *run.counts),
		.since = hw_alloc(count + 1, sizeof *run.since),
		.sheet_counts = hw_alloc(count + 1, sizeof *run.sheet_counts),
		.output.fd = -1,
		.signal_fd = -1,
	};
	int result;

	(void)getrlimit(RLIMIT_NOFILE, &run.files);
	result = run_all(&run, err);
	hw_counting_free(run.counting);
	stat_setup_fini(&run.setup);
	hw_output_fini(&run.output);
	signals_release(&run.signal_fd, &run.old_mask);
	free(run.counts);
	free(run.since);
	free(run.sheet_counts);
	return result < 0 ? -1 : run.status;
}
