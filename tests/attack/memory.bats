#!/usr/bin/env bats
# CMD's memory, which the report shows, does not hold up sandbox
# (tests/helpers/uffd.c), and is no other process's (tests/helpers/twin.c).

setup() {
	load common
	attack_setup
	UFFD=$OPEN/helpers/uffd
	TWIN=$OPEN/helpers/twin
}
teardown() { attack_teardown; }

@test "memory that never comes: who reads it waits" {
	capture "$UFFD" read
	[ "$status" != 3 ] || skip "no userfaultfd(2) here"
	control "absent memory" grep -q blocked "$T/stdout"
}

never_there() { # USER MODE
	local holder socket=$OPEN/tmp/socket
	rm -f "$socket" "$OPEN/tmp/report"
	as "$1" "$UFFD" hold "$socket" >"$T/holder" 3>&- &
	holder=$!
	PIDS+=("$holder")
	wait_for grep -q ready "$T/holder"
	try "$@" -p "$OPEN/deny.ini" -r "$OPEN/tmp/report" -- \
		"$UFFD" call "$socket"
	if [ "$status" = 3 ]; then
		# an ordinary user may have none
		kill -KILL "$holder"
		wait "$holder" 2>/dev/null || true
		return
	fi
	grep -q held "$T/holder"
	wait_briefly no_monitor || true
	tried "absent memory" "$@" 1 if_true test \
		"$status" = 124 -o "$status" = 137 -o -n "$(monitors)"
	end_all
	wait "$holder" 2>/dev/null || true
}

@test "memory that never comes: sandbox ends when CMD does" {
	each never_there "${TRACED[@]}"
	held
}

# The secret's process has the number that CMD has in its own namespace, and
# /proc is the outer one's.  process_vm_readv(2) is refused, so that /proc is what
# is left to read from.
SECRET=secret-of-another-process

hold_secret() {
	"$TWIN" hold $SECRET >"$T/holder" 3>&- &
	PIDS+=($!)
	wait_for grep -q ready "$T/holder"
	VICTIM=$(sed 's/ .*//' "$T/holder")
}

# as_twin BEFORE LAUNCH...: in a PID namespace where the next processes' numbers
# begin BEFORE below the victim's.
as_twin() {
	# shellcheck disable=SC2016
	capture timeout -k 2 "$HANG" "$OPEN/sandbox" --deny process_vm_readv -- \
		unshare -pf bash -c 'echo "$1" >/proc/sys/kernel/ns_last_pid
			shift; "$@"; exit $?' "$OPEN" $((VICTIM - $1)) \
		"${@:2}"
}

is_twin() { grep -q "^$VICTIM ready" "$T/stdout"; }

@test "another process with the same number: who asks /proc alone is misled" {
	local before address
	need_root
	hold_secret
	address=$("$TWIN" address)
	for before in 1 2 3 4 5 6; do
		as_twin $before "$OPEN/helpers/naive" peek "$address" \
			"$TWIN" call harmless
		! is_twin || break
	done
	is_twin
	control "another's memory" grep -q "peek: $SECRET" "$T/stdout"
}

read_twin() { # USER MODE
	local before
	for before in 1 2 3 4 5 6 7 8; do
		# shellcheck disable=SC2046
		as_twin $before "$OPEN/sandbox" -p "$OPEN/deny.ini" \
			$(options "$2") -vv -r "$OPEN/tmp/report" -- \
			"$TWIN" call harmless
		! is_twin || break
	done
	wait_briefly no_monitor || true
	# CMD did get that number, or this proves nothing
	is_twin
	tried "another's memory" "$@" 1 if_true \
		grep -qs $SECRET "$T/stdout" "$T/stderr" "$OPEN/tmp/report"
}

@test "another process with the same number: its memory is not shown" {
	need_root
	USERS=(root)
	hold_secret
	each read_twin "${TRACED[@]:0:4}" --permissive
	held
}
