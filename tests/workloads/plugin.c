/* A plugin of dlopen_close: one function, named by the build (-DPLUGIN=plugin_a). */
#include "truth.h"

SPIN_FUNCTION(PLUGIN)
