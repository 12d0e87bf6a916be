#include "dso/dso.h"
#include "dso/elf.h"

#include "base/buf.h"
#include "base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static char folder[] = "/tmp/hwprof-test-dso.XXXXXX";

static struct hw_dso_key key_of(const char *path)
{
	struct hw_dso_key key = { .kind = HW_DSO_FILE, .path = path };
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	key.major = major(st.st_dev);
	key.minor = minor(st.st_dev);
	key.inode = st.st_ino;
	return key;
}

static char *path_in_folder(const char *name)
{
	return hw_asprintf("%s/%s", folder, name);
}

static void copy_file(const char *from, const char *to)
{
	struct hw_buf bytes = { 0 };
	const int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	assert_true(fd >= 0);
	assert_int_equal(hw_file_read(&bytes, from, (uint64_t)1 << 30, NULL), 0);
	assert_int_equal(write(fd, bytes.data, bytes.size), bytes.size);
	close(fd);
	hw_buf_fini(&bytes);
}

/* Equal identities are one DSO; another path, inode, build-id or (for anonymous memory) process is another. */
static void identity_decides(void **state)
{
	HW_AUTO(hw_dso_table_freep) struct hw_dso_table *table = hw_dso_table_new();
	struct hw_dso_key key = { .kind = HW_DSO_FILE, .path = "/bin/a", .inode = 7 };
	struct hw_dso *dso = hw_dso_table_add(table, &key);
	(void)state;

	assert_ptr_equal(hw_dso_table_add(table, &key), dso);
	key.inode = 8;
	assert_ptr_not_equal(hw_dso_table_add(table, &key), dso);
	key.inode = 7;
	key.path = "/bin/b";
	assert_ptr_not_equal(hw_dso_table_add(table, &key), dso);
	key.path = "/bin/a";
	key.build_id_size = 4;
	key.build_id[0] = 1;
	dso = hw_dso_table_add(table, &key);
	assert_int_equal(hw_dso_index(dso), 3);
	assert_string_equal(hw_dso_build_id(dso), "01000000");
	key.inode = 99; /* the build-id says more than the inode */
	assert_ptr_equal(hw_dso_table_add(table, &key), dso);
	key.build_id[0] = 2;
	assert_ptr_not_equal(hw_dso_table_add(table, &key), dso);
	key = (struct hw_dso_key){ .kind = HW_DSO_ANON, .path = "//anon", .pid = 1 };
	dso = hw_dso_table_add(table, &key);
	assert_ptr_equal(hw_dso_table_add(table, &key), dso);
	key.pid = 2;
	assert_ptr_not_equal(hw_dso_table_add(table, &key), dso);
	key.pid = 1;
	key.inode = 1;
	assert_ptr_not_equal(hw_dso_table_add(table, &key), dso);
	assert_int_equal(hw_dso_table_count(table), 8);
	assert_ptr_equal(hw_dso_table_at(table, 5), dso);
}

/* Does this DSO's file load, from this process? */
static bool loads(const struct hw_dso_key *key, pid_t pid, char *problem, size_t size)
{
	HW_AUTO(hw_dso_table_freep) struct hw_dso_table *table = hw_dso_table_new();
	struct hw_dso *dso = hw_dso_table_add(table, key);
	const bool loaded = hw_dso_load(dso, pid, 0, 0);

	assert_int_equal(loaded, hw_dso_elf(dso) != NULL);
	assert_int_equal(loaded, hw_dso_problem(dso)[0] == '\0');
	hw_copy_text(problem, size, hw_dso_problem(dso));
	return loaded;
}

/* A file is used while it is the one that was mapped, and not once another has its name. */
static void replaced_files_are_not_used(void **state)
{
	HW_AUTO(hw_freep) char *path = path_in_folder("prog");
	HW_AUTO(hw_freep) char *other = path_in_folder("other");
	struct hw_dso_key key;
	char problem[512];
	(void)state;

	copy_file("/proc/self/exe", path);
	key = key_of(path);
	assert_true(loads(&key, 0, problem, sizeof problem));
	assert_true(loads(&key, getpid(), problem, sizeof problem));
	copy_file("/proc/self/exe", other);
	assert_int_equal(rename(other, path), 0);
	assert_false(loads(&key, 0, problem, sizeof problem));
	assert_non_null(strstr(problem, "was replaced"));
	key.inode = 0;
	key.build_id_size = 20;
	assert_false(loads(&key, getpid(), problem, sizeof problem));
	assert_non_null(strstr(problem, "is another file by now"));
	assert_int_equal(unlink(path), 0);
}

