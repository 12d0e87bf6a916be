/* signals [SECONDS]: a timer interrupts main_work every 5 ms of wall time, and the handler itself works for 1 ms: stacks
 * through a signal frame. */
#include "truth.h"

#include <signal.h>

SPIN_FUNCTION(main_work)
SPIN_FUNCTION(handler_work)

static uint64_t handler_iterations;
static volatile uint64_t handler_ns;
static volatile uint64_t handler_sink;

static KEPT void on_alarm(int signal_number)
{
	const uint64_t before_ns = thread_cpu_ns();

	(void)signal_number;
	handler_sink = handler_work(before_ns, handler_iterations);
	handler_ns += thread_cpu_ns() - before_ns;
}

int main(int argc, char **argv)
{
	const uint64_t stop_ns = thread_cpu_ns() + (uint64_t)(seconds_of(argc, argv, 5) * 1e9);
	const uint64_t begin_ns = thread_cpu_ns();
	const double rate_hz = spin_rate_hz(main_work);
	const struct itimerspec every_5_ms = { .it_interval.tv_nsec = 5000000, .it_value.tv_nsec = 5000000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct sigaction action = { .sa_handler = on_alarm };
	uint64_t in_main_ns = thread_cpu_ns() - begin_ns; /* to find the rate is main_work, too */
	uint64_t x = 1;
	timer_t timer;

	handler_iterations = (uint64_t)(rate_hz / 1000);
	if (sigaction(SIGALRM, &action, NULL) < 0 || timer_create(CLOCK_MONOTONIC, &event, &timer) < 0 ||
	    timer_settime(timer, 0, &every_5_ms, NULL) < 0) {
		perror("signals");
		return 1;
	}
	while (thread_cpu_ns() < stop_ns) {
		const uint64_t before_ns = thread_cpu_ns();

		x = main_work(x, (uint64_t)(rate_hz / 100));
		in_main_ns += thread_cpu_ns() - before_ns;
	}
	timer_delete(timer);
	printf("%llx\n", (unsigned long long)x);
	/* The handler ran on top of main_work: cumulative shares, as a profile's. */
	print_truth("main_work", in_main_ns, clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	print_truth("handler_work", handler_ns, clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}
