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
%ended copy too short@/opt/app=250
%ended no unwind information@/opt/stripped.so=90
%ended copy too short=50
%frames kernel=1000
%frames CFI=8500
%frames frame pointer=500
%dropped address in no mapping=4
%event cycles=990
%event cache-misses=0
%unnamed /opt/stripped.so - it is stripped|sudo apt install stripped-dbgsym
%note the ring of each CPU was halved to 256 KiB: locked memory limit
main;f 790 790000000
main;0x1234!/opt/stripped.so 180 180000000
main;0x1234!/opt/stripped.so;0x5!/opt/other.so 20 20000000
main;0x1234!/opt/stripped.so;f 0 0
END
make_profile "alloc_objects/count alloc_space/bytes" heap.pb.gz <<'END'
%comment made by a test
main;f 3 3000000
END
# Events: one that never ran, one whose samples do not add up, one that samples too much, and a lower precise level.
make_profile "a_samples/count a/count b_samples/count b/count c_samples/count c/count d_samples/count d/count" events.pb.gz <<'END'
%samples 2600
%complete 2600
%lost 20
%throttles 2
%event a=1000 events=900000 enabled=5 running=5 counted=1000000 lost=20 throttles=2
%event b=600 events=1100000 enabled=5 running=5 counted=1000000 precise_asked=3 precise=1 exact=60
%event c=0 enabled=5
%event d=1000 events=900000 enabled=5 running=5 counted=1000000
f 1000 900000 600 1100000 0 0 1000 900000
END
# All is well: one line; with --quality a table.
make_profile "a_samples/count a/count b_samples/count b/count" well.pb.gz <<'END'
%samples 2000
%complete 2000
%event a=1000 events=1000000 enabled=5 running=5 counted=1000000 precise_asked=2 precise=2 exact=982
%event b=1000 events=990000 enabled=5 running=5 counted=1000000
f 1000 1000000 1000 990000
END
show bad.pb.gz
show events.pb.gz
show well.pb.gz
show well.pb.gz --quality
show bad.pb.gz --quality
show bad.pb.gz --quality --focus other
show heap.pb.gz
show bad.pb.gz --json -n 1
expect_shown
