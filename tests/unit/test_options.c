#include "options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct sample_options {
	bool user, kernel;
	const char *output;
	struct hw_texts events;
	uint64_t count, freq_hz, duration_ns, stack_bytes;
};

#define FIELD(name) offsetof(struct sample_options, name)

static const struct hw_option table[] = {
	{ "event", 'e', "EVENT", HW_OPT_TEXTS, FIELD(events), "what to sample; may be given several times" },
	{ "freq", 'F', "HZ", HW_OPT_FREQ, FIELD(freq_hz), "samples per second and CPU" },
	{ "count", 'c', "N", HW_OPT_U64, FIELD(count), "events between two samples" },
	{ "duration", 0, "TIME", HW_OPT_DURATION, FIELD(duration_ns), "end after this time, such as 10s" },
	{ "stack-size", 0, "SIZE", HW_OPT_SIZE, FIELD(stack_bytes), "bytes of stack to copy" },
	{ "output", 'o', "FILE", HW_OPT_TEXT, FIELD(output), "where to write; '-' is stdout" },
	{ "user", 'u', NULL, HW_OPT_FLAG, FIELD(user), "user code only" },
	{ "kernel", 'k', NULL, HW_OPT_FLAG, FIELD(kernel), "kernel code only" },
};

static const struct hw_command command = {
	.name = "sample",
	.summary = "take samples",
	.usage = "[OPTIONS] -- COMMAND [ARGUMENT...]\n[OPTIONS] -p PID",
	.options = table,
	.option_count = HW_COUNT_OF(table),
	.options_size = sizeof(struct sample_options),
};

struct parsed {
	struct sample_options options;
	int operand_count;
	char **operands;
	int result;
	struct hw_err err;
};

/* argv is words after the command's name, NULL-terminated. */
static struct parsed parse_as(const struct hw_command *as, const char *const *words)
{
	static char *argv[32];
	struct parsed p = { .operand_count = -1 };
	int argc = 0;

	argv[argc++] = (char *)"sample";
	for (; *words; words++)
		argv[argc++] = (char *)*words;
	argv[argc] = NULL;
	p.result = hw_options_parse(as, &p.options, argc, argv, &p.operand_count, &p.operands, &p.err);
	return p;
}

#define PARSE(...) parse_as(&command, (const char *const[]){ __VA_ARGS__, NULL })

static void assert_refused(struct parsed p, const char *message, const char *hint)
{
	assert_int_equal(p.result, -1);
	assert_int_equal(p.err.kind, HW_ERR_USAGE);
	assert_string_equal(p.err.message, message);
	assert_string_equal(p.err.hint, hint);
	hw_options_fini(&command, &p.options);
}

/* A value may follow its option after '=', as the next word, or right behind the letter. */
static void values_attach_in_four_ways(void **state)
{
	static const char *const forms[][3] = {
		{ "--freq=997", NULL }, { "--freq", "997", NULL }, { "-F997", NULL }, { "-F", "997", NULL }
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(forms); i++) {
		const struct parsed p = parse_as(&command, forms[i]);

		assert_int_equal(p.result, 0);
		assert_int_equal(p.options.freq_hz, 997);
		assert_int_equal(p.operand_count, 0);
		assert_null(p.operands[0]);
	}
}

/* Flags may share one dash, the last letter of the word may take a value. */
static void letters_bundle(void **state)
{
	const struct parsed p = PARSE("-ukc", "5", "-uo-");

	(void)state;
	assert_int_equal(p.result, 0);
	assert_true(p.options.user);
	assert_true(p.options.kernel);
	assert_int_equal(p.options.count, 5);
	assert_string_equal(p.options.output, "-");
}

/* Numbers carry their units. */
static void values_have_units(void **state)
{
	const struct parsed p = PARSE("--duration", "200ms", "--stack-size=32KiB", "-F4k");

	(void)state;
	assert_int_equal(p.result, 0);
	assert_int_equal(p.options.duration_ns, 200000000);
	assert_int_equal(p.options.stack_bytes, 32768);
	assert_int_equal(p.options.freq_hz, 4000);
}

