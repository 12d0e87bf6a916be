/* One call of hwprof stat: runs, intervals, and the result. */
#ifndef HW_CMD_STAT_RUN_H
#define HW_CMD_STAT_RUN_H

#include "stat_plan.h"

/* Count as planned and print. Returns the exit status: the command's (of repeated runs the first that is not 0), else 0.
 * -1 with err. */
int stat_run(struct stat_plan *plan, struct hw_err *err) HW_CHECKED;

#endif
