/* Showing a long text: through the user's pager on a terminal, else straight to stdout. */
#ifndef HW_CMD_PAGER_H
#define HW_CMD_PAGER_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* Write text to stdout; through $PAGER (default "less -FRX"; "cat" or an empty one is none) when paging is allowed,
 * stdout is a terminal, and the text has more lines than it. A pager that cannot be started is done without. A reader
 * that has gone away (`| head`) ends this process by SIGPIPE, quietly, as it would any filter.
 * -1 with HW_ERR_OUTPUT when the text cannot be written. */
int hw_pager_show(const struct hw_buf *text, bool paging, struct hw_err *err) HW_CHECKED;

#endif
