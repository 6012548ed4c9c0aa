# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The kernel's own selftests, from its tree as they are, with its own runner.
# Sourced by a drill, after verdict.sh.

selftests=/selftests

# selftest COLLECTION:TEST... - a row for each; the runner says "ok N selftests: ..."
selftest() {
	tests=
	for test; do
		tests="$tests -t $test"
	done
	# What is in bin stands in for programs that the tests want to have.
	# shellcheck disable=SC2086 # options are words
	(cd $selftests && PATH=$selftests/bin:$PATH ./run_kselftest.sh $tests) \
		>/tmp/selftests 2>&1
	for test; do
		result=$(grep -E "^(not )?ok [0-9]+ selftests: ${test%:*}: ${test#*:}( |\$)" \
			/tmp/selftests | head -n 1)
		case $result in
		'ok '*SKIP) not_ok "selftest $test" "skipped: $result" ;;
		'ok '*) ok "selftest $test" ;;
		*) not_ok "selftest $test" "$result $(tail -n 3 /tmp/selftests)" ;;
		esac
	done
}

selftest_sysctl() {
	selftest sysctl:sysctl.sh
}

# selftest_lkdtm TEST... - the attacks, with the text that tests.txt expects
selftest_lkdtm() {
	for test; do
		set -- "$@" "lkdtm:$test.sh"
		shift
	done
	selftest "$@"
}
