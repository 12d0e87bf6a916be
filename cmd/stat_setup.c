#include "stat_setup.h"

#include "event/budget.h"

#include <stdlib.h>

static void choose_opened(struct stat_setup *setup, const struct stat_plan *plan)
{
	for (uint32_t i = 0; i < plan->events.list.count; i++) {
		if (setup->support.reasons[i])
			continue;
		setup->opened[setup->opened_count] = plan->events.list.at[i];
		setup->opened_at[setup->opened_count++] = i;
	}
}

/* A group that has no counters even when nothing else is counted never will have. */
static int check_group(struct stat_setup *setup, struct stat_plan *plan, size_t first, bool *split,
		       struct hw_err *err)
{
	const size_t count = hw_event_group_end(setup->opened, setup->opened_count, first) - first;
	bool fits[64] = { false };

	if (count == 1 || count > HW_COUNT_OF(fits) ||
	    hw_budget_fit(&setup->opened[first], count, fits, NULL) < 0 || fits[0])
		return 0;
	if (!setup->opened[first].is_default) {
		(void)hw_err_set(
			err, HW_ERR_EVENT,
			"the group of '%s' has %zu events, more than there are free counters: it would "
			"never count",
			setup->opened[first].name, count);
		return hw_err_hint(err,
				   "make it smaller: %u copies of '%s' fit at once; the NMI watchdog "
				   "(sysctl kernel.nmi_watchdog=0) and other profilers take counters, too",
				   hw_budget_counters(&setup->opened[first]), setup->opened[first].name);
	}
	for (size_t i = first; i < first + count; i++)
		setup->opened[i].group = plan->events.list.at[setup->opened_at[i]].group = 0;
	*split = true;
	return 0;
}

static int check_groups(struct stat_setup *setup, struct stat_plan *plan, const bool *fits, bool *split,
			struct hw_err *err)
{
	for (size_t i = 0; i < setup->opened_count;) {
		const size_t next = hw_event_group_end(setup->opened, setup->opened_count, i);

		if (!fits[i] && check_group(setup, plan, i, split, err) < 0)
			return -1;
		i = next;
	}
	return 0;
}

/* Which metrics are lost when the events take turns. */
static void print_lost_metrics(struct hw_buf *text, const struct stat_setup *setup)
{
	const char *between = "; these cannot be computed then: ";

	for (size_t i = 0; i < setup->derived.list.count; i++) {
		const struct hw_derived_metric *metric = &setup->derived.list.at[i];

		if (!hw_derived_is_at_risk(metric, &setup->sheet))
			continue;
		hw_buf_printf(text, "%s%s", between, metric->name);
		between = ", ";
	}
}

/* What shall keep its counters has to have them. */
static int check_pinned(const struct stat_setup *setup, const bool *fits, struct hw_err *err)
{
	for (size_t i = 0; i < setup->opened_count; i++) {
		if (fits[i] || !setup->opened[i].attr.pinned)
			continue;
		(void)hw_err_set(err, HW_ERR_EVENT,
				 "event '%s' is pinned (D), but there are not enough free counters for it",
				 setup->opened[i].text);
		return hw_err_hint(err, "without D it takes turns with the others");
	}
	return 0;
}

static int check_budget(struct stat_setup *setup, const struct stat_plan *plan, const bool *fits,
			struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	size_t missing = 0;

	hw_buf_text(&text, "the events need more counters than are free");
	for (size_t i = 0; i < setup->opened_count; i++)
		if (!fits[i])
			hw_buf_printf(&text, "%s%s", missing++ ? ", " : ": to count all the time, drop ",
				      setup->opened[i].name);
	if (!missing)
		return 0;
	if (plan->options->no_multiplex) {
		(void)hw_err_set(err, HW_ERR_EVENT, "%s", hw_buf_str(&text));
		return hw_err_hint(err,
				   "without --no-multiplex they take turns, and their counts are estimates");
	}
	hw_buf_text(&text, "; as it is, they take turns");
	print_lost_metrics(&text, setup);
	setup->warning = hw_strdup(hw_buf_str(&text));
	return 0;
}

static void init_sheet(struct stat_setup *setup, const struct stat_plan *plan)
{
	const bool only = plan->metrics.count && !plan->options->events.list.count;

	hw_sheet_init(&setup->sheet, plan->events.list.at, plan->events.list.count,
		      (const char *const *)setup->support.reasons, plan->targets.all);
	for (size_t i = 0; i < setup->support.notes.list.count; i++)
		hw_notes_keep(&setup->sheet.notes, setup->support.notes.list.at[i]);
	if (plan->options->user_only || plan->options->kernel_only)
		hw_notes_keep(&setup->sheet.notes,
			      plan->options->user_only ? "user code only (-u)" : "kernel code only (-k)");
	if (plan->no_metrics)
		hw_notes_keep(&setup->sheet.notes, plan->no_metrics);
	hw_derived_init(&setup->derived, &setup->sheet, &plan->catalogue,
			only ? (const char *const *)plan->metrics.at : NULL, plan->metrics.count);
}

int stat_setup_init(struct stat_setup *setup, struct stat_plan *plan, pid_t tid, int cpu, struct hw_err *err)
{
	const size_t count = plan->events.list.count;
	HW_AUTO(hw_freep) bool *fits = hw_alloc(count + 1, sizeof *fits);
	bool split = false;
	bool asked;

	*setup = (struct stat_setup){ .opened = hw_alloc(count + 1, sizeof *setup->opened),
				      .opened_at = hw_alloc(count + 1, sizeof *setup->opened_at) };
	if (hw_support_find(&setup->support, plan->events.list.at, count, tid, cpu, err) < 0)
		return -1;
	choose_opened(setup, plan);
	if (!setup->opened_count)
		return hw_err_set(err, HW_ERR_EVENT, "none of the events can be counted here: %s",
				  setup->support.reasons[0]);
	/* When the kernel cannot be asked, counting will show. */
	asked = hw_budget_fit(setup->opened, setup->opened_count, fits, NULL) == 0;
	if (asked && check_groups(setup, plan, fits, &split, err) < 0)
		return -1;
	if (split)
		asked = hw_budget_fit(setup->opened, setup->opened_count, fits, NULL) == 0;
	init_sheet(setup, plan);
	if (asked && check_pinned(setup, fits, err) < 0)
		return -1;
	return asked ? check_budget(setup, plan, fits, err) : 0;
}

void stat_setup_fini(struct stat_setup *setup)
{
	hw_derived_fini(&setup->derived);
	hw_sheet_fini(&setup->sheet);
	hw_support_fini(&setup->support);
	free(setup->opened);
	free(setup->opened_at);
	free(setup->warning);
	*setup = (struct stat_setup){ 0 };
}
