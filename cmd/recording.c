#include "recording.h"
#include "closing.h"
#include "copy_size.h"
#include "signals.h"
#include "terminal.h"

#include "base/clock.h"
#include "base/units.h"
#include "event/catalogue.h"
#include "event/step_down.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_OUTPUT "hwprof.pb.gz"
/* Above this the sampling itself changes what it measures: errors grow again (measured, see the manual). */
#define WARN_FREQ_HZ 10000

/* --- Options ------------------------------------------------------------------------------------------------ */

static int check_freq(uint64_t freq_hz, struct hw_err *err)
{
	static const char path[] = "/proc/sys/kernel/perf_event_max_sample_rate";
	uint64_t limit_hz = 0;
	char line[32];

	if (hw_file_read_line(line, sizeof line, path) < 0 || hw_parse_u64(&limit_hz, line, NULL) < 0 ||
	    freq_hz <= limit_hz)
		return 0;
	(void)hw_err_set(err, HW_ERR_USAGE,
			 "%" PRIu64 " samples per second are above this machine's limit of %" PRIu64, freq_hz,
			 limit_hz);
	return hw_err_hint(err, "lower -F, or raise %s", path);
}

static int parse_defaults(struct hw_event_defaults *defaults, const struct recording_options *options,
			  struct hw_err *err)
{
	defaults->user_only = options->user_only;
	defaults->kernel_only = options->kernel_only;
	if (options->user_only && options->kernel_only)
		return hw_err_set(err, HW_ERR_USAGE,
				  "-u (user code only) and -k (kernel code only) contradict each other");
	if (!options->period) {
		defaults->freq_hz = options->freq_hz ? options->freq_hz : RECORDING_FREQ_HZ;
		defaults->freq_is_default = !options->freq_hz;
		return 0;
	}
	if (options->freq_hz)
		return hw_err_set(err, HW_ERR_USAGE, "-F (frequency) and -c (period) contradict each other");
	if (hw_parse_u64(&defaults->period_events, options->period, err) < 0)
		return hw_err_wrap(err, "--period");
	if (!defaults->period_events)
		return hw_err_set(err, HW_ERR_USAGE, "--period: a period is at least 1");
	if (defaults->period_events > HW_EVENT_PERIOD_MAX)
		return hw_err_set(err, HW_ERR_USAGE, "--period: '%s' is more than the kernel takes, 2^63 - 1",
				  options->period);
	return 0;
}

static int parse_unwind(enum hw_unwind_method *method, const char *text, struct hw_err *err)
{
	static const struct {
		const char *name;
		enum hw_unwind_method method;
	} methods[] = {
		{ "auto", HW_UNWIND_AUTO },
		{ "rules", HW_UNWIND_RULES },
		{ "libunwind", HW_UNWIND_LIBUNWIND },
		{ "libdw", HW_UNWIND_LIBDW },
		{ "fp", HW_UNWIND_FP },
		{ "none", HW_UNWIND_NONE },
	};

	*method = HW_UNWIND_AUTO;
	if (!text)
		return 0;
	for (size_t i = 0; i < HW_COUNT_OF(methods); i++) {
		if (strcmp(text, methods[i].name) == 0) {
			*method = methods[i].method;
			return 0;
		}
	}
	return hw_err_set(err, HW_ERR_USAGE,
			  "--unwind: '%s' is none of auto, rules, libunwind, libdw, fp, none", text);
}

static int check_rates(const struct hw_events *events, struct hw_err *err)
{
	for (size_t i = 0; i < events->list.count; i++) {
		const struct perf_event_attr *attr = &events->list.at[i].attr;

		if (attr->freq && check_freq(attr->sample_freq, err) < 0)
			return -1;
	}
	return 0;
}

static int check_levels(const struct recording *recording, struct hw_err *err)
{
	const struct hw_events *events = &recording->events;

	for (size_t i = 0; i < events->list.count && !recording->options->dry_run; i++)
		if (hw_event_check_level(&events->list.at[i], err) < 0)
			return -1;
	return 0;
}

