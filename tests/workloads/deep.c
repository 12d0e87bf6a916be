/* deep [SECONDS [THREADS]]: many different stacks of 20 to 50 frames, 35 on average, without frame pointers. Each
 * thread (default 2) parses the same nested expression by recursive descent again and again, twelve levels of operators
 * to a parenthesis, and evaluates as it goes. */
#include "truth.h"

#include <pthread.h>

#define NESTING 2
#define TERMS 24
#define TEXT_SIZE 65536

struct parser {
	const char *at;
	uint64_t variables[26];
};

typedef uint64_t (*parse_fn)(struct parser *parser);

static KEPT uint64_t parse_comma(struct parser *parser);

static KEPT uint64_t parse_number(struct parser *parser)
{
	uint64_t value = 0;

	while (*parser->at >= '0' && *parser->at <= '9')
		value = value * 10 + (uint64_t)(*parser->at++ - '0');
	SPIN(value, 8)
	return value;
}

static KEPT uint64_t parse_atom(struct parser *parser)
{
	uint64_t value;

	if (*parser->at == '(') {
		parser->at++;
		value = parse_comma(parser);
		parser->at++; /* the other one */
		return value;
	}
	if (*parser->at >= 'a' && *parser->at <= 'z')
		return parser->variables[*parser->at++ - 'a'];
	return parse_number(parser);
}

static KEPT uint64_t parse_prefix(struct parser *parser)
{
	if (*parser->at == '~') {
		parser->at++;
		return ~parse_prefix(parser);
	}
	return parse_atom(parser);
}

/* A level of precedence: operands of the level below, joined by one operator. The frame holds some data, as real ones
 * do. */
#define LEVEL(name, below, sign, expression)                           \
	static KEPT uint64_t parse_##name(struct parser *parser)       \
	{                                                              \
		uint64_t seen[6] = { 0 };                              \
		uint64_t a = parse_##below(parser);                    \
                                                                       \
		for (unsigned i = 0; *parser->at == (sign); i++) {     \
			uint64_t b;                                    \
                                                                       \
			parser->at++;                                  \
			b = parse_##below(parser);                     \
			seen[i % 6] ^= b;                              \
			a = (expression);                              \
			__asm__ volatile("" : : "r"(seen) : "memory"); \
		}                                                      \
		return a ^ seen[a % 6];                                \
	}

LEVEL(product, prefix, '*', a *b)
LEVEL(rest, product, '%', b ? a % b : a)
LEVEL(sum, rest, '+', a + b)
LEVEL(difference, sum, '-', a - b)
LEVEL(shift, difference, '<', a << (b & 7))
LEVEL(and, shift, '&', a &b)
LEVEL(exclusive, and, '^', a ^ b)
LEVEL(or, exclusive, '|', a | b)
LEVEL(equal, or, '=', (uint64_t)(a == b))
LEVEL(choice, equal, '?', a ? b : ~b)
LEVEL(comma, choice, ',', a * 31 + b)

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static char *write_expression(char *text, uint64_t *state, int nesting)
{
	static const char signs[] = "*%+-<&^|=?,";
	const int operands = 2 + (int)(next_random(state) % 2);

	if (!nesting) {
		if (next_random(state) & 1)
			return text + sprintf(text, "%u", (unsigned)(next_random(state) % 1000));
		*text++ = (char)('a' + next_random(state) % 26);
		return text;
	}
	if (next_random(state) % 6 == 0)
		*text++ = '~';
	*text++ = '(';
	for (int i = 0; i < operands; i++) {
		if (i)
			*text++ = signs[next_random(state) % (sizeof signs - 1)];
		text = write_expression(text, state, nesting - 1);
	}
	*text++ = ')';
	return text;
}

static double seconds;

static KEPT uint64_t parse_text(struct parser *parser, const char *text)
{
	parser->at = text;
	return parse_comma(parser);
}

static KEPT void *parse_again_and_again(void *unused)
{
	const uint64_t stop_ns = thread_cpu_ns() + (uint64_t)(seconds * 1e9);
	uint64_t state = UINT64_C(88172645463325252);
	struct parser parser = { 0 };
	static __thread char text[TEXT_SIZE];
	char *end = text;
	uint64_t result = 0;

	(void)unused;
	for (int i = 0; i < 26; i++)
		parser.variables[i] = next_random(&state) % 100;
	for (int i = 0; i < TERMS; i++) {
		if (i)
			*end++ = '+';
		end = write_expression(end, &state, NESTING);
	}
	*end = '\0';
	while (thread_cpu_ns() < stop_ns)
		for (int i = 0; i < 100; i++)
			result = result * 31 + parse_text(&parser, text);
	return (void *)(uintptr_t)result;
}

int main(int argc, char **argv)
{
	const unsigned long threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 2;
	pthread_t thread[64];
	uint64_t result = 0;

	seconds = seconds_of(argc, argv, 5);
	if (!threads || threads > 64) {
		fprintf(stderr, "deep: '%s' is not a number of threads from 1 to 64\n", argv[2]);
		return 2;
	}
	for (unsigned long i = 0; i < threads; i++) {
		const int error = pthread_create(&thread[i], NULL, parse_again_and_again, NULL);

		if (error) {
			fprintf(stderr, "deep: cannot start a thread: %s\n", strerror(error));
			return 1;
		}
	}
	for (unsigned long i = 0; i < threads; i++) {
		void *value;

		pthread_join(thread[i], &value);
		result ^= (uint64_t)(uintptr_t)value;
	}
	printf("%llx\n", (unsigned long long)result);
	return 0;
}
