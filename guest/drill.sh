#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh source=guest/conditions.sh source=guest/outside.sh
#
# The drill: what a user of the system sees.  Two kernel strings that decide what
# runs as root, kernel.modprobe and kernel.core_pattern, are first used as ever,
# then attacked by stray kernel writes.  prmem_drill= on the command line says
# which kernel this is:
#
#   legitimate    no attack; any kernel, patched or not, and with prmem_active on the
#                 command line it must be that
#   protected     prmem is active: no attack may succeed
#   unprotected   prmem is inactive (rodata=off): every attack must succeed
#   inactive      prmem says that it is inactive: no attack, all must work as ever
#   off           CONFIG_PRMEM=n: as unprotected, and the kernel does not speak of
#                 prmem
#   kexec         prmem is active, and what was measured is carried to another kernel,
#                 which is started in the mode
#   carried       prmem is active, and the list goes on where it was
#
# With prmem_long there as well, the switches of sysctl have their turn, and with
# prmem_selftests the kernel's selftests.  prmem_switches says that the kernel has all
# the switches, and ima_policy=tcb, that what is run and read is measured.

. /verdict.sh
. /conditions.sh
. /outside.sh
# shellcheck source=guest/switches.sh
. /switches.sh
# shellcheck source=guest/selftests.sh
. /selftests.sh
# shellcheck source=guest/ima.sh
. /ima.sh

mode=$(drill_mode)
modprobe=/proc/sys/kernel/modprobe
core=/proc/sys/kernel/core_pattern
traces=/tmp/trace

mkdir -m 1777 $traces
printf '\377\377\377\377' >/tmp/unknown
chmod 755 /tmp/unknown
# The crashed process is gone only after its core handler is: no polling here.
echo 4 >/proc/sys/kernel/core_pipe_limit

# repeat STRING COUNT
repeat() {
	n=$2 s=
	while [ "$n" -gt 0 ]; do
		s=$s$1
		n=$((n - 1))
	done
	echo "$s"
}

# take_traces - print and forget what the helpers have left
take_traces() {
	for trace in "$traces"/*; do
		[ -f "$trace" ] && cat "$trace" && rm "$trace"
	done
}

# ask_modprobe - have an ordinary user make the kernel want a module
ask_modprobe() {
	as 1000 /tmp/unknown 2>/dev/null
	take_traces
}

# ask_core - have a process of an ordinary user die
ask_core() {
	as 1000 /bin/crash
	take_traces | sed 's/args=[0-9][0-9]* /args=PID /'
}

trace_of() {
	echo "name=$1 uid=0 args=$2 stdin=$3"
}

modprobe_trace() {
	trace_of "$1" "-q -- binfmt-ffff" none
}

core_trace() {
	trace_of "$1" "PID crash" 7f454c46
}

# --- what the kernel does with the values ----------------------------------

use_modprobe() {
	same "modprobe: set" 21 "$(poke $modprobe /sbin/helper-modprobe)"
	same "modprobe: read back" /sbin/helper-modprobe "$(cat $modprobe)"
	same "modprobe: the kernel runs the helper" \
		"$(modprobe_trace helper-modprobe)" "$(ask_modprobe)"
	sysctl -qw kernel.modprobe=/sbin/other-modprobe
	same "modprobe: sysctl -w" "kernel.modprobe = /sbin/other-modprobe" \
		"$(sysctl kernel.modprobe)"
	same "modprobe: the kernel runs the new helper" \
		"$(modprobe_trace other-modprobe)" "$(ask_modprobe)"

	poke $modprobe /sbin/helper-modprobe >/dev/null
	for _ in 1 2 3 4; do
		as 1000 /tmp/unknown 2>/dev/null &
	done
	wait
	same "modprobe: four at once" "4 $(modprobe_trace helper-modprobe)" \
		"$(take_traces | sort | uniq -c | sed 's/^ *//')"
}

