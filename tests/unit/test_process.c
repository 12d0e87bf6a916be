/* process/process.c: lives of processes told by records. The table is offline, so that no pid here is asked for in
 * /proc, except where a test is about this very process. */
#include "process/process.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
	struct hw_dso_table *dsos;
	struct hw_process_table *table;
};

static int set_up(void **state)
{
	struct world *world = hw_alloc(1, sizeof *world);

	world->dsos = hw_dso_table_new();
	world->table = hw_process_table_new(world->dsos);
	hw_process_table_set_offline(world->table);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	hw_process_table_free(world->table);
	hw_dso_table_free(world->dsos);
	free(world);
	return 0;
}

static void mmap_record(struct world *world, uint32_t pid, uint64_t start, const char *name)
{
	const struct hw_record record = { .type = PERF_RECORD_MMAP2,
					  .misc = PERF_RECORD_MISC_USER,
					  .mmap = { .pid = pid,
						    .tid = pid,
						    .start_avma = start,
						    .size_bytes = 0x1000,
						    .prot = PROT_READ | PROT_EXEC,
						    .filename = name } };

	hw_process_table_apply(world->table, &record);
}

static void comm_record(struct world *world, uint32_t pid, uint32_t tid, const char *comm, bool exec)
{
	const struct hw_record record = { .type = PERF_RECORD_COMM,
					  .comm = { .pid = pid, .tid = tid, .exec = exec, .comm = comm } };

	hw_process_table_apply(world->table, &record);
}

static void task_record(struct world *world, uint32_t type, uint32_t pid, uint32_t tid, uint32_t ppid,
			uint32_t ptid)
{
	const struct hw_record record = { .type = type,
					  .task = { .pid = pid, .tid = tid, .ppid = ppid, .ptid = ptid } };

	hw_process_table_apply(world->table, &record);
}

static const char *path_at(struct world *world, uint32_t pid, uint64_t avma)
{
	const struct hw_mapping *mapping =
		hw_mappings_find(&hw_process_table_get(world->table, pid)->mappings, avma);

	return mapping ? hw_dso_path(mapping->dso) : NULL;
}

/* A command's life: exec gives it a name and empties it, mappings fill it. */
static void exec_starts_over(void **state)
{
	struct world *world = *state;

	comm_record(world, 10, 10, "sh", true);
	mmap_record(world, 10, 0x1000, "/nowhere/sh");
	assert_string_equal(path_at(world, 10, 0x1000), "/nowhere/sh");
	comm_record(world, 10, 10, "ls", true);
	assert_null(path_at(world, 10, 0x1000));
	assert_true(hw_process_table_get(world->table, 10)->maps_known);
	assert_string_equal(hw_process_table_get(world->table, 10)->comm, "ls");
	assert_string_equal(hw_process_table_thread(world->table, 10, 10)->comm, "ls");
}

/* A rename that is no exec keeps the mappings, and a thread's keeps the process's name. */
static void renames_keep_mappings(void **state)
{
	struct world *world = *state;
	uint32_t renames;

	comm_record(world, 10, 10, "app", true);
	mmap_record(world, 10, 0x1000, "/nowhere/app");
	task_record(world, PERF_RECORD_FORK, 10, 11, 10, 10);
	hw_process_table_thread(world->table, 10, 11)->tag = 5;
	comm_record(world, 10, 11, "worker", false);
	assert_string_equal(path_at(world, 10, 0x1000), "/nowhere/app");
	assert_string_equal(hw_process_table_get(world->table, 10)->comm, "app");
	assert_string_equal(hw_process_table_thread(world->table, 10, 11)->comm, "worker");
	assert_int_equal(hw_process_table_thread(world->table, 10, 11)->tag, HW_MAPPING_NO_TAG);
	/* The main thread's name is the process's, which the other threads' labels hold, too. */
	renames = hw_process_table_get(world->table, 10)->renames;
	comm_record(world, 10, 11, "worker 2", false);
	assert_int_equal(hw_process_table_get(world->table, 10)->renames, renames);
	comm_record(world, 10, 10, "app: ready", false);
	assert_int_equal(hw_process_table_get(world->table, 10)->renames, renames + 1);
}