/* TEXTS keep every value in order, TEXT the last. */
static void repeated_options_add_or_replace(void **state)
{
	struct parsed p = PARSE("-e", "cycles", "--event=cpu-clock:u", "-efaults", "-o", "a", "-o", "b");

	(void)state;
	assert_int_equal(p.result, 0);
	assert_int_equal(p.options.events.list.count, 3);
	assert_string_equal(p.options.events.list.at[0], "cycles");
	assert_string_equal(p.options.events.list.at[1], "cpu-clock:u");
	assert_string_equal(p.options.events.list.at[2], "faults");
	assert_string_equal(p.options.output, "b");
	hw_options_fini(&command, &p.options);
	assert_int_equal(p.options.events.list.count, 0);
}

/* Options end at the first operand: what follows belongs to the command to run. */
static void the_first_operand_ends_options(void **state)
{
	const struct parsed p = PARSE("-u", "make", "-k", "--freq=1");

	(void)state;
	assert_int_equal(p.result, 0);
	assert_false(p.options.kernel);
	assert_int_equal(p.options.freq_hz, 0);
	assert_int_equal(p.operand_count, 3);
	assert_string_equal(p.operands[0], "make");
	assert_string_equal(p.operands[2], "--freq=1");
	assert_null(p.operands[3]);
}

/* "--" ends options too, is not an operand itself, and a second one is. */
static void double_dash_ends_options(void **state)
{
	const struct parsed p = PARSE("-u", "--", "-k", "--");

	(void)state;
	assert_int_equal(p.result, 0);
	assert_false(p.options.kernel);
	assert_int_equal(p.operand_count, 2);
	assert_string_equal(p.operands[0], "-k");
	assert_string_equal(p.operands[1], "--");
}

/* "-" alone is an operand: stdin. */
static void a_lone_dash_is_an_operand(void **state)
{
	const struct parsed p = PARSE("-");

	(void)state;
	assert_int_equal(p.result, 0);
	assert_int_equal(p.operand_count, 1);
	assert_string_equal(p.operands[0], "-");
}

