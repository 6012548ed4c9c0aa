# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# How the outcome of a guest is called.  Sourced after lib.sh by what boots guests,
# never run.  $out holds console.log and verdict.log, $label is what to call the run.

# call OUTCOME WHY... - the last word
call() {
	local outcome=$1

	shift
	printf '%s\n' "$outcome" >"${out:?}/outcome"
	printf 'prmem: %s: %s%s (%s)\n' "${label:?}" "$outcome" "${*:+, $*}" "$out" >&2
	[[ $outcome == pass ]]
	exit
}

# first KIND - what console-check says first of that kind
first() {
	sed -n "/^$1: /{ s///p; q }" "$out/reports" | cut -c1-160
}

# judge STOPPED WHY EXPECT - call the outcome
#
# STOPPED is the outcome of a run that the guest did not end itself, WHY in words, and
# empty if it did.  EXPECT is a file with the names of rows that must be there, or empty.
judge() {
	local stopped=$1 why=$2 expect=$3 console=0 verdict=0

	touch "$out/console.log" "$out/verdict.log"
	"$TOP/tools/console-check" "$out/console.log" >"$out/reports" || console=$?
	"$TOP/tools/verdict-check" "$out/verdict.log" ${expect:+"$expect"} \
		>"$out/rows.tsv" || verdict=$?
	((console <= 3 && verdict <= 2)) || die "the logs in $out cannot be judged."

	((console != 3)) || call panic "$(first panic)"
	[[ -z $stopped ]] || call "$stopped" "$why"
	((console != 1)) || call warning "$(first unexpected)"
	((verdict != 2)) || call 'no verdict' "the guest ended early"
	((console != 2)) || call fail "$(first missing)"
	((verdict != 1)) || call fail "$(grep -c '^fail' "$out/rows.tsv") rows: $(grep -m1 '^fail' "$out/rows.tsv" | cut -f2-3 | tr '\t' ' ')"
	call pass "$(grep -c '^pass' "$out/rows.tsv") rows"
}
