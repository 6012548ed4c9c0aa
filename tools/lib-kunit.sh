# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tools/kunit and tools/matrix share.  Sourced after lib.sh; $tree is the
# kernel tree.

# kunit_py ARGS... - kunit.py, with the bytecode kept out of the tree
kunit_py() {
	: "${tree:?}"
	PYTHONDONTWRITEBYTECODE=1 "$tree/tools/testing/kunit/kunit.py" "$@"
}

# boot_ktap CONSOLE - what the suites said while the kernel started
#
# Without what interrupts had to say: a tick that came late, in between two lines that
# belong together, and kunit.py loses its thread.
boot_ktap() {
	sed -E '/^\[[ .0-9]+\]\[ *C[0-9]+\] /d' "$1"
}

# again_ktap VERDICT - the KTAP that guest/kunit.sh has sent as remarks
#
# Suites come as documents of one test each; number them through.
again_ktap() {
	tr -d '\r' <"$1" | sed -n 's/^# ktap: //p' |
		awk '/^KTAP version/ || /^1\.\.1$/ { next }
		/^(not )?ok 1 / { n++; sub(/ok 1 /, "ok " n " ") }
		{ line[NR] = $0 }
		END {
			print "KTAP version 1"
			print "1.." n + 0
			for (i = 1; i <= NR; i++)
				if (i in line)
					print line[i]
		}'
}
