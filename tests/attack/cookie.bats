#!/usr/bin/env bats
# What lets the launch's own execve pass can be read by another run under the same
# policy while the kernel waits for the disk (tests/helpers/cookie.c). CMD, to
# which every execve is denied, never gets another program that way.
#
# A race: tries are counted.

TRIES=${TRIES:-4}

setup() {
	load common
	attack_setup
	COOKIE=$OPEN/tmp/cookie
	FOUND=$OPEN/tmp/found
	cp "$OPEN/helpers/cookie" "$COOKIE"
	sync "$COOKIE"
	write exec.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @exec ptrace process_vm_writev process_vm_readv
	openat = if flags & O_WRITES != 0
	open = if flags & O_WRITES != 0
	creat = EPERM
	openat2 = EPERM
	INI
}
teardown() { attack_teardown; }

# The watcher runs from another copy: pages in use stay.
cold() {
	dd if="$COOKIE" iflag=nocache count=0 status=none
}

# watched USER WATCH LAUNCH...: LAUNCH waits until it is looked at; WATCH are the
# words before the watcher.  Sets status, output, stderr.
watched() {
	local user=$1 watch=$2 pid watcher
	shift 2
	: >"$FOUND"
	chmod 0666 "$FOUND"
	rm -f "$T/pid"
	# shellcheck disable=SC2016
	capture as "$user" timeout -k 2 "$HANG" bash -c \
		'echo $$ >&4; until [ -e "$0" ]; do sleep 0.01; done; exec "$@"' \
		"$OPEN/tmp/go" "$@" 4>"$T/pid" &
	pid=$!
	wait_for test -s "$T/pid"
	# shellcheck disable=SC2086
	as "$user" $watch "$OPEN/helpers/cookie" watch "$(<"$T/pid")" >"$FOUND" \
		2>/dev/null 3>&- &
	watcher=$!
	PIDS+=("$watcher")
	wait_for grep -q ready "$FOUND"
	cold
	: >"$OPEN/tmp/go"
	wait "$pid" || true
	kill "$watcher" 2>/dev/null || true
	wait "$watcher" 2>/dev/null || true
	rm -f "$OPEN/tmp/go"
	output=$(<"$T/stdout")
}

numbers_shown() { grep -Eq '^[0-9]+ 1234567890abcdef fedcba987654321' "$FOUND"; }

@test "the registers of an execve can be read while it waits for the disk" {
	local i
	for i in {1..20}; do
		watched "${USERS[-1]}" "" "$OPEN/helpers/naive" cookie \
			"$COOKIE" use /dev/null
		numbers_shown && break
	done
	control "cookie in exec" numbers_shown
}

read_it() { # USER MODE
	local i broke=0
	for ((i = 0; i < TRIES; i++)); do
		# shellcheck disable=SC2046
		watched "$1" "$OPEN/sandbox -p $OPEN/exec.ini --" \
			"$OPEN/sandbox" -p "$OPEN/exec.ini" $(options "$2") -- \
			"$COOKIE" use "$FOUND"
		has output "$output" 'refused|unseen|EXECUTED'
		if grep -q EXECUTED <<<"$output"; then
			broke=$((broke + 1))
		fi
		end_all
	done
	tried "cookie in exec" "$@" $TRIES echo $broke
}

@test "the launch's own execve shows nothing of use" {
	each read_it "${MODES[@]}"
	held
}