/* A command that runs no other takes options behind its operands too, up to "--". */
static void options_may_follow_operands(void **state)
{
	struct hw_command anywhere = command;
	struct parsed p;

	(void)state;
	anywhere.options_anywhere = true;
	p = parse_as(&anywhere,
		     (const char *const[]){ "a", "-u", "-", "-F", "9", "b", "--", "-k", "c", NULL });
	assert_int_equal(p.result, 0);
	assert_true(p.options.user);
	assert_false(p.options.kernel);
	assert_int_equal(p.options.freq_hz, 9);
	assert_int_equal(p.operand_count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(p.operands[i], ((const char *const[]){ "a", "-", "b", "-k", "c" })[i]);
	assert_null(p.operands[5]);
	p = parse_as(&anywhere, (const char *const[]){ "a", "--help", NULL });
	assert_int_equal(p.result, 1);
	p = parse_as(&anywhere, (const char *const[]){ "a", "b", NULL });
	assert_int_equal(p.operand_count, 2);
	assert_null(p.operands[2]);
}

/* Where a value may be left out, only "=" gives one: the next word is another. */
static void values_may_be_optional(void **state)
{
	static const struct hw_option colors[] = {
		{ "color", 'C', "WHEN", HW_OPT_OPTIONAL_TEXT, FIELD(output), "colours" },
		{ "user", 'u', NULL, HW_OPT_FLAG, FIELD(user), "user code only" },
	};
	const struct hw_command optional = {
		.name = "colors", .options = colors, .option_count = 2, .options_anywhere = true
	};
	struct parsed p;

	(void)state;
	p = parse_as(&optional, (const char *const[]){ "--color", "red", NULL });
	assert_string_equal(p.options.output, "");
	assert_string_equal(p.operands[0], "red");
	assert_string_equal(parse_as(&optional, (const char *const[]){ "--color=red", NULL }).options.output,
			    "red");
	p = parse_as(&optional, (const char *const[]){ "-C", "-u", NULL });
	assert_string_equal(p.options.output, "");
	assert_true(p.options.user);
	assert_null(parse_as(&optional, (const char *const[]){ "x", NULL }).options.output);
}

/* A long option may be cut short while only one begins so; --help may too. */
static void long_options_abbreviate(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--dur=1s").options.duration_ns, 1000000000);
	assert_int_equal(PARSE("--hel").result, 1);
	assert_int_equal(PARSE("-uh").result, 1);
	assert_int_equal(PARSE("--help", "--nonsense").result, 1);
}

static const struct hw_option similar[] = {
	{ "by", 0, "KEY", HW_OPT_TEXT, 0, "x" },
	{ "by-thread", 0, "KEY", HW_OPT_TEXT, 8, "x" },
	{ "by-line", 'h', "KEY", HW_OPT_TEXT, 16, "x" },
};
static const struct hw_command similar_command = { .name = "s", .options = similar, .option_count = 3 };

/* An exact name wins over longer ones that begin with it; a beginning that fits two names both of them. */
static void an_exact_name_wins_and_two_fits_are_an_error(void **state)
{
	char *exact[] = { (char *)"s", (char *)"--by=x", NULL };
	char *both[] = { (char *)"s", (char *)"--by-=x", NULL };
	const char *values[3] = { NULL };
	struct hw_err err = { 0 };
	char **operands;
	int count;

	(void)state;
	assert_int_equal(hw_options_parse(&similar_command, values, 2, exact, &count, &operands, &err), 0);
	assert_string_equal(values[0], "x");
	assert_null(values[1]);
	assert_int_equal(hw_options_parse(&similar_command, values, 2, both, &count, &operands, &err), -1);
	assert_string_equal(err.message, "option '--by-' may mean '--by-thread' or '--by-line'");
}

/* A command that uses -h for something keeps it; --help stays. */
static void a_command_may_own_the_letter_h(void **state)
{
	char *letter[] = { (char *)"s", (char *)"-hx", NULL };
	const char *values[3] = { NULL };
	struct hw_buf help = { 0 };
	char **operands;
	int count;

	(void)state;
	assert_int_equal(hw_options_parse(&similar_command, values, 2, letter, &count, &operands, NULL), 0);
	assert_string_equal(values[2], "x");
	hw_options_help(
		&help,
		&(struct hw_command){
			.name = "s", .usage = "", .summary = "", .options = similar, .option_count = 3 },
		80);
	assert_non_null(strstr(hw_buf_str(&help), "      --help"));
	hw_buf_fini(&help);
}

/* Each refusal names the option, the value and the accepted form. */
static void errors_name_option_value_and_form(void **state)
{
	(void)state;
	assert_refused(PARSE("--frq=1"), "unknown option '--frq'",
		       "did you mean '--freq'? 'hwprof sample --help' lists all");
	assert_refused(PARSE("--zzzzzz"), "unknown option '--zzzzzz'",
		       "'hwprof sample --help' lists the options");
	assert_refused(PARSE("-ux"), "unknown option '-x'", "'hwprof sample --help' lists the options");
	assert_refused(PARSE("-xx"), "unknown option '-x'", "'hwprof sample --help' lists the options");
	assert_refused(PARSE("-\033[2J"), "unknown option '-\\x1b'",
		       "'hwprof sample --help' lists the options");
	assert_refused(PARSE("--user=yes"), "option '--user' takes no value", "");
	assert_refused(PARSE("-F"), "option '-F' needs a value: -F HZ", "");
	assert_refused(PARSE("--output", "--", "x"), "option '--output' needs a value: --output FILE", "");
	assert_refused(PARSE("-c", "-5"), "option '-c': '-5' is not a whole number", "");
	assert_refused(PARSE("--count="), "option '--count': '' is not a whole number", "");
	assert_refused(PARSE("-F", "fast"),
		       "option '-F': 'fast' is not a frequency such as 99, 997 or 4k (samples per second)",
		       "");
	assert_refused(PARSE("-e", "x", "--duration", "soon"),
		       "option '--duration': 'soon' is not a duration such as 10s, 1.5s, 200ms, 2m or 1h",
		       "");
	assert_refused(PARSE("--=5"), "unknown option '--'", "'hwprof sample --help' lists the options");
}

/* -duration for --duration is told from a bundle of letters. */
static void one_dash_too_few_is_seen(void **state)
{
	(void)state;
	assert_refused(PARSE("-duration", "1s"), "unknown option '-d'", "did you mean '--duration'?");
}

/* The text of --help, whole, at 80 columns. */
static void help_is_laid_out(void **state)
{
	struct hw_buf help = { 0 };

	(void)state;
	hw_options_help(&help, &command, 80);
	assert_string_equal(hw_buf_str(&help),
			    "Usage: hwprof sample [OPTIONS] -- COMMAND [ARGUMENT...]\n"
			    "       hwprof sample [OPTIONS] -p PID\n"
			    "\n"
			    "take samples\n"
			    "\n"
			    "Options:\n"
			    "  -e, --event EVENT       what to sample; may be given several times\n"
			    "  -F, --freq HZ           samples per second and CPU\n"
			    "  -c, --count N           events between two samples\n"
			    "      --duration TIME     end after this time, such as 10s\n"
			    "      --stack-size SIZE   bytes of stack to copy\n"
			    "  -o, --output FILE       where to write; '-' is stdout\n"
			    "  -u, --user              user code only\n"
			    "  -k, --kernel            kernel code only\n"
			    "  -h, --help              show this text\n");
	hw_buf_fini(&help);
}

/* No line of --help is wider than the terminal, down to the least width, as long as words fit. */
static void help_wraps_to_the_width(void **state)
{
	(void)state;
	for (unsigned width = 40; width < 120; width++) {
		struct hw_buf help = { 0 };
		const char *line;

		hw_options_help(&help, &command, width);
		line = strstr(hw_buf_str(&help), "Options:");
		assert_non_null(line);
		for (; *line; line += strcspn(line, "\n") + 1)
			assert_true(strcspn(line, "\n") <= width);
		hw_buf_fini(&help);
	}
}

/* The manual's macros: options with real hyphens, nothing in a help text read as a macro or an escape. */
static void manual_text_is_escaped(void **state)
{
	static const struct hw_option odd = { "no-x",	   0, "WORD",
					      HW_OPT_TEXT, 0, ".start, a\\b, -q and well-known" };
	struct hw_buf man = { 0 };

	(void)state;
	hw_options_man(&man, &(struct hw_command){ .name = "s", .options = &odd, .option_count = 1 });
	assert_string_equal(hw_buf_str(&man), ".TP\n"
					      "\\fB\\-\\-no\\-x\\fR \\fIWORD\\fR\n"
					      "\\&.start, a\\eb, \\-q and well-known\n"
					      ".TP\n"
					      "\\fB\\-h\\fR, \\fB\\-\\-help\\fR\n"
					      "show this text\n");
	hw_buf_fini(&man);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_attach_in_four_ways),
		cmocka_unit_test(letters_bundle),
		cmocka_unit_test(values_have_units),
		cmocka_unit_test(repeated_options_add_or_replace),
		cmocka_unit_test(the_first_operand_ends_options),
		cmocka_unit_test(double_dash_ends_options),
		cmocka_unit_test(a_lone_dash_is_an_operand),
		cmocka_unit_test(options_may_follow_operands),
		cmocka_unit_test(values_may_be_optional),
		cmocka_unit_test(long_options_abbreviate),
		cmocka_unit_test(an_exact_name_wins_and_two_fits_are_an_error),
		cmocka_unit_test(a_command_may_own_the_letter_h),
		cmocka_unit_test(errors_name_option_value_and_form),
		cmocka_unit_test(one_dash_too_few_is_seen),
		cmocka_unit_test(help_is_laid_out),
		cmocka_unit_test(help_wraps_to_the_width),
		cmocka_unit_test(manual_text_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
