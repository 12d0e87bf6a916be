#!/bin/sh
# What stands above a report: a clean recording, one with everything wrong, another tool's file.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/report.sh"

make_profile "samples/count cycles/count" bad.pb.gz <<'END'
%command ./app
%time_ns 1700000000000000000
%duration_ns 90000000000
%samples 990
%lost 20
%throttles 3
%complete 600
%truncated 300
%broken 90
%end copy too short=300
%end no unwind information=90
%dropped address in no mapping=4
%event cycles=990
%event cache-misses=0
%note the ring of each CPU was halved to 256 KiB: locked memory limit
main;f 790 790000000
main;0x1234!/opt/stripped.so 200 200000000
END
make_profile "alloc_objects/count alloc_space/bytes" heap.pb.gz <<'END'
%comment made by a test
main;f 3 3000000
END
show bad.pb.gz
show heap.pb.gz
show bad.pb.gz --json -n 1
expect_shown
