/* The bytes of code around an address: of the file, or, where there is none, of the process's own memory. */
#ifndef HW_UNWIND_CODE_BYTES_H
#define HW_UNWIND_CODE_BYTES_H

#include "unwind/walk.h"

/* What is read: this many bytes in front of an address, and from it on. */
#define HW_CODE_BYTES_BEFORE 24
#define HW_CODE_BYTES_AFTER 40

struct hw_code_bytes {
	uint8_t bytes[HW_CODE_BYTES_BEFORE + HW_CODE_BYTES_AFTER];
};

/* What code at an address is, once its bytes have been looked at. */
enum hw_code_kind {
	HW_CODE_UNREADABLE,
	HW_CODE_BEHIND_CALL, /* a call ends there */
	HW_CODE_NOT_BEHIND_CALL,
	HW_CODE_IN_FRAME, /* its function's frame is made, or nothing speaks against it */
	HW_CODE_FP_LIVE,  /* the frame is not made, or gone: the frame pointer is the caller's */
	HW_CODE_FP_SAVED, /* the frame is half made: the caller's frame pointer lies below the return address */
};

struct hw_code {
	enum hw_code_kind kind;
	uint8_t return_offset; /* FP_LIVE, FP_SAVED: of the return address, from the stack pointer */
};

/* What was found out lately, by process and address. JIT compilers replace code: it holds for a second. */
#define HW_CODE_CACHE_SIZE 4096
struct hw_code_cache {
	struct hw_code_known {
		uint64_t key; /* of address and question */
		uint64_t time_ns;
		uint32_t pid;
		struct hw_code code;
	} at[HW_CODE_CACHE_SIZE];
};

/* Is a return address one: does it stand behind a call (or, as a signal handler's does, in front of sigreturn)? */
enum hw_code_kind hw_code_of_return(const struct hw_walk *walk, uint64_t return_avma);

/* Where in its function is the interrupted instruction, as to the frame? */
struct hw_code hw_code_of_leaf(const struct hw_walk *walk, uint64_t pc_avma);

/* Does a function that made a call do nothing after it but return, without a frame pointer? Then HW_CODE_FP_LIVE. */
struct hw_code hw_code_behind_call(const struct hw_walk *walk, uint64_t return_avma);

#endif
