/* Files: read whole and bounded; written whole, or not at all, and never through a link. */
#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/hwprof-test-file-XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
	(void)state;
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1; /* fails when a test left anything behind */
}

static void put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void assert_file_is(const char *path, const char *text)
{
	struct hw_buf buf = { 0 };
	struct hw_err err = { 0 };

	assert_int_equal(hw_file_read(&buf, path, 1 << 20, &err), 0);
	assert_string_equal(hw_buf_str(&buf), text);
	hw_buf_fini(&buf);
}

/* Bytes are appended to what the buffer holds. */
static void read_appends(void **state)
{
	struct hw_buf buf = { 0 };
	struct hw_err err = { 0 };

	(void)state;
	put_file("f", "world");
	hw_buf_text(&buf, "hello ");
	assert_int_equal(hw_file_read(&buf, "f", 5, &err), 0);
	assert_string_equal(buf.data, "hello world");
	hw_buf_fini(&buf);
	(void)unlink("f");
}

/* One byte above the limit is too much, by its size or, for a file that has none, by reading. */
static void read_is_bounded(void **state)
{
	struct hw_buf buf = { 0 };
	struct hw_err err = { 0 };

	(void)state;
	put_file("f", "123456");
	assert_int_equal(hw_file_read(&buf, "f", 5, &err), -1);
	assert_int_equal(err.kind, HW_ERR_LIMIT);
	assert_int_equal(hw_file_read(&buf, "/proc/self/status", 10, &err), -1);
	assert_int_equal(err.kind, HW_ERR_LIMIT);
	assert_int_equal(hw_file_read(&buf, "/proc/self/status", 1 << 20, &err), 0);
	assert_non_null(strstr(buf.data, "Name:\ttest_file"));
	hw_buf_fini(&buf);
	(void)unlink("f");
}

/* What cannot be opened or read is named, with the reason. */
static void read_names_what_failed(void **state)
{
	struct hw_buf buf = { 0 };
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(hw_file_read(&buf, "absent", 5, &err), -1);
	assert_string_equal(err.message, "cannot open 'absent': No such file or directory");
	assert_int_equal(hw_file_read(&buf, ".", 5, &err), -1);
	assert_string_equal(err.message, "cannot read '.': Is a directory");
	hw_buf_fini(&buf);
}

/* Where only a file makes sense, what else has its name is refused, at once: a FIFO without a writer, a device, a
 * folder. */
static void only_regular_files_are_read(void **state)
{
	static const char *const odd[] = { "fifo", "/dev/zero", "." };
	struct hw_buf buf = { 0 };
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	for (size_t i = 0; i < HW_COUNT_OF(odd); i++) {
		HW_AUTO(hw_freep) char *message = hw_asprintf("cannot read '%s': not a regular file", odd[i]);

		assert_int_equal(hw_file_read_regular(&buf, odd[i], 5, &err), -1);
		assert_string_equal(err.message, message);
	}
	(void)unlink("fifo");
	put_file("f", "abc");
	assert_int_equal(hw_file_read_regular(&buf, "f", 5, &err), 0);
	assert_string_equal(hw_buf_str(&buf), "abc");
	assert_int_equal(hw_file_read_regular(&buf, "absent", 5, &err), -1);
	assert_string_equal(err.message, "cannot open 'absent': No such file or directory");
	(void)unlink("f");
	hw_buf_fini(&buf);
}

/* The first line, cut to fit. */
static void read_line_cuts(void **state)
{
	char line[5];

	(void)state;
	put_file("f", "ab\ncd\n");
	assert_int_equal(hw_file_read_line(line, sizeof line, "f"), 0);
	assert_string_equal(line, "ab");
	put_file("f", "abcdefgh");
	assert_int_equal(hw_file_read_line(line, sizeof line, "f"), 0);
	assert_string_equal(line, "abcd");
	assert_int_equal(hw_file_read_line(line, sizeof line, "absent"), -1);
	(void)unlink("f");
}

