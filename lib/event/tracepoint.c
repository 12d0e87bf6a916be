#include "event/tracepoint.h"

#include "base/file.h"
#include "base/units.h"
#include "event/dirs.h"

#include <errno.h>
#include <unistd.h>

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

static int no_access(const char *root, const char *name, struct hw_err *err)
{
	(void)hw_err_sys(err, HW_ERR_PERMISSION, "tracepoint '%s': cannot read '%s/events'", name, root);
	return hw_err_hint(err,
			   "run as root, or as root let a group read it: "
			   "mount -o remount,mode=750,gid=GROUP %s",
			   root);
}

/* The root that is mounted. NULL with err when none is, or when it may not be searched. */
static const char *find_root(const char *const *roots, const char *name, struct hw_err *err)
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
		(void)no_access(denied, name, err);
		return NULL;
	}
	(void)hw_err_set(err, HW_ERR_EVENT, "tracepoint '%s': tracefs is not mounted", name);
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
	root = find_root(roots, name, err);
	if (!root)
		return -1;
	path = hw_asprintf("%s/events/%s/%s/id", root, system, event);
	if (hw_file_read_line(line, sizeof line, path) < 0) {
		if (errno == EACCES)
			return no_access(root, name, err);
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
	HW_AUTO(hw_freep) char *prefix = hw_asprintf("%s:", system);

	hw_dirs_offer(nearest, folder, prefix, "");
}

void hw_tracepoint_offer(struct hw_nearest *nearest, const char *const *roots, const char *name)
{
	HW_AUTO(hw_freep) char *system = NULL;
	HW_AUTO(hw_freep) char *folder = NULL;
	struct hw_dirs systems = { 0 };
	const char *event;
	const char *root = split(name, &system, &event) ? find_root(roots, name, NULL) : NULL;

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
