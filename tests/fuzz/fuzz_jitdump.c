/* Bytes that claim to be a jitdump. */
#include "dso/jitdump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every piece of code holds bytes, and its lines, when asked for at its ends, are its own. */
static void check_code(const struct hw_jitdump *dump, const struct hw_jitdump_code *code)
{
	const struct hw_jitdump_line *lines = dump->lines.at + code->first_line;

	if (code->range.start_avma >= code->range.limit_avma ||
	    (uint64_t)code->first_line + code->line_count > dump->lines.count ||
	    strlen(hw_strtab_text(&dump->strings, code->name)) > UINT32_MAX)
		abort();
	for (uint32_t i = 1; i < code->line_count; i++)
		if (lines[i - 1].offset > lines[i].offset || !hw_strtab_text(&dump->strings, lines[i].file))
			abort();
	for (int end = 0; end < 2; end++) {
		const struct hw_jitdump_line *line = hw_jitdump_line_at(
			dump, code, end ? code->range.limit_avma - 1 : code->range.start_avma);

		if (line && (line < lines || line >= lines + code->line_count))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_jitdump dump;
	struct hw_err err = { 0 };

	if (hw_jitdump_parse(&dump, hw_bytes_of(data, size), 77, &err) < 0 &&
	    (dump.codes.count || err.kind != HW_ERR_FORMAT))
		abort();
	for (size_t i = 0; i < dump.codes.count; i++) {
		check_code(&dump, &dump.codes.at[i]);
		if (i && dump.codes.at[i - 1].time_ns > dump.codes.at[i].time_ns)
			abort();
	}
	hw_jitdump_fini(&dump);
	return 0;
}