/* A forked process has what its parent had, and then goes its own way. */
static void fork_copies_the_parent(void **state)
{
	struct world *world = *state;

	comm_record(world, 10, 10, "make", true);
	mmap_record(world, 10, 0x1000, "/nowhere/make");
	task_record(world, PERF_RECORD_FORK, 20, 20, 10, 10);
	mmap_record(world, 20, 0x5000, "/nowhere/libx.so");
	assert_string_equal(path_at(world, 20, 0x1000), "/nowhere/make");
	assert_string_equal(hw_process_table_get(world->table, 20)->comm, "make");
	assert_string_equal(hw_process_table_thread(world->table, 20, 20)->comm, "make");
	assert_true(hw_process_table_get(world->table, 20)->maps_known);
	assert_null(path_at(world, 10, 0x5000));
}

/* A thread forked from a named thread: pthread names are inherited. A process forked from one too. */
static void fork_copies_the_thread_name(void **state)
{
	struct world *world = *state;

	comm_record(world, 10, 10, "app", true);
	task_record(world, PERF_RECORD_FORK, 10, 11, 10, 10);
	comm_record(world, 10, 11, "pool", false);
	task_record(world, PERF_RECORD_FORK, 10, 12, 10, 11);
	task_record(world, PERF_RECORD_FORK, 30, 30, 10, 11);
	assert_string_equal(hw_process_table_thread(world->table, 10, 12)->comm, "pool");
	assert_string_equal(hw_process_table_get(world->table, 30)->comm, "pool");
}

/* A pid that ended and came again is another process. */
static void a_reused_pid_is_new(void **state)
{
	struct world *world = *state;

	comm_record(world, 10, 10, "old", true);
	mmap_record(world, 10, 0x1000, "/nowhere/old");
	comm_record(world, 5, 5, "init", true);
	task_record(world, PERF_RECORD_EXIT, 10, 10, 5, 5);
	task_record(world, PERF_RECORD_FORK, 10, 10, 5, 5);
	assert_null(path_at(world, 10, 0x1000));
	assert_string_equal(hw_process_table_get(world->table, 10)->comm, "init");
	/* The same when the EXIT was lost. */
	mmap_record(world, 10, 0x1000, "/nowhere/second");
	task_record(world, PERF_RECORD_FORK, 10, 10, 5, 5);
	assert_null(path_at(world, 10, 0x1000));
}

/* A leader may end before its threads: the process lives on until the last one has ended. */
static void a_process_outlives_its_leader(void **state)
{
	struct world *world = *state;
	const struct hw_process *process;

	comm_record(world, 10, 10, "app", true);
	mmap_record(world, 10, 0x1000, "/nowhere/app");
	task_record(world, PERF_RECORD_FORK, 10, 11, 10, 10);
	task_record(world, PERF_RECORD_EXIT, 10, 10, 10, 10);
	assert_string_equal(path_at(world, 10, 0x1000), "/nowhere/app");
	process = hw_process_table_get(world->table, 10);
	assert_false(process->exited);
	task_record(world, PERF_RECORD_EXIT, 10, 11, 10, 10);
	assert_true(process->exited); /* still readable, though forgotten */
	assert_null(path_at(world, 10, 0x1000));
}

/* What the pipeline knows of a thread's stack is void with a new life of its id, and after an exec. */
static void a_new_stack_has_a_new_number(void **state)
{
	struct world *world = *state;

	comm_record(world, 10, 10, "sh", true);
	hw_process_table_thread(world->table, 10, 10)->cut_thread = 7;
	comm_record(world, 10, 10, "renamed", false);
	assert_int_equal(hw_process_table_thread(world->table, 10, 10)->cut_thread, 7);
	comm_record(world, 10, 10, "ls", true);
	assert_int_equal(hw_process_table_thread(world->table, 10, 10)->cut_thread, 0);
	task_record(world, PERF_RECORD_FORK, 10, 11, 10, 10);
	hw_process_table_thread(world->table, 10, 11)->cut_thread = 8;
	task_record(world, PERF_RECORD_EXIT, 10, 11, 10, 10);
	task_record(world, PERF_RECORD_FORK, 10, 11, 10, 10);
	assert_int_equal(hw_process_table_thread(world->table, 10, 11)->cut_thread, 0);
}

