/* Jitdumps: functions with their times, moves and source lines; what is refused and what is left out. */
#include "dso/jitdump.h"

#include "tests/lib/jitdump_builder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define PID 77

static int parse(struct hw_jitdump *dump, const struct hw_buf *file, struct hw_err *err)
{
	return hw_jitdump_parse(dump, hw_bytes_of(file->data, file->size), PID, err);
}

static void assert_code(const struct hw_jitdump *dump, size_t i, uint64_t start, uint64_t limit,
			uint64_t time_ns, const char *name)
{
	const struct hw_jitdump_code *code = &dump->codes.at[i];

	assert_true(i < dump->codes.count);
	assert_int_equal(code->range.start_avma, start);
	assert_int_equal(code->range.limit_avma, limit);
	assert_int_equal(code->time_ns, time_ns);
	assert_string_equal(hw_strtab_text(&dump->strings, code->name), name);
}

static void assert_line(const struct hw_jitdump *dump, size_t code, uint64_t avma, uint32_t line,
			uint32_t column, const char *file)
{
	const struct hw_jitdump_line *found = hw_jitdump_line_at(dump, &dump->codes.at[code], avma);

	assert_non_null(found);
	assert_int_equal(found->line, line);
	assert_int_equal(found->column, column);
	assert_string_equal(hw_strtab_text(&dump->strings, found->file), file);
}

/* "jit-", digits, ".dump": nothing else marks a dump. */
static void names_of_dumps(void **state)
{
	(void)state;
	assert_true(hw_jitdump_is_named("/home/me/.debug/jit/x/jit-123.dump"));
	assert_true(hw_jitdump_is_named("jit-1.dump"));
	assert_false(hw_jitdump_is_named("/tmp/jit-.dump"));
	assert_false(hw_jitdump_is_named("/tmp/jit-12a.dump"));
	assert_false(hw_jitdump_is_named("/tmp/jit-12.dumps"));
	assert_false(hw_jitdump_is_named("/tmp/xjit-12.dump"));
	assert_false(hw_jitdump_is_named("/tmp/jit-12.dump/libx.so"));
	assert_false(hw_jitdump_is_named(""));
}

/* Functions come by their times, whatever the order of their records; a moved one keeps its name and lines and is at
 * both places, from different times on. */
static void loads_and_moves(void **state)
{
	const struct jitdump_line lines[] = { { 0x1000, 7, 3, "a.js" }, { 0x1008, 8, 0, "\xff" } };
	struct hw_buf file = { 0 };
	struct hw_jitdump dump;

	(void)state;
	jitdump_header(&file, PID, 0);
	jitdump_load(&file, PID, 300, 0x2000, 16, 2, "late");
	jitdump_lines(&file, 90, 0x1000, lines, 2);
	jitdump_load(&file, PID, 100, 0x1000, 32, 1, "early");
	jitdump_load(&file, PID, 110, 0x9000, 0, 9, "of no code");
	jitdump_move(&file, PID, 200, 0x3000, 32, 1);
	jitdump_move(&file, PID, 400, 0x5000, 32, 1);
	assert_int_equal(parse(&dump, &file, NULL), 0);
	assert_int_equal(dump.codes.count, 4);
	assert_code(&dump, 0, 0x1000, 0x1020, 100, "early");
	assert_code(&dump, 1, 0x3000, 0x3020, 200, "early");
	assert_code(&dump, 2, 0x2000, 0x2010, 300, "late");
	assert_code(&dump, 3, 0x5000, 0x5020, 400, "early");
	assert_line(&dump, 0, 0x1000, 7, 3, "a.js");
	assert_line(&dump, 0, 0x1007, 7, 3, "a.js");
	assert_line(&dump, 0, 0x101f, 8, 0, "a.js");
	assert_line(&dump, 3, 0x5008, 8, 0, "a.js");
	assert_null(hw_jitdump_line_at(&dump, &dump.codes.at[2], 0x2000));
	assert_int_equal(dump.last_time_ns, 400);
	assert_int_equal(dump.bad_records, 0);
	assert_false(dump.ends_early);
	assert_false(dump.times_are_foreign);
	hw_jitdump_fini(&dump);
	hw_buf_fini(&file);
}

/* V8 writes the addresses of lines 64 bytes too high, in every function; one line below that anywhere, and they are
 * as the specification says. Lines that do not ascend are sorted; none is known in front of the first. */
