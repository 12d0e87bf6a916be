#include "dso/dso.h"

#include "base/file.h"
#include "base/map.h"
#include "dso/answer.h"
#include "dso/build_id.h"
#include "dso/debug_file.h"
#include "dso/debuginfod.h"
#include "dso/elf.h"
#include "dso/fde_range.h"
#include "dso/kallsyms.h"
#include "dso/names.h"
#include "dso/open_file.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

/* Processes to ask for a file before it is given up: the first may have ended, or see another file there. */
#define LOAD_TRIES_MAX 8
/* /proc/PID/map_files is for the privileged (proc(5)). */
#define REPLACED_FIX \
	"restart the program; or run hwprof as root, who can still read the file that the process has"

struct hw_dso {
	struct hw_dso_table *table;
	enum hw_dso_kind kind;
	uint32_t index;
	char *path;
	uint32_t major, minor;
	uint64_t inode;
	struct hw_build_id key_id; /* as given by the key */
	pid_t key_pid;
	char build_id_hex[HW_BUILD_ID_HEX_SIZE];

	struct hw_elf *elf;
	char *file_path;	    /* the candidate that was taken */
	const struct hw_root *root; /* the files of the process it was loaded from; NULL = ours */
	bool is_elsewhere; /* it is none of ours: a service with a mount namespace of its own has most of ours */
	char *problem;	   /* NULL = none */
	char *fix;	   /* of the problem; NULL = nobody knows one */
	unsigned tries;
	pid_t last_tried;
	struct hw_debug_files files; /* looked for by the first who needs them */
	bool files_found;
	struct hw_names *names; /* made by the first resolve */
};

struct hw_dso_table {
	HW_VEC(struct hw_dso *) list;
	struct hw_map index;
	struct hw_roots roots;
	/* Shared by the kernel and its modules, which may be resolved at the same time. */
	pthread_mutex_t kallsyms_lock;
	struct hw_kallsyms kallsyms;
	bool kallsyms_read;
	struct hw_err kallsyms_err;
};

struct hw_dso_table *hw_dso_table_new(void)
{
	struct hw_dso_table *table = hw_alloc(1, sizeof *table);

	(void)pthread_mutex_init(&table->kallsyms_lock, NULL);
	return table;
}

void hw_dso_table_free(struct hw_dso_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->list.count; i++) {
		struct hw_dso *dso = table->list.at[i];

		hw_names_free(dso->names);
		hw_debug_files_fini(&dso->files);
		hw_elf_close(dso->elf);
		free(dso->path);
		free(dso->file_path);
		free(dso->problem);
		free(dso->fix);
		free(dso);
	}
	hw_vec_fini(&table->list);
	hw_map_fini(&table->index);
	hw_roots_fini(&table->roots);
	hw_kallsyms_fini(&table->kallsyms);
	(void)pthread_mutex_destroy(&table->kallsyms_lock);
	free(table);
}

void hw_dso_table_freep(struct hw_dso_table **table)
{
	hw_dso_table_free(*table);
	*table = NULL;
}

static struct hw_build_id id_of_key(const struct hw_dso_key *key)
{
	struct hw_build_id id = { .size = key->build_id_size };

	if (id.size > sizeof id.bytes)
		id.size = sizeof id.bytes;
	memcpy(id.bytes, key->build_id, id.size);
	return id;
}

static uint64_t hash_key(const struct hw_dso_key *key)
{
	uint64_t hash = hw_hash_bytes(key->path, strlen(key->path));

	hash = hw_hash_mix(hash, key->kind);
	if (key->kind == HW_DSO_ANON)
		return hw_hash_mix(hw_hash_mix(hash, (uint64_t)key->pid), key->inode);
	if (key->build_id_size)
		return hw_hash_mix(hash, hw_hash_bytes(key->build_id, id_of_key(key).size));
	return hw_hash_mix(hw_hash_mix(hash, key->inode), (uint64_t)key->major << 32 | key->minor);
}

static bool is_same(const struct hw_dso *dso, const struct hw_dso_key *key)
{
	const struct hw_build_id id = id_of_key(key);

	if (dso->kind != key->kind || strcmp(dso->path, key->path) != 0)
		return false;
	if (key->kind == HW_DSO_ANON)
		return dso->key_pid == key->pid && dso->inode == key->inode;
	if (!hw_build_id_same(&dso->key_id, &id))
		return false;
	return id.size || (dso->inode == key->inode && dso->major == key->major && dso->minor == key->minor);
}

