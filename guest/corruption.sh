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

# How often refusals were reported; the text comes before the report of the BUG().
refusals() {
	dmesg | grep -c 'prmem: write refused: .*destination is not write-rare'
}

# How often the kernel has said BUG, and where.
bugs() {
	dmesg | grep -c 'kernel BUG at mm/prmem\.c'
}

# How often the objects were shown.
shows() {
	dmesg | grep -c 'prmem pool objects: '
}

# On arm64 the idle loop may warn once, see guest/drill.sh.
bug='kernel BUG at mm/prmem\.c' times=1
if [ "$(uname -m)" = aarch64 ]; then
	bug="($bug|WARNING: .*ct_kernel_exit)" times=1-2
fi

boot_log "$(drill_mode)"
conditions
before=$(objects)
for time in 1 2; do
	expect_report $times "$bug"
	same "PRMEM_RO_POOL_UPDATE: the task ends, time $time" killed \
		"$(trigger PRMEM_RO_POOL_UPDATE)"
	expect_end
	# No table of call sites is asked.
	same "PRMEM_RO_POOL_UPDATE: reported, time $time" "$time" "$(refusals)"
	same "PRMEM_RO_POOL_UPDATE: a BUG, time $time" "$time" "$(bugs)"
	same "PRMEM_RO_POOL_UPDATE: the objects are unchanged, time $time" \
		"$before" "$(objects)"
	same "PRMEM_RO_POOL_UPDATE: the objects were shown, time $time" $((time + 1)) "$(shows)"
done
same "PRMEM_WR_POOL_UPDATE: runs" survived "$(trigger PRMEM_WR_POOL_UPDATE)"
check "PRMEM_WR_POOL_UPDATE: the object is updated" "$(objects)" \
	[ "$(objects | cut -d' ' -f1)" = 'wr="updated"' ]
poke /proc/sys/kernel/modprobe /sbin/helper-modprobe >/dev/null
same "modprobe: set" /sbin/helper-modprobe "$(cat /proc/sys/kernel/modprobe)"
end_verdict
