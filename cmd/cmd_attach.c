/* hwprof attach: profile what runs already. */
#include "recording.h"

#include "base/cpu_list.h"
#include "base/units.h"
#include "process/proc_maps.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

struct attach_options {
	struct recording_options recording;
	struct hw_texts pids;
	struct hw_texts tids;
	struct hw_texts names;
	bool all;
	const char *cpus;
};

static const struct hw_option attach_option_table[] = {
	{ "pid", 'p', "PID[,PID]", HW_OPT_TEXTS, offsetof(struct attach_options, pids),
	  "processes to profile, with all their threads and those to come" },
	{ "tid", 't', "TID[,TID]", HW_OPT_TEXTS, offsetof(struct attach_options, tids),
	  "single threads to profile" },
	{ "name", 'n', "NAME", HW_OPT_TEXTS, offsetof(struct attach_options, names),
	  "every process of this name, by its comm or its executable's file name" },
	{ "all", 'a', NULL, HW_OPT_FLAG, offsetof(struct attach_options, all),
	  "everything that runs on the CPUs" },
	{ "cpu", 'C', "CPUS", HW_OPT_TEXT, offsetof(struct attach_options, cpus),
	  "only these CPUs, such as 0,2-3" },
	RECORDING_OPTIONS(struct attach_options),
};

struct targets {
	HW_VEC(pid_t) pids;
	HW_VEC(pid_t) tids;
	bool all;
	int *cpus; /* NULL = all; owned */
	size_t cpu_count;
};

static void targets_fini(struct targets *targets)
{
	hw_vec_fini(&targets->pids);
	hw_vec_fini(&targets->tids);
	free(targets->cpus);
}

/* "12,34" */
static int parse_ids(pid_t **ids, size_t *count, const char *option, const char *text, struct hw_err *err)
{
	HW_VEC(pid_t) list = { 0 };

	for (const char *p = text;; p++) {
		HW_AUTO(hw_freep) char *word = hw_strndup(p, strcspn(p, ","));
		uint64_t id = 0;

		if (hw_parse_u64(&id, word, NULL) < 0 || !id || id > INT_MAX) {
			hw_vec_fini(&list);
			return hw_err_set(err, HW_ERR_USAGE, "--%s: '%s' is not a list of ids such as 12,34",
					  option, text);
		}
		hw_vec_push(&list, (pid_t)id);
		p += strlen(word);
		if (!*p)
			break;
	}
	*ids = list.at;
	*count = list.count;
	return 0;
}

static void add_once(struct targets *targets, bool is_tid, pid_t id)
{
	const pid_t *at = is_tid ? targets->tids.at : targets->pids.at;
	const size_t count = is_tid ? targets->tids.count : targets->pids.count;

	for (size_t i = 0; i < count; i++)
		if (at[i] == id)
			return;
	if (is_tid)
		hw_vec_push(&targets->tids, id);
	else
		hw_vec_push(&targets->pids, id);
}

static int add_listed(struct targets *targets, bool is_tid, const struct hw_texts *texts, struct hw_err *err)
{
	for (size_t i = 0; i < texts->list.count; i++) {
		HW_AUTO(hw_freep) pid_t *ids = NULL;
		size_t count = 0;

		if (parse_ids(&ids, &count, is_tid ? "tid" : "pid", texts->list.at[i], err) < 0)
			return -1;
		for (size_t k = 0; k < count; k++)
			add_once(targets, is_tid, ids[k]);
	}
	return 0;
}

static int add_named(struct targets *targets, const char *name, struct hw_err *err)
{
	HW_AUTO(hw_freep) pid_t *pids = NULL;
	size_t count = 0;

	if (hw_proc_find_by_name(name, &pids, &count, err) < 0)
		return -1;
	if (!count)
		return hw_err_set(err, HW_ERR_TARGET, "no process is called '%s'", name);
	for (size_t i = 0; i < count; i++)
		add_once(targets, false, pids[i]);
	return 0;
}

