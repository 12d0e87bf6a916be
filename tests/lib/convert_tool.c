/* Read a profile of any format and write it in the format of the output's ending: convert_tool IN OUT. For tests/peers:
 * what comes out is to say the same to other readers. */
#include "format/format.h"

static int convert(const char *in, const char *out, struct hw_err *err)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_format_read(in, err);
	HW_AUTO(hw_output_fini) struct hw_output output = { .fd = -1 };
	const struct hw_format *format = hw_format_of_path(out);

	if (!profile)
		return -1;
	if (!format)
		return hw_err_set(err, HW_ERR_USAGE, "no format has the ending of '%s'", out);
	if (hw_output_open(&output, out, err) < 0 || hw_format_write(&output, format, profile, err) < 0)
		return -1;
	return hw_output_commit(&output, err);
}

int main(int argc, char **argv)
{
	struct hw_err err = { 0 };

	if (argc != 3) {
		fprintf(stderr, "usage: convert_tool IN OUT\n");
		return 2;
	}
	if (convert(argv[1], argv[2], &err) < 0) {
		fprintf(stderr, "convert_tool: %s\n", err.message);
		return 1;
	}
	return 0;
}
