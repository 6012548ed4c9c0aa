# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The series as files, and how it becomes commits.  Sourced by compose, absorb
# and series, after lib.sh.
#
# A patch of the series reads
#
#	# SPDX-License-Identifier: GPL-2.0
#	From: Name <address>
#	Subject: mm: prmem: one line
#	New-File: mm/prmem.c
#
#	The reason, in paragraphs.
#
#	Signed-off-by: ...
#	---
#	diff --git ...
#
# with a New-File line for each overlay file that joins the commit, and hunks
# for files of the base only.  There may be no hunks.

# shellcheck disable=SC2034	# read by the tools that source this file
SERIES_VERSION=1
LINUX=$BUILD/linux
COMPOSED_REF=refs/prmem/composed
BASE_REF=refs/prmem/base

# base_read - read BASE into the array BASE_IS
base_read() {
	local line key

	declare -gA BASE_IS=()
	[[ -r $TOP/BASE ]] || die "$TOP/BASE is missing, restore it from git"
	while IFS= read -r line; do
		[[ $line =~ ^([a-z0-9_]+)=(.*)$ ]] || continue
		BASE_IS[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
	done <"$TOP/BASE"
	for key in version branch package package_version tarball sha256 disk_mib epoch; do
		[[ ${BASE_IS[$key]-} ]] || die "BASE does not set $key=, restore it from git"
	done
}

# lock_build - one tool at a time changes build/linux
lock_build() {
	mkdir -p "$BUILD"
	exec {BUILD_LOCK}>"$BUILD/.lock"
	flock -n "$BUILD_LOCK" && return
	say "tree: waiting for another run to release build/"
	flock "$BUILD_LOCK"
}

# scratch_dir - a directory in $SCRATCH that goes away when the tool ends
scratch_dir() {
	mkdir -p "$BUILD"
	SCRATCH=$(mktemp -d "$BUILD/.scratch.XXXXXX")
	# A background job that is killed just after its fork runs this, too.
	SCRATCH_OWNER=$BASHPID
	trap '[[ $BASHPID != "$SCRATCH_OWNER" ]] || rm -rf "$SCRATCH"' EXIT
}

# overlay_list ROOT - print the overlay files of the project at ROOT, sorted;
# what editors leave behind is not one
overlay_list() (
	cd "$1" || exit
	shopt -s nullglob
	roots=()
	for dir in "${OVERLAY_ROOTS[@]}"; do
		[[ ! -d $dir ]] || roots+=("$dir")
	done
	((${#roots[@]})) || return 0
	find "${roots[@]}" ! -type d ! -name '*~' ! -name '*.sw[a-p]' \
		! -name '*.orig' ! -name '*.rej' ! -name '.#*' | LC_ALL=C sort
)

# in_overlay_root PATH
in_overlay_root() {
	local dir

	for dir in "${OVERLAY_ROOTS[@]}"; do
		[[ $1 != "$dir"/* ]] || return 0
	done
	return 1
}

# series_order ROOT - set ORDER to the patch names of the project at ROOT
series_order() {
	local file=$1/series/order line

	ORDER=()
	[[ -r $file ]] || die "series/order is missing, it lists the patches one a line"
	while IFS= read -r line || [[ $line ]]; do
		line=${line%%#*}
		line=${line//[[:space:]]/}
		[[ ! $line ]] || ORDER+=("$line")
	done <"$file"
}

# series_key ROOT BASE - print what the composition of ROOT on BASE depends on
# shellcheck disable=SC2030,SC2031	# the locale is meant to stay in the subshell
series_key() (
	cd "$1" || exit
	shopt -s nullglob
	export LC_ALL=C	# for the order of the globs
	overlay_list "$1" >"$SCRATCH/key.list"
	{
		printf '%s\n' "$SERIES_VERSION" "$2" "${BASE_IS[epoch]}"
		sha256sum series/order series/*.patch
		xargs -r -d '\n' sha256sum <"$SCRATCH/key.list"
		xargs -r -d '\n' stat -c '%f %n' <"$SCRATCH/key.list"
	} | sha256sum | cut -d ' ' -f 1
)

# patch_parse FILE - set P_NAME, P_MAIL, P_SUBJECT, P_NEW; write the message to
# $SCRATCH/message and the hunks to $SCRATCH/hunks
patch_parse() {
	local file=$1 name=${1##*/} line n=0

	P_NAME='' P_MAIL='' P_SUBJECT='' P_NEW=()
	while IFS= read -r line; do
		n=$((n + 1))
		case $line in
		'') break ;;
		'# '*) ;;
		'From: '*' <'*'>')
			line=${line#From: }
			P_NAME=${line%% <*}
			P_MAIL=${line##* <}
			P_MAIL=${P_MAIL%>} ;;
		'Subject: '*) P_SUBJECT=${line#Subject: } ;;
		'New-File: '*) P_NEW+=("${line#New-File: }") ;;
		*) die "series/$name line $n is none of From:, Subject:, New-File: or an empty line before the message, correct it" ;;
		esac
	done <"$file"
	[[ $P_NAME && $P_MAIL ]] ||
		die "series/$name has no \"From: Name <address>\" line, add one"
	[[ $P_SUBJECT ]] || die "series/$name has no Subject: line, add one"
	grep -qx -- --- "$file" ||
		die "series/$name has no line \"---\" that ends the message, add it before the hunks"
	{
		printf '%s\n\n' "$P_SUBJECT"
		sed "1,${n}d; /^---\$/,\$d" "$file"
	} | git stripspace >"$SCRATCH/message"
	sed '1,/^---$/d' "$file" >"$SCRATCH/hunks"
}

# series_check ROOT - stop for what can be told without the base; set FILE_OF
# (overlay file to patch)
series_check() {
	local root=$1 name path file
	local -A seen=()

	series_order "$root"
	((${#ORDER[@]})) || die "series/order lists no patch, add one"
	for name in "${ORDER[@]}"; do
		[[ ! -v seen[$name] ]] ||
			die "series/order lists $name twice, remove one line"
		seen[$name]=y
		[[ -f $root/series/$name ]] ||
			die "series/order lists $name, which is not in series/: add the file or remove the line"
	done
	for file in "$root"/series/*.patch; do
		[[ -v seen[${file##*/}] ]] ||
			die "series/${file##*/} is not listed in series/order, list it or remove the file"
	done
	declare -gA FILE_OF=()
	for name in "${ORDER[@]}"; do
		while IFS= read -r path; do
			series_check_new "$root" "$name" "$path"
			FILE_OF[$path]=$name
		done < <(sed -n '/^$/q; s/^New-File: //p' "$root/series/$name")
	done
	while IFS= read -r path; do
		[[ -v FILE_OF[$path] ]] ||
			die "$path joins no commit, name it in a New-File: line of a patch in series/ or remove it"
	done < <(overlay_list "$root")
}

# series_check_new ROOT PATCH PATH - stop if PATH is no good New-File of PATCH
series_check_new() {
	local root=$1 name=$2 path=$3

	[[ ! -v FILE_OF[$path] ]] ||
		die "$path is a New-File: of both ${FILE_OF[$path]} and $name, keep one"
	in_overlay_root "$path" ||
		die "series/$name names $path as New-File:, which is outside the directories that mirror the kernel (${OVERLAY_ROOTS[*]})"
	[[ ! -L $root/$path ]] ||
		die "$path is a symbolic link, put a plain file there"
	[[ -f $root/$path ]] ||
		die "series/$name names $path as New-File:, which does not exist: add the file or remove the line"
}

# overlay_hash ROOT BASE - store the overlay files as objects; set BLOB_OF, MODE_OF
overlay_hash() {
	local root=$1 base=$2 path blob

	declare -gA BLOB_OF=() MODE_OF=()
	((${#FILE_OF[@]})) || return 0
	printf '%s\n' "${!FILE_OF[@]}" >"$SCRATCH/paths"
	path=$(git --literal-pathspecs ls-tree -r --name-only "$base" -- "${!FILE_OF[@]}" | head -n 1)
	[[ ! $path ]] ||
		die "$path exists in the base kernel already, make the change with hunks in series/ instead"
	sed "s|^|$root/|" "$SCRATCH/paths" |
		git hash-object -w --no-filters --stdin-paths >"$SCRATCH/blobs"
	while IFS= read -r path <&3 && IFS= read -r blob <&4; do
		BLOB_OF[$path]=$blob
		MODE_OF[$path]=100644
		[[ ! -x $root/$path ]] || MODE_OF[$path]=100755
	done 3<"$SCRATCH/paths" 4<"$SCRATCH/blobs"
}

# patch_apply NAME BASE - apply the hunks to the index, exactly or not at all
patch_apply() {
	local name=$1 base=$2 path why

	grep -q '[^[:space:]]' "$SCRATCH/hunks" || return 0
	if ! git apply --cached --whitespace=nowarn "$SCRATCH/hunks" 2>"$SCRATCH/why"; then
		why=$(sed -n 's/^error: //p' "$SCRATCH/why" | head -n 1)
		die "series/$name does not apply exactly (${why:-git apply failed}), adapt its hunks to the base: fuzz is refused"
	fi
	while IFS=$'\t' read -r -d '' _ _ path; do
		[[ ! -v FILE_OF[$path] ]] ||
			die "series/$name has a hunk for the overlay file $path, make the change in $path itself"
		[[ $(git ls-files -- ":(literal)$path") ]] || continue
		[[ $(git --literal-pathspecs ls-tree --name-only "$base" -- "$path") ]] ||
			die "series/$name creates $path by a hunk, put the file into the repository and name it in a New-File: line"
	done < <(git apply --numstat -z "$SCRATCH/hunks")
}

# patch_commit NAME PARENT DATE - commit the index; set COMMIT
patch_commit() {
	local name=$1 parent=$2 date=$3 tree

	tree=$(git write-tree)
	[[ $tree != "$(git rev-parse "$parent^{tree}")" ]] ||
		die "series/$name changes nothing, give it hunks or a New-File: line or remove it"
	COMMIT=$(identity "$P_NAME" "$P_MAIL" "$date" \
		git commit-tree -p "$parent" -F "$SCRATCH/message" "$tree")
}

# identity NAME MAIL DATE CMD... - run CMD as that author and committer
identity() {
	local name=$1 mail=$2 date=$3

	shift 3
	GIT_AUTHOR_NAME=$name GIT_AUTHOR_EMAIL=$mail GIT_AUTHOR_DATE="$date +0000" \
	GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$mail GIT_COMMITTER_DATE="$date +0000" \
		"$@"
}

# series_commit ROOT REPO - turn the project at ROOT into commits above the base
# of REPO, without a look at its work tree; set COMMIT to the last
series_commit() {
	local root=$1 base name path date=${BASE_IS[epoch]}

	export GIT_DIR=$2/.git GIT_INDEX_FILE=$SCRATCH/index
	base=$(git rev-parse "$BASE_REF")
	series_check "$root"
	overlay_hash "$root" "$base"
	git read-tree "$base"
	COMMIT=$base
	for name in "${ORDER[@]}"; do
		date=$((date + 60))
		patch_parse "$root/series/$name"
		patch_apply "$name" "$base"
		for path in "${P_NEW[@]}"; do
			printf '%s %s\t%s\n' "${MODE_OF[$path]}" "${BLOB_OF[$path]}" "$path"
		done | git update-index --add --index-info
		patch_commit "$name" "$COMMIT" "$date"
	done
	unset GIT_DIR GIT_INDEX_FILE
}

# linux_finish_move - undo a move of the work tree that was cut off
linux_finish_move() {
	local from

	[[ -f $LINUX/.git/prmem-moving ]] || return 0
	from=$(<"$LINUX/.git/prmem-moving")
	say "tree: the last run was cut off, putting build/linux back"
	rm -f "$LINUX/.git/index.lock"
	git -C "$LINUX" reset -q --hard "$from"
	rm "$LINUX/.git/prmem-moving"
}

# linux_move TO KEY - make TO the state of build/linux; only files that differ
# are written
linux_move() {
	local to=$1 key=$2 from

	from=$(git -C "$LINUX" rev-parse HEAD)
	printf '%s\n' "$from" >"$LINUX/.git/prmem-moving"
	if ! git -C "$LINUX" read-tree -m -u "$from" "$to"; then
		linux_finish_move
		die "build/linux could not be brought up to date and was put back, see the message above"
	fi
	git -C "$LINUX" update-ref -m compose HEAD "$to"
	git -C "$LINUX" update-ref "$COMPOSED_REF" "$to"
	printf '%s\n' "$key" >"$LINUX/.git/prmem-key"
	rm "$LINUX/.git/prmem-moving"
}

# linux_exists - stop if build/linux is something else than a composed tree
linux_exists() {
	[[ -e $LINUX ]] || return 1
	[[ -f $LINUX/.git/prmem-base ]] ||
		die "$LINUX was not made by tools/compose, move it away"
}

# linux_clean ADVICE - stop if build/linux has edits that are not committed
linux_clean() {
	local path

	[[ ! -d $LINUX/.git/rebase-merge && ! -d $LINUX/.git/rebase-apply ]] ||
		die "build/linux is in the middle of a rebase, finish or abort it first"
	path=$(git -C "$LINUX" status --porcelain | head -n 1)
	[[ ! $path ]] ||
		die "build/linux has edits that are not committed (${path:3}), $1"
}

# linux_composed - stop if build/linux has commits that compose did not make
linux_composed() {
	[[ $(git -C "$LINUX" rev-parse HEAD) == $(git -C "$LINUX" rev-parse "$COMPOSED_REF") ]] ||
		die "build/linux has commits that are not in series/, run tools/absorb to take them over or \"git reset --hard $COMPOSED_REF\" there to discard them"
}
