#include "jit.h"

#include "base/clock.h"
#include "dso/demangle.h"
#include "dso/open_file.h"
#include "dso/perf_map.h"
#include "jit_timeline.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

/* Processes whose folder is held open at once. */
#define PLACES_MAX 256
/* Samples kept aside: 80 MiB. When there are more, they are named by what the jitdumps say until then. */
#define KEPT_MAX ((size_t)2 << 20)
/* Bytes of all jitdumps together: what is kept of them may be twice as much. */
#define DUMPS_LIMIT_BYTES ((uint64_t)256 << 20)
/* Unnamed code is worth a note from this share of the samples on. */
#define NOTE_SHARE 0.005

/* Anonymous memory of one process in which samples were. */
struct runtime {
	uint32_t mapping; /* of the profile */
	uint32_t pid;
	char comm[HW_COMM_SIZE];
	const char *advice; /* how this kind of program is made to write a map; NULL = not known */
	struct hw_perf_map_place place;
	char *dump_path; /* as the process sees it; NULL = none */
	int dump_fd;
	bool dump_read;
	struct hw_jit_timeline timeline;
	bool has_place; /* the folder where its map would be was seen */
	bool map_read;
	bool ended;    /* or became another program: the pid and its map are perhaps another's by now */
	size_t reused; /* locations at which the map has several functions */
	size_t named;  /* locations named */
};

/* A sample whose stack is of addresses still. */
struct kept_sample {
	uint64_t time_ns;
	uint64_t period_events;
	const struct hw_column *column;
	struct hw_stack_id stack;
	struct hw_label_set_id labels;
};

struct hw_jit {
	struct hw_locations *locations; /* borrowed */
	size_t seen;			/* mappings of the profile looked at */
	HW_VEC(struct runtime) runtimes;
	HW_VEC(uint32_t) runtime_of; /* by mapping of the profile; HW_NONE */
	HW_VEC(struct kept_sample) kept;
	size_t dumps;
	size_t places;	      /* folders held open */
	uint64_t named_early; /* samples, for want of room */
	bool is_monotonic;
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
	for (size_t i = 0; i < jit->runtimes.count; i++) {
		struct runtime *runtime = &jit->runtimes.at[i];

		hw_perf_map_place_fini(&runtime->place);
		hw_jit_timeline_fini(&runtime->timeline);
		free(runtime->dump_path);
		if (runtime->dump_fd >= 0)
			close(runtime->dump_fd);
	}
	hw_vec_fini(&jit->runtimes);
	hw_vec_fini(&jit->runtime_of);
	hw_vec_fini(&jit->kept);
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

/* Open the jitdump a process has mapped, as long as it is there. Whoever writes one in the place of the process's user
 * is not believed. */
static void take_dump(struct hw_jit *jit, struct runtime *runtime, const char *path)
{
	HW_AUTO(hw_closep) int root_fd = -1;
	char root[64];
	struct stat st;
	int fd = -1;

	if (runtime->dump_path || jit->dumps == PLACES_MAX || path[0] != '/')
		return;
	(void)snprintf(root, sizeof root, "/proc/%" PRIu32 "/root", runtime->pid);
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd >= 0)
		fd = hw_open_regular_under(root_fd, path);
	if (fd < 0 && runtime->place.pid == runtime->pid)
		fd = hw_open_regular(path);
	if (fd < 0)
		return;
	if (fstat(fd, &st) < 0 || (st.st_uid != runtime->place.owner && st.st_uid != 0)) {
		close(fd);
		return;
	}
	runtime->dump_path = hw_strdup(path);
	runtime->dump_fd = fd;
	jit->dumps++;
}

/* The jitdump among a process's mappings. A child has its parent's as well, by inheritance. */
static void find_dump(struct hw_jit *jit, struct runtime *runtime, const struct hw_process *process)
{
	HW_AUTO(hw_freep) char *own_name = hw_asprintf("jit-%" PRIu32 ".dump", runtime->place.pid);
	const char *found = NULL;

	for (size_t i = 0; i < process->mappings.list.count; i++) {
		const char *path = hw_dso_path(process->mappings.list.at[i].dso);
		const char *slash = strrchr(path, '/');

		if (!hw_jitdump_is_named(path))
			continue;
		if (!found || strcmp(slash ? slash + 1 : path, own_name) == 0)
			found = path;
	}
	if (found)
		take_dump(jit, runtime, found);
}

static void add_runtime(struct hw_jit *jit, uint32_t mapping, const struct hw_process *process)
{
	const pid_t pid = hw_dso_pid(jit->locations->dso_of_mapping.at[mapping]);
	struct runtime runtime = { .mapping = mapping,
				   .pid = (uint32_t)pid,
				   .place = { .folder_fd = -1, .pid = (uint32_t)pid, .owner = geteuid() },
				   .dump_fd = -1 };

	hw_copy_text(runtime.comm, sizeof runtime.comm, process->comm);
	runtime.advice = advice_for(process);
	if (jit->places < PLACES_MAX) {
		hw_perf_map_place_find(&runtime.place, pid);
		runtime.has_place = runtime.place.folder_fd >= 0;
		jit->places += runtime.has_place;
	}
	find_dump(jit, &runtime, process);
	hw_vec_push(&jit->runtimes, runtime);
}

