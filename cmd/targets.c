#include "targets.h"

#include "base/cpu_list.h"
#include "base/file.h"
#include "base/units.h"
#include "process/proc_maps.h"

#include <limits.h>
#include <stdio.h>

void targets_fini(struct targets *targets)
{
	hw_vec_fini(&targets->pids);
	hw_vec_fini(&targets->tids);
	free(targets->cpus);
}

/* "12,34" */
static int parse_ids(pid_t **ids, size_t *count, const char *option, const char *text, struct hw_err *err)
{
	HW_VEC(pid_t) list = { 0 };

	for (const char *p = text;; p++) {
		HW_AUTO(hw_freep) char *word = hw_strndup(p, strcspn(p, ","));
		uint64_t id = 0;

		if (hw_parse_u64(&id, word, NULL) < 0 || !id || id > INT_MAX) {
			hw_vec_fini(&list);
			return hw_err_set(err, HW_ERR_USAGE, "--%s: '%s' is not a list of ids such as 12,34",
					  option, text);
		}
		hw_vec_push(&list, (pid_t)id);
		p += strlen(word);
		if (!*p)
			break;
	}
	*ids = list.at;
	*count = list.count;
	return 0;
}

static void add_once(struct targets *targets, bool is_tid, pid_t id)
{
	const pid_t *at = is_tid ? targets->tids.at : targets->pids.at;
	const size_t count = is_tid ? targets->tids.count : targets->pids.count;

	for (size_t i = 0; i < count; i++)
		if (at[i] == id)
			return;
	if (is_tid)
		hw_vec_push(&targets->tids, id);
	else
		hw_vec_push(&targets->pids, id);
}

static int add_listed(struct targets *targets, bool is_tid, const struct hw_texts *texts, struct hw_err *err)
{
	for (size_t i = 0; i < texts->list.count; i++) {
		HW_AUTO(hw_freep) pid_t *ids = NULL;
		size_t count = 0;

		if (parse_ids(&ids, &count, is_tid ? "tid" : "pid", texts->list.at[i], err) < 0)
			return -1;
		for (size_t k = 0; k < count; k++)
			add_once(targets, is_tid, ids[k]);
	}
	return 0;
}

static int add_named(struct targets *targets, const char *name, struct hw_err *err)
{
	HW_AUTO(hw_freep) pid_t *pids = NULL;
	size_t count = 0;

	if (hw_proc_find_by_name(name, &pids, &count, err) < 0)
		return -1;
	if (!count)
		return hw_err_set(err, HW_ERR_TARGET, "no process is called '%s'", name);
	for (size_t i = 0; i < count; i++)
		add_once(targets, false, pids[i]);
	return 0;
}

int targets_find(struct targets *targets, const struct target_options *options, const char *command,
		 struct hw_err *err)
{
	const unsigned kinds = !!options->pids.list.count + !!options->tids.list.count +
			       !!options->names.list.count + options->all;

	if (kinds == 0 && options->cpus) {
		(void)hw_err_set(err, HW_ERR_USAGE,
				 "-C names CPUs, but nothing says what to profile on them");
		return hw_err_hint(err, "everything: hwprof %s -a -C %s", command, options->cpus);
	}
	if (kinds == 0) {
		(void)hw_err_set(err, HW_ERR_USAGE, "nothing to attach to");
		return hw_err_hint(err, "-p PID, -t TID, -n NAME, or -a for everything");
	}
	if (kinds > 1)
		return hw_err_set(err, HW_ERR_USAGE, "-p, -t, -n and -a contradict each other: choose one");
	targets->all = options->all;
	if (options->cpus && hw_cpu_list_parse(&targets->cpus, &targets->cpu_count, options->cpus, err) < 0)
		return hw_err_wrap(err, "--cpu");
	if (add_listed(targets, false, &options->pids, err) < 0 ||
	    add_listed(targets, true, &options->tids, err) < 0)
		return -1;
	for (size_t i = 0; i < options->names.list.count; i++)
		if (add_named(targets, options->names.list.at[i], err) < 0)
			return -1;
	return 0;
}

static void describe_ids(struct hw_buf *text, const char *what, const pid_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char path[64];
		char comm[64];

		(void)snprintf(path, sizeof path, "/proc/%d/comm", (int)ids[i]);
		hw_buf_printf(text, "%s%s %d", i ? ", " : "", what, (int)ids[i]);
		if (hw_file_read_line(comm, sizeof comm, path) == 0)
			hw_buf_printf(text, " (%s)", comm);
	}
}

void targets_describe(struct hw_buf *text, const struct targets *targets)
{
	if (targets->all)
		hw_buf_text(text, "the whole system");
	describe_ids(text, "process", targets->pids.at, targets->pids.count);
	describe_ids(text, "thread", targets->tids.at, targets->tids.count);
}

bool targets_any_alive(const struct targets *targets)
{
	if (targets->all)
		return true;
	for (size_t i = 0; i < targets->pids.count; i++)
		if (hw_proc_is_running(targets->pids.at[i]))
			return true;
	for (size_t i = 0; i < targets->tids.count; i++)
		if (hw_proc_is_running(targets->tids.at[i]))
			return true;
	return false;
}