use_core() {
	same "core_pattern: set" 24 "$(poke $core '|/sbin/helper-core %p %e')"
	same "core_pattern: read back" '|/sbin/helper-core %p %e' "$(cat $core)"
	same "core_pattern: the kernel pipes an ELF core to the handler" \
		"$(core_trace helper-core)" "$(ask_core)"
	sysctl -qw kernel.core_pattern='|/sbin/other-core %p %e'
	same "core_pattern: sysctl -w" \
		"kernel.core_pattern = |/sbin/other-core %p %e" \
		"$(sysctl kernel.core_pattern)"
	same "core_pattern: the kernel runs the new handler" \
		"$(core_trace other-core)" "$(ask_core)"

	poke $core '|/sbin/helper-core %p %e' >/dev/null
	for _ in 1 2 3 4; do
		as 1000 /bin/crash &
	done
	wait
	same "core_pattern: four at once" "4 $(core_trace helper-core)" \
		"$(take_traces | sed 's/args=[0-9][0-9]* /args=PID /' | sort |
			uniq -c | sed 's/^ *//')"
}

# --- lengths ---------------------------------------------------------------

# The longest value that fits is run in full, so nobody cuts it on the way.
longest() {
	long=/$(repeat m 254)
	same "modprobe: 255 characters" 255 "$(poke $modprobe "$long")"
	same "modprobe: 255 characters, read back" "$long" "$(cat $modprobe)"
	same "modprobe: 255 characters, run" \
		"$(modprobe_trace "${long#/}")" "$(ask_modprobe)"

	long="|/core$(repeat c 121)"
	same "core_pattern: 127 characters" 127 "$(poke $core "$long")"
	same "core_pattern: 127 characters, read back" "$long" "$(cat $core)"
	same "core_pattern: 127 characters, run" \
		"$(trace_of "${long#|/}" "" 7f454c46)" "$(ask_core)"
}

# --- how a string sysctl is written ----------------------------------------

# write NAME WANT-RETURN WANT-VALUE DATA... - onto "/sbin/helper"
write() {
	name=$1 want_return=$2 want_value=$3
	shift 3
	poke "$file" '0:/sbin/helper\n' >/dev/null
	same "$what: $name: returns" "$want_return" "$(poke "$file" "$@")"
	same "$what: $name: value" "$want_value" "$(cat "$file")"
}

# strings NAME FILE SIZE - the values are those of the unpatched kernel
strings() {
	what=$1 file=$2 max=$(($3 - 1))

	write "one character too many" $((max + 1)) "$(repeat a $max)" \
		"$(repeat a $((max + 1)))"
	write "much too long" 2000 "$(repeat b $max)" "$(repeat b 2000)"
	write "longest and a newline" $((max + 1)) "$(repeat d $max)" \
		"$(repeat d $max)\\n"
	write "trailing newline" 10 /sbin/new '/sbin/new\n'
	write "newline inside" 11 /sbin/a '/sbin/a\nb/c'
	write "NUL inside" 11 /sbin/a '/sbin/a\0b/c'
	write "only a newline" 1 "" '\n'
	write "no byte" 0 /sbin/helper ""
	write "two calls" "7 8" /sbin/abcdef/xy /sbin/a bcdef/xy
	write "two calls, the first ends its line" "8 3" /sbin/a \
		'/sbin/a\n' bcd
	write "in the middle" 2 /sbinXY '5:XY'
	write "at the end" 4 /sbin/helper-two '12:-two'
	write "beyond the end" 4 /sbin/helper '14:-two'
	write "back to the start" "9 3" /ab '0:/sbin/xyz' '0:/ab'
	write "last byte, then one more" "$((max - 12)) 1 1" \
		"/sbin/helper$(repeat e $((max - 12)))" \
		"12:$(repeat e $((max - 12)))" f g
	write "the new value is the start of the old" 5 /sbin /sbin
	same "$what: one byte at a time" /sbin \
		"$(dd if="$file" bs=1 2>/dev/null)"
	same "$what: read at an offset" in \
		"$(dd if="$file" bs=1 skip=3 2>/dev/null)"
	same "$what: read beyond the end" "" \
		"$(dd if="$file" bs=1 skip=40 2>/dev/null)"
	same "$what: an ordinary user reads" /sbin "$(as 1000 /bin/cat "$file")"
	same "$what: an ordinary user may not write" "open EACCES" \
		"$(as 1000 /bin/poke "$file" /sbin/attacker)"
	same "$what: and nothing was written" /sbin "$(cat "$file")"
}

# An empty modprobe path means: no helper.
no_helper() {
	poke $modprobe '\n' >/dev/null
	same "modprobe: empty, no helper runs" "" "$(ask_modprobe)"
}

legitimate() {
	# As long as the list is short.
	! ima_is_on || measures
	use_modprobe
	use_core
	longest
	strings modprobe $modprobe 256
	strings core_pattern $core 128
	strings poweroff_cmd $sysctls/kernel/poweroff_cmd 256
	# An unpatched kernel has nothing that would run it.
	[ "$mode" = legitimate ] || use_poweroff
	if built kernel/hotplug; then
		uevents
		use_uevent
	fi
	no_helper
	! asked_for prmem_selftests || selftest_sysctl
	! asked_for prmem_long || switches
	! ima_is_on || agrees "after use"
}

# --- attacks -----------------------------------------------------------------

# The attacker's own store must fault, and because the page is mapped read-only: a
# write to a page that is present.  Any other fault would prove nothing.  An alias
# that is gone is no page at all.
case $(uname -m) in
x86_64)
	fault='BUG: unable to handle page fault for address.*#PF: supervisor write access in kernel mode.*'
	oops='.*Oops: .*RIP: [0-9a-f]+:overwrite'
	write_fault="$fault#PF: error_code\(0x0003\) - permissions violation$oops"
	alias_fault="$fault#PF: error_code\(0x0002\) - not-present page$oops"
	;;
aarch64)
	oops='.*Internal error: Oops: .*pc : overwrite'
	write_fault="Unable to handle kernel write to read-only memory at virtual address.*EC = 0x25: DABT \(current EL\).*permission fault.*WnR = 1$oops"
	alias_fault="Unable to handle kernel paging request at virtual address.*EC = 0x25: DABT \(current EL\).*translation fault.*WnR = 1$oops"
	;;
