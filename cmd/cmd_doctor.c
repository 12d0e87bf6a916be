/* hwprof doctor: what works on this machine, what does not, why, and the fix. */
#include "copy_size.h"
#include "options.h"
#include "pager.h"
#include "recording.h"
#include "terminal.h"
#include "wrap.h"

#include "base/file.h"
#include "base/units.h"
#include "doctor/doctor.h"
#include "process/proc_maps.h"

#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"

/* Own processes cannot be profiled, or the one that was asked about cannot. */
#define STATUS_SICK 1

/* Columns of "  limited  ". */
#define STATE_COLUMNS 11

struct doctor_options {
	const char *pid, *color;
	bool json, no_pager;
};

#define OPTION(field) offsetof(struct doctor_options, field)
static const struct hw_option doctor_option_table[] = {
	{ "pid", 'p', "PID", HW_OPT_TEXT, OPTION(pid),
	  "also look whether this process can be profiled, and for debug information of all files it runs "
	  "code of" },
	{ "json", 0, NULL, HW_OPT_FLAG, OPTION(json), "write JSON; see JSON FORMAT in hwprof-doctor(1)" },
	COLOR_OPTION(struct doctor_options, color),
	{ "no-pager", 0, NULL, HW_OPT_FLAG, OPTION(no_pager), "do not show a long text through $PAGER" },
};
#undef OPTION

/* --- What to look at ----------------------------------------------------------------------------------- */

struct subjects {
	pid_t pid;
	HW_VEC(struct hw_doctor_file) files; /* their paths are owned */
};

static void subjects_fini(struct subjects *subjects)
{
	for (size_t i = 0; i < subjects->files.count; i++)
		free((char *)subjects->files.at[i].path);
	hw_vec_fini(&subjects->files);
}

/* A command's name stands for the file that would run, as in a shell. */
static char *find_program(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/') || access(name, F_OK) == 0 || !path)
		return hw_strdup(name);
	while (*path) {
		const size_t length = strcspn(path, ":");
		char *full = hw_asprintf("%.*s/%s", (int)length, path, name);

		if (access(full, X_OK) == 0)
			return full;
		free(full);
		path += length + (path[length] == ':');
	}
	return hw_strdup(name);
}

static int add_program(struct subjects *subjects, const char *name, struct hw_err *err)
{
	HW_AUTO(hw_freep) char *found = find_program(name);
	char *path = realpath(found, NULL);

	if (!path)
		return hw_err_sys(err, HW_ERR_INPUT, "cannot open '%s'", name);
	hw_vec_push(&subjects->files, (struct hw_doctor_file){ .path = path });
	return 0;
}

static bool is_known(const struct subjects *subjects, const char *path)
{
	for (size_t i = 0; i < subjects->files.count; i++)
		if (strcmp(subjects->files.at[i].path, path) == 0)
			return true;
	return false;
}

static void add_mapping(struct subjects *subjects, struct hw_proc_map *map)
{
	static const char suffix[] = " (deleted)";
	const size_t length = strlen(map->path);

	if (!(map->prot & PROT_EXEC) || map->path[0] != '/')
		return;
	if (length >= sizeof suffix && strcmp(map->path + length - (sizeof suffix - 1), suffix) == 0)
		map->path[length - (sizeof suffix - 1)] = '\0';
	if (is_known(subjects, map->path))
		return;
	hw_vec_push(&subjects->files, (struct hw_doctor_file){
					      .path = hw_strdup(map->path),
					      .major = map->major,
					      .minor = map->minor,
					      .inode = map->inode,
					      .start_avma = map->start_avma,
					      .limit_avma = map->limit_avma,
				      });
}

/* A process whose maps may not be read is no error here, but a finding. */
static int add_process(struct subjects *subjects, const char *text, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf maps = { 0 };
	HW_AUTO(hw_freep) char *path = NULL;
	struct hw_proc_map *map;
	struct hw_bytes bytes;
	uint64_t pid = 0;
	int result;

	if (hw_parse_u64(&pid, text, NULL) < 0 || !pid || pid > INT_MAX)
		return hw_err_set(err, HW_ERR_USAGE, "--pid: '%s' is not the number of a process", text);
	if (hw_proc_tgid((pid_t)pid, err) < 0)
		return -1;
	subjects->pid = (pid_t)pid;
	path = hw_asprintf("/proc/%d/maps", (int)pid);
	if (hw_file_read(&maps, path, (uint64_t)64 << 20, NULL) < 0)
		return 0;
	map = hw_alloc(1, sizeof *map);
	bytes = hw_bytes_of(maps.data, maps.size);
	while ((result = hw_proc_map_next(&bytes, map, NULL)) != 0)
		if (result > 0)
			add_mapping(subjects, map);
	free(map);
	return 0;
}

static int choose_subjects(struct subjects *subjects, const struct doctor_options *o, int operand_count,
			   char **operands, struct hw_err *err)
{
	if (operand_count > 1)
		return hw_err_set(err, HW_ERR_USAGE, "one program at a time: '%s' is one too many",
				  operands[1]);
	if (operand_count && o->pid)
		return hw_err_set(err, HW_ERR_USAGE, "-p PID and a program contradict each other");
	if (o->pid)
		return add_process(subjects, o->pid, err);
	return operand_count ? add_program(subjects, operands[0], err) : 0;
}

/* --- Text ---------------------------------------------------------------------------------------------- */

