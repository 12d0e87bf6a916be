/* hw_folded_decode on hostile text. What it accepts has to be sound; written, read and written again it is the same. */
#include "format/folded.h"
#include "profile/check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_twice(const struct hw_profile *profile)
{
	HW_AUTO(hw_buf_fini) struct hw_buf once = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf twice = { 0 };
	HW_AUTO(hw_profile_freep) struct hw_profile *again = NULL;
	struct hw_err err = { 0 };

	if (hw_folded_encode(&once, profile, &err) < 0)
		abort();
	if (!once.size) /* all counts are 0 */
		return;
	again = hw_folded_decode(once.data, once.size, &err);
	if (!again || hw_folded_encode(&twice, again, &err) < 0)
		abort();
	if (once.size != twice.size || memcmp(once.data, twice.data, once.size) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = NULL;
	struct hw_err err = { 0 };

	(void)hw_folded_probe(data, size);
	profile = hw_folded_decode(data, size, &err);
	if (!profile && !err.message[0])
		abort();
	if (!profile)
		return 0;
	if (hw_profile_check(profile, &err) < 0)
		abort();
	write_twice(profile);
	return 0;
}
