#include "stat/attach.h"

#include "process/proc_maps.h"
#include "stat/lineage.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* Looks at a process whose threads come and go faster than we can open them. */
#define SCANS_MAX 1000
#define TRIES_MAX 20

struct tids {
	pid_t *at; /* ascending; owned */
	size_t count;
};

static void tids_fini(struct tids *tids)
{
	free(tids->at);
	*tids = (struct tids){ 0 };
}

static int list_tids(struct tids *tids, pid_t pid, struct hw_err *err)
{
	tids_fini(tids);
	return hw_proc_tids(pid, &tids->at, &tids->count, err);
}

static int compare_pids(const void *a, const void *b)
{
	const pid_t x = *(const pid_t *)a;
	const pid_t y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static bool has_tid(const struct tids *tids, pid_t tid)
{
	return tids->count && bsearch(&tid, tids->at, tids->count, sizeof tid, compare_pids);
}

/* A thread inherits its parent's events first, can then be seen in /proc, and only then the kernel tells of its birth
 * (copy_process() in kernel/fork.c): some ten microseconds from the first to the last. */
#define BIRTH_NS 250000

static void let_births_end(void)
{
	const struct timespec moment = { .tv_nsec = BIRTH_NS };

	(void)nanosleep(&moment, NULL);
}

/* --- A process that starts no threads ----------------------------------------------------------------------- */

/* Has a thread come since the list was made? */
static int has_new_threads(const struct tids *before, pid_t pid, struct hw_err *err)
{
	HW_AUTO(tids_fini) struct tids now = { 0 };

	if (list_tids(&now, pid, err) < 0)
		return err && err->kind == HW_ERR_TARGET ? 0 : -1;
	for (size_t i = 0; i < now.count; i++)
		if (!has_tid(before, now.at[i]))
			return 1;
	return 0;
}

/* Open what is there. 1 when no thread was started meanwhile, and it is done; 0 when one was, and nothing is open. */
static int attach_at_once(struct hw_counting *counting, pid_t pid, struct hw_err *err)
{
	HW_AUTO(tids_fini) struct tids tids = { 0 };
	size_t opened = 0;
	int new_threads;

	if (list_tids(&tids, pid, err) < 0)
		return -1;
	for (size_t i = 0; i < tids.count; i++) {
		if (hw_counting_open(counting, tids.at[i], err) == 0)
			opened++;
		else if (err->sys_errno != ESRCH) /* one that has exited meanwhile */
			return -1;
	}
	new_threads = has_new_threads(&tids, pid, err);
	if (new_threads == 0) {
		let_births_end();
		new_threads = has_new_threads(&tids, pid, err);
	}
	if (new_threads < 0)
		return -1;
	if (!new_threads)
		return opened ? 1 : hw_err_set(err, HW_ERR_TARGET, "process %d has exited", (int)pid);
	for (size_t i = 0; i < tids.count; i++)
		hw_counting_close(counting, tids.at[i]);
	return 0;
}

/* --- A process that does ------------------------------------------------------------------------------------ */

enum outcome { FAILED = -1, GONE, OPEN, BUSY };

/* A thread that starts another one while its events are being opened gives it some of them: take everything back and
 * try again. BUSY when it does so every time. */
static enum outcome open_watched(struct hw_counting *counting, struct hw_lineage *lineage, pid_t tid,
				 struct hw_err *err)
{
	for (int i = 0; i < TRIES_MAX; i++) {
		int result = hw_lineage_watch(lineage, tid, err);

		if (result == 0)
			result = hw_counting_open(counting, tid, err);
		if (result == 0)
			let_births_end();
		hw_lineage_read(lineage);
		if (result == 0 && !hw_lineage_has_parent(lineage, tid))
			return OPEN;
		hw_lineage_unwatch(lineage, tid);
		hw_counting_close(counting, tid);
		if (result < 0)
			return err->sys_errno == ESRCH ? GONE : FAILED;
	}
	return BUSY;
}

/* What has become of threads opened in earlier looks: those of whom we hear now that they had counters from birth
 * lose the second ones. */
static void close_twice_opened(struct hw_counting *counting, struct hw_lineage *lineage, struct tids *opened)
{
	size_t kept = 0;

	for (size_t i = 0; i < opened->count; i++) {
		if (hw_lineage_has_child(lineage, opened->at[i])) {
			hw_counting_close(counting, opened->at[i]);
			hw_lineage_unwatch(lineage, opened->at[i]);
		} else {
			opened->at[kept++] = opened->at[i];
		}
	}
	opened->count = kept;
}

static void add_tid(struct tids *tids, pid_t tid)
{
	tids->at = hw_realloc(tids->at, tids->count + 1, sizeof *tids->at);
	tids->at[tids->count++] = tid;
}

/* One look. Returns how many threads it opened, or has to look at again; -1 on an error. */
static int scan(struct hw_counting *counting, struct hw_lineage *lineage, pid_t pid, struct tids *opened,
		struct hw_err *err)
{
	HW_AUTO(tids_fini) struct tids tids = { 0 };
	size_t before;
	int count = 0;

	if (list_tids(&tids, pid, err) < 0)
		return -1;
	let_births_end();
	hw_lineage_read(lineage);
	close_twice_opened(counting, lineage, opened);
	before = opened->count;
	for (size_t i = 0; i < tids.count; i++) {
		const struct tids earlier = { .at = opened->at, .count = before };
		enum outcome outcome;

		if (has_tid(&earlier, tids.at[i]) || hw_lineage_has_child(lineage, tids.at[i]))
			continue;
		outcome = open_watched(counting, lineage, tids.at[i], err);
		if (outcome == FAILED)
			return -1;
		if (outcome == OPEN)
			add_tid(opened, tids.at[i]);
		count += outcome != GONE;
	}
	if (opened->count)
		qsort(opened->at, opened->count, sizeof *opened->at, compare_pids);
	return count;
}

static int attach_watched(struct hw_counting *counting, pid_t pid, struct hw_err *err)
{
	struct hw_lineage *lineage = hw_lineage_new(err);
	HW_AUTO(tids_fini) struct tids opened = { 0 };
	int count = lineage ? 1 : -1;

	/* It is done when a look finds nothing to open: the births of the last moment have been read by then. */
	for (int i = 0; count > 0 && i < SCANS_MAX; i++)
		count = scan(counting, lineage, pid, &opened, err);
	hw_lineage_free(lineage);
	/* One that exits after threads of it were opened is no error: what it did until then is counted. */
	if (count < 0 && (!opened.count || err->kind != HW_ERR_TARGET))
		return -1;
	if (count > 0)
		return hw_err_set(err, HW_ERR_TARGET,
				  "process %d starts threads faster than counters can be opened", (int)pid);
	if (!opened.count)
		return hw_err_set(err, HW_ERR_TARGET, "process %d has exited", (int)pid);
	return 0;
}

int hw_stat_attach(struct hw_counting *counting, pid_t pid, struct hw_err *err)
{
	struct hw_err own = { 0 };
	const int result = attach_at_once(counting, pid, err ? err : &own);

	if (result)
		return result < 0 ? -1 : 0;
	return attach_watched(counting, pid, err ? err : &own);
}
