#!/usr/bin/env bats
# Programs that fight their tracer (tests/helpers/escape.c): the denied folder
# must not come to be.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	open_copy
	FOLDER=$OPEN/tmp/folder
	cat >"$OPEN/deny.ini" <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir mkdirat
	INI
	chmod 0644 "$OPEN/deny.ini"
	sed 's/\[deny\]/[kill]/' "$OPEN/deny.ini" >"$OPEN/kill.ini"
	chmod 0644 "$OPEN/kill.ini"
}
teardown() { common_teardown; }

escape() { # escape POLICY HOW [OPTION...]
	capture timeout "$LIMIT" "$OPEN/sandbox" \
		-p "$OPEN/$1.ini" "${@:3}" -- \
		"$OPEN/helpers/escape" "$2" "$FOLDER"
}

user_escape() {
	capture as_user timeout "$LIMIT" "$OPEN/sandbox" \
		-p "$OPEN/$1.ini" "${@:3}" -- \
		"$OPEN/helpers/escape" "$2" "$FOLDER"
}

# Who tries what is still at it? Our folder's name is in their arguments.
none_left() {
	is "still there" "$(grep -lsF "$FOLDER" /proc/[0-9]*/cmdline |
		grep -v "^/proc/$$/" | while read -r file; do
			gone "$(basename "$(dirname "$file")")" || echo "$file"
		done)" ""
}

# bats test_tags=once
@test "the attempts work where nothing stops them" {
	capture "$OPEN/helpers/escape" listener "$FOLDER"
	rmdir "$FOLDER"
	capture "$OPEN/helpers/escape" untraced-clone "$FOLDER"
	rmdir "$FOLDER"
	capture "$OPEN/helpers/escape" disguise "$FOLDER"
	rmdir "$FOLDER"
	capture "$OPEN/helpers/escape" untraced-clone3 "$FOLDER"
	[ -d "$FOLDER" ]
}

@test "a listener of its own, answering CONTINUE" {
	for try in escape user_escape; do
		$try deny listener "$TRACE"
		is output "$output" \
			"$(printf 'seccomp: EBUSY\nmkdir: EPERM')"
		[ ! -e "$FOLDER" ]
	done
}

@test "a listener of its own through the i386 ABI" {
	need_i386
	policy p.ini <<-'INI'
	[policy]
	default = allow
	architectures = x86_64 x86
	INI
	# seccomp(SET_MODE_FILTER, NEW_LISTENER, NULL): EFAULT if it were heard
	traced "$HELPERS/syscalls" int80:354 1 8 0 , int80:354 1 0 0
	is output "$output" \
		"$(printf 'int80:354 = -1 EBUSY\nint80:354 = -1 EFAULT')"
}

# A child that ptrace would not get: ptrace forbids it. Notify answers it like
# any other, and a tracer of CMD's own has no say in the answer.
untraced() { # untraced CALL WHAT-PTRACE-ANSWERS
	local try wanted="$1: $2"
	if by_notify; then
		wanted=$(printf '%s\n' "$1: ok" 'seize: ok' 'mkdir: EPERM')
	fi
	for try in escape user_escape; do
		$try deny "untraced-$1" "$TRACE"
		is output "$output" "$wanted"
		[ ! -e "$FOLDER" ]
	done
}

@test "an untraced child (clone) with a tracer of its own" {
	untraced clone EPERM
}

@test "an untraced child (clone3) with a tracer of its own" {
	untraced clone3 ENOSYS
}

@test "an allowed call that a tracer of its own turns into a denied one" {
	local try wanted
	# ptrace leaves no room for a tracer of its own: the call, allowed, comes
	# to ours and stays what it is (EINVAL: no such clock)
	wanted=$(printf '%s\n' 'seize: EPERM' 'seccomp: ok' 'disguise: EINVAL')
	if by_notify; then
		wanted=$(printf '%s\n' 'seize: ok' 'seccomp: ok' \
			'disguise: EPERM')
	fi
	for try in escape user_escape; do
		$try deny disguise "$TRACE"
		is output "$output" "$wanted"
		[ ! -e "$FOLDER" ]
	done
}

@test "CMD kills its tracer: nothing of it is left to try" {
	for try in escape user_escape; do
		$try deny kill "$TRACE"
		is status "$status" 137
		wait_for none_left
		# longer than the attempts wait
		sleep 2
		[ ! -e "$FOLDER" ]
	done
}

# bats test_tags=once
@test "CMD kills sandbox without a tracer: the denial stands" {
	for try in escape user_escape; do
		$try deny kill
		is status "$status" 137
		wait_for none_left
		[ ! -e "$FOLDER" ]
	done
}

@test "a kill rule cannot be disarmed by a filter without a listener" {
	for mode in "${MODES[@]}"; do
		escape kill disarm $mode
		is status "$status" 159
		hasnt output "$output" mkdir
		[ ! -e "$FOLDER" ]
	done
}

@test "a kill rule holds under a listener of its own" {
	escape kill listener "$TRACE"
	is status "$status" 159
	[ ! -e "$FOLDER" ]
}

@test "an ordinary user's CMD cannot reach into sandbox" {
	for mode in "${MODES[@]}"; do
		user_escape deny memory $mode
		is "output ($mode)" "$output" "$(printf '%s\n' 'mem: EACCES' \
			'readv: EPERM' 'writev: EPERM' 'seize: EPERM' \
			'getfd: EPERM')"
	done
}
