/* The chain deep_02 -> deep_03 -> ... -> deep_60, the last of which works: with main in front, sixty functions.
 * Frames differ in size and in the registers they save, as those of real programs do. Compiled once into the program
 * (deep60.c calls it) and once into a shared library (deep60_dlopen.c loads it). */
#include "deep60.h"

/* A frame: some of the stack, a call that is no tail call. */
#define DEEP(name, next, words)                                \
	KEPT uint64_t name(uint64_t x, uint64_t iterations);   \
	KEPT uint64_t name(uint64_t x, uint64_t iterations)    \
	{                                                      \
		uint64_t room[words] = { x };                  \
                                                               \
		__asm__ volatile("" : : "r"(room) : "memory"); \
		x = next(x + 1, iterations) ^ room[(words)-1]; \
		__asm__ volatile("" : "+r"(x));                \
		return x;                                      \
	}

SPIN_FUNCTION(deep_60)
DEEP(deep_59, deep_60, 5)
DEEP(deep_58, deep_59, 12)
DEEP(deep_57, deep_58, 2)
DEEP(deep_56, deep_57, 1)
DEEP(deep_55, deep_56, 9)
DEEP(deep_54, deep_55, 4)
DEEP(deep_53, deep_54, 6)
DEEP(deep_52, deep_53, 2)
DEEP(deep_51, deep_52, 3)
DEEP(deep_50, deep_51, 1)
DEEP(deep_49, deep_50, 5)
DEEP(deep_48, deep_49, 12)
DEEP(deep_47, deep_48, 2)
DEEP(deep_46, deep_47, 1)
DEEP(deep_45, deep_46, 9)
DEEP(deep_44, deep_45, 4)
DEEP(deep_43, deep_44, 6)
DEEP(deep_42, deep_43, 2)
DEEP(deep_41, deep_42, 3)
DEEP(deep_40, deep_41, 1)
DEEP(deep_39, deep_40, 5)
DEEP(deep_38, deep_39, 12)
DEEP(deep_37, deep_38, 2)
DEEP(deep_36, deep_37, 1)
DEEP(deep_35, deep_36, 9)
DEEP(deep_34, deep_35, 4)
DEEP(deep_33, deep_34, 6)
DEEP(deep_32, deep_33, 2)
DEEP(deep_31, deep_32, 3)
DEEP(deep_30, deep_31, 1)
DEEP(deep_29, deep_30, 5)
DEEP(deep_28, deep_29, 12)
DEEP(deep_27, deep_28, 2)
DEEP(deep_26, deep_27, 1)
DEEP(deep_25, deep_26, 9)
DEEP(deep_24, deep_25, 4)
DEEP(deep_23, deep_24, 6)
DEEP(deep_22, deep_23, 2)
DEEP(deep_21, deep_22, 3)
DEEP(deep_20, deep_21, 1)
DEEP(deep_19, deep_20, 5)
DEEP(deep_18, deep_19, 12)
DEEP(deep_17, deep_18, 2)
DEEP(deep_16, deep_17, 1)
DEEP(deep_15, deep_16, 9)
DEEP(deep_14, deep_15, 4)
DEEP(deep_13, deep_14, 6)
DEEP(deep_12, deep_13, 2)
DEEP(deep_11, deep_12, 3)
DEEP(deep_10, deep_11, 1)
DEEP(deep_09, deep_10, 5)
DEEP(deep_08, deep_09, 12)
DEEP(deep_07, deep_08, 2)
DEEP(deep_06, deep_07, 1)
DEEP(deep_05, deep_06, 9)
DEEP(deep_04, deep_05, 4)
DEEP(deep_03, deep_04, 6)

uint64_t deep_02(uint64_t x, uint64_t iterations)
{
	x = deep_03(x + 1, iterations);
	__asm__ volatile("" : "+r"(x));
	return x;
}
