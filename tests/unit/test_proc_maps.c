/* process/proc_maps.c and map_name.c: texts of the kernel, and texts that are none. */
#include "process/map_name.h"
#include "process/proc_maps.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct hw_proc_map map; /* 4 KiB of path */

static int next_of(const char *text)
{
	struct hw_bytes cursor = hw_bytes_of(text, strlen(text));
	struct hw_err err = { 0 };
	const int got = hw_proc_map_next(&cursor, &map, &err);

	if (got < 0)
		assert_int_equal(err.kind, HW_ERR_FORMAT);
	return got;
}

/* A line of a file, as Linux 6.1 writes it. */
static void a_file_is_read(void **state)
{
	(void)state;
	assert_int_equal(next_of("7f2a566968d9-7f2a566978d9 r-xp 00022000 fe:01 1311                       "
				 "/usr/lib/x y.so\n"),
			 1);
	assert_int_equal(map.start_avma, 0x7f2a566968d9);
	assert_int_equal(map.limit_avma, 0x7f2a566978d9);
	assert_int_equal(map.prot, PROT_READ | PROT_EXEC);
	assert_int_equal(map.file_foff, 0x22000);
	assert_int_equal(map.major, 0xfe);
	assert_int_equal(map.minor, 1);
	assert_int_equal(map.inode, 1311);
	assert_string_equal(map.path, "/usr/lib/x y.so");
}

/* Anonymous memory has inode 0 and then nothing, with or without a blank. */
static void anonymous_memory_has_no_path(void **state)
{
	(void)state;
	assert_int_equal(next_of("1000-2000 rwxs 00000000 00:00 0 \n"), 1);
	assert_string_equal(map.path, "");
	assert_int_equal(map.prot, PROT_READ | PROT_WRITE | PROT_EXEC);
	assert_int_equal(next_of("1000-2000 ---p 00000000 00:00 0"), 1);
	assert_string_equal(map.path, "");
	assert_int_equal(map.prot, 0);
}

/* Only the newline is escaped by the kernel; another backslash belongs to the name. */
static void only_the_newline_is_unescaped(void **state)
{
	(void)state;
	assert_int_equal(next_of("1-2 r-xp 0 0:0 5 /tmp/a\\012b\\040c\\01 (deleted)\n"), 1);
	assert_string_equal(map.path, "/tmp/a\nb\\040c\\01 (deleted)");
}

/* Lines are read one after another; a wrong one is reported and skipped. */
static void a_wrong_line_is_skipped(void **state)
{
	static const char text[] = "1000-2000 r-xp 0 0:0 0\ngarbage\n\n3000-4000 r-xp 0 0:0 0 [vdso]\n";
	struct hw_bytes cursor = hw_bytes_of(text, strlen(text));
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(hw_proc_map_next(&cursor, &map, &err), 1);
	assert_int_equal(hw_proc_map_next(&cursor, &map, &err), -1);
	assert_int_equal(hw_proc_map_next(&cursor, &map, &err), -1);
	assert_int_equal(hw_proc_map_next(&cursor, &map, &err), 1);
	assert_string_equal(map.path, "[vdso]");
	assert_int_equal(hw_proc_map_next(&cursor, &map, &err), 0);
}

/* Each field cut short, a number of more than 64 bits, a range upside down. */
static void refusals(void **state)
{
	static const char whole[] = "1000-2000 r-xp 00000000 00:00 17 /x";
	char cut[sizeof whole];

	(void)state;
	for (size_t size = 1; size < strlen("1000-2000 r-xp 00000000 00:00 17"); size++) {
		memcpy(cut, whole, size);
		cut[size] = '\0';
		/* "... 00:00 1" is cut inside the inode: not told from a whole number, so a blank is asked for. */
		assert_int_equal(next_of(cut), -1);
	}
	assert_int_equal(next_of("10000000000000000-20000000000000000 r-xp 0 0:0 0\n"), -1);
	assert_int_equal(next_of("2000-1000 r-xp 0 0:0 0\n"), -1);
	assert_int_equal(next_of("1000-1000 r-xp 0 0:0 0\n"), -1);
	assert_int_equal(next_of("1000-2000 r-xp 0 0:0 0x /a\n"), -1);
	assert_int_equal(next_of("-2000 r-xp 0 0:0 0\n"), -1);
}

/* A path longer than PATH_MAX is refused, one of 4095 bytes is not. */
static void long_paths(void **state)
{
	char text[5000];
	const int head = snprintf(text, sizeof text, "1-2 r-xp 0 0:0 5 ");

	(void)state;
	memset(text + head, 'a', 4096);
	text[head + 4095] = '\0';
	assert_int_equal(next_of(text), 1);
	assert_int_equal(strlen(map.path), 4095);
	text[head + 4095] = 'a';
	text[head + 4096] = '\0';
	assert_int_equal(next_of(text), -1);
}

