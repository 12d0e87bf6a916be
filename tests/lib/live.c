/* Recording a command for a test. */
#include "tests/lib/live.h"

#include "record/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

static void take_records(struct hw_recorder *recorder, const struct hw_live_config *config)
{
	struct hw_record record;
	uint32_t event_index;

	while (hw_recorder_next(recorder, &record, &event_index))
		config->each(&record, config->arg);
}

/* Until the command has ended. */
static void drain(struct hw_recorder *recorder, const struct hw_live_config *config, pid_t pid)
{
	struct pollfd readable = { .fd = hw_recorder_fd(recorder), .events = POLLIN };
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		poll(&readable, 1, 20);
		hw_recorder_drain(recorder, false);
		take_records(recorder, config);
	}
	hw_recorder_stop(recorder);
	hw_recorder_drain(recorder, true);
	take_records(recorder, config);
}

static int run(struct hw_recorder *recorder, const struct hw_live_config *config, struct hw_err *err)
{
	struct hw_child child;
	sigset_t mask;
	const int saved_stdout = dup(STDOUT_FILENO);
	const int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int status;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	fflush(stdout);
	dup2(null_fd, STDOUT_FILENO);
	status = hw_child_start(&child, config->argv, &mask, err);
	dup2(saved_stdout, STDOUT_FILENO);
	close(null_fd);
	close(saved_stdout);
	if (status < 0)
		return -1;
	if (hw_recorder_open(recorder, child.pid, err) < 0 ||
	    hw_child_exec(&child, config->argv[0], err) < 0) {
		hw_child_fini(&child);
		return -1;
	}
	drain(recorder, config, child.pid);
	return 0;
}

int hw_live_record(const struct hw_live_config *config, struct hw_err *err)
{
	struct hw_event event = {
		.text = hw_strdup("cpu-clock"),
		.name = hw_strdup("cpu-clock"),
		.unit = "nanoseconds",
		.attr = { .type = PERF_TYPE_SOFTWARE,
			  .size = sizeof event.attr,
			  .config = PERF_COUNT_SW_CPU_CLOCK,
			  .freq = 1,
			  .sample_freq = config->freq_hz,
			  .exclude_kernel = !config->with_kernel,
			  .exclude_hv = 1 },
	};
	const struct hw_recorder_config recorder_config = {
		.events = &event,
		.event_count = 1,
		.sampling = { .stack_size_bytes = config->stack_size_bytes,
			      .user_regs_mask = config->user_regs_mask,
			      .callchain = true,
			      .callchain_user = config->callchain_user },
		.enable_on_exec = true,
	};
	struct hw_recorder *recorder = hw_recorder_new(&recorder_config, err);
	int status = -1;

	if (recorder)
		status = run(recorder, config, err);
	hw_recorder_free(recorder);
	hw_event_fini(&event);
	return status;
}

static uint8_t *copy(const uint8_t *bytes, uint64_t size)
{
	uint8_t *to = hw_alloc(1, size ? size : 1);

	if (size)
		memcpy(to, bytes, size);
	return to;
}

void hw_live_samples_add(struct hw_live_samples *samples, const struct hw_sample *sample)
{
	struct hw_sample kept = *sample;

	kept.callchain = copy(sample->callchain, sample->callchain_count * 8);
	kept.user_stack = copy(sample->user_stack, sample->user_stack_size);
	kept.user_regs.values = copy(
		sample->user_regs.values,
		sample->user_regs.values ? (uint64_t)__builtin_popcountll(sample->user_regs.mask) * 8 : 0);
	hw_vec_push(&samples->list, kept);
}

void hw_live_samples_fini(struct hw_live_samples *samples)
{
	for (size_t i = 0; i < samples->list.count; i++) {
		free((void *)(uintptr_t)samples->list.at[i].callchain);
		free((void *)(uintptr_t)samples->list.at[i].user_stack);
		free((void *)(uintptr_t)samples->list.at[i].user_regs.values);
	}
	hw_vec_fini(&samples->list);
}
