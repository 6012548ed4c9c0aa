# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The measurement list of IMA.  What is in it is computed once more, from the files,
# without the kernel: digests, entries, the binary list, and the aggregate, which a
# TPM has as well.  Then the list is attacked.  Sourced by the drill, after its own
# functions are there.  ima_policy=tcb and rootfstype=ramfs on the command line say
# that files are measured: that policy leaves out tmpfs, which is the root otherwise.

ima=/sys/kernel/security/ima
tpm=/sys/class/tpm/tpm0
steps=/steps
list=/tmp/ima.list		# as it was before an attack
computed=/tmp/ima.wanted
whole=/tmp/ima.whole		# all of it, as it was computed
violated=/tmp/ima.violated	# files that were open for both, reading and writing
no_sha1=0000000000000000000000000000000000000000
no_sha256=0000000000000000000000000000000000000000000000000000000000000000
known=/tmp/ima.known		# "DIGEST FILE": what was run and is not there any more

ima_is_on() {
	asked_for ima_policy=tcb
}

# The template of each entry: one that is built in, or a format of the command line.
template=$(sed -n 's/.* ima_template_fmt=\([^ ]*\).*/\1/p' /proc/cmdline)
template=${template:-ima-ng}

# has_owner NAME - does the entry say whose the file is?  Here all are root's.
has_owner() {
	case $template in *iuid) [ "$1" != boot_aggregate ] ;; *) false ;; esac
}

# ascii - the list, for people
ascii() {
	cat $ima/ascii_runtime_measurements
}

# summary FILE - for a row, which is one line
summary() {
	echo "$(wc -l <"$1") lines, $(sha256sum <"$1" | cut -c1-16)"
}

# --- the same once more --------------------------------------------------------

# escapes HEX - as printf takes it
escapes() {
	echo "$1" | sed 's/../\\x&/g'
}

# word NUMBER - 32 bits of it, below 64 Ki
word() {
	printf '\\x%02x\\x%02x\\x00\\x00' $(($1 & 255)) $(($1 >> 8))
}

# owner NAME - the data of the field behind that of ima-ng, if there is one
owner() {
	! has_owner "$1" || printf '%s' "$(word 4)$(word 0)"
	case $template,$1 in *iuid,boot_aggregate) word 0 ;; esac
}

# data DIGEST NAME - the data of an entry, as printf takes it
data() {
	printf '%s' "$(word 40)sha256:\\x00$(escapes "$1")" \
		"$(word $((${#2} + 1)))$2\\x00$(owner "$2")"
}

# data_size NAME - its bytes
data_size() {
	size=$((4 + 40 + 4 + ${#1} + 1))
	case $template in *iuid) size=$((size + 4)) ;; esac
	! has_owner "$1" || size=$((size + 4))
	echo $size
}

# sha1 TEXT - of what printf makes of TEXT
sha1() {
	# shellcheck disable=SC2059 # a format is what it is
	set -- "$(printf "$1" | sha1sum)"
	echo "${1%% *}"
}

# digest_of FILE - or what stands for a file
digest_of() {
	if [ "$1" = boot_aggregate ]; then
		boot_aggregate
	else
		set -- "$(sha256sum "$1")"
		echo "${1%% *}"
	fi
}

# boot_aggregate - of what the firmware has left in the TPM
boot_aggregate() {
	for pcr in 0 1 2 3 4 5 6 7 8 9; do
		# shellcheck disable=SC2059
		printf "$(escapes "$(cat $tpm/pcr-sha256/$pcr)")"
	done | sha256sum | cut -d' ' -f1
}

# line SHA1 DIGEST NAME - of the list
line() {
	line="10 $1 $template sha256:$2 $3"
	case $template in *iuid) line="$line " ;; esac
	! has_owner "$3" || line=${line}0
	echo "$line"
}

# line_of DIGEST NAME - the line for this measurement
line_of() {
	line "$(sha1 "$(data "$1" "$2")")" "$1" "$2"
}

# violation_of NAME - the line for a file that was open for both
violation_of() {
	line $no_sha1 $no_sha256 "$1"
}

# extended PCR SHA1 - with a digest that is none, so that the list cannot be trusted
extended() {
	case $2 in
	"$no_sha1") sha1 "$(escapes "$1")$(repeat '\xff' 20)" ;;
	*) sha1 "$(escapes "$1$2")" ;;
	esac
}

