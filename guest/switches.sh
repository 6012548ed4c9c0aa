# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The switches of sysctl that are write-rare: every way to write them does what it
# does without prmem, and the attacks on them.  Sourced by the drill, which has the
# other attacks as well, after verdict.sh.

sysctls=/proc/sys

# built NAME - is this switch, by its file or its attack, in this kernel?  Without
# prmem_switches on the command line it is not the kernel that has them all.
built() {
	case $1 in
	kernel/hotplug | kernel/io_uring_* | kernel/unprivileged_bpf_* | \
	kernel/yama/* | net/core/* | vm/unprivileged_* | \
	*UEVENT* | *IO_URING* | *UNPRIV_BPF* | *BPF_JIT_* | *PTRACE_SCOPE* | *USERFAULTFD*)
		asked_for prmem_switches ;;
	PRMEM_WR_POOL_* | PRMEM_OBJECT_* | PRMEM_IMA_* | PRMEM_MODPROBE_* | PRMEM_KPTR_RESTRICT_STALE) ;;
	PRMEM_*_STALE | PRMEM_*_USERCOPY)	# so many that they are for this boot alone
		asked_for prmem_switches ;;
	esac
}

# value FILE - its words, with a blank in between.  In one read(2): what is behind
# the start of such a file is its end.
value() {
	# shellcheck disable=SC2046 # words are what is wanted
	set -- $(cat "$sysctls/$1")
	echo "$*"
}

# switches - each row of the table, in order: some switches have no way back
switches() {
	step=0
	while IFS='	' read -r file data want want_value; do
		case $file in '#'*) continue ;; esac
		built "$file" || continue
		set --
		for word in $data; do
			case $word in *_*) word=$(echo "$word" | tr _ ' ') ;; esac
			set -- "$@" "$word"
		done
		got=$(poke "$sysctls/$file" "$@")
		step=$((step + 1))
		same "$file: $step: $data" "$want, $want_value" "$got, $(value "$file")"
	done </switches.tsv
	for file in $(sed -n 's/^\([a-z].*\)	.*	.*	.*/\1/p' /switches.tsv | uniq); do
		built "$file" || continue
		was=$(value "$file")
		same "$file: an ordinary user may not write" "open EACCES" \
			"$(as 1000 /bin/poke "$sysctls/$file" '1\n')"
		same "$file: and nothing was written" "$was" "$(value "$file")"
	done
}

# uevent_helper has a second file, in sysfs.
uevents() {
	strings uevent_helper $sysctls/kernel/hotplug 256
	file=/sys/kernel/uevent_helper
	same "uevent_helper: sysfs: set" 13 "$(poke $file '/sbin/helper\n')"
	same "uevent_helper: sysfs: read back" /sbin/helper "$(cat $file)"
	same "uevent_helper: sysctl has it" /sbin/helper "$(cat $sysctls/kernel/hotplug)"
	same "uevent_helper: sysfs: 255 characters" 255 "$(poke $file "$(repeat u 255)")"
	same "uevent_helper: sysfs: 255 characters, read back" "$(repeat u 255)" "$(cat $file)"
	same "uevent_helper: sysfs: 256 characters" ENOENT "$(poke $file "$(repeat v 256)")"
	same "uevent_helper: sysfs: unchanged" "$(repeat u 255)" "$(cat $file)"
	same "uevent_helper: sysfs: only a newline" 1 "$(poke $file '\n')"
	same "uevent_helper: sysfs: empty" "" "$(cat $file)"
}

# use_uevent - the kernel runs it for a uevent, here one that is asked for
use_uevent() {
	poke $sysctls/kernel/hotplug '0:/sbin/helper-uevent\n' >/dev/null
	same "uevent_helper: the kernel runs the helper" \
		"$(trace_of helper-uevent mem none)" "$(run_uevent)"
	poke $sysctls/kernel/hotplug '0:\n' >/dev/null
}

run_uevent() {
	echo add >/sys/class/mem/null/uevent
	wait_trace
}

# use_poweroff - the kernel runs it to power off, if there is reason to
use_poweroff() {
	poke $sysctls/kernel/poweroff_cmd '0:/sbin/helper-poweroff now\n' >/dev/null
	same "poweroff_cmd: the kernel runs the command" \
		"$(trace_of helper-poweroff now none)" "$(run_poweroff)"
}

# run_poweroff - nothing in this guest gets too hot, so LKDTM asks for it
run_poweroff() {
	trigger PRMEM_POWEROFF_RUN >/dev/null
	wait_trace
}

# wait_trace - who asks for these does not wait for the helper
wait_trace() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -n "$(ls "${traces:?}")" ] && break
		sleep 0.2
	done
	take_traces
}

