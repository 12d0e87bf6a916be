/* pprof's profile.proto, gzip'd: hwprof's own file and what most others write. */
#ifndef HW_FORMAT_PPROF_H
#define HW_FORMAT_PPROF_H

#include "format/format.h"

extern const struct hw_format hw_format_pprof;

/* Could these bytes be a gzip'd or plain profile? */
bool hw_pprof_probe(const void *data, size_t size);

/* Read a profile of any producer: gzip'd or plain, numbers packed or not, any ids. Kept as it is, with these
 * exceptions: samples with equal stacks and labels are added up, the labels of a sample are put in the order of
 * their keys, equal functions become one, and of labels with one key the first is kept (with a note in
 * quality.notes). Refused as pprof refuses them (HW_ERR_FORMAT): ids 0 or twice, a sample or line that refers
 * to what is not there, another number of values than sample types, time_nanos twice. */
struct hw_profile *hw_pprof_decode(const void *data, size_t size, struct hw_err *err);

/* Append the gzip'd profile. Texts that are not UTF-8 get U+FFFD for the broken bytes (proto3's strings must be
 * UTF-8), labels that are numbers without a unit get their key as the unit (pprof drops a 0 without one). */
int hw_pprof_encode(struct hw_buf *out, const struct hw_profile *profile, struct hw_err *err);

#endif