void hw_jit_see(struct hw_jit *jit, const struct hw_process *process)
{
	for (; jit->seen < jit->locations->dso_of_mapping.count; jit->seen++) {
		const bool is_anon = hw_dso_kind(jit->locations->dso_of_mapping.at[jit->seen]) == HW_DSO_ANON;

		hw_vec_push(&jit->runtime_of, is_anon ? (uint32_t)jit->runtimes.count : HW_NONE);
		if (is_anon)
			add_runtime(jit, (uint32_t)jit->seen, process);
	}
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

/* The last moment at which the map is the program's. */
static void end_runtime(struct hw_jit *jit, struct runtime *runtime)
{
	if (!runtime->dump_path)
		name_by_map(jit, runtime);
	jit->places -= runtime->place.folder_fd >= 0;
	hw_perf_map_place_fini(&runtime->place);
	runtime->ended = true;
}

void hw_jit_apply(struct hw_jit *jit, const struct hw_record *record)
{
	const bool is_exit = record->type == PERF_RECORD_EXIT && record->task.pid == record->task.tid;
	const bool is_exec = record->type == PERF_RECORD_COMM && record->comm.exec;
	const bool is_dump = (record->type == PERF_RECORD_MMAP || record->type == PERF_RECORD_MMAP2) &&
			     hw_jitdump_is_named(record->mmap.filename);

	if (!is_exit && !is_exec && !is_dump)
		return;
	for (size_t i = 0; i < jit->runtimes.count; i++) {
		struct runtime *runtime = &jit->runtimes.at[i];

		if (runtime->ended)
			continue;
		if (is_dump && runtime->pid == record->mmap.pid)
			take_dump(jit, runtime, record->mmap.filename);
		if ((is_exit && runtime->pid == record->task.pid) ||
		    (is_exec && runtime->pid == record->comm.pid))
			end_runtime(jit, runtime);
	}
}

/* --- Names at a time ----------------------------------------------------------------------------------------- */

void hw_jit_set_clock(struct hw_jit *jit, bool is_monotonic)
{
	jit->is_monotonic = is_monotonic;
}

/* The process whose jitdump tells about a location, or NULL. */
static struct runtime *dumping_runtime(const struct hw_jit *jit, const struct hw_location *location)
{
	const uint32_t index =
		location->mapping < jit->runtime_of.count ? jit->runtime_of.at[location->mapping] : HW_NONE;

	return index != HW_NONE && jit->runtimes.at[index].dump_path ? &jit->runtimes.at[index] : NULL;
}

static void add_sample(struct hw_jit *jit, const struct kept_sample *sample, const struct hw_jitdump *dumps)
{
	struct hw_profile *profile = jit->locations->profile;
	int64_t values[HW_SAMPLE_TYPES_MAX] = { 0 };
	uint32_t named[HW_FRAMES_MAX + 1];
	uint32_t count;
	const uint32_t *frames = hw_stacks_locations(&profile->stacks, sample->stack, &count);

	for (uint32_t i = 0; i < count; i++) {
		struct runtime *runtime = dumping_runtime(jit, &profile->locations.at[frames[i]]);

		named[i] = frames[i];
		if (runtime && runtime->dump_read)
			named[i] = hw_jit_timeline_at(&runtime->timeline, profile,
						      &dumps[runtime - jit->runtimes.at], frames[i],
						      sample->time_ns);
	}
	hw_column_count(sample->column, values, (int64_t)sample->period_events);
	hw_profile_add_sample(profile, hw_stacks_add(&profile->stacks, named, count), sample->labels, values);
}

static void read_dump(struct hw_jit *jit, struct runtime *runtime, struct hw_jitdump *dump,
		      uint64_t *room_bytes)
{
	struct hw_profile *profile = jit->locations->profile;
	struct hw_err err = { 0 };
	bool use_times;

	runtime->dump_read = false; /* this time */
	if (hw_jitdump_read(dump, runtime->dump_fd, runtime->place.pid, room_bytes, &err) < 0) {
		HW_AUTO(hw_freep) char *note = hw_asprintf("%s: %s", runtime->dump_path, err.message);

		hw_quality_note(&profile->quality, note);
		return;
	}
	runtime->dump_read = true;
	use_times = jit->is_monotonic && !dump->times_are_foreign && dump->last_time_ns <= hw_now_ns();
	if (!use_times && dump->codes.count) {
		HW_AUTO(hw_freep)
		char *note = hw_asprintf("%s: its times are of another clock than the samples', so that "
					 "addresses that belonged to "
					 "several functions, one after the other, are named by the last one",
					 runtime->dump_path);
		hw_quality_note(&profile->quality, note);
	}
	hw_jit_timeline_build(&runtime->timeline, profile, runtime->mapping, dump, use_times);
}

/* Samples that were not kept, since their stacks were put together from others', have addresses without times. */
static void name_without_times(struct hw_profile *profile, struct runtime *runtime,
			       const struct hw_jitdump *dump)
{
	for (size_t i = 0; i < runtime->timeline.places.count; i++) {
		const uint32_t location = runtime->timeline.places.at[i].location;

		if (!profile->locations.at[location].line_count)
			(void)hw_jit_timeline_at(&runtime->timeline, profile, dump, location, UINT64_MAX);
	}
}

/* Give the kept samples to the profile, by what the jitdumps say now. */
static void add_kept(struct hw_jit *jit)
{
	HW_AUTO(hw_freep) struct hw_jitdump *dumps = NULL;
	uint64_t room_bytes = DUMPS_LIMIT_BYTES;

	if (!jit->dumps)
		return;
	dumps = hw_alloc(jit->runtimes.count, sizeof *dumps);
	for (size_t i = 0; i < jit->runtimes.count; i++)
		if (jit->runtimes.at[i].dump_path)
			read_dump(jit, &jit->runtimes.at[i], &dumps[i], &room_bytes);
	for (size_t i = 0; i < jit->kept.count; i++)
		add_sample(jit, &jit->kept.at[i], dumps);
	for (size_t i = 0; i < jit->runtimes.count; i++) {
		if (jit->runtimes.at[i].dump_read)
			name_without_times(jit->locations->profile, &jit->runtimes.at[i], &dumps[i]);
		hw_jitdump_fini(&dumps[i]);
	}
	jit->kept.count = 0;
}

bool hw_jit_keep(struct hw_jit *jit, uint64_t time_ns, const uint32_t *locations, uint32_t count,
		 struct hw_label_set_id labels, const struct hw_column *column, uint64_t period_events)
{
	struct hw_profile *profile = jit->locations->profile;
	bool is_timed = false;

	if (!jit->dumps)
		return false;
	for (uint32_t i = 0; i < count && !is_timed; i++)
		is_timed = dumping_runtime(jit, &profile->locations.at[locations[i]]) != NULL;
	if (!is_timed)
		return false;
	if (jit->kept.count == KEPT_MAX) {
		jit->named_early += jit->kept.count;
		add_kept(jit);
	}
	hw_vec_push(&jit->kept,
		    (struct kept_sample){ .time_ns = time_ns,
					  .period_events = period_events,
					  .column = column,
					  .stack = hw_stacks_add(&profile->stacks, locations, count),
					  .labels = labels });
	return true;
}

/* --- What is to be said ------------------------------------------------------------------------------------- */

/* What is known of all locations that have a name; hw_symbolise takes back what does not hold for those without. */
static void describe_mapping(struct hw_profile *profile, const struct runtime *runtime)
{
	struct hw_profile_mapping *mapping = &profile->mappings.at[runtime->mapping];
	HW_AUTO(hw_freep) char *name = hw_asprintf("[JIT] pid %" PRIu32, runtime->pid);
	bool files = true, lines = true;
	size_t named = 0;

	for (size_t i = 0; i < profile->locations.count; i++) {
		const struct hw_location *location = &profile->locations.at[i];
		const struct hw_line *line;

		if (location->mapping != runtime->mapping || !location->line_count)
			continue;
		line = &profile->lines.at[location->first_line];
		named++;
		files &= profile->functions.at[line->function].filename != 0;
		lines &= line->line != 0;
	}
	if (!named)
		return;
	mapping->filename = hw_profile_string(profile, name);
	mapping->has_functions = true;
	mapping->has_filenames = files;
	mapping->has_line_numbers = lines;
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
		      " (%s) made at run time; ",
		      100 * share, runtime->pid, runtime->comm);
	if (runtime->dump_read)
		hw_buf_printf(&note, "%s has no names for it (a program writes it through a buffer, late)",
			      runtime->dump_path);
	else if (runtime->map_read)
		hw_buf_printf(&note, "/tmp/perf-%" PRIu32 ".map has no names for it", runtime->place.pid);
	else if (!runtime->has_place)
		hw_buf_text(&note, "its /tmp, where a map with their names would be, could not be looked at");
	else
		hw_buf_printf(&note, "there is no /tmp/perf-%" PRIu32 ".map with its names: %s",
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

static void note_named_early(const struct hw_jit *jit)
{
	HW_AUTO(hw_freep)
	char *note = hw_asprintf(
		"%" PRIu64
		" samples in JIT code were named while the program was still running, for want of room: by "
		"what its jitdump said until then",
		jit->named_early);

	hw_quality_note(&jit->locations->profile->quality, note);
}

void hw_jit_finish(struct hw_jit *jit)
{
	struct hw_profile *profile = jit->locations->profile;

	add_kept(jit);
	if (jit->named_early)
		note_named_early(jit);
	for (size_t i = 0; i < jit->runtimes.count; i++) {
		struct runtime *runtime = &jit->runtimes.at[i];

		if (!runtime->ended)
			name_by_map(jit, runtime);
		describe_mapping(profile, runtime);
		if (runtime->reused)
			note_reused(profile, runtime);
		note_nameless(profile, runtime);
	}
}
