# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests in which a debugger interferes with a guest that knows nothing of it.
#
# Sourced after tools/lib.sh and tools/lib-arch.sh, with $arch set.
#
# shellcheck disable=SC2034,SC2154 # set or read there

# debugger_start NAME GUEST [WORDS] - build the kernel and the guest of the test NAME,
# whose command line has WORDS
#
# Sets $test, $words, $results, $work, $limit, $socket, $image and $objects.
debugger_start() {
	local scratch kernel=run

	command -v "$arch_gdb" >/dev/null || die "$arch_gdb is missing, run \"tools/deps $arch\"."
	test=$1 words=${3-}
	results=$BUILD/results/$1-$arch.tsv
	work=$BUILD/out/$1-$arch
	limit=120
	rm -rf "$work"
	mkdir -p "$work" "$(dirname "$results")"
	: >"$results"
	# The path of a socket must be short.
	scratch=$(mktemp -d /tmp/prmem.XXXXXX)
	# shellcheck disable=SC2064 # now, while it is known
	trap "rm -rf '$scratch'" EXIT
	socket=$scratch/gdb
	"$TOP/tools/kbuild" "$kernel"
	image=$("$TOP/tools/kbuild" --image "$kernel")
	objects=$("$TOP/tools/kbuild" --objects "$kernel")
	"$TOP/guest/mkinitramfs" "$work/guest.cpio" "$2"
}

# orders_begin - the debugger's first commands
orders_begin() {
	cat <<-EOT
	set pagination off
	set confirm off
	target remote $socket
	EOT
}

# orders_end - its last ones
orders_end() {
	printf '%s\n' 'echo prmem: all done\n' detach
}

# until_entry FUNCTION... - the debugger's commands to go on to the entry of each
#
# A hardware breakpoint, because at first nothing is mapped there.
until_entry() {
	local name

	for name; do
		cat <<-EOT
		hbreak *(unsigned long)&$name
		continue
		if \$pc != (unsigned long)&$name
		  quit 3
		end
		delete
		EOT
	done
}

# return_x86_64 VALUE - the debugger's commands for "return VALUE" at an entry
return_x86_64() {
	cat <<-EOT
	set \$rax = $1
	set \$rip = *(unsigned long *)\$rsp
	set \$rsp = \$rsp + 8
	EOT
}

# return_arm64 VALUE - likewise; the return address is not signed yet
return_arm64() {
	cat <<-EOT
	set \$x0 = $1
	set \$pc = \$x30
	EOT
}

# interfere OUT - run the debugger once there is something to debug
interfere() {
	local out=$1 tries

	for ((tries = 0; tries < 100; tries++)); do
		[[ ! -S $socket ]] || break
		sleep 0.1
	done
	timeout --kill-after=5 "$limit" "$arch_gdb" -nx -q -batch -x "$out.gdb" \
		"$objects/vmlinux" </dev/null >"$out.gdb.log" 2>&1
}

# boot NAME - with the orders on standard input; set $outcome and $debugger, the
# status of the debugger
boot() {
	local out=$work/$1 guest

	rm -f "$socket"
	cat >"$out.gdb"
	"$TOP/tools/qemu" --kernel "$image" --initrd "$work/guest.cpio" --out "$out" \
		--timeout "$limit" --label "$test $1" --append "nokaslr${words:+ $words}" \
		--qemu -S --qemu -chardev --qemu "socket,id=gdb,path=$socket,server=on,wait=off" \
		--qemu -gdb --qemu chardev:gdb >"$out.out" 2>"$out.err" &
	guest=$!
	debugger=0
	interfere "$out" || debugger=$?
	# A guest that panics may be gone before the debugger has let go of it.
	! grep -qx 'prmem: all done' "$out.gdb.log" || debugger=0
	wait "$guest" || :	# the outcome is judged
	outcome=$(cat "$out/outcome" 2>/dev/null || echo none)
	say "$(tail -n 1 "$out.err")"
}

# row NAME INVARIANT WHAT WANT GOT
row() {
	if [[ $4 == "$5" ]]; then
		record "$results" pass "$2" "$arch: $3" "$5"
	else
		record "$results" fail "$2" "$arch: $3" "wanted \"$4\", got \"$5\", see build/out/$test-$arch/$1"
	fi
}

# said NAME TEXT - print TEXT if the console says it, the panic if there is one,
# or else the last line
said() {
	local log=$work/$1/console.log

	[[ -s $log ]] || { echo "nothing"; return; }
	{ grep -aoF -m 1 -e "$2" "$log" || grep -ao -m 1 'Kernel panic.*' "$log" ||
		tail -n 1 "$log" | cut -c1-160; } | tr -d '\r'
}