# again - the list of people and that of machines, from the files that the list names, and
# the aggregate.  A file that is listed with other contents than it has must be known, and
# so must one that is listed without.  What was computed before has to be there still, and
# is not computed once more.
again() {
	read -r pcr <$whole.pcr
	ascii | tail -n "+$(($(wc -l <$whole) + 1))" |
	while read -r _ listed _ digest name _; do
		digest=${digest#sha256:}
		if [ "$listed" = $no_sha1 ] && grep -qx "$name" $violated; then
			digest=$no_sha256
			data=$(data $digest "$name")
			sha1=$no_sha1
		else
			grep -qx "$digest $name" $known || digest=$(digest_of "$name")
			data=$(data "$digest" "$name")
			sha1=$(sha1 "$data")
		fi
		line "$sha1" "$digest" "$name" >>$whole
		# shellcheck disable=SC2059
		printf "$(word 10)$(escapes "$sha1")$(word ${#template})$template$(
			word "$(data_size "$name")")$data" >>$whole.binary
		pcr=$(extended "$pcr" "$sha1")
		echo "$pcr" >$whole.pcr
	done
}

# nothing_yet - there is no list to go on with
nothing_yet() {
	: >$known
	: >$violated
	: >$whole
	: >$whole.binary
	echo $no_sha1 >$whole.pcr
}

agrees() {
	ascii >$list
	again
	same "ima: $1: the list, computed from the files" "$(summary $whole)" \
		"$(summary $list)"
	check "ima: $1: the binary list" "$(summary $whole.binary)" \
		cmp $whole.binary $ima/binary_runtime_measurements
	same "ima: $1: the aggregate in the TPM" "$(tr a-f A-F <$whole.pcr)" \
		"$(cat $tpm/pcr-sha1/10)"
	same "ima: $1: the number of entries" "$(wc -l <$list)" \
		"$(cat $ima/runtime_measurements_count)"
	same "ima: $1: violations" "$(wc -l <$violated)" "$(cat $ima/violations)"
}

# --- what is measured ------------------------------------------------------------

# step NUMBER [BYTES] - a program of its own; with other BYTES it is another one
step() {
	cat /bin/poke - >"$steps/$1" <<-EOT
		$1 ${2-}
	EOT
	chmod 755 "$steps/$1"
}

# run NUMBER - by an ordinary user; that it does nothing is enough
run() {
	as 1000 "$steps/$1" 2>/dev/null
}

# grown NAME COUNT - so many lines have been added, the ones of $computed
grown() {
	ascii | sed "1,$(wc -l <$list)d" >$list.new
	same "ima: $1" "$(cat $computed)" "$(cat $list.new)"
	ascii >$list
}

# ran NUMBER... - what the list has to say of them
ran() {
	for number; do
		line_of "$(digest_of "$steps/$number")" "$steps/$number"
	done
}

# What is read while it may be written has no digest: the reader comes first, or the
# writer does.
violations() {
	for file in $steps/read-first $steps/written-first; do
		echo text >"$file"
		echo "$file" >>$violated
	done
	text=$(echo text | sha256sum) text=${text%% *}	# a look at it would be listed
	ascii >$list
	exec 5<$steps/read-first
	: >>$steps/read-first
	exec 5<&-
	{ line_of "$text" $steps/read-first; violation_of $steps/read-first; } >$computed
	grown "what is opened for writing while it is read"
	exec 5>>$steps/written-first
	cat $steps/written-first >/dev/null
	exec 5>&-
	{ violation_of $steps/written-first; line_of "$text" $steps/written-first; } >$computed
	grown "what is read while it is open for writing"
}

# switches_so_far - of all CPUs, since boot
switches_so_far() {
	sed -n 's/^sessions //p' /sys/kernel/debug/prmem/stats
}

# least_switches NUMBER... - the fewest that one of these programs takes when it is measured:
# where an area of the pool begins, it is some more
least_switches() {
	for number; do
		step "$number"
		before=$(switches_so_far)
		run "$number"
		echo $(($(switches_so_far) - before))
	done | sort -n | head -n 1
}

