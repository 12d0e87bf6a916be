#include "unnamed_help.h"

#include "profile/unnamed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* A profile of one event, and the DSOs of its mappings. */
struct scene {
	struct hw_profile *profile;
	struct hw_dso_table *dsos;
	HW_VEC(struct hw_dso *) dso_of_mapping;
};

static void begin(struct scene *scene)
{
	*scene = (struct scene){ .profile = hw_profile_new(), .dsos = hw_dso_table_new() };
	(void)hw_profile_add_sample_type(scene->profile, "samples", "count");
	(void)hw_profile_add_sample_type(scene->profile, "cycles", "count");
}

static void end(struct scene *scene)
{
	hw_profile_free(scene->profile);
	hw_dso_table_free(scene->dsos);
	hw_vec_fini(&scene->dso_of_mapping);
}

/* So many samples, of as many cycles, in unnamed code of a file. */
static void add(struct scene *scene, enum hw_dso_kind kind, const char *path, int64_t count)
{
	const struct hw_dso_key key = { .kind = kind, .path = path, .pid = 1 };
	struct hw_dso *dso = hw_dso_table_add(scene->dsos, &key);
	const uint32_t mapping = hw_profile_add_mapping(
		scene->profile, &(struct hw_profile_mapping){
					.limit_avma = 4096,
					.filename = hw_profile_string(scene->profile, path),
				});
	const uint32_t location = hw_profile_add_location(scene->profile, mapping, 8);
	const int64_t values[] = { count, count };

	if (kind == HW_DSO_FILE)
		(void)hw_dso_load(dso, 0, 0, 0);
	hw_vec_push(&scene->dso_of_mapping, dso);
	hw_profile_add_sample(scene->profile, hw_stacks_add(&scene->profile->stacks, &location, 1),
			      (struct hw_label_set_id){ 0 }, values);
	scene->profile->quality.samples += (uint64_t)count;
}

static const struct hw_unnamed_help *help_of(const struct scene *scene, const char *path)
{
	const struct hw_unnamed_file file = { .dso = path, .build_id = "" };

	return hw_unnamed_help_of(scene->profile, &file);
}

/* A file that cannot be used says why; a share of 1 % and less is not worth it. */
static void files_with_a_share_get_a_cause(void **state)
{
	struct scene scene;
	(void)state;

	begin(&scene);
	add(&scene, HW_DSO_FILE, "/nowhere/a.so", 970);
	add(&scene, HW_DSO_ANON, "//anon", 20);
	add(&scene, HW_DSO_FILE, "/nowhere/b.so", 10);
	hw_unnamed_help_add(scene.profile, scene.dso_of_mapping.at);
	assert_int_equal(scene.profile->quality.unnamed.count, 2);
	assert_string_equal(help_of(&scene, "/nowhere/a.so")->cause,
			    "cannot open '/nowhere/a.so': No such file or directory");
	assert_string_equal(help_of(&scene, "/nowhere/a.so")->fix, "");
	assert_non_null(strstr(help_of(&scene, "//anon")->cause, "made at run time"));
	assert_null(help_of(&scene, "/nowhere/b.so"));
	end(&scene);
}

/* A file that is no program any more by now is told apart from one that is missing, with what helps. */
static void replaced_files_say_what_helps(void **state)
{
	struct scene scene;
	const struct hw_dso_key key = { .kind = HW_DSO_FILE, .path = "/proc/self/exe", .inode = UINT64_MAX };
	(void)state;

	begin(&scene);
	add(&scene, HW_DSO_FILE, "/proc/self/exe", 3);
	scene.dso_of_mapping.at[0] = hw_dso_table_add(scene.dsos, &key);
	assert_false(hw_dso_load(scene.dso_of_mapping.at[0], 0, 0, 0));
	hw_unnamed_help_add(scene.profile, scene.dso_of_mapping.at);
	assert_string_equal(help_of(&scene, "/proc/self/exe")->cause,
			    "'/proc/self/exe' was replaced since the process mapped it");
	assert_non_null(strstr(help_of(&scene, "/proc/self/exe")->fix, "restart the program"));
	end(&scene);
}

/* A file with a symbol table, such as this program, needs none: what it does not name has no name. */
static void files_with_symbols_need_no_package(void **state)
{
	HW_AUTO(hw_freep) char *self = realpath("/proc/self/exe", NULL);
	const struct hw_unnamed_help *help;
	struct scene scene;
	(void)state;

	begin(&scene);
	add(&scene, HW_DSO_FILE, self, 100);
	hw_unnamed_help_add(scene.profile, scene.dso_of_mapping.at);
	help = help_of(&scene, self);
	assert_non_null(help);
	assert_string_equal(help->cause, "its symbol table has no name for this code");
	assert_string_equal(help->fix, "");
	end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_with_a_share_get_a_cause),
		cmocka_unit_test(replaced_files_say_what_helps),
		cmocka_unit_test(files_with_symbols_need_no_package),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