/* The kernel's and the modules' build-ids come from /sys where the record does not tell. */
static void find_kernel_id(struct hw_dso *dso)
{
	struct hw_build_id id = dso->key_id;
	char name[128];
	size_t length;

	if (!id.size && dso->kind == HW_DSO_KERNEL)
		(void)hw_build_id_of_kernel(&id);
	if (!id.size && dso->kind == HW_DSO_MODULE && dso->path[0] == '[') {
		hw_copy_text(name, sizeof name, dso->path + 1);
		length = strcspn(name, "]");
		name[length] = '\0';
		(void)hw_build_id_of_module(&id, name);
	}
	hw_build_id_hex(dso->build_id_hex, &id);
}

struct hw_dso *hw_dso_table_add(struct hw_dso_table *table, const struct hw_dso_key *key)
{
	const uint64_t hash = hash_key(key);
	struct hw_dso *dso;
	uint32_t id;

	for (size_t slot = hw_map_first(&table->index, hash);
	     (id = hw_map_id(&table->index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&table->index, slot, hash))
		if (is_same(table->list.at[id], key))
			return table->list.at[id];

	dso = hw_alloc(1, sizeof *dso);
	dso->table = table;
	dso->kind = key->kind;
	dso->index = (uint32_t)table->list.count;
	dso->path = hw_strdup(key->path);
	dso->major = key->major;
	dso->minor = key->minor;
	dso->inode = key->inode;
	dso->key_id = id_of_key(key);
	dso->key_pid = key->pid;
	find_kernel_id(dso);
	hw_map_insert(&table->index, hash, dso->index);
	hw_vec_push(&table->list, dso);
	return dso;
}

static void set_problem(struct hw_dso *dso, char *problem)
{
	free(dso->problem);
	free(dso->fix);
	dso->problem = problem;
	dso->fix = NULL;
}

/* The device and inode the kernel shows for a mapping of ours. On overlayfs and btrfs they differ from fstat's, in
 * our maps as in everybody's, and in the records of perf_event_open(2). */
static bool own_mapping_inode(const void *image, uint32_t *major, uint32_t *minor, uint64_t *inode)
{
	struct hw_buf maps = { 0 };
	bool found = false;

	if (hw_file_read(&maps, "/proc/self/maps", (uint64_t)64 << 20, NULL) == 0) {
		char *rest = maps.data;
		char *line;

		while (!found && (line = strsep(&rest, "\n"))) {
			uint64_t start;

			if (sscanf(line, "%" SCNx64 "-%*x %*s %*x %" SCNx32 ":%" SCNx32 " %" SCNu64, &start,
				   major, minor, inode) == 4)
				found = start == (uintptr_t)image;
		}
	}
	hw_buf_fini(&maps);
	return found;
}

/* Is the opened file the one the process had mapped? Sets the problem when not. */
static bool is_the_file(struct hw_dso *dso, const struct hw_elf *elf, const struct stat *st,
			const struct hw_build_id *id)
{
	uint32_t major, minor;
	uint64_t inode;

	if (dso->key_id.size) {
		char hex[HW_BUILD_ID_HEX_SIZE];

		if (hw_build_id_same(id, &dso->key_id))
			return true;
		hw_build_id_hex(hex, id);
		set_problem(dso, hw_asprintf("'%s' is another file by now: its build-id is %s, not %s",
					     dso->path, id->size ? hex : "missing", dso->build_id_hex));
		dso->fix = hw_strdup(REPLACED_FIX);
		return false;
	}
	if (!dso->inode ||
	    (st->st_ino == dso->inode && hw_stat_major(st) == dso->major && hw_stat_minor(st) == dso->minor))
		return true;
	if (own_mapping_inode(elf->image, &major, &minor, &inode) && inode == dso->inode &&
	    major == dso->major && minor == dso->minor)
		return true;
	set_problem(dso, hw_asprintf("'%s' was replaced since the process mapped it", dso->path));
	dso->fix = hw_strdup(REPLACED_FIX);
	return false;
}

/* Is the file with that status what we find at the path, too? */
static bool is_among_ours(const char *path, const struct stat *st)
{
	struct stat ours;

	return stat(path, &ours) == 0 && ours.st_dev == st->st_dev && ours.st_ino == st->st_ino;
}

/* Take the open file, which is closed, when it is the right one. */
static bool take_file(struct hw_dso *dso, int open_fd, const char *file_path)
{
	HW_AUTO(hw_closep) int fd = open_fd;
	struct hw_build_id id;
	struct hw_err err = { 0 };
	struct hw_elf *elf;
	struct stat st;

	if (fd < 0) {
		if (errno != ENOENT || !dso->problem)
			set_problem(dso,
				    hw_asprintf("cannot open '%s': %s", dso->path, hw_open_error(errno)));
		return false;
	}
	elf = hw_elf_open_fd(fd, dso->path, &err);
	if (!elf) {
		set_problem(dso, hw_strdup(err.message));
		return false;
	}
	(void)hw_build_id_of_elf(&id, elf);
	if (fstat(fd, &st) < 0 || !is_the_file(dso, elf, &st, &id)) {
		hw_elf_close(elf);
		return false;
	}
	dso->elf = elf;
	dso->file_path = hw_strdup(file_path);
	dso->is_elsewhere = dso->root && !is_among_ours(file_path, &st);
	if (!dso->key_id.size)
		hw_build_id_hex(dso->build_id_hex, &id);
	set_problem(dso, NULL);
	return true;
}

static bool load_from_process(struct hw_dso *dso, pid_t pid, uint64_t range_start_avma,
			      uint64_t range_limit_avma)
{
	char path[128];

	if (range_limit_avma) {
		(void)snprintf(path, sizeof path, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)pid,
			       range_start_avma, range_limit_avma);
		if (take_file(dso, hw_open_regular(path), dso->path))
			return true;
	}
	return dso->root && take_file(dso, hw_root_open(dso->root, dso->path), dso->path);
}