/* A deleted program is read while it still runs, and known to be gone after that. */
static void deleted_programs_are_read_while_they_run(void **state)
{
	HW_AUTO(hw_freep) char *path = path_in_folder("sleeper");
	struct hw_dso_key key;
	char problem[512];
	int ready[2];
	pid_t pid;
	char byte;
	(void)state;

	copy_file("/bin/sleep", path);
	key = key_of(path);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execl(path, "sleeper", "60", (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0); /* closed by exec */
	close(ready[0]);
	assert_int_equal(unlink(path), 0);
	assert_true(loads(&key, pid, problem, sizeof problem));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(loads(&key, pid, problem, sizeof problem));
	assert_non_null(strstr(problem, "No such file"));
}

/* FIFOs, devices, folders and texts are not waited for and not taken. */
static void other_things_are_not_opened(void **state)
{
	HW_AUTO(hw_freep) char *fifo = path_in_folder("fifo");
	HW_AUTO(hw_freep) char *text = path_in_folder("text");
	struct hw_dso_key key = { .kind = HW_DSO_FILE };
	const int fd = open(text, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	char problem[512];
	(void)state;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	key.path = fifo;
	assert_false(loads(&key, getpid(), problem, sizeof problem));
	assert_non_null(strstr(problem, "not a regular file"));
	key.path = "/dev/zero";
	assert_false(loads(&key, 0, problem, sizeof problem));
	key.path = folder;
	assert_false(loads(&key, 0, problem, sizeof problem));
	key.path = text;
	assert_int_equal(
		write(fd, "#!/bin/sh\n# a script that is long enough to hold an ELF header, and holds none\n",
		      78),
		78);
	close(fd);
	assert_false(loads(&key, 0, problem, sizeof problem));
	assert_non_null(strstr(problem, "is not an ELF file"));
	key.path = "anon_inode:[perf]";
	assert_false(loads(&key, 0, problem, sizeof problem));
	assert_non_null(strstr(problem, "is not a path"));
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(unlink(text), 0);
}

/* A file that could not be read through one process may be through another. */
static void another_process_may_have_it(void **state)
{
	HW_AUTO(hw_dso_table_freep) struct hw_dso_table *table = hw_dso_table_new();
	HW_AUTO(hw_freep) char *path = path_in_folder("late");
	struct hw_dso *dso =
		hw_dso_table_add(table, &(struct hw_dso_key){ .kind = HW_DSO_FILE, .path = path });
	(void)state;

	assert_false(hw_dso_load(dso, 0, 0, 0));
	copy_file("/proc/self/exe", path);
	assert_false(hw_dso_load(dso, 0, 0, 0)); /* remembered */
	assert_true(hw_dso_load(dso, getpid(), 0, 0));
	assert_int_equal(unlink(path), 0);
}

/* The name of one address, "" when it has none. */
static void name_of(char *name, size_t size, struct hw_dso *dso, uint64_t address)
{
	struct hw_dso_answer answer;

	hw_dso_resolve(dso, &address, 1, NULL, &answer);
	assert_int_equal(answer.first.count, 2);
	name[0] = '\0';
	if (answer.frames.count)
		hw_copy_text(name, size, answer.frames.at[answer.frames.count - 1].name);
	hw_dso_answer_fini(&answer);
}

/* Where a file's (or the vdso's) first mapping in this process lies. */
static uint64_t base_of(const char *mapping_name, uint64_t *limit_avma)
{
	struct hw_buf maps = { 0 };
	uint64_t base = 0;
	char *rest, *line;

	assert_int_equal(hw_file_read(&maps, "/proc/self/maps", 1 << 20, NULL), 0);
	for (rest = maps.data; !base && (line = strsep(&rest, "\n"));)
		if (strstr(line, mapping_name))
			assert_int_equal(sscanf(line, "%" SCNx64 "-%" SCNx64, &base, limit_avma), 2);
	hw_buf_fini(&maps);
	return base;
}

/* This very function is found under its name at its offset in this program's file. */
static void own_functions_have_their_names(void **state)
{
	HW_AUTO(hw_dso_table_freep) struct hw_dso_table *table = hw_dso_table_new();
	char path[4096] = "", name[256];
	uint64_t limit_avma;
	struct hw_dso *dso;
	(void)state;

	assert_true(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
	dso = hw_dso_table_add(table, &(struct hw_dso_key){ .kind = HW_DSO_FILE, .path = path });
	assert_true(hw_dso_load(dso, 0, 0, 0));
	name_of(name, sizeof name, dso,
		(uintptr_t)own_functions_have_their_names - base_of(path, &limit_avma));
	assert_string_equal(name, "own_functions_have_their_names");
	/* Offsets in no segment are unknown, and no trouble. */
	name_of(name, sizeof name, dso, UINT64_MAX);
	assert_string_equal(name, "");
}

/* The vdso is named from its image in memory. */
static void vdso_has_names(void **state)
{
	HW_AUTO(hw_dso_table_freep) struct hw_dso_table *table = hw_dso_table_new();
	struct hw_dso *dso =
		hw_dso_table_add(table, &(struct hw_dso_key){ .kind = HW_DSO_VDSO, .path = "[vdso]" });
	const struct hw_elf_section *text;
	uint64_t start_avma, limit_avma;
	size_t named = 0;
	(void)state;

	start_avma = base_of("[vdso]", &limit_avma);
	if (!start_avma)
		skip();
	hw_dso_load_bytes(dso, (const void *)(uintptr_t)start_avma, limit_avma - start_avma);
	assert_non_null(hw_dso_elf(dso));
	text = hw_elf_find_section(hw_dso_elf(dso), ".text");
	assert_non_null(text);
	for (uint64_t foff = text->file_foff; foff < text->file_foff + text->size; foff += 16) {
		char name[256];

		name_of(name, sizeof name, dso, foff);
		named += strstr(name, "gettime") != NULL;
	}
	assert_true(named > 0);
}

/* Addresses of the kernel and its modules are named by kallsyms, each by its own part. */
static void kernel_is_named_by_kallsyms(void **state)
{
	HW_AUTO(hw_dso_table_freep) struct hw_dso_table *table = hw_dso_table_new();
	struct hw_dso *kernel = hw_dso_table_add(
		table, &(struct hw_dso_key){ .kind = HW_DSO_KERNEL, .path = "[kernel.kallsyms]" });
	struct hw_dso *module =
		hw_dso_table_add(table, &(struct hw_dso_key){ .kind = HW_DSO_MODULE, .path = "[none]" });
	uint64_t avma = 0;
	char name[256];
	FILE *grep;
	(void)state;

	grep = popen("awk '$3 == \"vfs_read\" { print $1 }' /proc/kallsyms", "r");
	assert_non_null(grep);
	(void)!fscanf(grep, "%" SCNx64, &avma);
	pclose(grep);
	name_of(name, sizeof name, kernel, avma + 1);
	if (!avma) {
		assert_non_null(strstr(hw_dso_problem(kernel), "hides"));
		skip();
	}
	assert_string_equal(name, "vfs_read");
	name_of(name, sizeof name, module, avma + 1);
	assert_string_equal(name, "");
}

/* Another kernel's addresses are not named by this one's symbols. */
static void other_kernels_are_not_named(void **state)
{
	HW_AUTO(hw_dso_table_freep) struct hw_dso_table *table = hw_dso_table_new();
	struct hw_dso_key key = { .kind = HW_DSO_KERNEL, .path = "[kernel.kallsyms]", .build_id_size = 20 };
	struct hw_dso *here =
		hw_dso_table_add(table, &(struct hw_dso_key){ .kind = HW_DSO_KERNEL, .path = "here" });
	struct hw_dso *dso = hw_dso_table_add(table, &key);
	char name[256];
	(void)state;

	if (!hw_dso_build_id(here)[0])
		skip();
	name_of(name, sizeof name, dso, 0xffffffff81000000);
	assert_string_equal(name, "");
	assert_non_null(strstr(hw_dso_problem(dso), "is not the kernel running here"));
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_decides),
		cmocka_unit_test(replaced_files_are_not_used),
		cmocka_unit_test(deleted_programs_are_read_while_they_run),
		cmocka_unit_test(other_things_are_not_opened),
		cmocka_unit_test(another_process_may_have_it),
		cmocka_unit_test(own_functions_have_their_names),
		cmocka_unit_test(vdso_has_names),
		cmocka_unit_test(kernel_is_named_by_kallsyms),
		cmocka_unit_test(other_kernels_are_not_named),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