/* The path changes at commit, not before; the file is 0600 whatever the umask. */
static void output_appears_at_commit(void **state)
{
	struct hw_output output;
	struct hw_err err = { 0 };
	struct stat st;

	(void)state;
	put_file("out", "old");
	(void)umask(0);
	assert_int_equal(hw_output_open(&output, "out", &err), 0);
	assert_int_equal(hw_output_write(&output, "new", 3, &err), 0);
	assert_file_is("out", "old");
	assert_int_equal(hw_output_commit(&output, &err), 0);
	hw_output_fini(&output);
	assert_file_is("out", "new");
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)unlink("out");
}

/* Without a commit nothing is left, and an old file keeps its content. */
static void output_not_committed_leaves_nothing(void **state)
{
	struct hw_output output;
	struct hw_err err = { 0 };

	(void)state;
	put_file("out", "old");
	assert_int_equal(hw_output_open(&output, "out", &err), 0);
	assert_int_equal(hw_output_write(&output, "new", 3, &err), 0);
	hw_output_fini(&output);
	assert_file_is("out", "old");
	(void)unlink("out");
	assert_int_equal(hw_output_open(&output, "out", &err), 0);
	hw_output_fini(&output);
	assert_int_equal(access("out", F_OK), -1);
}

/* A link is refused and its target untouched, also one that leads nowhere, also one put there after open. */
static void output_refuses_symlinks(void **state)
{
	struct hw_output output;
	struct hw_err err = { 0 };

	(void)state;
	put_file("target", "precious");
	assert_int_equal(symlink("target", "link"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(hw_output_open(&output, "link", &err), -1);
	assert_int_equal(err.kind, HW_ERR_OUTPUT);
	hw_output_fini(&output);
	assert_int_equal(hw_output_open(&output, "dangling", &err), -1);
	hw_output_fini(&output);
	assert_int_equal(hw_output_open(&output, "out", &err), 0);
	assert_int_equal(symlink("target", "out"), 0);
	assert_int_equal(hw_output_commit(&output, &err), -1);
	hw_output_fini(&output);
	assert_file_is("target", "precious");
	assert_int_equal(access("nowhere", F_OK), -1);
	(void)unlink("target");
	(void)unlink("link");
	(void)unlink("dangling");
	(void)unlink("out");
}

/* What can never be written is known at open. */
static void output_refuses_at_open(void **state)
{
	struct hw_output output;
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(hw_output_open(&output, ".", &err), -1);
	assert_string_equal(err.message, "output '.' is a directory");
	hw_output_fini(&output);
	assert_int_equal(hw_output_open(&output, "absent/out", &err), -1);
	assert_int_equal(err.kind, HW_ERR_OUTPUT);
	assert_true(err.hint[0] != '\0');
	hw_output_fini(&output);
}

/* A full device is an error of write, and /dev/null is written to, not replaced. */
static void output_to_devices(void **state)
{
	struct hw_output output;
	struct hw_err err = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(hw_output_open(&output, "/dev/full", &err), 0);
	assert_int_equal(hw_output_write(&output, "x", 1, &err), -1);
	assert_string_equal(err.message, "cannot write '/dev/full': No space left on device");
	hw_output_fini(&output);
	assert_int_equal(hw_output_open(&output, "/dev/null", &err), 0);
	assert_int_equal(hw_output_write(&output, "x", 1, &err), 0);
	assert_int_equal(hw_output_commit(&output, &err), 0);
	hw_output_fini(&output);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_appends),
		cmocka_unit_test(read_is_bounded),
		cmocka_unit_test(read_names_what_failed),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(read_line_cuts),
		cmocka_unit_test(output_appears_at_commit),
		cmocka_unit_test(output_not_committed_leaves_nothing),
		cmocka_unit_test(output_refuses_symlinks),
		cmocka_unit_test(output_refuses_at_open),
		cmocka_unit_test(output_to_devices),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
