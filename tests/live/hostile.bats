#!/usr/bin/env bats
# kill -9 of the monitor while a program makes denied and allowed calls; what is
# left of it then tries a listener, a tracer and filters of its own
# (tests/helpers/escape.c, "outlive"). No denied call ever succeeds.

# bats file_tags=both-tracers

# For each of root and an ordinary user, with each tracer.
ROUNDS=${ROUNDS:-25}

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
}
teardown() { common_teardown; }

# Our folder's name is in the arguments of all that is left.
left() {
	local file
	for file in $(grep -lsF "$FOLDER" /proc/[0-9]*/cmdline); do
		gone "$(basename "$(dirname "$file")")" || echo "$file"
	done
}

none_left() {
	[ -z "$(left)" ]
}

both_ready() {
	[ "$(grep -c 'ready: ok' "$T/said")" = 2 ]
}

# round MS: ends the monitor MS milliseconds after CMD's first denied calls.
round() {
	"${AS[@]}" "$OPEN/sandbox" -p "$OPEN/deny.ini" "$TRACE" -q -- \
		"$OPEN/helpers/escape" outlive "$FOLDER" \
		>"$T/said" 2>"$T/stderr" 3>&- </dev/null &
	local monitor=$!
	PIDS+=("$monitor")
	wait_for both_ready
	sleep "$(printf '0.%03d' "$1")"
	kill -KILL "$monitor"
	wait "$monitor" 2>/dev/null || true
	wait_for none_left
	if [ -e "$FOLDER" ] || grep -E 'while served|getppid|(mkdir|disguise): ok' \
		"$T/said"; then
		echo "round $1: a denied call succeeded"
		cat "$T/said" "$T/stderr"
		return 1
	fi
	if by_notify; then
		# CMD gets its death signal sooner or later; the other goes on
		# and tries it all
		is said "$(sed -n 's/^other //p' "$T/said")" "$(printf '%s\n' \
			'ready: ok' 'seccomp: EBUSY' 'mkdir: ENOSYS' \
			'seize: ok' 'seccomp: ok' 'disguise: ENOSYS' \
			'seccomp: ok' 'mkdir: ENOSYS' 'end: ok')"
	else
		# all were killed with the tracer
		is said "$(grep -vc 'ready: ok' "$T/said")" 0
	fi
}

rounds() {
	local i
	for ((i = 0; i < ROUNDS; i++)); do
		round $((RANDOM % 60)) || return 1
	done
}

@test "the monitor is killed under CMD, again and again" {
	AS=(env)
	rounds
}

@test "the same as an ordinary user" {
	need_root
	# not as_user: the monitor is to be the job itself
	AS=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	rounds
}
