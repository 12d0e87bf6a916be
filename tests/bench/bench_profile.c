#include "bench_profile.h"

#define FUNCTIONS 20000U
#define LOCATIONS 60000U
#define MAPPINGS 8U
#define DEPTH_MAX 512U

static uint64_t next_random(uint64_t *state)
{
	*state += UINT64_C(0x9e3779b97f4a7c15);
	return hw_hash_mix(0, *state);
}

static uint32_t text_id(struct hw_profile *p, const char *format, uint32_t number)
{
	HW_AUTO(hw_freep) char *text = hw_asprintf("%s%u", format, number);

	return hw_profile_string(p, text);
}

static void add_code(struct hw_profile *p)
{
	for (uint32_t i = 0; i < MAPPINGS; i++)
		(void)hw_profile_add_mapping(
			p, &(struct hw_profile_mapping){
				   .start_avma = (i + UINT64_C(1)) << 32,
				   .limit_avma = (i + UINT64_C(2)) << 32,
				   .filename = text_id(p, "/usr/lib/x86_64-linux-gnu/libpart.so.", i),
				   .build_id = text_id(p, "8ff3a0b5c1d2e4f60718293a4b5c6d7e8f90a1b", i),
				   .has_functions = true,
				   .has_filenames = true,
				   .has_line_numbers = true,
				   .has_inline_frames = true });
	for (uint32_t i = 0; i < FUNCTIONS; i++)
		(void)hw_profile_add_function(
			p, &(struct hw_function){
				   .name = text_id(p, "company::module::Class::method_", i),
				   .system_name = text_id(p, "_ZN7company6module5Class7method_", i),
				   .filename = text_id(p, "/src/company/module/class.cc.", i % 40),
				   .start_line = 10 * i });
	for (uint32_t i = 0; i < LOCATIONS; i++) {
		const struct hw_line lines[2] = { { .function = i * 7 % FUNCTIONS, .line = i % 1000 + 1 },
						  { .function = i % FUNCTIONS, .line = i % 500 + 1 } };
		const uint64_t avma = ((i % MAPPINGS + UINT64_C(1)) << 32) + 0x1000 + i * UINT64_C(16);
		const uint32_t location = hw_profile_add_location(p, i % MAPPINGS, avma);

		hw_profile_set_lines(p, location, i % 10 ? lines + 1 : lines, i % 10 ? 1 : 2);
	}
}

/* pid and comm of one program, tid and thread name of one of 64 threads. */
static struct hw_label_set_id add_labels(struct hw_profile *p, uint32_t thread)
{
	const struct hw_label labels[] = {
		{ .key = hw_profile_string(p, "pid"), .num = 4321, .num_unit = hw_profile_string(p, "pid") },
		{ .key = hw_profile_string(p, "tid"),
		  .num = 4321 + thread,
		  .num_unit = hw_profile_string(p, "tid") },
		{ .key = hw_profile_string(p, "comm"), .str = hw_profile_string(p, "program") },
		{ .key = hw_profile_string(p, "thread"), .str = text_id(p, "worker-", thread) },
	};

	return hw_label_sets_add(&p->label_sets, labels, HW_COUNT_OF(labels));
}

static void add_quality(struct hw_profile *p, uint32_t stacks)
{
	p->recording = (struct hw_recording){ .version = hw_strdup("0"),
					      .command = hw_strdup("./program --all"),
					      .hostname = hw_strdup("host"),
					      .kernel = hw_strdup("6.1.0"),
					      .cpu = hw_strdup("CPU"),
					      .cpu_count = 64,
					      .pid = 4321 };
	p->quality.present = true;
	p->quality.records_read = p->quality.samples = p->quality.stacks_complete = stacks;
	hw_quality_note(&p->quality, "made by gen_profile");
}

struct hw_profile *bench_profile_new(uint32_t stacks, uint32_t depth)
{
	struct hw_profile *p = hw_profile_new();
	uint32_t frames[DEPTH_MAX];
	uint64_t state = 1;

	depth = depth < 2 ? 2 : depth > DEPTH_MAX ? DEPTH_MAX : depth;
	(void)hw_profile_add_sample_type(p, "samples", "count");
	(void)hw_profile_add_sample_type(p, "cycles", "count");
	p->period_type = p->sample_types.at[1];
	p->period = 1000003;
	p->time_ns = INT64_C(1700000000000000000);
	p->duration_ns = INT64_C(60000000000);
	add_quality(p, stacks);
	add_code(p);
	while (p->stacks.list.count < stacks) {
		const size_t before = p->stacks.list.count;
		const int64_t count = (int64_t)(next_random(&state) % 20 + 1);
		struct hw_stack_id id;

		/* Near the root few ways lead on, towards the leaf more and more. */
		for (uint32_t i = 0; i < depth; i++) {
			const uint64_t choices = i < 16 ? UINT64_C(1) << i : LOCATIONS;

			frames[depth - 1 - i] =
				(uint32_t)((next_random(&state) % choices * 31 + i * 977) % LOCATIONS);
		}
		id = hw_stacks_add(&p->stacks, frames, depth);
		if (p->stacks.list.count > before)
			hw_profile_add_sample(p, id, add_labels(p, (uint32_t)(next_random(&state) % 64)),
					      (int64_t[]){ count, count * 1000003 });
	}
	return p;
}
