#include "jit.h"

#include "dso/demangle.h"
#include "dso/perf_map.h"

#include <inttypes.h>

/* Processes whose folder is held open at once. */
#define PLACES_MAX 256
/* Unnamed code is worth a note from this share of the samples on. */
#define NOTE_SHARE 0.005

/* Anonymous memory of one process in which samples were. */
struct runtime {
	uint32_t mapping; /* of the profile */
	uint32_t pid;
	char comm[HW_COMM_SIZE];
	const char *advice; /* how this kind of program is made to write a map; NULL = not known */
	struct hw_perf_map_place place;
	bool map_read;
	size_t reused; /* locations at which the map has several functions */
	size_t named;  /* locations named */
};

struct hw_jit {
	struct hw_locations *locations; /* borrowed */
	size_t seen;			/* mappings of the profile looked at */
	HW_VEC(struct runtime) runtimes;
};

struct hw_jit *hw_jit_new(struct hw_locations *locations)
{
	struct hw_jit *jit = hw_alloc(1, sizeof *jit);

	jit->locations = locations;
	return jit;
}

void hw_jit_free(struct hw_jit *jit)
{
	if (!jit)
		return;
	for (size_t i = 0; i < jit->runtimes.count; i++)
		hw_perf_map_place_fini(&jit->runtimes.at[i].place);
	hw_vec_fini(&jit->runtimes);
	free(jit);
}

/* --- Who makes code ----------------------------------------------------------------------------------------- */

/* What to do so that there is a map, by a file the process has mapped. */
static const char *advice_for(const struct hw_process *process)
{
	static const struct {
		const char *file, *advice;
	} known[] = {
		{ "node", "run node with --perf-basic-prof" },
		{ "libnode.so", "run node with --perf-basic-prof" },
		{ "libjvm.so",
		  "run java with -XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit (or `jcmd PID "
		  "Compiler.perfmap` "
		  "before the recording ends), and with -XX:+PreserveFramePointer for whole stacks" },
		{ "libcoreclr.so", "run it with DOTNET_PerfMapEnabled=1" },
		{ "libpython3", "run python3 with -X perf" },
		{ "python3", "run python3 with -X perf" },
		{ "beam.smp", "run erl with +JPperf true" },
		{ "libjulia", "run julia with ENABLE_JITPROFILING=1" },
		{ "julia", "run julia with ENABLE_JITPROFILING=1" },
	};

	for (size_t i = 0; i < process->mappings.list.count; i++) {
		const char *path = hw_dso_path(process->mappings.list.at[i].dso);
		const char *slash = strrchr(path, '/');

		for (size_t k = 0; slash && k < HW_COUNT_OF(known); k++) {
			const size_t length = strlen(known[k].file);
			const char *rest = slash + 1 + length;

			if (strncmp(slash + 1, known[k].file, length) == 0 &&
			    strspn(rest, ".0123456789so") == strlen(rest))
				return known[k].advice;
		}
	}
	return NULL;
}

static void add_runtime(struct hw_jit *jit, uint32_t mapping, const struct hw_process *process)
{
	const pid_t pid = hw_dso_pid(jit->locations->dso_of_mapping.at[mapping]);
	struct runtime runtime = { .mapping = mapping, .pid = (uint32_t)pid, .place = { .folder_fd = -1 } };

	hw_copy_text(runtime.comm, sizeof runtime.comm, process->comm);
	runtime.advice = advice_for(process);
	if (jit->runtimes.count < PLACES_MAX)
		hw_perf_map_place_find(&runtime.place, pid);
	hw_vec_push(&jit->runtimes, runtime);
}

void hw_jit_see(struct hw_jit *jit, const struct hw_process *process)
{
	for (; jit->seen < jit->locations->dso_of_mapping.count; jit->seen++)
		if (hw_dso_kind(jit->locations->dso_of_mapping.at[jit->seen]) == HW_DSO_ANON)
			add_runtime(jit, (uint32_t)jit->seen, process);
}

/* --- Names -------------------------------------------------------------------------------------------------- */

/* A location without a name. */
struct nameless {
	uint64_t avma;
	uint32_t location;
};

struct nameless_list {
	HW_VEC(struct nameless) list; /* ascending */
};

static int compare_nameless(const void *left, const void *right)
{
	const struct nameless *a = left;
	const struct nameless *b = right;

	return a->avma < b->avma ? -1 : a->avma > b->avma;
}

static void find_nameless(struct nameless_list *nameless, const struct hw_profile *profile, uint32_t mapping)
{
	for (size_t i = 0; i < profile->locations.count; i++) {
		const struct hw_location *location = &profile->locations.at[i];

		if (location->mapping == mapping && !location->line_count)
			hw_vec_push(&nameless->list, (struct nameless){ location->avma, (uint32_t)i });
	}
	if (nameless->list.count)
		qsort(nameless->list.at, nameless->list.count, sizeof *nameless->list.at, compare_nameless);
}

static void set_name(struct hw_profile *profile, uint32_t location, const char *name)
{
	struct hw_arena scratch = { 0 };
	const char *plain = hw_demangle(name, &scratch);
	const struct hw_function function = { .name = hw_profile_string(profile, plain ? plain : name),
					      .system_name = hw_profile_string(profile, name) };
	const struct hw_line line = { .function = hw_profile_add_function(profile, &function) };

	hw_profile_set_lines(profile, location, &line, 1);
	hw_arena_fini(&scratch);
}