static void lines_of_v8_are_shifted(void **state)
{
	const struct jitdump_line shifted[] = { { 0x1050, 2, 0, "a.js" }, { 0x1044, 1, 0, "a.js" } };
	const struct jitdump_line plain[] = { { 0x2000, 5, 0, "b.js" } };
	struct hw_buf file = { 0 };
	struct hw_jitdump dump;

	(void)state;
	jitdump_header(&file, PID, 0);
	jitdump_lines(&file, 1, 0x1000, shifted, 2);
	jitdump_load(&file, PID, 1, 0x1000, 0x100, 1, "f");
	assert_int_equal(parse(&dump, &file, NULL), 0);
	assert_null(hw_jitdump_line_at(&dump, &dump.codes.at[0], 0x1003));
	assert_line(&dump, 0, 0x1004, 1, 0, "a.js");
	assert_line(&dump, 0, 0x1010, 2, 0, "a.js");
	hw_jitdump_fini(&dump);

	jitdump_lines(&file, 2, 0x2000, plain, 1);
	jitdump_load(&file, PID, 2, 0x2000, 0x10, 2, "g");
	assert_int_equal(parse(&dump, &file, NULL), 0);
	assert_null(hw_jitdump_line_at(&dump, &dump.codes.at[0], 0x1043));
	assert_line(&dump, 0, 0x1044, 1, 0, "a.js");
	assert_line(&dump, 1, 0x2000, 5, 0, "b.js");
	hw_jitdump_fini(&dump);
	hw_buf_fini(&file);
}

/* Lines are of the function loaded next at their address, and of no other. */
static void lines_belong_to_the_next_load(void **state)
{
	const struct jitdump_line lines[] = { { 0x1000, 7, 0, "a.js" } };
	struct hw_buf file = { 0 };
	struct hw_jitdump dump;

	(void)state;
	jitdump_header(&file, PID, 0);
	jitdump_lines(&file, 1, 0x1000, lines, 1);
	jitdump_load(&file, PID, 2, 0x4000, 16, 1, "elsewhere");
	jitdump_load(&file, PID, 3, 0x1000, 16, 2, "too late");
	assert_int_equal(parse(&dump, &file, NULL), 0);
	assert_int_equal(dump.codes.at[0].line_count, 0);
	assert_int_equal(dump.codes.at[1].line_count, 0);
	hw_jitdump_fini(&dump);
	hw_buf_fini(&file);
}

/* A child that goes on writing into its parent's file, and records that contradict themselves, are counted; unknown
 * kinds of records, unwinding information and the end mark are passed over. */
static void what_is_left_out_is_counted(void **state)
{
	struct hw_buf file = { 0 };
	struct hw_jitdump dump;

	(void)state;
	jitdump_header(&file, PID, UINT64_C(1));
	jitdump_load(&file, PID + 1, 1, 0x1000, 16, 1, "child's");
	jitdump_move(&file, PID + 1, 2, 0x2000, 16, 1);
	jitdump_move(&file, PID, 2, 0x2000, 16, 1); /* of a function that is not known */
	jitdump_load(&file, PID, 3, UINT64_MAX - 3, 16, 2, "past the end of the address space");
	jitdump_record(&file, 0, 8, 4); /* a LOAD of 8 bytes */
	jitdump_u64(&file, PID);
	jitdump_record(&file, 2, 16, 4); /* more lines than there are bytes */
	jitdump_u64(&file, 0x1000);
	jitdump_u64(&file, UINT64_MAX);
	jitdump_record(&file, 4, 8, 5); /* UNWINDING_INFO */
	jitdump_u64(&file, 0);
	jitdump_record(&file, 3, 0, 6); /* CLOSE */
	jitdump_record(&file, 1000, 0, 6);
	jitdump_load(&file, PID, 7, 0x1000, 16, 3, "good");
	assert_int_equal(parse(&dump, &file, NULL), 0);
	assert_int_equal(dump.foreign_records, 2);
	assert_int_equal(dump.bad_records, 4);
	assert_int_equal(dump.codes.count, 1);
	assert_code(&dump, 0, 0x1000, 0x1010, 7, "good");
	assert_int_equal(dump.codes.at[0].line_count, 0);
	assert_true(dump.times_are_foreign);
	hw_jitdump_fini(&dump);
	hw_buf_fini(&file);
}

/* A file that is being written may end anywhere: what is whole counts. Cut at every byte, the function is there only when
 * its record is. */
