#include "unnamed_help.h"

#include "dso/debug_file.h"
#include "dso/debuginfod.h"
#include "dso/package.h"
#include "profile/unnamed.h"

#define DPKG_INFO "/var/lib/dpkg/info"
#define SHARE 0.01
/* Files that get help: reading the package lists takes some 20 ms, and longer for each. */
#define FILES_MAX 16
/* With fewer a file's share says nothing, and the package lists are not worth their time. */
#define SAMPLES_MIN 20

/* A file that wants help. */
struct patient {
	const struct hw_unnamed_file *file; /* borrowed */
	struct hw_dso *dso;		    /* borrowed; NULL = code in no mapping */
	char *path; /* as packages have it, without links; NULL = of no package here */
	char *package;
};

struct patients {
	struct patient list[FILES_MAX];
	size_t count;
};

/* --- Who ------------------------------------------------------------------------------------------------------ */

/* The first event's values come after their number of samples. */
static int64_t *first_values(const struct hw_profile *profile, int64_t *total)
{
	const size_t type = profile->sample_types.count > 1;
	int64_t *values = hw_alloc(profile->samples.count, sizeof *values);

	*total = hw_profile_total(profile, (uint32_t)type);
	for (size_t i = 0; i < profile->samples.count; i++)
		values[i] = hw_profile_values(profile, i)[type];
	return values;
}

static struct hw_dso *dso_of(const struct hw_profile *profile, struct hw_dso *const *dso_of_mapping,
			     const struct hw_unnamed_file *file)
{
	for (size_t i = 0; i < profile->mappings.count; i++) {
		const struct hw_profile_mapping *m = &profile->mappings.at[i];

		if (strcmp(hw_profile_text(profile, m->filename), file->dso) == 0 &&
		    strcmp(hw_profile_text(profile, m->build_id), file->build_id) == 0)
			return dso_of_mapping[i];
	}
	return NULL;
}

static void find_patients(struct patients *patients, const struct hw_unnamed *unnamed,
			  const struct hw_profile *profile, struct hw_dso *const *dso_of_mapping,
			  int64_t total)
{
	for (size_t i = 0; i < unnamed->files.count && patients->count < FILES_MAX; i++) {
		const struct hw_unnamed_file *file = &unnamed->files.at[i];

		if ((double)file->any > SHARE * (double)total)
			patients->list[patients->count++] =
				(struct patient){ .file = file,
						  .dso = dso_of(profile, dso_of_mapping, file) };
	}
}

/* --- Of which package ----------------------------------------------------------------------------------------- */

/* Packages of this system say nothing about the files of a container. */
static bool may_be_packaged(const struct patient *patient)
{
	return patient->dso && hw_dso_kind(patient->dso) == HW_DSO_FILE && hw_dso_elf(patient->dso) &&
	       !hw_dso_is_elsewhere(patient->dso);
}

static void find_packages(struct patients *patients)
{
	const char *paths[FILES_MAX];
	char *packages[FILES_MAX];
	struct patient *asked[FILES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < patients->count; i++) {
		struct patient *patient = &patients->list[i];

		if (may_be_packaged(patient))
			patient->path = realpath(hw_dso_file_path(patient->dso), NULL);
		if (!patient->path)
			continue;
		paths[count] = patient->path;
		asked[count++] = patient;
	}
	hw_packages_find(packages, paths, count, DPKG_INFO);
	for (size_t i = 0; i < count; i++)
		asked[i]->package = packages[i];
}

/* --- In words ------------------------------------------------------------------------------------------------- */

static bool has_symtab(struct hw_dso *dso)
{
	const struct hw_debug_files *files = hw_dso_debug_files(dso);

	return hw_debug_file_has_symtab(hw_dso_elf(dso)) ||
	       (files->debug && hw_debug_file_has_symtab(files->debug));
}

static void add_cause(struct hw_buf *cause, const struct patient *patient)
{
	struct hw_dso *dso = patient->dso;

	if (!dso)
		return;
	if (hw_dso_problem(dso)[0]) {
		hw_buf_text(cause, hw_dso_problem(dso));
	} else if (hw_dso_kind(dso) == HW_DSO_ANON) {
		hw_buf_text(cause, "code made at run time, whose maker gives no names");
	} else if (hw_dso_kind(dso) == HW_DSO_FILE && hw_dso_elf(dso)) {
		if (has_symtab(dso))
			hw_buf_text(cause, "its symbol table has no name for this code");
		else
			hw_buf_text(cause, "it is stripped: only functions that it exports have names");
		if (!has_symtab(dso) && hw_debuginfod_is_built_in() && hw_debuginfod_urls())
			hw_buf_text(cause, ", and DEBUGINFOD_URLS brought no others");
	}
}

static void add_server(struct hw_buf *fix, const char *url)
{
	if (hw_debuginfod_is_built_in() && !hw_debuginfod_urls())
		hw_buf_printf(fix, "%sset DEBUGINFOD_URLS=\"%s\"", fix->size ? "; or " : "", url);
}

/* Files that came with the system have debug information elsewhere; other people's have it only where they are built.
 * system is NULL when packages were not looked for. */
static void add_fix(struct hw_buf *fix, const struct patient *patient, const struct hw_system *system)
{
	const char *build_id = patient->file->build_id;

	if (patient->dso && hw_dso_problem(patient->dso)[0])
		hw_buf_text(fix, hw_dso_fix(patient->dso));
	if (!system || !patient->dso || hw_dso_kind(patient->dso) != HW_DSO_FILE ||
	    !hw_dso_elf(patient->dso) || has_symtab(patient->dso))
		return;
	if (hw_dso_is_elsewhere(patient->dso)) {
		hw_buf_text(fix, "install its debug information in the container");
		add_server(fix, hw_system_debuginfod(&(struct hw_system){ 0 }));
		return;
	}
	if (patient->package || !hw_system_has_packages(system))
		hw_package_print_fix(fix, system, patient->package, build_id);
	else
		hw_buf_text(fix, "compile it with -g, and do not strip it");
	if (build_id[0] && (patient->package || !hw_system_has_packages(system)))
		add_server(fix, hw_system_debuginfod(system));
}

void hw_unnamed_help_add(struct hw_profile *profile, struct hw_dso *const *dso_of_mapping)
{
	struct patients patients = { 0 };
	struct hw_unnamed unnamed;
	struct hw_system system = { 0 };
	const bool has_enough = profile->quality.samples >= SAMPLES_MIN;
	int64_t total;
	HW_AUTO(hw_freep) int64_t *values = first_values(profile, &total);

	hw_unnamed_init(&unnamed, profile, values);
	find_patients(&patients, &unnamed, profile, dso_of_mapping, total);
	if (patients.count && has_enough) {
		hw_system_read(&system);
		find_packages(&patients);
	}
	for (size_t i = 0; i < patients.count; i++) {
		struct patient *patient = &patients.list[i];
		HW_AUTO(hw_buf_fini) struct hw_buf cause = { 0 };
		HW_AUTO(hw_buf_fini) struct hw_buf fix = { 0 };

		add_cause(&cause, patient);
		add_fix(&fix, patient, has_enough ? &system : NULL);
		hw_vec_push(&profile->quality.unnamed, (struct hw_unnamed_help){
							       .dso = hw_strdup(patient->file->dso),
							       .build_id = hw_strdup(patient->file->build_id),
							       .cause = hw_strdup(hw_buf_str(&cause)),
							       .fix = hw_strdup(hw_buf_str(&fix)),
						       });
		free(patient->path);
		free(patient->package);
	}
	hw_unnamed_fini(&unnamed);
}
