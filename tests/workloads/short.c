/* short [SECONDS]: over before a profiler has turned round (default 2 ms of CPU time), exits with status 3. */
#include "truth.h"

SPIN_FUNCTION(short_work)

int main(int argc, char **argv)
{
	const uint64_t stop_ns = thread_cpu_ns() + (uint64_t)(seconds_of(argc, argv, 0.002) * 1e9);
	uint64_t x = 1, in_work_ns = 0;

	while (thread_cpu_ns() < stop_ns) {
		const uint64_t before_ns = thread_cpu_ns();

		x = short_work(x, 10000);
		in_work_ns += thread_cpu_ns() - before_ns;
	}
	printf("%llx\n", (unsigned long long)x);
	print_truth("short_work", in_work_ns, thread_cpu_ns());
	return 3;
}