/* execve by a thread ends the others without an EXIT for the id it gives up; all is gone with the leader's. */
static void exec_by_a_thread_ends_the_others(void **state)
{
	struct world *world = *state;
	const struct hw_process *process;

	comm_record(world, 10, 10, "app", true);
	task_record(world, PERF_RECORD_FORK, 10, 11, 10, 10);
	task_record(world, PERF_RECORD_FORK, 10, 12, 10, 10);
	task_record(world, PERF_RECORD_EXIT, 10, 12, 10, 10);
	task_record(world, PERF_RECORD_EXIT, 10, 10, 10, 10); /* the old leader */
	comm_record(world, 10, 10, "new", true);	      /* 11 has become 10 */
	mmap_record(world, 10, 0x1000, "/nowhere/new");
	process = hw_process_table_get(world->table, 10);
	assert_string_equal(path_at(world, 10, 0x1000), "/nowhere/new");
	task_record(world, PERF_RECORD_EXIT, 10, 10, 10, 10);
	assert_true(process->exited);
}

/* Data mappings, empty ones and those past the end of the address space are no code. */
static void what_is_no_code_is_left_out(void **state)
{
	struct world *world = *state;
	struct hw_record record = { .type = PERF_RECORD_MMAP2,
				    .mmap = { .pid = 10,
					      .start_avma = 0x1000,
					      .size_bytes = 0x1000,
					      .prot = PROT_READ,
					      .filename = "/nowhere/data" } };

	comm_record(world, 10, 10, "app", true);
	hw_process_table_apply(world->table, &record);
	record.mmap.prot = PROT_READ | PROT_EXEC;
	record.mmap.is_data = true;
	hw_process_table_apply(world->table, &record);
	record.mmap.is_data = false;
	record.mmap.size_bytes = 0;
	hw_process_table_apply(world->table, &record);
	record.mmap.size_bytes = UINT64_MAX;
	hw_process_table_apply(world->table, &record);
	assert_int_equal(hw_process_table_get(world->table, 10)->mappings.list.count, 0);
}

/* Names decide the kind of DSO; " (deleted)" is no part of a file's path. */
static void names_become_kinds(void **state)
{
	struct world *world = *state;
	struct hw_mappings *mappings;

	comm_record(world, 10, 10, "app", true);
	mmap_record(world, 10, 0x1000, "/nowhere/gone.so (deleted)");
	mmap_record(world, 10, 0x2000, "//anon");
	mmap_record(world, 10, 0x3000, "[vdso]");
	mappings = &hw_process_table_get(world->table, 10)->mappings;
	assert_string_equal(path_at(world, 10, 0x1000), "/nowhere/gone.so");
	assert_int_equal(hw_dso_kind(hw_mappings_find(mappings, 0x1000)->dso), HW_DSO_FILE);
	assert_int_equal(hw_dso_kind(hw_mappings_find(mappings, 0x2000)->dso), HW_DSO_ANON);
	assert_int_equal(hw_dso_kind(hw_mappings_find(mappings, 0x3000)->dso), HW_DSO_VDSO);
}

/* Anonymous code of two processes is not the same code; the same file is. */
static void anonymous_code_belongs_to_its_process(void **state)
{
	struct world *world = *state;

	for (uint32_t pid = 10; pid <= 11; pid++) {
		comm_record(world, pid, pid, "app", true);
		mmap_record(world, pid, 0x1000, "//anon");
		mmap_record(world, pid, 0x2000, "/nowhere/libx.so");
	}
	assert_ptr_not_equal(
		hw_mappings_find(&hw_process_table_get(world->table, 10)->mappings, 0x1000)->dso,
		hw_mappings_find(&hw_process_table_get(world->table, 11)->mappings, 0x1000)->dso);
	assert_ptr_equal(hw_mappings_find(&hw_process_table_get(world->table, 10)->mappings, 0x2000)->dso,
			 hw_mappings_find(&hw_process_table_get(world->table, 11)->mappings, 0x2000)->dso);
}

static struct hw_dso *dso_at(struct world *world, uint32_t pid, uint64_t avma)
{
	return hw_mappings_find(&hw_process_table_get(world->table, pid)->mappings, avma)->dso;
}

/* A process's plain anonymous memory is one, whatever the kernel calls its pieces and whoever inherits it; the next
 * program that the process runs has its own. */
static void anonymous_code_belongs_to_its_program(void **state)
{
	struct world *world = *state;
	struct hw_dso *first;

	comm_record(world, 10, 10, "app", true);
	mmap_record(world, 10, 0x1000, "//anon");
	mmap_record(world, 10, 0x2000, "");
	mmap_record(world, 10, 0x3000, "[anon:v8]");
	mmap_record(world, 10, 0x4000, "[heap]");
	first = dso_at(world, 10, 0x1000);
	assert_ptr_equal(dso_at(world, 10, 0x2000), first);
	assert_ptr_equal(dso_at(world, 10, 0x3000), first);
	assert_ptr_not_equal(dso_at(world, 10, 0x4000), first);
	assert_int_equal(hw_dso_pid(first), 10);
	task_record(world, PERF_RECORD_FORK, 11, 11, 10, 10);
	assert_ptr_equal(dso_at(world, 11, 0x1000), first);
	comm_record(world, 10, 10, "other", true);
	mmap_record(world, 10, 0x1000, "//anon");
	assert_ptr_not_equal(dso_at(world, 10, 0x1000), first);
	assert_int_equal(hw_dso_pid(dso_at(world, 10, 0x1000)), 10);
}

