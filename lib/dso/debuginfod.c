#include "dso/debuginfod.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/units.h"
#include "dso/open_file.h"

#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_DEFAULT_S 5
#define TIMEOUT_MAX_S 3600
/* As DEBUGINFOD_TIMEOUT has it (debuginfod-client-config(7)): within this time at least so much. */
#define PROGRESS_MIN_BYTES (100 << 10)
/* How often the caller hears of a download, and may end it. */
#define LOOK_NS UINT64_C(100000000)
/* The library looks up once a second whether it shall go on, and then tidies up its cache. */
#define GRACE_NS UINT64_C(1200000000)

#ifdef HAVE_DEBUGINFOD

#include <dlfcn.h>
#include <elfutils/debuginfod.h>

/* The library's functions, as far as they are used. */
struct library {
	debuginfod_client *(*begin)(void);
	void (*end)(debuginfod_client *client);
	int (*find_debuginfo)(debuginfod_client *client, const unsigned char *build_id, int build_id_len,
			      char **path);
	void (*set_progressfn)(debuginfod_client *client, debuginfod_progressfn_t function);
	void (*set_user_data)(debuginfod_client *client, void *value);
	void *(*get_user_data)(debuginfod_client *client);
	const char *(*get_url)(debuginfod_client *client);
};

/* It is never unloaded: what it brought with it may have threads and exit handlers of its own. */
static int load(struct library *library, struct hw_err *err)
{
	void *handle = dlopen(DEBUGINFOD_SONAME, RTLD_NOW | RTLD_LOCAL);
	const struct {
		const char *name;
		void *to; /* a pointer to a function, which dlsym(3) gives as a pointer to an object */
	} symbols[] = {
		{ "debuginfod_begin", &library->begin },
		{ "debuginfod_end", &library->end },
		{ "debuginfod_find_debuginfo", &library->find_debuginfo },
		{ "debuginfod_set_progressfn", &library->set_progressfn },
		{ "debuginfod_set_user_data", &library->set_user_data },
		{ "debuginfod_get_user_data", &library->get_user_data },
		{ "debuginfod_get_url", &library->get_url },
	};

	for (size_t i = 0; i < HW_COUNT_OF(symbols); i++) {
		void *symbol = handle ? dlsym(handle, symbols[i].name) : NULL;

		if (!symbol) {
			(void)hw_err_set(err, HW_ERR_SYSTEM,
					 "cannot load %s, which downloads debug information",
					 DEBUGINFOD_SONAME);
			return hw_err_hint(err, "on Debian: apt install libdebuginfod1");
		}
		memcpy(symbols[i].to, &symbol, sizeof symbol);
	}
	return 0;
}

bool hw_debuginfod_is_built_in(void)
{
	return true;
}

#else

struct library {
	int none;
};

static int load(struct library *library, struct hw_err *err)
{
	library->none = 0;
	return hw_err_set(err, HW_ERR_SYSTEM, "hwprof was built without debuginfod");
}

bool hw_debuginfod_is_built_in(void)
{
	return false;
}

#endif

/* --- One download -------------------------------------------------------------------------------------- */

/* In a thread of its own: what it waits for, such as name servers, cannot always be interrupted. */
struct download {
	struct library library;
	struct hw_build_id build_id;
	char *cached_path; /* where it will be, when somebody has it */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	unsigned owners;   /* the thread and the one who waits for it: the last one frees */
	bool shall_stop;   /* nobody waits any more */
	bool is_done;	   /* the library has returned */
	bool has_answered; /* some server sends the file */
	uint64_t done_bytes, total_bytes;
	int fd; /* the result; below 0 -errno */
	char *path;
};

static void download_release(struct download *download)
{
	bool is_last;

	(void)pthread_mutex_lock(&download->lock);
	is_last = --download->owners == 0;
	(void)pthread_mutex_unlock(&download->lock);
	if (!is_last)
		return;
	if (download->fd >= 0)
		(void)close(download->fd);
	(void)pthread_mutex_destroy(&download->lock);
	(void)pthread_cond_destroy(&download->changed);
	free(download->path);
	free(download->cached_path);
	free(download);
}

