#include "dso/kallsyms.h"

#include "base/file.h"
#include "dso/symtab.h"

#include <elf.h>

#define KALLSYMS_LIMIT_BYTES ((uint64_t)256 << 20)

/* A symbol while aliases are still to be settled. */
struct line {
	struct hw_kernel_symbol symbol;
	char type;
};

struct parse {
	HW_VEC(struct line) lines;
	const char *text;
};

static unsigned binding(char type)
{
	if (type == 't')
		return STB_LOCAL;
	return type == 'T' ? STB_GLOBAL : STB_WEAK;
}

/* Order by address, then best name first. */
static int compare_lines(const void *left, const void *right, void *text)
{
	const struct line *a = left;
	const struct line *b = right;

	if (a->symbol.avma != b->symbol.avma)
		return a->symbol.avma < b->symbol.avma ? -1 : 1;
	return hw_symbol_name_compare((const char *)text + a->symbol.name, binding(a->type),
				      (const char *)text + b->symbol.name, binding(b->type));
}

/* Hex digits at the cursor; false when there are none or more than 16. */
static bool take_hex(const char **at, const char *end, uint64_t *value)
{
	const char *p = *at;

	*value = 0;
	for (; p < end; p++) {
		const unsigned c = (unsigned char)*p;
		unsigned digit;

		if (c - '0' < 10)
			digit = c - '0';
		else if ((c | 32) - 'a' < 6)
			digit = (c | 32) - 'a' + 10;
		else
			break;
		if (*value >> 60)
			return false;
		*value = *value << 4 | digit;
	}
	if (p == *at)
		return false;
	*at = p;
	return true;
}

/* One line, [at, end), whose end may be overwritten. */
static bool parse_line(struct line *line, char *at, char *end, const char *text)
{
	const char *p = at;
	char *name, *tab;

	if (!take_hex(&p, end, &line->symbol.avma) || end - p < 4 || p[0] != ' ' || p[2] != ' ')
		return false;
	line->type = p[1];
	if (line->symbol.avma == 0 || !memchr("tTwW", line->type, 4))
		return false;
	name = at + (p - at) + 3;
	*end = '\0';
	line->symbol.name = (uint32_t)(name - text);
	line->symbol.module = HW_KALLSYMS_NO_MODULE;
	tab = strchr(name, '\t');
	if (tab) {
		*tab = '\0';
		if (tab[1] == '[' && end[-1] == ']') {
			end[-1] = '\0';
			line->symbol.module = (uint32_t)(tab + 2 - text);
		}
	}
	return *name != '\0' && *name != '$';
}

void hw_kallsyms_parse(struct hw_kallsyms *kallsyms, struct hw_buf *text)
{
	struct parse parse = { 0 };
	bool ascending = true;
	char *at, *limit;

	*kallsyms = (struct hw_kallsyms){ .text = *text };
	*text = (struct hw_buf){ 0 };
	if (!kallsyms->text.data)
		return;
	at = kallsyms->text.data;
	limit = at + kallsyms->text.size;
	while (at < limit) {
		char *end = memchr(at, '\n', (size_t)(limit - at));
		struct line line;

		if (!end)
			end = limit; /* the buffer has a NUL there */
		if (parse_line(&line, at, end, kallsyms->text.data)) {
			if (parse.lines.count &&
			    line.symbol.avma <= parse.lines.at[parse.lines.count - 1].symbol.avma)
				ascending = false;
			hw_vec_push(&parse.lines, line);
		}
		at = end + 1;
	}
	if (!ascending)
		qsort_r(parse.lines.at, parse.lines.count, sizeof *parse.lines.at, compare_lines,
			kallsyms->text.data);
	hw_vec_reserve(&kallsyms->symbols, parse.lines.count);
	for (size_t i = 0; i < parse.lines.count; i++)
		if (i == 0 || parse.lines.at[i].symbol.avma != parse.lines.at[i - 1].symbol.avma)
			kallsyms->symbols.at[kallsyms->symbols.count++] = parse.lines.at[i].symbol;
	hw_vec_fini(&parse.lines);
}

int hw_kallsyms_read(struct hw_kallsyms *kallsyms, struct hw_err *err)
{
	struct hw_buf text = { 0 };

	*kallsyms = (struct hw_kallsyms){ 0 };
	if (hw_file_read(&text, "/proc/kallsyms", KALLSYMS_LIMIT_BYTES, err) < 0) {
		hw_buf_fini(&text);
		return -1;
	}
	hw_kallsyms_parse(kallsyms, &text);
	if (!kallsyms->symbols.count) {
		hw_kallsyms_fini(kallsyms);
		(void)hw_err_set(err, HW_ERR_PERMISSION,
				 "the kernel hides its symbols' addresses in /proc/kallsyms");
		return hw_err_hint(err, "run as root, or set /proc/sys/kernel/kptr_restrict to 0");
	}
	return 0;
}

void hw_kallsyms_fini(struct hw_kallsyms *kallsyms)
{
	hw_vec_fini(&kallsyms->symbols);
	hw_buf_fini(&kallsyms->text);
}

const struct hw_kernel_symbol *hw_kallsyms_find(const struct hw_kallsyms *kallsyms, uint64_t avma)
{
	size_t low = 0, high = kallsyms->symbols.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (kallsyms->symbols.at[middle].avma <= avma)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || avma - kallsyms->symbols.at[low - 1].avma >= HW_KALLSYMS_REACH_BYTES)
		return NULL;
	return &kallsyms->symbols.at[low - 1];
}