static void a_cut_file_gives_what_is_whole(void **state)
{
	struct hw_buf file = { 0 };
	size_t whole;

	(void)state;
	jitdump_header(&file, PID, 0);
	jitdump_load(&file, PID, 1, 0x1000, 16, 1, "first");
	whole = file.size;
	jitdump_load(&file, PID, 2, 0x2000, 16, 2, "second");
	for (size_t size = 40; size <= file.size; size++) {
		struct hw_jitdump dump;

		assert_int_equal(hw_jitdump_parse(&dump, hw_bytes_of(file.data, size), PID, NULL), 0);
		assert_int_equal(dump.codes.count, size == file.size ? 2 : size >= whole ? 1 : 0);
		assert_int_equal(dump.ends_early, size != 40 && size != whole && size != file.size);
		hw_jitdump_fini(&dump);
	}
	hw_buf_fini(&file);
}

/* A record smaller than its own header would go round for ever. */
static void a_record_of_no_size_ends_it(void **state)
{
	struct hw_buf file = { 0 };
	struct hw_jitdump dump;

	(void)state;
	jitdump_header(&file, PID, 0);
	jitdump_u32(&file, 0);
	jitdump_u32(&file, 15);
	jitdump_u64(&file, 1);
	jitdump_load(&file, PID, 1, 0x1000, 16, 1, "behind it");
	assert_int_equal(parse(&dump, &file, NULL), 0);
	assert_true(dump.ends_early);
	assert_int_equal(dump.codes.count, 0);
	hw_jitdump_fini(&dump);
	hw_buf_fini(&file);
}

static void assert_refused(const struct hw_buf *file, const char *message)
{
	struct hw_jitdump dump;
	struct hw_err err = { 0 };

	assert_int_equal(parse(&dump, file, &err), -1);
	assert_int_equal(err.kind, HW_ERR_FORMAT);
	assert_string_equal(err.message, message);
	assert_int_equal(dump.codes.count, 0);
	hw_jitdump_fini(&dump);
}

/* What does not begin like a jitdump of this machine is refused, with the reason. */
static void other_files_are_refused(void **state)
{
	struct hw_buf file = { 0 };

	(void)state;
	assert_refused(&file, "this is no jitdump");
	jitdump_header(&file, PID, 0);
	file.size = 39;
	assert_refused(&file, "this is no jitdump");
	file.size = 40;
	memcpy(file.data, "JiTD", 4);
	assert_refused(&file, "the jitdump is of a machine of the other byte order");
	memcpy(file.data, "DTiJ", 4);
	file.data[4] = 2;
	assert_refused(&file, "the jitdump is of version 2, not 1");
	file.data[4] = 1;
	file.data[8] = 39;
	assert_refused(&file, "the jitdump's header of 39 bytes is not all there");
	file.data[8] = 41;
	assert_refused(&file, "the jitdump's header of 41 bytes is not all there");
	memcpy(file.data,
	       "\x7f"
	       "ELF",
	       4);
	assert_refused(&file, "this is no jitdump");
	hw_buf_fini(&file);
}

/* From a file it is the same; an empty file, whose writer has not flushed yet, is refused. */
static void files_are_read(void **state)
{
	char path[] = "/tmp/hwprof-test-jitdump.XXXXXX";
	struct hw_buf file = { 0 };
	struct hw_jitdump dump;
	struct hw_err err = { 0 };
	uint64_t room = 1000;
	const int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(hw_jitdump_read(&dump, fd, PID, &room, &err), -1);
	assert_string_equal(err.message, "the jitdump is empty");
	hw_jitdump_fini(&dump);
	jitdump_header(&file, PID, 0);
	jitdump_load(&file, PID, 1, 0x1000, 16, 1, "f");
	assert_int_equal(write(fd, file.data, file.size), file.size);
	assert_int_equal(hw_jitdump_read(&dump, fd, PID, &room, &err), 0);
	assert_int_equal(room, 1000 - file.size);
	assert_code(&dump, 0, 0x1000, 0x1010, 1, "f");
	hw_jitdump_fini(&dump);
	room = file.size; /* again, from its beginning, but for no more than that */
	assert_int_equal(hw_jitdump_read(&dump, fd, PID, &room, &err), 0);
	assert_int_equal(room, 0);
	hw_jitdump_fini(&dump);
	room = file.size - 1;
	assert_int_equal(hw_jitdump_read(&dump, fd, PID, &room, &err), -1);
	hw_jitdump_fini(&dump);
	hw_buf_fini(&file);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_dumps),
		cmocka_unit_test(loads_and_moves),
		cmocka_unit_test(lines_of_v8_are_shifted),
		cmocka_unit_test(lines_belong_to_the_next_load),
		cmocka_unit_test(what_is_left_out_is_counted),
		cmocka_unit_test(a_cut_file_gives_what_is_whole),
		cmocka_unit_test(a_record_of_no_size_ends_it),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(files_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