/* The idle task and tasks past their exit. */
static void special_pids_have_names(void **state)
{
	struct world *world = *state;

	assert_string_equal(hw_process_table_get(world->table, 0)->comm, "swapper");
	assert_string_equal(hw_process_table_thread(world->table, 0, 0)->comm, "swapper");
	assert_string_equal(hw_process_table_thread(world->table, UINT32_MAX, UINT32_MAX)->comm, "[exited]");
	assert_true(hw_process_table_get(world->table, 0)->maps_known);
}

/* Kernel mappings, as perf.data files have them, are shared by all. */
static void kernel_mappings_are_shared(void **state)
{
	struct world *world = *state;
	const struct hw_record record = { .type = PERF_RECORD_MMAP,
					  .misc = PERF_RECORD_MISC_KERNEL,
					  .mmap = { .pid = UINT32_MAX,
						    .start_avma = 0xffffffff81000000,
						    .size_bytes = 0x1000000,
						    .prot = PROT_EXEC,
						    .filename = "[kernel.kallsyms]_text" } };
	const struct hw_mapping *mapping;

	hw_process_table_apply(world->table, &record);
	mapping = hw_mappings_find(hw_process_table_kernel(world->table), 0xffffffff81000123);
	assert_non_null(mapping);
	assert_int_equal(hw_dso_kind(mapping->dso), HW_DSO_KERNEL);
	assert_string_equal(hw_dso_path(mapping->dso), "[kernel.kallsyms]");
	assert_int_equal(hw_mapping_foff(mapping, 0xffffffff81000123), 0xffffffff81000123);
}

static size_t allocated_bytes(void)
{
#ifdef __GLIBC__
	return mallinfo2().uordblks;
#else
	return 0;
#endif
}

/* A hundred thousand short processes leave no more behind than five thousand do. */
static void short_processes_are_forgotten(void **state)
{
	struct world *world = *state;
	size_t after_5000 = 0;

	comm_record(world, 5, 5, "make", true);
	mmap_record(world, 5, 0x1000, "/nowhere/make");
	for (uint32_t i = 0; i < 100000; i++) {
		const uint32_t pid = 100 + i;

		task_record(world, PERF_RECORD_FORK, pid, pid, 5, 5);
		task_record(world, PERF_RECORD_FORK, pid, 1000000 + i, pid, pid);
		task_record(world, PERF_RECORD_EXIT, pid, 1000000 + i, pid, pid);
		task_record(world, PERF_RECORD_EXIT, pid, pid, 5, 5);
		if (i == 5000)
			after_5000 = allocated_bytes();
	}
	assert_true(allocated_bytes() <= after_5000 + 4096);
	assert_string_equal(hw_process_table_get(world->table, 5)->comm, "make");
	assert_string_equal(hw_process_table_get(world->table, 100)->comm, "");
}

/* A process that was there before is read from /proc: this one. */
static void a_living_process_is_read_from_proc(void **state)
{
	struct hw_dso_table *dsos = hw_dso_table_new();
	struct hw_process_table *table = hw_process_table_new(dsos);
	struct hw_process *process;
	const struct hw_mapping *mapping;

	(void)state;
	prctl(PR_SET_NAME, "hw test (name)");
	process = hw_process_table_get(table, (uint32_t)getpid());
	assert_string_equal(process->comm, "hw test (name)");
	assert_true(process->maps_known);
	mapping =
		hw_mappings_find(&process->mappings, (uint64_t)(uintptr_t)a_living_process_is_read_from_proc);
	assert_non_null(mapping);
	assert_int_equal(hw_dso_kind(mapping->dso), HW_DSO_FILE);
	assert_non_null(hw_dso_elf(mapping->dso));
	hw_process_table_free(table);
	hw_dso_table_free(dsos);
}

