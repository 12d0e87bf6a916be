/* What /proc says about processes that were there before the recording. */
#include "process/proc_maps.h"

#include "base/file.h"
#include "base/vec.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- /proc/PID/maps ----------------------------------------------------------------------------------- */

/* The text up to the next newline (or the end), which is skipped. */
static struct hw_bytes take_line(struct hw_bytes *text)
{
	const size_t left = hw_bytes_left(text);
	const uint8_t *newline = left ? memchr(text->at, '\n', left) : NULL;
	const size_t size = newline ? (size_t)(newline - text->at) : left;
	const struct hw_bytes line = hw_bytes_sub(text, size);

	if (newline)
		hw_bytes_take(text, 1);
	return line;
}

static int digit_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Digits of a number below 2^64, and the character that has to follow. A wrong one is an overrun. */
static uint64_t take_number(struct hw_bytes *line, uint64_t base, char delimiter)
{
	uint64_t value = 0;
	size_t digits = 0;

	while (!line->overrun && hw_bytes_left(line)) {
		const int digit = digit_value(*line->at);

		if (digit < 0 || (uint64_t)digit >= base)
			break;
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value)) {
			line->overrun = true;
			return 0;
		}
		hw_bytes_take(line, 1);
		digits++;
	}
	if (!digits || hw_bytes_u8(line) != (uint8_t)delimiter)
		line->overrun = true;
	return value;
}

/* "r-xp ": PROT_* of it. */
static uint32_t take_permissions(struct hw_bytes *line)
{
	const uint8_t *p = hw_bytes_take(line, 5);

	if (!p || p[4] != ' ') {
		line->overrun = true;
		return 0;
	}
	return (p[0] == 'r' ? PROT_READ : 0u) | (p[1] == 'w' ? PROT_WRITE : 0u) |
	       (p[2] == 'x' ? PROT_EXEC : 0u);
}

/* The rest of the line. The kernel escapes the newline, as \012, and nothing else (show_map_vma() in
 * fs/proc/task_mmu.c calls seq_path() with "\n"), so that other backslashes are the file's own. */
static void take_path(struct hw_bytes *line, char *path, size_t size)
{
	size_t length = 0;

	while (!line->overrun && hw_bytes_left(line) && *line->at == ' ')
		hw_bytes_take(line, 1);
	while (!line->overrun && hw_bytes_left(line)) {
		uint8_t c = *line->at;
		size_t width = 1;

		if (hw_bytes_left(line) >= 4 && !memcmp(line->at, "\\012", 4)) {
			c = '\n';
			width = 4;
		}
		if (c == '\0' || length + 1 >= size) {
			line->overrun = true;
			break; /* path stays terminated */
		}
		path[length++] = (char)c;
		hw_bytes_take(line, width);
	}
	path[length] = '\0';
}

int hw_proc_map_next(struct hw_bytes *text, struct hw_proc_map *map, struct hw_err *err)
{
	struct hw_bytes line;
	const char *start;
	int shown;

	if (!hw_bytes_left(text))
		return 0;
	line = take_line(text);
	start = (const char *)line.at;
	shown = (int)(hw_bytes_left(&line) < 100 ? hw_bytes_left(&line) : 100);

	map->start_avma = take_number(&line, 16, '-');
	map->limit_avma = take_number(&line, 16, ' ');
	map->prot = take_permissions(&line);
	map->file_foff = take_number(&line, 16, ' ');
	map->major = (uint32_t)take_number(&line, 16, ':');
	map->minor = (uint32_t)take_number(&line, 16, ' ');
	/* Anonymous memory may end right behind its inode, 0. */
	if (hw_bytes_left(&line) == 1 && *line.at == '0') {
		map->inode = 0;
		hw_bytes_take(&line, 1);
	} else {
		map->inode = take_number(&line, 10, ' ');
	}
	take_path(&line, map->path, sizeof map->path);
	if (line.overrun || map->start_avma >= map->limit_avma)
		return hw_err_set(err, HW_ERR_FORMAT, "not a line of /proc/PID/maps: '%.*s'", shown, start);
	return 1;
}

/* --- Lists of processes and threads ------------------------------------------------------------------- */

HW_CHECKED static bool parse_pid(pid_t *pid, const char *text)
{
	char *end;
	long value;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || *end || value <= 0 || value > INT32_MAX)
		return false;
	*pid = (pid_t)value;
	return true;
}

static int compare_pids(const void *left, const void *right)
{
	const pid_t a = *(const pid_t *)left;
	const pid_t b = *(const pid_t *)right;

	return (a > b) - (a < b);
}

struct pid_list {
	HW_VEC(pid_t) pids;
};

