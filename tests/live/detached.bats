#!/usr/bin/env bats
# What CMD leaves behind. notify: sandbox ends with CMD, and a detached monitor
# goes on to answer and to count (the tests with the tag `once`). ptrace: sandbox
# waits, with or without --wait.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = EACCES
	INI
	# CMD ends with status 3; a second after that its grandchild is here,
	# calls, waits for the word, and calls again
	LEFT="echo \$\$ >'$T/pid'
		'$HELPERS/syscalls' mkdir '$MARKER' 0755 x2 >'$T/first'
		while [ ! -e '$T/go' ]; do sleep 0.05; done
		'$HELPERS/syscalls' mkdir '$MARKER' 0755 x3 >'$T/second'"
}
teardown() { common_teardown; }

start() { # start OPTION...
	"$SANDBOX" -p "$POLICY" "$TRACE" -r "$REPORT" --format=json "$@" -- \
		"$HELPERS/spawn" daemon sh -c "$LEFT" \
		>"$T/stdout" 2>"$T/stderr" 3>&- </dev/null &
	FRONT=$!
	PIDS+=("$FRONT")
}

left_pid() {
	wait_for [ -s "$T/pid" ]
	LEFT_PID=$(<"$T/pid")
	PIDS+=("$LEFT_PID")
}

# Processes of sandbox's that know our report: $FRONT or the detached monitor.
monitors() {
	local file
	for file in $(grep -lsF "$REPORT" /proc/[0-9]*/cmdline); do
		file=$(basename "$(dirname "$file")")
		gone "$file" || echo "$file"
	done
}

no_monitor() {
	[ -z "$(monitors)" ]
}

hits_are() {
	[ "$(row mkdir .hits)" = "$1" ]
}

end_of_front() { # end_of_front STATUS
	status=0
	wait "$FRONT" || status=$?
	is status "$status" "$1"
}

# bats test_tags=once
@test "sandbox ends with CMD; the denials go on, and the report is final after the last process" {
	start
	end_of_front 3
	# CMD's report is there, though the other has not even begun
	is exit "$(json .exit.code)" 3
	is hits "$(json .totals.hits)" 0
	left_pid
	gone "$FRONT"
	# refreshed while it lives
	wait_for hits_are 2
	is first "$(<"$T/first")" "mkdir = -1 EACCES"
	PIDS+=("$(monitors)")
	: >"$T/go"
	wait_for gone "$LEFT_PID"
	is second "$(<"$T/second")" "mkdir = -1 EACCES"
	# and at once when the last has gone
	wait_for no_monitor
	is hits "$(row mkdir .hits)" 5
	is exit "$(json .exit.code)" 3
	[ ! -e "$MARKER" ]
	is stderr "$(<"$T/stderr")" ""
}

waits() { # waits OPTION...
	start "$@"
	left_pid
	wait_for hits_are 2
	# CMD has ended, sandbox has not
	wait_for json_has_end
	fails gone "$FRONT"
	: >"$T/go"
	end_of_front 3
	gone "$LEFT_PID"
	is second "$(<"$T/second")" "mkdir = -1 EACCES"
	is hits "$(row mkdir .hits)" 5
	wait_for no_monitor
	[ ! -e "$MARKER" ]
}

json_has_end() {
	jq -e .exit "$REPORT"
}

@test "--wait: sandbox waits for the last process; ptrace does without it too" {
	waits --wait
	if ! by_notify; then
		rm "$T/pid" "$T/go" "$REPORT"
		waits
	fi
}

# bats test_tags=once
@test "CMD's end is told to a pipe: the detached monitor holds nothing open" {
	# cat ends when the last writer has; the daemon's own are elsewhere
	"$SANDBOX" -p "$POLICY" "$TRACE" -r "$REPORT" --format=json -- \
		"$HELPERS/spawn" daemon sh -c "exec >/dev/null 2>&1; $LEFT" \
		2>&1 3>&- </dev/null | cat >"$T/all"
	is all "$(<"$T/all")" ""
	left_pid
	fails gone "$LEFT_PID"
	is monitors "$(monitors | wc -l)" 1
	local monitor
	monitor=$(monitors)
	PIDS+=("$monitor")
	for fd in 0 1 2; do
		is "fd $fd" "$(readlink "/proc/$monitor/fd/$fd")" /dev/null
	done
	# a session of its own: no terminal's end ends it
	is session "$(awk '{ print $6 }' "/proc/$monitor/stat")" "$monitor"
	: >"$T/go"
	wait_for no_monitor
	is hits "$(row mkdir .hits)" 5
}

# bats test_tags=once
@test "the detached monitor is killed: denied calls stay denied" {
	start
	end_of_front 3
	left_pid
	wait_for hits_are 2
	kill -KILL "$(monitors)"
	wait_for no_monitor
	: >"$T/go"
	wait_for gone "$LEFT_PID"
	is second "$(<"$T/second")" "mkdir = -1 ENOSYS"
	[ ! -e "$MARKER" ]
	# and what was written is whole
	is hits "$(row mkdir .hits)" 2
}

@test "nothing is left behind: no monitor either" {
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755
	no_monitor
	is hits "$(row mkdir .hits)" 1
}

# bats test_tags=once
@test "as an ordinary user" {
	need_root
	open_copy
	cp "$POLICY" "$OPEN/p.ini"
	chmod 0644 "$OPEN/p.ini"
	REPORT=$OPEN/tmp/report.json
	capture as_user timeout "$LIMIT" "$OPEN/sandbox" -p "$OPEN/p.ini" \
		"$TRACE" -r "$REPORT" --format=json -- \
		"$OPEN/helpers/spawn" daemon "$OPEN/helpers/syscalls" \
		mkdir "$OPEN/tmp/d" 0755 x4
	is status "$status" 3
	is hits "$(json .totals.hits)" 0
	wait_for no_monitor
	is hits "$(row mkdir .hits)" 4
	[ ! -e "$OPEN/tmp/d" ]
}

@test "children that sandbox inherited are not waited for" {
	capture timeout -k 1 20 bash -c '
		sleep 60 & echo $! >"$0"; exec "$@"' "$T/pid" \
		"$SANDBOX" -p "$POLICY" "$TRACE" -r "$REPORT" --format=json \
		-- sh -c "'$HELPERS/syscalls' mkdir '$MARKER' 0755; exit 7"
	PIDS+=("$(<"$T/pid")")
	is status "$status" 7
	is hits "$(row mkdir .hits)" 1
	fails gone "$(<"$T/pid")"
}

# bats test_tags=once
@test "denials that no report will show are announced" {
	capture sandbox -p "$POLICY" "$TRACE" -- \
		"$HELPERS/spawn" daemon sleep 2
	has stderr "$stderr" 'left processes running.*--wait or -r FILE'
	capture sandbox -p "$POLICY" "$TRACE" -- true
	hasnt stderr "$stderr" 'left processes'
}
