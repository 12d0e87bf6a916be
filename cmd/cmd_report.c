/* hwprof report: read a profile at the terminal. */
#include "options.h"
#include "pager.h"
#include "terminal.h"

#include "base/units.h"
#include "format/format.h"
#include "report/callers_text.h"
#include "report/header.h"
#include "report/report_csv.h"
#include "report/report_json.h"
#include "report/table.h"
#include "report/tree_text.h"

#include <errno.h>

#define DEFAULT_PATH "hwprof.pb.gz"
#define DEFAULT_ROWS 30
#define DEFAULT_TREE_SHARE 0.005

/* As typed. */
struct report_options {
	bool cum, tree, quality, json, csv, wide, no_pager, no_demangle;
	const char *rows, *callers, *callees, *by, *event, *focus, *ignore, *min_share, *color, *metrics;
};

/* As it will be done. */
struct plan {
	enum hw_row_key key;
	struct hw_table_limits limits;
	struct hw_style style;
	bool paging;
};

#define OPTION(field) offsetof(struct report_options, field)
static const struct hw_option report_option_table[] = {
	{ "cum", 0, NULL, HW_OPT_FLAG, OPTION(cum),
	  "sort by cum (the function and all it calls) instead of flat (the function itself)" },
	{ "tree", 0, NULL, HW_OPT_FLAG, OPTION(tree), "show the tree of calls from the root down" },
	{ "callers", 0, "NAME", HW_OPT_TEXT, OPTION(callers),
	  "show who called the function of this name or, when there is none, those that match it as a "
	  "regular "
	  "expression" },
	{ "callees", 0, "NAME", HW_OPT_TEXT, OPTION(callees), "show what those functions called" },
	{ "by", 0, "WHAT", HW_OPT_TEXT, OPTION(by),
	  "one row per function, line, dso, thread or process (default function); threads and processes have "
	  "no tree and "
	  "no callers" },
	{ "rows", 'n', "N", HW_OPT_TEXT, OPTION(rows),
	  "rows to show, 0 for all (default 30; all with --json and --csv); with --tree, children of each "
	  "node "
	  "(default all)" },
	{ "min-share", 0, "PERCENT", HW_OPT_TEXT, OPTION(min_share),
	  "leave out rows below this share of the total, such as 0.5 or 0.5% (default 0; with --tree 0.5)" },
	{ "event", 'e', "NAME", HW_OPT_TEXT, OPTION(event),
	  "show this event of the profile alone (default all side by side; trees and callers: the profile's "
	  "own choice)" },
	{ "metrics", 0, "NAMES", HW_OPT_OPTIONAL_TEXT, OPTION(metrics),
	  "show these metrics, a list with commas between them, or without names all that can be computed "
	  "(default IPC and misses per 1000 instructions)" },
	{ "focus", 0, "REGEX", HW_OPT_TEXT, OPTION(focus),
	  "only samples with a frame whose function, source file or dso matches; percentages stay shares of "
	  "the whole" },
	{ "ignore", 0, "REGEX", HW_OPT_TEXT, OPTION(ignore), "leave out samples with such a frame" },
	{ "no-demangle", 0, NULL, HW_OPT_FLAG, OPTION(no_demangle),
	  "show C++ and Rust functions as the symbol table names them: _ZN3foo3barEv for foo::bar()" },
	{ "quality", 0, NULL, HW_OPT_FLAG, OPTION(quality),
	  "show in full how far the numbers can be trusted: how well each event was sampled, where stacks "
	  "stop "
	  "and why, how frames were found, and which files have no function names" },
	{ "json", 0, NULL, HW_OPT_FLAG, OPTION(json), "write JSON; see JSON FORMAT in hwprof-report(1)" },
	{ "csv", 0, NULL, HW_OPT_FLAG, OPTION(csv),
	  "write comma-separated values with a line of column names" },
	COLOR_OPTION(struct report_options, color),
	{ "wide", 'w', NULL, HW_OPT_FLAG, OPTION(wide), "do not shorten names to the width of the terminal" },
	{ "no-pager", 0, NULL, HW_OPT_FLAG, OPTION(no_pager), "do not show a long report through $PAGER" },
};
#undef OPTION

/* --- From what was typed to what will be done ---------------------------------------------------------- */

