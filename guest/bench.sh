#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# The benchmarks that prmem_bench= names, joined by "+": reading a file of debugfs runs
# them, and what it says goes to the host as remarks.  Without any, it was the start of
# the kernel that counts.

. /verdict.sh

dir=/sys/kernel/debug/prmem_bench
tests=$(sed -n 's/.*\bprmem_bench=\([^ ]*\).*/\1/p' /proc/cmdline | tr + ' ')

for test in $tests; do
	cat $dir/"$test" >/tmp/"$test"
	sed "s/^/# bench $test: /" /tmp/"$test" >&3
	check "benchmarks: $test" "$(tail -n 1 /tmp/"$test" | tr '\t' ' ')" \
		grep -q '^end.*	ok$' /tmp/"$test"
done
ok "the guest is up" "$(uname -r)"
end_verdict
