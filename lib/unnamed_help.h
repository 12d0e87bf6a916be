/* What would name the code of a recording that stayed without function names, and why it did. */
#ifndef HW_UNNAMED_HELP_H
#define HW_UNNAMED_HELP_H

#include "dso/dso.h"
#include "profile/profile.h"

/* Add to the profile's quality, for each file whose unnamed code takes part in more than 1 % of the first event's value,
 * why its functions have no names and what to do about it: the package to install, by this machine's package lists,
 * or the server to ask. dso_of_mapping as for hw_symbolise, which comes before. */
void hw_unnamed_help_add(struct hw_profile *profile, struct hw_dso *const *dso_of_mapping);

#endif
