/* Names, lines and unwind tables of a program, or of all a process has mapped: what is there, and where from. */
#include "doctor/checks.h"

#include "dso/build_id.h"
#include "dso/debug_file.h"
#include "dso/debuginfod.h"
#include "dso/dso.h"
#include "dso/elf.h"
#include "dso/package.h"

#include <limits.h>
#include <sys/stat.h>

#define DPKG_INFO "/var/lib/dpkg/info"

/* What one file lacks. */
struct lack {
	size_t finding; /* its index */
	char *path;	/* without symbolic links, as packages have it; owned */
	char build_id[HW_BUILD_ID_HEX_SIZE];
	bool has_dwarf;
};

struct search {
	struct hw_checkup *checkup;
	HW_VEC(struct lack) lacks; /* of those that lack something */
};

static uint64_t entries_of(const struct hw_elf *elf, uint32_t type)
{
	for (size_t i = 0; elf && i < elf->section_count; i++)
		if (elf->sections[i].type == type && elf->sections[i].entry_size)
			return elf->sections[i].size / elf->sections[i].entry_size;
	return 0;
}

/* Which table names the functions. Gives false when there is none. */
static bool tell_symbols(struct hw_finding *finding, struct hw_buf *text, struct hw_buf *cause,
			 const struct hw_elf *elf, const struct hw_debug_files *files)
{
	const struct {
		const char *name, *title;
		uint64_t count;
	} tables[] = {
		{ "debug-file", "symbols of the debug file", entries_of(files->debug, SHT_SYMTAB) },
		{ "symtab", "symbols", entries_of(elf, SHT_SYMTAB) },
		{ "minidebuginfo", "symbols of .gnu_debugdata", entries_of(files->mini, SHT_SYMTAB) },
		{ "dynsym", "exported symbols", entries_of(elf, SHT_DYNSYM) },
	};

	for (size_t i = 0; i < HW_COUNT_OF(tables); i++) {
		if (!tables[i].count)
			continue;
		hw_finding_word(finding, "symbols", tables[i].name);
		hw_finding_number(finding, "symbol_count", (int64_t)tables[i].count);
		hw_buf_text(text, tables[i].title);
		if (i == HW_COUNT_OF(tables) - 1)
			hw_buf_text(cause, "stripped: functions it does not export have no names");
		return true;
	}
	hw_finding_word(finding, "symbols", "none");
	hw_buf_text(cause, "it has no symbols: no function has a name");
	return false;
}

static void tell_unwinding(struct hw_finding *finding, struct hw_buf *text, struct hw_buf *cause,
			   const struct hw_elf *elf)
{
	const struct hw_elf_section *section = hw_elf_find_section(elf, ".eh_frame");
	const bool has = elf->eh_frame_hdr_size || (section && section->size && section->type != SHT_NOBITS);

	hw_finding_number(finding, "eh_frame", has);
	if (has)
		hw_buf_printf(text, "%sunwind tables", text->size ? ", " : "");
	else
		hw_buf_printf(cause, "%sno .eh_frame: stacks through it need frame pointers",
			      cause->size ? "; " : "");
}

/* DWARF, its own or in a separate file, and what that shares with others (dwz). Gives whether lines are known. */
static bool tell_lines(struct hw_finding *finding, struct hw_buf *text, struct hw_buf *cause,
		       const struct hw_elf *elf, const struct hw_debug_files *files)
{
	const struct hw_elf *holder = files->debug ? files->debug : elf;
	const bool has = hw_debug_file_has_dwarf(holder);

	hw_finding_number(finding, "dwarf", has);
	if (files->debug_path)
		hw_finding_word(finding, "debug_file", files->debug_path);
	if (files->alt_path)
		hw_finding_word(finding, "dwz_file", files->alt_path);
	if (!has) {
		hw_buf_printf(cause, "%sno debug information: no source lines, no inlined functions",
			      cause->size ? "; " : "");
		return false;
	}
	hw_buf_printf(text, "%ssource lines", text->size ? ", " : "");
	if (files->debug_path)
		hw_buf_printf(text, " of %s", files->debug_path);
	if (files->alt_path)
		hw_buf_printf(text, " and %s", files->alt_path);
	if (hw_elf_find_section(holder, ".gnu_debugaltlink") && !files->alt) {
		hw_buf_printf(cause, "%sthe file its debug information shares with others (dwz) is missing",
			      cause->size ? "; " : "");
		return false;
	}
	return true;
}

static void add_lack(struct search *search, const struct hw_dso *dso, bool has_dwarf)
{
	struct lack lack = { .finding = search->checkup->findings->list.count - 1, .has_dwarf = has_dwarf };
	const char *path = hw_dso_file_path(dso);

	lack.path = realpath(path, NULL);
	if (!lack.path)
		lack.path = hw_strdup(path);
	hw_copy_text(lack.build_id, sizeof lack.build_id, hw_dso_build_id(dso));
	hw_vec_push(&search->lacks, lack);
}

static void check_loaded(struct search *search, struct hw_finding *finding, struct hw_dso *dso)
{
	const struct hw_elf *elf = hw_dso_elf(dso);
	const struct hw_debug_files *files = hw_dso_debug_files(dso);
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf cause = { 0 };
	bool named;
	bool lines;

	hw_finding_word(finding, "build_id", hw_dso_build_id(dso));
	named = tell_symbols(finding, &text, &cause, elf, files);
	lines = tell_lines(finding, &text, &cause, elf, files);
	tell_unwinding(finding, &text, &cause, elf);
	hw_finding_text(finding, "%s", hw_buf_str(&text));
	if (cause.size)
		hw_finding_cause(finding, named ? HW_LIMITED : HW_NO, "%s", hw_buf_str(&cause));
	if (!named || !lines || entries_of(elf, SHT_SYMTAB) + entries_of(files->debug, SHT_SYMTAB) == 0)
		add_lack(search, dso, lines);
}

