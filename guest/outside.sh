# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What is seen of prmem from outside: its files in debugfs, the names of pools in
# /proc/vmallocinfo, the line in the boot log, tracepoints, and what it has lost.  Sourced
# by a drill, after verdict.sh and conditions.sh.

pools=/sys/kernel/debug/prmem/pools
stats=/sys/kernel/debug/prmem/stats
tracing=/sys/kernel/tracing
leaks=/sys/kernel/debug/kmemleak

# column NUMBER - of the pool that is always there
column() {
	awk -v n="$1" '$1 == "prmem_windows" { print $n }' $pools
}

# stat_of NAME - a value of the other file
stat_of() {
	sed -n "s/^$1 //p" $stats
}

# number TEXT... - is each of them one?
number() {
	for text; do
		case $text in
		'' | *[!0-9]*) return 1 ;;
		esac
	done
}

# adds_up AREAS USED WASTED - are these sizes of areas, and is there more than nothing?
adds_up() {
	number "$@" && [ "$1" -gt 0 ] && [ "$2" -gt 0 ] &&
		[ $((($2 + $3) % 4096)) -eq 0 ] && [ $(($2 + $3)) -ge $(($1 * 4096)) ]
}

# holds BLOCKS BLOCK-BYTES USED-BYTES SIZE - is there room for the pages in use, and
# is the pool among them?
holds() {
	number "$@" && [ "$1" -gt 0 ] && [ "$2" -ge "$3" ] && [ "$3" -ge "$4" ]
}

outside_pools() {
	same "pools: the columns" "# name mode areas used wasted protected objects" \
		"$(sed -n '1s/  */ /gp' $pools)"
	same "pools: prmem_windows: mode" RO "$(column 2)"
	row=$(sed -n 's/^prmem_windows *//p' $pools)
	areas=$(column 3) used=$(column 4) wasted=$(column 5)
	check "pools: prmem_windows: areas, used, wasted" "$row" \
		adds_up "$areas" "$used" "$wasted"
	[ "$1" != active ] || same "pools: prmem_windows: all is protected" \
		$((used + wasted)) "$(column 6)"
	# The table of windows, and that of their page tables.
	same "pools: prmem_windows: objects" 2 "$(column 7)"
}

# outside STATE - STATE is "active" or "inactive (WHY)"
outside() {
	case $(uname -m) in
	x86_64) name=x86_64 ;;
	aarch64) name=arm64 ;;
	*) name=unknown ;;
	esac
	same "boot log: architecture, mechanism, state" \
		"prmem: $name: private page tables, $1" \
		"$(dmesg | sed -n 's/.*\] \(prmem: [a-z0-9_]*: .*\)/\1/p')"
	same "stats: state" "$1" "$(stat_of state)"
	outside_pools "$1"
	check "stats: blocks, block_bytes, used_bytes" "$(sed -n 2,4p $stats)" \
		holds "$(stat_of blocks)" "$(stat_of block_bytes)" \
		"$(stat_of used_bytes)" $((used + wasted))
	# The name is on one line for each area.
	same "vmallocinfo: pmalloc:prmem_windows" "$areas" \
		"$(grep -cE ' pmalloc:prmem_windows( |$)' /proc/vmallocinfo)"
}

# outside_off - CONFIG_PRMEM=n: there is nothing to be seen
outside_off() {
	check "debugfs: no prmem" "" [ ! -e ${pools%/*} ]
	same "vmallocinfo: no pool" 0 "$(grep -c ' pmalloc:' /proc/vmallocinfo)"
}

# --- tracepoints ---------------------------------------------------------------

# events SWITCH - 1 is on, 0 is off
events() {
	echo "$1" >$tracing/events/prmem/enable
}

# trace_of_suite SUITE - what the events say while it runs again
trace_of_suite() {
	echo >$tracing/trace
	echo again >"/sys/kernel/debug/kunit/$1/run"
	grep -v '^#' $tracing/trace
}

# event NAME REGEX - did it come, with what it has to say?
event() {
	line=$(grep -m1 -E " $1: $2\$" /tmp/events)
	check "trace: $1" "${line:-$(grep -m1 " $1: " /tmp/events)}" [ -n "$line" ]
}

# outside_traces - each event comes, and none of them when they are off.  One of
# the suites refuses writes, the other one has caches.
outside_traces() {
	mount -t tracefs trace $tracing
	events 0
	same "trace: nothing when off" "" "$(trace_of_suite prmem_usercopy | head -n 1)"
	events 1
	same "trace: switched on" 1 "$(cat $tracing/events/prmem/enable)"
	for suite in prmem_usercopy prmem_input; do
		trace_of_suite $suite
	done >/tmp/events
	events 0

	symbol='[a-zA-Z0-9_.]+\+0x[0-9a-f]+/0x[0-9a-f]+'
	event pmalloc_create 'pool=[^ ]+ name=kunit mode=(RO|WR|START_WR)'
	event pmalloc_refill 'pool=[^ ]+ name=kunit addr=[^ ]+ pages=[1-9][0-9]*'
	event pmalloc_protect 'pool=[^ ]+ name=kunit mode=(RO|WR) err=0'
	event pmalloc_destroy 'pool=[^ ]+ name=kunit mode=(RO|WR|START_WR)'
	event prmem_write "dst=[^ ]+ len=8 caller=$symbol"
	event prmem_refused "dst=[^ ]+ len=[0-9]+ err=-13 caller=$symbol: destination is not write-rare"
	event prmem_cache_create 'cache=[^ ]+ name=kunit size=[1-9][0-9]*'
	event prmem_cache_destroy 'cache=[^ ]+ name=kunit size=[1-9][0-9]*'
	rm /tmp/events
}

# --- leaks ---------------------------------------------------------------------

# no_leaks - nothing was lost, where the kernel looks for that.  A young object is not
# called a leak, so the second scan is the one that counts.  It does not scan any more if
# it has once found no memory for itself.
no_leaks() {
	[ -f $leaks ] || return 0
	for _ in 1 2; do
		sleep 6
		if ! echo scan >$leaks; then
			not_ok "kmemleak: unreferenced objects" "it does not scan"
			return
		fi
	done
	same "kmemleak: unreferenced objects" 0 "$(grep -c '^unreferenced' $leaks)"
	sed 's/^/# kmemleak: /' $leaks >&3
}
