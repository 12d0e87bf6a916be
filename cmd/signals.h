/* Signals while a command waits: taken between other things, so that nothing is interrupted. */
#ifndef HW_CMD_SIGNALS_H
#define HW_CMD_SIGNALS_H

#include "base/err.h"
#include "base/file.h"

#include <signal.h>
#include <stdbool.h>

/* Have the signals that end programs, and SIGUSR1 and 2, come through *fd (signalfd), except those that are ignored.
 * SIGPIPE and SIGXFSZ are blocked, too: a closed pipe and a file above its limit shall be errors of write. old_mask:
 * signals as we found them, which is what a launched command shall have. */
int signals_take(int *fd, sigset_t *old_mask, struct hw_err *err) HW_CHECKED;

/* The same, and open what is written to: no signal leaves a temporary file behind, and Ctrl-C ends the wait for a named
 * pipe's reader. */
int signals_take_and_open(int *fd, sigset_t *old_mask, struct hw_output *output, const char *path,
			  struct hw_err *err) HW_CHECKED;

/* Everything as it was. Nothing happens when *fd is -1, which it is afterwards. */
void signals_release(int *fd, const sigset_t *old_mask);

/* The number of the next signal, 0 when none waits. *from_terminal: the terminal sent it, to a command we run as well. */
int signals_next(int fd, bool *from_terminal);

#endif
