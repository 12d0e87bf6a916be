/* resolve_tool [-m] [-t] [-q] [-j THREADS] FILE [ADDRESSES]: name addresses (hexadecimal, as written in the ELF file, one a line, from
 * stdin by default), through hw_dso_resolve. For each, "0xADDRESS", then one "FUNCTION<tab>FILE:LINE:COLUMN" a
 * frame, innermost first; "??" is unknown. -m: names as in the symbol table (mangled); -t: times and sizes to stderr; -q: no frames. */
#include "dso/dso.h"
#include "dso/elf.h"

#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

struct address {
	uint64_t foff;
	uint64_t svma;
};

static int compare(const void *left, const void *right)
{
	const struct address *a = left;
	const struct address *b = right;

	return a->foff < b->foff ? -1 : a->foff > b->foff;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void print_frames(const struct hw_dso_answer *answer, size_t i, bool mangled)
{
	for (uint32_t f = answer->first.at[i]; f < answer->first.at[i + 1]; f++) {
		const struct hw_source_frame *frame = &answer->frames.at[f];

		const char *name = mangled ? frame->system_name : frame->name;

		printf("%s\t%s:%u:%u\n", name ? name : "??", frame->file ? frame->file : "??", frame->line,
		       frame->column);
	}
}

int main(int argc, char **argv)
{
	HW_AUTO(hw_dso_table_freep) struct hw_dso_table *table = hw_dso_table_new();
	struct hw_dso_answer answer;
	HW_VEC(struct address) list = { 0 };
	HW_VEC(uint64_t) foffs = { 0 };
	struct hw_workers *workers;
	size_t threads = hw_core_count();
	bool times = false, quiet = false, mangled = false;
	const double start_s = now_s();
	struct rusage usage;
	struct hw_dso *dso;
	FILE *in = stdin;
	char path[PATH_MAX];
	char line[64];
	int option;

	while ((option = getopt(argc, argv, "mtqj:")) > 0) {
		mangled |= option == 'm';
		times |= option == 't';
		quiet |= option == 'q';
		if (option == 'j')
			threads = strtoul(optarg, NULL, 10);
	}
	if (optind >= argc || (optind + 1 < argc && !(in = fopen(argv[optind + 1], "r"))))
		return 2;
	if (!realpath(argv[optind], path)) {
		perror(argv[optind]);
		return 1;
	}
	dso = hw_dso_table_add(table, &(struct hw_dso_key){ .kind = HW_DSO_FILE, .path = path });
	if (!hw_dso_load(dso, 0, 0, 0)) {
		fprintf(stderr, "resolve_tool: %s\n", hw_dso_problem(dso));
		return 1;
	}
	while (fgets(line, sizeof line, in)) {
		struct address a = { .svma = strtoull(line, NULL, 16) };

		if (hw_elf_foff_of_svma(hw_dso_elf(dso), a.svma, &a.foff))
			hw_vec_push(&list, a);
		else if (!quiet)
			printf("0x%" PRIx64 "\n", a.svma);
	}
	if (list.count)
		qsort(list.at, list.count, sizeof *list.at, compare);
	for (size_t i = 0; i < list.count; i++)
		if (i == 0 || list.at[i].foff != list.at[i - 1].foff) {
			list.at[foffs.count] = list.at[i];
			hw_vec_push(&foffs, list.at[i].foff);
		}
	workers = hw_workers_new(threads, NULL, NULL);
	hw_dso_resolve(dso, foffs.at, foffs.count, workers, &answer);
	hw_workers_free(workers);
	for (size_t i = 0; !quiet && i < foffs.count; i++) {
		printf("0x%" PRIx64 "\n", list.at[i].svma);
		print_frames(&answer, i, mangled);
	}
	if (times) {
		getrusage(RUSAGE_SELF, &usage);
		fprintf(stderr, "%zu addresses, %zu frames, %.3f s, peak %ld MiB\n", foffs.count,
			answer.frames.count, now_s() - start_s, usage.ru_maxrss / 1024);
	}
	hw_dso_answer_fini(&answer);
	hw_vec_fini(&list);
	hw_vec_fini(&foffs);
	if (in != stdin)
		fclose(in);
	return 0;
}
