#include "format/format.h"

#include "format/folded.h"
#include "format/gzip.h"
#include "format/pprof.h"

#include <inttypes.h>

#define INPUT_MAX_BYTES (UINT64_C(4) << 30)

/* folded comes first: its probe looks at a whole line, that of pprof sees some texts as protobuf. */
const struct hw_format *const hw_formats[] = { &hw_format_folded, &hw_format_pprof, NULL };

const struct hw_format *hw_format_find(const char *name)
{
	for (size_t i = 0; hw_formats[i]; i++)
		if (strcmp(hw_formats[i]->name, name) == 0)
			return hw_formats[i];
	return NULL;
}

static bool ends_with(const char *text, const char *ending)
{
	const size_t length = strlen(text);
	const size_t ending_length = strlen(ending);

	return length > ending_length && strcmp(text + length - ending_length, ending) == 0;
}

const struct hw_format *hw_format_of_path(const char *path)
{
	for (size_t i = 0; hw_formats[i]; i++)
		for (size_t k = 0; hw_formats[i]->endings[k]; k++)
			if (ends_with(path, hw_formats[i]->endings[k]))
				return hw_formats[i];
	return NULL;
}

/* Replace gzip'd bytes by their content. Others stay. */
static int decompress(struct hw_buf *bytes, struct hw_err *err)
{
	struct hw_buf content = { 0 };

	if (!hw_gzip_probe(hw_buf_str(bytes), bytes->size))
		return 0;
	if (hw_gzip_decompress(&content, bytes->data, bytes->size, INPUT_MAX_BYTES, err) < 0) {
		hw_buf_fini(&content);
		return -1;
	}
	hw_buf_fini(bytes);
	*bytes = content;
	return 0;
}

/* Nothing but printable characters and white space at the beginning? No pprof file is like that: the first field of each
 * sample type is the byte 8. */
static bool is_text(const struct hw_buf *bytes)
{
	for (size_t i = 0; i < bytes->size && i < 4096; i++) {
		const unsigned char c = (unsigned char)bytes->data[i];

		if ((c < 0x20 && !strchr("\t\n\v\f\r\033", c)) || c == 0x7f || !c)
			return false;
	}
	return true;
}

static struct hw_profile *decode_as(const struct hw_format *format, const struct hw_buf *bytes,
				    struct hw_err *err)
{
	struct hw_profile *profile = format->decode(bytes->data, bytes->size, err);

	/* Much text looks like the beginning of a pprof file, and then breaks off. */
	if (!profile && format == &hw_format_pprof && is_text(bytes)) {
		(void)hw_err_set(err, HW_ERR_FORMAT, "it is text, not a profile");
		(void)hw_err_hint(err, "the only text that hwprof reads is folded stacks: "
				       "lines such as 'main;parse;read 42'");
	}
	return profile;
}

static struct hw_profile *decode(const struct hw_buf *bytes, struct hw_err *err)
{
	if (bytes->size == 0) {
		(void)hw_err_set(err, HW_ERR_FORMAT, "the profile is empty");
		return NULL;
	}
	for (size_t i = 0; hw_formats[i]; i++)
		if (hw_formats[i]->decode && hw_formats[i]->probe(bytes->data, bytes->size))
			return decode_as(hw_formats[i], bytes, err);
	(void)hw_err_set(err, HW_ERR_FORMAT, "no profile of a known format");
	(void)hw_err_hint(err, "hwprof reads pprof files (gzip'd or not) and folded stacks");
	return NULL;
}

struct hw_profile *hw_format_read(const char *path, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf bytes = { 0 };
	struct hw_profile *profile = NULL;

	if (hw_file_read(&bytes, path, INPUT_MAX_BYTES, err) < 0)
		return NULL;
	if (decompress(&bytes, err) == 0)
		profile = decode(&bytes, err);
	if (!profile)
		(void)hw_err_wrap(err, "'%s'", strcmp(path, "-") == 0 ? "stdin" : path);
	return profile;
}

int hw_format_write(struct hw_output *output, const struct hw_format *format,
		    const struct hw_profile *profile, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf bytes = { 0 };

	if (format->encode(&bytes, profile, err) < 0)
		return -1;
	return hw_output_write(output, hw_buf_str(&bytes), bytes.size, err);
}
