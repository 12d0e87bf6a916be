/* /tmp/perf-PID.map: its lines, and whose file is believed. */
#include "dso/perf_map.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void parse(struct hw_perf_map *map, const char *text)
{
	struct hw_buf buf = { 0 };

	hw_buf_text(&buf, text);
	hw_perf_map_parse(map, &buf);
	assert_null(buf.data);
}

static void assert_entry(const struct hw_perf_map *map, uint32_t index, uint64_t start, uint64_t limit,
			 const char *name)
{
	assert_true(index < map->entries.count);
	assert_int_equal(map->entries.at[index].range.start_avma, start);
	assert_int_equal(map->entries.at[index].range.limit_avma, limit);
	assert_string_equal(hw_perf_map_name(map, index), name);
}

/* Two hexadecimal numbers, then the name with all its blanks; capitals, "0x", "\r\n" and a missing last newline are
 * fine. */
static void lines_become_entries(void **state)
{
	struct hw_perf_map map;

	(void)state;
	parse(&map, "7f00 10 JS:*fib /home/me/a b.js:1:13\nABCD ef  two  blanks \r\n0x10 0X20 "
		    "hex\nffffffffffffff00 ff last");
	assert_int_equal(map.entries.count, 4);
	assert_int_equal(map.bad_lines, 0);
	assert_entry(&map, 0, 0x7f00, 0x7f10, "JS:*fib /home/me/a b.js:1:13");
	assert_entry(&map, 1, 0xabcd, 0xabcd + 0xef, " two  blanks ");
	assert_entry(&map, 2, 0x10, 0x30, "hex");
	assert_entry(&map, 3, 0xffffffffffffff00, 0xffffffffffffffff, "last");
	hw_perf_map_fini(&map);
}

/* What is not of the format is counted and left out; empty lines and entries of no size are nothing. */
static void bad_lines_are_counted(void **state)
{
	struct hw_perf_map map;

	(void)state;
	parse(&map, "# comment\n"		 /* no number */
		    "10\n"			 /* no size */
		    "10 20\n"			 /* no name */
		    "10 20 \n"			 /* an empty one */
		    "10  20 name\n"		 /* size behind two blanks */
		    "10\t20\tname\n"		 /* tabs */
		    "-10 20 name\n"		 /* a sign */
		    "11112222333344445 1 name\n" /* 17 digits */
		    "ffffffffffffffff 1 name\n"	 /* past the end of the address space */
		    "0x 1 name\n"		 /* no digits */
		    "\n\r\n"
		    "10 0 of no size\n"
		    "10 1 good\n");
	assert_int_equal(map.bad_lines, 10);
	assert_int_equal(map.entries.count, 1);
	assert_entry(&map, 0, 0x10, 0x11, "good");
	hw_perf_map_fini(&map);
	parse(&map, "");
	assert_int_equal(map.entries.count, 0);
	hw_perf_map_fini(&map);
}

/* --- Whose file it is ------------------------------------------------------------------------------------- */

struct folder {
	char path[64];
	struct hw_perf_map_place place;
};

static int make_folder(void **state)
{
	struct folder *folder = hw_alloc(1, sizeof *folder);

	snprintf(folder->path, sizeof folder->path, "/tmp/hwprof-test-map.XXXXXX");
	if (!mkdtemp(folder->path))
		return -1;
	folder->place = (struct hw_perf_map_place){ .folder_fd = open(folder->path, O_PATH | O_DIRECTORY),
						    .pid = 42,
						    .owner = geteuid() };
	*state = folder;
	return folder->place.folder_fd < 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;

	(void)unlinkat(folder->place.folder_fd, "perf-42.map", 0);
	(void)unlinkat(folder->place.folder_fd, "target", 0);
	hw_perf_map_place_fini(&folder->place);
	(void)rmdir(folder->path);
	free(folder);
	return 0;
}

static void write_file(const struct folder *folder, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* There may be no map, and then there is one. */
static void map_is_read_when_it_is_there(void **state)
{
	const struct folder *folder = *state;
	struct hw_perf_map map;
	struct hw_err err = { 0 };

	assert_int_equal(hw_perf_map_read(&map, &folder->place, &err), 0);
	hw_perf_map_fini(&map);
	write_file(folder, "perf-42.map", "100 10 f\n");
	assert_int_equal(hw_perf_map_read(&map, &folder->place, &err), 1);
	assert_entry(&map, 0, 0x100, 0x110, "f");
	hw_perf_map_fini(&map);
}

/* A symlink leads to files that are nobody's map, and a FIFO would wait for a writer: both are refused. */
static void only_regular_files_are_read(void **state)
{
	const struct folder *folder = *state;
	struct hw_perf_map map;
	struct hw_err err = { 0 };

	write_file(folder, "target", "100 10 f\n");
	assert_int_equal(symlinkat("target", folder->place.folder_fd, "perf-42.map"), 0);
	assert_int_equal(hw_perf_map_read(&map, &folder->place, &err), -1);
	assert_string_equal(err.message, "/tmp/perf-42.map is not a regular file and was not read");
	assert_int_equal(unlinkat(folder->place.folder_fd, "perf-42.map", 0), 0);
	assert_int_equal(mkfifoat(folder->place.folder_fd, "perf-42.map", 0600), 0);
	assert_int_equal(hw_perf_map_read(&map, &folder->place, &err), -1);
	assert_string_equal(err.message, "/tmp/perf-42.map is not a regular file and was not read");
	assert_int_equal(map.entries.count, 0);
}

/* A map of a user who is neither the process's nor root is not believed: anybody may write to /tmp. */
static void map_of_another_user_is_refused(void **state)
{
	const struct folder *folder = *state;
	struct hw_perf_map_place place = folder->place;
	struct hw_perf_map map;
	struct hw_err err = { 0 };

	write_file(folder, "perf-42.map", "100 10 f\n");
	if (geteuid() == 0 && fchownat(place.folder_fd, "perf-42.map", 12345, 12345, 0) < 0)
		skip();
	place.owner = 54321;
	assert_int_equal(hw_perf_map_read(&map, &place, &err), -1);
	assert_int_equal(err.kind, HW_ERR_PERMISSION);
	place.owner = geteuid() == 0 ? 12345 : geteuid();
	assert_int_equal(hw_perf_map_read(&map, &place, &err), 1);
	hw_perf_map_fini(&map);
}

/* Of a process that lives, the place is its own /tmp, its pid inside and its user; of one that does not, ours. */
static void place_is_the_process_s(void **state)
{
	struct hw_perf_map_place place;
	struct stat ours, theirs;

	(void)state;
	assert_int_equal(stat("/tmp", &ours), 0);
	hw_perf_map_place_find(&place, getpid());
	assert_int_equal(place.pid, getpid());
	assert_int_equal(place.owner, geteuid());
	assert_int_equal(fstat(place.folder_fd, &theirs), 0);
	assert_int_equal(theirs.st_ino, ours.st_ino);
	hw_perf_map_place_fini(&place);
	hw_perf_map_place_fini(&place);
	hw_perf_map_place_find(&place, 0x7fffffff);
	assert_int_equal(place.pid, 0x7fffffff);
	assert_int_equal(fstat(place.folder_fd, &theirs), 0);
	assert_int_equal(theirs.st_ino, ours.st_ino);
	hw_perf_map_place_fini(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_entries),
		cmocka_unit_test(bad_lines_are_counted),
		cmocka_unit_test_setup_teardown(map_is_read_when_it_is_there, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(only_regular_files_are_read, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(map_of_another_user_is_refused, make_folder, remove_folder),
		cmocka_unit_test(place_is_the_process_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
