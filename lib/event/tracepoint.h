/* Tracepoints: the number tracefs gives each (Documentation/trace/events.rst in the kernel). */
#ifndef HW_EVENT_TRACEPOINT_H
#define HW_EVENT_TRACEPOINT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/nearest.h"

#include <stdbool.h>
#include <stdint.h>

/* Where tracefs may be mounted: a list ended by NULL, the first that is there is taken. */
#define HW_TRACEPOINT_ROOTS "/sys/kernel/tracing", "/sys/kernel/debug/tracing", NULL

/* Is the name of the form system:event? */
bool hw_tracepoint_name_ok(const char *name);

/* The root that is mounted and may be searched. NULL when tracefs is not mounted (HW_ERR_EVENT) or may not be read
 * (HW_ERR_PERMISSION), with what to do as hint. */
const char *hw_tracepoint_root(const char *const *roots, struct hw_err *err) HW_CHECKED;

/* attr.config of the tracepoint "system:event". 1 when found; 0 when tracefs can be read and has none of this name;
 * -1 as hw_tracepoint_root. */
int hw_tracepoint_find(uint64_t *id, const char *const *roots, const char *name, struct hw_err *err)
	HW_CHECKED;

/* Append what each sample of a tracepoint carries, "char comm[16], pid_t pid", without the fields that all have. False
 * when tracefs does not say. The second takes the text of a format file. */
bool hw_tracepoint_fields(struct hw_buf *fields, const char *root, const char *name);
void hw_tracepoint_fields_parse(struct hw_buf *fields, const char *text);

/* Offer the tracepoints of the same system, or of all when there is no such system. */
void hw_tracepoint_offer(struct hw_nearest *nearest, const char *const *roots, const char *name);

#endif
