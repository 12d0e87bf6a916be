/* What `report --quality` shows below the header's line: how far the numbers can be trusted, in sections. The JSON report
 * has the same facts as members of "quality", always.
 *
 * A section is two functions, in a file of its own, that add its lines or its members from the view's profile, and
 * nothing when the recording does not know; they go into the table in quality_block.c. Lines are in the form of this
 * one: a heading in HW_INK_HEADING padded to HW_LABEL_WIDTH columns, a sentence, then table rows indented below. */
#ifndef HW_REPORT_QUALITY_BLOCK_H
#define HW_REPORT_QUALITY_BLOCK_H

#include "base/json.h"
#include "profile/unnamed.h"
#include "report/style.h"
#include "report/view.h"

/* What the sections are made from. */
struct hw_quality_facts {
	const struct hw_view *view;
	struct hw_unnamed unnamed; /* of the view's values */
};

void hw_quality_facts_init(struct hw_quality_facts *facts, const struct hw_view *view);
void hw_quality_facts_fini(struct hw_quality_facts *facts);

/* Every section, as text; in full, however narrow the terminal. */
void hw_quality_block_print(struct hw_buf *out, const struct hw_quality_facts *facts,
			    const struct hw_style *style);
/* The members of every section, into an object that is open. */
void hw_quality_block_json(struct hw_json *json, const struct hw_quality_facts *facts);

#endif
