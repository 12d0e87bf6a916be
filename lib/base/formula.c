#include "base/formula.h"

#include "base/vec.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <strings.h>

#define TEXT_MAX 1000
#define NAMES_MAX 64
#define DEPTH_MAX 64

enum kind { NUMBER, VARIABLE, NEGATE, ADD, SUBTRACT, MULTIPLY, DIVIDE, MIN, MAX };

/* One step of the computation; its operands are earlier steps. Each takes at least a byte of the text, so that there
 * are at most TEXT_MAX. */
struct node {
	enum kind kind;
	uint16_t left, right; /* steps; of a variable: left is its index */
	double number;
};

struct hw_formula {
	HW_VEC(struct node) nodes; /* in the order of computing; the last is the value */
	HW_VEC(char *) names;
};

/* --- Reading --------------------------------------------------------------------------------------- */

struct parser {
	struct hw_formula *formula;
	const char *text;
	const char *at;
	unsigned depth;
	struct hw_err *err;
};

static int fail(const struct parser *p, const char *what)
{
	return hw_err_set(p->err, HW_ERR_FORMAT, "formula '%s': %s at byte %zu", p->text, what,
			  (size_t)(p->at - p->text) + 1);
}

static void skip_space(struct parser *p)
{
	while (*p->at == ' ' || *p->at == '\t')
		p->at++;
}

/* Is the next mark c? Then step over it. */
static bool take(struct parser *p, char c)
{
	skip_space(p);
	if (*p->at != c)
		return false;
	p->at++;
	return true;
}

/* Index of the step added. */
static int add_node(struct parser *p, enum kind kind, int left, int right)
{
	hw_vec_push(&p->formula->nodes,
		    (struct node){ .kind = kind, .left = (uint16_t)left, .right = (uint16_t)right });
	return (int)p->formula->nodes.count - 1;
}

/* All of these return the index of the step that has the value, or -1 with err. */
static int parse_sum(struct parser *p);

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.:", c));
}

static int parse_number(struct parser *p)
{
	char *end;
	const double number = strtod(p->at, &end);
	int node;

	if (is_name_char(*end) || strncasecmp(p->at, "0x", 2) == 0)
		return fail(p, "a malformed number");
	if (!isfinite(number))
		return fail(p, "a number too large");
	p->at = end;
	node = add_node(p, NUMBER, 0, 0);
	p->formula->nodes.at[node].number = number;
	return node;
}

static size_t name_length(const char *at)
{
	size_t length = 0;

	while (is_name_char(at[length]) || (at[length] == '-' && length && is_name_char(at[length + 1])))
		length++;
	return length;
}

static int add_variable(struct parser *p, const char *name, size_t length)
{
	struct hw_formula *formula = p->formula;
	size_t i;

	for (i = 0; i < formula->names.count; i++)
		if (strlen(formula->names.at[i]) == length && memcmp(formula->names.at[i], name, length) == 0)
			break;
	if (i == NAMES_MAX)
		return fail(p, "more than 64 different names");
	if (i == formula->names.count)
		hw_vec_push(&formula->names, hw_strndup(name, length));
	return add_node(p, VARIABLE, (int)i, 0);
}

static int parse_quoted(struct parser *p)
{
	const char *end = strchr(p->at + 1, '\'');
	int node;

	if (!end || end == p->at + 1)
		return fail(p, end ? "an empty name" : "a ' without its partner");
	node = add_variable(p, p->at + 1, (size_t)(end - p->at - 1));
	p->at = end + 1;
	return node;
}

/* "(" sum "," sum ")" */
static int parse_arguments(struct parser *p, enum kind kind)
{
	int left, right;

	p->at++;
	left = parse_sum(p);
	if (left < 0)
		return -1;
	if (!take(p, ','))
		return fail(p, "',' expected");
	right = parse_sum(p);
	if (right < 0)
		return -1;
	return take(p, ')') ? add_node(p, kind, left, right) : fail(p, "')' expected");
}

static int parse_name(struct parser *p)
{
	const size_t length = name_length(p->at);
	const char *name = p->at;
	int node;

	if (length == 3 && (memcmp(name, "min", 3) == 0 || memcmp(name, "max", 3) == 0)) {
		p->at += length;
		skip_space(p);
		if (*p->at == '(')
			return parse_arguments(p, memcmp(name, "min", 3) == 0 ? MIN : MAX);
		p->at = name;
	}
	node = add_variable(p, name, length);
	p->at = name + length;
	return node;
}

static int parse_factor(struct parser *p)
{
	int node;

	skip_space(p);
	if (*p->at == '-') {
		if (++p->depth > DEPTH_MAX)
			return fail(p, "nested too deeply");
		p->at++;
		node = parse_factor(p);
		p->depth--;
		return node < 0 ? -1 : add_node(p, NEGATE, node, 0);
	}
	if (*p->at == '(') {
		p->at++;
		node = parse_sum(p);
		if (node < 0)
			return -1;
		return take(p, ')') ? node : fail(p, "')' expected");
	}
	if (isdigit((unsigned char)*p->at))
		return parse_number(p);
	if (*p->at == '\'')
		return parse_quoted(p);
	if (isalpha((unsigned char)*p->at) || *p->at == '_')
		return parse_name(p);
	return fail(p, "a number, a name or '(' expected");
}

