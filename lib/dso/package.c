#include "dso/package.h"

#include "base/file.h"

#include <dirent.h>
#include <stdbool.h>

#define LIST_MAX_BYTES ((uint64_t)64 << 20)

/* The value of NAME=value or NAME="value" in os-release's text. */
static void value_of(char *value, size_t size, const char *text, const char *name)
{
	const size_t length = strlen(name);

	value[0] = '\0';
	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *from;

		line += *line == '\n';
		if (strncmp(line, name, length) != 0 || line[length] != '=')
			continue;
		from = line + length + 1;
		from += *from == '"' || *from == '\'';
		(void)snprintf(value, size, "%.*s", (int)strcspn(from, "\"'\n"), from);
		return;
	}
}

void hw_system_parse(struct hw_system *system, const char *os_release)
{
	static const struct {
		const char *word;
		enum hw_distribution distribution;
	} known[] = {
		{ "ubuntu", HW_DISTRIBUTION_UBUNTU }, { "debian", HW_DISTRIBUTION_DEBIAN },
		{ "fedora", HW_DISTRIBUTION_FEDORA }, { "rhel", HW_DISTRIBUTION_FEDORA },
		{ "suse", HW_DISTRIBUTION_SUSE },     { "arch", HW_DISTRIBUTION_ARCH },
	};
	char id[64];
	char like[64];

	*system = (struct hw_system){ 0 };
	value_of(id, sizeof id, os_release, "ID");
	value_of(like, sizeof like, os_release, "ID_LIKE");
	value_of(system->codename, sizeof system->codename, os_release, "VERSION_CODENAME");
	for (size_t i = 0; i < HW_COUNT_OF(known); i++) {
		if (strstr(id, known[i].word) || strstr(like, known[i].word)) {
			system->distribution = known[i].distribution;
			return;
		}
	}
}

void hw_system_read(struct hw_system *system)
{
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	if (hw_file_read(&text, "/etc/os-release", 1 << 16, NULL) < 0)
		text.size = 0;
	hw_system_parse(system, text.size ? text.data : "");
}

bool hw_system_has_packages(const struct hw_system *system)
{
	return system->distribution == HW_DISTRIBUTION_DEBIAN ||
	       system->distribution == HW_DISTRIBUTION_UBUNTU;
}

const char *hw_system_debuginfod(const struct hw_system *system)
{
	static const char *const urls[] = {
		[HW_DISTRIBUTION_OTHER] = "https://debuginfod.elfutils.org",
		[HW_DISTRIBUTION_DEBIAN] = "https://debuginfod.debian.net",
		[HW_DISTRIBUTION_UBUNTU] = "https://debuginfod.ubuntu.com",
		[HW_DISTRIBUTION_FEDORA] = "https://debuginfod.fedoraproject.org",
		[HW_DISTRIBUTION_SUSE] = "https://debuginfod.opensuse.org",
		[HW_DISTRIBUTION_ARCH] = "https://debuginfod.archlinux.org",
	};

	return urls[system->distribution];
}

/* --- dpkg ---------------------------------------------------------------------------------------------- */

/* Is path a whole line of the text? */
static bool has_line(const struct hw_buf *text, const char *path)
{
	const size_t length = strlen(path);
	const char *at = hw_buf_str(text);

	while ((at = strstr(at, path))) {
		if ((at == text->data || at[-1] == '\n') && (at[length] == '\n' || !at[length]))
			return true;
		at += length;
	}
	return false;
}

/* "libc6:amd64.list" -> "libc6"; NULL for another kind of file. */
static char *package_of_list(const char *file)
{
	const char *dot = strrchr(file, '.');

	if (!dot || strcmp(dot, ".list") != 0)
		return NULL;
	return hw_strndup(file, strcspn(file, ":") < (size_t)(dot - file) ? strcspn(file, ":")
									  : (size_t)(dot - file));
}

static void look_into(const char *info, const char *file, char **names, const char *const *paths,
		      size_t count)
{
	HW_AUTO(hw_freep) char *package = package_of_list(file);
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s", info, file);
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	if (!package || hw_file_read(&text, path, LIST_MAX_BYTES, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const bool in_usr = strncmp(paths[i], "/usr/", 5) == 0;

		if (!names[i] && (has_line(&text, paths[i]) || (in_usr && has_line(&text, paths[i] + 4))))
			names[i] = hw_strdup(package);
	}
}

void hw_packages_find(char **names, const char *const *paths, size_t count, const char *info)
{
	DIR *dir = opendir(info);
	const struct dirent *entry;

	for (size_t i = 0; i < count; i++)
		names[i] = NULL;
	if (!dir)
		return;
	while (count && (entry = readdir(dir)))
		look_into(info, entry->d_name, names, paths, count);
	(void)closedir(dir);
}

/* --- Commands ------------------------------------------------------------------------------------------ */

/* Debian builds PACKAGE-dbgsym for every package, but some packages bring one of their own. */
static void print_debian(struct hw_buf *out, const struct hw_system *system, const char *package)
{
	static const struct {
		const char *package;
		const char *debug;
	} own[] = { { "libc6", "libc6-dbg" }, { "libc-bin", "libc6-dbg" } };
	const char *codename = system->codename[0] ? system->codename : "CODENAME";

	for (size_t i = 0; i < HW_COUNT_OF(own); i++) {
		if (strcmp(package, own[i].package) == 0) {
			hw_buf_printf(out, "sudo apt install %s", own[i].debug);
			return;
		}
	}
	hw_buf_printf(out, "sudo apt install %s-dbgsym, with ", package);
	if (system->distribution == HW_DISTRIBUTION_UBUNTU)
		hw_buf_printf(out, "'deb http://ddebs.ubuntu.com %s main universe'", codename);
	else
		hw_buf_printf(out, "'deb http://deb.debian.org/debian-debug %s-debug main'", codename);
	hw_buf_text(out, " in /etc/apt/sources.list.d/debug.list");
}

void hw_package_print_fix(struct hw_buf *out, const struct hw_system *system, const char *package,
			  const char *build_id)
{
	const bool has_id = strlen(build_id) > 2;

	switch (system->distribution) {
	case HW_DISTRIBUTION_DEBIAN:
	case HW_DISTRIBUTION_UBUNTU:
		if (package)
			print_debian(out, system, package);
		return;
	case HW_DISTRIBUTION_FEDORA:
		if (has_id)
			hw_buf_printf(out,
				      "sudo dnf --enablerepo='*debug*' install "
				      "/usr/lib/debug/.build-id/%.2s/%s.debug",
				      build_id, build_id + 2);
		return;
	case HW_DISTRIBUTION_SUSE:
		if (has_id)
			hw_buf_printf(out, "sudo zypper install -C 'debuginfo(build-id)=%s'", build_id);
		return;
	default:
		return;
	}
}
