/* How the frames of a recording were found, and where the stacks stopped that do not reach their root. */
#ifndef HW_REPORT_STACK_QUALITY_H
#define HW_REPORT_STACK_QUALITY_H

#include "report/quality_block.h"

/* The section of the quality block: a line each for stacks and frames, and a row for each cause and file. */
void hw_stack_quality_print(struct hw_buf *out, const struct hw_quality_facts *facts,
			    const struct hw_style *style);
void hw_stack_quality_json(struct hw_json *json, const struct hw_quality_facts *facts);

#endif
