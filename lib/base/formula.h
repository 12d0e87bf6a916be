/* Formulas of metrics: "1000 * l2-misses / instructions". */
#ifndef HW_BASE_FORMULA_H
#define HW_BASE_FORMULA_H

#include "base/err.h"

#include <stddef.h>

/*	sum     = product *( ("+" | "-") product )
 *	product = factor *( ("*" | "/") factor )
 *	factor  = NUMBER | NAME | "-" factor | "(" sum ")" | ("min" | "max") "(" sum "," sum ")"
 *
 * NAME is letters, digits and _ . : with '-' between two of these ("branch-misses"; a minus stands between spaces), or
 * any text in single quotes ('cpu/event=0x3c/'). */
struct hw_formula; /* lib/base/formula.c */

/* Parse a text of at most 1,000 bytes, 64 different names and 64 levels. NULL with HW_ERR_FORMAT, saying where. */
struct hw_formula *hw_formula_parse(const char *text, struct hw_err *err) HW_CHECKED;
void hw_formula_free(struct hw_formula *formula);

/* The different names in it, in order of their first use. Borrowed. */
size_t hw_formula_variable_count(const struct hw_formula *formula);
const char *hw_formula_variable(const struct hw_formula *formula, size_t index);

/* Its value with variable i being values[i]; NaN where it divides by zero. */
double hw_formula_value(const struct hw_formula *formula, const double *values);

/* Standard error of the value, the variables being independent with these variances: the delta method with exact
 * derivatives. NaN where the value is. */
double hw_formula_error(const struct hw_formula *formula, const double *values, const double *variances);

#endif
