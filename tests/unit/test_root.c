#include "dso/root.h"

#include "base/buf.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static char folder[] = "/tmp/hwprof-test-root.XXXXXX";

/* Text of a file in a tree, "" when it is not to be had. */
static const char *text_of(char text[16], const struct hw_root *root, const char *path)
{
	HW_AUTO(hw_closep) int fd = hw_root_open(root, path);
	const ssize_t got = fd < 0 ? 0 : read(fd, text, 15);

	text[got] = '\0';
	return text;
}

static bool put_text(const char *path, const char *text)
{
	HW_AUTO(hw_closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* In the child: a tree of its own with "/file" in it; false when that is not allowed here. */
static bool enter_chroot(void)
{
	return chroot(folder) == 0 && chdir("/") == 0;
}

/* The same path is another file, on a tmpfs nobody else sees. */
static bool enter_namespace(void)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/file", folder);

	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", folder, "tmpfs", 0, NULL) == 0 && put_text(path, "hidden");
}

/* A process behind enter(), until it is killed; skips the test where it is not allowed. */
static pid_t start(bool (*enter)(void))
{
	int ready[2];
	pid_t pid;
	char ok = 0;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		ok = enter();
		(void)!write(ready[1], &ok, 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &ok, 1), 1);
	close(ready[0]);
	close(ready[1]);
	if (ok)
		return pid;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	print_message("skipped: this user may make no tree of its own\n");
	skip();
	return -1;
}

static void stop(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Our own tree is none, nor is that of a child of ours or of nobody. */
static void ordinary_processes_see_our_tree(void **state)
{
	struct hw_roots roots = { 0 };
	const pid_t pid = fork();
	(void)state;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_null(hw_roots_of_process(&roots, getpid()));
	assert_null(hw_roots_of_process(&roots, pid));
	stop(pid);
	assert_null(hw_roots_of_process(&roots, pid));
	assert_int_equal(roots.list.count, 0);
	hw_roots_fini(&roots);
}

/* In a chroot the paths of its processes are looked up there, also as seen from outside; absolute links stay inside. */
static void chroots_are_looked_into(void **state)
{
	struct hw_roots roots = { 0 };
	HW_AUTO(hw_freep) char *file = hw_asprintf("%s/file", folder);
	HW_AUTO(hw_freep) char *link = hw_asprintf("%s/link", folder);
	const struct hw_root *root;
	char text[16];
	pid_t pid;
	(void)state;

	assert_true(put_text(file, "inside"));
	assert_int_equal(symlink("/file", link), 0);
	pid = start(enter_chroot);
	root = hw_roots_of_process(&roots, pid);
	assert_non_null(root);
	assert_ptr_equal(hw_roots_of_process(&roots, pid), root);
	assert_int_equal(roots.list.count, 1);
	stop(pid);
	assert_string_equal(text_of(text, root, "/file"), "inside");
	assert_string_equal(text_of(text, root, "/link"), "inside");
	assert_string_equal(text_of(text, root, file), "inside");
	assert_string_equal(text_of(text, root, "/../file"), "inside");
	assert_string_equal(text_of(text, NULL, "/file"), "");
	assert_string_equal(text_of(text, root, "/etc/passwd"), "");
	assert_string_equal(text_of(text, root, "/"), "");
	hw_roots_fini(&roots);
}

/* A mount namespace is held: what is mounted in it can be read when its last process has ended. */
static void namespaces_outlive_their_processes(void **state)
{
	struct hw_roots roots = { 0 };
	HW_AUTO(hw_freep) char *file = hw_asprintf("%s/file", folder);
	const struct hw_root *root;
	char text[16];
	pid_t pid;
	(void)state;

	assert_true(put_text(file, "outside"));
	pid = start(enter_namespace);
	root = hw_roots_of_process(&roots, pid);
	assert_non_null(root);
	stop(pid);
	assert_string_equal(text_of(text, root, file), "hidden");
	assert_string_equal(text_of(text, NULL, file), "outside");
	hw_roots_fini(&roots);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	HW_AUTO(hw_freep) char *command = hw_asprintf("rm -rf %s", folder);
	(void)state;

	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_processes_see_our_tree),
		cmocka_unit_test(chroots_are_looked_into),
		cmocka_unit_test(namespaces_outlive_their_processes),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
