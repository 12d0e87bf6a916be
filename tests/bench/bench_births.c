/* bench_births: what starting a thread, and a process, costs the one who starts it: medians of its CPU time, in
 * microseconds. Recorded, each gets a copy of every event that is open on its parent. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 2000
#define PROCESSES 500

static double cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void *nothing(void *arg)
{
	return arg;
}

static double thread_us(void)
{
	const double before_us = cpu_us();
	double cost_us;
	pthread_t thread;

	if (pthread_create(&thread, NULL, nothing, NULL) != 0)
		exit(1);
	cost_us = cpu_us() - before_us;
	(void)pthread_join(thread, NULL);
	return cost_us;
}

static double process_us(void)
{
	const double before_us = cpu_us();
	const pid_t pid = fork();
	double cost_us;

	if (pid == 0)
		_exit(0);
	cost_us = cpu_us() - before_us;
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		exit(1);
	return cost_us;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a;
	const double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double (*cost_us)(void), size_t count)
{
	static double costs[THREADS];

	for (size_t i = 0; i < count; i++)
		costs[i] = cost_us();
	qsort(costs, count, sizeof *costs, compare);
	return costs[count / 2];
}

int main(void)
{
	const double thread = median(thread_us, THREADS);

	printf("%.1f %.1f\n", thread, median(process_us, PROCESSES));
	return 0;
}