static int plan_key(enum hw_row_key *key, const char *by, struct hw_err *err)
{
	*key = HW_ROW_FUNCTION;
	for (unsigned i = 0; by && i < HW_ROW_KEY_COUNT; i++) {
		if (strcmp(by, hw_row_key_name(i)) == 0) {
			*key = i;
			return 0;
		}
	}
	if (!by)
		return 0;
	(void)hw_err_set(err, HW_ERR_USAGE, "--by: unknown grouping '%s'", by);
	return hw_err_hint(err, "one of: function, line, dso, thread, process");
}

/* "0.5" or "0.5%", in percent. */
static int parse_share(double *share, const char *text, struct hw_err *err)
{
	char *end = NULL;
	const double percent = (text[0] >= '0' && text[0] <= '9') || text[0] == '.' ? strtod(text, &end) : -1;

	if (!end || end == text || (strcmp(end, "%") != 0 && *end) || !(percent >= 0 && percent <= 100))
		return hw_err_set(err, HW_ERR_USAGE,
				  "--min-share: '%s' is not a percentage such as 0.5 or 0.5%%", text);
	*share = percent / 100;
	return 0;
}

static int plan_limits(struct hw_table_limits *limits, const struct report_options *o, struct hw_err *err)
{
	limits->row_count = o->json || o->csv || o->tree ? 0 : DEFAULT_ROWS;
	if (o->rows && hw_parse_u64(&limits->row_count, o->rows, err) < 0)
		return hw_err_wrap(err, "--rows");
	limits->min_share = o->tree ? DEFAULT_TREE_SHARE : 0;
	return o->min_share ? parse_share(&limits->min_share, o->min_share, err) : 0;
}

/* Options that cannot be had together. */
static int check_contradictions(const struct report_options *o, enum hw_row_key key, struct hw_err *err)
{
	const char *shape = o->tree ? "--tree" : o->callers ? "--callers" : o->callees ? "--callees" : NULL;

	if (o->json && o->csv)
		return hw_err_set(err, HW_ERR_USAGE, "--json and --csv contradict each other");
	if (o->tree + !!o->callers + !!o->callees > 1)
		return hw_err_set(err, HW_ERR_USAGE, "%s and %s contradict each other", shape,
				  o->callees ? "--callees" : "--callers");
	if (shape && !hw_row_key_has_callers(key)) {
		(void)hw_err_set(err, HW_ERR_USAGE, "%s and --by %s contradict each other", shape,
				 hw_row_key_name(key));
		return hw_err_hint(err, "%s works with --by function, line or dso", shape);
	}
	if (shape && o->metrics)
		return hw_err_set(err, HW_ERR_USAGE,
				  "--metrics adds columns to the table; %s has none of them", shape);
	if (shape && o->cum)
		return hw_err_set(err, HW_ERR_USAGE,
				  "--cum sorts the table of functions; %s is always sorted by cum", shape);
	return 0;
}

static int make_plan(struct plan *plan, const struct report_options *o, struct hw_err *err)
{
	*plan = (struct plan){ .paging = !o->no_pager };
	if (plan_key(&plan->key, o->by, err) < 0 || check_contradictions(o, plan->key, err) < 0 ||
	    plan_limits(&plan->limits, o, err) < 0)
		return -1;
	if (hw_terminal_style(&plan->style, o->color, err) < 0)
		return -1;
	if (o->wide)
		plan->style.width = 0;
	return 0;
}

/* --- Doing it ------------------------------------------------------------------------------------------ */

/* What every report is made from. */
struct job {
	const struct report_options *options;
	const struct plan *plan;
	const char *path;
	struct hw_view view;
	struct hw_rows rows;
};

static void print_header(struct hw_buf *out, const struct job *job, const struct hw_sides *sides,
			 const struct hw_row_metrics *metrics)
{
	const struct hw_header header = {
		.view = &job->view,
		.path = job->path,
		.sides = sides,
		.metrics = metrics,
		.with_quality = job->options->quality,
	};

	hw_header_print(out, &header, &job->plan->style);
}

static int add_table(struct hw_buf *out, const struct job *job, struct hw_err *err)
{
	const struct report_options *o = job->options;
	const struct hw_table_limits *limits = &job->plan->limits;
	struct hw_row_metrics metrics = { 0 };
	struct hw_sides sides;
	int result = 0;

	hw_sides_init(&sides, &job->view, &job->rows, o->cum, !o->event);
	if (!o->event || o->metrics)
		result = hw_row_metrics_init(&metrics, &sides, o->metrics, err);
	if (result < 0) {
		(void)hw_err_wrap(err, "--metrics");
	} else if (o->json) {
		hw_report_json_table(out, &sides, &metrics, limits);
	} else if (o->csv) {
		hw_report_csv_table(out, &sides, &metrics, limits);
	} else {
		print_header(out, job, &sides, &metrics);
		hw_table_print(out, &sides, &metrics, limits, &job->plan->style);
	}
	hw_row_metrics_fini(&metrics);
	hw_sides_fini(&sides);
	return result;
}

