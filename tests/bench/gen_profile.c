/* Make a profile of N distinct stacks, as large programs give them: gen_profile N OUT [DEPTH]
 *
 * 20,000 functions in 40 files of 8 mappings, 60,000 locations, every tenth with an inlined callee; stacks DEPTH
 * (30) deep whose roots are alike and whose leaves differ; four labels. The same arguments give the same bytes. */
#include "bench_profile.h"

#include "base/units.h"
#include "format/format.h"

static int generate(uint64_t stacks, uint64_t depth, const char *path, struct hw_err *err)
{
	HW_AUTO(hw_profile_freep)
	struct hw_profile *profile = bench_profile_new((uint32_t)stacks, (uint32_t)depth);
	HW_AUTO(hw_output_fini) struct hw_output output = { .fd = -1 };
	const struct hw_format *format = hw_format_of_path(path);

	if (!format)
		format = hw_format_find("pprof");
	if (hw_output_open(&output, path, err) < 0 || hw_format_write(&output, format, profile, err) < 0)
		return -1;
	return hw_output_commit(&output, err);
}

int main(int argc, char **argv)
{
	struct hw_err err = { 0 };
	uint64_t stacks = 0;
	uint64_t depth = 30;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: gen_profile STACKS OUT [DEPTH]\n");
		return 2;
	}
	if (hw_parse_u64(&stacks, argv[1], &err) < 0 ||
	    (argc == 4 && hw_parse_u64(&depth, argv[3], &err) < 0) ||
	    generate(stacks, depth, argv[2], &err) < 0) {
		fprintf(stderr, "gen_profile: %s\n", err.message);
		return 1;
	}
	return 0;
}
