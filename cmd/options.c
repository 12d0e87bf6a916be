#include "options.h"
#include "wrap.h"

#include "base/nearest.h"
#include "base/units.h"

#include <ctype.h>

/* --- Finding an option --------------------------------------------------------------------------- */

/* Every command has it. */
static const struct hw_option help_option = { "help", 'h', NULL, HW_OPT_FLAG, 0, "show this text" };

/* The command's options and then help: index option_count is help_option. */
static const struct hw_option *option_at(const struct hw_command *command, size_t index)
{
	return index < command->option_count ? &command->options[index] : &help_option;
}

/* A command may give the letter 'h' to an option of its own. */
static bool help_has_letter(const struct hw_command *command)
{
	for (size_t i = 0; i < command->option_count; i++)
		if (command->options[i].letter == 'h')
			return false;
	return true;
}

static const struct hw_option *find_letter(const struct hw_command *command, char letter)
{
	for (size_t i = 0; i <= command->option_count; i++)
		if (option_at(command, i)->letter == letter && letter)
			return option_at(command, i);
	return NULL;
}

static const struct hw_option *unknown_long(const struct hw_command *command, const char *name, size_t length,
					    struct hw_err *err)
{
	HW_AUTO(hw_freep) char *typed = hw_strndup(name, length);
	struct hw_nearest nearest;

	hw_nearest_init(&nearest, typed);
	for (size_t i = 0; i <= command->option_count; i++)
		hw_nearest_offer(&nearest, option_at(command, i)->name);
	(void)hw_err_set(err, HW_ERR_USAGE, "unknown option '--%s'", typed);
	if (nearest.count)
		(void)hw_err_hint(err, "did you mean '--%s'? 'hwprof %s --help' lists all",
				  nearest.best[0].name, command->name);
	else
		(void)hw_err_hint(err, "'hwprof %s --help' lists the options", command->name);
	return NULL;
}

/* The option with this name, or the only one that begins with it. NULL with err set. */
static const struct hw_option *find_long(const struct hw_command *command, const char *name, size_t length,
					 struct hw_err *err)
{
	const struct hw_option *found = NULL;

	for (size_t i = 0; i <= command->option_count; i++) {
		const struct hw_option *option = option_at(command, i);

		if (!length || strncmp(option->name, name, length) != 0)
			continue;
		if (!option->name[length])
			return option;
		if (found) {
			(void)hw_err_set(err, HW_ERR_USAGE, "option '--%.*s' may mean '--%s' or '--%s'",
					 (int)length, name, found->name, option->name);
			return NULL;
		}
		found = option;
	}
	return found ? found : unknown_long(command, name, length, err);
}

/* --- Values ---------------------------------------------------------------------------------------- */

/* What one option on the command line is: its row, how it was typed, and its value (NULL for a flag). */
struct given {
	const struct hw_option *option;
	char typed[64]; /* "--freq" or "-F", for errors */
	const char *value;
};

static int store_value(void *options, const struct given *given, struct hw_err *err)
{
	void *field = (char *)options + given->option->offset;
	struct hw_texts *texts = field;
	int result = 0;

	switch (given->option->type) {
	case HW_OPT_FLAG:
		*(bool *)field = true;
		break;
	case HW_OPT_TEXT:
		*(const char **)field = given->value;
		break;
	case HW_OPT_OPTIONAL_TEXT:
		*(const char **)field = given->value ? given->value : "";
		break;
	case HW_OPT_TEXTS:
		hw_vec_push(&texts->list, given->value);
		break;
	case HW_OPT_U64:
		result = hw_parse_u64(field, given->value, err);
		break;
	case HW_OPT_FREQ:
		result = hw_parse_freq(field, given->value, err);
		break;
	case HW_OPT_DURATION:
		result = hw_parse_duration(field, given->value, err);
		break;
	case HW_OPT_SIZE:
		result = hw_parse_size(field, given->value, err);
		break;
	}
	return result < 0 ? hw_err_wrap(err, "option '%s'", given->typed) : 0;
}

static int missing_value(const struct given *given, struct hw_err *err)
{
	return hw_err_set(err, HW_ERR_USAGE, "option '%s' needs a value: %s %s", given->typed, given->typed,
			  given->option->argument);
}

/* Position in argv; at is the next word. */
struct words {
	int at;
	int count;
	char **list;
};

