/* Where stacks of Go programs begin. Go's runtime moves between stacks of its own making, and its CFI does not say of
 * some functions that nobody called them, or that who did is on another stack, which no sample has a copy of. There a
 * stack ends (runtime/traceback.go knows the same as the top of stacks). */
#ifndef HW_UNWIND_GO_STACK_H
#define HW_UNWIND_GO_STACK_H

#include "base/vec.h"
#include "dso/elf.h"

struct hw_go_function {
	uint64_t start_svma, limit_svma;
};

/* Zeroed is of a file that is not Go's. */
struct hw_go_stack {
	HW_VEC(struct hw_go_function) roots; /* a dozen at most */
};

/* Look for the runtime's functions by name: in .symtab, which a stripped file lacks. */
void hw_go_stack_init(struct hw_go_stack *go, const struct hw_elf *elf);
void hw_go_stack_fini(struct hw_go_stack *go);

/* Does a stack begin with a frame that has called from here? svma: the byte before the return address. */
bool hw_go_stack_is_root(const struct hw_go_stack *go, uint64_t svma);

#endif
