/* The table of processes and threads, moved forward in time by records. */
#include "process/process.h"

#include "base/file.h"
#include "process/kernel.h"
#include "process/map_name.h"
#include "process/pid_map.h"
#include "process/proc_maps.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define MAPS_SIZE_MAX (UINT64_C(256) << 20)
/* How many exits later an exited task is forgotten. Nothing refers to it after its EXIT; the pipeline may still
 * hold a pointer into the batch of records it is working on. */
#define GRAVES 1024

struct process_entry {
	struct hw_process process; /* first: the public half */
	uint32_t live_threads;	   /* known and not exited */
	bool leader_exited;
	uint64_t image;	     /* number of the program it runs, for its anonymous memory */
	uint32_t sync_count; /* of the table, when it was last in step with /proc or the records */
};

struct thread_entry {
	struct hw_thread thread; /* first: the public half */
	uint32_t pid;
};

/* The last ones to exit, oldest overwritten first. */
struct graveyard {
	void *buried[GRAVES];
	size_t next;
};

struct hw_process_table {
	struct hw_dso_table *dsos;   /* borrowed */
	struct hw_pid_map processes; /* owns struct process_entry */
	struct hw_pid_map threads;   /* owns struct thread_entry */
	struct graveyard dead_processes;
	struct graveyard dead_threads;
	struct hw_mappings kernel;
	uint32_t sync_count; /* how often records were lost */
	uint64_t images;     /* programs seen: processes, and what they became by execve */
	bool kernel_known;
	bool offline;
};

static void free_process(struct process_entry *entry)
{
	if (entry)
		hw_mappings_fini(&entry->process.mappings);
	free(entry);
}

struct hw_process_table *hw_process_table_new(struct hw_dso_table *dsos)
{
	struct hw_process_table *table = hw_alloc(1, sizeof *table);

	table->dsos = dsos;
	return table;
}

void hw_process_table_set_offline(struct hw_process_table *table)
{
	table->offline = true;
	table->kernel_known = true;
}

void hw_process_table_free(struct hw_process_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->processes.capacity; i++)
		free_process(table->processes.slots[i].value);
	for (size_t i = 0; i < table->threads.capacity; i++)
		free(table->threads.slots[i].value);
	for (size_t i = 0; i < GRAVES; i++) {
		free_process(table->dead_processes.buried[i]);
		free(table->dead_threads.buried[i]);
	}
	hw_pid_map_fini(&table->processes);
	hw_pid_map_fini(&table->threads);
	hw_mappings_fini(&table->kernel);
	free(table);
}

/* --- Mappings ----------------------------------------------------------------------------------------- */

/* A file whose own name ends in " (deleted)": it is there under that name and is the file that was mapped. */
static bool is_there_as_named(const struct hw_process_table *table, uint32_t pid,
			      const struct hw_dso_key *key, const char *name)
{
	char path[4200];
	struct stat status;

	if (table->offline || !key->inode)
		return false;
	snprintf(path, sizeof path, "/proc/%u/root%s", pid, name);
	return stat(path, &status) == 0 && status.st_ino == key->inode;
}

/* Add a mapping of that name; the key comes with what the source knows of the file (inode, build-id). */
static void add_mapping(struct hw_process_table *table, struct process_entry *entry,
			struct hw_mapping mapping, struct hw_dso_key key, const char *name)
{
	const uint32_t pid = entry->process.pid;
	const size_t length = hw_map_name_length(name);
	char *shortened = NULL;

	key.kind = hw_map_name_kind(name);
	key.path = name;
	if (key.kind == HW_DSO_ANON) {
		key.path = hw_map_name_plain(name);
		key.pid = (pid_t)pid;
		key.inode = entry->image;
	}
	if (key.kind == HW_DSO_FILE && name[length] && !is_there_as_named(table, pid, &key, name))
		key.path = shortened = hw_strndup(name, length);

	mapping.tag = HW_MAPPING_NO_TAG;
	mapping.dso = hw_dso_table_add(table->dsos, &key);
	free(shortened);
	if (key.kind == HW_DSO_FILE)
		hw_dso_load(mapping.dso, table->offline ? 0 : (pid_t)pid, mapping.start_avma,
			    mapping.limit_avma);
	else if (key.kind == HW_DSO_VDSO && !table->offline && !hw_dso_elf(mapping.dso))
		hw_kernel_load_vdso(mapping.dso);
	mapping.load_tried = true;
	hw_mappings_add(&entry->process.mappings, &mapping);
}

/* Is this line of /proc/PID/maps what the records have told us already? They name the file by its build-id, the line
 * by its inode: taken as new, it would be another DSO. */