#ifdef HAVE_DEBUGINFOD

/* debuginfod_set_progressfn(3): anything but 0 ends the download. Before a server has answered the numbers are not of
 * bytes. */
static int on_progress(debuginfod_client *client, long done, long total)
{
	struct library library; /* of which one function tells the download; the rest would be there */
	struct download *download;
	bool has_answered;
	int stop;

	if (load(&library, NULL) < 0)
		return 1;
	download = library.get_user_data(client);
	has_answered = library.get_url(client) != NULL;
	(void)pthread_mutex_lock(&download->lock);
	if (has_answered) {
		download->has_answered = true;
		download->done_bytes = done > 0 ? (uint64_t)done : 0;
		download->total_bytes = total > 0 ? (uint64_t)total : 0;
	}
	stop = download->shall_stop;
	(void)pthread_mutex_unlock(&download->lock);
	return stop;
}

/* The library takes an interrupted download for one that found nothing, and would ask nobody for the next ten minutes. */
static void forget_failure(const struct download *download)
{
	struct stat st;

	if (download->cached_path && lstat(download->cached_path, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == 0)
		(void)unlink(download->cached_path);
}

static int query(struct download *download, char **path)
{
	const struct library *library = &download->library;
	debuginfod_client *client = library->begin();
	int fd;

	if (!client)
		return -ENOMEM;
	library->set_user_data(client, download);
	library->set_progressfn(client, on_progress);
	fd = library->find_debuginfo(client, download->build_id.bytes, download->build_id.size, path);
	library->end(client);
	return fd;
}

#else

static void forget_failure(const struct download *download)
{
	(void)download;
}

static int query(struct download *download, char **path)
{
	(void)download, (void)path;
	return -ENOSYS;
}

#endif

static void *run(void *argument)
{
	struct download *download = argument;
	char *path = NULL;
	const int fd = query(download, &path);

	(void)pthread_mutex_lock(&download->lock);
	download->fd = fd;
	download->path = path;
	if (download->shall_stop && fd < 0)
		forget_failure(download);
	download->is_done = true;
	(void)pthread_cond_signal(&download->changed);
	(void)pthread_mutex_unlock(&download->lock);
	download_release(download);
	return NULL;
}

/* --- All of them --------------------------------------------------------------------------------------- */

struct hw_debuginfod {
	const struct hw_download_progress *progress; /* borrowed, or NULL */
	struct library library;
	bool is_loaded;
	char *cache; /* folder; NULL when the user has none */
	uint64_t timeout_ns;
	uint64_t lost_ns; /* waited for servers that failed */
	bool is_over;	  /* servers are not asked any more */
	char *problem;
	struct hw_debuginfod_counts counts;
	struct download
		*abandoned; /* the last one that was stopped, while its thread may still tidy up; or NULL */
};

const char *hw_debuginfod_urls(void)
{
	const char *urls = secure_getenv("DEBUGINFOD_URLS");

	return urls && urls[strspn(urls, " ")] ? urls : NULL;
}

int hw_debuginfod_try(struct hw_err *err)
{
	struct library library;

	return load(&library, err);
}

static uint64_t timeout_ns(void)
{
	const char *text = secure_getenv("DEBUGINFOD_TIMEOUT");
	uint64_t seconds = 0;

	if (!text || hw_parse_u64(&seconds, text, NULL) < 0 || seconds == 0)
		seconds = TIMEOUT_DEFAULT_S;
	return (seconds > TIMEOUT_MAX_S ? TIMEOUT_MAX_S : seconds) * UINT64_C(1000000000);
}

/* debuginfod_find_debuginfo(3), "CACHE". */
static char *cache_folder(void)
{
	const char *cache = secure_getenv("DEBUGINFOD_CACHE_PATH");
	const char *xdg = secure_getenv("XDG_CACHE_HOME");
	const char *home = secure_getenv("HOME");
	char *old = hw_asprintf("%s/.debuginfod_client_cache", home ? home : "/");
	struct stat st;

	if (cache && cache[0]) {
		free(old);
		return hw_strdup(cache);
	}
	if (stat(old, &st) == 0)
		return old;
	free(old);
	if (xdg && xdg[0])
		return hw_asprintf("%s/debuginfod_client", xdg);
	return hw_asprintf("%s/.cache/debuginfod_client", home ? home : "/");
}

struct hw_debuginfod *hw_debuginfod_new(const struct hw_download_progress *progress)
{
	struct hw_debuginfod *d;

	if (!hw_debuginfod_is_built_in() || !hw_debuginfod_urls())
		return NULL;
	d = hw_alloc(1, sizeof *d);
	d->progress = progress;
	d->timeout_ns = timeout_ns();
	d->cache = cache_folder();
	return d;
}

static struct timespec after(uint64_t delay_ns)
{
	const uint64_t at_ns = hw_now_ns() + delay_ns;

	return (struct timespec){ .tv_sec = (time_t)(at_ns / UINT64_C(1000000000)),
				  .tv_nsec = (long)(at_ns % UINT64_C(1000000000)) };
}

/* Wait until the library has returned, for so long at most. The lock is held. */
static void wait_for(struct download *download, uint64_t time_ns)
{
	const struct timespec limit = after(time_ns);

	while (!download->is_done && pthread_cond_timedwait(&download->changed, &download->lock, &limit) == 0)
		continue;
}

void hw_debuginfod_free(struct hw_debuginfod *d)
{
	if (!d)
		return;
	if (d->abandoned) { /* what it leaves in the cache shall not mislead the next */
		(void)pthread_mutex_lock(&d->abandoned->lock);
		wait_for(d->abandoned, GRACE_NS);
		(void)pthread_mutex_unlock(&d->abandoned->lock);
		download_release(d->abandoned);
	}
	free(d->cache);
	free(d->problem);
	free(d);
}

void hw_debuginfod_freep(struct hw_debuginfod **debuginfod)
{
	hw_debuginfod_free(*debuginfod);
	*debuginfod = NULL;
}

struct hw_debuginfod_counts hw_debuginfod_counts(const struct hw_debuginfod *d)
{
	return d->counts;
}

const char *hw_debuginfod_problem(const struct hw_debuginfod *d)
{
	return d->problem ? d->problem : "";
}

static void set_problem(struct hw_debuginfod *d, char *problem)
{
	free(d->problem);
	d->problem = problem;
}

/* Start a thread that takes no signals: those are the caller's. */
static bool start(struct download *download)
{
	sigset_t all, before;
	pthread_t thread;
	int failure;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	failure = pthread_create(&thread, NULL, run, download);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!failure)
		(void)pthread_detach(thread);
	return !failure;
}

