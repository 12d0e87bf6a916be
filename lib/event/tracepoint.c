#include "event/tracepoint.h"

#include "base/file.h"
#include "base/units.h"
#include "event/dirs.h"

#include <errno.h>
#include <unistd.h>

/* A format file shows a line per field; the longest of Linux 6 have a few dozen. */
#define FORMAT_SIZE_MAX (64 << 10)

/* name cut at its ':'; event points behind it. False when the name has another form. */
static bool split(const char *name, char **system, const char **event)
{
	const char *colon = strchr(name, ':');

	if (!colon)
		return false;
	*system = hw_strndup(name, (size_t)(colon - name));
	*event = colon + 1;
	return hw_dirs_name_ok(*system) && hw_dirs_name_ok(*event);
}

bool hw_tracepoint_name_ok(const char *name)
{
	HW_AUTO(hw_freep) char *system = NULL;
	const char *event;

	return split(name, &system, &event);
}

static int no_access(const char *root, struct hw_err *err)
{
	(void)hw_err_sys(err, HW_ERR_PERMISSION, "cannot read '%s/events'", root);
	return hw_err_hint(err,
			   "run as root, or as root let a group read it: "
			   "mount -o remount,mode=750,gid=GROUP %s",
			   root);
}

const char *hw_tracepoint_root(const char *const *roots, struct hw_err *err)
{
	const char *denied = NULL;

	for (; *roots; roots++) {
		HW_AUTO(hw_freep) char *events = hw_asprintf("%s/events", *roots);

		if (access(events, R_OK | X_OK) == 0)
			return *roots;
		if (errno == EACCES && !denied)
			denied = *roots;
	}
	if (denied) {
		errno = EACCES;
		(void)no_access(denied, err);
		return NULL;
	}
	(void)hw_err_set(err, HW_ERR_EVENT, "tracefs is not mounted");
	(void)hw_err_hint(err, "as root: mount -t tracefs tracefs /sys/kernel/tracing");
	return NULL;
}

int hw_tracepoint_find(uint64_t *id, const char *const *roots, const char *name, struct hw_err *err)
{
	HW_AUTO(hw_freep) char *system = NULL;
	HW_AUTO(hw_freep) char *path = NULL;
	const char *event;
	const char *root;
	char line[32];

	if (!split(name, &system, &event))
		return 0;
	root = hw_tracepoint_root(roots, err);
	if (!root)
		return hw_err_wrap(err, "tracepoint '%s'", name);
	path = hw_asprintf("%s/events/%s/%s/id", root, system, event);
	if (hw_file_read_line(line, sizeof line, path) < 0) {
		if (errno == EACCES) {
			(void)no_access(root, err);
			return hw_err_wrap(err, "tracepoint '%s'", name);
		}
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return hw_err_sys(err, HW_ERR_SYSTEM, "tracepoint '%s': cannot read '%s'", name, path);
	}
	if (hw_parse_u64(id, line, err) < 0)
		return hw_err_wrap(err, "tracepoint '%s': '%s'", name, path);
	return 1;
}

static void offer_system(struct hw_nearest *nearest, const char *root, const char *system)
{
	HW_AUTO(hw_freep) char *folder = hw_asprintf("%s/events/%s", root, system);
	struct hw_dirs events = { 0 };

	hw_dirs_read(&events, folder);
	for (size_t i = 0; i < events.names.count; i++) {
		HW_AUTO(hw_freep) char *name = hw_asprintf("%s:%s", system, events.names.at[i]);
		HW_AUTO(hw_freep) char *id = hw_asprintf("%s/%s/id", folder, events.names.at[i]);

		if (access(id, F_OK) == 0) /* not "enable" and "filter", which stand beside the events */
			hw_nearest_offer(nearest, name);
	}
	hw_dirs_fini(&events);
}

void hw_tracepoint_offer(struct hw_nearest *nearest, const char *const *roots, const char *name)
{
	HW_AUTO(hw_freep) char *system = NULL;
	HW_AUTO(hw_freep) char *folder = NULL;
	struct hw_dirs systems = { 0 };
	const char *event;
	const char *root = split(name, &system, &event) ? hw_tracepoint_root(roots, NULL) : NULL;

	if (!root)
		return;
	folder = hw_asprintf("%s/events/%s", root, system);
	if (access(folder, X_OK) == 0) {
		offer_system(nearest, root, system);
		return;
	}
	free(folder);
	folder = hw_asprintf("%s/events", root);
	hw_dirs_read(&systems, folder);
	for (size_t i = 0; i < systems.names.count; i++)
		offer_system(nearest, root, systems.names.at[i]);
	hw_dirs_fini(&systems);
}

/* A line of a format file such as "\tfield:char comm[16];\toffset:8;..." -> "char comm[16]", appended behind a comma. */
static void add_field(struct hw_buf *out, const char *line, size_t length)
{
	static const char key[] = "field:";
	const char *end;

	while (length && (*line == '\t' || *line == ' ')) {
		line++;
		length--;
	}
	if (length < sizeof key || strncmp(line, key, sizeof key - 1) != 0)
		return;
	line += sizeof key - 1;
	length -= sizeof key - 1;
	end = memchr(line, ';', length);
	if (!end || memmem(line, (size_t)(end - line), " common_", 8))
		return;
	hw_buf_text(out, out->size ? ", " : "");
	hw_buf_add(out, line, (size_t)(end - line));
}

void hw_tracepoint_fields_parse(struct hw_buf *fields, const char *text)
{
	while (*text && strncmp(text, "print fmt", 9) != 0) {
		const size_t length = strcspn(text, "\n");

		add_field(fields, text, length);
		text += length;
		text += *text == '\n';
	}
}

bool hw_tracepoint_fields(struct hw_buf *fields, const char *root, const char *name)
{
	HW_AUTO(hw_freep) char *system = NULL;
	HW_AUTO(hw_freep) char *path = NULL;
	struct hw_buf text = { 0 };
	const char *event;
	bool found;

	if (!split(name, &system, &event))
		return false;
	path = hw_asprintf("%s/events/%s/%s/format", root, system, event);
	found = hw_file_read(&text, path, FORMAT_SIZE_MAX, NULL) == 0;
	if (found)
		hw_tracepoint_fields_parse(fields, hw_buf_str(&text));
	hw_buf_fini(&text);
	return found;
}
