/* bench_copy [ROUNDS]: what a sample costs the target, by how much of the stack it copies: CPU time of a page fault that
 * is sampled, less that of one that is not. Page faults need no timer, whose share would hide the rest. Medians of
 * ROUNDS, alternated; the ring is emptied between batches, so that nothing is lost. */

#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE ((size_t)4096)
#define RING (8 << 20) /* 64 samples of 64 KiB fit */
#define BATCH 64
#define BATCHES 50
#define ROUNDS_MAX 1000

static const uint32_t sizes_kib[] = { 0, 4, 8, 16, 32, 60 };
#define SIZES (sizeof sizes_kib / sizeof *sizes_kib)

static int open_sampling(uint32_t size_kib)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof attr,
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
			       PERF_SAMPLE_CPU | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER,
		.sample_regs_user = (1U << 16) - 1, /* as many as a recording has */
		.disabled = 1,
		.exclude_kernel = 1,
		.exclude_callchain_user = 1,
		.watermark = 1,
		.wakeup_watermark = RING / 2,
	};

#ifdef __x86_64__
	attr.sample_regs_user = UINT64_C(0xff01ff); /* without segments */
#endif
	if (size_kib) {
		attr.sample_type |= PERF_SAMPLE_STACK_USER;
		attr.sample_stack_user = size_kib << 10;
	}
	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* CPU time of one fault, in nanoseconds; ring NULL: not sampled. */
static double fault_ns(volatile char *memory, struct perf_event_mmap_page *ring)
{
	uint64_t sum_ns = 0;

	for (int batch = 0; batch < BATCHES; batch++) {
		uint64_t before_ns;

		(void)madvise((void *)(uintptr_t)memory, BATCH * PAGE, MADV_DONTNEED);
		before_ns = cpu_ns();
		for (size_t i = 0; i < BATCH; i++)
			memory[i * PAGE] = 1;
		sum_ns += cpu_ns() - before_ns;
		if (ring)
			__atomic_store_n(&ring->data_tail,
					 __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE),
					 __ATOMIC_RELEASE);
	}
	return (double)sum_ns / (BATCH * BATCHES);
}

static double sampled_fault_ns(volatile char *memory, uint32_t size_kib)
{
	const int fd = open_sampling(size_kib);
	struct perf_event_mmap_page *ring;
	double result;

	if (fd < 0) {
		perror("bench_copy: perf_event_open");
		exit(77);
	}
	ring = mmap(NULL, PAGE + RING, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED) {
		perror("bench_copy: mmap");
		exit(77);
	}
	(void)ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
	result = fault_ns(memory, ring);
	if (ring->data_head < BATCH * BATCHES * (uint64_t)size_kib << 10) {
		fprintf(stderr, "bench_copy: samples are missing\n");
		exit(1);
	}
	(void)munmap(ring, PAGE + RING);
	(void)close(fd);
	return result;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a;
	const double y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	const size_t rounds = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 31;
	static double costs[SIZES][ROUNDS_MAX];
	volatile char room[80 << 10]; /* of stack above the frames that fault */
	char *memory = mmap(NULL, BATCH * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || !rounds || rounds > ROUNDS_MAX)
		return 2;
	memset((char *)(uintptr_t)room, 1, sizeof room);
	(void)madvise(memory, BATCH * PAGE, MADV_NOHUGEPAGE);
	for (size_t r = 0; r < rounds; r++) {
		for (size_t s = 0; s < SIZES; s++) {
			const double alone_ns = fault_ns(memory, NULL);

			costs[s][r] = sampled_fault_ns(memory, sizes_kib[s]) - alone_ns;
		}
	}
	printf("a sample costs the target, us, by KiB of stack copied:");
	for (size_t s = 0; s < SIZES; s++) {
		qsort(costs[s], rounds, sizeof **costs, compare);
		printf("%s %u: %.2f", s ? "," : "", sizes_kib[s], costs[s][rounds / 2] / 1000);
	}
	printf("\n");
	return room[0] == 2;
}