# In the order in which they are run; each once; again if they are not what they were.
measures() {
	mount -t securityfs security /sys/kernel/security
	mkdir $steps
	nothing_yet
	same "ima: the first entry" boot_aggregate "$(ascii | awk 'NR == 1 { print $5 }')"
	for file in /init /bin/busybox /drill; do
		same "ima: $file is listed" "$(line_of "$(digest_of $file)" $file)" \
			"$(ascii | awk -v file=$file '$5 == file')"
	done
	agrees "after boot"

	step 1; step 2; step 3
	as 1000 /bin/busybox true	# which is a file like others
	ascii >$list
	run 2; run 1; run 3; run 1
	ran 2 1 3 >$computed
	grown "what was run, in this order, once"
	echo "$(digest_of $steps/1) $steps/1" >>$known
	step 1
	run 1
	: >$computed
	grown "what was written and is the same, is not new"
	step 1 other
	run 1
	ran 1 >$computed
	grown "what has other contents, is new"
	run 3
	: >$computed
	grown "what was run before, is not new"

	# At the same time, each of them once.
	for n in 10 11 12 13 14 15 16 17; do
		step $n
	done
	for n in 10 11 12 13 14 15 16 17; do
		run $n &
		run $n &
	done
	wait
	ran 10 11 12 13 14 15 16 17 >$computed
	ascii | sed "1,$(wc -l <$list)d" >$list.new
	same "ima: at the same time: each once" "$(summary $computed)" \
		"$(sort -k 5 $list.new >$list && summary $list)"

	# The pool notes what it hands out; then all is written and linked in one session.
	! asked_for prmem_stats ||
		same "ima: a measurement switches twice" 2 "$(least_switches 20 21 22)"
	violations

	# A name that needs a page of its own is not written in the session.
	deep=$steps$(repeat "/$(repeat d 250)" 15)
	mkdir -p "$deep"
	cp /bin/poke "$deep/poke"
	ascii >$list
	as 1000 "$deep/poke" 2>/dev/null
	line_of "$(digest_of /bin/poke)" "$deep/poke" >$computed
	grown "a long name"
	agrees "after all this"
	remark "ima: $(wc -l <$list) entries"
}

# --- attacks ----------------------------------------------------------------------

# attack_list NAME SED [SED-LINEAR] - which make of the list what the attacker wants to see
attack_list() {
	wants=$2
	for way in "$1" "$1_LINEAR"; do
		ascii >$list
		sed "$wants" $list >$computed
		attack "PRMEM_$way"
		ascii >$list.new
		must_be "PRMEM_$way" "the list" "$(summary $list)" "$(summary $computed)" \
			"$(summary $list.new)"
		# shellcheck disable=SC2034 # for two_ways()
		[ "$way" != "$1" ] || direct=$(target)
		wants=${3-$2}
	done
	# With PRMEM=n most of it is in the linear map, and nowhere else.
	[ "$mode" = off ] || two_ways "PRMEM_$1"
}

# What is in the hash table is not listed again.
attack_hash() {
	for way in IMA_HASH IMA_HASH_LINEAR; do
		step hash $way
		run hash
		ascii >$list
		{ cat $list; tail -n 1 $list; } >$computed
		attack PRMEM_$way
		step hash $way
		run hash
		ascii >$list.new
		must_be PRMEM_$way "the list" "$(summary $list)" "$(summary $computed)" \
			"$(summary $list.new)"
	done
}

# attack_number NAME ZERO CMD... - which prints the number; it is ZERO if the attacker wrote 0
attack_number() {
	number=$1 wants=$2
	shift 2
	for way in "$number" "${number}_LINEAR"; do
		count=$("$@")
		attack "PRMEM_$way"
		must_be "PRMEM_$way" "the number" "$count" "$wants" "$("$@")"
		wants=$((wants + 1))
	done
}

# attack_entry NAME MODES SED CMD... - not by a store to it: CMD attacks, which fails in MODES
attack_entry() {
	item=$1 modes=$2
	ascii >$list
	sed "$3" $list >$computed
	shift 3
	"$@"
	ascii >$list.new
	same "$item: the list" "$(summary "$(in_modes "$modes" $list $computed)")" \
		"$(summary $list.new)"
}

