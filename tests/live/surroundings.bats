#!/usr/bin/env bats
# What CMD finds around it, and which file is run, is as without sandbox.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy allow.ini <<-'INI'
	[policy]
	default = allow
	INI
	MODES=("${MODES[@]/%/ -q}")
}
teardown() { common_teardown; }

# ------------------------------------------------------------ surroundings

# same CMD...: CMD says the same with and without sandbox.
same() {
	"$@" >"$T/without" 2>&1 3>&- </dev/null
	for mode in "${MODES[@]}"; do
		sandbox -p "$POLICY" $mode -- "$@" >"$T/with" 2>&1 3>&- \
			</dev/null
		diff "$T/without" "$T/with"
	done
}

@test "environment, arguments, folder, umask, limits, priority are unchanged" {
	export ODD=$'a\nb' EMPTY=
	(
		umask 0123
		cd "$T"
		ulimit -S -n 321
		# a shell sets _ anew for each command
		same env -u _ -0
		same sh -c 'umask; pwd; ulimit -a; nice; tr "\0" "|" </proc/$$/cmdline' \
			'odd $0' '' 'a b' '*'
		)
}

# bats test_tags=once
@test "an odd argv[0] is the file's name as it was typed" {
	capture sandbox -p "$POLICY" -- sh -c 'echo $0'
	is output "$output" sh
	ln -s /bin/sh "$T/-odd name"
	PATH=$T:$PATH capture sandbox -p "$POLICY" -- "-odd name" -c 'echo $0'
	is output "$output" "-odd name"
}

@test "process group, session and parent: CMD is sandbox's child in its group" {
	for mode in "${MODES[@]}"; do
		"$SANDBOX" -p "$POLICY" $mode -- sh -c \
			'set -- $(cut -d" " -f4-6 /proc/$$/stat); echo $*' \
			>"$T/out" 3>&- &
		front=$!
		wait "$front"
		read -r parent group session <"$T/out"
		read -r _ _ _ _ mygroup mysession _ <"/proc/$BASHPID/stat"
		is parent "$parent" "$front"
		is group "$group" "$mygroup"
		is session "$session" "$mysession"
	done
}

@test "ignored signals stay ignored, blocked ones blocked" {
	for given in "" "ignore:13" "ignore:1 ignore:2 ignore:17" \
		"block:10 block:64 ignore:34" "block:15 block:17 block:20"; do
		"$HELPERS/signals" with $given grep -E '^Sig(Blk|Ign)' \
			/proc/self/status >"$T/without" 3>&-
		for mode in "${MODES[@]}"; do
			"$HELPERS/signals" with $given "$SANDBOX" \
				-p "$POLICY" $mode -- grep -E \
				'^Sig(Blk|Ign)' /proc/self/status \
				>"$T/with" 3>&-
			diff "$T/without" "$T/with" || {
				echo "given: $given, mode: $mode"
				return 1
			}
		done
	done
}

@test "inherited descriptors are the same; --close-fds leaves 0-2" {
	: >"$T/file"
	same_fds() {
		"$@" bash -c 'cd /proc/$$/fd && for fd in *; do
			echo "$fd $(readlink $fd)"; done' \
			7<"$T/file" 12>>"$T/file" 3>&- </dev/null 2>/dev/null |
			sed 's/pipe:.*/pipe/' | grep -v "/proc/"
	}
	same_fds env >"$T/without"
	grep -q '^12 ' "$T/without"
	for mode in "${MODES[@]}"; do
		same_fds "$SANDBOX" -p "$POLICY" $mode -- >"$T/with"
		diff "$T/without" "$T/with"
		same_fds "$SANDBOX" -p "$POLICY" $mode --close-fds -- \
			>"$T/closed"
		# 3 and 255 are bash's own
		is "closed ($mode)" "$(cut -d' ' -f1 "$T/closed" |
			grep -vxE '3|255' | tr '\n' ' ')" "0 1 2 "
	done
}