static void check_file(struct search *search, struct hw_dso_table *table, const struct hw_doctor_file *file)
{
	const struct hw_dso_key key = {
		.kind = HW_DSO_FILE,
		.path = file->path,
		.major = file->major,
		.minor = file->minor,
		.inode = file->inode,
	};
	struct hw_dso *dso = hw_dso_table_add(table, &key);
	struct hw_finding *finding = hw_findings_add(search->checkup->findings, HW_SECTION_DEBUG_INFO,
						     "debug-info", "names and lines");

	finding->subject = hw_strdup(file->path);
	if (hw_dso_load(dso, search->checkup->config->pid, file->start_avma, file->limit_avma))
		check_loaded(search, finding, dso);
	else
		hw_finding_cause(finding, HW_NO, "%s", hw_dso_problem(dso));
}

/* --- What to install ----------------------------------------------------------------------------------- */

/* Packages of this system say nothing about the files of a container. A service with a mount namespace of its own has
 * ours, though. */
static bool is_elsewhere(pid_t pid)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("/proc/%d/root/usr", (int)pid);
	struct stat ours;
	struct stat theirs;

	return pid && stat("/usr", &ours) == 0 && stat(path, &theirs) == 0 &&
	       (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino);
}

static void suggest(struct search *search, const struct hw_system *system, char *const *packages)
{
	for (size_t i = 0; i < search->lacks.count; i++) {
		const struct lack *lack = &search->lacks.at[i];
		struct hw_finding *finding = &search->checkup->findings->list.at[lack->finding];
		HW_AUTO(hw_buf_fini) struct hw_buf fix = { 0 };

		if (packages[i])
			hw_finding_word(finding, "package", packages[i]);
		hw_package_print_fix(&fix, system, packages[i], lack->build_id);
		if (!fix.size && system->distribution != HW_DISTRIBUTION_ARCH)
			hw_buf_text(&fix, "compile it with -g, and do not strip it");
		hw_finding_fix(finding, "%s", hw_buf_str(&fix));
	}
}

/* What is missing may be on a server, which is asked where DEBUGINFOD_URLS says so. */
static void check_debuginfod(struct search *search, const struct hw_system *system)
{
	const char *urls = getenv("DEBUGINFOD_URLS");
	const bool has_urls = urls && urls[0];
	bool wants = false;
	struct hw_err err = { 0 };
	struct hw_finding *finding =
		hw_findings_add(search->checkup->findings, HW_SECTION_DEBUG_INFO, "debuginfod", "debuginfod");

	for (size_t i = 0; i < search->lacks.count; i++)
		wants |= strlen(search->lacks.at[i].build_id) > 2;
	hw_finding_number(finding, "urls_set", has_urls);
	hw_finding_number(finding, "built_in", hw_debuginfod_is_built_in());
	if (!hw_debuginfod_is_built_in()) {
		hw_finding_text(finding, "hwprof was built without it, and downloads nothing");
	} else if (!hw_debuginfod_urls()) {
		hw_finding_text(finding,
				has_urls ? "DEBUGINFOD_URLS is not heeded: hwprof has file capabilities"
					 : "DEBUGINFOD_URLS is not set: nothing is downloaded");
		if (!wants || has_urls)
			return;
		hw_finding_cause(finding, HW_LIMITED, "what is missing above may be there");
		hw_finding_fix(finding, "export DEBUGINFOD_URLS=\"%s\"", hw_system_debuginfod(system));
	} else if (hw_debuginfod_try(&err) < 0) {
		hw_finding_text(finding, "DEBUGINFOD_URLS is set");
		hw_finding_cause(finding, HW_NO, "%s", err.message);
		hw_finding_fix(finding, "sudo apt install libdebuginfod1");
	} else {
		hw_finding_text(finding, "DEBUGINFOD_URLS is set: what is missing is downloaded from there");
	}
}

static void find_fixes(struct search *search)
{
	const size_t count = search->lacks.count;
	HW_AUTO(hw_freep) char **packages = hw_alloc(count + 1, sizeof *packages);
	HW_AUTO(hw_freep) const char **paths = hw_alloc(count + 1, sizeof *paths);
	struct hw_system system;

	hw_system_read(&system);
	for (size_t i = 0; i < count; i++)
		paths[i] = search->lacks.at[i].path;
	if (!is_elsewhere(search->checkup->config->pid))
		hw_packages_find(packages, paths, count, DPKG_INFO);
	suggest(search, &system, packages);
	check_debuginfod(search, &system);
	for (size_t i = 0; i < count; i++)
		free(packages[i]);
}

void hw_check_debug_info(struct hw_checkup *checkup)
{
	HW_AUTO(hw_dso_table_freep) struct hw_dso_table *table = hw_dso_table_new();
	struct search search = { .checkup = checkup };

	if (!checkup->config->file_count)
		return;
	for (size_t i = 0; i < checkup->config->file_count; i++)
		check_file(&search, table, &checkup->config->files[i]);
	find_fixes(&search);
	for (size_t i = 0; i < search.lacks.count; i++)
		free(search.lacks.at[i].path);
	hw_vec_fini(&search.lacks);
}
