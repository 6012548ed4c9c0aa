#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh source=guest/conditions.sh source=guest/outside.sh
#
# The second pass of KUnit.  The suites that are built in have run at boot, before
# the kernel write-protected itself; here they run again, protected, and the KTAP
# goes to the host as remarks.  With prmem_drill= on the command line it is first
# looked whether this boot is the one that it should be, see guest/conditions.sh.

. /verdict.sh
. /conditions.sh
. /outside.sh

suites=/sys/kernel/debug/kunit

# run_suite NAME - again, and hand the results over
run_suite() {
	echo again >"$suites/$1/run"
	sed 's/^/# ktap: /' "$suites/$1/results" >&3
	check "suite $1 ran again" "" grep -q "^ *# Subtest: $1\$" "$suites/$1/results"
}

# The kernels of tools/kunit are booted protected. One with CONFIG_PRMEM=n has
# neither attacks nor costs; tools/cost runs nothing but these.
if asked_for 'prmem_drill=[^ ]*'; then
	boot_log "$(drill_mode)"
	conditions
	outside "$(prmem_says)"
elif [ -d $suites/prmem_attack ] || [ -d $suites/prmem_cost ]; then
	outside active
else
	outside_off
fi
found=0
for suite in "$suites"/*; do
	[ -f "$suite/run" ] || continue
	found=$((found + 1))
	run_suite "${suite##*/}"
done
check "there are suites" "$found" [ "$found" -gt 0 ]
# Those of tools/matrix have tracepoints.
if asked_for 'prmem_drill=protected'; then
	outside_traces
fi

no_leaks
end_verdict
