/* deep60 [SECONDS]: a call chain of exactly sixty named functions, main included, without frame pointers. */
#include "deep60.h"

int main(int argc, char **argv)
{
	const uint64_t stop_ns = thread_cpu_ns() + (uint64_t)(seconds_of(argc, argv, 5) * 1e9);
	uint64_t x = 1;

	while (thread_cpu_ns() < stop_ns)
		for (int i = 0; i < 100; i++)
			x = deep_02(x, DEEP_VISIT_ITERATIONS);
	printf("%llx\n", (unsigned long long)x);
	print_chain();
	return 0;
}
