# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every tool of the project shares.  Sourced, never run.
#
# The directories can be moved by PRMEM_TOP and PRMEM_BUILD, so that the tests
# can point a tool at a small project of their own.

TOP=${PRMEM_TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)}
BUILD=${PRMEM_BUILD:-$TOP/build}
export TOP BUILD

# The directories of the repository that mirror the kernel tree.  Every file in
# them joins the kernel; tools/ is missing because the root's is the project's.
# shellcheck disable=SC2034	# for the tools that source this file
OVERLAY_ROOTS=(Documentation arch block certs crypto drivers fs include init
	io_uring ipc kernel lib mm net rust samples scripts security sound usr
	virt)

# What was compiled below build/ of one clone can be used in another: ccache takes
# paths as they are seen from the object tree, see prefix_map().
export CCACHE_BASEDIR=$BUILD CCACHE_NOHASHDIR=1

# prefix_map OBJ TREE - the compiler's option that makes __FILE__ a path in the
# kernel tree, whatever ccache has made of it
prefix_map() {
	echo "-fmacro-prefix-map=$(realpath --relative-to="$1" "$2")/="
}

# Nested tools count from the start of the outermost one.
export PRMEM_T0=${PRMEM_T0:-$(date +%s)}

# say MSG... - one line of progress, with the time since the start
say() {
	local t

	printf -v t '%(%s)T' -1
	t=$((t - PRMEM_T0))
	printf '[%2dm%02ds] %s\n' $((t / 60)) $((t % 60)) "$*" >&2
}

# die MSG... - one sentence: what is wrong and what to do; then stop
die() {
	printf 'prmem: %s\n' "$*" >&2
	exit 1
}

# tick LABEL LOG PID - say that PID is still at work, until it is gone
tick() {
	local label=$1 log=$2 pid=$3 last

	# The sleep may outlive us by seconds: it must hold no descriptor of ours,
	# least of all a lock.
	[[ ! ${BUILD_LOCK-} ]] || exec {BUILD_LOCK}>&-
	while sleep 10 >/dev/null 2>&1 && kill -0 "$pid" 2>/dev/null; do
		last=$(tail -n 1 "$log" 2>/dev/null | tr -cd '[:print:]')
		say "$label ...${last:+ ${last:0:60}}"
	done
}

# heartbeat LABEL CMD... - run CMD with its output in $HEARTBEAT_LOG and a sign
# of life every ten seconds; show the end of the log if CMD fails
#
# CMD stays in the foreground, where Ctrl-C reaches it.
heartbeat() {
	local label=$1 log=${HEARTBEAT_LOG:?heartbeat needs HEARTBEAT_LOG} status=0 ticker

	shift
	mkdir -p "$(dirname "$log")"
	: >"$log"
	say "$label"
	tick "$label" "$log" "$BASHPID" &
	ticker=$!
	"$@" </dev/null >"$log" 2>&1 || status=$?
	kill "$ticker" 2>/dev/null || :	# it may have ended by itself
	wait "$ticker" 2>/dev/null || :	# its status is that of the kill
	if ((status)); then
		say "$label: failed with status $status, the end of $log:"
		tail -n 30 "$log" >&2
	fi
	return "$status"
}

# record FILE STATUS GROUP NAME DETAIL - append a row to a results file
record() {
	local file=$1 status=$2 group=$3 name=$4 detail=${5-}

	case $status in
	pass|fail) ;;
	*) die "record: \"$status\" is neither pass nor fail, correct the call for \"$name\"" ;;
	esac
	mkdir -p "$(dirname "$file")"
	printf '%s\t%s\t%s\t%s\n' "$status" "${group//[$'\t\n']/ }" \
		"${name//[$'\t\n']/ }" "${detail//[$'\t\n']/ }" >>"$file"
}

# fresh_git - make git obey this project alone
#
# Neither the user's configuration, hooks and signing keys nor a GIT_DIR left in
# the environment may change what is composed, and the tree may belong to
# another user when a tool is run through sudo.
fresh_git() {
	local v

	for v in ${!GIT_@}; do
		unset "$v"
	done
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
	export GIT_ATTR_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 GIT_EDITOR=:
	export GIT_CONFIG_COUNT=10
	export GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
	export GIT_CONFIG_KEY_1=core.hooksPath GIT_CONFIG_VALUE_1=/dev/null
	export GIT_CONFIG_KEY_2=commit.gpgSign GIT_CONFIG_VALUE_2=false
	export GIT_CONFIG_KEY_3=core.autocrlf GIT_CONFIG_VALUE_3=false
	export GIT_CONFIG_KEY_4=core.excludesFile GIT_CONFIG_VALUE_4=/dev/null
	export GIT_CONFIG_KEY_5=core.attributesFile GIT_CONFIG_VALUE_5=/dev/null
	export GIT_CONFIG_KEY_6=gc.auto GIT_CONFIG_VALUE_6=0
	export GIT_CONFIG_KEY_7=core.fsmonitor GIT_CONFIG_VALUE_7=false
	export GIT_CONFIG_KEY_8=advice.detachedHead GIT_CONFIG_VALUE_8=false
	# What the tools store in git can be made again.
	export GIT_CONFIG_KEY_9=core.fsync GIT_CONFIG_VALUE_9=none
}