/* The newest entry holds. Was there another function at the address before? */
static bool is_reused(const struct hw_code_sweep *sweep, const struct hw_perf_map *map, uint32_t newest)
{
	const uint32_t older = hw_code_sweep_before(sweep, newest);

	return older != HW_CODE_NONE &&
	       strcmp(hw_perf_map_name(map, newest), hw_perf_map_name(map, older)) != 0;
}

static void name_all(struct hw_profile *profile, struct runtime *runtime,
		     const struct nameless_list *nameless, const struct hw_perf_map *map)
{
	struct hw_code_sweep sweep;

	hw_code_sweep_init(&sweep, map->entries.at, sizeof *map->entries.at, map->entries.count);
	for (size_t i = 0; i < nameless->list.count; i++) {
		uint32_t newest;

		hw_code_sweep_to(&sweep, nameless->list.at[i].avma);
		newest = hw_code_sweep_before(&sweep, sweep.count);
		if (newest == HW_CODE_NONE)
			continue;
		set_name(profile, nameless->list.at[i].location, hw_perf_map_name(map, newest));
		runtime->named++;
		runtime->reused += is_reused(&sweep, map, newest);
	}
	hw_code_sweep_fini(&sweep);
}

static void name_by_map(struct hw_jit *jit, struct runtime *runtime)
{
	struct hw_profile *profile = jit->locations->profile;
	struct nameless_list nameless = { 0 };
	struct hw_perf_map map = { 0 };
	struct hw_err err = { 0 };

	find_nameless(&nameless, profile, runtime->mapping);
	if (nameless.list.count) {
		const int got = hw_perf_map_read(&map, &runtime->place, &err);

		if (got < 0)
			hw_quality_note(&profile->quality, err.message);
		if (got > 0) {
			runtime->map_read = true;
			name_all(profile, runtime, &nameless, &map);
		}
		hw_perf_map_fini(&map);
	}
	hw_vec_fini(&nameless.list);
}

void hw_jit_apply(struct hw_jit *jit, const struct hw_record *record)
{
	if (record->type != PERF_RECORD_EXIT || record->task.pid != record->task.tid)
		return;
	for (size_t i = 0; i < jit->runtimes.count; i++)
		if (jit->runtimes.at[i].pid == record->task.pid)
			name_by_map(jit, &jit->runtimes.at[i]);
}

/* --- What is to be said ------------------------------------------------------------------------------------- */

static void call_mapping(struct hw_profile *profile, const struct runtime *runtime)
{
	struct hw_profile_mapping *mapping = &profile->mappings.at[runtime->mapping];
	HW_AUTO(hw_freep) char *name = hw_asprintf("[JIT] pid %" PRIu32, runtime->pid);

	mapping->filename = hw_profile_string(profile, name);
	mapping->has_functions = true; /* until one is found without: hw_symbolise */
}

/* Share of the samples that have a nameless frame in the mapping. */
static double nameless_share(const struct hw_profile *profile, uint32_t mapping)
{
	uint64_t hit = 0, all = 0;

	for (size_t i = 0; i < profile->samples.count; i++) {
		const int64_t weight = hw_profile_values(profile, i)[0];
		uint32_t count;
		const uint32_t *frames =
			hw_stacks_locations(&profile->stacks, profile->samples.at[i].stack, &count);
		bool is_hit = false;

		for (uint32_t k = 0; k < count && !is_hit; k++) {
			const struct hw_location *location = &profile->locations.at[frames[k]];

			is_hit = location->mapping == mapping && !location->line_count;
		}
		all += (uint64_t)weight;
		hit += is_hit ? (uint64_t)weight : 0;
	}
	return all ? (double)hit / (double)all : 0;
}

static void note_nameless(struct hw_profile *profile, const struct runtime *runtime)
{
	const double share = nameless_share(profile, runtime->mapping);
	HW_AUTO(hw_buf_fini) struct hw_buf note = { 0 };

	if (share < NOTE_SHARE)
		return;
	hw_buf_printf(&note,
		      "%.1f %% of the samples have frames in code that process %" PRIu32
		      " (%s) made at run time",
		      100 * share, runtime->pid, runtime->comm);
	if (runtime->map_read)
		hw_buf_printf(&note, " and that /tmp/perf-%" PRIu32 ".map does not name", runtime->place.pid);
	else
		hw_buf_printf(&note, " and left no names for, there is no /tmp/perf-%" PRIu32 ".map: %s",
			      runtime->place.pid,
			      runtime->advice ? runtime->advice
					      : "its JIT compiler may have an option to write one");
	hw_quality_note(&profile->quality, note.data);
}

static void note_reused(struct hw_profile *profile, const struct runtime *runtime)
{
	HW_AUTO(hw_buf_fini) struct hw_buf note = { 0 };

	hw_buf_printf(
		&note,
		"%zu of %zu addresses in the JIT code of process %" PRIu32
		" (%s) belonged to several functions, one after the other: they are named by the last one",
		runtime->reused, runtime->named, runtime->pid, runtime->comm);
	hw_quality_note(&profile->quality, note.data);
}

void hw_jit_finish(struct hw_jit *jit)
{
	struct hw_profile *profile = jit->locations->profile;

	for (size_t i = 0; i < jit->runtimes.count; i++) {
		struct runtime *runtime = &jit->runtimes.at[i];

		name_by_map(jit, runtime);
		if (runtime->named)
			call_mapping(profile, runtime);
		if (runtime->reused)
			note_reused(profile, runtime);
		note_nameless(profile, runtime);
	}
}
