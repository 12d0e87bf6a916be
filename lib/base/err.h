/* What went wrong, on what, why, and what to do about it. Set where the failure happens; a caller adds only
 * what it alone knows; cmd/ prints it once. */
#ifndef HW_BASE_ERR_H
#define HW_BASE_ERR_H

#include "base/alloc.h"

/* The kind decides nothing but tests and the exit status. */
enum hw_err_kind {
	HW_ERR_NONE,
	HW_ERR_USAGE,	    /* the command line makes no sense */
	HW_ERR_INPUT,	    /* an input file cannot be opened or read */
	HW_ERR_FORMAT,	    /* bytes are not what their format says */
	HW_ERR_OUTPUT,	    /* the result cannot be written */
	HW_ERR_EVENT,	    /* an event is unknown or cannot be opened */
	HW_ERR_PERMISSION,  /* the kernel says no to this user */
	HW_ERR_TARGET,	    /* the process or thread to profile is not there */
	HW_ERR_EXEC_FOUND,  /* the command was found but cannot be run: exit status 126 */
	HW_ERR_EXEC_ABSENT, /* the command was not found: exit status 127 */
	HW_ERR_LIMIT,	    /* descriptors, locked memory, a size bound */
	HW_ERR_SYSTEM,	    /* any other failing system call */
};

struct hw_err {
	enum hw_err_kind kind;
	int sys_errno; /* of the failing system call, or 0 */
	char message[768];
	char hint[512]; /* what to do; may be empty */
};

/* Set the error and return -1, so that a failing function can `return hw_err_set(...)`. err may be NULL. */
int hw_err_set(struct hw_err *err, enum hw_err_kind kind, const char *format, ...) HW_PRINTF(3, 4);

/* The same for a failing system call: appends ": " and strerror(errno), and keeps errno. */
int hw_err_sys(struct hw_err *err, enum hw_err_kind kind, const char *format, ...) HW_PRINTF(3, 4);

/* Say what to do about it. Returns -1. */
int hw_err_hint(struct hw_err *err, const char *format, ...) HW_PRINTF(2, 3);

/* Put "context: " in front of the message. Returns -1. */
int hw_err_wrap(struct hw_err *err, const char *format, ...) HW_PRINTF(2, 3);

#endif
