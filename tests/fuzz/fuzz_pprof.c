/* hw_pprof_decode on hostile files, gzip'd or not. What it accepts has to be sound, and written and read again the
 * same size. */
#include "format/pprof.h"
#include "profile/check.h"

#include <stdlib.h>

/* Inputs that decompress to much are slow, not wrong; the unit tests cover the limit. */
#define SIZE_MAX_BYTES ((size_t)1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct hw_profile *profile)
{
	HW_AUTO(hw_buf_fini) struct hw_buf file = { 0 };
	HW_AUTO(hw_profile_freep) struct hw_profile *again = NULL;
	struct hw_err err = { 0 };

	if (hw_pprof_encode(&file, profile, &err) < 0)
		abort();
	again = hw_pprof_decode(file.data, file.size, &err);
	if (!again || again->samples.count != profile->samples.count ||
	    again->locations.count != profile->locations.count ||
	    again->comments.count != profile->comments.count ||
	    again->quality.notes.count != profile->quality.notes.count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = NULL;
	struct hw_err err = { 0 };

	if (size > SIZE_MAX_BYTES)
		return 0;
	(void)hw_pprof_probe(data, size);
	profile = hw_pprof_decode(data, size, &err);
	if (!profile && !err.message[0])
		abort();
	if (!profile)
		return 0;
	if (hw_profile_check(profile, &err) < 0)
		abort();
	write_and_read(profile);
	return 0;
}