attack_ima() {
	forged=61747461636b6572000000000000000000000000

	ascii >/tmp/ima.before
	attack_list IMA_REMOVE 1d
	attack_list IMA_UNLINK 2d
	attack_list IMA_DIGEST '2s/^10 .\{18\}/10 61747461636b657200/' \
		'2s/^10 .\{18\}/10 696e74727564657200/'
	attack_list IMA_DATA '2s| [^ ]*$| /gone|' '2s| [^ ]*$| /lost|'
	# shellcheck disable=SC2154 # the drill's
	attack_entry PRMEM_IMA_STALE "$either" \
		'2s/^10 .\{18\}/10 61747461636b657200/' stale PRMEM_IMA_STALE
	attack_entry PRMEM_IMA_USERCOPY protected '2s/^10 .\{18\}/10 696e74727564657200/' \
		by_user PRMEM_IMA_USERCOPY protected 'protected memory'
	forged PRMEM_IMA_OVERFLOW	# of what is there already: nothing to see in the list
	attack_list IMA_FORGE "1{p; s/^10 [^ ]*/10 $forged/}"
	attack_hash
	attack_number IMA_COUNT 0 cat $ima/runtime_measurements_count
	attack_number IMA_VIOLATIONS 0 cat $ima/violations
	# The header that goes over kexec is added to it.
	attack_number IMA_SIZE 24 shown 'size of the list'
	# With PRMEM=n a pool does not say what it handed out.
	[ "$mode" = off ] || attack_descriptor PRMEM_IMA_DESCRIPTOR
	ascii >$list
	forged PRMEM_IMA_FORGE_CALL
	ascii >$list.new
	if [ "$mode" = off ]; then
		sed "1s/^10 [^ ]*/10 $forged/; q" $list | cat $list - >$computed
	else
		cp $list $computed
	fi
	same "PRMEM_IMA_FORGE_CALL: the list" "$(summary $computed)" "$(summary $list.new)"
	attack_list IMA_TEMPLATE "s/ $template / forged /" 's/ forged / faked /'
	if [ "$mode" = protected ]; then
		ascii | head -n "$(wc -l </tmp/ima.before)" >$list
		same "ima: the list, after the attacks" "$(summary /tmp/ima.before)" \
			"$(summary $list)"
		for way in IMA_HASH_LINEAR IMA_HASH; do
			step hash $way
			echo "$(digest_of $steps/hash) $steps/hash" >>$known
		done
		agrees "after the attacks"
	fi
}

# --- over kexec -------------------------------------------------------------------

# next_kernel - which goes on with the rows, and is told what has been measured
next_kernel() {
	ascii >$list
	step last
	run last
	sleep 1		# what was said has to leave the port
	said=$(kexec /next/image /next/initrd "$(sed 's/prmem_drill=kexec/prmem_drill=carried/
		s/ima_template_fmt=[^ ]*//' /proc/cmdline) prmem_rows=$rows prmem_list=$(wc -l <$list),$(sha256sum <$list |
			cut -d' ' -f1)")
	not_ok "ima: kexec" "$said"
}

# go_on - with the rows of the kernel before
go_on() {
	rows=$(sed 's/.*prmem_rows=\([0-9]*\).*/\1/' /proc/cmdline)
}

# The aggregate is from the list alone: what was measured before, is not there.
carried() {
	mount -t securityfs security /sys/kernel/security
	# shellcheck disable=SC2046 # two words
	set -- $(sed 's/.*prmem_list=\([0-9]*\),\([0-9a-f]*\).*/\1 \2/' /proc/cmdline)
	ascii >$list
	same "ima: carried: what was listed before" "$2" \
		"$(head -n "$1" $list | sha256sum | cut -d' ' -f1)"
	sed "1,$1d" $list | awk '{ print $5 }' >$list.new
	same "ima: carried: what was measured last" $steps/last \
		"$(grep "^$steps/" $list.new)"
	same "ima: carried: then comes the next kernel" boot_aggregate \
		"$(grep -n boot_aggregate $list.new | sed 's/^[0-9]*://')"
	same "ima: carried: the number of entries" "$(wc -l <$list)" \
		"$(cat $ima/runtime_measurements_count)"
	pcr=$no_sha1
	while read -r _ sha1 _; do
		pcr=$(extended "$pcr" "$sha1")
	done <$list
	same "ima: carried: the aggregate in the TPM" "$(echo "$pcr" | tr a-f A-F)" \
		"$(cat $tpm/pcr-sha1/10)"
	mode=protected
	attack_list IMA_REMOVE 1d
	attack_list IMA_DIGEST 1d
}