static int add_default(struct hw_events *events, const struct hw_event_defaults *defaults, struct hw_err *err)
{
	if (hw_events_add(events, "cycles", defaults, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < events->list.count; i++) /* one for each kind of core */
		events->list.at[i].is_default = true;
	return 0;
}

static int add_events(struct hw_events *events, const struct hw_texts *lists,
		      const struct hw_event_defaults *defaults, struct hw_err *err)
{
	HW_AUTO(hw_catalogue_fini) struct hw_catalogue catalogue = { 0 };
	bool needs_catalogue = false;

	if (!lists->list.count)
		return add_default(events, defaults, err);
	for (size_t i = 0; i < lists->list.count; i++)
		needs_catalogue |= hw_events_need_catalogue(lists->list.at[i]);
	if (needs_catalogue && hw_catalogue_load(&catalogue, err) < 0)
		return -1;
	for (size_t i = 0; i < lists->list.count; i++)
		if (hw_events_add(events, lists->list.at[i], defaults, &catalogue, err) < 0)
			return -1;
	return 0;
}

static int resolve_events(struct recording *recording, struct hw_err *err)
{
	struct hw_events *events = &recording->events;
	struct hw_event_defaults defaults = { 0 };

	if (parse_defaults(&defaults, recording->options, err) < 0 ||
	    add_events(events, &recording->options->events, &defaults, err) < 0 ||
	    check_rates(events, err) < 0 || check_levels(recording, err) < 0)
		return -1;
	return hw_events_set_names(events->list.at, events->list.count, err);
}

/* Endings that promise another kind of file than pprof, which is what they would get. */
static bool promises_another_format(const char *path)
{
	static const char *const endings[] = {
		".json", ".svg", ".html", ".txt", ".csv", ".data", ".folded.gz"
	};
	const size_t length = strlen(path);

	for (size_t i = 0; i < HW_COUNT_OF(endings); i++) {
		const size_t size = strlen(endings[i]);

		if (length > size && strcmp(path + length - size, endings[i]) == 0)
			return true;
	}
	return false;
}

/* --format, else the ending of -o, else pprof. Opens it; from here on signals are ours. */
static int choose_output(struct recording *recording, struct hw_err *err)
{
	const struct recording_options *options = recording->options;
	const char *path = options->output;
	struct stat st;

	if (options->format) {
		recording->format = hw_format_find(options->format);
		if (!recording->format || !recording->format->encode)
			return hw_err_set(err, HW_ERR_USAGE, "--format: '%s' is none of pprof, folded",
					  options->format);
	} else if (path) {
		recording->format = hw_format_of_path(path);
		if (!recording->format && promises_another_format(path)) {
			(void)hw_err_set(err, HW_ERR_USAGE, "--output: no format of hwprof ends like '%s'",
					 path);
			return hw_err_hint(
				err, "name it .pb.gz or .folded, or choose with --format pprof or folded");
		}
	}
	if (!recording->format)
		recording->format = hw_format_find("pprof");
	if (!path)
		path = recording->format == hw_format_find("pprof") ? DEFAULT_OUTPUT : "hwprof.folded";
	if (!*path)
		return hw_err_set(err, HW_ERR_USAGE, "--output: the name is empty");
	if (strcmp(path, "-") == 0 && recording->format == hw_format_find("pprof") &&
	    fstat(STDOUT_FILENO, &st) == 0 && isatty(STDOUT_FILENO)) {
		(void)hw_err_set(err, HW_ERR_OUTPUT, "a pprof profile is binary and stdout is a terminal");
		return hw_err_hint(err, "redirect stdout, name a file with -o, or choose --format folded");
	}
	return signals_take_and_open(&recording->signal_fd, &recording->old_mask, &recording->output, path,
				     err);
}

/* 0 is auto. */
static int parse_stack_size(uint32_t *size_bytes, const char *text, struct hw_err *err)
{
	uint64_t size = 0;

	*size_bytes = 0;
	if (!text || strcmp(text, "auto") == 0)
		return 0;
	if (hw_parse_size(&size, text, err) < 0)
		return hw_err_wrap(err, "--stack-size");
	if (!size || size > HW_COPY_SIZE_LIMIT || size % 8)
		return hw_err_set(err, HW_ERR_USAGE,
				  "--stack-size: '%s' is neither auto nor a multiple of 8 up to 60KiB", text);
	*size_bytes = (uint32_t)size;
	return 0;
}

int recording_init(struct recording *recording, const char *name, const struct recording_options *options,
		   struct hw_err *err)
{
	enum hw_unwind_method method;

	*recording = (struct recording){ .name = name, .options = options, .signal_fd = -1, .output.fd = -1 };
	if (parse_stack_size(&recording->stack_size_bytes, options->stack_size, err) < 0)
		return -1;
	if (options->ring_size &&
	    (options->ring_size & (options->ring_size - 1) || options->ring_size < 65536))
		return hw_err_set(err, HW_ERR_USAGE,
				  "--ring-size: %" PRIu64 " is not a power of two from 64KiB on",
				  options->ring_size);
	if (parse_unwind(&method, options->unwind, err) < 0 || resolve_events(recording, err) < 0)
		return -1;
	if (options->dry_run)
		return 0;
	return choose_output(recording, err);
}

void recording_fini(struct recording *recording)
{
	hw_pipeline_freep(&recording->pipeline);
	hw_output_fini(&recording->output);
	hw_events_fini(&recording->events);
	signals_release(&recording->signal_fd, &recording->old_mask);
}

static struct hw_pipeline_config pipeline_config(const struct recording *recording)
{
	struct hw_pipeline_config config = {
		.events = recording->events.list.at,
		.event_count = recording->events.list.count,
		.stack_size_bytes = recording->stack_size_bytes,
		.ring_size_bytes = recording->options->ring_size,
		.no_demangle = recording->options->no_demangle,
		.no_stitch = recording->options->no_stitch,
	};

	(void)!parse_unwind(&config.unwind, recording->options->unwind, NULL); /* was checked */
	return config;
}

int recording_dry_run(const struct recording *recording)
{
	const struct hw_pipeline_config config = pipeline_config(recording);
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	hw_pipeline_print_attrs(&text, &config);
	(void)fputs(hw_buf_str(&text), stdout);
	return 0;
}

int recording_open(struct recording *recording, const char *command, bool on_exec, const int *cpus,
		   size_t cpu_count, struct hw_err *err)
{
	struct hw_pipeline_config config = pipeline_config(recording);

	config.command = command;
	config.on_exec = on_exec;
	config.cpus = cpus;
	config.cpu_count = cpu_count;
	recording->pipeline = hw_pipeline_new(&config, err);
	return recording->pipeline ? 0 : -1;
}

/* --- Waiting ------------------------------------------------------------------------------------------------ */

static void warn_of_high_frequency(const struct recording *recording)
{
	for (size_t i = 0; i < recording->events.list.count; i++) {
		const struct perf_event_attr *attr = &recording->events.list.at[i].attr;

		if (attr->freq && attr->sample_freq > WARN_FREQ_HZ) {
			hw_terminal_say(
				"warning: ",
				"above 10,000 samples per second the sampling changes what it measures");
			return;
		}
	}
}

void recording_start(struct recording *recording)
{
	hw_pipeline_start(recording->pipeline);
	recording->start_ns = hw_now_ns();
	if (recording->options->duration_ns)
		recording->deadline_ns = recording->start_ns + recording->options->duration_ns;
	if (!recording->options->quiet)
		warn_of_high_frequency(recording);
}

bool recording_is_over(const struct recording *recording)
{
	return recording->deadline_ns && hw_now_ns() >= recording->deadline_ns;
}

static int timeout_ms(const struct recording *recording, int extra_fd)
{
	const uint64_t now = hw_now_ns();
	int timeout;

	if (recording->saved) /* nothing but the end of the command is of interest */
		return extra_fd < 0 ? 100 : -1;
	timeout = hw_pipeline_wait_ms(recording->pipeline);
	if (!recording->deadline_ns)
		return timeout;
	if (now >= recording->deadline_ns)
		return 0;
	if ((recording->deadline_ns - now) / 1000000 < (uint64_t)timeout)
		timeout = (int)((recording->deadline_ns - now + 999999) / 1000000);
	return timeout;
}

int recording_wait(struct recording *recording, int extra_fd, bool *from_terminal)
{
	struct pollfd fds[] = {
		{ .fd = recording->signal_fd, .events = POLLIN },
		{ .fd = extra_fd, .events = POLLIN },
		{ .fd = recording->saved ? -1 : hw_pipeline_fd(recording->pipeline), .events = POLLIN },
	};

	(void)poll(fds, HW_COUNT_OF(fds), timeout_ms(recording, extra_fd));
	if (!recording->saved)
		hw_pipeline_step(recording->pipeline);
	return signals_next(recording->signal_fd, from_terminal);
}

static void clear_status(struct recording *recording)
{
	if (recording->status_width)
		(void)fprintf(stderr, "\r%*s\r", (int)recording->status_width, "");
	recording->status_width = 0;
}

/* text may hold names of processes and files. */
static void show_status(struct recording *recording, const char *text)
{
	HW_AUTO(hw_buf_fini) struct hw_buf line = { 0 };
	const size_t before = recording->status_width;

	hw_buf_printable(&line, text);
	(void)fprintf(stderr, "\r%s%*s", hw_buf_str(&line),
		      before > line.size ? (int)(before - line.size) : 0, "");
	recording->status_width = line.size;
	(void)fflush(stderr);
}

void recording_show_progress(struct recording *recording, const char *what)
{
	const uint64_t elapsed_s = (hw_now_ns() - recording->start_ns) / UINT64_C(1000000000);
	char text[128];

	if (recording->options->quiet || !elapsed_s || !isatty(STDERR_FILENO))
		return;
	(void)snprintf(text, sizeof text,
		       "hwprof: %s, %" PRIu64 " s, %" PRIu64 " samples (Ctrl-C ends and saves)", what,
		       elapsed_s, hw_pipeline_samples(recording->pipeline));
	show_status(recording, text);
}

/* --- The result --------------------------------------------------------------------------------------------- */

struct symbol_progress {
	struct recording *recording;
	uint64_t start_ns;
};

static void report_symbols(void *user, size_t done, size_t total, const char *path)
{
	struct symbol_progress *progress = user;
	char text[160];

	if (progress->recording->options->quiet || !isatty(STDERR_FILENO) ||
	    hw_now_ns() - progress->start_ns < UINT64_C(1000000000))
		return;
	(void)snprintf(text, sizeof text, "hwprof: reading symbols, %zu %% done, %.80s", done * 100 / total,
		       path);
	show_status(progress->recording, text);
}

static void report_download(void *user, const char *what, uint64_t done_bytes, uint64_t total_bytes)
{
	struct symbol_progress *progress = user;
	const char *slash = strrchr(what, '/');
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	if (progress->recording->options->quiet || !isatty(STDERR_FILENO))
		return;
	hw_buf_printf(&text, "hwprof: downloading debug information of %.60s", slash ? slash + 1 : what);
	if (done_bytes) {
		hw_buf_text(&text, ", ");
		hw_print_size(&text, (double)done_bytes);
	}
	if (total_bytes) {
		hw_buf_text(&text, " of ");
		hw_print_size(&text, (double)total_bytes);
	}
	hw_buf_text(&text, " (Ctrl-C goes on without)");
	show_status(progress->recording, text.data);
}

/* Any signal that would end a recording ends the download; the result is written with what is there. */
static bool is_download_cancelled(void *user)
{
	const struct symbol_progress *progress = user;
	bool from_terminal;

	return signals_next(progress->recording->signal_fd, &from_terminal) != 0;
}

int recording_save(struct recording *recording, struct hw_err *err)
{
	struct symbol_progress progress = { .recording = recording };
	const struct hw_symbolise_progress symbolise_progress = { .report = report_symbols,
								  .user = &progress };
	const struct hw_download_progress download_progress = { .report = report_download,
								.is_cancelled = is_download_cancelled,
								.user = &progress };
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = NULL;
	struct hw_pipeline_summary summary;
	struct hw_err silence = { 0 };
	size_t silent;

	if (recording->saved)
		return 0;
	recording->saved = true;
	hw_pipeline_stop(recording->pipeline);
	progress.start_ns = hw_now_ns();
	silent = hw_pipeline_silent_events(recording->pipeline, &silence);
	profile = hw_pipeline_finish(recording->pipeline, &symbolise_progress, &download_progress, &summary);
	hw_pipeline_freep(&recording->pipeline); /* the command may go on: nothing of ours stays on it */
	clear_status(recording);
	if (silent < recording->events.list.count) { /* else there is nothing to write */
		if (hw_format_write(&recording->output, recording->format, profile, err) < 0 ||
		    hw_output_commit(&recording->output, err) < 0)
			return -1;
	}
	if (!recording->options->quiet) {
		closing_print_remarks(recording, profile, silent > 0);
		if (silent < recording->events.list.count)
			closing_print_line(recording, &summary, &profile->quality);
	}
	if (!silent)
		return 0;
	*err = silence;
	return -1;
}
