/* Values with units, as typed and as shown. */
#ifndef HW_BASE_UNITS_H
#define HW_BASE_UNITS_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/* Parsers of a whole text; 0 on success, -1 with err naming the text and the accepted form. */
int hw_parse_u64(uint64_t *value, const char *text, struct hw_err *err) HW_CHECKED;
/* "10", "10s", "1.5s", "200ms", "50us", "2m", "1h"; a bare number is seconds. Up to 100 years. */
int hw_parse_duration(uint64_t *ns, const char *text, struct hw_err *err) HW_CHECKED;
/* "4096", "64k", "64KiB", "4MiB", "1G": powers of 1024. */
int hw_parse_size(uint64_t *bytes, const char *text, struct hw_err *err) HW_CHECKED;
/* "997", "1k", "1kHz": powers of 1000, at least 1. */
int hw_parse_freq(uint64_t *hz, const char *text, struct hw_err *err) HW_CHECKED;

/* "1.23 s", "45.6 ms", "789 ns". */
void hw_print_duration(struct hw_buf *buf, double ns);
/* "1.2 MiB", "512 B". */
void hw_print_size(struct hw_buf *buf, double bytes);
/* A value of a profile in its unit: "1.23s" for nanoseconds, "12.3MiB" for bytes, "1.23G" for counts. */
void hw_print_value(struct hw_buf *buf, int64_t value, const char *unit);

#endif
