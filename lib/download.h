/* Debug information that this machine does not have, from debuginfod servers, before names are looked up. */
#ifndef HW_DOWNLOAD_H
#define HW_DOWNLOAD_H

#include "dso/debuginfod.h"
#include "dso/dso.h"
#include "profile/profile.h"

/* Ask for what the files with locations in the profile lack, those with most of them first. dso_of_mapping as for
 * hw_symbolise, which comes after. What went wrong becomes a note of the profile. */
void hw_download_debug_info(struct hw_debuginfod *debuginfod, struct hw_profile *profile,
			    struct hw_dso *const *dso_of_mapping);

#endif