esac
# On arm64 a BUG() is taken in an exception like an NMI, and a task that it ends does
# not return from there: the idle loop may warn of that once, whatever the BUG() was.
usercopy='kernel BUG at .*usercopy_abort'
more=0
if [ "$(uname -m)" = aarch64 ]; then
	usercopy="($usercopy|WARNING: .*ct_kernel_exit)"
	more=1
fi
no_pool='WARNING: .*pmalloc\+0x'
no_table='prmem: write refused: .*the sysctl table can be written.*WARNING: '
refusal='prmem: write refused: .*destination is not write-rare.*WARNING: '

# objects - the two pool objects, as the kernel sees them
objects() {
	trigger PRMEM_SHOW >/dev/null
	dmesg | sed -n 's/.*prmem pool objects: //p' | tail -n 1
}

# shown REGEX - more of what PRMEM_SHOW tells, the last time
shown() {
	trigger PRMEM_SHOW >/dev/null
	dmesg | sed -n "s/.*prmem $1: //p" | tail -n 1
}

# withstands NAME - must this attack fail here?
#
# arm64 maps the linear alias of the kernel image's text and read-only data
# read-only, where prmem's static data is as well, and does so with rodata=off,
# too.  There the attack fails for a reason that is not prmem.
withstands() {
	case $mode,$(uname -m),$1 in
	protected,*) return 0 ;;
	unprotected,aarch64,PRMEM_*_POOL_LINEAR) return 1 ;;
	unprotected,aarch64,PRMEM_OBJECT_LINEAR | unprotected,aarch64,PRMEM_FREED_LINEAR) return 1 ;;
	unprotected,aarch64,PRMEM_*DESCRIPTOR_LINEAR) return 1 ;;
	unprotected,aarch64,PRMEM_IMA_UNLINK_LINEAR) return 1 ;;
	unprotected,aarch64,PRMEM_IMA_D*_LINEAR) return 1 ;;
	unprotected,aarch64,PRMEM_IMA_FORGE_LINEAR) return 1 ;;
	unprotected,aarch64,PRMEM_*_LINEAR) return 0 ;;
	esac
	return 1
}

