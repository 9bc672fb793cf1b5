#!/usr/bin/env bats
# kill -9 of the monitor while a program makes denied and allowed calls; what is
# left of it then tries a listener, a tracer and filters of its own
# (tests/helpers/escape.c, "outlive"). No denied call ever succeeds.

# bats file_tags=both-tracers

# For each of root and an ordinary user, forked and in place, with each tracer:
# 104 in all.
ROUNDS=${ROUNDS:-13}

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

the_monitor() {
	if [ "$1" ]; then
		pgrep -f -- "$1 .*$FOLDER"
	else
		echo "$CMD"
	fi
}

# round MODE MS: ends the monitor MS milliseconds after CMD's first denied calls.
round() {
	local monitor mode=$1
	rm -f "$T/said"
	# shellcheck disable=SC2086
	"${AS[@]}" "$OPEN/sandbox" -p "$OPEN/deny.ini" "$TRACE" -q $mode -- \
		"$OPEN/helpers/escape" outlive "$FOLDER" \
		>"$T/said" 2>"$T/stderr" 3>&- </dev/null &
	CMD=$!
	PIDS+=("$CMD")
	wait_for both_ready
	monitor=$(the_monitor "$mode")
	sleep "$(printf '0.%03d' "$2")"
	kill -KILL "$monitor"
	wait "$CMD" 2>/dev/null || true
	wait_for none_left
	if [ -e "$FOLDER" ] || grep -E 'while served|getppid|(mkdir|disguise): ok' \
		"$T/said"; then
		echo "round $*: a denied call succeeded"
		cat "$T/said" "$T/stderr"
		return 1
	fi
	if by_notify; then
		# CMD gets its death signal sooner or later (in place: none);
		# the other goes on and tries it all
		is said "$(sed -n 's/^other //p' "$T/said")" "$(printf '%s\n' \
			'ready: ok' 'seccomp: EBUSY' 'mkdir: ENOSYS' \
			'seize: ok' 'seccomp: ok' 'disguise: ENOSYS' \
			'seccomp: ok' 'mkdir: ENOSYS' 'end: ok')"
	else
		# all were killed with the tracer
		is said "$(grep -vc 'ready: ok' "$T/said")" 0
	fi
}

rounds() { # rounds MODE
	local i
	for ((i = 0; i < ROUNDS; i++)); do
		round "$1" $((RANDOM % 60))
	done
}

# not as_user: the monitor is to be the job itself
NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups)

@test "the monitor is killed under CMD, again and again" {
	AS=(env)
	rounds ""
}

@test "the same as an ordinary user" {
	need_root
	AS=("${NOBODY[@]}")
	rounds ""
}

@test "the same in place, where the monitor is nobody's parent" {
	AS=(env)
	rounds --in-place
}

@test "the same in place, as an ordinary user" {
	need_root
	AS=("${NOBODY[@]}")
	rounds --in-place
}

# Whoever shares the monitor's user may lower its limits: then its poll(2) fails.
# bats test_tags=once
@test "the monitor's descriptors are taken away: denied calls do not wait, and it ends" {
	for mode in "" --in-place; do
		rm -f "$T/go"
		# shellcheck disable=SC2086
		"$OPEN/sandbox" -p "$OPEN/deny.ini" --trace=notify -q $mode \
			-- sh -c "(while [ ! -e '$T/go' ]; do sleep 0.05; done
			for i in 1 2 3 4; do
				'$OPEN/helpers/syscalls' mkdir '$FOLDER' 0755
			done >'$T/answers') & exit 0" \
			2>"$T/stderr" 3>&- </dev/null
		monitor=$(pgrep -f -- "^$OPEN/sandbox .*$FOLDER")
		prlimit --pid "$monitor" --nofile=0:0
		: >"$T/go"
		wait_for none_left
		is "answers ($mode)" "$(grep -cE 'mkdir = -1 E(PERM|NOSYS)$' \
			"$T/answers")" 4
		[ ! -e "$FOLDER" ]
	done
}