static bool is_known_map(struct hw_mappings *mappings, const struct hw_proc_map *map)
{
	const struct hw_mapping *known = hw_mappings_find(mappings, map->start_avma);
	const char *path;

	if (!known || known->start_avma != map->start_avma || known->limit_avma != map->limit_avma ||
	    known->file_foff != map->file_foff)
		return false;
	path = hw_dso_path(known->dso);
	return strncmp(path, map->path, strlen(path)) == 0;
}

/* The executable mappings of a process that was there before the recording, or whose records were lost. */
static void read_maps(struct hw_process_table *table, struct process_entry *entry)
{
	struct hw_buf text = { 0 };
	struct hw_bytes cursor;
	struct hw_proc_map *map;
	char path[64];
	int got;

	snprintf(path, sizeof path, "/proc/%u/maps", entry->process.pid);
	if (hw_file_read(&text, path, MAPS_SIZE_MAX, NULL) < 0) {
		hw_buf_fini(&text);
		return;
	}
	map = hw_alloc(1, sizeof *map);
	cursor = hw_bytes_of(hw_buf_str(&text), text.size);
	while ((got = hw_proc_map_next(&cursor, map, NULL)) != 0) {
		const struct hw_mapping mapping = { .start_avma = map->start_avma,
						    .limit_avma = map->limit_avma,
						    .file_foff = map->file_foff,
						    .prot = map->prot };
		const struct hw_dso_key key = { .major = map->major,
						.minor = map->minor,
						.inode = map->inode };

		if (got > 0 && (map->prot & PROT_EXEC) && !is_known_map(&entry->process.mappings, map))
			add_mapping(table, entry, mapping, key, map->path);
	}
	/* A kernel thread's or a zombie's is empty: then there is nothing to find in it either. */
	entry->process.maps_known = true;
	free(map);
	hw_buf_fini(&text);
}

/* A mapping of the kernel, as `perf record` writes them: "[kernel.kallsyms]_text" or a module's file or name. */
static void add_kernel_mapping(struct hw_process_table *table, const struct hw_record_mmap *mmap,
			       uint64_t limit_avma)
{
	static const char image[] = "[kernel.kallsyms]";
	const bool is_image = !strncmp(mmap->filename, image, sizeof image - 1);
	const struct hw_dso_key key = { .kind = is_image ? HW_DSO_KERNEL : HW_DSO_MODULE,
					.path = is_image ? image : mmap->filename };
	const struct hw_mapping mapping = { .start_avma = mmap->start_avma,
					    .limit_avma = limit_avma,
					    .file_foff = mmap->start_avma,
					    .prot = PROT_READ | PROT_EXEC,
					    .dso = hw_dso_table_add(table->dsos, &key),
					    .tag = HW_MAPPING_NO_TAG,
					    .load_tried = true };

	hw_mappings_add(&table->kernel, &mapping);
}

static struct process_entry *get_process(struct hw_process_table *table, uint32_t pid);