# attack NAME - one attack, and the row that says whether it went as it must
attack() {
	if withstands "$1"; then
		expect_report 1 "$write_fault"
		same "$1: the store faults" killed "$(trigger "$1")"
		expect_end
	else
		same "$1: the store goes through" survived "$(trigger "$1")"
	fi
}

# must_be NAME WHAT SAFE HIT GOT - SAFE where the attack must fail, else HIT
must_be() {
	if withstands "$1"; then
		same "$1: $2 is unchanged" "$3" "$5"
	else
		same "$1: $2 is the attacker's" "$4" "$5"
	fi
}

# target - the address that the last attack was at
target() {
	dmesg | sed -n 's/.*lkdtm: attempting to overwrite .* at //p' | tail -n 1
}

# two_ways NAME - NAME_LINEAR, just done, was not the attack NAME over again
two_ways() {
	linear=$(target)
	check "$1_LINEAR: another address than $1" "$direct and $linear" \
		[ "$direct" != "$linear" ]
}

attack_modprobe() {
	poke $modprobe '0:/sbin/helper-modprobe\n' >/dev/null
	attack "$1"
	must_be "$1" "the value" /sbin/helper-modprobe /sbin/attacker \
		"$(cat $modprobe)"
	must_be "$1" "the program run as root" \
		"$(modprobe_trace helper-modprobe)" \
		"$(modprobe_trace attacker)" "$(ask_modprobe)"
}

attack_core() {
	poke $core '0:|/sbin/helper-core %p %e\n' >/dev/null
	attack "$1"
	must_be "$1" "the value" '|/sbin/helper-core %p %e' '|/sbin/attacker' \
		"$(cat $core)"
	must_be "$1" "the program run as root" \
		"$(core_trace helper-core)" \
		"$(trace_of attacker "" none)" "$(ask_core)"
}

# Both objects are shown every time: an attack on one must not hit the other.  With
# CONFIG_PRMEM=n they are plain memory, which has the linear address alone.
attack_pools() {
	safe='wr="legitimate" ro="legitimate"'

	same "pools: as created" "$safe" "$(objects)"
	attack PRMEM_WR_POOL
	direct=$(target)
	must_be PRMEM_WR_POOL "the object" "$safe" \
		'wr="attacker" ro="legitimate"' "$(objects)"
	attack PRMEM_WR_POOL_LINEAR
	[ "$mode" = off ] || two_ways PRMEM_WR_POOL
	must_be PRMEM_WR_POOL_LINEAR "the object" "$safe" \
		'wr="attacker" ro="legitimate"' "$(objects)"
	attack PRMEM_RO_POOL
	direct=$(target)
	must_be PRMEM_RO_POOL "the object" "$safe" \
		'wr="attacker" ro="attacker"' "$(objects)"
	attack PRMEM_RO_POOL_LINEAR
	[ "$mode" = off ] || two_ways PRMEM_RO_POOL
	must_be PRMEM_RO_POOL_LINEAR "the object" "$safe" \
		'wr="attacker" ro="attacker"' "$(objects)"
}

# The same for the object of a cache, which is attacked from birth.
attack_object() {
	same "object: as created" '"legitimate"' "$(shown 'cache object')"
	attack PRMEM_OBJECT
	direct=$(target)
	must_be PRMEM_OBJECT "the object" '"legitimate"' '"attacker"' "$(shown 'cache object')"
	attack PRMEM_OBJECT_LINEAR
	[ "$mode" = off ] || two_ways PRMEM_OBJECT
	must_be PRMEM_OBJECT_LINEAR "the object" '"legitimate"' '"attacker"' \
		"$(shown 'cache object')"
	attack PRMEM_FREED
	attack PRMEM_FREED_LINEAR
}

# attack_descriptor NAME - if it is changed, the pool gives away what it gave before
attack_descriptor() {
	for way in "$1" "$1_LINEAR"; do
		attack "$way"
		if withstands "$way"; then
			check "$way: nothing comes out twice" "" log_lacks 'handed out an object twice'
		else
			check "$way: an object comes out twice" "" log_says 'handed out an object twice'
		fi
	done
}

