#include "dso/jitdump.h"

#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#define MAGIC UINT32_C(0x4a695444)
#define MAGIC_SWAPPED UINT32_C(0x4454694a)
#define VERSION 1
#define HEADER_BYTES 40
#define FLAG_ARCH_TIMESTAMP UINT64_C(1)
#define RECORD_HEADER_BYTES 16

/* V8 adds the size of an ELF header to the addresses of its source lines, where `perf inject` puts one in front of the
 * code (PerfJitLogger::LogWriteDebugInfo); others do not. */
#define SHIFT_OF_LINES 0x40

enum { CODE_LOAD = 0, CODE_MOVE = 1, CODE_DEBUG_INFO = 2 };

struct parse {
	struct hw_jitdump *dump;
	uint32_t pid;
	struct hw_map by_code_index; /* into latest */
	HW_VEC(uint32_t) latest;     /* of each code index: the code loaded or moved last */
	/* The last DEBUG_INFO, which comes before the LOAD it is of. */
	uint64_t debug_avma;
	uint32_t debug_first, debug_count;
	bool lines_are_shifted;
};

bool hw_jitdump_is_named(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t digits;

	if (strncmp(name, "jit-", 4) != 0)
		return false;
	digits = strspn(name + 4, "0123456789");
	return digits && strcmp(name + 4 + digits, ".dump") == 0;
}

/* --- Records ------------------------------------------------------------------------------------------------ */

