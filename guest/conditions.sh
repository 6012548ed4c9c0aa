# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What the kernel says of itself, and whether this boot is the one that its name
# promises; and how LKDTM is asked to attack.  Sourced by a drill, after verdict.sh.

# prmem_says - the state that prmem has reported in the boot log
prmem_says() {
	dmesg | sed -n 's/.*\] prmem: .*[,:] \(active\|inactive (.*)\)$/\1/p'
}

# drill_mode - what the command line says this kernel is, see guest/drill.sh
drill_mode() {
	sed -n 's/.*\bprmem_drill=\([a-z]*\).*/\1/p' /proc/cmdline
}

# boot_log MODE - the boot log says what it must in this mode, once, or nothing
boot_log() {
	case $1 in
	protected)
		same "boot log: prmem is active" active "$(prmem_says)" ;;
	unprotected)
		same "boot log: prmem is inactive (rodata=off)" \
			"inactive (rodata=off)" "$(prmem_says)" ;;
	inactive)
		check "boot log: prmem is inactive" "$(prmem_says)" \
			[ "$(prmem_says | cut -d' ' -f1)" = inactive ] ;;
	*)
		same "boot log: prmem is not mentioned" "" "$(dmesg | grep '\] prmem: ')" ;;
	esac
}

# asked_for WORD - is it on the command line?
asked_for() {
	grep -q "\(^\| \)$1\( \|\$\)" /proc/cmdline
}

# in_log NAME WANT REGEX - how often the boot log says REGEX
in_log() {
	same "$1" "$2" "$(dmesg | grep -c "$3")"
}

conditions_x86_64() {
	if asked_for pti=on; then
		in_log "page-table isolation" 1 'page tables isolation: enabled'
	fi
	if asked_for pti=off; then
		in_log "page-table isolation" 0 'page tables isolation: enabled'
	fi
	if asked_for no5lvl; then
		same "CPUs with 5-level page tables in use" 0 \
			"$(grep -cw la57 /proc/cpuinfo)"
	fi
	if asked_for clearcpuid=smap; then
		same "CPUs with SMAP in use" 0 "$(grep -cw smap /proc/cpuinfo)"
	fi
}

conditions_aarch64() {
	if asked_for prmem_sw_pan; then
		in_log "PAN is emulated" 1 'emulated: Privileged Access Never (PAN)'
	fi
	if asked_for prmem_va=52; then
		in_log "addresses of 52 bits" 1 'detected: 52-bit Virtual Addressing (L'
	fi
	if asked_for prmem_va=48; then
		in_log "addresses of 52 bits" 0 'detected: 52-bit Virtual Addressing (L'
	fi
	if asked_for 'prmem_page=[0-9]*'; then
		same "KiB in a page" "$(sed 's/.*prmem_page=\([0-9]*\).*/\1/' /proc/cmdline)" \
			"$(sed -n 's/^KernelPageSize: *\([0-9]*\) kB/\1/p' /proc/self/smaps | sort -u)"
	fi
	if asked_for kpti=on; then
		in_log "page-table isolation" 1 'detected: Kernel page table isolation'
	fi
	if asked_for kpti=off; then
		in_log "page-table isolation" 0 'detected: Kernel page table isolation'
	fi
	if asked_for irqchip.gicv3_pseudo_nmi=1; then
		in_log "pseudo-NMI" 1 'Pseudo-NMIs enabled'
	fi
}

# What the command line asks for must really be so.  prmem_cpuinfo= is for the
# command line of QEMU: a line that /proc/cpuinfo must have, _ for white space.
conditions() {
	"conditions_$(uname -m)"
	if asked_for 'prmem_cpuinfo=[^ ]*'; then
		wanted=$(sed 's/.*prmem_cpuinfo=\([^ ]*\).*/\1/' /proc/cmdline)
		check "CPU: $wanted" "" grep -q "$(echo "$wanted" |
			sed 's/_/[[:space:]]*/g')" /proc/cpuinfo
	fi
	if asked_for maxcpus=1; then
		same "CPUs" 1 "$(nproc)"
	fi
	if asked_for rodata=off; then
		in_log "rodata=off" 1 'Kernel memory protection disabled'
	fi
}

attacks=/sys/kernel/debug/provoke-crash/DIRECT

# trigger NAME - have LKDTM do it; prints how the writer ended
trigger() {
	sh -c "echo $1 >$attacks" 2>/dev/null
	status=$?
	if [ $status -gt 128 ]; then
		echo killed
	elif [ $status -eq 0 ]; then
		echo survived
	else
		echo "no such attack"
	fi
}