/* The word after an option as its value. "--" ends the options and is nobody's value. */
static int take_value(struct given *given, struct words *words, struct hw_err *err)
{
	if (words->at >= words->count || strcmp(words->list[words->at], "--") == 0)
		return missing_value(given, err);
	given->value = words->list[words->at++];
	return 0;
}

/* --- Parsing --------------------------------------------------------------------------------------- */

/* One word "--name", "--name=value", or "--name" with its value in the next. As hw_options_parse. */
static int parse_long(const struct hw_command *command, void *options, const char *word, struct words *words,
		      struct hw_err *err)
{
	const char *name = word + 2;
	const size_t length = strcspn(name, "=");
	struct given given = { .option = find_long(command, name, length, err) };

	if (!given.option)
		return -1;
	(void)snprintf(given.typed, sizeof given.typed, "--%s", given.option->name);
	if (given.option->type == HW_OPT_FLAG) {
		if (name[length] == '=')
			return hw_err_set(err, HW_ERR_USAGE, "option '%s' takes no value", given.typed);
	} else if (name[length] == '=') {
		given.value = name + length + 1;
	} else if (given.option->type != HW_OPT_OPTIONAL_TEXT && take_value(&given, words, err) < 0) {
		return -1;
	}
	if (given.option == &help_option)
		return 1;
	return store_value(options, &given, err);
}

static int unknown_letter(const struct hw_command *command, const char *word, char letter, struct hw_err *err)
{
	struct hw_buf shown = { 0 };

	hw_buf_printable(&shown, (const char[]){ letter, '\0' });
	(void)hw_err_set(err, HW_ERR_USAGE, "unknown option '-%s'", hw_buf_str(&shown));
	hw_buf_fini(&shown);
	for (size_t i = 0; i < command->option_count; i++) /* -freq for --freq */
		if (word[2] && strcmp(command->options[i].name, word + 1) == 0)
			return hw_err_hint(err, "did you mean '-%s'?", word);
	return hw_err_hint(err, "'hwprof %s --help' lists the options", command->name);
}

/* One word of letters: "-uk", "-F997", or "-F" with its value in the next. As hw_options_parse. */
static int parse_letters(const struct hw_command *command, void *options, const char *word,
			 struct words *words, struct hw_err *err)
{
	for (const char *p = word + 1; *p; p++) {
		struct given given = { .option = find_letter(command, *p), .typed = { '-', *p } };

		if (!given.option)
			return unknown_letter(command, word, *p, err);
		if (given.option == &help_option)
			return 1;
		if (given.option->type != HW_OPT_FLAG && p[1])
			given.value = p + 1;
		else if (given.option->type != HW_OPT_FLAG && given.option->type != HW_OPT_OPTIONAL_TEXT &&
			 take_value(&given, words, err) < 0)
			return -1;
		if (store_value(options, &given, err) < 0)
			return -1;
		if (given.value)
			return 0;
	}
	return 0;
}

/* One word that begins with a dash. As hw_options_parse. */
static int parse_option(const struct hw_command *command, void *options, const char *word,
			struct words *words, struct hw_err *err)
{
	if (word[1] == '-')
		return parse_long(command, options, word, words, err);
	return parse_letters(command, options, word, words, err);
}

int hw_options_parse(const struct hw_command *command, void *options, int argc, char **argv,
		     int *operand_count, char ***operands, struct hw_err *err)
{
	struct words words = { .at = 1, .count = argc, .list = argv };
	int count = 0; /* of operands: they are moved to the front, over words that are done */

	while (words.at < argc) {
		char *word = argv[words.at];
		int result;

		if (word[0] != '-' || !word[1]) { /* "-" is an operand: stdin or stdout */
			if (!command->options_anywhere)
				break;
			argv[1 + count++] = word;
			words.at++;
			continue;
		}
		words.at++;
		if (strcmp(word, "--") == 0)
			break;
		result = parse_option(command, options, word, &words, err);
		if (result)
			return result;
	}
	while (words.at < argc)
		argv[1 + count++] = argv[words.at++];
	if (count < argc - 1)
		argv[1 + count] = NULL;
	*operand_count = count;
	*operands = argv + 1;
	return 0;
}

