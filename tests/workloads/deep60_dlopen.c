/* deep60_dlopen [SECONDS]: the chain of deep60 inside libdeep60.so, loaded with dlopen from the program's folder. */
#include "deep60.h"

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <unistd.h>

/* A function of a library beside the program. */
static KEPT spin_fn load(const char *library, const char *function)
{
	char self[PATH_MAX] = "";
	char path[PATH_MAX + NAME_MAX];
	void *handle;
	void *symbol;

	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
		return NULL;
	snprintf(path, sizeof path, "%s/%s", dirname(self), library);
	handle = dlopen(path, RTLD_NOW);
	symbol = handle ? dlsym(handle, function) : NULL;
	if (!symbol)
		fprintf(stderr, "deep60_dlopen: %s\n", dlerror());
	return (spin_fn)symbol;
}

int main(int argc, char **argv)
{
	const uint64_t stop_ns = thread_cpu_ns() + (uint64_t)(seconds_of(argc, argv, 5) * 1e9);
	const spin_fn visit = load("libdeep60.so", "deep_02");
	uint64_t x = 1;

	if (!visit)
		return 1;
	while (thread_cpu_ns() < stop_ns)
		for (int i = 0; i < 100; i++)
			x = visit(x, DEEP_VISIT_ITERATIONS);
	printf("%llx\n", (unsigned long long)x);
	print_chain();
	return 0;
}