bool hw_dso_load(struct hw_dso *dso, pid_t pid, uint64_t range_start_avma, uint64_t range_limit_avma)
{
	char path[64];

	if (dso->elf || dso->kind != HW_DSO_FILE)
		return dso->elf != NULL;
	if (dso->tries >= LOAD_TRIES_MAX || (dso->tries && dso->last_tried == pid))
		return false;
	dso->tries++;
	dso->last_tried = pid;
	if (pid)
		dso->root = hw_roots_of_process(&dso->table->roots, pid);
	if (pid && load_from_process(dso, pid, range_start_avma, range_limit_avma))
		return true;
	if (dso->path[0] != '/') { /* "memfd:x", "anon_inode:[y]" */
		if (!dso->problem)
			set_problem(dso, hw_asprintf("'%s' is not a path", dso->path));
		return false;
	}
	if (take_file(dso, hw_open_regular(dso->path), dso->path))
		return true;
	/* A deleted program can be read here without privilege; only by its identity is it known to be this file. */
	if (!pid || (!dso->key_id.size && !dso->inode))
		return false;
	(void)snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
	return take_file(dso, hw_open_regular(path), dso->path);
}

void hw_dso_load_bytes(struct hw_dso *dso, const void *image, size_t size)
{
	struct hw_err err = { 0 };
	struct hw_build_id id;

	if (dso->elf)
		return;
	dso->elf = hw_elf_open_bytes(image, size, dso->path, &err);
	if (!dso->elf) {
		set_problem(dso, hw_strdup(err.message));
		return;
	}
	if (!dso->key_id.size && hw_build_id_of_elf(&id, dso->elf))
		hw_build_id_hex(dso->build_id_hex, &id);
	set_problem(dso, NULL);
}

const struct hw_elf *hw_dso_elf(const struct hw_dso *dso)
{
	return dso->elf;
}

enum hw_dso_kind hw_dso_kind(const struct hw_dso *dso)
{
	return dso->kind;
}

const char *hw_dso_path(const struct hw_dso *dso)
{
	return dso->path;
}

const struct hw_debug_files *hw_dso_debug_files(struct hw_dso *dso)
{
	const struct hw_debug_place place = { .path = dso->file_path, .root = dso->root };

	if (dso->elf && !dso->files_found)
		hw_debug_files_find(&dso->files, dso->elf, &place);
	dso->files_found = dso->elf != NULL;
	return dso->elf ? &dso->files : NULL;
}

bool hw_dso_is_elsewhere(const struct hw_dso *dso)
{
	return dso->is_elsewhere;
}

void hw_dso_download(struct hw_dso *dso, struct hw_debuginfod *debuginfod)
{
	struct hw_build_id build_id;
	bool took = hw_dso_debug_files(dso) != NULL;

	/* Twice at most: the debug file, then the one that dwz shares between debug files. */
	while (took && hw_debug_files_lack(&dso->files, dso->elf, &build_id)) {
		HW_AUTO(hw_freep) char *path = NULL;
		HW_AUTO(hw_closep) int fd = hw_debuginfod_find(debuginfod, &build_id, dso->path, &path);

		took = fd >= 0 && hw_debug_files_put(&dso->files, dso->elf, fd, path);
	}
}

const char *hw_dso_file_path(const struct hw_dso *dso)
{
	return dso->file_path;
}

uint32_t hw_dso_index(const struct hw_dso *dso)
{
	return dso->index;
}

pid_t hw_dso_pid(const struct hw_dso *dso)
{
	return dso->kind == HW_DSO_ANON ? dso->key_pid : 0;
}

