#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh source=guest/conditions.sh
#
# With CONFIG_BUG_ON_DATA_CORRUPTION who asks for a write to what is not write-rare is
# ended, each time, and nothing else is: neither the object nor the next write suffers.

. /verdict.sh
. /conditions.sh

# objects - what LKDTM's pool objects hold
objects() {
	trigger PRMEM_SHOW >/dev/null
	dmesg | sed -n 's/.*prmem pool objects: //p' | tail -n 1
}

# Of the second report there is as much as of the first: no table is asked.  On arm64
# the idle loop may warn once, see guest/drill.sh.
refusal='prmem: write refused: .*destination is not write-rare.*kernel BUG at .*prmem'
case $(uname -m) in
aarch64) refusal="($refusal|WARNING: .*ct_kernel_exit)" times=1-2 ;;
*) times=1 ;;
esac

boot_log "$(drill_mode)"
conditions
before=$(objects)
for time in first second; do
	expect_report $times "$refusal"
	same "PRMEM_RO_POOL_UPDATE: the task ends, the $time time" killed \
		"$(trigger PRMEM_RO_POOL_UPDATE)"
	expect_end
	same "PRMEM_RO_POOL_UPDATE: the objects are unchanged, the $time time" \
		"$before" "$(objects)"
done
same "PRMEM_WR_POOL_UPDATE: runs" survived "$(trigger PRMEM_WR_POOL_UPDATE)"
check "PRMEM_WR_POOL_UPDATE: the object is updated" "$(objects)" \
	[ "$(objects | cut -d' ' -f1)" = 'wr="updated"' ]
poke /proc/sys/kernel/modprobe /sbin/helper-modprobe >/dev/null
same "modprobe: set" /sbin/helper-modprobe "$(cat /proc/sys/kernel/modprobe)"
end_verdict
