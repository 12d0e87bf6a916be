#include "stat_plan.h"

#include "base/cpu_list.h"
#include "base/nearest.h"
#include "base/units.h"
#include "command_line.h"
#include "event/spec.h"
#include "process/proc_maps.h"

/* Hardware events in one group, so that their ratios are those of the same moments. */
#define DEFAULT_EVENTS                                                                      \
	"context-switches,cpu-migrations,page-faults,{cycles,instructions,branches,branch-" \
	"misses}"

#define REPEATS_MAX 1000000

/* --- Events ------------------------------------------------------------------------------------------------- */

/* Add what one text stands for. by_name: it is an error when one of them does not open. */
static int add_events(struct stat_plan *plan, const char *text, bool by_name, struct hw_err *err)
{
	const struct hw_event_defaults defaults = { .user_only = plan->options->user_only,
						    .kernel_only = plan->options->kernel_only };
	const size_t before = plan->events.list.count;

	if (hw_events_add(&plan->events, text, &defaults, &plan->catalogue, err) < 0)
		return -1;
	for (size_t i = before; i < plan->events.list.count; i++)
		plan->events.list.at[i].is_default = !by_name;
	return 0;
}

/* "cache:u" for preset "cache". */
static bool is_preset(const struct stat_plan *plan, const char *text)
{
	HW_AUTO(hw_freep) char *name = hw_strndup(text, strcspn(text, ":"));

	return hw_catalogue_preset(&plan->catalogue, name);
}

/* One -e. A preset has what machines of its kind have, perhaps not this one; the rest was asked for by name. */
static int add_list(struct stat_plan *plan, const char *list, struct hw_err *err)
{
	char *text = NULL;

	while (hw_spec_list_next(&list, &text)) {
		const int added = add_events(plan, text, !is_preset(plan, text), err);

		free(text);
		if (added < 0)
			return -1;
	}
	return 0;
}

static int unknown_metric(const struct stat_plan *plan, const char *name, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf hint = { 0 };
	struct hw_nearest nearest;

	hw_nearest_init(&nearest, name);
	for (size_t i = 0; i < plan->catalogue.metrics.count; i++)
		hw_nearest_offer(&nearest, plan->catalogue.metrics.at[i].name);
	if (!hw_nearest_print(&hint, &nearest))
		hw_buf_text(&hint, "'hwprof list' has the metrics of this machine");
	(void)hw_err_set(err, HW_ERR_USAGE, "unknown metric '%s'", name);
	return hw_err_hint(err, "%s", hw_buf_str(&hint));
}

/* The names of -M, with commas between them or one by one. */
static void list_metrics(struct stat_plan *plan)
{
	const struct hw_texts *lists = &plan->options->metrics;

	for (size_t i = 0; i < lists->list.count; i++) {
		HW_AUTO(hw_freep) char *list = hw_strdup(lists->list.at[i]);
		char *rest = list;
		char *name;

		while ((name = strsep(&rest, ","))) {
			size_t m = 0;

			while (m < plan->metrics.count && strcmp(plan->metrics.at[m], name) != 0)
				m++;
			if (m == plan->metrics.count)
				hw_vec_push(&plan->metrics, hw_strdup(name));
		}
	}
}

/* All events of a metric in one group. */
static int add_metric(struct stat_plan *plan, const char *name, struct hw_err *err)
{
	const struct hw_metric *metric = hw_catalogue_metric(&plan->catalogue, name);
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	if (!metric)
		return unknown_metric(plan, name, err);
	for (size_t i = 0; i < hw_formula_variable_count(metric->formula); i++)
		hw_buf_printf(&text, "%s%s", i ? "," : "{", hw_formula_variable(metric->formula, i));
	hw_buf_text(&text, "}");
	if (add_events(plan, hw_buf_str(&text), true, err) < 0)
		return hw_err_wrap(err, "metric '%s'", name);
	return 0;
}

/* The tables of events/. Nothing but the metrics is lost without them, unless a name needs them. */
static int load_catalogue(struct stat_plan *plan, struct hw_err *err)
{
	const struct hw_texts *events = &plan->options->events;
	bool needed = plan->metrics.count > 0;

	for (size_t i = 0; i < events->list.count; i++)
		needed = needed || hw_events_need_catalogue(events->list.at[i]);
	if (hw_catalogue_load(&plan->catalogue, err) == 0)
		return 0;
	if (needed)
		return -1;
	plan->no_metrics = hw_asprintf("no metrics: %s", err->message);
	*err = (struct hw_err){ 0 };
	return 0;
}

static int find_events(struct stat_plan *plan, struct hw_err *err)
{
	const struct hw_texts *events = &plan->options->events;

	list_metrics(plan);
	if (load_catalogue(plan, err) < 0)
		return -1;
	if (!events->list.count && !plan->metrics.count &&
	    add_events(plan, plan->targets.all ? "cpu-clock," DEFAULT_EVENTS : "task-clock," DEFAULT_EVENTS,
		       false, err) < 0)
		return -1;
	for (size_t i = 0; i < events->list.count; i++)
		if (add_list(plan, events->list.at[i], err) < 0)
			return -1;
	for (size_t i = 0; i < plan->metrics.count; i++)
		if (add_metric(plan, plan->metrics.at[i], err) < 0)
			return -1;
	return hw_events_set_names(plan->events.list.at, plan->events.list.count, err);
}

/* --- The rest ----------------------------------------------------------------------------------------------- */

