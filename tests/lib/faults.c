/* A preload library that makes one call fail, to see what a program does about it:
 *
 *	HWPROF_FAULT=write:3:ENOSPC LD_PRELOAD=.../faults.so hwprof ...
 *
 * lets the third call of write, and every one after it, fail with ENOSPC. Calls: write, rename, close, open (with
 * O_CREAT only), mmap, read, fork. Writes to stdout and stderr are left alone. Errors by name: ENOSPC, EIO, EPERM,
 * EACCES, ENOMEM, EAGAIN, EINTR (EINTR fails once only, since it is to be retried). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct {
	const char *name;
	int value;
} errors[] = { { "ENOSPC", ENOSPC }, { "EIO", EIO },	   { "EPERM", EPERM }, { "EACCES", EACCES },
	       { "ENOMEM", ENOMEM }, { "EAGAIN", EAGAIN }, { "EINTR", EINTR } };

static struct {
	char call[16];
	unsigned long from; /* the first call that fails, from 1 */
	int error;
} fault;
static atomic_ulong calls;

/* A mistake in HWPROF_FAULT must not look like a program that survived it. */
static void bad_fault(const char *text)
{
	fprintf(stderr, "faults: HWPROF_FAULT='%s' is not CALL:NUMBER:ERROR\n", text);
	_exit(99);
}

__attribute__((constructor)) static void read_fault(void)
{
	const char *text = getenv("HWPROF_FAULT");
	char error[16];

	if (!text)
		return;
	if (sscanf(text, "%15[a-z]:%lu:%15[A-Z]", fault.call, &fault.from, error) != 3 || fault.from == 0)
		bad_fault(text);
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(error, errors[i].name) == 0)
			fault.error = errors[i].value;
	if (!fault.error)
		bad_fault(text);
}

/* Is it this call's turn to fail? Sets errno when it is. */
static int fails(const char *call)
{
	unsigned long number;

	if (!fault.error || strcmp(call, fault.call) != 0)
		return 0;
	number = ++calls;
	if (number < fault.from || (fault.error == EINTR && number > fault.from))
		return 0;
	errno = fault.error;
	return 1;
}

/* The libc function behind the one defined here. */
#define NEXT(name, ...)                                             \
	static __typeof__(name) *next;                              \
	if (!next)                                                  \
		next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name); \
	return next(__VA_ARGS__)

ssize_t write(int fd, const void *data, size_t size)
{
	if (fd != STDOUT_FILENO && fd != STDERR_FILENO && fails("write"))
		return -1;
	NEXT(write, fd, data, size);
}

ssize_t read(int fd, void *data, size_t size)
{
	if (fails("read"))
		return -1;
	NEXT(read, fd, data, size);
}

int rename(const char *from, const char *to)
{
	if (fails("rename"))
		return -1;
	NEXT(rename, from, to);
}

int close(int fd)
{
	const int failing = fails("close");
	const int error = errno;
	static int (*next)(int);

	if (!next)
		next = (int (*)(int))dlsym(RTLD_NEXT, "close");
	if (!failing)
		return next(fd);
	next(fd); /* Linux closes the descriptor also when it reports an error: close(2) */
	errno = error;
	return -1;
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (flags & (O_CREAT | __O_TMPFILE)) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
		if (fails("open"))
			return -1;
	}
	NEXT(open, path, flags, mode);
}

void *mmap(void *address, size_t size, int prot, int flags, int fd, off_t offset)
{
	if (fd >= 0 && fails("mmap"))
		return MAP_FAILED;
	NEXT(mmap, address, size, prot, flags, fd, offset);
}

pid_t fork(void)
{
	if (fails("fork"))
		return -1;
	NEXT(fork);
}
