#include "tests/lib/crowd.h"

#include "base/file.h"
#include "process/proc_maps.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 50

/* --- In the process ------------------------------------------------------------------------------------------- */

static void touch_fresh_pages(size_t count)
{
	char *memory = mmap(NULL, count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	(void)madvise(memory, count * 4096, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < count; i++)
		*(volatile char *)&memory[i * 4096] = 1;
	munmap(memory, count * 4096);
}

/* A life of some 50 ms: long enough to be there when counting begins. */
static void *work(void *arg)
{
	const struct timespec moment = { .tv_nsec = 2000000 };

	for (int i = 0; i < 20; i++) {
		touch_fresh_pages(5);
		nanosleep(&moment, NULL);
	}
	sem_post(arg);
	return NULL;
}

void *crowd_spawn(void *arg)
{
	static sem_t room;
	pthread_attr_t attr;

	sem_init(&room, 0, WORKERS);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (;;) {
		pthread_t thread;

		if (sem_wait(&room) == 0 && pthread_create(&thread, &attr, work, &room) != 0)
			_exit(1);
	}
	return arg;
}

void *crowd_touch_and_wait(void *arg)
{
	const struct timespec moment = { .tv_nsec = 400000000 };

	for (;;) {
		touch_fresh_pages(2);
		nanosleep(&moment, NULL);
	}
	return arg;
}

/* --- Around it ------------------------------------------------------------------------------------------------ */

pid_t crowd_start(void *(*thread_main)(void *), int count)
{
	const pid_t pid = fork();
	pthread_attr_t attr;

	if (pid)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (int i = 0; i < count; i++) {
		pthread_t thread;

		if (pthread_create(&thread, &attr, thread_main, NULL) != 0)
			_exit(1);
	}
	pause();
	_exit(0);
}

void crowd_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void crowd_wait(pid_t pid, size_t thread_count)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	size_t count = 0;

	for (int i = 0; i < 1000 && count != thread_count; i++) {
		pid_t *tids = NULL;

		nanosleep(&moment, NULL);
		count = 0;
		if (hw_proc_tids(pid, &tids, &count, NULL) < 0)
			abort();
		free(tids);
	}
	if (count != thread_count)
		abort();
}

/* Field 10 of its stat (proc(5)). */
uint64_t crowd_faults(pid_t pid)
{
	char path[64];
	char line[1024];
	const char *p = NULL;
	unsigned long faults = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (hw_file_read_line(line, sizeof line, path) == 0)
		p = strrchr(line, ')');
	if (!p || sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %lu", &faults) != 1)
		abort();
	return faults;
}
