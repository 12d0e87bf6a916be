/* Recorded stacks of tests/fixtures/stacks by every engine: what each finds is what the file says. */
#include "tests/lib/stack_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *name;
	enum hw_unwind_method method;
} engines[] = { { "auto", HW_UNWIND_AUTO },
		{ "rules", HW_UNWIND_RULES },
		{ "libunwind", HW_UNWIND_LIBUNWIND },
		{ "libdw", HW_UNWIND_LIBDW } };

/* Of x86-64, what there has to be. */
static const char *const cases[] = {
	"prologue", "epilogue", "plt-lazy",   "plt-now", "signal", "sigaltstack",	   "noreturn",
	"start",    "thread",	"expression", "split",	 "vdso",   "libcrypto-expression", "makecontext",
};

static struct stack_fixture fixture;
static struct hw_frames found;

static const struct stack_difference *difference_of(const char *engine)
{
	for (size_t i = 0; i < fixture.differences.count; i++)
		if (!strcmp(fixture.differences.at[i].engine, engine))
			return &fixture.differences.at[i];
	return NULL;
}

/* The first `count` frames are those expected. (That the last of them is a signal's trampoline, which was not called, may
 * show only in the step that comes next.) */
static void assert_frames(const char *name, const char *engine, size_t count)
{
	for (size_t i = 0; i < count && i < fixture.expected.count; i++)
		if (found.at[i].avma != fixture.expected.at[i].avma ||
		    (found.at[i].kind != fixture.expected.at[i].kind && i + 1 < count))
			fail_msg("%s by %s: frame %zu is %llx, not %llx", name, engine, i,
				 (unsigned long long)found.at[i].avma,
				 (unsigned long long)fixture.expected.at[i].avma);
}

static void unwind_by(const char *name, size_t engine)
{
	const struct stack_difference *difference = difference_of(engines[engine].name);
	const size_t count = difference ? difference->count : fixture.expected.count;
	const enum hw_stack_end end = difference ? difference->end : fixture.expected.end;
	struct hw_unwinder *unwinder = hw_unwinder_new(engines[engine].method);

	for (int round = 0; round < 2; round++) { /* the second time from the caches */
		hw_unwind(unwinder, &fixture.sample, &fixture.process, &found);
		if (found.count != count || found.end != end)
			fail_msg("%s by %s: %zu frames, %s; expected %zu, %s", name, engines[engine].name,
				 found.count, hw_stack_end_name(found.end), count, hw_stack_end_name(end));
		assert_frames(name, engines[engine].name, count);
	}
	/* A difference that is none any more would hide the next one. */
	if (difference && count == fixture.expected.count && end == fixture.expected.end)
		fail_msg("%s: %s does not differ", name, engines[engine].name);
	hw_unwinder_free(unwinder);
}

/* The path of a case; owned by the caller. */
static char *path_of(const char *name)
{
	const char *root = getenv("top_srcdir");

	return hw_asprintf("%s/tests/fixtures/stacks/%s.stack", root ? root : ".", name);
}

static bool read_case(const char *name)
{
	HW_AUTO(hw_freep) char *path = path_of(name);
	struct hw_err err = { 0 };

	if (stack_fixture_read(&fixture, path, &err) < 0)
		fail_msg("%s", err.message);
	return strcmp(fixture.arch, stack_fixture_arch()) == 0;
}

/* Each recorded stack, by each engine. */
static void every_engine_finds_what_was_recorded(void **state)
{
	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		const bool ours = read_case(cases[i]);

		for (size_t engine = 0; ours && engine < HW_COUNT_OF(engines); engine++)
			unwind_by(cases[i], engine);
		stack_fixture_fini(&fixture);
	}
}

/* A copy one word shorter than what is needed is never complete, and what is found of it is right. */
static void a_shorter_copy_gives_fewer_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		const bool ours = read_case(cases[i]);

		for (size_t engine = 0; ours && engine < HW_COUNT_OF(engines); engine++) {
			struct hw_unwinder *unwinder = hw_unwinder_new(engines[engine].method);
			struct hw_sample sample = fixture.sample;
			size_t count = fixture.expected.count;

			while (sample.user_stack_size >= 8 && !difference_of(engines[engine].name)) {
				sample.user_stack_size -= 8;
				hw_unwind(unwinder, &sample, &fixture.process, &found);
				if (found.count > count)
					fail_msg("%s by %s: %zu frames of %zu bytes, %zu of more", cases[i],
						 engines[engine].name, found.count,
						 (size_t)sample.user_stack_size, count);
				count = found.count;
				assert_frames(cases[i], engines[engine].name, count);
				if (found.end == HW_END_ROOT &&
				    (fixture.expected.end != HW_END_ROOT || count != fixture.expected.count))
					fail_msg("%s by %s: complete after %zu frames of %zu", cases[i],
						 engines[engine].name, count, fixture.expected.count);
			}
			hw_unwinder_free(unwinder);
		}
		stack_fixture_fini(&fixture);
	}
}

/* Every file of the folder is one of the cases. */
static void no_recording_is_left_out(void **state)
{
	HW_AUTO(hw_freep) char *path = path_of("");
	DIR *folder;
	const struct dirent *entry;
	size_t count = 0;

	(void)state;
	*strrchr(path, '/') = '\0';
	folder = opendir(path);
	assert_non_null(folder);
	while ((entry = readdir(folder)))
		if (strlen(entry->d_name) > 6 && !strcmp(entry->d_name + strlen(entry->d_name) - 6, ".stack"))
			count++;
	closedir(folder);
	assert_int_equal(count, HW_COUNT_OF(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_engine_finds_what_was_recorded),
		cmocka_unit_test(a_shorter_copy_gives_fewer_frames),
		cmocka_unit_test(no_recording_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