static struct download *download_new(const struct hw_debuginfod *d, const struct hw_build_id *build_id,
				     const char *cached_path)
{
	struct download *download = hw_alloc(1, sizeof *download);
	pthread_condattr_t attr;

	download->library = d->library;
	download->build_id = *build_id;
	download->cached_path = hw_strdup(cached_path);
	download->owners = 2;
	download->fd = -ECANCELED;
	(void)pthread_mutex_init(&download->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&download->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	return download;
}

/* What makes us stop waiting. */
enum outcome { DONE, STALLED, CANCELLED };

/* Look on until the download is done, too little comes for too long, or somebody wants it to end. */
static enum outcome look_on(const struct hw_debuginfod *d, struct download *download, const char *what)
{
	const struct hw_download_progress *progress = d->progress;
	uint64_t window_start_ns = hw_now_ns(); /* since when so many bytes had come */
	uint64_t window_start_bytes = 0;
	enum outcome outcome = DONE;

	(void)pthread_mutex_lock(&download->lock);
	for (;;) {
		uint64_t done_bytes, total_bytes;

		wait_for(download, LOOK_NS);
		if (download->is_done)
			break;
		done_bytes = download->done_bytes;
		total_bytes = download->total_bytes;
		(void)pthread_mutex_unlock(&download->lock);
		if (progress && progress->report)
			progress->report(progress->user, what, done_bytes, total_bytes);
		if (progress && progress->is_cancelled && progress->is_cancelled(progress->user))
			outcome = CANCELLED;
		(void)pthread_mutex_lock(&download->lock);
		if (done_bytes >= window_start_bytes + PROGRESS_MIN_BYTES) {
			window_start_ns = hw_now_ns();
			window_start_bytes = done_bytes;
		} else if (outcome == DONE && hw_now_ns() - window_start_ns >= d->timeout_ns - d->lost_ns) {
			outcome = STALLED;
		}
		if (outcome != DONE)
			break;
	}
	if (download->is_done)
		outcome = DONE;
	download->shall_stop = outcome != DONE;
	(void)pthread_mutex_unlock(&download->lock);
	return outcome;
}

/* A request failed: what servers that fail cost, they cost once. */
static void note_failure(struct hw_debuginfod *d, int number, uint64_t start_ns)
{
	d->lost_ns += hw_now_ns() - start_ns;
	set_problem(d, hw_asprintf("debuginfod: a server of DEBUGINFOD_URLS failed: %s", strerror(number)));
	d->is_over = d->lost_ns >= d->timeout_ns;
	d->counts.not_asked++;
}

static int take_result(struct hw_debuginfod *d, struct download *download, uint64_t start_ns, char **path)
{
	const int fd = download->fd;

	if (fd == -ENOENT) {
		d->counts.absent++;
	} else if (fd < 0) {
		note_failure(d, -fd, start_ns);
	} else {
		d->counts.found++;
		*path = download->path ? download->path : hw_strdup(download->cached_path);
		download->path = NULL;
		download->fd = -1;
	}
	download_release(download);
	return fd < 0 ? -1 : fd;
}

static int download_file(struct hw_debuginfod *d, const struct hw_build_id *build_id, const char *cached_path,
			 const char *what, char **path)
{
	const uint64_t start_ns = hw_now_ns();
	struct download *download = download_new(d, build_id, cached_path);

	if (!start(download)) {
		download->owners = 1;
		download_release(download);
		d->counts.not_asked++;
		return -1;
	}
	switch (look_on(d, download, what)) {
	case DONE:
		return take_result(d, download, start_ns, path);
	case STALLED:
		set_problem(d, hw_asprintf("debuginfod: no server of DEBUGINFOD_URLS sent anything much for "
					   "%.3g s (DEBUGINFOD_TIMEOUT)",
					   (double)d->timeout_ns / 1e9));
		break;
	case CANCELLED:
		set_problem(d, hw_strdup("debuginfod: the download was interrupted"));
		break;
	}
	d->is_over = true;
	d->abandoned = download;
	d->counts.not_asked++;
	return -1;
}

/* A file of the cache; an empty one stands for one that nobody had. */
static int open_cached(const char *cached_path)
{
	const int fd = hw_open_regular(cached_path);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && st.st_size > 0))
		return fd;
	(void)close(fd);
	return -1;
}

int hw_debuginfod_find(struct hw_debuginfod *d, const struct hw_build_id *build_id, const char *what,
		       char **path)
{
	char hex[HW_BUILD_ID_HEX_SIZE];
	HW_AUTO(hw_freep) char *cached_path = NULL;
	struct hw_err err = { 0 };
	int fd;

	hw_build_id_hex(hex, build_id);
	cached_path = hw_asprintf("%s/%s/debuginfo", d->cache, hex);
	fd = open_cached(cached_path);
	if (fd >= 0) {
		d->counts.found++;
		*path = hw_strdup(cached_path);
		return fd;
	}
	if (!d->is_over && !d->is_loaded && load(&d->library, &err) < 0) {
		set_problem(d, hw_strdup(err.message));
		d->is_over = true;
	}
	d->is_loaded = true;
	if (d->is_over) {
		d->counts.not_asked++;
		return -1;
	}
	return download_file(d, build_id, cached_path, what, path);
}
