#include "dso/open_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Open what a path descriptor stands for, when it is a regular file. */
static int reopen_regular(int path_fd)
{
	HW_AUTO(hw_closep) int fd = path_fd;
	char path[64];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = HW_OPEN_NOT_REGULAR;
		return -1;
	}
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

int hw_open_regular(const char *path)
{
	return reopen_regular(open(path, O_PATH | O_CLOEXEC));
}

int hw_open_regular_under(int root_fd, const char *path)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	const long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof how);
	char *joined;
	int joined_fd;

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return reopen_regular((int)fd);
	/* Before Linux 5.6, or under a seccomp filter: absolute symlinks then lead out of that root, and what they
	 * lead to fails the identity check. */
	joined = hw_asprintf("/proc/self/fd/%d/%s", root_fd, path);
	joined_fd = open(joined, O_PATH | O_CLOEXEC);
	free(joined);
	return reopen_regular(joined_fd);
}

const char *hw_open_error(int sys_errno)
{
	return sys_errno == HW_OPEN_NOT_REGULAR ? "not a regular file" : strerror(sys_errno);
}

uint32_t hw_stat_major(const struct stat *st)
{
	return major(st->st_dev);
}

uint32_t hw_stat_minor(const struct stat *st)
{
	return minor(st->st_dev);
}
