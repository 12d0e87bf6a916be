#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP ((size_t)64 << 10)

int hw_file_read_fd(struct hw_buf *buf, int fd, const char *name, uint64_t limit_bytes, struct hw_err *err)
{
	const size_t before = buf->size;
	struct stat st;
	size_t step = READ_STEP;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		if ((uint64_t)st.st_size > limit_bytes)
			return hw_err_set(err, HW_ERR_LIMIT, "'%s' is larger than %" PRIu64 " bytes", name,
					  limit_bytes);
		step = (size_t)st.st_size + 1; /* one more, so that the end is seen without growing */
	}
	for (;;) {
		char *to = hw_buf_reserve(buf, step);
		const ssize_t got = read(fd, to, step);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hw_err_sys(err, HW_ERR_INPUT, "cannot read '%s'", name);
		buf->size += (size_t)got;
		buf->data[buf->size] = '\0';
		if (buf->size - before > limit_bytes)
			return hw_err_set(err, HW_ERR_LIMIT, "'%s' is larger than %" PRIu64 " bytes", name,
					  limit_bytes);
		if (got == 0)
			return 0;
		if (step < READ_STEP || buf->size - before >= step)
			step = READ_STEP;
	}
}

int hw_file_read(struct hw_buf *buf, const char *path, uint64_t limit_bytes, struct hw_err *err)
{
	HW_AUTO(hw_closep) int fd = -1;

	if (strcmp(path, "-") == 0)
		return hw_file_read_fd(buf, STDIN_FILENO, "stdin", limit_bytes, err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return hw_err_sys(err, HW_ERR_INPUT, "cannot open '%s'", path);
	return hw_file_read_fd(buf, fd, path, limit_bytes, err);
}

int hw_file_read_regular(struct hw_buf *buf, const char *path, uint64_t limit_bytes, struct hw_err *err)
{
	HW_AUTO(hw_closep) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return hw_err_sys(err, HW_ERR_INPUT, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return hw_err_set(err, HW_ERR_INPUT, "cannot read '%s': not a regular file", path);
	return hw_file_read_fd(buf, fd, path, limit_bytes, err);
}

int hw_file_read_line(char *line, size_t size, const char *path)
{
	HW_AUTO(hw_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -1;
	do
		got = read(fd, line, size - 1);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	line[got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

/* A new file beside path, created exclusively: nobody can have put a symlink in its place. */
static int open_temporary(struct hw_output *output, const char *path, struct hw_err *err)
{
	for (unsigned attempt = 0; attempt < 100; attempt++) {
		output->tmp_path = hw_asprintf("%s.%d-%u.tmp", path, (int)getpid(), attempt);
		output->fd =
			open(output->tmp_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (output->fd >= 0)
			return 0;
		free(output->tmp_path);
		output->tmp_path = NULL;
		if (errno != EEXIST)
			break;
	}
	(void)hw_err_sys(err, HW_ERR_OUTPUT, "cannot create a file beside '%s'", path);
	return hw_err_hint(err, "name a file in a folder you may write to with -o");
}

static int refuse_symlink(const char *path, struct hw_err *err)
{
	(void)hw_err_set(err, HW_ERR_OUTPUT, "output '%s' is a symbolic link", path);
	return hw_err_hint(err,
			   "hwprof writes through no link; name the file itself with -o, or remove the link");
}

int hw_output_open(struct hw_output *output, const char *path, struct hw_err *err)
{
	struct stat st;

	*output = (struct hw_output){ .fd = -1, .path = hw_strdup(path) };
	if (strcmp(path, "-") == 0) {
		output->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		if (output->fd < 0)
			return hw_err_sys(err, HW_ERR_OUTPUT, "cannot write to stdout");
		return 0;
	}
	if (lstat(path, &st) < 0) {
		if (errno == ENOENT)
			return open_temporary(output, path, err);
		return hw_err_sys(err, HW_ERR_OUTPUT, "cannot write '%s'", path);
	}
	if (S_ISLNK(st.st_mode))
		return refuse_symlink(path, err);
	if (S_ISDIR(st.st_mode))
		return hw_err_set(err, HW_ERR_OUTPUT, "output '%s' is a directory", path);
	if (S_ISREG(st.st_mode))
		return open_temporary(output, path, err);
	output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (output->fd < 0)
		return hw_err_sys(err, HW_ERR_OUTPUT, "cannot write '%s'", path);
	return 0;
}

/* What errors call it. */
static const char *output_name(const struct hw_output *output)
{
	return strcmp(output->path, "-") == 0 ? "stdout" : output->path;
}

int hw_output_write(struct hw_output *output, const void *data, size_t size, struct hw_err *err)
{
	const char *p = data;

	while (size) {
		const ssize_t done = write(output->fd, p, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return hw_err_sys(err, HW_ERR_OUTPUT, "cannot write '%s'", output_name(output));
		p += done;
		output->written_bytes += (uint64_t)done;
		size -= (size_t)done;
	}
	return 0;
}

int hw_output_commit(struct hw_output *output, struct hw_err *err)
{
	struct stat st;
	const int closed = close(output->fd);

	output->fd = -1;
	if (closed < 0)
		return hw_err_sys(err, HW_ERR_OUTPUT, "cannot write '%s'", output_name(output));
	if (!output->tmp_path)
		return 0;
	if (lstat(output->path, &st) == 0 && S_ISLNK(st.st_mode))
		return refuse_symlink(output->path, err);
	if (rename(output->tmp_path, output->path) < 0)
		return hw_err_sys(err, HW_ERR_OUTPUT, "cannot rename '%s' to '%s'", output->tmp_path,
				  output->path);
	free(output->tmp_path);
	output->tmp_path = NULL;
	return 0;
}

void hw_output_fini(struct hw_output *output)
{
	if (!output->path)
		return;
	if (output->fd >= 0)
		close(output->fd);
	if (output->tmp_path)
		(void)unlink(output->tmp_path);
	free(output->tmp_path);
	free(output->path);
	*output = (struct hw_output){ .fd = -1 };
}
