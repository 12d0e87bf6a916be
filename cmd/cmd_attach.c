/* hwprof attach: profile what runs already. */
#include "recording.h"
#include "targets.h"

#include <signal.h>
#include <unistd.h>

struct attach_options {
	struct recording_options recording;
	struct target_options targets;
};

static const struct hw_option attach_option_table[] = {
	{ "pid", 'p', "PID[,PID]", HW_OPT_TEXTS, offsetof(struct attach_options, targets.pids),
	  "processes to profile, with all their threads and those to come" },
	{ "tid", 't', "TID[,TID]", HW_OPT_TEXTS, offsetof(struct attach_options, targets.tids),
	  "single threads to profile" },
	{ "name", 'n', "NAME", HW_OPT_TEXTS, offsetof(struct attach_options, targets.names),
	  "every process of this name, by its comm or its executable's file name" },
	{ "all", 'a', NULL, HW_OPT_FLAG, offsetof(struct attach_options, targets.all),
	  "everything that runs on the CPUs" },
	{ "cpu", 'C', "CPUS", HW_OPT_TEXT, offsetof(struct attach_options, targets.cpus),
	  "only these CPUs, such as 0,2-3" },
	RECORDING_OPTIONS(struct attach_options),
};

static int open_targets(struct hw_pipeline *pipeline, const struct targets *targets, struct hw_err *err)
{
	if (targets->all)
		return hw_pipeline_open_system(pipeline, err);
	for (size_t i = 0; i < targets->pids.count; i++)
		if (hw_pipeline_open_process(pipeline, targets->pids.at[i], err) < 0)
			return -1;
	for (size_t i = 0; i < targets->tids.count; i++)
		if (hw_pipeline_open_thread(pipeline, targets->tids.at[i], err) < 0)
			return -1;
	return 0;
}

/* Until Ctrl-C (or another of the signals that end programs), --duration, or the last target's exit. */
static int follow(struct recording *recording, const struct targets *targets, const char *what,
		  struct hw_err *err)
{
	bool from_terminal;

	while (targets_any_alive(targets) && !recording_is_over(recording)) {
		if (recording_wait(recording, -1, &from_terminal))
			break;
		recording_show_progress(recording, what);
	}
	return recording_save(recording, err);
}

static int attach(struct recording *recording, const struct targets *targets, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf what = { 0 };

	targets_describe(&what, targets);
	if (recording_open(recording, hw_buf_str(&what), false, targets->cpus, targets->cpu_count, err) < 0 ||
	    open_targets(recording->pipeline, targets, err) < 0)
		return -1;
	recording_start(recording);
	return follow(recording, targets, hw_buf_str(&what), err);
}

static int run(const void *options, int operand_count, char **operands, struct hw_err *err)
{
	const struct attach_options *o = options;
	struct targets targets = { 0 };
	struct recording recording = { .signal_fd = -1 };
	int status = -1;

	if (operand_count) {
		(void)hw_err_set(err, HW_ERR_USAGE, "'%s' is no option", operands[0]);
		return hw_err_hint(err, "hwprof attach -p PID; to run a command: hwprof record -- %s",
				   operands[0]);
	}
	/* A script's background job is born ignoring Ctrl-C, but it may be all that ends us. */
	(void)signal(SIGINT, SIG_DFL);
	if (o->recording.dry_run || targets_find(&targets, &o->targets, "attach", err) == 0)
		status = recording_init(&recording, "attach", &o->recording, err);
	if (status == 0)
		status = o->recording.dry_run ? recording_dry_run(&recording)
					      : attach(&recording, &targets, err);
	recording_fini(&recording);
	targets_fini(&targets);
	return status;
}

const struct hw_command hw_command_attach = {
	.name = "attach",
	.summary = "profile running processes, threads or the whole system",
	.usage = "[OPTIONS] -p PID | -t TID | -n NAME | -a",
	.options = attach_option_table,
	.option_count = HW_COUNT_OF(attach_option_table),
	.options_size = sizeof(struct attach_options),
	.run = run,
};