size_t hw_dso_table_count(const struct hw_dso_table *table)
{
	return table->list.count;
}

struct hw_dso *hw_dso_table_at(const struct hw_dso_table *table, uint32_t index)
{
	return table->list.at[index];
}

const char *hw_dso_build_id(const struct hw_dso *dso)
{
	return dso->build_id_hex;
}

const char *hw_dso_problem(const struct hw_dso *dso)
{
	return dso->problem ? dso->problem : "";
}

const char *hw_dso_fix(const struct hw_dso *dso)
{
	return dso->fix ? dso->fix : "";
}

/* The running kernel's symbols, read by whoever needs them first; NULL with the DSO's problem set when they are
 * hidden, or when the DSO is of another kernel. */
static const struct hw_kallsyms *kallsyms_for(struct hw_dso *dso)
{
	struct hw_dso_table *table = dso->table;
	struct hw_build_id running;

	if (dso->kind == HW_DSO_KERNEL && dso->key_id.size && hw_build_id_of_kernel(&running) &&
	    !hw_build_id_same(&running, &dso->key_id)) {
		set_problem(dso, hw_asprintf("'%s' is not the kernel running here", dso->path));
		return NULL;
	}
	(void)pthread_mutex_lock(&table->kallsyms_lock);
	if (!table->kallsyms_read && hw_kallsyms_read(&table->kallsyms, &table->kallsyms_err) == 0)
		table->kallsyms_err = (struct hw_err){ 0 };
	table->kallsyms_read = true;
	(void)pthread_mutex_unlock(&table->kallsyms_lock);
	if (table->kallsyms.symbols.count)
		return &table->kallsyms;
	set_problem(dso, hw_strdup(table->kallsyms_err.message));
	if (table->kallsyms_err.hint[0])
		dso->fix = hw_strdup(table->kallsyms_err.hint);
	return NULL;
}

/* Is it a symbol of the DSO? The image's symbols carry no module; the kernel also gets what belongs to none of
 * the modules, such as BPF programs. */
static bool is_of_module(const struct hw_kallsyms *kallsyms, const struct hw_kernel_symbol *symbol,
			 const char *path)
{
	const size_t length = strlen(path);
	const char *module;

	if (symbol->module == HW_KALLSYMS_NO_MODULE)
		return false;
	module = hw_kallsyms_text(kallsyms, symbol->module);
	return length > 2 && path[0] == '[' && strlen(module) == length - 2 &&
	       memcmp(module, path + 1, length - 2) == 0;
}

static void resolve_kernel(struct hw_dso *dso, const uint64_t *addresses, size_t count,
			   struct hw_answer_writer *writer)
{
	const struct hw_kallsyms *kallsyms = kallsyms_for(dso);
	const struct hw_kernel_symbol *last = NULL;
	struct hw_source_frame frame = { 0 };

	writer->answer->has_functions = kallsyms != NULL;
	for (size_t i = 0; i < count; i++) {
		const struct hw_kernel_symbol *symbol =
			kallsyms ? hw_kallsyms_find(kallsyms, addresses[i]) : NULL;

		hw_answer_next(writer);
		if (!symbol || (dso->kind == HW_DSO_MODULE && !is_of_module(kallsyms, symbol, dso->path)))
			continue;
		if (symbol != last)
			hw_answer_name(writer, &frame, hw_kallsyms_text(kallsyms, symbol->name));
		last = symbol;
		hw_answer_frame(writer, &frame);
	}
}

void hw_dso_resolve(struct hw_dso *dso, const uint64_t *addresses, size_t count, struct hw_workers *workers,
		    struct hw_dso_answer *answer)
{
	struct hw_answer_writer writer;

	hw_answer_begin(&writer, answer);
	if (dso->kind == HW_DSO_KERNEL || dso->kind == HW_DSO_MODULE) {
		resolve_kernel(dso, addresses, count, &writer);
		hw_workers_advance(workers, count);
	} else if (dso->elf) {
		if (!dso->names)
			dso->names = hw_names_new(dso->elf, hw_dso_debug_files(dso));
		hw_names_resolve(dso->names, addresses, count, workers, &writer);
	} else {
		for (size_t i = 0; i < count; i++)
			hw_answer_next(&writer);
		hw_workers_advance(workers, count);
	}
	hw_answer_end(&writer, workers);
}

uint64_t hw_dso_function_start(const struct hw_dso *dso, uint64_t address)
{
	uint64_t svma, start_svma, limit_svma;

	if (!dso->elf || !hw_elf_svma_of_foff(dso->elf, address, &svma))
		return address;
	return hw_fde_range(dso->elf, svma, &start_svma, &limit_svma) ? start_svma : svma;
}