static void apply_mmap(struct hw_process_table *table, const struct hw_record_mmap *mmap, uint16_t misc)
{
	uint64_t limit_avma;
	struct hw_mapping mapping;
	struct hw_dso_key key = { .major = mmap->major, .minor = mmap->minor, .inode = mmap->inode };

	if (__builtin_add_overflow(mmap->start_avma, mmap->size_bytes, &limit_avma) || !mmap->size_bytes)
		return;
	if ((misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL) {
		add_kernel_mapping(table, mmap, limit_avma);
		return;
	}
	if (mmap->is_data || !(mmap->prot & PROT_EXEC))
		return;
	if (mmap->build_id_size && mmap->build_id_size <= sizeof key.build_id) {
		memcpy(key.build_id, mmap->build_id, mmap->build_id_size);
		key.build_id_size = mmap->build_id_size;
	}
	mapping = (struct hw_mapping){ .start_avma = mmap->start_avma,
				       .limit_avma = limit_avma,
				       .file_foff = mmap->file_foff,
				       .prot = mmap->prot };
	add_mapping(table, get_process(table, mmap->pid), mapping, key, mmap->filename);
}

/* --- Births and deaths -------------------------------------------------------------------------------- */

/* Put an exited task into the graveyard; returns the one that makes room for it, or NULL. */
static void *bury(struct graveyard *graveyard, void *body)
{
	void *oldest = graveyard->buried[graveyard->next];

	graveyard->buried[graveyard->next] = body;
	graveyard->next = (graveyard->next + 1) % GRAVES;
	return oldest;
}

/* Forget a process: at once to lookups, later to those who hold its address. */
static void bury_process(struct hw_process_table *table, struct process_entry *entry)
{
	entry->process.exited = true;
	hw_pid_map_remove(&table->processes, entry->process.pid);
	free_process(bury(&table->dead_processes, entry));
}

static void bury_thread(struct hw_process_table *table, struct thread_entry *entry)
{
	struct process_entry *owner = hw_pid_map_find(&table->processes, entry->pid);

	if (owner && owner->live_threads)
		owner->live_threads--;
	entry->thread.exited = true;
	hw_pid_map_remove(&table->threads, entry->thread.tid);
	free(bury(&table->dead_threads, entry));
}

static struct process_entry *add_process(struct hw_process_table *table, uint32_t pid)
{
	struct process_entry *entry = hw_alloc(1, sizeof *entry);

	entry->process.pid = pid;
	entry->image = table->images++;
	entry->sync_count = table->sync_count;
	hw_pid_map_set(&table->processes, pid, entry);
	return entry;
}

static struct thread_entry *add_thread(struct hw_process_table *table, struct process_entry *owner,
				       uint32_t tid)
{
	struct thread_entry *entry = hw_alloc(1, sizeof *entry);

	entry->thread.tid = tid;
	entry->thread.tag = HW_MAPPING_NO_TAG;
	entry->pid = owner->process.pid;
	hw_pid_map_set(&table->threads, tid, entry);
	owner->live_threads++;
	return entry;
}

static bool is_real_pid(uint32_t pid)
{
	return pid != 0 && pid <= INT32_MAX;
}

/* Name of a task from /proc, or of those that have none there. */
static void read_comm(const struct hw_process_table *table, char *comm, uint32_t pid, uint32_t tid)
{
	char path[64];

	if (!is_real_pid(pid)) {
		hw_copy_text(comm, HW_COMM_SIZE, pid == 0 ? "swapper" : "[exited]");
		return;
	}
	snprintf(path, sizeof path, "/proc/%u/task/%u/comm", pid, tid);
	if (table->offline || hw_file_read_line(comm, HW_COMM_SIZE, path) < 0)
		comm[0] = '\0';
}

static struct process_entry *get_process(struct hw_process_table *table, uint32_t pid)
{
	struct process_entry *entry = hw_pid_map_find(&table->processes, pid);

	if (entry)
		return entry;
	entry = add_process(table, pid);
	read_comm(table, entry->process.comm, pid, pid);
	if (!is_real_pid(pid))
		entry->process.maps_known = true;
	else if (!table->offline)
		read_maps(table, entry);
	return entry;
}

static struct thread_entry *get_thread(struct hw_process_table *table, uint32_t pid, uint32_t tid)
{
	struct process_entry *owner = get_process(table, pid);
	struct thread_entry *entry = hw_pid_map_find(&table->threads, tid);

	if (entry && entry->pid == pid)
		return entry;
	/* The number was another process's: its EXIT was lost. The idle tasks of all CPUs share tid 0. */
	if (entry)
		bury_thread(table, entry);
	entry = add_thread(table, owner, tid);
	if (tid == pid)
		hw_copy_text(entry->thread.comm, HW_COMM_SIZE, owner->process.comm);
	else
		read_comm(table, entry->thread.comm, pid, tid);
	if (!entry->thread.comm[0])
		hw_copy_text(entry->thread.comm, HW_COMM_SIZE, owner->process.comm);
	return entry;
}

static void rename_process(struct process_entry *entry, const char *comm)
{
	if (strncmp(entry->process.comm, comm, HW_COMM_SIZE - 1) == 0)
		return;
	hw_copy_text(entry->process.comm, HW_COMM_SIZE, comm);
	entry->process.renames++;
}

static void rename_thread(struct hw_process_table *table, struct thread_entry *entry, const char *comm)
{
	hw_copy_text(entry->thread.comm, HW_COMM_SIZE, comm);
	entry->thread.tag = HW_MAPPING_NO_TAG;
	if (entry->thread.tid == entry->pid)
		rename_process(get_process(table, entry->pid), comm);
}

/* Forget the threads of a process but one. Slots move when an entry is removed, so the walk starts over; that
 * happens once per thread an exec ends, which is rare. */
static void bury_other_threads(struct hw_process_table *table, uint32_t pid, uint32_t but_tid)
{
	for (size_t i = 0; i < table->threads.capacity; i++) {
		struct thread_entry *thread = table->threads.slots[i].value;

		if (thread && thread->pid == pid && thread->thread.tid != but_tid) {
			bury_thread(table, thread);
			i = SIZE_MAX;
		}
	}
}

/* execve ends every other thread. The one that called it takes over the leader's id (de_thread() in fs/exec.c),
 * so that no EXIT ever comes for its old one. */
static void apply_exec(struct hw_process_table *table, const struct hw_record_comm *comm)
{
	struct process_entry *entry = hw_pid_map_find(&table->processes, comm->pid);
	struct thread_entry *thread = hw_pid_map_find(&table->threads, comm->tid);

	if (thread)
		thread->thread.cut_thread = 0; /* its stack is a new one */
	if (!entry)
		entry = add_process(table, comm->pid);
	if (entry->live_threads > 1 || entry->leader_exited)
		bury_other_threads(table, comm->pid, comm->tid);
	hw_mappings_fini(&entry->process.mappings);
	entry->image = table->images++;
	entry->process.maps_known = true;
	entry->leader_exited = false;
}

static void apply_comm(struct hw_process_table *table, const struct hw_record_comm *comm)
{
	if (!is_real_pid(comm->pid))
		return;
	if (comm->exec)
		apply_exec(table, comm);
	rename_thread(table, get_thread(table, comm->pid, comm->tid), comm->comm);
}

/* A new process starts with what its parent has mapped and is called. */
static void fork_process(struct hw_process_table *table, const struct hw_record_task *task)
{
	struct process_entry *old = hw_pid_map_find(&table->processes, task->pid);
	const struct process_entry *parent;
	struct process_entry *child;

	if (old) /* the number's last owner, whose EXIT was lost */
		bury_process(table, old);
	parent = get_process(table, task->ppid);
	child = add_process(table, task->pid);
	child->sync_count = parent->sync_count; /* what the parent missed, so did the child */
	hw_mappings_copy(&child->process.mappings, &parent->process.mappings);
	child->process.maps_known = parent->process.maps_known;
	hw_copy_text(child->process.comm, HW_COMM_SIZE, parent->process.comm);
}

static void apply_fork(struct hw_process_table *table, const struct hw_record_task *task)
{
	struct thread_entry *old;
	const struct thread_entry *parent;
	struct thread_entry *child;

	if (!is_real_pid(task->pid) || !is_real_pid(task->tid))
		return;
	if (task->pid != task->ppid)
		fork_process(table, task);
	old = hw_pid_map_find(&table->threads, task->tid);
	if (old)
		bury_thread(table, old);
	parent = get_thread(table, task->ppid, task->ptid);
	child = add_thread(table, get_process(table, task->pid), task->tid);
	hw_copy_text(child->thread.comm, HW_COMM_SIZE, parent->thread.comm);
	if (task->tid == task->pid)
		hw_copy_text(get_process(table, task->pid)->process.comm, HW_COMM_SIZE, parent->thread.comm);
}

/* A process is over when its leader and all threads we know of are. (Unknown ones of a process attached to show
 * up again with their next sample, and the process is then read from /proc anew.) */
static void apply_exit(struct hw_process_table *table, const struct hw_record_task *task)
{
	struct thread_entry *thread = hw_pid_map_find(&table->threads, task->tid);
	struct process_entry *entry = hw_pid_map_find(&table->processes, task->pid);

	if (thread && thread->pid == task->pid)
		bury_thread(table, thread);
	if (!entry)
		return;
	if (task->tid == task->pid)
		entry->leader_exited = true;
	if (entry->leader_exited && !entry->live_threads)
		bury_process(table, entry);
}

/* --- The public half ---------------------------------------------------------------------------------- */

/* Records of the process may be among those that were lost. */
static void read_again(struct hw_process_table *table, struct process_entry *entry)
{
	const uint32_t pid = entry->process.pid;
	char comm[HW_COMM_SIZE];

	entry->sync_count = table->sync_count;
	if (!is_real_pid(pid) || table->offline)
		return;
	read_maps(table, entry);
	read_comm(table, comm, pid, pid);
	if (*comm)
		rename_process(entry, comm);
}

struct hw_process *hw_process_table_get(struct hw_process_table *table, uint32_t pid)
{
	struct process_entry *entry = get_process(table, pid);

	if (entry->sync_count != table->sync_count)
		read_again(table, entry);
	return &entry->process;
}

void hw_process_table_resync(struct hw_process_table *table)
{
	table->sync_count++;
}

struct hw_thread *hw_process_table_thread(struct hw_process_table *table, uint32_t pid, uint32_t tid)
{
	return &get_thread(table, pid, tid)->thread;
}

struct hw_mappings *hw_process_table_kernel(struct hw_process_table *table)
{
	if (!table->kernel_known)
		hw_kernel_mappings(&table->kernel, table->dsos);
	table->kernel_known = true;
	return &table->kernel;
}

void hw_process_table_apply(struct hw_process_table *table, const struct hw_record *record)
{
	switch (record->type) {
	case PERF_RECORD_MMAP:
	case PERF_RECORD_MMAP2:
		apply_mmap(table, &record->mmap, record->misc);
		break;
	case PERF_RECORD_COMM:
		apply_comm(table, &record->comm);
		break;
	case PERF_RECORD_FORK:
		apply_fork(table, &record->task);
		break;
	case PERF_RECORD_EXIT:
		apply_exit(table, &record->task);
		break;
	default:
		break;
	}
}
