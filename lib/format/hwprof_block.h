/* What only hwprof says in a pprof file: the block of hwprof.proto, and the same facts in words as comments. */
#ifndef HW_FORMAT_HWPROF_BLOCK_H
#define HW_FORMAT_HWPROF_BLOCK_H

#include "base/buf.h"
#include "base/err.h"
#include "profile/profile.h"

#include <stdbool.h>

/* Is this string_table entry a block? */
bool hw_block_probe(const char *text);

/* Append the string_table entry that holds the profile's recording, quality and metrics; nothing when they say
 * nothing. */
int hw_block_encode(struct hw_buf *out, const struct hw_profile *profile, struct hw_err *err) HW_CHECKED;

/* Restore what hw_block_encode wrote into a profile whose recording, quality and metrics are empty. A metric with
 * fewer or more sample types than variables is left out, with a note. HW_ERR_FORMAT when the block is damaged. */
int hw_block_decode(struct hw_profile *profile, const char *text, struct hw_err *err) HW_CHECKED;

/* Append the facts for people, one comment a line, "" when there are none. */
void hw_block_print(struct hw_buf *out, const struct hw_recording *recording,
		    const struct hw_quality *quality);

#endif
