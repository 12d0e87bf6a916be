#include "base/cpu_list.h"

#include "base/file.h"
#include "base/vec.h"

#include <errno.h>
#include <limits.h>

#define CPU_MAX 65536

static int compare_ints(const void *a, const void *b)
{
	const int x = *(const int *)a;
	const int y = *(const int *)b;

	return (x > y) - (x < y);
}

/* A CPU number at *text, which moves behind it; -1 when there is none. */
static long parse_number(const char **text)
{
	char *end = NULL;
	long number;

	if (**text < '0' || **text > '9')
		return -1;
	errno = 0;
	number = strtol(*text, &end, 10);
	if (errno || number >= CPU_MAX)
		return -1;
	*text = end;
	return number;
}

int hw_cpu_list_parse(int **cpus, size_t *count, const char *text, struct hw_err *err)
{
	HW_VEC(int) list = { 0 };
	const char *p = text;
	size_t distinct = 0;

	do {
		const long first = parse_number(&p);
		long last = first;

		if (first >= 0 && *p == '-') {
			p++;
			last = parse_number(&p);
		}
		if (first < 0 || last < first || (*p && *p != ',')) {
			hw_vec_fini(&list);
			return hw_err_set(err, HW_ERR_USAGE, "'%s' is not a list of CPUs such as 0,2-3",
					  text);
		}
		for (long cpu = first; cpu <= last; cpu++)
			hw_vec_push(&list, (int)cpu);
	} while (*p++ == ',');
	qsort(list.at, list.count, sizeof *list.at, compare_ints);
	for (size_t i = 0; i < list.count; i++)
		if (!distinct || list.at[distinct - 1] != list.at[i])
			list.at[distinct++] = list.at[i];
	*cpus = list.at;
	*count = distinct;
	return 0;
}

int hw_cpu_list_online(int **cpus, size_t *count, struct hw_err *err)
{
	char line[4096];

	if (hw_file_read_line(line, sizeof line, "/sys/devices/system/cpu/online") < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot read /sys/devices/system/cpu/online");
	return hw_cpu_list_parse(cpus, count, line, err);
}

bool hw_cpu_list_has(const char *text, int cpu)
{
	HW_AUTO(hw_freep) int *cpus = NULL;
	size_t count = 0;

	return hw_cpu_list_parse(&cpus, &count, text, NULL) == 0 &&
	       bsearch(&cpu, cpus, count, sizeof cpu, compare_ints);
}

void hw_cpu_list_intersect(int **both, size_t *count, const int *wanted, size_t wanted_count,
			   const int *there, size_t there_count)
{
	size_t at = 0;

	*both = hw_alloc(wanted_count + 1, sizeof **both);
	*count = 0;
	for (size_t i = 0; i < wanted_count; i++) {
		while (at < there_count && there[at] < wanted[i])
			at++;
		if (at < there_count && there[at] == wanted[i])
			(*both)[(*count)++] = wanted[i];
	}
}

int hw_cpu_list_check_online(const int *cpus, size_t count, struct hw_err *err)
{
	HW_AUTO(hw_freep) int *online = NULL;
	HW_AUTO(hw_freep) int *there = NULL;
	size_t online_count = 0;
	size_t there_count = 0;
	size_t at = 0;

	if (hw_cpu_list_online(&online, &online_count, err) < 0)
		return -1;
	hw_cpu_list_intersect(&there, &there_count, cpus, count, online, online_count);
	if (there_count == count)
		return 0;
	while (at < there_count && there[at] == cpus[at])
		at++;
	(void)hw_err_set(err, HW_ERR_USAGE, "CPU %d is not online", cpus[at]);
	return hw_err_hint(err, "/sys/devices/system/cpu/online lists those that are");
}
