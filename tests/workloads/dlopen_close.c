/* dlopen_close [SECONDS]: loads a plugin, runs it, unloads it, then the same with another one, which often lands at the
 * address of the first: names must follow the mapping of the moment. plugin_b does twice the work of plugin_a. */
#include "truth.h"

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <unistd.h>

SPIN_FUNCTION(calibrate)

struct plugin {
	const char *library;
	const char *function;
	uint64_t iterations;
	uint64_t cpu_ns;
	const void *address;
};

static char folder[PATH_MAX];

static KEPT void load_run_unload(struct plugin *plugin)
{
	char path[PATH_MAX + NAME_MAX];
	uint64_t before_ns;
	volatile uint64_t sink;
	void *handle;
	spin_fn run;

	snprintf(path, sizeof path, "%s/%s", folder, plugin->library);
	handle = dlopen(path, RTLD_NOW);
	run = handle ? (spin_fn)dlsym(handle, plugin->function) : NULL;
	if (!run) {
		fprintf(stderr, "dlopen_close: %s\n", dlerror());
		exit(1);
	}
	before_ns = thread_cpu_ns();
	sink = run(before_ns, plugin->iterations);
	plugin->cpu_ns += thread_cpu_ns() - before_ns;
	plugin->address = (const void *)run;
	(void)sink;
	dlclose(handle);
}

int main(int argc, char **argv)
{
	const uint64_t stop_ns = thread_cpu_ns() + (uint64_t)(seconds_of(argc, argv, 5) * 1e9);
	const double rate_hz = spin_rate_hz(calibrate);
	struct plugin a = { .library = "libplugin_a.so",
			    .function = "plugin_a",
			    .iterations = (uint64_t)(rate_hz / 100) };
	struct plugin b = { .library = "libplugin_b.so",
			    .function = "plugin_b",
			    .iterations = (uint64_t)(rate_hz / 50) };
	uint64_t rounds = 0, same_address = 0, total_ns;

	if (readlink("/proc/self/exe", folder, sizeof folder - 1) < 0)
		return 1;
	dirname(folder); /* cuts the name off in place: the path is absolute */
	for (; thread_cpu_ns() < stop_ns; rounds++) {
		load_run_unload(&a);
		load_run_unload(&b);
		same_address += a.address == b.address;
	}
	total_ns = thread_cpu_ns();
	print_truth("plugin_a", a.cpu_ns, total_ns);
	print_truth("plugin_b", b.cpu_ns, total_ns);
	print_fact("rounds", (double)rounds);
	print_fact("same_address_rounds", (double)same_address);
	return 0;
}