static int find_targets(struct targets *targets, const struct attach_options *options, struct hw_err *err)
{
	const unsigned kinds = !!options->pids.list.count + !!options->tids.list.count +
			       !!options->names.list.count + options->all;

	if (kinds == 0 && options->cpus) {
		(void)hw_err_set(err, HW_ERR_USAGE,
				 "-C names CPUs, but nothing says what to profile on them");
		return hw_err_hint(err, "everything: hwprof attach -a -C %s", options->cpus);
	}
	if (kinds == 0) {
		(void)hw_err_set(err, HW_ERR_USAGE, "nothing to attach to");
		return hw_err_hint(err, "-p PID, -t TID, -n NAME, or -a for everything");
	}
	if (kinds > 1)
		return hw_err_set(err, HW_ERR_USAGE, "-p, -t, -n and -a contradict each other: choose one");
	targets->all = options->all;
	if (options->cpus && hw_cpu_list_parse(&targets->cpus, &targets->cpu_count, options->cpus, err) < 0)
		return hw_err_wrap(err, "--cpu");
	if (add_listed(targets, false, &options->pids, err) < 0 ||
	    add_listed(targets, true, &options->tids, err) < 0)
		return -1;
	for (size_t i = 0; i < options->names.list.count; i++)
		if (add_named(targets, options->names.list.at[i], err) < 0)
			return -1;
	return 0;
}

static void describe_ids(struct hw_buf *text, const char *what, const pid_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char path[64];
		char comm[64];

		(void)snprintf(path, sizeof path, "/proc/%d/comm", (int)ids[i]);
		hw_buf_printf(text, "%s%s %d", i ? ", " : "", what, (int)ids[i]);
		if (hw_file_read_line(comm, sizeof comm, path) == 0)
			hw_buf_printf(text, " (%s)", comm);
	}
}

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

/* Is one of the targets still running? A process that waits for its parent to take its status is not. */
static bool any_alive(const struct targets *targets)
{
	if (targets->all)
		return true;
	for (size_t i = 0; i < targets->pids.count; i++)
		if (hw_proc_is_running(targets->pids.at[i]))
			return true;
	for (size_t i = 0; i < targets->tids.count; i++)
		if (hw_proc_is_running(targets->tids.at[i]))
			return true;
	return false;
}

/* Until Ctrl-C (or another of the signals that end programs), --duration, or the last target's exit. */
static int follow(struct recording *recording, const struct targets *targets, const char *what,
		  struct hw_err *err)
{
	bool from_terminal;

	while (any_alive(targets) && !recording_is_over(recording)) {
		if (recording_wait(recording, -1, &from_terminal))
			break;
		recording_show_progress(recording, what);
	}
	return recording_save(recording, err);
}

static int attach(struct recording *recording, const struct targets *targets, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf what = { 0 };

	if (targets->all)
		hw_buf_text(&what, "the whole system");
	describe_ids(&what, "process", targets->pids.at, targets->pids.count);
	describe_ids(&what, "thread", targets->tids.at, targets->tids.count);
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
	if (o->recording.dry_run || find_targets(&targets, o, err) == 0)
		status = recording_init(&recording, "attach", &o->recording, err);
	if (status == 0)
		status = o->recording.dry_run ? recording_dry_run(&recording)
					      : attach(&recording, &targets, err);
	recording_fini(&recording);
	targets_fini(&targets);
	return status;
}

extern const struct hw_command hw_command_attach;
const struct hw_command hw_command_attach = {
	.name = "attach",
	.summary = "profile running processes, threads or the whole system",
	.usage = "[OPTIONS] -p PID | -t TID | -n NAME | -a",
	.options = attach_option_table,
	.option_count = HW_COUNT_OF(attach_option_table),
	.options_size = sizeof(struct attach_options),
	.run = run,
};