/* Our own mappings, as the kernel shows them, are all read, and hold this function. */
static void our_own_maps_are_read(void **state)
{
	char text[1 << 18];
	FILE *file = fopen("/proc/self/maps", "re");
	const size_t size = fread(text, 1, sizeof text, file);
	struct hw_bytes cursor = hw_bytes_of(text, size);
	bool found = false;
	int got;

	(void)state;
	fclose(file);
	while ((got = hw_proc_map_next(&cursor, &map, NULL)) != 0) {
		const uint64_t here = (uint64_t)(uintptr_t)our_own_maps_are_read;

		assert_int_equal(got, 1);
		if (here >= map.start_avma && here < map.limit_avma) {
			found = true;
			assert_true(map.prot & PROT_EXEC);
			assert_int_equal(map.path[0], '/');
		}
	}
	assert_true(found);
}

/* What the kernel calls a mapping decides whether there is a file to open. */
static void kinds_of_names(void **state)
{
	static const struct {
		const char *name;
		enum hw_dso_kind kind;
	} cases[] = {
		{ "/usr/bin/true", HW_DSO_FILE },
		{ "/usr/bin/true (deleted)", HW_DSO_FILE },
		{ "(unreachable)/lib/libc.so", HW_DSO_FILE },
		{ "/dev/zerox", HW_DSO_FILE },
		{ "/SYSVnot", HW_DSO_FILE },
		{ "[vdso]", HW_DSO_VDSO },
		{ "", HW_DSO_ANON },
		{ "//anon", HW_DSO_ANON },
		{ "[heap]", HW_DSO_ANON },
		{ "[stack]", HW_DSO_ANON },
		{ "[vsyscall]", HW_DSO_ANON },
		{ "[anon:jit]", HW_DSO_ANON },
		{ "/memfd:code (deleted)", HW_DSO_ANON },
		{ "/dev/zero (deleted)", HW_DSO_ANON },
		{ "/dev/zero", HW_DSO_ANON },
		{ "/anon_hugepage (deleted)", HW_DSO_ANON },
		{ "/SYSV0001e240 (deleted)", HW_DSO_ANON },
		{ "anon_inode:[perf_event]", HW_DSO_ANON },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++)
		if (hw_map_name_kind(cases[i].name) != cases[i].kind)
			fail_msg("'%s' is taken for kind %d", cases[i].name,
				 (int)hw_map_name_kind(cases[i].name));
	assert_int_equal(hw_map_name_length("/a (deleted)"), 2);
	assert_int_equal(hw_map_name_length("/a (deleted) (deleted)"), 12);
	assert_int_equal(hw_map_name_length("/a"), 2);
	assert_int_equal(hw_map_name_length(" (deleted)"), 10);
}

/* A process of our own: found by its name, its thread listed, its thread group known; then gone. */
static void processes_are_found_by_name(void **state)
{
	pid_t *pids = NULL;
	size_t count = 0;
	struct hw_err err = { 0 };
	bool found = false;
	const pid_t child = fork();

	(void)state;
	if (child == 0) {
		prctl(PR_SET_NAME, "hwtestprocmaps_and_more");
		for (;;)
			pause();
	}
	/* The name is set a moment after the fork. */
	for (int tries = 0; tries < 500 && !found; tries++) {
		count = 0;
		assert_int_equal(hw_proc_find_by_name("hwtestprocmaps_and_more", &pids, &count, &err), 0);
		for (size_t i = 0; i < count; i++)
			found |= pids[i] == child;
		free(pids);
		pids = NULL;
		usleep(10000);
	}
	assert_true(found);
	count = 0;
	assert_int_equal(hw_proc_tids(child, &pids, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(pids[0], child);
	assert_int_equal(hw_proc_tgid(child, &err), child);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(hw_proc_tids(child, &pids, &count, &err), -1);
	assert_int_equal(err.kind, HW_ERR_TARGET);
	assert_int_equal(hw_proc_tgid(child, &err), -1);
	assert_int_equal(hw_proc_tgid(0, &err), -1);
	free(pids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read),
		cmocka_unit_test(anonymous_memory_has_no_path),
		cmocka_unit_test(only_the_newline_is_unescaped),
		cmocka_unit_test(a_wrong_line_is_skipped),
		cmocka_unit_test(refusals),
		cmocka_unit_test(long_paths),
		cmocka_unit_test(our_own_maps_are_read),
		cmocka_unit_test(kinds_of_names),
		cmocka_unit_test(processes_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
