/* Folded stacks (Brendan Gregg's stackcollapse): "main;parse;read 42", one stack per line, root first. */
#ifndef HW_FORMAT_FOLDED_H
#define HW_FORMAT_FOLDED_H

#include "format/format.h"

extern const struct hw_format hw_format_folded;

/* Is the first line that is not empty and no comment text and a space and a number? */
bool hw_folded_probe(const void *data, size_t size);

/* Lines are "FRAMES COUNT" with LF or CRLF, the last one's may be missing; empty lines are skipped, and
 * comments ("# ..." or "#..." without a count) become comments of the profile. Frames become functions without file or address, one without a name "[unknown]"; the sample type is samples/count.
 * HW_ERR_FORMAT names the first line that is no such line. */
struct hw_profile *hw_folded_decode(const void *data, size_t size, struct hw_err *err);

/* Append a line per distinct run of names, in their order (strcmp of the frames from the root), with the sum of
 * the default sample type over all labels and addresses; nothing for a sum of 0. Inlined functions are frames;
 * code without a symbol is "[file]" or "[unknown]". In names, ';' becomes ':' and control characters \xNN; so
 * does a '#' that would make a comment.
 * HW_ERR_OUTPUT for a sum below 0, which the format cannot hold. */
int hw_folded_encode(struct hw_buf *out, const struct hw_profile *profile, struct hw_err *err);

#endif
