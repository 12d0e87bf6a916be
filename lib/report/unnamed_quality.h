/* How much of a report is code without function names, in which files, and what would help. */
#ifndef HW_REPORT_UNNAMED_QUALITY_H
#define HW_REPORT_UNNAMED_QUALITY_H

#include "report/quality_block.h"

/* More than this share of the samples taken in such code is worth a warning. */
#define HW_UNNAMED_SHARE 0.01

/* One sentence, with the file that has most of it and what would help: "20.20% of cycles is in functions without a name,
 * 19.00% in libx.so.1: sudo apt install libx1-dbgsym". NULL below HW_UNNAMED_SHARE; owned by the caller. */
char *hw_unnamed_quality_warning(const struct hw_quality_facts *facts);

/* The section of the quality block: a line, and a row for each file. */
void hw_unnamed_quality_print(struct hw_buf *out, const struct hw_quality_facts *facts,
			      const struct hw_style *style);
void hw_unnamed_quality_json(struct hw_json *json, const struct hw_quality_facts *facts);

#endif