/* After a loss, what the records did not tell is read from /proc; what they told stays the same DSO. */
static void lost_mappings_are_read_again(void **state)
{
	const uint64_t ours = (uint64_t)(uintptr_t)lost_mappings_are_read_again;
	const uint32_t pid = (uint32_t)getpid();
	const struct hw_record exec = { .type = PERF_RECORD_COMM,
					.comm = { .pid = pid, .tid = pid, .exec = true, .comm = "lost" } };
	struct hw_dso_table *dsos = hw_dso_table_new();
	struct hw_process_table *table = hw_process_table_new(dsos);
	struct hw_process *process;
	size_t dso_count;

	(void)state;
	hw_process_table_apply(table, &exec); /* and its MMAP2 records never came */
	process = hw_process_table_get(table, pid);
	assert_null(hw_mappings_find(&process->mappings, ours));
	hw_process_table_resync(table);
	process = hw_process_table_get(table, pid);
	assert_non_null(hw_mappings_find(&process->mappings, ours));
	dso_count = hw_dso_table_count(dsos);
	hw_mappings_find(&process->mappings, ours)->tag = 7;
	hw_process_table_resync(table);
	process = hw_process_table_get(table, pid);
	assert_int_equal(hw_mappings_find(&process->mappings, ours)->tag, 7);
	assert_int_equal(hw_dso_table_count(dsos), dso_count);
	hw_process_table_free(table);
	hw_dso_table_free(dsos);
}

/* A child of a process whose mappings were lost starts with what its parent was known to have, which is too little. */
static void a_child_misses_what_its_parent_missed(void **state)
{
	const uint64_t ours = (uint64_t)(uintptr_t)&a_child_misses_what_its_parent_missed;
	const uint32_t pid = (uint32_t)getpid();
	const uint32_t parent = (uint32_t)INT32_MAX; /* of an id that nobody has */
	const struct hw_record exec = {
		.type = PERF_RECORD_COMM,
		.comm = { .pid = parent, .tid = parent, .exec = true, .comm = "lost" },
	};
	const struct hw_record fork = {
		.type = PERF_RECORD_FORK,
		.task = { .pid = pid, .ppid = parent, .tid = pid, .ptid = parent },
	};
	struct hw_dso_table *dsos = hw_dso_table_new();
	struct hw_process_table *table = hw_process_table_new(dsos);

	(void)state;
	hw_process_table_apply(table, &exec);
	hw_process_table_resync(table);
	hw_process_table_apply(table, &fork);
	assert_non_null(hw_mappings_find(&hw_process_table_get(table, pid)->mappings, ours));
	hw_process_table_free(table);
	hw_dso_table_free(dsos);
}

/* The vdso has no file, but its bytes are ours too. */
static void the_vdso_is_read_from_memory(void **state)
{
	struct hw_dso_table *dsos = hw_dso_table_new();
	struct hw_process_table *table = hw_process_table_new(dsos);
	const struct hw_mappings *mappings = &hw_process_table_get(table, (uint32_t)getpid())->mappings;
	bool found = false;

	(void)state;
	for (size_t i = 0; i < mappings->list.count; i++)
		if (hw_dso_kind(mappings->list.at[i].dso) == HW_DSO_VDSO) {
			assert_non_null(hw_dso_elf(mappings->list.at[i].dso));
			found = true;
		}
	hw_process_table_free(table);
	hw_dso_table_free(dsos);
	if (!found)
		skip();
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(exec_starts_over),
		WITH_WORLD(a_new_stack_has_a_new_number),
		WITH_WORLD(renames_keep_mappings),
		WITH_WORLD(fork_copies_the_parent),
		WITH_WORLD(fork_copies_the_thread_name),
		WITH_WORLD(a_reused_pid_is_new),
		WITH_WORLD(a_process_outlives_its_leader),
		WITH_WORLD(exec_by_a_thread_ends_the_others),
		WITH_WORLD(what_is_no_code_is_left_out),
		WITH_WORLD(names_become_kinds),
		WITH_WORLD(anonymous_code_belongs_to_its_process),
		WITH_WORLD(anonymous_code_belongs_to_its_program),
		WITH_WORLD(special_pids_have_names),
		WITH_WORLD(kernel_mappings_are_shared),
		WITH_WORLD(short_processes_are_forgotten),
		cmocka_unit_test(a_living_process_is_read_from_proc),
		cmocka_unit_test(lost_mappings_are_read_again),
		cmocka_unit_test(a_child_misses_what_its_parent_missed),
		cmocka_unit_test(the_vdso_is_read_from_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