static void print_state(struct hw_buf *out, const struct hw_style *style, enum hw_finding_state state)
{
	static const enum hw_ink inks[] = {
		[HW_WORKS] = HW_INK_GOOD, [HW_LIMITED] = HW_INK_WARM, [HW_NO] = HW_INK_HOT
	};

	hw_buf_text(out, "  ");
	hw_style_begin(out, style, inks[state]);
	hw_buf_printf(out, "%-*s", STATE_COLUMNS - 2, hw_finding_state_name(state));
	hw_style_end(out, style);
}

/* Foreign text, escaped and wrapped, from a column on. */
static void print_wrapped(struct hw_buf *out, const struct hw_style *style, const char *text, size_t at,
			  size_t indent)
{
	HW_AUTO(hw_buf_fini) struct hw_buf safe = { 0 };

	hw_buf_printable(&safe, text);
	hw_wrap_print(out, hw_buf_str(&safe), at, indent, style->width ? style->width : SIZE_MAX);
}

static void print_finding(struct hw_buf *out, const struct hw_style *style, const struct hw_finding *finding)
{
	const char *title = finding->subject ? finding->subject : finding->title;
	HW_AUTO(hw_freep)
	char *line = hw_asprintf("%s: %s", title, finding->text[0] ? finding->text : finding->cause);
	const char *fix = finding->fix;

	print_state(out, style, finding->state);
	print_wrapped(out, style, line, STATE_COLUMNS, STATE_COLUMNS);
	if (finding->text[0] && finding->cause[0]) {
		hw_buf_printf(out, "%*s", STATE_COLUMNS, "");
		print_wrapped(out, style, finding->cause, STATE_COLUMNS, STATE_COLUMNS);
	}
	/* A command is copied whole: the terminal may break it, we do not. */
	while (*fix) {
		HW_AUTO(hw_freep) char *command = hw_strndup(fix, strcspn(fix, "\n"));

		hw_buf_printf(out, "%*s", STATE_COLUMNS, "");
		hw_style_begin(out, style, HW_INK_DIM);
		hw_buf_text(out, "fix: ");
		hw_style_end(out, style);
		hw_buf_printable(out, command);
		hw_buf_text(out, "\n");
		fix += strlen(command);
		fix += *fix == '\n';
	}
}

static void print_section(struct hw_buf *out, const struct hw_style *style,
			  const struct hw_findings *findings, enum hw_section section)
{
	bool has_title = false;

	for (size_t i = 0; i < findings->list.count; i++) {
		const struct hw_finding *finding = &findings->list.at[i];

		if (finding->section != section || finding->is_implied)
			continue;
		if (!has_title) {
			hw_buf_text(out, "\n");
			hw_style_begin(out, style, HW_INK_HEADING);
			hw_buf_text(out, hw_section_title(section));
			hw_style_end(out, style);
			hw_buf_text(out, "\n");
			has_title = true;
		}
		print_finding(out, style, finding);
	}
}

static void print_text(struct hw_buf *out, const struct hw_style *style, const struct hw_diagnosis *diagnosis)
{
	hw_style_begin(out, style, diagnosis->can_record ? HW_INK_HEADING : HW_INK_HOT);
	print_wrapped(out, style, diagnosis->verdict, 0, 0);
	hw_style_end(out, style);
	for (unsigned section = 0; section < HW_SECTION_COUNT; section++)
		print_section(out, style, &diagnosis->findings, section);
}

/* --- Doing it ------------------------------------------------------------------------------------------ */

static int examine(const struct doctor_options *o, const struct subjects *subjects,
		   const struct hw_style *style, struct hw_err *err)
{
	const struct hw_doctor_config config = {
		.pid = subjects->pid,
		.files = subjects->files.at,
		.file_count = subjects->files.count,
		.freq_hz = RECORDING_FREQ_HZ,
		.stack_size_bytes = HW_COPY_SIZE_START,
		.stack_raised_bytes = HW_COPY_SIZE_LIMIT,
	};
	const struct hw_finding *process;
	struct hw_diagnosis diagnosis;
	struct hw_buf out = { 0 };
	int result;

	hw_diagnosis_init(&diagnosis, &config);
	if (o->json)
		hw_diagnosis_json(&out, &diagnosis, PACKAGE_VERSION);
	else
		print_text(&out, style, &diagnosis);
	process = hw_findings_find(&diagnosis.findings, "process");
	result = hw_pager_show(&out, !o->json && !o->no_pager, err);
	if (result == 0 && (!diagnosis.can_record || (process && process->state == HW_NO)))
		result = STATUS_SICK;
	hw_diagnosis_fini(&diagnosis);
	hw_buf_fini(&out);
	return result;
}

static int run_doctor(const void *options, int operand_count, char **operands, struct hw_err *err)
{
	const struct doctor_options *o = options;
	HW_AUTO(subjects_fini) struct subjects subjects = { 0 };
	struct hw_style style;

	if (hw_terminal_style(&style, o->color, err) < 0 ||
	    choose_subjects(&subjects, o, operand_count, operands, err) < 0)
		return -1;
	return examine(o, &subjects, &style, err);
}

const struct hw_command hw_command_doctor = {
	.name = "doctor",
	.summary = "show what works on this machine, and what mends the rest",
	.usage = "[OPTIONS] [PROGRAM | -p PID]",
	.options = doctor_option_table,
	.option_count = HW_COUNT_OF(doctor_option_table),
	.options_anywhere = true,
	.options_size = sizeof(struct doctor_options),
	.run = run_doctor,
};
