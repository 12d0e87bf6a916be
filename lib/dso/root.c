#include "dso/root.h"

#include "dso/open_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

/* Which tree: a mount namespace, and a directory in it. */
struct identity {
	dev_t namespace_dev, root_dev;
	ino_t namespace_ino, root_ino;
};

struct hw_root {
	struct identity identity;
	int namespace_fd; /* keeps its mounts in place */
	int root_fd;
	char *prefix; /* where the root lies, as we are told paths; "" for "/" */
};

static bool is_same(const struct identity *a, const struct identity *b)
{
	return a->namespace_dev == b->namespace_dev && a->namespace_ino == b->namespace_ino &&
	       a->root_dev == b->root_dev && a->root_ino == b->root_ino;
}

static bool identify(struct identity *identity, int namespace_fd, int root_fd)
{
	struct stat namespace_st;
	struct stat root_st;

	if (namespace_fd < 0 || root_fd < 0 || fstat(namespace_fd, &namespace_st) < 0 ||
	    fstat(root_fd, &root_st) < 0)
		return false;
	*identity = (struct identity){ .namespace_dev = namespace_st.st_dev,
				       .namespace_ino = namespace_st.st_ino,
				       .root_dev = root_st.st_dev,
				       .root_ino = root_st.st_ino };
	return true;
}

static bool is_ours(const struct identity *identity)
{
	HW_AUTO(hw_closep) int namespace_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	HW_AUTO(hw_closep) int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct identity ours;

	return !identify(&ours, namespace_fd, root_fd) || is_same(identity, &ours);
}

static char *read_prefix(const char *link)
{
	char path[PATH_MAX];
	const ssize_t length = readlink(link, path, sizeof path);

	if (length <= 1 || (size_t)length == sizeof path || path[0] != '/')
		return hw_strdup("");
	return hw_strndup(path, (size_t)length);
}

static void root_close(struct hw_root *root)
{
	if (root->namespace_fd >= 0)
		(void)close(root->namespace_fd);
	if (root->root_fd >= 0)
		(void)close(root->root_fd);
	free(root->prefix);
	free(root);
}

/* NULL when the process has ended, may not be looked at, or sees what we see. */
static struct hw_root *root_open(pid_t pid)
{
	HW_AUTO(hw_freep) char *namespace_link = hw_asprintf("/proc/%d/ns/mnt", (int)pid);
	HW_AUTO(hw_freep) char *root_link = hw_asprintf("/proc/%d/root", (int)pid);
	struct hw_root *root = hw_alloc(1, sizeof *root);

	root->namespace_fd = open(namespace_link, O_RDONLY | O_CLOEXEC);
	root->root_fd = open(root_link, O_PATH | O_DIRECTORY | O_CLOEXEC);
	root->prefix = read_prefix(root_link);
	if (identify(&root->identity, root->namespace_fd, root->root_fd) && !is_ours(&root->identity))
		return root;
	root_close(root);
	return NULL;
}

const struct hw_root *hw_roots_of_process(struct hw_roots *roots, pid_t pid)
{
	struct hw_root *root = root_open(pid);
	struct hw_root *known = NULL;

	for (size_t i = 0; root && !known && i < roots->list.count; i++)
		if (is_same(&roots->list.at[i]->identity, &root->identity))
			known = roots->list.at[i];
	if (!root || known || roots->list.count == HW_ROOTS_MAX) {
		if (root)
			root_close(root);
		return known;
	}
	hw_vec_push(&roots->list, root);
	return root;
}

void hw_roots_fini(struct hw_roots *roots)
{
	for (size_t i = 0; i < roots->list.count; i++)
		root_close(roots->list.at[i]);
	hw_vec_fini(&roots->list);
}

int hw_root_open(const struct hw_root *root, const char *path)
{
	size_t length;
	int fd;

	if (!root)
		return hw_open_regular(path);
	fd = hw_open_regular_under(root->root_fd, path);
	length = strlen(root->prefix);
	if (fd < 0 && errno == ENOENT && length && strncmp(path, root->prefix, length) == 0 &&
	    path[length] == '/')
		fd = hw_open_regular_under(root->root_fd, path + length);
	return fd;
}