# otherwise NAME MODES REPORT ENDS SAYS-SAFE SAYS-HIT [COUNT] - an attack that is not a store
# to the data: in MODES there is a REPORT, and the writer ENDS
otherwise() {
	case " $2 " in
	*" $mode "*)
		expect_report "${7-1}" "$3"
		same "$1: ends" "$4" "$(trigger "$1")"
		[ -z "${7-}" ] || sleep 0.3	# the CPU has to be idle for the other report
		expect_end
		check "$1: refused" "$5" log_says "$5"
		;;
	*)
		same "$1: ends" survived "$(trigger "$1")"
		check "$1: goes through" "$6" log_says "$6"
		;;
	esac
}

# log_says REGEX - at the end of it, after the last attempt
log_says() {
	dmesg | sed '/lkdtm: attempting /h; /lkdtm: attempting /!H; $!d; x' | grep -q "$1"
}

log_lacks() {
	! log_says "$1"
}

# With rodata=off, what needs no page to be read-only fails as well.
either="protected unprotected"

# stale NAME - the alias of a write that has ended
stale() {
	otherwise "$1" "$either" "$alias_fault" killed \
		'overwrite[_a-z]*+0x' 'FAIL: the write to a stale alias survived'
}

# forged NAME - a range for wr_memcpy() that is none
forged() {
	otherwise "$1" "$either" "$refusal" survived \
		'refused: -13' 'FAIL: prmem: write .* went through'
}

# by_user NAME MODES WHAT - copy_from_user() of what the attacker has
by_user() {
	otherwise "$1" "$2" "$usercopy" killed "overwrite attempt detected to prmem '$3'" \
		'FAIL: copy_from_user() survived' "1-$((1 + more))"
}

# to_user NAME MODES WHOSE - copy_to_user() of more than there is
to_user() {
	otherwise "$1" "$2" "$usercopy" killed "exposure attempt detected from $3" \
		'FAIL: copy_to_user() survived' "1-$((1 + more))"
}

# in_modes MODES SAFE HIT - SAFE in these
in_modes() {
	case " $1 " in
	*" $mode "*) echo "$2" ;;
	*) echo "$3" ;;
	esac
}

attack_otherwise() {
	stale PRMEM_WR_POOL_STALE
	same "PRMEM_WR_POOL_STALE: the object" "wr=$(after_two legitimate attacker stale)" \
		"$(objects | sed 's/ ro=.*//')"
	stale PRMEM_OBJECT_STALE
	same "PRMEM_OBJECT_STALE: the object" "$(after_two legitimate attacker stale)" \
		"$(shown 'cache object')"
	otherwise PRMEM_FORGED_POOL "$either" "$no_pool" survived \
		'no memory from a forged pool' 'FAIL: memory from a forged pool'
	forged PRMEM_AREA_OVERFLOW
	forged PRMEM_OBJECT_OVERFLOW
	forged PRMEM_STATIC_OVERFLOW
	forged PRMEM_FREED_UPDATE
	forged PRMEM_POOL_FREED_UPDATE
	by_user PRMEM_WR_POOL_USERCOPY protected 'protected memory'
	same "PRMEM_WR_POOL_USERCOPY: the object" \
		"wr=\"$(in_modes protected legitimate copied)\"" "$(objects | sed 's/ ro=.*//')"
	by_user PRMEM_OBJECT_USERCOPY "$either" 'protected memory'
	same "PRMEM_OBJECT_USERCOPY: the object" "$(after_two legitimate attacker copied)" \
		"$(shown 'cache object')"
	to_user PRMEM_AREA_EXPOSE "$either" "prmem 'area'"
	# Without prmem this is the slab's business, which knows objects as well.
	to_user PRMEM_OBJECT_EXPOSE "$either off" \
		"$(in_modes off "SLUB object 'lkdtm'" "prmem 'object'")"
}

