# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034	# for the tools that source this file
#
# What differs between the architectures.  Sourced after lib.sh, never run.
#
# An architecture is a word in ARCHES, an arm of arch_set(), its packages in
# tools/packages under the purpose of its name, and configs/*-ARCH.config.

ARCHES=(x86_64 arm64)

# arch_set ARCH - set what there is to know about it
arch_set() {
	arch=$1
	case $1 in
	x86_64)
		arch_dir=arch/x86		# in the kernel tree
		arch_cross=			# prefix of the compiler's name
		arch_image=arch/x86/boot/bzImage
		arch_machine=(qemu-system-x86_64 -machine pc -bios qboot.rom)
		arch_accel=(-accel 'tcg,thread=multi')
		arch_cpu=max
		arch_console=ttyS0
		# A busy host may not deliver the timer for as long as the kernel
		# looks whether it works, which ends in a panic.
		arch_kernel_args='no_timer_check'
		# With a triple fault the guest needs no ACPI to leave.
		arch_append="reboot=t $arch_kernel_args"
		# The verdict: a second serial port.
		arch_verdict=/dev/ttyS1
		arch_verdict_qemu=(-serial chardev:verdict)
		# There is no ACPI that would tell of it.
		arch_tpm=tpm-tis
		arch_tpm_append=tpm_tis.force=1
		arch_gdb=gdb
		;;
	arm64)
		arch_dir=arch/arm64
		arch_cross=aarch64-linux-gnu-
		arch_image=arch/arm64/boot/Image.gz
		arch_machine=(qemu-system-aarch64 -machine virt)
		arch_accel=(-accel 'tcg,thread=multi')
		# The architected pointer authentication takes half the time.
		arch_cpu=max,pauth-impdef=on
		arch_console=ttyAMA0
		arch_kernel_args=
		# The console comes late; a panic before it must not be lost.
		arch_append='earlycon=pl011,0x9000000'
		# The machine has one serial port; this one is no terminal, so
		# that not even console= could send the kernel's messages to it.
		arch_verdict=/dev/vport0p1
		arch_verdict_qemu=(-device virtio-serial-device
			-device 'virtserialport,chardev=verdict')
		arch_tpm=tpm-tis-device
		arch_tpm_append=
		arch_gdb=gdb-multiarch
		;;
	*)
		die "ARCH=$1 is not supported, use one of: ${ARCHES[*]}"
		;;
	esac
}

# arch_static PROGRAM - where a static program for the guest is: the machine's own, or
# tools/deps has unpacked it
arch_static() {
	if [[ -z $arch_cross ]]; then
		echo "/bin/$1"
	else
		echo "$BUILD/foreign/$arch/bin/$1"
	fi
}

# arch_default - the one that ARCH in the environment names, or the first
arch_default() {
	arch_set "${ARCH:-${ARCHES[0]}}"
	# The kernel's makefiles read the environment, too.
	unset ARCH CROSS_COMPILE
}

# arch_fragments NAME - the files that the fragment NAME of a configuration stands
# for: what is common and what is the architecture's, at least one of them
arch_fragments() {
	local file found=''

	for file in "$TOP/configs/$1.config" "$TOP/configs/$1-$arch.config"; do
		if [[ -f $file ]]; then
			echo "$file"
			found=y
		fi
	done
	[[ -n $found ]]
}
