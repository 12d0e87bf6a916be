/* Debug information from servers (debuginfod(8)), by build-id, through libdebuginfod: only where DEBUGINFOD_URLS names
 * some. The library brings an HTTP client and its TLS with it, so it is loaded when something is really to be
 * downloaded, and not linked: most recordings never need it. */
#ifndef HW_DSO_DEBUGINFOD_H
#define HW_DSO_DEBUGINFOD_H

#include "base/err.h"
#include "dso/build_id.h"

#include <stdbool.h>
#include <stdint.h>

/* Was hwprof built with it? */
bool hw_debuginfod_is_built_in(void);

/* The servers to ask, or NULL: DEBUGINFOD_URLS is not set or empty, or the program has privileges that its user has not
 * (file capabilities), who then may not choose what it downloads. */
const char *hw_debuginfod_urls(void);

/* Can the library be loaded? -1 with err when not. */
int hw_debuginfod_try(struct hw_err *err) HW_CHECKED;

/* Who looks on; each function may be NULL. Called some times a second while something is downloaded. */
struct hw_download_progress {
	/* what: as given to hw_debuginfod_find; total_bytes: 0 = not known yet. */
	void (*report)(void *user, const char *what, uint64_t done_bytes, uint64_t total_bytes);
	/* True ends the download, and all that would follow. */
	bool (*is_cancelled)(void *user);
	void *user;
};

struct hw_debuginfod; /* lib/dso/debuginfod.c */

/* NULL when there is nobody to ask: not built in, or no servers. progress is borrowed, or NULL. */
struct hw_debuginfod *hw_debuginfod_new(const struct hw_download_progress *progress);
void hw_debuginfod_free(struct hw_debuginfod *debuginfod);
void hw_debuginfod_freep(struct hw_debuginfod **debuginfod);

/* The debug file of a build-id, from the cache that all users of libdebuginfod share, or downloaded into it: a descriptor,
 * and its path to be freed; -1 when nobody has it. Servers that do not answer, or send less than 100 KiB within
 * DEBUGINFOD_TIMEOUT seconds (5 by default), cost that time once: nobody is asked again after it, nor once
 * is_cancelled says so; only the cache is then looked into. what: for people, the file it belongs to. */
int hw_debuginfod_find(struct hw_debuginfod *debuginfod, const struct hw_build_id *build_id, const char *what,
		       char **path) HW_CHECKED;

/* How it went, in files. */
struct hw_debuginfod_counts {
	unsigned found;	    /* downloaded, or in the cache */
	unsigned absent;    /* no server has them */
	unsigned not_asked; /* for the reason that hw_debuginfod_problem gives */
};

struct hw_debuginfod_counts hw_debuginfod_counts(const struct hw_debuginfod *debuginfod);

/* What went wrong, as a sentence; "" when nothing did. */
const char *hw_debuginfod_problem(const struct hw_debuginfod *debuginfod);

#endif