static int add_tree(struct hw_buf *out, const struct job *job, struct hw_err *err)
{
	const struct hw_tree_limits limits = { .min_share = job->plan->limits.min_share,
					       .child_count = job->plan->limits.row_count };
	struct hw_tree tree;

	if (hw_tree_init(&tree, &job->view, &job->rows, &limits, err) < 0)
		return -1;
	if (job->options->json) {
		hw_report_json_tree(out, &job->view, &job->rows, &tree, limits.min_share);
	} else if (job->options->csv) {
		hw_report_csv_tree(out, &job->view, &job->rows, &tree);
	} else {
		print_header(out, job, NULL, NULL);
		hw_tree_print(out, &job->view, &job->rows, &tree, &job->plan->style);
	}
	hw_tree_fini(&tree);
	return 0;
}

static int add_callers(struct hw_buf *out, const struct job *job, struct hw_err *err)
{
	const struct report_options *o = job->options;
	const struct hw_table_limits *limits = &job->plan->limits;
	const enum hw_caller_side side = o->callers ? HW_CALLERS : HW_CALLEES;
	struct hw_callers callers = { 0 };
	struct hw_totals totals;
	int result;

	hw_totals_init(&totals, &job->view, &job->rows, true);
	result = hw_callers_init(&callers, &job->view, &job->rows, &totals, side,
				 o->callers ? o->callers : o->callees, limits->row_count, err);
	hw_totals_fini(&totals);
	if (result < 0) {
		(void)hw_err_wrap(err, o->callers ? "--callers" : "--callees");
	} else if (o->json) {
		hw_report_json_callers(out, &job->view, &job->rows, &callers, limits);
	} else if (o->csv) {
		hw_report_csv_callers(out, &job->view, &job->rows, &callers, limits);
	} else {
		print_header(out, job, NULL, NULL);
		hw_callers_print(out, &job->view, &job->rows, &callers, limits, &job->plan->style);
	}
	hw_callers_fini(&callers);
	return result;
}

static int add_report(struct hw_buf *out, struct job *job, struct hw_err *err)
{
	const struct report_options *o = job->options;
	int result = 0;

	hw_rows_init(&job->rows, job->view.profile, job->plan->key);
	if (o->tree)
		result = add_tree(out, job, err);
	else if (o->callers || o->callees)
		result = add_callers(out, job, err);
	else
		result = add_table(out, job, err);
	hw_rows_fini(&job->rows);
	return result;
}

static struct hw_profile *read_profile(const char *path, struct hw_err *err)
{
	struct hw_profile *profile = hw_format_read(path, err);

	if (!profile && err->sys_errno == ENOENT)
		(void)hw_err_hint(err, "record one first: hwprof record -- COMMAND");
	return profile;
}

static int run_report(const void *options, int operand_count, char **operands, struct hw_err *err)
{
	const struct report_options *o = options;
	struct hw_filter filter;
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = NULL;
	struct plan plan;
	struct job job = {
		.options = o,
		.plan = &plan,
		.path = operand_count ? operands[0] : DEFAULT_PATH,
	};
	struct hw_buf out = { 0 };
	int result;

	if (operand_count > 1)
		return hw_err_set(err, HW_ERR_USAGE, "one profile at a time: '%s' is one too many",
				  operands[1]);
	if (make_plan(&plan, o, err) < 0)
		return -1;
	profile = read_profile(job.path, err);
	if (profile && o->no_demangle)
		hw_profile_use_system_names(profile);
	filter = (struct hw_filter){ .focus = o->focus, .ignore = o->ignore };
	if (!profile || hw_view_init(&job.view, profile, o->event, &filter, err) < 0)
		return -1;
	result = add_report(&out, &job, err);
	if (result == 0)
		result = hw_pager_show(&out, plan.paging, err);
	hw_view_fini(&job.view);
	hw_buf_fini(&out);
	return result;
}

const struct hw_command hw_command_report = {
	.name = "report",
	.summary = "show where a recorded program spent its events",
	.usage = "[OPTIONS] [FILE]",
	.options = report_option_table,
	.option_count = HW_COUNT_OF(report_option_table),
	.options_anywhere = true,
	.options_size = sizeof(struct report_options),
	.run = run_report,
};
