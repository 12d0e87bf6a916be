/* hwprof report: read a profile at the terminal. */
#include "options.h"
#include "pager.h"

#include "base/units.h"
#include "format/format.h"
#include "report/header.h"
#include "report/report_csv.h"
#include "report/report_json.h"
#include "report/table.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_PATH "hwprof.pb.gz"
#define DEFAULT_ROWS 30
#define DEFAULT_TREE_SHARE 0.005

/* As typed. */
struct report_options {
	bool cum, json, csv, wide, no_pager;
	const char *rows, *by, *event, *focus, *ignore, *min_share, *color;
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
	{ "rows", 'n', "N", HW_OPT_TEXT, OPTION(rows),
	  "rows to show, 0 for all (default 30; all with --json and --csv)" },
	{ "min-share", 0, "PERCENT", HW_OPT_TEXT, OPTION(min_share),
	  "leave out rows below this share of the total, such as 0.5 or 0.5%" },
	{ "by", 0, "WHAT", HW_OPT_TEXT, OPTION(by),
	  "one row per function, line, dso, thread or process (default function)" },
	{ "event", 'e', "NAME", HW_OPT_TEXT, OPTION(event),
	  "which event of the profile to show (default the profile's own choice)" },
	{ "focus", 0, "REGEX", HW_OPT_TEXT, OPTION(focus),
	  "only samples with a frame whose function, source file or dso matches; percentages stay shares of the whole" },
	{ "ignore", 0, "REGEX", HW_OPT_TEXT, OPTION(ignore), "leave out samples with such a frame" },
	{ "json", 0, NULL, HW_OPT_FLAG, OPTION(json), "write JSON; see JSON FORMAT in hwprof-report(1)" },
	{ "csv", 0, NULL, HW_OPT_FLAG, OPTION(csv), "write comma-separated values with a line of column names" },
	{ "color", 0, "WHEN", HW_OPT_TEXT, OPTION(color),
	  "colours auto, always or never (default auto: on a terminal, unless NO_COLOR is set)" },
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
		return hw_err_set(err, HW_ERR_USAGE, "--min-share: '%s' is not a percentage such as 0.5 or 0.5%%", text);
	*share = percent / 100;
	return 0;
}

static int plan_limits(struct hw_table_limits *limits, const struct report_options *o, struct hw_err *err)
{
	limits->row_count = o->json || o->csv ? 0 : DEFAULT_ROWS;
	if (o->rows && hw_parse_u64(&limits->row_count, o->rows, err) < 0)
		return hw_err_wrap(err, "--rows");
	limits->min_share = 0;
	return o->min_share ? parse_share(&limits->min_share, o->min_share, err) : 0;
}

/* The locale's encoding, by the rules of setlocale(3): LC_ALL, else LC_CTYPE, else LANG. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < HW_COUNT_OF(names); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
	}
	return false;
}

static int plan_style(struct hw_style *style, const struct report_options *o, struct hw_err *err)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	const bool terminal = isatty(STDOUT_FILENO);
	const char *when = o->color ? o->color : "auto";
	struct winsize size = { 0 };

	if (strcmp(when, "always") != 0 && strcmp(when, "never") != 0 && strcmp(when, "auto") != 0)
		return hw_err_set(err, HW_ERR_USAGE, "--color: '%s' is none of auto, always, never", when);
	style->color = strcmp(when, "always") == 0 ||
		       (strcmp(when, "auto") == 0 && terminal && !(no_color && no_color[0]) &&
			!(term && strcmp(term, "dumb") == 0));
	style->utf8 = locale_is_utf8();
	style->width = 0;
	if (terminal && !o->wide && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		style->width = size.ws_col;
	return 0;
}

static int make_plan(struct plan *plan, const struct report_options *o, int operand_count, char **operands,
		     struct hw_err *err)
{
	*plan = (struct plan){ .paging = !o->no_pager };
	if (operand_count > 1 && operands[1][0] == '-') {
		(void)hw_err_set(err, HW_ERR_USAGE, "option '%s' comes after the file", operands[1]);
		return hw_err_hint(err, "options go before it: hwprof report %s ... %s", operands[1], operands[0]);
	}
	if (operand_count > 1)
		return hw_err_set(err, HW_ERR_USAGE, "one profile at a time: '%s' is one too many", operands[1]);
	if (o->json && o->csv)
		return hw_err_set(err, HW_ERR_USAGE, "--json and --csv contradict each other");
	if (plan_key(&plan->key, o->by, err) < 0 || plan_limits(&plan->limits, o, err) < 0)
		return -1;
	return plan_style(&plan->style, o, err);
}

/* --- Doing it ------------------------------------------------------------------------------------------ */

static void write_table(struct hw_buf *out, const struct plan *plan, const struct report_options *o,
			const struct hw_view *view, const char *path)
{
	struct hw_rows rows;
	struct hw_totals totals;
	size_t row_count;

	hw_rows_init(&rows, view->profile, plan->key);
	hw_totals_init(&totals, view, &rows, o->cum);
	row_count = hw_table_row_count(&totals, view, &plan->limits);
	if (o->json) {
		hw_report_json_table(out, view, &rows, &totals, row_count);
	} else if (o->csv) {
		hw_report_csv_table(out, view, &rows, &totals, row_count);
	} else {
		hw_header_print(out, view, path, &plan->style);
		hw_table_print(out, view, &rows, &totals, &plan->limits, &plan->style);
	}
	hw_totals_fini(&totals);
	hw_rows_fini(&rows);
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
	const char *path = operand_count ? operands[0] : DEFAULT_PATH;
	const struct hw_filter filter = { .focus = o->focus, .ignore = o->ignore };
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = NULL;
	struct hw_view view = { 0 };
	struct hw_buf out = { 0 };
	struct plan plan;
	int result;

	if (make_plan(&plan, o, operand_count, operands, err) < 0)
		return -1;
	profile = read_profile(path, err);
	if (!profile || hw_view_init(&view, profile, o->event, &filter, err) < 0)
		return -1;
	write_table(&out, &plan, o, &view, path);
	result = hw_pager_show(&out, plan.paging, err);
	hw_view_fini(&view);
	hw_buf_fini(&out);
	return result;
}

const struct hw_command hw_command_report = {
	.name = "report",
	.summary = "show where a recorded program spent its events",
	.usage = "[OPTIONS] [FILE]",
	.options = report_option_table,
	.option_count = HW_COUNT_OF(report_option_table),
	.options_size = sizeof(struct report_options),
	.run = run_report,
};
