#include "format/pprof.h"

static const char *const endings[] = { ".pb.gz", ".pb", ".pprof", ".prof", NULL };

const struct hw_format hw_format_pprof = {
	.name = "pprof",
	.endings = endings,
	.probe = hw_pprof_probe,
	.decode = hw_pprof_decode,
	.encode = hw_pprof_encode,
};