# Linux before 5.9 and before 5.11 answer so, and a filter around us may.
@test "--close-fds where close_range is not to be had" {
	local around mode
	for around in ENOSYS EINVAL EPERM; do
		policy around.ini <<-INI
		[policy]
		default = allow
		[deny]
		close_range = $around
		INI
		for mode in "${MODES[@]}" --in-place; do
			capture sandbox -p "$POLICY" -- \
				"$SANDBOX" --deny mkdir $mode --close-fds -- \
				ls /proc/self/fd 7</dev/null 999</dev/null
			is "status ($around, $mode)" "$status" 0
			# 3 is ls's own
			is "open ($around, $mode)" "${output//[$'\n']/ }" \
				"0 1 2 3"
		done
	done
	# and what cannot be closed is not given away
	cat >>"$POLICY" <<<"getdents64 = EIO"
	capture sandbox -p "$POLICY" -- \
		"$SANDBOX" --deny mkdir --close-fds -- touch "$MARKER"
	never_started 125 'cannot close descriptors: Input/output error'
}

@test "no_new_privs is set, seccomp filters are in force, dumpable is as before" {
	for mode in "${MODES[@]}"; do
		capture sandbox -p "$POLICY" $mode -- \
			grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
		is "state ($mode)" "$output" \
			"$(printf 'NoNewPrivs:\t1\nSeccomp:\t2')"
		capture sandbox -p "$POLICY" $mode -- \
			"$HELPERS/syscalls" prctl 3
		is "dumpable ($mode)" "$output" "prctl = 1"
	done
}

# ------------------------------------------------------------- exec failures

@test "not found: 127; found and not runnable: 126" {
	: >"$T/plain"
	printf 'no program' >"$T/broken"
	printf '\177ELFjunk' >"$T/elf"
	printf '#!/no/such/interpreter\n' >"$T/script"
	chmod 0755 "$T/elf" "$T/script"
	for mode in "${MODES[@]% -q}"; do
		for try in "127 nosuchcommand" "127 $T/nosuch" "126 $T/plain" \
			"126 $T" "126 $T/plain/below" "127 $T/script"; do
			set -- $try
			capture sandbox -p "$POLICY" $mode -- "$2"
			# ENOTDIR is "found something" for some, not for others
			case $2 in
			*/below) has status "$status" '^12[67]$' ;;
			*) is "$2 ($mode)" "$status" "$1" ;;
			esac
			has stderr "$stderr" "^sandbox: .*${2##*/}"
		done
	done
	PATH=$T capture "$SANDBOX" -p "$POLICY" -- plain
	is status "$status" 126
}

@test "a script without #! is run by sh, as execvp does" {
	printf 'echo "script $0 $1 $2"; exit 9\n' >"$T/script"
	chmod 0755 "$T/script"
	for mode in "${MODES[@]}"; do
		capture sandbox -p "$POLICY" $mode -- "$T/script" one 'two 2'
		is "output ($mode)" "$output" "script $T/script one two 2"
		is "status ($mode)" "$status" 9
		PATH=$T:$PATH capture sandbox -p "$POLICY" $mode -- script a b
		is "output ($mode)" "$output" "script $T/script a b"
	done
}

# bats test_tags=once
@test "the PATH: an empty element is the working folder, the first hit runs" {
	mkdir "$T/a" "$T/b"
	printf '#!/bin/sh\necho here\n' >"$T/tool"
	printf '#!/bin/sh\necho b\n' >"$T/b/tool"
	# in the way and not runnable
	: >"$T/a/tool"
	chmod 0755 "$T/tool" "$T/b/tool"
	cd "$T"
	PATH=:/bin capture "$SANDBOX" -p "$POLICY" -- tool
	is output "$output" here
	PATH=/bin: capture "$SANDBOX" -p "$POLICY" -- tool
	is output "$output" here
	PATH=$T/a:$T/b:/bin capture "$SANDBOX" -p "$POLICY" -- tool
	is output "$output" b
	PATH=/bin capture "$SANDBOX" -p "$POLICY" -- tool
	is status "$status" 127
	(
		unset PATH
		capture "$SANDBOX" -p "$POLICY" -- true
		is status "$status" 0
	)
	# no file has this name, so none was meant
	capture sandbox -p "$POLICY" -- ""
	has status "$status" '^12[57]$'
}

@test "the exec's own denial never shows: a failed lookup under a policy that denies execve" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	INI
	capture sandbox -p "$POLICY" -- nosuchcommand
	is status "$status" 127
	capture sandbox -p "$POLICY" -- "$T"
	is status "$status" 126
	printf 'exit 0\n' >"$T/script"
	chmod 0755 "$T/script"
	capture sandbox -p "$POLICY" "$TRACE" -- "$T/script"
	hasnt status "$status" '^12[56]$'
	has comm "$stderr" 'sh\[[0-9]+\]'
}
