#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh source=guest/conditions.sh
#
# CPUs come and go while write-rare data is written: by user processes through two
# sysctls, and by the kernel itself in a pool object.  No write may be lost, and
# nothing may be reported.

. /verdict.sh
. /conditions.sh

rounds=30
cpus=/sys/devices/system/cpu

# writer FILE PREFIX - write and read back until told to stop; prints how often,
# or the value that was lost
writer() {
	n=0
	while [ ! -f /tmp/stop ]; do
		n=$((n + 1))
		echo "$2$n" >"$1" || { echo "write $n failed"; return; }
		got=$(cat "$1")
		[ "$got" = "$2$n" ] || { echo "wrote $2$n, read $got"; return; }
	done
	echo "$n"
}

# updater - have the kernel write to its pool object until told to stop
updater() {
	n=0
	while [ ! -f /tmp/stop ]; do
		n=$((n + 1))
		[ "$(trigger PRMEM_WR_POOL_UPDATE)" = survived ] ||
			{ echo "update $n failed"; return; }
	done
	echo "$n"
}

# switch CPU 0|1 - prints nothing if it went well
switch() {
	echo "$2" >"$cpus/cpu$1/online" || echo "cpu$1: $2 refused"
}

some() {
	check "$1" "$(cat "$2")" [ "$(tr -cd '0-9\n' <"$2")" = "$(cat "$2")" ] &&
		check "$1, more than $rounds times" "" [ "$(cat "$2")" -gt $rounds ]
}

boot_log "$(drill_mode)"
conditions
same "CPUs at the start" 4 "$(nproc)"
writer /proc/sys/kernel/modprobe /sbin/m >/tmp/modprobe &
writer /proc/sys/kernel/core_pattern /tmp/c >/tmp/core &
updater >/tmp/pool &
round=0
while [ $round -lt $rounds ]; do
	round=$((round + 1))
	for cpu in 1 2 3; do
		switch $cpu 0
	done >>/tmp/refused
	nproc >>/tmp/alone
	for cpu in 3 1 2; do
		switch $cpu 1
	done >>/tmp/refused
done 2>>/tmp/refused
touch /tmp/stop
wait
same "each CPU went and came back $rounds times" "" "$(cat /tmp/refused)"
same "one CPU was left each time" "$rounds 1" \
	"$(sort /tmp/alone | uniq -c | sed 's/^ *//')"
same "CPUs at the end" 4 "$(nproc)"
some "kernel.modprobe: all writes arrived" /tmp/modprobe
some "kernel.core_pattern: all writes arrived" /tmp/core
some "pool object: the kernel wrote" /tmp/pool
end_verdict