/* As perf takes them, a bare number is milliseconds; with a unit it is what it says. */
static int parse_ms(uint64_t *ns, const char *option, const char *text, struct hw_err *err)
{
	const bool is_bare = text[strspn(text, "0123456789")] == '\0';
	HW_AUTO(hw_freep) char *with_unit = hw_asprintf("%s%s", text, is_bare ? "ms" : "");

	if (hw_parse_duration(ns, with_unit, NULL) == 0)
		return 0;
	return hw_err_set(err, HW_ERR_USAGE,
			  "--%s: '%s' is no time such as 500ms or 2s (a bare number is milliseconds)", option,
			  text);
}

static int parse_numbers(struct stat_plan *plan, struct hw_err *err)
{
	const struct stat_options *options = plan->options;

	plan->repeats = 1;
	if (options->repeat && (hw_parse_u64(&plan->repeats, options->repeat, err) < 0 || !plan->repeats ||
				plan->repeats > REPEATS_MAX))
		return hw_err_set(err, HW_ERR_USAGE, "--repeat: '%s' is not a number from 1 to %d",
				  options->repeat, REPEATS_MAX);
	if (options->interval && parse_ms(&plan->interval_ns, "interval", options->interval, err) < 0)
		return -1;
	if (plan->interval_ns && plan->interval_ns < 1000000)
		return hw_err_set(err, HW_ERR_USAGE, "--interval: '%s' is shorter than 1 ms",
				  options->interval);
	return options->delay ? parse_ms(&plan->delay_ns, "delay", options->delay, err) : 0;
}

static int check_contradictions(const struct stat_plan *plan, struct hw_err *err)
{
	const struct stat_options *options = plan->options;

	if (options->user_only && options->kernel_only)
		return hw_err_set(err, HW_ERR_USAGE,
				  "-u (user code only) and -k (kernel code only) contradict each other");
	if (options->json && options->csv)
		return hw_err_set(err, HW_ERR_USAGE, "--json and --csv contradict each other");
	if (options->repeat && plan->interval_ns) {
		(void)hw_err_set(err, HW_ERR_USAGE, "-r (repeat) and -I (interval) contradict each other");
		return hw_err_hint(err, "-r summarises whole runs; -I shows the course of one");
	}
	if (options->repeat && (plan->has_targets || !plan->command))
		return hw_err_set(err, HW_ERR_USAGE, "-r repeats a command, and counts nothing else");
	if (!plan->command && !plan->has_targets && !options->dry_run) {
		(void)hw_err_set(err, HW_ERR_USAGE, "nothing to count");
		return hw_err_hint(err, "hwprof stat -- ./app ARGS; for what runs already: -p PID, -t TID, "
					"-n NAME, or -a for everything");
	}
	if (options->targets.cpus && !plan->has_targets) {
		(void)hw_err_set(err, HW_ERR_USAGE, "-C names CPUs, but nothing says what to count on them");
		return hw_err_hint(err, "everything: hwprof stat -a -C %s", options->targets.cpus);
	}
	return 0;
}

/* Are the processes and threads there? A name had a process a moment ago. */
static int check_alive(const struct targets *targets, struct hw_err *err)
{
	for (size_t i = 0; i < targets->pids.count; i++) {
		HW_AUTO(hw_freep) pid_t *tids = NULL;
		size_t count = 0;

		if (hw_proc_tids(targets->pids.at[i], &tids, &count, err) < 0)
			return -1;
		if (!hw_proc_is_running(targets->pids.at[i]))
			return hw_err_set(err, HW_ERR_TARGET, "process %d has exited",
					  (int)targets->pids.at[i]);
	}
	for (size_t i = 0; i < targets->tids.count; i++)
		if (hw_proc_tgid(targets->tids.at[i], err) < 0)
			return -1;
	return 0;
}

static bool has_targets(const struct target_options *targets)
{
	return targets->pids.list.count || targets->tids.list.count || targets->names.list.count ||
	       targets->all;
}

int stat_plan_init(struct stat_plan *plan, const struct stat_options *options, int operand_count,
		   char **operands, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf what = { 0 };

	*plan = (struct stat_plan){ .options = options,
				    .command = operand_count ? operands : NULL,
				    .has_targets = has_targets(&options->targets) };
	plan->form = options->json ? STAT_JSON : options->csv ? STAT_CSV : STAT_TEXT;
	if (parse_numbers(plan, err) < 0 || check_contradictions(plan, err) < 0)
		return -1;
	if (plan->has_targets && !options->dry_run &&
	    (targets_find(&plan->targets, &options->targets, "stat", err) < 0 ||
	     hw_cpu_list_check_online(plan->targets.cpus, plan->targets.cpu_count, err) < 0 ||
	     check_alive(&plan->targets, err) < 0))
		return -1;
	targets_describe(&what, &plan->targets);
	plan->what = plan->command && !plan->has_targets ? command_line_join(plan->command)
							 : hw_strdup(hw_buf_str(&what));
	return find_events(plan, err);
}

void stat_plan_fini(struct stat_plan *plan)
{
	for (size_t i = 0; i < plan->metrics.count; i++)
		free(plan->metrics.at[i]);
	hw_vec_fini(&plan->metrics);
	hw_events_fini(&plan->events);
	hw_catalogue_fini(&plan->catalogue);
	targets_fini(&plan->targets);
	free(plan->what);
	free(plan->no_metrics);
}
