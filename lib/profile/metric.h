/* What can be computed from a profile's values: the metrics of the recording machine's catalogue whose events were all
 * sampled. They travel with the profile, so that any machine can show them. */
#ifndef HW_PROFILE_METRIC_H
#define HW_PROFILE_METRIC_H

#include "base/vec.h"

/* Texts are owned. */
struct hw_profile_metric {
	char *name;	   /* "ipc" */
	char *title;	   /* "IPC" */
	char *description; /* "instructions per cycle" */
	char *unit;
	char *formula;		     /* base/formula.h */
	HW_VEC(char *) variables;    /* names in the formula, and for each: */
	HW_VEC(char *) sample_types; /* the sample type that it stands for */
};

void hw_profile_metric_fini(struct hw_profile_metric *metric);

#endif
