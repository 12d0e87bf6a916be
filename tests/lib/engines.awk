# What `unwind_tool compare` printed: one row of it, and status 1 where the engines did not do as they should.
#
#	name		what was recorded
#	samples_min	samples there have to be (10)
#	explained_max	percent of them that may differ for a known reason (0.5)
#	without_rules	1: any number may, for that libunwind is not given .debug_frame; libdw still finds all
#	complete_min	percent that have to reach their root (99.5)
#	cut_max		percent that end with the copy and count as complete all the same (0)
#
# All others have to be the same by every engine, in 99.9 % of them.
BEGIN {
	if (!samples_min) samples_min = 10
	if (explained_max == "") explained_max = 0.5
	if (!complete_min) complete_min = 99.5
}
/^samples / { all = $2; same = $4; different = $6; frames = $8 }
/^not the same: / {
	if (/ libunwind is not given \.debug_frame/) no_rules += $4
	else if (!/ unexplained$/) explained += $4
}
/^auto ended / {
	cause = $0
	sub(/^auto ended /, "", cause)
	sub(/: [0-9]*$/, "", cause)
	if (cause == "root" || cause == "kernel only") whole += $NF
	else {
		others = others (others ? ", " : "") cause " " $NF
		if (cause == "truncated") cut += $NF
	}
}
END {
	if (all + 0 < samples_min) {
		print name ": " all + 0 " samples, too few"
		exit 1
	}
	named = without_rules ? no_rules : 0
	explained += no_rules - named
	cut_counted = cut > cut_max * all / 100 ? cut_max * all / 100 : cut
	printf "%-14s %6d %7.1f %8.2f %8.2f %8.2f %8.2f  %s\n", name, all, frames / all, 100 * same / all, 100 * named / all,
		100 * explained / all, 100 * whole / all, others
	if (explained > explained_max * all / 100)
		bad = explained " samples differ for a reason that is known, but not so often"
	else if (same < 0.999 * (all - named - explained))
		bad = different " samples differ"
	else if (whole + cut_counted < complete_min * all / 100)
		bad = "incomplete stacks"
	if (bad) {
		print name ": " bad
		exit 1
	}
}
