#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh source=guest/conditions.sh
#
# Processes with hardware breakpoints set, more of them than CPUs, make the kernel
# write write-rare data: a window must neither lose their breakpoints nor trip
# over them.

. /verdict.sh
. /conditions.sh

boot_log "$(drill_mode)"
conditions
poke /proc/sys/kernel/modprobe /sbin/helper-modprobe >/dev/null
for n in 1 2 3 4 5 6; do
	hwbreak /proc/sys/kernel/modprobe >/tmp/hwbreak.$n 2>&1 &
done
wait
for n in 1 2 3 4 5 6; do
	same "process $n: each access hits its breakpoint" \
		"300 writes, 300 hits" "$(cat /tmp/hwbreak.$n)"
done
check "kernel.modprobe: a value of one of them" "$(cat /proc/sys/kernel/modprobe)" \
	grep -q '^/sbin/[0-9][0-9]*-[0-9][0-9]*$' /proc/sys/kernel/modprobe
end_verdict
