/* hwprof stat: count events of a command, or of what runs already. */
#include "stat_run.h"

#include "event/counting.h"

#include <signal.h>
#include <stdio.h>

#define OPTION(field) offsetof(struct stat_options, field)
static const struct hw_option stat_option_table[] = {
	{ "event", 'e', "EVENT", HW_OPT_TEXTS, OPTION(events),
	  "what to count: events with commas between them, groups such as '{cycles,instructions}', which "
	  "count at "
	  "the same moments, presets such as cache; may be given several times (default task-clock, "
	  "context-switches, cpu-migrations, page-faults, and cycles, instructions, branches, branch-misses "
	  "in a "
	  "group)" },
	{ "metric", 'M', "NAME[,NAME]", HW_OPT_TEXTS, OPTION(metrics),
	  "compute this metric, such as ipc, and count its events in one group; may be given several times" },
	{ "repeat", 'r', "N", HW_OPT_TEXT, OPTION(repeat),
	  "run the command N times; shows means with 95 % intervals" },
	{ "pid", 'p', "PID[,PID]", HW_OPT_TEXTS, OPTION(targets.pids),
	  "count in these processes, with all their threads and those to come" },
	{ "tid", 't', "TID[,TID]", HW_OPT_TEXTS, OPTION(targets.tids), "count in single threads" },
	{ "name", 'n', "NAME", HW_OPT_TEXTS, OPTION(targets.names),
	  "count in every process of this name, by its comm or its executable's file name" },
	{ "all", 'a', NULL, HW_OPT_FLAG, OPTION(targets.all), "count everything that runs on the CPUs" },
	{ "cpu", 'C', "CPUS", HW_OPT_TEXT, OPTION(targets.cpus), "only on these CPUs, such as 0,2-3" },
	{ "interval", 'I', "TIME", HW_OPT_TEXT, OPTION(interval),
	  "show the counts of each interval of this length, such as 500ms; a bare number is milliseconds" },
	{ "duration", 'd', "TIME", HW_OPT_DURATION, OPTION(duration_ns),
	  "end counting after this time, such as 10s or 500ms" },
	{ "delay", 'D', "TIME", HW_OPT_TEXT, OPTION(delay),
	  "begin counting this long after the start, such as 500ms; a bare number is milliseconds" },
	{ "no-inherit", 'i', NULL, HW_OPT_FLAG, OPTION(no_inherit),
	  "leave out threads and children to come" },
	{ "user", 'u', NULL, HW_OPT_FLAG, OPTION(user_only), "count user code only" },
	{ "kernel", 'k', NULL, HW_OPT_FLAG, OPTION(kernel_only), "count kernel code only" },
	{ "no-multiplex", 0, NULL, HW_OPT_FLAG, OPTION(no_multiplex),
	  "refuse to run when the events need more counters than there are" },
	{ "output", 'o', "FILE", HW_OPT_TEXT, OPTION(output),
	  "where the result goes; '-' is stdout (default stderr where a command runs, else stdout)" },
	{ "json", 0, NULL, HW_OPT_FLAG, OPTION(json), "print JSON; with -I, one object on each line" },
	{ "csv", 0, NULL, HW_OPT_FLAG, OPTION(csv), "print CSV (RFC 4180) with a heading" },
	{ "dry-run", 0, NULL, HW_OPT_FLAG, OPTION(dry_run),
	  "print the perf_event_attr of every event and open nothing" },
	{ "quiet", 'q', NULL, HW_OPT_FLAG, OPTION(quiet), "print nothing but the result and errors" },
};

static int print_attrs(const struct stat_plan *plan)
{
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	for (size_t i = 0; i < plan->events.list.count; i++) {
		const struct hw_event *event = &plan->events.list.at[i];
		const bool leads = hw_event_leads(plan->events.list.at, i);
		struct perf_event_attr attr = event->attr;

		hw_attr_set_counting(&attr);
		attr.pinned = event->attr.pinned;
		attr.inherit = !plan->options->targets.all && !plan->options->no_inherit;
		attr.disabled = leads;
		attr.enable_on_exec = leads && plan->command && !plan->has_targets && !plan->delay_ns;
		hw_event_print(&text, event, leads);
		hw_attr_print(&text, &attr);
	}
	(void)fputs(hw_buf_str(&text), stdout);
	return 0;
}

static int run(const void *options, int operand_count, char **operands, struct hw_err *err)
{
	const struct stat_options *o = options;
	struct stat_plan plan;
	int status = stat_plan_init(&plan, o, operand_count, operands, err);

	/* A script's background job is born ignoring Ctrl-C, but where no command runs it may be all that ends us. */
	if (!operand_count)
		(void)signal(SIGINT, SIG_DFL);
	if (status == 0)
		status = o->dry_run ? print_attrs(&plan) : stat_run(&plan, err);
	stat_plan_fini(&plan);
	return status;
}

const struct hw_command hw_command_stat = {
	.name = "stat",
	.summary = "count events of a command or of what runs already",
	.usage = "[OPTIONS] -- COMMAND [ARGS]\n[OPTIONS] -p PID | -t TID | -n NAME | -a [-- COMMAND [ARGS]]",
	.options = stat_option_table,
	.option_count = HW_COUNT_OF(stat_option_table),
	.options_size = sizeof(struct stat_options),
	.run = run,
};
