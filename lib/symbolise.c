#include "symbolise.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/workers.h"

#include <inttypes.h>
#include <stdatomic.h>

/* Addresses that are worth starting a thread for. */
#define THREAD_ADDRESSES 256
#define REPORT_INTERVAL_NS UINT64_C(100000000)

/* A location and what its address is called in the DSO. */
struct request {
	uint64_t address; /* as hw_dso_resolve wants it: offset in the file, or run-time address */
	uint32_t location;
};

/* Everything asked of one DSO. */
struct job {
	struct hw_dso *dso; /* borrowed */
	HW_VEC(struct request) requests;
	HW_VEC(uint64_t) addresses; /* of the requests, distinct, ascending */
	struct hw_dso_answer answer;
	atomic_bool done;
};

struct jobs {
	HW_VEC(struct job) list; /* in the order in which the profile mentions them */
	HW_VEC(uint32_t) order;	 /* in which they are done: the largest first */
	size_t address_count;	 /* of all */
	struct hw_workers *workers;
	const struct hw_symbolise_progress *progress;
	size_t reported; /* addresses */
	uint64_t reported_ns;
};

/* What is known about all locations of a mapping. */
struct coverage {
	bool any, functions, filenames, lines, inlines;
};

static int compare_requests(const void *left, const void *right)
{
	const struct request *a = left;
	const struct request *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->location < b->location ? -1 : a->location > b->location;
}

/* The address in the DSO's own terms. */
static uint64_t address_in_dso(const struct hw_dso *dso, const struct hw_profile_mapping *mapping,
			       uint64_t avma)
{
	if (hw_dso_kind(dso) == HW_DSO_KERNEL || hw_dso_kind(dso) == HW_DSO_MODULE)
		return avma;
	return avma - mapping->start_avma + mapping->file_foff;
}

static struct job *job_of(struct jobs *jobs, struct hw_map *index, struct hw_dso *dso)
{
	const uint64_t hash = hw_hash_mix(0, hw_dso_index(dso));
	uint32_t id;

