#!/usr/bin/env bats
# Every mechanism once, with calls that have one name on every CPU: what
# `make check-kernels` asks of another machine.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mknodat = EROFS
	INI
}
teardown() { common_teardown; }

deny_all() {
	policy none.ini <<-'INI'
	[policy]
	default = deny
	INI
}

@test "an errno, with and without a tracer" {
	for mode in "${MODES[@]}"; do
		# shellcheck disable=SC2086
		capture sandbox -q -p "$POLICY" $mode -- mkfifo "$MARKER"
		is "status, $mode" "$status" 1
		has "why, $mode" "$stderr" 'Read-only file system'
		[ ! -e "$MARKER" ]
	done
	traced mkfifo "$MARKER"
	is row "$(row mknodat '"\(.hits) \(.answer) \(.abi) \(.rule.line)"')" \
		"1 EROFS $(uname -m) 4"
	is args "$(row mknodat '.first.args[1]')" "\"$MARKER\""
}

@test "kill, by a rule" {
	sed -i 's/deny/kill/; s/EROFS/always/' "$POLICY"
	capture sandbox -p "$POLICY" -- mkfifo "$MARKER"
	is plain "$status" 159
	traced mkfifo "$MARKER"
	is status "$status" 159
	killed mknodat "$(uname -m)" "rule 1"
	by_notify || is args "$(row mknodat '.first.args[1]')" "\"$MARKER\""
	[ ! -e "$MARKER" ]
}

@test "the gate: execve denied, and everything" {
	deny_all
	for mode in "${MODES[@]}"; do
		# shellcheck disable=SC2086
		capture sandbox -p policies/no-exec.ini $mode -- \
			"$HELPERS/gate" /bin/echo OPEN
		is "no execve: $mode" "$status:$output" 0:
		# shellcheck disable=SC2086
		capture sandbox -p "$POLICY" $mode -- "$HELPERS/gate" /bin/echo OPEN
		is "nothing at all: $mode" "$status:$output" 0:
		# shellcheck disable=SC2086
		capture sandbox -p "$POLICY" $mode --in-place -- \
			"$HELPERS/gate" /bin/echo OPEN
		is "in place: $mode" "$status:$output" 0:
	done
}

@test "the status and the signals of CMD" {
	for mode in "${MODES[@]}"; do
		for place in "" --in-place; do
			# shellcheck disable=SC2086
			capture sandbox -q -p "$POLICY" $mode $place -- sh -c 'exit 7'
			is "exit: $mode $place" "$status" 7
			# shellcheck disable=SC2086,SC2016
			capture sandbox -q -p "$POLICY" $mode $place -- \
				sh -c 'kill -USR1 $$'
			is "killed: $mode $place" "$status" 138
		done
		rm -f "$T/out" # else it may be the last one's that is ready
		# shellcheck disable=SC2086,SC2016
		"$SANDBOX" -q -p "$POLICY" $mode -- sh -c \
			'trap "echo got; exit 5" TERM; echo ready; while :; do sleep 0.1; done' \
			>"$T/out" 3>&- &
		pid=$!
		PIDS+=("$pid")
		wait_for grep -q ready "$T/out"
		kill -TERM "$pid"
		status=0
		wait "$pid" || status=$?
		is "handed on: $mode" "$status:$(tail -n 1 "$T/out")" 5:got
	done
}

@test "in place, the report comes, and the exit status where the kernel tells" {
	capture timeout "$LIMIT" "$SANDBOX" -p "$POLICY" "$TRACE" --in-place \
		-r "$REPORT" --format=json -- mkfifo "$MARKER"
	is status "$status" 1
	wait_for eval '[ -s "$REPORT" ] && row mknodat .hits | grep -qx 1'
	[ ! -e "$MARKER" ]
	if [ "$TRACER$(sandbox features --format=json |
		jq .tried.exit_info.works)" != notifyfalse ]; then
		wait_for eval '[ "$(json .exit.code)" = 1 ]'
	fi
}

@test "permissive: the call runs, and is reported" {
	capture timeout "$LIMIT" "$SANDBOX" -p "$POLICY" --permissive \
		-r "$REPORT" --format=json -- mkfifo "$MARKER"
	is status "$status" 0
	[ -p "$MARKER" ]
	is hits "$(row mknodat .hits)" 1
}

@test "what CMD leaves is answered after its end" {
	# shellcheck disable=SC2016
	traced sh -c '(while [ ! -e "$1/go" ]; do sleep 0.1; done
		mkfifo "$2" 2>"$1/why"; echo >"$1/done") >/dev/null 2>&1 &
		[ -z "$3" ] || echo >"$1/go"; exit 3' \
		sh "$T" "$MARKER" "$(by_notify || echo at-once)"
	is status "$status" 3
	echo >"$T/go"
	wait_for [ -e "$T/done" ]
	has why "$(cat "$T/why")" 'Read-only'
	[ ! -e "$MARKER" ]
	wait_for eval 'row mknodat .hits | grep -qx 1'
}

@test "--learn of a shell: the policy serves it, and nothing else" {
	if ! by_notify; then
		return
	fi
	shell='for i in 1 2; do echo "$i"; done; ls / >/dev/null'
	capture sandbox --learn "$T/shell.ini" -- sh -c "$shell"
	is learning "$status:$output" $'0:1\n2'
	capture sandbox -p "$T/shell.ini" -- sh -c "$shell"
	is again "$status:$output" $'0:1\n2'
	capture sandbox -p "$T/shell.ini" -- sh -c "unshare -r true && mkfifo $MARKER"
	[ ! -e "$MARKER" ]
	[ "$status" -ne 0 ]
}
