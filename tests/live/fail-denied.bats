#!/usr/bin/env bats
# --fail-denied: the status says whether anything was denied, and N too where
# nobody can tell.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	# nothing kills: either tracer sees every denial
	policy p.ini <<-'INI'
	[policy]
	default = allow
	foreign = deny
	[deny]
	mkdir = EACCES
	INI
	DENIED="'$HELPERS/syscalls' mkdir '$MARKER' 0755 >/dev/null"
}
teardown() { common_teardown; }

# failing OPTION... -- CMD...
failing() {
	capture sandbox -p "$POLICY" "$TRACE" -r "$REPORT" --format=json \
		--fail-denied "$@"
}

BECAUSE='^sandbox: status [0-9]+, because the policy denied something$'

@test "denied: the status is 120, or N, however CMD ended" {
	local code
	for code in 0 3 120 125; do
		failing -- sh -c "$DENIED; exit $code"
		is "CMD's $code: status" "$status" 120
		is exit "$(json .exit.code)" "$code"
		is hits "$(json .totals.hits)" 1
		is fail_denied "$(json .fail_denied)" 120
		has stderr "$stderr" "$BECAUSE"
	done
	for code in 1 42 255; do
		failing --fail-denied="$code" -- sh -c "$DENIED"
		is "N: status" "$status" "$code"
		is fail_denied "$(json .fail_denied)" "$code"
	done
	failing -q -- sh -c "$DENIED"
	is "-q: status" "$status" 120
	is "-q: stderr" "$stderr" ""
	[ ! -e "$MARKER" ]
}

@test "nothing denied: the status is CMD's own, signals included" {
	local code
	for code in 0 3 120 137; do
		failing -- sh -c "exit $code"
		is status "$status" "$code"
		is fail_denied "$(json .fail_denied)" null
		is stderr "$stderr" ""
	done
	for code in 6 9 15; do
		is "signal $code" "$("$HELPERS/status-of" "$SANDBOX" \
			-p "$POLICY" "$TRACE" -q --fail-denied -- \
			"$HELPERS/signals" raise "$code" 2>&1 3>&- | tail -n 1)" \
			"signaled $code"
	done
}

@test "a signal killed CMD after a denial: N, and no death of sandbox's" {
	for sig in KILL TERM ABRT; do
		failing -- sh -c "$DENIED; kill -$sig \$\$"
		is status "$status" 120
		is exit "$(json .exit.signal)" "SIG$sig"
	done
}

@test "-t is implied" {
	capture sandbox -p "$POLICY" --fail-denied -- sh -c "$DENIED"
	is status "$status" 120
	has report "$stderr" '1 system call denied 1 time'
	has stderr "$stderr" "$BECAUSE"
}

# bats test_tags=once
@test "what would have been denied counts with --permissive" {
	capture sandbox -p "$POLICY" --permissive --fail-denied -- \
		mkdir "$MARKER"
	[ -d "$MARKER" ]
	is status "$status" 120
	capture sandbox -p "$POLICY" --permissive --fail-denied -- true
	is "nothing: status" "$status" 0
	capture sandbox -p "$POLICY" -c --fail-denied -- sh -c "$DENIED"
	is "-c: status" "$status" 120
}

# bats test_tags=once
@test "a call that kills a child is seen, so the tracer is ptrace" {
	printf '[kill]\nrmdir = always\n' >>"$POLICY"
	capture sandbox -p "$POLICY" -r "$REPORT" --format=json --fail-denied \
		-- sh -c "'$HELPERS/syscalls' rmdir '$MARKER' & wait; exit 0"
	is status "$status" 120
	is row "$(row rmdir .answer)" kill
	is tracer "$(json .tracer)" ptrace
	refused 125 'notify does not see calls that kill' -p "$POLICY" \
		--trace=notify --fail-denied
}

# bats test_tags=once
@test "a foreign ABI's call that kills a child is seen too" {
	need_i386
	capture sandbox --deny mkdir -r "$REPORT" --format=json --fail-denied \
		-- sh -c "'$HELPERS/syscalls' int80:20 & wait; exit 0"
	is status "$status" 120
	is row "$(json '.denied[].rule.kind')" foreign
	refused 125 'notify does not see calls that kill' --deny mkdir \
		--trace=notify --fail-denied
	capture sandbox -p "$POLICY" -r "$REPORT" --format=json --fail-denied \
		-- "$HELPERS/syscalls" int80:20
	is "foreign = deny: status" "$status" 120
	is tracer "$(json .tracer)" notify
}

# The process that traces: a child of the front.
monitor_of() {
	pgrep -P "$1"
}

@test "the monitor is killed: N, with the reason" {
	"$SANDBOX" -p "$POLICY" "$TRACE" --fail-denied=77 -- \
		sh -c "touch '$T/here'; exec sleep 60" \
		>"$T/stdout" 2>"$T/stderr" 3>&- </dev/null &
	local front=$! status=0
	PIDS+=("$front")
	wait_for [ -e "$T/here" ]
	kill -KILL "$(monitor_of "$front")"
	wait "$front" || status=$?
	is status "$status" 77
	has stderr "$(<"$T/stderr")" 'was killed, so nobody knows what was denied'
}

@test "CMD kills its monitor to hide a denial: N" {
	failing -- sh -c "$DENIED; kill -KILL \$PPID; exit 0"
	is status "$status" 120
	has stderr "$stderr" 'was killed, so nobody knows'
}

@test "signals reach CMD, stops come up: there is one process more" {
	"$SANDBOX" -p "$POLICY" "$TRACE" -q --fail-denied -- sh -c "
		trap 'exit 9' TERM; touch '$T/here'
		while :; do sleep 0.05; done" 3>&- </dev/null &
	local front=$! status=0
	PIDS+=("$front")
	wait_for [ -e "$T/here" ]
	kill -TERM "$front"
	wait "$front" || status=$?
	is status "$status" 9
}

# A daemon makes the denied call after CMD has ended with status 3.
left_behind() { # left_behind OPTION...
	rm -f "$T/go" "$T/done"
	(
		wait_for json_has_end
		: >"$T/go"
	) 3>&- &
	failing "$@" -- "$HELPERS/spawn" daemon sh -c "
		while [ ! -e '$T/go' ]; do sleep 0.05; done
		$DENIED; touch '$T/done'"
	wait_for [ -e "$T/done" ]
}

json_has_end() {
	jq -e .exit "$REPORT"
}

@test "what CMD left behind counts if sandbox waits for it" {
	left_behind --wait
	is "--wait: status" "$status" 120
	left_behind
	if by_notify; then
		is "status" "$status" 3
	else
		is "status" "$status" 120
	fi
}

# bats test_tags=once
@test "if the command did not start, 125 to 127 stay" {
	refused 125 'No such file' -p "$T/not-there.ini" --fail-denied
	capture sandbox -p "$POLICY" --fail-denied -- "$T/not-there"
	is "not found" "$status" 127
	capture sandbox -p "$POLICY" --fail-denied -- "$T"
	is "not a program" "$status" 126
}

# bats test_tags=once
@test "what makes no sense is refused" {
	local n
	for n in 0 256 -1 x 1x ''; do
		refused 125 "a status from 1 to 255, not '$n'" -p "$POLICY" \
			--fail-denied="$n"
	done
	refused 125 'no effect with --in-place' -p "$POLICY" --fail-denied \
		--in-place
	refused 125 'no effect without a policy' -c --fail-denied
	refused 125 'learn lets every call run' --learn "$T/new.ini" \
		--fail-denied
}
