#!/usr/bin/env bats
# --in-place: CMD in sandbox's own process; the monitor, if any, beside it.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir mkdirat
	INI
}
teardown() { common_teardown; }

in_place() { # CMD...: traced, in place
	capture timeout -k 5 "$LIMIT" "$SANDBOX" -p "$POLICY" "$TRACE" \
		--in-place -r "$REPORT" --format=json -- "$@"
}

reported() {
	jq -e '.totals.hits >= 0 and (.denied | length) == '"$1" "$REPORT"
}

@test "PID, parent, session and descriptors are the caller's" {
	for mode in "" "$TRACE"; do
		# shellcheck disable=SC2016,SC2086
		bash -c 'exec 7</dev/null; echo "$$ $PPID $(ps -o sid= -p $$)"
			exec "$@"' bash "$SANDBOX" -q -p "$POLICY" $mode \
			--in-place -- \
			bash -c 'echo "$$ $PPID $(ps -o sid= -p $$)"
				[ -e /proc/$$/fd/7 ] && echo has 7' >"$T/out"
		is same "$(sed -n 2p "$T/out")" "$(sed -n 1p "$T/out")"
		is inherited "$(sed -n 3p "$T/out")" 'has 7'
	done
}

@test "without a tracer nothing of sandbox is left" {
	"$SANDBOX" -p "$POLICY" --in-place -- sleep 30 &
	PIDS+=($!)
	wait_for grep -qx sleep "/proc/$!/comm"
	is children "$(pgrep -P $!)" ""
	is filters "$(awk '/^Seccomp:/ {print $2}' "/proc/$!/status")" 2
	mkdir "$T/made"
	run ! "$SANDBOX" -p "$POLICY" --in-place -- mkdir "$MARKER"
	[ ! -e "$MARKER" ]
}

@test "the monitor is nobody's child, counts, and ends with the last process" {
	in_place "$HELPERS/syscalls" mkdir "$MARKER" 0755 x7
	has output "$output" 'mkdir = -1 EPERM'
	wait_for reported 1
	is hits "$(json '.denied[0].hits')" 7
	[ ! -e "$MARKER" ]
	"$SANDBOX" -p "$POLICY" "$TRACE" --in-place -r "$REPORT" -- \
		sh -c 'sleep 0.3; exec sleep 30' &
	PIDS+=($!)
	wait_for grep -qx sleep "/proc/$!/comm"
	is children "$(pgrep -P $!)" ""
}

@test "a new row is in the file at once, and SIGTERM does not lose it" {
	"$SANDBOX" -p "$POLICY" "$TRACE" --in-place -r "$REPORT" \
		--format=json -- sh -c "mkdir '$MARKER' 2>/dev/null; exec sleep 60" &
	PIDS+=($!)
	wait_for reported 1
	kill -TERM $!
	wait $! || status=$?
	is status "$status" 143
	wait_for reported 1
	[ ! -e "$MARKER" ]
}

@test "the monitor holds none of CMD's pipes open" {
	# cat ends only when the last writer has gone
	timeout "$LIMIT" sh -c "'$SANDBOX' -q -p '$POLICY' $TRACE --in-place -- \
		sh -c 'exec >&- 2>&-; sleep 3' | cat; echo done" >"$T/out" &
	SECONDS=0
	wait $!
	is out "$(<"$T/out")" done
}

@test "status and death by signal are CMD's own" {
	in_place sh -c 'exit 42'
	is status "$status" 42
	# shellcheck disable=SC2016
	capture "$HELPERS/status-of" "$SANDBOX" -p "$POLICY" "$TRACE" -q \
		--in-place -- sh -c 'kill -SEGV $$'
	has status-of "$stderr" 'signaled 11'
}

tells_exit() {
	"$SANDBOX" features --format=json | jq -e .tried.exit_info.works
}

# tells CMD...: the JSON report, once all has ended, has this exit. Under notify
# the kernel must tell (Linux 6.15).
tells() {
	local wanted=$1
	shift
	if by_notify && ! tells_exit; then
		wanted='{"unknown":true}'
	fi
	rm -f "$REPORT"
	in_place "$@"
	wait_for jq -e .exit "$REPORT"
	is exit "$(json '.exit | tojson')" "$wanted"
}

@test "how CMD ended is in the report" {
	tells '{"code":0}' true
	tells '{"code":42}' sh -c 'exit 42'
	# shellcheck disable=SC2016
	tells '{"signal":"SIGTERM"}' sh -c 'kill -TERM $$'
	# by another thread than the first, which execs before
	tells '{"code":3}' python3 -c 'import os, threading
threading.Thread(target=os._exit, args=[3]).start()
threading.Event().wait()'
	# CMD goes first, what it left behind later
	tells '{"code":5}' sh -c "(while [ ! -e '$T/go' ]; do sleep 0.05; done
		'$HELPERS/syscalls' mkdir '$MARKER' 0755 >&-) & : >'$T/go'; exit 5"
	wait_for reported 1
}

