#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest in which IMA measures three programs.  From PRMEM_SHOW on something makes the
# measurement fail that comes next, see tests/ima-failure.

. /verdict.sh

ima=/sys/kernel/security/ima

# listed NAME - how often
listed() {
	grep -c " /steps/$1\$" $ima/ascii_runtime_measurements
}

# run NAME - a program that nobody has run before
run() {
	cp /bin/busybox "/steps/$1"
	echo "$1" >>"/steps/$1"
	"/steps/$1" true
}

mount -t securityfs securityfs /sys/kernel/security
mkdir /steps
run before
same "the first program is listed once" 1 "$(listed before)"
echo PRMEM_SHOW >/sys/kernel/debug/provoke-crash/DIRECT
run meanwhile
run after
same "the program in the middle ran, and is listed once" 1 "$(listed meanwhile)"
same "the last program is listed once" 1 "$(listed after)"
same "as many as are counted" "$(cat $ima/runtime_measurements_count)" \
	"$(wc -l <$ima/ascii_runtime_measurements)"
same "the binary list is whole" "" "$(cat $ima/binary_runtime_measurements 2>&1 >/dev/null)"
end_verdict
