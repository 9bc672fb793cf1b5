#!/usr/bin/env bats
# Where a report is written to, in folders that somebody else can change.

setup() {
	load ../common
	common_setup
	open_copy
	policy p.ini <<<$'[policy]\ndefault = allow\n[deny]\nsyscalls = mkdir'
	# a file of root's, which nothing may touch
	mkdir -m 0755 "$OPEN/victim"
	echo 'root:x:0:0' >"$OPEN/victim/passwd"
	chmod 0600 "$OPEN/victim/passwd"
	BEFORE=$(seen "$OPEN/victim/passwd")
}
teardown() { common_teardown; }

seen() { # what is there: owner, mode, inode, content
	stat -c '%u %a %i %h' "$1"
	cat "$1"
}

unharmed() {
	is victim "$(seen "$OPEN/victim/passwd")" "$BEFORE"
}

report_to() { # as root
	capture sandbox -p "$POLICY" --trace=notify -r "$1" -- true
}

refuses() { # refuses PATH REASON: CMD is not started, nothing is written
	capture sandbox -p "$POLICY" --trace=notify -r "$1" -- touch "$MARKER"
	never_started 125 "$2"
	unharmed
}

# race A B PATH: -r PATH, while a user exchanges A and B, which `bait` makes.
race() {
	local tries swapper
	for ((tries = 0; tries < 200; tries++)); do
		rm -rf "${OPEN:?}/tmp"/*
		bait
		setpriv --reuid 65534 --regid 65534 --clear-groups \
			"$OPEN/helpers/swap" "$1" "$2" 2>/dev/null 3>&- &
		swapper=$!
		PIDS+=("$swapper")
		sleep 0.01
		report_to "$3"
		kill -KILL "$swapper"
		wait "$swapper" 2>/dev/null || true
		unharmed
	done
}

@test "as root: a user who exchanges the report for a link wins nothing" {
	need_root
	bait() {
		as_user sh -c ': >r; chmod 0666 r; ln -s ../victim/passwd l'
	}
	cd "$OPEN/tmp"
	race "$OPEN/tmp/r" "$OPEN/tmp/l" "$OPEN/tmp/r"
}

@test "as root: nor one who exchanges its folder for a link" {
	need_root
	bait() {
		as_user sh -c 'mkdir r; : >r/passwd; ln -s ../victim l'
	}
	cd "$OPEN/tmp"
	race "$OPEN/tmp/r" "$OPEN/tmp/l" "$OPEN/tmp/r/passwd"
}

@test "as root: links of a stranger's and in a stranger's folder are refused" {
	need_root
	local t=$OPEN/tmp why='root does not follow'
	as_user ln -s ../victim/passwd "$t/link"
	as_user ln -s ../victim/missing "$t/dangling"
	as_user ln -s ../victim "$t/folder"
	as_user mkdir "$t/deep"
	refuses "$t/link" "$why the link $t/link: .*folder $t belongs to user"
	refuses "$t/dangling" "$why the link $t/dangling"
	refuses "$t/folder/passwd" "$why the link $t/folder"
	refuses "$t/deep/../../victim/passwd" "$why $t/deep/\.\."
	[ ! -e "$OPEN/victim/missing" ]
	# root's own link, which the folder's owner may have moved there
	ln -s ../victim/passwd "$t/roots"
	refuses "$t/roots" "$why the link $t/roots"
	# in a folder that all may write to
	mkdir -m 0777 "$OPEN/all"
	chmod 0777 "$OPEN/all"
	ln -s ../victim/passwd "$OPEN/all/link"
	refuses "$OPEN/all/link" "$why the link .*others can write in its folder"
	# as in /tmp: each link is its owner's
	chmod 1777 "$OPEN/all"
	as_user ln -s ../victim/passwd "$OPEN/all/theirs"
	refuses "$OPEN/all/theirs" "$why the link .*theirs: the link .*belongs"
}

@test "as root: links of root's and of the caller of sudo are followed" {
	need_root
	local t=$OPEN/tmp
	mkdir "$OPEN/mine"
	: >"$OPEN/mine/file"
	ln -s mine/file "$OPEN/link"
	report_to "$OPEN/link"
	is status "$status" 0
	[ -L "$OPEN/link" ]
	has file "$(<"$OPEN/mine/file")" 'no system call was denied'
	as_user sh -c "echo before >'$t/file'; ln -s file '$t/link'"
	SUDO_UID=65534 report_to "$t/link"
	is status "$status" 0
	has file "$(<"$t/file")" 'no system call was denied'
	is owner "$(stat -c %u "$t/file")" 65534
}

@test "as root: a report in a user's folder, where no link is" {
	need_root
	local t=$OPEN/tmp
	as_user sh -c "echo before >'$t/r'; chmod 0640 '$t/r'"
	report_to "$t/r"
	is theirs "$(stat -c '%u %a' "$t/r")" "65534 640"
	has theirs "$(<"$t/r")" 'no system call was denied'
	report_to "$t/new"
	is new "$(stat -c %u "$t/new")" 0
	# a second name of root's file is a name that is replaced, no more
	ln "$OPEN/victim/passwd" "$t/second"
	BEFORE=${BEFORE/ 2$'\n'/ 1$'\n'}
	report_to "$t/second"
	has second "$(<"$t/second")" 'no system call was denied'
	is second "$(stat -c '%u %a' "$t/second")" "0 600"
	unharmed
}

@test "as root: another owner's file that has come there is left alone" {
	need_root
	local t=$OPEN/tmp
	as_user sh -c ": >'$t/r'"
	"$SANDBOX" -p "$POLICY" --trace=notify -r "$t/r" -- sh -c \
		"while [ ! -e '$MARKER' ]; do sleep 0.05; done; exit 3" \
		2>"$T/err" 3>&- &
	PIDS+=($!)
	wait_for pgrep -P $!
	wait_for grep -q running "$t/r"
	mv "$OPEN/victim/passwd" "$t/passwd"
	as_user mv -f "$t/passwd" "$t/r"
	: >"$MARKER"
	wait $! || status=$?
	is status "$status" 3
	has err "$(<"$T/err")" 'the report is lost: .*/r: another file has appeared there meanwhile'
	is victim "$(seen "$t/r")" "$BEFORE"
}

@test "an ordinary user's links are followed, dangling ones too" {
	local t=$OPEN/tmp
	chmod a+r "$POLICY"
	cp "$POLICY" "$OPEN/p.ini"
	as_user sh -c "echo before >'$t/file'; mkdir '$t/d'
		ln -s file '$t/link'; ln -s d/missing '$t/dangling'
		ln -s d '$t/folder'"
	for place in link dangling folder/new; do
		capture as_user "$OPEN/sandbox" -p "$OPEN/p.ini" \
			--trace=notify -r "$t/$place" -- true
		is "status ($place)" "$status" 0
		has "$place" "$(<"$t/$place")" 'no system call was denied'
	done
	[ -L "$t/link" ] && [ -L "$t/dangling" ]
	has file "$(<"$t/file")" 'no system call was denied'
	[ -f "$t/d/missing" ]
	# round and round
	as_user ln -s ring "$t/ring"
	capture as_user "$OPEN/sandbox" -p "$OPEN/p.ini" --trace=notify \
		-r "$t/ring" -- touch "$MARKER"
	never_started 125 'the link .*ring leads nowhere'
}