	for (size_t slot = hw_map_first(index, hash); (id = hw_map_id(index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(index, slot, hash))
		if (jobs->list.at[id].dso == dso)
			return &jobs->list.at[id];
	hw_map_insert(index, hash, (uint32_t)jobs->list.count);
	hw_vec_push(&jobs->list, (struct job){ .dso = dso });
	return &jobs->list.at[jobs->list.count - 1];
}

static int compare_sizes(const void *left, const void *right, void *list)
{
	const struct job *a = (const struct job *)list + *(const uint32_t *)left;
	const struct job *b = (const struct job *)list + *(const uint32_t *)right;

	if (a->addresses.count != b->addresses.count)
		return a->addresses.count > b->addresses.count ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void collect(struct jobs *jobs, const struct hw_profile *profile, struct hw_dso *const *dso_of_mapping)
{
	struct hw_map index = { 0 };

	for (size_t i = 0; i < profile->locations.count; i++) {
		const struct hw_location *location = &profile->locations.at[i];
		struct hw_dso *dso;
		struct job *job;

		if (location->line_count || location->mapping == HW_NONE)
			continue;
		dso = dso_of_mapping[location->mapping];
		if (!dso)
			continue;
		job = job_of(jobs, &index, dso);
		hw_vec_push(&job->requests,
			    (struct request){
				    .address = address_in_dso(dso, &profile->mappings.at[location->mapping],
							      location->avma),
				    .location = (uint32_t)i,
			    });
	}
	hw_map_fini(&index);
	for (size_t i = 0; i < jobs->list.count; i++) {
		struct job *job = &jobs->list.at[i];

		qsort(job->requests.at, job->requests.count, sizeof *job->requests.at, compare_requests);
		for (size_t r = 0; r < job->requests.count; r++)
			if (r == 0 || job->requests.at[r].address != job->requests.at[r - 1].address)
				hw_vec_push(&job->addresses, job->requests.at[r].address);
		hw_vec_push(&jobs->order, (uint32_t)i);
		jobs->address_count += job->addresses.count;
	}
	if (jobs->order.count)
		qsort_r(jobs->order.at, jobs->order.count, sizeof *jobs->order.at, compare_sizes,
			jobs->list.at);
}

static void resolve(void *user, size_t index)
{
	struct jobs *jobs = user;
	struct job *job = &jobs->list.at[jobs->order.at[index]];

	hw_dso_resolve(job->dso, job->addresses.at, job->addresses.count, jobs->workers, &job->answer);
	atomic_store(&job->done, true);
}

/* Tell how far it is, not too often, with the largest DSO that is not done. */
static void report(void *user, size_t advanced)
{
	struct jobs *jobs = user;
	const uint64_t now_ns = hw_now_ns();
	size_t i = 0;

	if (!jobs->progress || !jobs->progress->report || advanced == jobs->reported ||
	    (advanced < jobs->address_count && now_ns - jobs->reported_ns < REPORT_INTERVAL_NS))
		return;
	while (i + 1 < jobs->order.count && atomic_load(&jobs->list.at[jobs->order.at[i]].done))
		i++;
	jobs->reported = advanced;
	jobs->reported_ns = now_ns;
	jobs->progress->report(jobs->progress->user, advanced, jobs->address_count,
			       hw_dso_path(jobs->list.at[jobs->order.at[i]].dso));
}

static void resolve_all(struct jobs *jobs)
{
	const size_t useful = jobs->list.count + jobs->address_count / THREAD_ADDRESSES;
	const size_t cores = hw_core_count();

	jobs->workers = hw_workers_new(useful < cores ? useful : cores, report, jobs);
	hw_workers_run(jobs->workers, jobs->order.count, resolve, jobs);
	hw_workers_free(jobs->workers);
}

static uint32_t string_of(struct hw_profile *profile, const char *text)
{
	return text ? hw_profile_string(profile, text) : 0;
}

/* One function that stands for code nobody named. */
static void set_unnamed(struct hw_profile *profile, uint32_t location, const char *name)
{
	const uint32_t id = hw_profile_string(profile, name);
	const struct hw_line line = {
		.function = hw_profile_add_function(profile,
						    &(struct hw_function){ .name = id, .system_name = id }),
	};

	hw_profile_set_lines(profile, location, &line, 1);
}

/* "[FILE+0xSVMA]": see symbolise.h. */
static void name_unnamed(struct hw_profile *profile, const struct hw_dso *dso, const struct request *request)
{
	const char *path = hw_dso_path(dso);
	const char *slash = strrchr(path, '/');
	const char *file = slash && slash[1] ? slash + 1 : path;
	struct hw_buf name = { 0 };
	size_t length;

	file += strspn(file, "[");
	length = strcspn(file, "]");
	if (hw_dso_kind(dso) == HW_DSO_ANON)
		hw_buf_printf(&name, "[%.*s]", (int)length, file);
	else
		hw_buf_printf(&name, "[%.*s+0x%" PRIx64 "]", (int)length, file,
			      hw_dso_function_start(dso, request->address));
	set_unnamed(profile, request->location, name.data);
	hw_buf_fini(&name);
}

/* Turn the frames of an address into lines of the profile. */
static void convert(struct hw_profile *profile, const struct hw_source_frame *frames, size_t count,
		    struct hw_line *lines)
{
	for (size_t i = 0; i < count; i++) {
		const struct hw_source_frame *frame = &frames[i];
		const struct hw_function function = {
			.name = string_of(profile, frame->name),
			.system_name = string_of(profile, frame->system_name),
			.filename = string_of(profile, frame->file),
			.start_line = frame->start_line,
		};

		lines[i] = (struct hw_line){
			.function = hw_profile_add_function(profile, &function),
			.line = frame->line,
			.column = frame->column,
		};
	}
}

static void note_coverage(struct coverage *coverage, const struct hw_source_frame *frames, size_t count,
			  bool has_inlines)
{
	coverage->any = true;
	coverage->inlines &= count > 0 && has_inlines;
	coverage->functions &= count > 0;
	coverage->filenames &= count > 0;
	coverage->lines &= count > 0;
	for (size_t i = 0; i < count; i++) {
		coverage->functions &= frames[i].name != NULL;
		coverage->filenames &= frames[i].file != NULL;
		coverage->lines &= frames[i].line != 0;
	}
}

static void put_job(struct hw_profile *profile, const struct job *job, struct coverage *coverage)
{
	const struct hw_dso_answer *answer = &job->answer;
	HW_VEC(struct hw_line) lines = { 0 };
	size_t address = 0;

	for (size_t i = 0; i < job->requests.count; i++) {
		const struct request *request = &job->requests.at[i];
		const uint32_t mapping = profile->locations.at[request->location].mapping;
		const struct hw_source_frame *frames;
		size_t count;

		while (job->addresses.at[address] != request->address)
			address++;
		count = answer->first.at[address + 1] - answer->first.at[address];
		frames = count ? &answer->frames.at[answer->first.at[address]] : NULL;
		note_coverage(&coverage[mapping], frames, count, answer->has_inlines);
		if (count == 0) {
			name_unnamed(profile, job->dso, request);
			continue;
		}
		lines.count = 0;
		hw_vec_reserve(&lines, count);
		convert(profile, frames, count, lines.at);
		hw_profile_set_lines(profile, request->location, lines.at, (uint32_t)count);
	}
	hw_vec_fini(&lines);
}

/* What was known about a mapping's earlier locations counts too: they may have stayed unknown. */
static struct coverage *coverage_before(const struct hw_profile *profile)
{
	struct coverage *coverage = hw_alloc(profile->mappings.count, sizeof *coverage);

	for (size_t i = 0; i < profile->mappings.count; i++)
		coverage[i] = (struct coverage){
			.functions = true, .filenames = true, .lines = true, .inlines = true
		};
	for (size_t i = 0; i < profile->locations.count; i++) {
		const struct hw_location *location = &profile->locations.at[i];
		const struct hw_profile_mapping *mapping;

		if (!location->line_count || location->mapping == HW_NONE)
			continue;
		mapping = &profile->mappings.at[location->mapping];
		coverage[location->mapping] = (struct coverage){
			.functions = mapping->has_functions,
			.filenames = mapping->has_filenames,
			.lines = mapping->has_line_numbers,
			.inlines = mapping->has_inline_frames,
		};
	}
	return coverage;
}

void hw_symbolise(struct hw_profile *profile, struct hw_dso *const *dso_of_mapping,
		  const struct hw_symbolise_progress *progress)
{
	struct coverage *coverage = coverage_before(profile);
	struct jobs jobs = { .progress = progress };

	collect(&jobs, profile, dso_of_mapping);
	if (jobs.list.count)
		resolve_all(&jobs);
	for (size_t i = 0; i < jobs.list.count; i++) {
		struct job *job = &jobs.list.at[i];

		put_job(profile, job, coverage);
		hw_dso_answer_fini(&job->answer);
		hw_vec_fini(&job->requests);
		hw_vec_fini(&job->addresses);
	}
	for (size_t i = 0; i < profile->mappings.count; i++) {
		struct hw_profile_mapping *mapping = &profile->mappings.at[i];

		if (!coverage[i].any)
			continue;
		mapping->has_functions = coverage[i].functions;
		mapping->has_filenames = coverage[i].filenames;
		mapping->has_line_numbers = coverage[i].lines;
		mapping->has_inline_frames = coverage[i].inlines;
	}
	for (size_t i = 0; i < profile->locations.count; i++)
		if (profile->locations.at[i].mapping == HW_NONE && !profile->locations.at[i].line_count)
			set_unnamed(profile, (uint32_t)i, "[unknown]");
	hw_vec_fini(&jobs.list);
	hw_vec_fini(&jobs.order);
	free(coverage);
}