/* The numbers among a folder's names, ascending. -1 (errno set) when it cannot be read. */
static int list_numbers(const char *path, struct pid_list *list)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	pid_t pid;
	int read_errno;

	if (!folder)
		return -1;
	for (;;) {
		errno = 0;
		entry = readdir(folder);
		if (!entry)
			break;
		if (parse_pid(&pid, entry->d_name))
			hw_vec_push(&list->pids, pid);
	}
	read_errno = errno;
	closedir(folder);
	if (read_errno) {
		hw_vec_fini(&list->pids);
		errno = read_errno;
		return -1;
	}
	if (list->pids.count)
		qsort(list->pids.at, list->pids.count, sizeof *list->pids.at, compare_pids);
	return 0;
}

/* Append to the caller's array, which hw_proc_* hand out as pointer and count. */
static void append(pid_t **to, size_t *count, const pid_t *from, size_t more)
{
	if (!more)
		return;
	*to = hw_realloc(*to, *count + more, sizeof **to);
	memcpy(*to + *count, from, more * sizeof *from);
	*count += more;
}

int hw_proc_tids(pid_t pid, pid_t **tids, size_t *count, struct hw_err *err)
{
	struct pid_list list = { 0 };
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	if (list_numbers(path, &list) < 0) {
		if (errno == ENOENT || errno == ESRCH)
			return hw_err_set(err, HW_ERR_TARGET, "there is no process %d", (int)pid);
		return hw_err_sys(err, HW_ERR_TARGET, "cannot list the threads of process %d", (int)pid);
	}
	append(tids, count, list.pids.at, list.pids.count);
	hw_vec_fini(&list.pids);
	return 0;
}

pid_t hw_proc_tgid(pid_t tid, struct hw_err *err)
{
	struct hw_buf status = { 0 };
	const char *line;
	char path[64];
	pid_t tgid = -1;

	snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
	if (tid <= 0 || hw_file_read(&status, path, 1 << 20, NULL) < 0) {
		hw_buf_fini(&status);
		return hw_err_set(err, HW_ERR_TARGET, "there is no thread %d", (int)tid);
	}
	line = strstr(hw_buf_str(&status), "\nTgid:\t");
	if (line)
		tgid = (pid_t)strtol(line + 7, NULL, 10);
	hw_buf_fini(&status);
	if (tgid <= 0)
		return hw_err_set(err, HW_ERR_TARGET, "%s names no thread group of thread %d", path,
				  (int)tid);
	return tgid;
}

/* State of a thread, the letter behind the name in /proc/PID/stat (proc(5)); 0 when there is none. */
static char thread_state(pid_t tid)
{
	char path[64];
	char line[512];
	const char *paren;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)tid);
	if (hw_file_read_line(line, sizeof line, path) < 0)
		return 0;
	paren = strrchr(line, ')');
	return paren && paren[1] == ' ' ? paren[2] : 0;
}

bool hw_proc_is_running(pid_t id)
{
	const char state = thread_state(id);
	pid_t *tids = NULL;
	size_t count = 0;

	if (state != 'Z' && state != 'X')
		return state != 0;
	/* The first thread may have ended before the others. */
	if (hw_proc_tids(id, &tids, &count, NULL) < 0)
		return false;
	free(tids);
	return count > 1;
}

int hw_proc_pids(pid_t **pids, size_t *count, struct hw_err *err)
{
	struct pid_list list = { 0 };

	if (list_numbers("/proc", &list) < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot list the processes in /proc");
	append(pids, count, list.pids.at, list.pids.count);
	hw_vec_fini(&list.pids);
	return 0;
}

/* The kernel keeps 15 characters of a name (TASK_COMM_LEN): a longer one matches by those. */
static bool is_comm(const char *comm, const char *name)
{
	const size_t kept = 15;

	if (strlen(name) <= kept)
		return !strcmp(comm, name);
	return strlen(comm) == kept && !strncmp(comm, name, kept);
}

/* Is it the file name of what the process executes? Unknown for processes of other users. */
static bool is_executable_name(pid_t pid, const char *name)
{
	static const char deleted[] = " (deleted)";
	char path[64];
	char target[4097];
	const char *base;
	ssize_t length;

	snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
	length = readlink(path, target, sizeof target - 1);
	if (length <= 0)
		return false;
	target[length] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (!strcmp(base, name))
		return true;
	length = (ssize_t)strlen(base) - (ssize_t)strlen(deleted);
	return length == (ssize_t)strlen(name) && !strcmp(base + length, deleted) &&
	       !strncmp(base, name, (size_t)length);
}

int hw_proc_find_by_name(const char *name, pid_t **pids, size_t *count, struct hw_err *err)
{
	struct pid_list list = { 0 };
	const pid_t self = getpid();

	if (list_numbers("/proc", &list) < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot list the processes in /proc");
	for (size_t i = 0; i < list.pids.count; i++) {
		const pid_t pid = list.pids.at[i];
		char path[64];
		char comm[64];

		if (pid == self)
			continue;
		snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
		if (hw_file_read_line(comm, sizeof comm, path) < 0)
			continue; /* it ended meanwhile */
		if (is_comm(comm, name) || is_executable_name(pid, name))
			append(pids, count, &pid, 1);
	}
	hw_vec_fini(&list.pids);
	return 0;
}
