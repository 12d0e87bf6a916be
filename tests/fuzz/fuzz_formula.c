/* Formulas, whatever the bytes: what parses has names, and a value and an error or none. */
#include "base/formula.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static void check_formula(const struct hw_formula *formula)
{
	double values[64], variances[64];
	double value, error;

	if (hw_formula_variable_count(formula) > 64)
		abort();
	for (size_t i = 0; i < hw_formula_variable_count(formula); i++) {
		if (!*hw_formula_variable(formula, i))
			abort();
		for (size_t j = 0; j < i; j++)
			if (strcmp(hw_formula_variable(formula, i), hw_formula_variable(formula, j)) == 0)
				abort();
		values[i] = (double)i;
		variances[i] = 1;
	}
	value = hw_formula_value(formula, values);
	error = hw_formula_error(formula, values, variances);
	if (isinf(value) || (isnan(value) && !isnan(error)) || error < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = hw_strndup(size ? (const char *)data : "", size);
	struct hw_err err = { 0 };
	struct hw_formula *formula = hw_formula_parse(text, &err);

	if (formula)
		check_formula(formula);
	else if (err.kind != HW_ERR_FORMAT || !*err.message)
		abort();
	hw_formula_free(formula);
	free(text);
	return 0;
}
