#!/bin/sh
# Names of libpfm4, for CPUs that need not be here (LIBPFM_FORCE_PMU): the codes that --dry-run prints are those of the
# vendors' manuals, and, for every event and unit mask of every PMU below, those that libpfm4 says itself. So no name is
# lost to our grammar, whose modifiers are made of letters that some unit masks are made of, too.
. "$top_srcdir/tests/lib/cli.sh"
[ "$(uname -m)" = x86_64 ] || skip x86 "libpfm4 has only this architecture's PMUs"

# codes: "TEXT TYPE CONFIG CONFIG1 CONFIG2" of each event of a dry run.
codes() {
	awk '
		function flush() { if (text != "") print text, type, config, config1, config2 }
		/^sideband / { flush(); text = "" }
		/^event / { flush(); text = $2; type = 0; config = config1 = config2 = "0x0"; next }
		$1 == "type" { type = $3 }
		$1 == "config" { config = $3 }
		$1 == "config1" { config1 = $3 }
		$1 == "config2" { config2 = $3 }
		END { flush() }'
}

# code PMU EVENT CONFIG [CONFIG1]: the vendor's own number: umask << 8 | event, inv 1 << 23, edge 1 << 18, cmask << 24 (Intel
# SDM vol. 3B, figure 20-1; AMD64 APM vol. 2, 13.2.1, whose event's upper bits are 35:32).
code() {
	LIBPFM_FORCE_PMU=$1 expect_ok "$HWPROF" record --dry-run -e "$2"
	want="$2 4 $3 ${4-0x0} 0x0"
	got=$(codes <"$work/stdout")
	[ "$got" = "$want" ] || fail "got '$got', not '$want'"
}

# Intel: perfmon events of each family.
code skl skl::INST_RETIRED:ANY_P 0xc0
code skl CPU_CLK_UNHALTED:THREAD_P 0x3c
code skl skl::MEM_LOAD_RETIRED:L3_MISS:precise=2 0x20d1
code skl MEM_LOAD_RETIRED:L1_MISS:u:period=2000003 0x8d1
code skl L2_RQSTS:MISS 0x3f24
code skl LONGEST_LAT_CACHE:MISS 0x412e
code skl LONGEST_LAT_CACHE:REFERENCE 0x4f2e
code skl BR_INST_RETIRED:ALL_BRANCHES 0xc4
code skl BR_MISP_RETIRED:ALL_BRANCHES:pp 0xc5
code skl DTLB_LOAD_MISSES:WALK_COMPLETED 0xe08
code skl IDQ_UOPS_NOT_DELIVERED:CORE 0x19c
code skl UOPS_ISSUED:ANY:c=1:i 0x180010e
code skl UOPS_ISSUED:ANY:c=1:i=1:uk 0x180010e
code skl UOPS_ISSUED:ANY:c=2:e=1 0x204010e
code skl UOPS_ISSUED:ANY:c=2:e 0x204010e
code skl MEM_TRANS_RETIRED:LOAD_LATENCY:ldlat=30:pp 0x1cd 0x1e
code hsw MEM_LOAD_UOPS_RETIRED:L3_MISS 0x20d1
code ivb MEM_LOAD_UOPS_RETIRED:L3_MISS 0x20d1
code nhm MEM_LOAD_RETIRED:LLC_MISS 0x10cb
code icx INST_RETIRED:ANY_P 0xc0
code spr MEM_LOAD_RETIRED:L2_MISS 0x10d1
# prefetch bits 13:12 = 3, all
code core L2_LINES_IN:SELF 0x7024
code core L2_LD:SELF:I_STATE 0x7129
# AMD: the processor programming references.
code amd64_fam17h_zen1 RETIRED_INSTRUCTIONS:u 0xc0
code amd64_fam17h_zen2 CYCLES_NOT_IN_HALT 0x76
code amd64_fam17h_zen2 RETIRED_BRANCH_INSTRUCTIONS_MISPREDICTED 0xc3
code amd64_fam19h_zen3 RETIRED_BRANCH_INSTRUCTIONS 0xc2
code amd64_fam19h_zen4 RETIRED_UCODE_INSTRUCTIONS 0x1000000c1
code amd64_fam19h_zen4 RETIRED_INSTRUCTIONS:c=1:i=1 0x18000c0

# As many events of a file in a dry run as an argument list takes well, all with the least of other work.
dry_run_all() {
	# shellcheck disable=SC2016 # for the inner shell
	cut -d ' ' -f 1 | xargs -n 25 sh -c '
		for event; do set -- "$@" -e "$event"; shift; done
		exec "$HWPROF" record --dry-run "$@"' sh
}
export HWPROF

total=0
for pmu in core nhm ivb bdw_ep skl icx spr knl slm amd64_fam10h_barcelona amd64_fam15h_interlagos amd64_fam16h \
	amd64_fam17h_zen1 amd64_fam17h_zen2 amd64_fam19h_zen3 amd64_fam19h_zen4; do
	export LIBPFM_FORCE_PMU=$pmu
	"$top_builddir/tests/lib/pfm_tool" $pmu >theirs
	dry_run_all <theirs >printed 2>errors || {
		cat errors
		fail "not every event of $pmu is taken"
	}
	codes <printed >ours
	diff -u theirs ours >difference || {
		head -n 20 difference
		fail "$pmu: libpfm4 (-) and hwprof (+) differ"
	}
	count=$(grep -c . <ours)
	[ "$count" -ge 40 ] || fail "only $count events of $pmu"
	total=$((total + count))
done
echo "$total events agree with libpfm4"