# after_two FIRST STORED OTHERWISE - stores that rodata=off lets through, and then something
# that it does not
after_two() {
	case $mode in
	protected) echo "\"$1\"" ;;
	unprotected) echo "\"$2\"" ;;
	*) echo "\"$3\"" ;;
	esac
}

# modprobe_otherwise STALE-OR-BY_USER NAME... - and what runs as root then
modprobe_otherwise() {
	poke $modprobe '0:/sbin/helper-modprobe\n' >/dev/null
	"$@"
	same "$2: the value" "$(in_modes "$either" /sbin/helper-modprobe /sbin/attacker)" \
		"$(cat $modprobe)"
	same "$2: the program run as root" \
		"$(modprobe_trace "$(in_modes "$either" helper-modprobe attacker)")" "$(ask_modprobe)"
}

# core_otherwise STALE-OR-BY_USER NAME...
core_otherwise() {
	poke $core '0:|/sbin/helper-core %p %e\n' >/dev/null
	"$@"
	same "$2: the value" \
		"$(in_modes "$either" '|/sbin/helper-core %p %e' '|/sbin/attacker')" "$(cat $core)"
	same "$2: the program run as root" \
		"$(in_modes "$either" "$(core_trace helper-core)" "$(trace_of attacker "" none)")" \
		"$(ask_core)"
}

# A table of sysctl says what is written, and how much of it.
attack_tables() {
	attack PRMEM_TABLE
	direct=$(target)
	attack PRMEM_TABLE_LINEAR
	two_ways PRMEM_TABLE
	poke $modprobe '0:/sbin/helper-modprobe\n' >/dev/null
	otherwise PRMEM_FORGED_TABLE protected "$no_table" survived \
		'refused: -13' 'FAIL: prmem: write .* went through'
	same "PRMEM_FORGED_TABLE: the value" \
		"$(in_modes protected /sbin/helper-modprobe /sbin/attacker)" "$(cat $modprobe)"
	same "PRMEM_FORGED_TABLE: the program run as root" \
		"$(modprobe_trace "$(in_modes protected helper-modprobe attacker)")" \
		"$(ask_modprobe)"
}

attack_static_otherwise() {
	modprobe_otherwise stale PRMEM_MODPROBE_STALE
	modprobe_otherwise by_user PRMEM_MODPROBE_USERCOPY "$either" 'static data'
	! built PRMEM_CORE_USERCOPY || {
		core_otherwise stale PRMEM_CORE_STALE
		core_otherwise by_user PRMEM_CORE_USERCOPY "$either" 'static data'
	}
	# Where all switches are attacked so, this one is among them.
	built PRMEM_CORE_USERCOPY ||
		switch_otherwise stale KPTR_RESTRICT STALE kernel/kptr_restrict 2 0
}

# attacks_of_list REGEX - those of ours whose expected text in the list of the
# kernel's selftests is like this
attacks_of_list() {
	grep -E "^PRMEM_[A-Z_]* .*($1)" $selftests/lkdtm/tests.txt |
		while read -r name _; do
			case $name in PRMEM_IMA_*) ima_is_on || continue ;; esac
			! built "$name" || echo "$name"
		done
}

