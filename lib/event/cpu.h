/* Which CPU this is: what chooses a table of events/. */
#ifndef HW_EVENT_CPU_H
#define HW_EVENT_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* x86: vendor, family, model, stepping of CPUID. AArch64: implementer and part of MIDR_EL1, as /proc/cpuinfo has them. */
struct hw_cpu {
	char vendor[16]; /* "GenuineIntel", "AuthenticAMD", "0x41" */
	uint32_t family; /* 0 on AArch64 */
	uint32_t model;	 /* part on AArch64 */
	uint32_t stepping;
	char name[96];	 /* for people; "" when unknown */
	bool is_mixed;	 /* AArch64: cores of several kinds (big.LITTLE) */
	bool is_virtual; /* x86: runs under a hypervisor */
};

/* From the text of /proc/cpuinfo: its first CPU. What is not in the text stays zero. */
void hw_cpu_parse(struct hw_cpu *cpu, const char *cpuinfo);

/* Read root/proc/cpuinfo: "" is this machine. What cannot be read stays zero. */
void hw_cpu_read(struct hw_cpu *cpu, const char *root);

#endif
