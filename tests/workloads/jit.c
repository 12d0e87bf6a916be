/* jit [SECONDS] MODE: code made at run time, in anonymous memory: jit_outer calls jit_first, jit_second or jit_third, which
 * spin. What is said about it depends on MODE:
 *	none	nothing
 *	map	/tmp/perf-PID.map: each function has a place of its own
 *	bare	the same, and jit_outer keeps no frame pointer, like the trampolines of Python 3.12 (x86-64)
 *	reuse	as map, but the three take turns at one place: the map cannot tell which was there when
 *	dump	jit-PID.dump here, written at the end, as from a buffer: jit_first, jit_second and jit_third follow each
 *		other at one place, and jit_second is moved to another in between */
#include "truth.h"

#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGION_BYTES 65536
#define OUTER_OFFSET 0
#define PLACE_OFFSET(n) (4096 * ((n) + 1))
#define CHUNK 200000

#if defined(__x86_64__)
#define MACHINE 62 /* EM_X86_64 */
static const uint8_t spin_code[] = {
	0x55,					  /* push %rbp */
	0x48, 0x89, 0xe5,			  /* mov %rsp, %rbp */
	0x48, 0x89, 0xf8,			  /* mov %rdi, %rax */
	0x48, 0x69, 0xc0, 0x05, 0x4b, 0x67, 0x41, /* imul $0x41674b05, %rax, %rax */
	0x48, 0xff, 0xce,			  /* dec %rsi */
	0x75, 0xf4,				  /* jne to the imul */
	0x5d, 0xc3,				  /* pop %rbp; ret */
};
static const uint8_t outer_code[] = {
	0x55,		  /* push %rbp */
	0x48, 0x89, 0xe5, /* mov %rsp, %rbp */
	0xff, 0xd2,	  /* call *%rdx */
	0x5d, 0xc3,	  /* pop %rbp; ret */
};
static const uint8_t bare_outer_code[] = {
	0x48, 0x83, 0xec, 0x08, /* sub $8, %rsp */
	0xff, 0xd2,		/* call *%rdx */
	0x48, 0x83, 0xc4, 0x08, /* add $8, %rsp */
	0xc3,			/* ret */
};
#elif defined(__aarch64__)
#define MACHINE 183 /* EM_AARCH64 */
static const uint32_t spin_code[] = {
	0xa9bf7bfd, /* stp x29, x30, [sp, #-16]! */
	0x910003fd, /* mov x29, sp */
	0x9b010400, /* madd x0, x0, x1, x1 */
	0xf1000421, /* subs x1, x1, #1 */
	0x54ffffc1, /* b.ne to the madd */
	0xa8c17bfd, /* ldp x29, x30, [sp], #16 */
	0xd65f03c0, /* ret */
};
static const uint32_t outer_code[] = {
	0xa9bf7bfd, /* stp x29, x30, [sp, #-16]! */
	0x910003fd, /* mov x29, sp */
	0xd63f0040, /* blr x2 */
	0xa8c17bfd, /* ldp x29, x30, [sp], #16 */
	0xd65f03c0, /* ret */
};
#define bare_outer_code outer_code
#else
#error "no code for this architecture"
#endif

typedef uint64_t (*outer_fn)(uint64_t x, uint64_t iterations, const void *inner);

static uint8_t *region;
static FILE *said; /* the map, or what will be the dump */

static void *put_code(size_t offset, const void *code, size_t size)
{
	memcpy(region + offset, code, size);
	__builtin___clear_cache((char *)region + offset, (char *)region + offset + size);
	return region + offset;
}

/* --- The map -------------------------------------------------------------------------------------------------- */

static void map_entry(const void *code, size_t size, const char *name)
{
	fprintf(said, "%" PRIxPTR " %zx %s\n", (uintptr_t)code, size, name);
}

/* --- The dump: tools/perf/Documentation/jitdump-specification.txt in Linux ------------------------------------ */

static void put32(uint32_t value)
{
	fwrite(&value, sizeof value, 1, said);
}

static void put64(uint64_t value)
{
	fwrite(&value, sizeof value, 1, said);
}

static void dump_header(void)
{
	put32(0x4a695444); /* "JiTD" */
	put32(1);
	put32(40);
	put32(MACHINE);
	put32(0);
	put32((uint32_t)getpid());
	put64(wall_ns());
	put64(0);
}

static void record_header(uint32_t id, size_t body_size)
{
	put32(id);
	put32((uint32_t)(16 + body_size));
	put64(wall_ns());
}

/* JIT_CODE_DEBUG_INFO: one line of jit.lang for all of the code. */
static void dump_line(const void *code, uint32_t line)
{
	static const char file[] = "/source/jit.lang";

	record_header(2, 16 + 16 + sizeof file);
	put64((uintptr_t)code);
	put64(1);
	put64((uintptr_t)code);
	put32(line);
	put32(0);
	fwrite(file, sizeof file, 1, said);
}

