/* The command to profile: forked, held before its exec until counters are open on it. */
#ifndef HW_RECORD_CHILD_H
#define HW_RECORD_CHILD_H

#include "base/err.h"

#include <signal.h>
#include <sys/types.h>

struct hw_child {
	pid_t pid;
	int go_fd;   /* closing it lets the child exec; -1 afterwards */
	int exec_fd; /* the child writes errno here when exec fails; closed by a successful exec */
};

/* Fork argv[0] with its arguments; it waits, sharing our terminal, descriptors, working folder and process group.
 * mask: the signal mask it shall have. (SIGCHLD, which we need at its default, is as we found it in the child.) It starts nothing until hw_child_exec, and ends when we die before that. */
int hw_child_start(struct hw_child *child, char **argv, const sigset_t *mask, struct hw_err *err) HW_CHECKED;

/* Let it exec, and learn how that went: -1 with HW_ERR_EXEC_ABSENT or HW_ERR_EXEC_FOUND, the child being gone. */
int hw_child_exec(struct hw_child *child, const char *name, struct hw_err *err) HW_CHECKED;

/* End a child that was not let go. Accepts a zeroed child. */
void hw_child_fini(struct hw_child *child);

#endif
