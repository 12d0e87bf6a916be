/* The command that was run, in one text. */
#ifndef HW_CMD_COMMAND_LINE_H
#define HW_CMD_COMMAND_LINE_H

/* Words with spaces between them, those that a shell would split quoted. NULL-terminated, at least one; the caller frees
 * the text. */
char *command_line_join(char **words);

#endif
