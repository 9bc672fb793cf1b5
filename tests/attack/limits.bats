#!/usr/bin/env bats
# CMD takes the means of its monitor away, limits above all, and makes denied
# calls (tests/helpers/limits.c).  None succeeds, none hangs, and no process of
# sandbox stays behind.

setup() {
	load common
	attack_setup
}
teardown() { attack_teardown; }

still_there() {
	if_true test -n "$(monitors)"
}

harm() { # WHAT USER MODE
	local what=$1
	shift
	try "$@" -p "$OPEN/deny.ini" -q -- "$OPEN/helpers/limits" "$what" \
		"$FOLDER"
	tried "monitor's limits" "$@" 1 folder_made
	tried "monitor's limits: hang" "$@" 1 if_true test "$status" = 124
	wait_briefly no_monitor || true
	tried "monitor's limits: left" "$@" 1 still_there
	end_all
}

@test "a poll that fails holds up a monitor that looks at no error" {
	local pid
	"$OPEN/helpers/naive" poll "$OPEN/helpers/limits" nofile "$FOLDER" \
		>"$T/stdout" 3>&- &
	pid=$!
	PIDS+=("$pid")
	wait_for grep -q made "$T/stdout"
	rm -rf "$FOLDER"
	sleep 1
	control "monitor's limits: left" state_is "$pid" R
}

no_descriptors() { harm nofile "$@"; }

@test "no descriptors" {
	each no_descriptors "${TRACED[@]:0:5}"
	# the last one found its monitor
	has found "$output" 'found [1-9]'
	held
}

everything_else() { # USER MODE
	local what
	for what in as data stack fsize cpu nproc alrm chld cont xfsz idle; do
		harm $what "$@"
	done
}

@test "no memory, time, file or process; signals; the lowest priority" {
	each everything_else "${TRACED[@]:0:4}"
	held
}