/* JIT_CODE_LOAD */
static void dump_load(const void *code, size_t size, uint64_t index, const char *name)
{
	record_header(0, 40 + strlen(name) + 1 + size);
	put32((uint32_t)getpid());
	put32((uint32_t)getpid());
	put64((uintptr_t)code);
	put64((uintptr_t)code);
	put64(size);
	put64(index);
	fwrite(name, strlen(name) + 1, 1, said);
	fwrite(code, size, 1, said);
}

/* JIT_CODE_MOVE */
static void dump_move(const void *from, const void *to, size_t size, uint64_t index)
{
	record_header(1, 48);
	put32((uint32_t)getpid());
	put32((uint32_t)getpid());
	put64((uintptr_t)to);
	put64((uintptr_t)from);
	put64((uintptr_t)to);
	put64(size);
	put64(index);
}

/* Write the buffer to jit-PID.dump. It has been mapped executable from the start: that is how profilers know. */
static void finish_dump(const char *path, const char *buffer, size_t size)
{
	FILE *file = fopen(path, "r+");

	if (!file || fwrite(buffer, size, 1, file) != 1 || fclose(file) != 0)
		exit(1);
}

static void mark_dump(const char *path)
{
	FILE *file = fopen(path, "w+");

	/* A page of a file of no bytes can be mapped, though not read. */
	if (!file || mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(file), 0) == MAP_FAILED)
		exit(1);
	fclose(file);
}

/* --- Work ----------------------------------------------------------------------------------------------------- */

static uint64_t sink;

/* CPU time of that many seconds in a function called through jit_outer. */
static uint64_t spend(const void *inner, double seconds)
{
	const outer_fn outer = (outer_fn)(uintptr_t)(region + OUTER_OFFSET);
	const uint64_t before_ns = thread_cpu_ns();
	uint64_t now_ns;

	do {
		sink += outer(sink | 1, CHUNK, inner);
		now_ns = thread_cpu_ns();
	} while ((double)(now_ns - before_ns) < seconds * 1e9);
	return now_ns - before_ns;
}

/* One of the three, put where it belongs, and said. */
static const void *load(int number, const char *mode)
{
	static const char *const names[] = { "jit_first", "jit_second", "jit_third" };
	const int in_one_place = strcmp(mode, "dump") == 0 || strcmp(mode, "reuse") == 0;
	const void *code = put_code(PLACE_OFFSET(in_one_place ? 0 : number), spin_code, sizeof spin_code);

	if (strcmp(mode, "dump") == 0) {
		dump_line(code, 10 * (uint32_t)(number + 1));
		dump_load(code, sizeof spin_code, 100 + (uint64_t)number, names[number]);
	} else if (said) {
		map_entry(code, sizeof spin_code, names[number]);
	}
	return code;
}

static const void *move_second(const void *from)
{
	const void *to = put_code(PLACE_OFFSET(1), spin_code, sizeof spin_code);

	dump_move(from, to, sizeof spin_code, 101);
	return to;
}

int main(int argc, char **argv)
{
	const double seconds = seconds_of(argc, argv, 2);
	const char *mode = argc > 2 ? argv[2] : "none";
	const int is_dump = strcmp(mode, "dump") == 0;
	char *buffer = NULL;
	size_t size = 0, outer_size;
	uint64_t spent_ns[3];
	const void *code;
	char path[64];

	snprintf(path, sizeof path, is_dump ? "jit-%d.dump" : "/tmp/perf-%d.map", (int)getpid());
	if (is_dump) {
		mark_dump(path);
		said = open_memstream(&buffer, &size);
		dump_header();
	} else if (strcmp(mode, "none") != 0) {
		said = fopen(path, "w");
	}
	region = mmap(NULL, REGION_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	if (region == MAP_FAILED || (!said && strcmp(mode, "none") != 0))
		return 1;
	if (strcmp(mode, "bare") == 0)
		put_code(OUTER_OFFSET, bare_outer_code, outer_size = sizeof bare_outer_code);
	else
		put_code(OUTER_OFFSET, outer_code, outer_size = sizeof outer_code);
	if (is_dump)
		dump_load(region + OUTER_OFFSET, outer_size, 1, "jit_outer");
	else if (said)
		map_entry(region + OUTER_OFFSET, outer_size, "jit outer, with blanks");

	spent_ns[0] = spend(load(0, mode), 0.2 * seconds);
	code = load(1, mode);
	spent_ns[1] = spend(code, 0.3 * seconds);
	if (is_dump)
		code = move_second(code);
	spent_ns[1] += spend(code, 0.1 * seconds);
	spent_ns[2] = spend(load(2, mode), 0.4 * seconds);

	if (said && fclose(said) != 0)
		return 1;
	if (is_dump)
		finish_dump(path, buffer, size);
	printf("%" PRIx64 "\n", sink);
	print_truth("jit_first", spent_ns[0], thread_cpu_ns());
	print_truth("jit_second", spent_ns[1], thread_cpu_ns());
	print_truth("jit_third", spent_ns[2], thread_cpu_ns());
	if (truth_wanted())
		fprintf(stderr, "pid %d\n", (int)getpid());
	free(buffer);
	return 0;
}
