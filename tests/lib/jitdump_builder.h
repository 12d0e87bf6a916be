/* Jitdump files, record by record (tools/perf/Documentation/jitdump-specification.txt in Linux). */
#ifndef HW_TESTS_JITDUMP_BUILDER_H
#define HW_TESTS_JITDUMP_BUILDER_H

#include "base/buf.h"

#include <string.h>

static inline void jitdump_u32(struct hw_buf *file, uint32_t value)
{
	hw_buf_add(file, &value, sizeof value);
}

static inline void jitdump_u64(struct hw_buf *file, uint64_t value)
{
	hw_buf_add(file, &value, sizeof value);
}

static inline void jitdump_header(struct hw_buf *file, uint32_t pid, uint64_t flags)
{
	jitdump_u32(file, 0x4a695444);
	jitdump_u32(file, 1);
	jitdump_u32(file, 40);
	jitdump_u32(file, 62);
	jitdump_u32(file, 0);
	jitdump_u32(file, pid);
	jitdump_u64(file, 0);
	jitdump_u64(file, flags);
}

static inline void jitdump_record(struct hw_buf *file, uint32_t id, size_t body_size, uint64_t time_ns)
{
	jitdump_u32(file, id);
	jitdump_u32(file, (uint32_t)(16 + body_size));
	jitdump_u64(file, time_ns);
}

/* size bytes of code at avma; the bytes themselves are zeros. */
static inline void jitdump_load(struct hw_buf *file, uint32_t pid, uint64_t time_ns, uint64_t avma,
				uint32_t size, uint64_t index, const char *name)
{
	jitdump_record(file, 0, 40 + strlen(name) + 1 + size, time_ns);
	jitdump_u32(file, pid);
	jitdump_u32(file, pid);
	jitdump_u64(file, avma);
	jitdump_u64(file, avma);
	jitdump_u64(file, size);
	jitdump_u64(file, index);
	hw_buf_add(file, name, strlen(name) + 1);
	memset(hw_buf_reserve(file, size), 0, size);
	file->size += size;
}

static inline void jitdump_move(struct hw_buf *file, uint32_t pid, uint64_t time_ns, uint64_t to_avma,
				uint64_t size, uint64_t index)
{
	jitdump_record(file, 1, 48, time_ns);
	jitdump_u32(file, pid);
	jitdump_u32(file, pid);
	jitdump_u64(file, to_avma);
	jitdump_u64(file, 0);
	jitdump_u64(file, to_avma);
	jitdump_u64(file, size);
	jitdump_u64(file, index);
}

struct jitdump_line {
	uint64_t avma;
	uint32_t line, column;
	const char *file;
};

static inline void jitdump_lines(struct hw_buf *file, uint64_t time_ns, uint64_t avma,
				 const struct jitdump_line *lines, size_t count)
{
	size_t size = 16;

	for (size_t i = 0; i < count; i++)
		size += 16 + strlen(lines[i].file) + 1;
	jitdump_record(file, 2, size, time_ns);
	jitdump_u64(file, avma);
	jitdump_u64(file, count);
	for (size_t i = 0; i < count; i++) {
		jitdump_u64(file, lines[i].avma);
		jitdump_u32(file, lines[i].line);
		jitdump_u32(file, lines[i].column);
		hw_buf_add(file, lines[i].file, strlen(lines[i].file) + 1);
	}
}

#endif