@test "text: how CMD ended; a death by SIGSYS is a kill" {
	policy kill.ini <<-'INI'
	[policy]
	default = allow
	[kill]
	syscalls = mkdir
	INI
	tells_exit || skip "this kernel does not tell how CMD ended (Linux 6.15)"
	capture "$HELPERS/status-of" "$SANDBOX" -p "$POLICY" "$TRACE" \
		--in-place -r "$REPORT" -- "$HELPERS/syscalls" mkdir "$MARKER" 0755
	has end "$stderr" '^signaled 31'
	wait_for grep -q 'killed by SIGSYS' "$REPORT"
	has kill "$(<"$REPORT")" '1 system call denied 1 time'
}

# bats test_tags=once
@test "a CMD whose parent never waits for it: how it ended is not known" {
	# before, the listener stays up until the parent waits
	tells_exit || skip "this kernel does not tell how CMD ended (Linux 6.15)"
	capture timeout "$LIMIT" python3 -c '
import json, subprocess, sys, time
cmd = subprocess.Popen(sys.argv[2:])
while True:
    try:
        end = json.load(open(sys.argv[1]))["exit"]
        break
    except (OSError, ValueError, KeyError):
        time.sleep(0.05)
print(json.dumps(end))
cmd.wait()' "$REPORT" "$SANDBOX" -p "$POLICY" --trace=notify --in-place \
		-r "$REPORT" --format=json -- true
	is exit "$output" '{"unknown": true}'
}

@test "what cannot be run says so, whatever the policy denies" {
	policy none.ini <<-'INI'
	[policy]
	default = deny
	INI
	for mode in "" "$TRACE"; do
		# shellcheck disable=SC2086
		capture "$SANDBOX" -q -p "$POLICY" $mode --in-place -- \
			"$T/missing"
		is status "$status" 127
		has stderr "$stderr" "missing: No such file"
		# shellcheck disable=SC2086
		capture "$SANDBOX" -q -p "$POLICY" $mode --in-place -- /etc
		is status "$status" 126
		has stderr "$stderr" 'cannot run /etc: Permission denied'
	done
}

# CMD that waits for all of its children, as an init does, must not wait for the
# monitor, which waits for CMD.
wait_for_all='
import os
if os.fork() == 0:
    os._exit(3)
n = 0
try:
    while os.wait():
        n += 1
except ChildProcessError:
    print("reaped", n)'

@test "a CMD that adopts orphans does not wait for the monitor" {
	need_pid_namespace
	capture timeout -k 1 20 $PROCESS_1 "$SANDBOX" \
		--deny mkdir "$TRACE" -q --in-place -- \
		python3 -c "$wait_for_all"
	is "process 1" "$output" "reaped 1"
	capture timeout -k 1 20 python3 -c 'import ctypes, os, sys
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0 # a subreaper
os.execv(sys.argv[1], sys.argv[1:])' "$SANDBOX" -p "$POLICY" "$TRACE" -q \
		--in-place -- python3 -c "$wait_for_all"
	is subreaper "$output" "reaped 1"
}

@test "what keeps the last report from being written leaves one that says so" {
	echo earlier >"$REPORT"
	monitor_of() { pgrep -f -- "--in-place -r $REPORT" | grep -vx "$1"; }
	"$SANDBOX" -p "$POLICY" "$TRACE" --in-place -r "$REPORT" --format=json \
		-- sh -c "while [ ! -e '$T/go' ]; do sleep 0.05; done" &
	PIDS+=($!)
	wait_for grep -qx sh "/proc/$!/comm"
	monitor=$(monitor_of $!)
	prlimit --pid "$monitor" --fsize=0
	: >"$T/go"
	wait $!
	wait_for gone "$monitor"
	is state "$(json .state)" running
	is policies "$(json '.policies[0]')" "$POLICY"
}

@test "what was not executed has no report" {
	capture "$SANDBOX" -p "$POLICY" "$TRACE" --in-place -- "$T/missing"
	is status "$status" 127
	sleep 0.3
	fails grep -q 'no system call' "$T/stderr"
}

@test "a killed monitor lets no denied call through" {
	OTHER=$T/go
	"$SANDBOX" -p "$POLICY" "$TRACE" --in-place -r "$REPORT" -- \
		sh -c "mkdir '$MARKER'; while [ ! -e '$OTHER' ]; do sleep 0.05;
			done; mkdir '$MARKER'; echo tried >'$T/tried'" \
		2>/dev/null &
	PIDS+=($!)
	wait_for grep -q mkdir "$REPORT"
	monitor=$(pgrep -f -- "--in-place -r $REPORT" | grep -vx $!)
	kill -KILL "$monitor"
	: >"$OTHER"
	wait $! || true
	[ ! -e "$MARKER" ]
	if by_notify; then
		[ -e "$T/tried" ]
	else
		[ ! -e "$T/tried" ] # EXITKILL
	fi
}