# switch_otherwise STALE-OR-BY_USER TRIGGER WAY FILE VALUE-OF-THE-OWNER VALUE-OF-THE-ATTACKER
switch_otherwise() {
	[ "$4" = - ] || echo "$5" | tr _ ' ' >"$sysctls/$4"
	# shellcheck disable=SC2154 # the drill's
	"$1" "PRMEM_$2_$3" "$either" 'static data'
	[ "$4" = - ] || same "PRMEM_$2_$3: the value" \
		"$(in_modes "$either" "$5" "$6" | tr _ ' ')" "$(value "$4")"
}

# attack_switch TRIGGER FILE VALUE-OF-THE-OWNER VALUE-OF-THE-ATTACKER
attack_switch() {
	for way in "$1" "$1_LINEAR"; do
		[ "$2" = - ] || echo "$3" | tr _ ' ' >"$sysctls/$2"
		attack "PRMEM_$way"
		[ "$2" = - ] || must_be "PRMEM_$way" "the value" \
			"$(echo "$3" | tr _ ' ')" "$(echo "$4" | tr _ ' ')" "$(value "$2")"
	done
	! built "PRMEM_$1_USERCOPY" || {
		switch_otherwise stale "$1" STALE "$2" "$3" "$4"
		switch_otherwise by_user "$1" USERCOPY "$2" "$3" "$4"
	}
}

# attack_switches - what attack_switch() takes; no file can be read for mmap_min_addr itself
attack_switches() {
	while read -r name file safe hit; do
		! built "$name" || attack_switch "$name" "$file" "$safe" "$hit"
	done <<-'EOT'
	UMH_BSET kernel/usermodehelper/bset 4294967294_511 4294967295_4294967295
	UMH_INHERITABLE kernel/usermodehelper/inheritable 4294967293_511 4294967295_4294967295
	DMESG_RESTRICT kernel/dmesg_restrict 1 0
	KPTR_RESTRICT kernel/kptr_restrict 2 0
	BPF_JIT_HARDEN net/core/bpf_jit_harden 2 0
	BPF_JIT_KALLSYMS net/core/bpf_jit_kallsyms 0 1
	RANDOMIZE_VA kernel/randomize_va_space 2 0
	DAC_MMAP_MIN vm/mmap_min_addr 65536 0
	MMAP_MIN - - -
	SUID_DUMPABLE fs/suid_dumpable 0 1
	PROTECTED_SYMLINKS fs/protected_symlinks 1 0
	PROTECTED_HARDLINKS fs/protected_hardlinks 1 0
	PROTECTED_FIFOS fs/protected_fifos 1 0
	PROTECTED_REGULAR fs/protected_regular 1 0
	USERFAULTFD vm/unprivileged_userfaultfd 0 1
	IO_URING kernel/io_uring_disabled 2 0
	IO_URING_GROUP kernel/io_uring_group -1 0
	TIOCSTI dev/tty/legacy_tiocsti 0 1
	LDISC_AUTOLOAD dev/tty/ldisc_autoload 0 1
	KEXEC_DISABLED kernel/kexec_load_disabled 1 0
	MODULES_DISABLED kernel/modules_disabled 1 0
	UNPRIV_BPF kernel/unprivileged_bpf_disabled 1 0
	PTRACE_SCOPE kernel/yama/ptrace_scope 3 0
	EOT
}

# attack_string NAME FILE HELPER RUN ARGS - and what the kernel runs when it is to RUN it
attack_string() {
	for way in "$1" "$1_LINEAR"; do
		poke "$sysctls/$2" "0:/sbin/$3\n" >/dev/null
		attack "$way"
		must_be "$way" "the value" "/sbin/$3" /sbin/attacker "$(cat "$sysctls/$2")"
		must_be "$way" "the program run as root" "$(trace_of "$3" "$5" none)" \
			"$(trace_of attacker "$5" none)" "$($4)"
	done
	! built "$1_USERCOPY" || {
		string_otherwise stale "$1_STALE" "$@"
		string_otherwise by_user "$1_USERCOPY" "$@"
	}
	poke "$sysctls/$2" '0:\n' >/dev/null
}

# string_otherwise STALE-OR-BY_USER TRIGGER ... - with the arguments of attack_string()
string_otherwise() {
	poke "$sysctls/$4" "0:/sbin/$5\n" >/dev/null
	"$1" "$2" "$either" 'static data'
	same "$2: the value" "/sbin/$(in_modes "$either" "$5" attacker)" "$(cat "$sysctls/$4")"
	same "$2: the program run as root" \
		"$(trace_of "$(in_modes "$either" "$5" attacker)" "$7" none)" "$($6)"
}
