/* C++ and Rust names as people write them. */
#ifndef HW_DSO_DEMANGLE_H
#define HW_DSO_DEMANGLE_H

#include "base/arena.h"

/* The name in source form: "std::vector<int>::push_back(int&&)" for C++ (parameters, no return type), with
 * " [clone .cold]" for what compilers append; "core::fmt::write" for Rust, without its hash. Owned by the arena.
 * NULL when the name is not mangled, is longer than libiberty takes (1,023 bytes for C++, where it guards the
 * stack), nests too deeply, or comes out longer than 64 KiB. Reads: Itanium C++ ABI 5.1 "External Names", Rust
 * RFC 2603 and its legacy predecessor. */
const char *hw_demangle(const char *system_name, struct hw_arena *arena);

#endif
