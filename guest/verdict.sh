# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What a drill uses to say what it found.  Sourced by the drill, which has the
# verdict channel on descriptor 3.

rows=0

# row RESULT NAME DETAIL - one line, whatever the detail is made of
row() {
	rows=$((rows + 1))
	printf '%s' "$1 $2${3:+ # $3}" | tr '\r\n' '  ' >&3
	echo >&3
}

# ok NAME [DETAIL] - it is as it must be
ok() {
	row ok "$1" "${2-}"
}

# not_ok NAME [DETAIL] - it is not
not_ok() {
	row "not ok" "$1" "${2-}"
}

# check NAME DETAIL CMD... - the row says whether CMD succeeds
check() {
	name=$1 detail=$2
	shift 2
	if "$@"; then
		ok "$name" "$detail"
	else
		not_ok "$name" "$detail"
	fi
}

# same NAME WANT GOT - the row says whether GOT is WANT
same() {
	if [ "$2" = "$3" ]; then
		ok "$1" "$3"
	else
		not_ok "$1" "wanted \"$2\", got \"$3\""
	fi
}

# remark TEXT - for whoever reads the log
remark() {
	echo "# $1" >&3
}

# end_verdict - the last line; without it there is no verdict
end_verdict() {
	echo "end $rows" >&3
}

# expect_report COUNT REGEX - the kernel will write COUNT reports that match
expect_report() {
	echo "prmem-expect: begin $1 $2" >/dev/kmsg
}

# expect_end - and that was all
expect_end() {
	echo "prmem-expect: end" >/dev/kmsg
}
