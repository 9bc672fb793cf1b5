#!/usr/bin/env bats
# What CMD does of its own: filters above the policy's, execs of every kind, execs
# in the middle of denied calls, a storm of signals.  Nothing that is denied
# succeeds, and what was denied is counted exactly.

setup() {
	load common
	attack_setup
	NESTED=$OPEN/helpers/nested
	REPORT=$OPEN/tmp/report.json
	write exec.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @exec
	INI
}
teardown() { attack_teardown; }

opened() { sed -n 's/.*tries, \(.*\) open/\1/p' "$T/stdout"; }
tries() { sed -n 's/ tries.*//p' "$T/stdout"; }

# A filter that answers by ERRNO 0 makes nothing; six others do not stand in the
# way of the call.
@test "without a policy filters of its own and execs are no hindrance" {
	capture "$NESTED" filters "$FOLDER"
	control "stacked filters" test "$(opened)" -ge 6
	capture "$NESTED" execs
	control "kinds of exec" test "$(opened)" -ge 5
}

filters() { # USER MODE
	try "$@" -p "$OPEN/deny.ini" -q -- "$NESTED" filters "$FOLDER"
	is tries "$(tries)" 12
	tried "stacked filters" "$@" 12 opened
}

@test "filters of its own" {
	each filters "${MODES[@]}"
	held
}

execs() { # USER MODE
	try "$@" -p "$OPEN/exec.ini" -q -- "$NESTED" execs
	is tries "$(tries)" 8
	tried "kinds of exec" "$@" 8 opened
}

@test "execs of every kind" {
	each execs "${MODES[@]}"
	held
}

field() { # WORD FILE: the number behind it
	sed -n "s/.*$1 \([0-9]*\).*/\1/p" "$2"
}

races() { # USER MODE
	local counters=$OPEN/tmp/counters
	: >"$counters"
	chmod 0666 "$counters"
	try "$@" -p "$OPEN/deny.ini" -q -- "$OPEN/helpers/races" "$counters" \
		"$FOLDER" 40
	is "status ($*)" "$status" 0
	[ "$(field refused "$T/stdout")" -gt 100 ]
	tried "exec races" "$@" 40 field made "$T/stdout"
	wait_briefly no_monitor || true
}

@test "threads in denied calls while another one execs" {
	each races "${MODES[@]}"
	held
}

hits() {
	jq -r '[.denied[] | select(.syscall == "mkdir") | .hits] | add' "$REPORT"
}

# Notify may answer a call without SA_RESTART by EINTR, which is counted apart.
storm() { # USER MODE
	local how refused
	for how in restart interrupt; do
		rm -f "$REPORT"
		try "$@" -p "$OPEN/deny.ini" -q -r "$REPORT" --format=json -- \
			"$OPEN/helpers/alarms" $how 10000 4 2500 83
		wait_briefly no_monitor
		refused=$(field refused "$T/stdout")
		is "refused and interrupted" "$((refused + $(field interrupted \
			"$T/stdout")))" 10000
		tried "signal storm" "$@" 10000 field other "$T/stdout"
		is "hits ($*, $how)" "$(hits)" "$refused"
	done
}

@test "a storm of signals: the count is exact" {
	each storm "${TRACED[@]:0:4}"
	held
}
