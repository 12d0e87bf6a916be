/* C: static functions, aliases, an IFUNC, hand-written assembly without a type, calls through the PLT. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int deep(int x)
{
	return x * 3 + 1;
}
static inline int deeper(int x)
{
	return deep(x) ^ deep(x + 1);
}
static __attribute__((noinline)) int local_function(int x)
{
	return deeper(x) + deeper(x * 2);
}

__attribute__((noinline)) int __aliased(int x)
{
	return local_function(x) - 1;
}
int aliased(int) __attribute__((weak, alias("__aliased")));

static int add_one(int x)
{
	return x + 1;
}
static int (*choose(void))(int)
{
	return add_one;
}
int chosen(int) __attribute__((ifunc("choose")));

#if defined(__x86_64__)
__asm__(".text\nasm_without_type: movl %edi, %eax\n\taddl $5, %eax\n\tret\n");
#elif defined(__aarch64__)
__asm__(".text\nasm_without_type: add w0, w0, #5\n\tret\n");
#endif
int asm_without_type(int);

int main(int argc, char **argv)
{
	char *copy = strdup(argv[0]);

	printf("%d %d %d %zu\n", aliased(argc), chosen(argc), asm_without_type(argc), strlen(copy));
	free(copy);
	return 0;
}
