/* Old kernels, odd PMUs and small privileges: ask for the best attr, then give up one thing at a time. */
#ifndef HW_EVENT_STEP_DOWN_H
#define HW_EVENT_STEP_DOWN_H

#include "base/buf.h"
#include "event/attr.h"

/* Does the event happen in the kernel only, so that it reads 0 for ever where that is left out (exclude_kernel)? */
bool hw_event_is_kernels_own(const struct perf_event_attr *attr);

/* 0, or -1 with HW_ERR_EVENT when the event is such a one, of which only user code is asked for. */
int hw_event_check_level(const struct hw_event *event, struct hw_err *err) HW_CHECKED;

/* Opening the event failed with this errno: weaken its attr by the one thing most likely to be the cause and say in
 * `note` (appended, a sentence without full stop) what the profile lacks for it; the note stays empty for what nobody
 * misses. Returns true when another try makes sense, false when nothing is left to give up. What was asked for by
 * name is never given up: kernel samples wanted with -k or :k, or of what happens in the kernel only, a precise level
 * (it goes down, noted), the event itself unless it is the default, which falls back to cpu-clock. */
bool hw_event_step_down(struct hw_event *event, int open_errno, struct hw_buf *note);

/* Only x86's drivers refuse precise levels they do not have; Arm's take any and do not heed it. Take the level back where
 * no PMU in root (event/pmu.h's HW_PMU_ROOT) says that it has any, by its caps/max_precise
 * (Documentation/ABI/testing/sysfs-bus-event_source-devices-caps). Of an event that has opened. */
void hw_event_drop_ignored_precise(struct hw_event *event, const char *root);

/* Append what precise level the opened event has, when it is not the one asked for. */
void hw_event_note_precise(const struct hw_event *event, struct hw_buf *note);

/* Does the errno of a failed open say that this machine does not have the event (no PMU, not supported)? */
bool hw_event_is_absent(int open_errno);

#endif
