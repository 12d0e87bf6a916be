/* vdso [SECONDS]: reads the clock all the time: stacks whose leaf lies in the vdso, which has no file. */
#include "truth.h"

static KEPT uint64_t read_clock_1000_times(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < 1000; i++)
		sum += wall_ns();
	return sum;
}

int main(int argc, char **argv)
{
	const uint64_t stop_ns = thread_cpu_ns() + (uint64_t)(seconds_of(argc, argv, 5) * 1e9);
	uint64_t in_loop_ns = 0;

	while (thread_cpu_ns() < stop_ns) {
		const uint64_t before_ns = thread_cpu_ns();
		volatile uint64_t sink = 0;

		/* Many between two looks at our own clock, which is a system call and would be part of the truth. */
		for (int i = 0; i < 20; i++)
			sink += read_clock_1000_times();
		(void)sink;
		in_loop_ns += thread_cpu_ns() - before_ns;
	}
	print_truth("read_clock_1000_times", in_loop_ns, thread_cpu_ns());
	return 0;
}
