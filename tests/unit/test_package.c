/* Which package a file is of, and the command for its debug information. */
#include "dso/package.h"

#include "tests/lib/fake_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void os_release_is_read_as_it_is_written(void **state)
{
	static const struct {
		const char *text;
		enum hw_distribution distribution;
		const char *codename;
	} cases[] = {
		{ "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n",
		  HW_DISTRIBUTION_DEBIAN, "bookworm" },
		{ "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n", HW_DISTRIBUTION_UBUNTU, "noble" },
		{ "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", HW_DISTRIBUTION_UBUNTU, "" },
		{ "NAME=\"Rocky Linux\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
		  HW_DISTRIBUTION_FEDORA, "" },
		{ "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", HW_DISTRIBUTION_SUSE, "" },
		{ "ID='arch'\n", HW_DISTRIBUTION_ARCH, "" },
		{ "", HW_DISTRIBUTION_OTHER, "" },
		{ "ID", HW_DISTRIBUTION_OTHER, "" },
		{ "ID=", HW_DISTRIBUTION_OTHER, "" },
		{ "ID=\"", HW_DISTRIBUTION_OTHER, "" },
		{ "VARIANT_ID=debian\nID=void", HW_DISTRIBUTION_OTHER, "" },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_system system;

		hw_system_parse(&system, cases[i].text);
		assert_int_equal(system.distribution, cases[i].distribution);
		assert_string_equal(system.codename, cases[i].codename);
	}
}

/* A path has to be a whole line; /usr/lib may be listed as /lib; architecture and ending are no part of the name. */
static void dpkg_lists_are_searched_line_by_line(void **state)
{
	static const char *const paths[] = { "/usr/bin/ls", "/usr/lib/x86_64-linux-gnu/libc.so.6",
					     "/usr/bin/l", "/usr/bin/lsx", "/opt/none" };
	char *names[HW_COUNT_OF(paths)];
	struct fake_root root;

	(void)state;
	fake_root_init(&root);
	fake_root_file(&root, "/coreutils.list",
		       "/.\n/usr\n/usr/bin\n/usr/bin/lsx/y\n/usr/bin/ls\n/usr/bin/x/usr/bin/l\n");
	fake_root_file(&root, "/libc6:amd64.list", "/lib\n/lib/x86_64-linux-gnu/libc.so.6");
	fake_root_file(&root, "/fake.md5sums", "/opt/none\n");
	hw_packages_find(names, paths, HW_COUNT_OF(paths), root.path);
	assert_string_equal(names[0], "coreutils");
	assert_string_equal(names[1], "libc6");
	assert_null(names[2]);
	assert_null(names[3]);
	assert_null(names[4]);
	free(names[0]);
	free(names[1]);
	hw_packages_find(names, paths, HW_COUNT_OF(paths), "/nonexistent");
	assert_null(names[0]);
	fake_root_fini(&root);
}

static void each_distribution_has_its_command(void **state)
{
	static const struct {
		struct hw_system system;
		const char *package, *build_id, *fix;
	} cases[] = {
		{ { HW_DISTRIBUTION_DEBIAN, "bookworm" },
		  "coreutils",
		  "abcd",
		  "sudo apt install coreutils-dbgsym, with 'deb http://deb.debian.org/debian-debug "
		  "bookworm-debug main' in "
		  "/etc/apt/sources.list.d/debug.list" },
		{ { HW_DISTRIBUTION_DEBIAN, "bookworm" }, "libc6", "abcd", "sudo apt install libc6-dbg" },
		{ { HW_DISTRIBUTION_UBUNTU, "noble" },
		  "bash",
		  "abcd",
		  "sudo apt install bash-dbgsym, with 'deb http://ddebs.ubuntu.com noble main universe' in "
		  "/etc/apt/sources.list.d/debug.list" },
		{ { HW_DISTRIBUTION_DEBIAN, "bookworm" }, NULL, "abcd", "" },
		{ { HW_DISTRIBUTION_FEDORA, "" },
		  NULL,
		  "abcd",
		  "sudo dnf --enablerepo='*debug*' install /usr/lib/debug/.build-id/ab/cd.debug" },
		{ { HW_DISTRIBUTION_FEDORA, "" }, NULL, "", "" },
		{ { HW_DISTRIBUTION_SUSE, "" },
		  NULL,
		  "abcd",
		  "sudo zypper install -C 'debuginfo(build-id)=abcd'" },
		{ { HW_DISTRIBUTION_OTHER, "" }, "x", "abcd", "" },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_buf out = { 0 };

		hw_package_print_fix(&out, &cases[i].system, cases[i].package, cases[i].build_id);
		assert_string_equal(hw_buf_str(&out), cases[i].fix);
		hw_buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(os_release_is_read_as_it_is_written),
		cmocka_unit_test(dpkg_lists_are_searched_line_by_line),
		cmocka_unit_test(each_distribution_has_its_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