selftests() {
	dmesg -c >/dev/null	# a test compares all of it, before and after
	# shellcheck disable=SC2046 # an argument for each
	set -- $(attacks_of_list 'violation|not-present|usercopy:|forged')
	# The tests have the kernel forget what it has warned of.
	most=$(($# + more * $(attacks_of_list usercopy: | wc -l)))
	expect_report "$#-$most" "($write_fault|$alias_fault|$usercopy|$no_pool)"
	selftest_lkdtm "$@"
	expect_end
	# Each of these sites was reported already.
	# shellcheck disable=SC2046 # an argument for each
	selftest_lkdtm $(attacks_of_list refused)
}

# --- the API, after the attacks ----------------------------------------------

ro_value() {
	objects | sed 's/.* ro=//'
}

update_pools() {
	ro=$(ro_value)

	same "PRMEM_WR_POOL_UPDATE: runs" survived "$(trigger PRMEM_WR_POOL_UPDATE)"
	same "PRMEM_WR_POOL_UPDATE: the object is updated" \
		"wr=\"updated\" ro=$ro" "$(objects)"
	if [ "$mode" = off ]; then
		# Without prmem the call is a plain store.
		same "PRMEM_RO_POOL_UPDATE: runs" survived \
			"$(trigger PRMEM_RO_POOL_UPDATE)"
		same "PRMEM_RO_POOL_UPDATE: a plain store" '"updated"' "$(ro_value)"
		return
	fi
	expect_report 1 'prmem: write refused: .*WARNING: '
	same "PRMEM_RO_POOL_UPDATE: runs" survived "$(trigger PRMEM_RO_POOL_UPDATE)"
	expect_end
	same "PRMEM_RO_POOL_UPDATE: refused" 1 \
		"$(dmesg | grep -c 'write to RO pool object refused: -[0-9]')"
	same "PRMEM_RO_POOL_UPDATE: the object is unchanged" "$ro" "$(ro_value)"
}

# A bug in a session ends the task and the session, and nothing else.
oops_in_session() {
	ro=$(ro_value)

	expect_report 1 'kernel NULL pointer dereference.*Oops: .*lkdtm_PRMEM_SESSION_OOPS'
	same "PRMEM_SESSION_OOPS: the task dies" killed \
		"$(trigger PRMEM_SESSION_OOPS)"
	expect_end
	same "PRMEM_SESSION_OOPS: what was written stays" \
		"wr=\"ooooooo\" ro=$ro" "$(objects)"
	same "PRMEM_SESSION_OOPS: the next update runs" survived \
		"$(trigger PRMEM_WR_POOL_UPDATE)"
	same "PRMEM_SESSION_OOPS: the object is updated" \
		"wr=\"updated\" ro=$ro" "$(objects)"
}

after_attacks() {
	same "modprobe: set after the attacks" 20 \
		"$(poke $modprobe '0:/sbin/other-modprobe')"
	same "modprobe: the kernel runs the helper after the attacks" \
		"$(modprobe_trace other-modprobe)" "$(ask_modprobe)"
	same "core_pattern: set after the attacks" 24 \
		"$(poke $core '0:|/sbin/other-core %p %e\n')"
	same "core_pattern: the kernel runs the handler after the attacks" \
		"$(core_trace other-core)" "$(ask_core)"
}

# --- all of it ----------------------------------------------------------------

case $mode in
kexec)
	boot_log protected
	measures
	next_kernel
	;;
carried)
	go_on
	same "ima: carried: prmem is active" active "$(prmem_says)"
	carried
	;;
legitimate)
	! asked_for prmem_active || boot_log protected
	conditions
	legitimate
	;;
inactive)
	boot_log inactive
	conditions
	outside "$(prmem_says)"
	legitimate
	;;
protected|unprotected|off)
	boot_log "$mode"
	conditions
	if [ "$mode" = off ]; then
		outside_off
	else
		outside "$(prmem_says)"
	fi
	legitimate
	attack_modprobe PRMEM_MODPROBE
	direct=$(target)
	attack_modprobe PRMEM_MODPROBE_LINEAR
	two_ways PRMEM_MODPROBE
	attack_core PRMEM_CORE
	direct=$(target)
	attack_core PRMEM_CORE_LINEAR
	two_ways PRMEM_CORE
	attack_pools
	attack_object
	attack_descriptor PRMEM_DESCRIPTOR
	attack_otherwise
	attack_static_otherwise
	attack_tables
	if asked_for prmem_long; then
		attack_string PRMEM_POWEROFF kernel/poweroff_cmd helper-poweroff run_poweroff ""
		! built kernel/hotplug ||
			attack_string PRMEM_UEVENT kernel/hotplug helper-uevent run_uevent mem
		attack_switches
	fi
	! ima_is_on || attack_ima
	update_pools
	oops_in_session
	after_attacks
	if [ "$mode" = protected ] && asked_for prmem_selftests; then
		selftests
	fi
	;;
*)
	not_ok "prmem_drill=$mode" "no such mode, see guest/drill.sh"
	;;
esac
no_leaks
end_verdict
