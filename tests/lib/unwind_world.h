/* Stacks made by hand over code of the test's own program: registers and words set, and what each engine has to find.
 * For cmocka tests, which include cmocka.h before this. */
#ifndef HW_TESTS_UNWIND_WORLD_H
#define HW_TESTS_UNWIND_WORLD_H

#include "process/process.h"
#include "unwind/unwind.h"

#define STACK_AVMA UINT64_C(0x7ffff0000000)
#define RA HW_FRAME_RETURN_ADDRESS

/* This process: what its labels belong to. */
struct unwind_world {
	struct hw_dso_table *dsos;
	struct hw_process_table *processes;
	struct hw_process *process;
};

extern struct unwind_world world; /* between set_up and tear_down */
extern struct hw_frames frames;	  /* what the last unwinding found */

/* A sample in user code. Registers that are not set are 0; the stack pointer is STACK_AVMA. */
struct setting {
	const char *pc;
#if defined(__aarch64__)
	uint64_t x0, x8, x29, x30;
#else
	uint64_t rbp, rax, rdi;
#endif
	uint64_t words[96]; /* of the stack, from the stack pointer upwards */
	size_t word_count;
};

struct expected {
	size_t count;
	enum hw_stack_end end;
	struct {
		const char *label;
		enum hw_frame_kind kind;
	} at[8];
};

static inline uint64_t at(const char *label)
{
	return (uint64_t)(uintptr_t)label;
}

/* Unwind it, several times, so that caches answer too. */
void unwind(enum hw_unwind_method method, const struct setting *setting);

/* Unwind it and fail unless all is as expected; by every engine. */
void expect(enum hw_unwind_method method, const struct setting *setting, const struct expected *expected);
void expect_all(const struct setting *setting, const struct expected *expected);

/* cmocka's group fixtures. */
int set_up(void **state);
int tear_down(void **state);

#endif
