#include "dso/perf_map.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STATUS_LIMIT_BYTES 65536

static int digit_of(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A hexadecimal number and the blank behind it; false when there is none, or more than 64 bits of it. */
static bool take_number(const char **at, const char *end, uint64_t *value)
{
	const char *p = *at;
	const char *first;

	if (end - p > 2 && p[0] == '0' && (p[1] | 0x20) == 'x')
		p += 2;
	first = p;
	*value = 0;
	for (; p < end && digit_of((unsigned char)*p) >= 0; p++) {
		if (*value >> 60)
			return false;
		*value = *value << 4 | (unsigned)digit_of((unsigned char)*p);
	}
	if (p == first || p == end || *p != ' ')
		return false;
	*at = p + 1;
	return true;
}

/* One line, [at, end), whose end may be overwritten. */
static void parse_line(struct hw_perf_map *map, char *at, char *end)
{
	struct hw_perf_map_entry entry;
	const char *name = at;
	uint64_t size;

	if (end > at && end[-1] == '\r')
		end--;
	*end = '\0';
	if (end == at)
		return;
	if (!take_number(&name, end, &entry.range.start_avma) || !take_number(&name, end, &size) || !*name ||
	    __builtin_add_overflow(entry.range.start_avma, size, &entry.range.limit_avma)) {
		map->bad_lines++;
		return;
	}
	entry.name = (size_t)(name - map->text.data);
	if (size && map->entries.count == HW_PERF_MAP_LIMIT_ENTRIES)
		map->bad_lines++;
	else if (size)
		hw_vec_push(&map->entries, entry);
}

void hw_perf_map_parse(struct hw_perf_map *map, struct hw_buf *text)
{
	char *at, *limit;

	*map = (struct hw_perf_map){ .text = *text };
	*text = (struct hw_buf){ 0 };
	if (!map->text.data)
		return;
	limit = map->text.data + map->text.size;
	for (at = map->text.data; at < limit;) {
		char *end = memchr(at, '\n', (size_t)(limit - at));

		if (!end)
			end = limit; /* the buffer has a NUL there */
		parse_line(map, at, end);
		at = end + 1;
	}
}

/* --- Where it is ---------------------------------------------------------------------------------------- */

/* Numbers of a line of /proc/PID/status: the pid in each of its namespaces, innermost last ("NSpid"), or the real,
 * effective, saved and file system user ("Uid"): proc(5). Returns how many, of which `want` are stored. */
static size_t numbers_of(const char *status, const char *key, uint32_t *numbers, size_t want)
{
	const char *at = strstr(status, key);
	size_t count = 0;

	if (!at)
		return 0;
	for (at += strlen(key); *at == '\t' || *at == ' '; count++) {
		char *end;
		const unsigned long number = strtoul(at + 1, &end, 10);

		if (end == at + 1)
			break;
		numbers[count < want ? count : want - 1] = (uint32_t)number;
		at = end;
	}
	return count;
}

/* What the process calls /tmp, symlinks on the way taken in its own root. */
static int open_folder(pid_t pid)
{
	const struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	HW_AUTO(hw_closep) int root_fd = -1;
	char path[64];
	long fd;

	(void)snprintf(path, sizeof path, "/proc/%d/root", (int)pid);
	root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return -1;
	fd = syscall(SYS_openat2, root_fd, "/tmp", &how, sizeof how);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM)) /* before Linux 5.6, or under a seccomp filter */
		fd = openat(root_fd, "tmp", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return (int)fd;
}

void hw_perf_map_place_find(struct hw_perf_map_place *place, pid_t pid)
{
	HW_AUTO(hw_buf_fini) struct hw_buf status = { 0 };
	uint32_t users[2] = { 0, geteuid() };
	uint32_t inside[2] = { 0, (uint32_t)pid };
	char path[64];
	size_t levels = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	if (hw_file_read(&status, path, STATUS_LIMIT_BYTES, NULL) == 0) {
		/* Further numbers overwrite the second: of users, the last is that of new files. */
		(void)numbers_of(hw_buf_str(&status), "\nUid:", users, 2);
		levels = numbers_of(hw_buf_str(&status), "\nNSpid:", inside, 2);
	}
	*place = (struct hw_perf_map_place){
		.folder_fd = open_folder(pid),
		.pid = levels > 1 ? inside[1] : (uint32_t)pid,
		.owner = (uid_t)users[1],
	};
	if (place->folder_fd < 0 && levels <= 1)
		place->folder_fd = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void hw_perf_map_place_fini(struct hw_perf_map_place *place)
{
	if (place->folder_fd >= 0)
		close(place->folder_fd);
	place->folder_fd = -1;
}

/* Open the file when it may be trusted; -1 with *err, -2 when there is none. What is in a folder where everybody may
 * write is first looked at, then opened: a FIFO would wait. */
static int open_map(int folder_fd, const char *name, uid_t owner, struct hw_err *err)
{
	HW_AUTO(hw_closep) int path_fd = openat(folder_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char path[64];
	struct stat st;
	int fd;

	if (path_fd < 0 && errno == ENOENT)
		return -2;
	if (path_fd < 0 || fstat(path_fd, &st) < 0)
		return hw_err_sys(err, HW_ERR_INPUT, "cannot open /tmp/%s", name);
	if (!S_ISREG(st.st_mode))
		return hw_err_set(err, HW_ERR_INPUT, "/tmp/%s is not a regular file and was not read", name);
	if (st.st_uid != owner && st.st_uid != 0)
		return hw_err_set(
			err, HW_ERR_PERMISSION,
			"/tmp/%s belongs to user %u, not to the process's user %u, and was not read", name,
			(unsigned)st.st_uid, (unsigned)owner);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", path_fd);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? hw_err_sys(err, HW_ERR_INPUT, "cannot read /tmp/%s", name) : fd;
}

int hw_perf_map_read(struct hw_perf_map *map, const struct hw_perf_map_place *place, struct hw_err *err)
{
	struct hw_buf text = { 0 };
	char name[32];
	int fd;

	*map = (struct hw_perf_map){ 0 };
	if (place->folder_fd < 0)
		return 0;
	(void)snprintf(name, sizeof name, "perf-%" PRIu32 ".map", place->pid);
	fd = open_map(place->folder_fd, name, place->owner, err);
	if (fd < 0)
		return fd == -2 ? 0 : -1;
	if (hw_file_read_fd(&text, fd, name, HW_PERF_MAP_LIMIT_BYTES, err) < 0) {
		hw_buf_fini(&text);
		close(fd);
		return -1;
	}
	close(fd);
	hw_perf_map_parse(map, &text);
	return 1;
}

void hw_perf_map_fini(struct hw_perf_map *map)
{
	hw_vec_fini(&map->entries);
	hw_buf_fini(&map->text);
	map->bad_lines = 0;
}
