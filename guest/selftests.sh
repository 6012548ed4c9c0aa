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
	# What is in bin stands in for programs that the tests want to have.  The runner
	# opens its output anew, so that must not be a file.
	# shellcheck disable=SC2086 # options are words
	(cd $selftests && PATH=$selftests/bin:$PATH ./run_kselftest.sh $tests) 2>&1 |
		cat >/tmp/selftests
	args=${KSELFTEST_SYSCTL_SH_ARGS:+ $KSELFTEST_SYSCTL_SH_ARGS}
	for test; do
		result=$(grep -E "^(not )?ok [0-9]+ selftests: ${test%:*}: ${test#*:}( |\$)" \
			/tmp/selftests | head -n 1)
		case $result in
		'ok '*SKIP) not_ok "selftest $test$args" "skipped: $result" ;;
		'ok '*) ok "selftest $test$args" ;;
		*)
			not_ok "selftest $test$args" "$result"
			cat /tmp/selftests
			;;
		esac
	done
}

# selftest_sysctl - each of its tests once; alone, one of them would run 50 times
selftest_sysctl() {
	# shellcheck disable=SC2013 # numbers are words
	for id in $(sed -n 's/^ALL_TESTS=.*\([0-9]\{4\}\):[0-9]*:1:.*/\1/p' \
			$selftests/sysctl/sysctl.sh); do
		export KSELFTEST_SYSCTL_SH_ARGS="-s $id"
		selftest sysctl:sysctl.sh
	done
	unset KSELFTEST_SYSCTL_SH_ARGS
}

# selftest_lkdtm TEST... - the attacks, with the text that tests.txt expects
selftest_lkdtm() {
	for test; do
		set -- "$@" "lkdtm:$test.sh"
		shift
	done
	selftest "$@"
}
