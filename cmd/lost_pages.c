#include "lost_pages.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Puts zeros where the file's page was; the instruction that failed is then tried again. Async-signal-safe: one system
 * call. What is no missing page, or cannot be mended, ends us as it would have without the handler. */
static void hold_page(int number, siginfo_t *info, void *context)
{
	const uintptr_t page = (uintptr_t)info->si_addr & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);

	(void)context;
	if (info->si_code == BUS_ADRERR &&
	    mmap((void *)page, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		return;
	(void)signal(number, SIG_DFL);
}

void hw_hold_lost_pages(void)
{
	struct sigaction action = { .sa_sigaction = hold_page, .sa_flags = SA_SIGINFO };

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGBUS, &action, NULL);
}