void hw_options_fini(const struct hw_command *command, void *options)
{
	for (size_t i = 0; i < command->option_count; i++) {
		struct hw_texts *texts = (void *)((char *)options + command->options[i].offset);

		if (command->options[i].type == HW_OPT_TEXTS)
			hw_vec_fini(&texts->list);
	}
}

/* --- --help and the manual ------------------------------------------------------------------------- */

/* Columns of the option itself, before its text. */
#define HELP_INDENT 26
#define HELP_WIDTH_MIN 40

static void print_option(struct hw_buf *out, const struct hw_option *option, bool with_letter, unsigned width)
{
	const size_t start = out->size;
	const size_t indent = width >= HELP_INDENT * 2 ? HELP_INDENT : 8;
	size_t used;

	if (with_letter)
		hw_buf_printf(out, "  -%c, --%s", option->letter, option->name);
	else
		hw_buf_printf(out, "      --%s", option->name);
	if (option->argument)
		hw_buf_printf(out, option->type == HW_OPT_OPTIONAL_TEXT ? "[=%s]" : " %s", option->argument);
	used = out->size - start;
	if (used + 2 > indent) {
		hw_buf_text(out, "\n");
		used = 0;
	}
	hw_buf_printf(out, "%*s", (int)(indent - used), "");
	hw_wrap_print(out, option->help, indent, indent, width);
}

void hw_options_help(struct hw_buf *out, const struct hw_command *command, unsigned width)
{
	const char *form = command->usage;

	if (width < HELP_WIDTH_MIN)
		width = HELP_WIDTH_MIN;
	for (const char *lead = "Usage: "; *form; lead = "       ") {
		const size_t length = strcspn(form, "\n");

		hw_buf_printf(out, "%shwprof %s %.*s\n", lead, command->name, (int)length, form);
		form += length;
		form += *form == '\n';
	}
	hw_buf_text(out, "\n");
	hw_wrap_print(out, command->summary, 0, 0, width);
	hw_buf_text(out, "\nOptions:\n");
	for (size_t i = 0; i <= command->option_count; i++) {
		const struct hw_option *option = option_at(command, i);

		print_option(out, option, option == &help_option ? help_has_letter(command) : option->letter,
			     width);
	}
}

/* Text as roff input: backslashes escaped, hyphens that begin an option kept as the ASCII character (man(7)
 * would print a typographic one, which cannot be pasted), one line per MAN_WIDTH columns. */
#define MAN_WIDTH 78

static void print_roff(struct hw_buf *out, const char *text)
{
	char before = ' ';

	for (const char *p = text; *p; before = *p++) {
		if (*p == '\\')
			hw_buf_text(out, "\\e");
		else if (*p == '-' && !isalnum((unsigned char)before))
			hw_buf_text(out, "\\-");
		else
			hw_buf_add(out, p, 1);
	}
}

static void print_roff_lines(struct hw_buf *out, const char *text)
{
	struct hw_buf roff = { 0 };
	struct hw_buf lines = { 0 };
	const char *at;

	print_roff(&roff, text);
	hw_wrap_print(&lines, hw_buf_str(&roff), 0, 0, MAN_WIDTH);
	for (at = hw_buf_str(&lines); *at; at += strcspn(at, "\n") + 1) {
		if (*at == '.' || *at == '\'') /* would be a macro */
			hw_buf_text(out, "\\&");
		hw_buf_add(out, at, strcspn(at, "\n") + 1);
	}
	hw_buf_fini(&roff);
	hw_buf_fini(&lines);
}

void hw_options_man(struct hw_buf *out, const struct hw_command *command)
{
	for (size_t i = 0; i <= command->option_count; i++) {
		const struct hw_option *option = option_at(command, i);

		hw_buf_text(out, ".TP\n");
		if (option == &help_option ? help_has_letter(command) : option->letter)
			hw_buf_printf(out, "\\fB\\-%c\\fR, ", option->letter);
		hw_buf_text(out, "\\fB\\-\\-");
		for (const char *p = option->name; *p; p++)
			hw_buf_printf(out, *p == '-' ? "\\-" : "%c", *p);
		hw_buf_text(out, "\\fR");
		if (option->argument)
			hw_buf_printf(out,
				      option->type == HW_OPT_OPTIONAL_TEXT ? "[=\\fI%s\\fR]" : " \\fI%s\\fR",
				      option->argument);
		hw_buf_text(out, "\n");
		print_roff_lines(out, option->help);
	}
}