static int parse_product(struct parser *p)
{
	int left = parse_factor(p);

	while (left >= 0) {
		const enum kind kind = take(p, '*') ? MULTIPLY : take(p, '/') ? DIVIDE : NUMBER;
		int right;

		if (kind == NUMBER)
			return left;
		right = parse_factor(p);
		left = right < 0 ? -1 : add_node(p, kind, left, right);
	}
	return -1;
}

static int parse_sum(struct parser *p)
{
	int left;

	if (++p->depth > DEPTH_MAX)
		return fail(p, "nested too deeply");
	left = parse_product(p);
	while (left >= 0) {
		const enum kind kind = take(p, '+') ? ADD : take(p, '-') ? SUBTRACT : NUMBER;
		int right;

		if (kind == NUMBER)
			break;
		right = parse_product(p);
		left = right < 0 ? -1 : add_node(p, kind, left, right);
	}
	p->depth--;
	return left;
}

struct hw_formula *hw_formula_parse(const char *text, struct hw_err *err)
{
	struct hw_formula *formula;
	struct parser p = { .text = text, .at = text, .err = err };
	int result;

	if (strlen(text) > TEXT_MAX) {
		(void)hw_err_set(err, HW_ERR_FORMAT, "formula '%.32s...' is longer than %d bytes", text,
				 TEXT_MAX);
		return NULL;
	}
	formula = hw_alloc(1, sizeof *formula);
	p.formula = formula;
	result = parse_sum(&p);
	if (result >= 0 && *p.at)
		result = fail(&p, "an operator expected");
	if (result >= 0)
		return formula;
	hw_formula_free(formula);
	return NULL;
}

void hw_formula_free(struct hw_formula *formula)
{
	if (!formula)
		return;
	for (size_t i = 0; i < formula->names.count; i++)
		free(formula->names.at[i]);
	hw_vec_fini(&formula->names);
	hw_vec_fini(&formula->nodes);
	free(formula);
}

size_t hw_formula_variable_count(const struct hw_formula *formula)
{
	return formula->names.count;
}

const char *hw_formula_variable(const struct hw_formula *formula, size_t index)
{
	return formula->names.at[index];
}

/* --- Computing ------------------------------------------------------------------------------------- */

/* A value and its derivative by one variable (forward differentiation). */
struct dual {
	double value, slope;
};

static struct dual divide(struct dual a, struct dual b)
{
	if (b.value == 0)
		return (struct dual){ NAN, NAN };
	return (struct dual){ a.value / b.value, (a.slope - a.value / b.value * b.slope) / b.value };
}

/* Unlike fmin(3): nothing is smaller than what is not known. */
static struct dual smaller(struct dual a, struct dual b)
{
	if (isnan(a.value) || isnan(b.value))
		return (struct dual){ NAN, NAN };
	return b.value < a.value ? b : a;
}

static struct dual negative(struct dual a)
{
	return (struct dual){ -a.value, -a.slope };
}

static struct dual compute(const struct node *node, const struct dual *done, const double *values, size_t by)
{
	const struct dual a = node->kind > VARIABLE ? done[node->left] : (struct dual){ 0, 0 };
	const struct dual b = node->kind > NEGATE ? done[node->right] : (struct dual){ 0, 0 };

	switch (node->kind) {
	case NUMBER:
		return (struct dual){ node->number, 0 };
	case VARIABLE:
		return (struct dual){ values[node->left], node->left == by };
	case NEGATE:
		return negative(a);
	case ADD:
		return (struct dual){ a.value + b.value, a.slope + b.slope };
	case SUBTRACT:
		return (struct dual){ a.value - b.value, a.slope - b.slope };
	case MULTIPLY:
		return (struct dual){ a.value * b.value, a.slope * b.value + a.value * b.slope };
	case DIVIDE:
		return divide(a, b);
	case MIN:
		return smaller(a, b);
	case MAX:
		return negative(smaller(negative(a), negative(b)));
	}
	return (struct dual){ NAN, NAN };
}

/* The value, and its derivative by the variable of index by (none when there is no such). */
static struct dual evaluate(const struct hw_formula *formula, const double *values, size_t by)
{
	struct dual done[TEXT_MAX];
	struct dual last = { NAN, NAN };

	for (size_t i = 0; i < formula->nodes.count; i++)
		last = done[i] = compute(&formula->nodes.at[i], done, values, by);
	return isfinite(last.value) ? last : (struct dual){ NAN, NAN };
}

double hw_formula_value(const struct hw_formula *formula, const double *values)
{
	return evaluate(formula, values, SIZE_MAX).value;
}

double hw_formula_error(const struct hw_formula *formula, const double *values, const double *variances)
{
	double sum = isnan(hw_formula_value(formula, values)) ? NAN : 0;

	for (size_t i = 0; i < formula->names.count; i++) {
		const double slope = evaluate(formula, values, i).slope;

		sum += slope * slope * variances[i];
	}
	return sqrt(sum);
}