static int compare_lines(const void *left, const void *right)
{
	const struct hw_jitdump_line *a = left;
	const struct hw_jitdump_line *b = right;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* The entries' lines, as offsets from avma. False when they are broken. */
static bool take_lines(struct parse *parse, struct hw_bytes *body, uint64_t avma, uint64_t count)
{
	struct hw_jitdump *dump = parse->dump;
	uint32_t file = 0;

	for (uint64_t i = 0; i < count; i++) {
		const uint64_t line_avma = hw_bytes_u64(body);
		const uint32_t line = hw_bytes_u32(body);
		const uint32_t column = hw_bytes_u32(body);
		const char *name = hw_bytes_text(body);

		if (body->overrun || line_avma < avma)
			return false;
		if (strcmp(name, "\xff") != 0) /* the same as before: jitdump.h of perf */
			file = hw_strtab_add(&dump->strings, name);
		if (line_avma - avma < SHIFT_OF_LINES)
			parse->lines_are_shifted = false;
		hw_vec_push(&dump->lines, (struct hw_jitdump_line){ line_avma - avma, line, column, file });
	}
	return true;
}

static bool take_debug_info(struct parse *parse, struct hw_bytes body)
{
	struct hw_jitdump *dump = parse->dump;
	const size_t first = dump->lines.count;
	const uint64_t avma = hw_bytes_u64(&body);
	const uint64_t count = hw_bytes_u64(&body);

	parse->debug_count = 0;
	if (body.overrun || first + hw_bytes_left(&body) > UINT32_MAX ||
	    !take_lines(parse, &body, avma, count)) {
		dump->lines.count = first;
		return false;
	}
	parse->debug_avma = avma;
	parse->debug_first = (uint32_t)first;
	parse->debug_count = (uint32_t)count;
	if (count)
		qsort(dump->lines.at + first, count, sizeof *dump->lines.at, compare_lines);
	return true;
}

/* Where the latest code of that index is kept, or NULL. */
static uint32_t *find_latest(const struct parse *parse, uint64_t code_index)
{
	const uint64_t hash = hw_hash_mix(0, code_index);
	uint32_t id;

	if (!parse->latest.at || !parse->dump->codes.at)
		return NULL;
	for (size_t slot = hw_map_first(&parse->by_code_index, hash);
	     (id = hw_map_id(&parse->by_code_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&parse->by_code_index, slot, hash))
		if (parse->dump->codes.at[parse->latest.at[id]].code_index == code_index)
			return &parse->latest.at[id];
	return NULL;
}

static void keep_latest(struct parse *parse, const struct hw_jitdump_code *code)
{
	uint32_t *latest = find_latest(parse, code->code_index);

	if (latest) {
		*latest = code->number;
		return;
	}
	hw_map_insert(&parse->by_code_index, hw_hash_mix(0, code->code_index), (uint32_t)parse->latest.count);
	hw_vec_push(&parse->latest, code->number);
}

static bool add_code(struct parse *parse, struct hw_jitdump_code code, uint64_t size)
{
	struct hw_jitdump *dump = parse->dump;

	if (dump->codes.count == HW_CODE_NONE ||
	    __builtin_add_overflow(code.range.start_avma, size, &code.range.limit_avma))
		return false;
	code.number = (uint32_t)dump->codes.count;
	if (size == 0) /* "The format supports empty functions with no native code" */
		return true;
	hw_vec_push(&dump->codes, code);
	keep_latest(parse, &code);
	return true;
}

/* The process a record is of; false when it is another's. */
static bool is_ours(struct parse *parse, struct hw_bytes *body)
{
	const uint32_t pid = hw_bytes_u32(body);

	(void)hw_bytes_u32(body); /* tid */
	if (pid != parse->pid && !body->overrun)
		parse->dump->foreign_records++;
	return pid == parse->pid;
}

static bool take_load(struct parse *parse, struct hw_bytes body, uint64_t time_ns)
{
	struct hw_jitdump_code code = { .time_ns = time_ns };
	uint64_t size;
	const char *name;

	if (!is_ours(parse, &body)) {
		parse->debug_count = 0; /* which was of this one */
		return !body.overrun;
	}
	(void)hw_bytes_u64(&body); /* vma, which perf does not use either */
	code.range.start_avma = hw_bytes_u64(&body);
	size = hw_bytes_u64(&body);
	code.code_index = hw_bytes_u64(&body);
	name = hw_bytes_text(&body);
	if (body.overrun)
		return false;
	code.name = hw_strtab_add(&parse->dump->strings, name);
	if (parse->debug_count && parse->debug_avma == code.range.start_avma) {
		code.first_line = parse->debug_first;
		code.line_count = parse->debug_count;
	}
	parse->debug_count = 0;
	return add_code(parse, code, size);
}

static bool take_move(struct parse *parse, struct hw_bytes body, uint64_t time_ns)
{
	const uint32_t *old;
	struct hw_jitdump_code code;
	uint64_t start_avma, size, code_index;

	if (!is_ours(parse, &body))
		return !body.overrun;
	(void)hw_bytes_u64(&body); /* vma */
	(void)hw_bytes_u64(&body); /* where it was */
	start_avma = hw_bytes_u64(&body);
	size = hw_bytes_u64(&body);
	code_index = hw_bytes_u64(&body);
	old = body.overrun ? NULL : find_latest(parse, code_index);
	if (!old)
		return false;
	code = parse->dump->codes.at[*old];
	code.range.start_avma = start_avma;
	code.time_ns = time_ns;
	return add_code(parse, code, size);
}

static void take_record(struct parse *parse, uint32_t id, uint64_t time_ns, struct hw_bytes body)
{
	bool good = true;

	if (id == CODE_LOAD)
		good = take_load(parse, body, time_ns);
	else if (id == CODE_MOVE)
		good = take_move(parse, body, time_ns);
	else if (id == CODE_DEBUG_INFO)
		good = take_debug_info(parse, body);
	parse->dump->bad_records += !good;
	if (time_ns > parse->dump->last_time_ns)
		parse->dump->last_time_ns = time_ns;
}

/* --- The file ----------------------------------------------------------------------------------------------- */

static int take_header(struct hw_jitdump *dump, struct hw_bytes *bytes, struct hw_err *err)
{
	const uint32_t magic = hw_bytes_u32(bytes);
	const uint32_t version = hw_bytes_u32(bytes);
	const uint32_t size = hw_bytes_u32(bytes);
	uint64_t flags;

	(void)hw_bytes_take(bytes, 20); /* machine, padding, pid, time */
	flags = hw_bytes_u64(bytes);
	if (magic == MAGIC_SWAPPED)
		return hw_err_set(err, HW_ERR_FORMAT, "the jitdump is of a machine of the other byte order");
	if (bytes->overrun || magic != MAGIC)
		return hw_err_set(err, HW_ERR_FORMAT, "this is no jitdump");
	if (version != VERSION)
		return hw_err_set(err, HW_ERR_FORMAT, "the jitdump is of version %" PRIu32 ", not %d",
				  version, VERSION);
	if (size < HEADER_BYTES || !hw_bytes_take(bytes, size - HEADER_BYTES))
		return hw_err_set(err, HW_ERR_FORMAT,
				  "the jitdump's header of %" PRIu32 " bytes is not all there", size);
	dump->times_are_foreign = flags & FLAG_ARCH_TIMESTAMP;
	return 0;
}

static int compare_codes(const void *left, const void *right)
{
	const struct hw_jitdump_code *a = left;
	const struct hw_jitdump_code *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void finish(struct parse *parse)
{
	struct hw_jitdump *dump = parse->dump;

	if (dump->codes.count)
		qsort(dump->codes.at, dump->codes.count, sizeof *dump->codes.at, compare_codes);
	for (size_t i = 0; parse->lines_are_shifted && i < dump->lines.count; i++)
		dump->lines.at[i].offset -= SHIFT_OF_LINES;
	hw_map_fini(&parse->by_code_index);
	hw_vec_fini(&parse->latest);
}

int hw_jitdump_parse(struct hw_jitdump *dump, struct hw_bytes bytes, uint32_t pid, struct hw_err *err)
{
	struct parse parse = { .dump = dump, .pid = pid, .lines_are_shifted = true };

	*dump = (struct hw_jitdump){ 0 };
	hw_strtab_init(&dump->strings);
	if (take_header(dump, &bytes, err) < 0)
		return -1;
	while (hw_bytes_left(&bytes)) {
		const uint32_t id = hw_bytes_u32(&bytes);
		const uint32_t size = hw_bytes_u32(&bytes);
		const uint64_t time_ns = hw_bytes_u64(&bytes);
		struct hw_bytes body;

		if (bytes.overrun || size < RECORD_HEADER_BYTES ||
		    size - RECORD_HEADER_BYTES > hw_bytes_left(&bytes)) {
			dump->ends_early = true;
			break;
		}
		body = hw_bytes_sub(&bytes, size - RECORD_HEADER_BYTES);
		take_record(&parse, id, time_ns, body);
	}
	finish(&parse);
	return 0;
}

int hw_jitdump_read(struct hw_jitdump *dump, int fd, uint32_t pid, uint64_t *room_bytes, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf bytes = { 0 };
	struct stat st;

	*dump = (struct hw_jitdump){ 0 };
	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return hw_err_sys(err, HW_ERR_INPUT, "cannot read the jitdump");
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return hw_err_set(err, HW_ERR_FORMAT, "the jitdump is empty");
	/* A copy: what is mapped may change under the parser's hands. */
	if (hw_file_read_fd(&bytes, fd, "the jitdump", *room_bytes, err) < 0)
		return -1;
	*room_bytes -= bytes.size;
	return hw_jitdump_parse(dump, hw_bytes_of(bytes.data, bytes.size), pid, err);
}

void hw_jitdump_fini(struct hw_jitdump *dump)
{
	hw_vec_fini(&dump->codes);
	hw_vec_fini(&dump->lines);
	hw_strtab_fini(&dump->strings);
	*dump = (struct hw_jitdump){ 0 };
}

const struct hw_jitdump_line *hw_jitdump_line_at(const struct hw_jitdump *dump,
						 const struct hw_jitdump_code *code, uint64_t avma)
{
	const uint64_t offset = avma - code->range.start_avma;
	size_t low = code->first_line;
	size_t high = low + code->line_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (dump->lines.at[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low == code->first_line ? NULL : &dump->lines.at[low - 1];
}
