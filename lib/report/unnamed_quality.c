#include "report/unnamed_quality.h"

#include "report/header.h"

#define SHARE_DECIMALS 8
/* Rows; the rest is summed up in words. */
#define FILES_MAX 20

static double share_of(const struct hw_quality_facts *facts, int64_t value)
{
	return hw_share(value, facts->view->total);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static const char *file_name(const struct hw_unnamed_file *file)
{
	return file->dso[0] ? file->dso : "[in no mapping]";
}

char *hw_unnamed_quality_warning(const struct hw_quality_facts *facts)
{
	const struct hw_unnamed *unnamed = &facts->unnamed;
	const struct hw_unnamed_file *first = unnamed->files.count ? &unnamed->files.at[0] : NULL;
	const struct hw_unnamed_help *help;
	struct hw_buf text = { 0 };

	if (!first || share_of(facts, unnamed->leaf) <= HW_UNNAMED_SHARE)
		return NULL;
	help = hw_unnamed_help_of(facts->view->profile, first);
	hw_buf_printf(&text, "%.2f%% of %s is in functions without a name, ",
		      100 * share_of(facts, unnamed->leaf), facts->view->event);
	if (first->leaf == unnamed->leaf)
		hw_buf_printf(&text, "all of it in %s", base_name(file_name(first)));
	else
		hw_buf_printf(&text, "%.2f%% in %s", 100 * share_of(facts, first->leaf),
			      base_name(file_name(first)));
	if (help && (help->cause[0] || help->fix[0]))
		hw_buf_printf(&text, ": %s", help->fix[0] ? help->fix : help->cause);
	else if (unnamed->files.count > 1)
		hw_buf_text(&text, "; hwprof report --quality shows every such file");
	return text.data;
}

static void print_file(struct hw_buf *out, const struct hw_quality_facts *facts,
		       const struct hw_unnamed_file *file, const struct hw_style *style)
{
	const struct hw_unnamed_help *help = hw_unnamed_help_of(facts->view->profile, file);

	hw_style_share(out, style, share_of(facts, file->leaf), HW_LABEL_WIDTH);
	hw_style_share(out, style, share_of(facts, file->any), HW_LABEL_WIDTH);
	hw_buf_text(out, "  ");
	hw_buf_printable(out, file_name(file));
	if (file->build_id[0]) {
		hw_buf_text(out, " (build-id ");
		hw_buf_printable(out, file->build_id);
		hw_buf_text(out, ")");
	}
	if (help && help->cause[0]) {
		hw_buf_text(out, ": ");
		hw_buf_printable(out, help->cause);
	}
	if (help && help->fix[0]) {
		hw_buf_text(out, help->cause[0] ? "; " : ": ");
		hw_buf_printable(out, help->fix);
	}
	hw_buf_text(out, "\n");
}

void hw_unnamed_quality_print(struct hw_buf *out, const struct hw_quality_facts *facts,
			      const struct hw_style *style)
{
	const struct hw_unnamed *unnamed = &facts->unnamed;

	hw_style_begin(out, style, HW_INK_HEADING);
	hw_buf_printf(out, "%-*s", HW_LABEL_WIDTH, "unnamed");
	hw_style_end(out, style);
	hw_buf_printf(out, "%.2f%% of ", 100 * share_of(facts, unnamed->leaf));
	hw_buf_printable(out, facts->view->event);
	hw_buf_printf(out, " is in functions without a name; %.2f%% has one anywhere in its stack\n",
		      100 * share_of(facts, unnamed->any));
	if (!unnamed->files.count)
		return;
	hw_style_begin(out, style, HW_INK_HEADING);
	hw_buf_printf(out, "%*s%*s  %s", HW_LABEL_WIDTH, "in", HW_LABEL_WIDTH, "anywhere", "file");
	hw_style_end(out, style);
	hw_buf_text(out, "\n");
	for (size_t i = 0; i < unnamed->files.count && i < FILES_MAX; i++)
		print_file(out, facts, &unnamed->files.at[i], style);
	if (unnamed->files.count > FILES_MAX)
		hw_buf_printf(out, "%*sand %zu more\n", 2 * HW_LABEL_WIDTH + 2, "",
			      unnamed->files.count - FILES_MAX);
}

/* --- JSON ---------------------------------------------------------------------------------------------- */

static void share_member(struct hw_json *json, const char *key, double share)
{
	hw_json_key(json, key);
	hw_json_double(json, share, SHARE_DECIMALS);
}

static void text_member(struct hw_json *json, const char *key, const char *text)
{
	hw_json_key(json, key);
	hw_json_text(json, text && text[0] ? text : NULL);
}

void hw_unnamed_quality_json(struct hw_json *json, const struct hw_quality_facts *facts)
{
	const struct hw_unnamed *unnamed = &facts->unnamed;

	hw_json_key(json, "unnamed");
	hw_json_begin(json, '{');
	share_member(json, "leaf_share", share_of(facts, unnamed->leaf));
	share_member(json, "any_share", share_of(facts, unnamed->any));
	hw_json_key(json, "files");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < unnamed->files.count; i++) {
		const struct hw_unnamed_file *file = &unnamed->files.at[i];
		const struct hw_unnamed_help *help = hw_unnamed_help_of(facts->view->profile, file);

		hw_json_begin_line(json, '{');
		text_member(json, "dso", file->dso);
		text_member(json, "build_id", file->build_id);
		share_member(json, "leaf_share", share_of(facts, file->leaf));
		share_member(json, "any_share", share_of(facts, file->any));
		text_member(json, "cause", help ? help->cause : NULL);
		text_member(json, "fix", help ? help->fix : NULL);
		hw_json_end(json, '}');
	}
	hw_json_end(json, ']');
	hw_json_end(json, '}');
}
