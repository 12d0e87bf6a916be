#include "event/cpu.h"

#include "base/alloc.h"

#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

/* x86 takes up to 3 KiB for a CPU, and they are all alike: the first will do, and more take their time. AArch64 takes 200
 * bytes, and they may differ. */
#ifdef __x86_64__
#define CPUINFO_MAX_BYTES 4096
#else
#define CPUINFO_MAX_BYTES (256 * 1024)
#endif

/* Parts that are their own name in /proc/cpuinfo only as a number (MIDR_EL1.PartNum, the cores' technical reference
 * manuals). */
static const struct {
	uint32_t part;
	const char *name;
} arm_parts[] = {
	{ 0xd03, "Arm Cortex-A53" },  { 0xd04, "Arm Cortex-A35" },  { 0xd05, "Arm Cortex-A55" },
	{ 0xd07, "Arm Cortex-A57" },  { 0xd08, "Arm Cortex-A72" },  { 0xd09, "Arm Cortex-A73" },
	{ 0xd0a, "Arm Cortex-A75" },  { 0xd0b, "Arm Cortex-A76" },  { 0xd0c, "Arm Neoverse N1" },
	{ 0xd0d, "Arm Cortex-A77" },  { 0xd40, "Arm Neoverse V1" }, { 0xd41, "Arm Cortex-A78" },
	{ 0xd44, "Arm Cortex-X1" },   { 0xd46, "Arm Cortex-A510" }, { 0xd47, "Arm Cortex-A710" },
	{ 0xd48, "Arm Cortex-X2" },   { 0xd49, "Arm Neoverse N2" }, { 0xd4a, "Arm Neoverse E1" },
	{ 0xd4f, "Arm Neoverse V2" },
};

/* The value of the line if its key is this one, else NULL. "key\t: value". */
static const char *value_of(const char *line, const char *key)
{
	const size_t length = strlen(key);

	if (strncmp(line, key, length) != 0)
		return NULL;
	line += length;
	line += strspn(line, " \t");
	if (*line++ != ':')
		return NULL;
	return line + strspn(line, " \t");
}

static void take_number(uint32_t *to, const char *line, const char *key)
{
	const char *value = value_of(line, key);

	if (value && isdigit((unsigned char)*value))
		*to = (uint32_t)strtoul(value, NULL, 0);
}

static void take_text(char *to, size_t size, const char *line, const char *key)
{
	const char *value = value_of(line, key);

	if (value)
		hw_copy_text(to, size, value);
}

static bool has_word(const char *words, const char *word)
{
	const size_t length = strlen(word);

	while (*words) {
		const size_t span = strcspn(words, " ");

		if (span == length && memcmp(words, word, length) == 0)
			return true;
		words += span + (words[span] == ' ');
	}
	return false;
}

static void take_line(struct hw_cpu *cpu, const char *line)
{
	const char *flags = value_of(line, "flags");

	take_text(cpu->vendor, sizeof cpu->vendor, line, "vendor_id");
	take_text(cpu->name, sizeof cpu->name, line, "model name");
	take_number(&cpu->family, line, "cpu family");
	take_number(&cpu->model, line, "model");
	take_number(&cpu->stepping, line, "stepping");
	take_text(cpu->vendor, sizeof cpu->vendor, line, "CPU implementer");
	take_number(&cpu->model, line, "CPU part");
	take_number(&cpu->stepping, line, "CPU revision");
	cpu->is_virtual |= flags && has_word(flags, "hypervisor");
}

/* Of a later CPU: only whether it is of another kind. */
static void compare_line(struct hw_cpu *cpu, const char *line)
{
	uint32_t part = cpu->model;

	take_number(&part, line, "CPU part");
	cpu->is_mixed |= part != cpu->model;
}

static void name_arm_part(struct hw_cpu *cpu)
{
	for (size_t i = 0; i < HW_COUNT_OF(arm_parts); i++)
		if (!*cpu->name && strcmp(cpu->vendor, "0x41") == 0 && arm_parts[i].part == cpu->model)
			hw_copy_text(cpu->name, sizeof cpu->name, arm_parts[i].name);
}

void hw_cpu_parse(struct hw_cpu *cpu, const char *cpuinfo)
{
	unsigned cpus = 0;

	*cpu = (struct hw_cpu){ 0 };
	while (*cpuinfo) {
		const size_t length = strcspn(cpuinfo, "\n");
		HW_AUTO(hw_freep) char *line = hw_strndup(cpuinfo, length);

		cpus += value_of(line, "processor") != NULL;
		if (cpus <= 1)
			take_line(cpu, line);
		else
			compare_line(cpu, line);
		cpuinfo += length + (cpuinfo[length] == '\n');
	}
	name_arm_part(cpu);
}

void hw_cpu_read(struct hw_cpu *cpu, const char *root)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/proc/cpuinfo", root);
	HW_AUTO(hw_freep) char *text = hw_alloc(CPUINFO_MAX_BYTES + 1, 1);
	HW_AUTO(hw_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t got;

	while (fd >= 0 && size < CPUINFO_MAX_BYTES &&
	       (got = read(fd, text + size, CPUINFO_MAX_BYTES - size)) > 0)
		size += (size_t)got;
	hw_cpu_parse(cpu, text);
}
