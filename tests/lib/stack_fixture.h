/* A recorded stack in a text file: registers, the words of the stack, and of each file that code was mapped from the unwind
 * rules and bytes that matter. Read, it is a process with ELF files made of these, ready to be unwound by any engine. What
 * is not in the file is not looked at: neither this machine's libraries nor its processes.
 *
 * Lines, numbers in hexadecimal ("#" begins a comment, the first of them says what the file is about):
 *	arch NAME				x86_64 or aarch64
 *	ip user|kernel AVMA			the sampled address
 *	reg NUMBER VALUE			a register by perf's number (asm/perf_regs.h)
 *	dso INDEX NAME				in order from 0
 *	map DSO START_AVMA SIZE START_SVMA	code mapped from it
 *	code DSO SVMA BYTES			a piece of it; what is not told is 0
 *	rows DSO START_SVMA LIMIT_SVMA CODE_ALIGN DATA_ALIGN PLAIN|SIGNAL INITIAL PROGRAM
 *						an FDE with its CIE; "-" = no instructions
 *	size BYTES				how much of the stack was copied
 *	stack AVMA WORD...			words of the copy; what is not told is 0
 *	frame ip|ra AVMA NAME			what every engine has to find, leaf first
 *	end NAME				and how the stack ends
 *	differs ENGINE COUNT END		but for that engine, which finds COUNT frames (1 or more of them) and END;
 *						a comment says why */
#ifndef HW_TESTS_STACK_FIXTURE_H
#define HW_TESTS_STACK_FIXTURE_H

#include "process/process.h"
#include "unwind/unwind.h"

struct stack_difference {
	char engine[16];
	size_t count;
	enum hw_stack_end end;
};

struct stack_fixture {
	char arch[16];
	struct hw_dso_table *dsos;
	struct hw_process process;
	struct hw_sample sample; /* borrows what follows */
	uint64_t regs[HW_SAMPLE_REGS_MAX];
	uint8_t *stack;
	struct hw_frames expected; /* avma and kind */
	HW_VEC(struct stack_difference) differences;
};

/* What the registers and stacks of this machine are called; "" where there is no unwinder. */
const char *stack_fixture_arch(void);

/* -1 with err naming the line. A fixture of another architecture is read up to its arch line only. */
int stack_fixture_read(struct stack_fixture *fixture, const char *path, struct hw_err *err) HW_CHECKED;
void stack_fixture_fini(struct stack_fixture *fixture);

#endif
