#!/usr/bin/env bats
# Every call that sandbox itself makes fails, one at a time, and at every call
# it is killed (strace injects both). Whatever comes of it: CMD runs under the
# policy, or it does not run, and nobody waits for ever or is left behind.

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mknodat = EPERM
	INI
	CMD=("$HELPERS/syscalls" mknodat -100 "$MARKER" 010644)
}
teardown() { common_teardown; }

# strace -f follows what a ptrace tracer wants for itself.
under_strace() { # under_strace STRACE_OPTION... ("$MODE": sandbox's)
	local follow=-f
	[[ $MODE != *ptrace* ]] || follow=
	# shellcheck disable=SC2086
	capture sh -c '"$@"; exit $?' sh timeout -k 1 "$LIMIT" strace $follow \
		-o "$T/strace" "$@" "$SANDBOX" -p "$POLICY" $MODE -- \
		"${CMD[@]}" </dev/null
}

# "CALL N": N times it was made, at most, by one process. What begins a program
# (and can only end it) and CMD's own mknodat are left out.
calls_made() {
	under_strace
	[[ $MODE != *ptrace* ]] || sed -i 's/^/0 /' "$T/strace"
	awk '$2 ~ /^[a-z0-9_]+\(/ {
		sub(/\(.*/, "", $2)
		if (++n[$1, $2] > most[$2])
			most[$2] = n[$1, $2]
	}
	END { for (call in most) print call, most[call] }' "$T/strace" |
		grep -v '^\(mknodat\|exit_group\|arch_prctl\) ' | sort
}

nobody_left() {
	fails pgrep -f "sandbox.*$POLICY" >"$T/left"
}

holds() { # holds WHAT: what the run before may have come to
	local wrong=
	[ ! -e "$MARKER" ] || wrong="the denied call ran"
	[ "$status" != 124 ] || wrong="sandbox hangs"
	case $output in
	"mknodat = -1 EPERM" | "mknodat = -1 ENOSYS") ;;
	"") [ "$status" != 0 ] || [[ $1 == write* ]] ||
		wrong="status 0 without CMD" ;;
	*) wrong="not this output" ;;
	esac
	if [ "$wrong" ]; then
		echo "$1: $wrong"
		show_run
		return 1
	fi
	wait_for nobody_left
}

# Whether it is this time's turn.
sampled() {
	local turn=$BATS_FILE_TMPDIR/turn
	echo >>"$turn"
	(($(wc -l <"$turn") % ${FAULT_EVERY:-1} == 0))
}

# each WHAT [OPTION...]: WHAT is strace's error=EPERM or signal=KILL.
each() {
	local call most n injected=0
	MODE=${*:2}
	calls_made >"$T/calls"
	while read -r call most; do
		[[ " ${FAULT_CALLS:-$call} " == *" $call "* ]] || continue
		for ((n = 1; n <= most && n <= 6; n++)); do
			sampled || continue
			under_strace -e "trace=$call" \
				-e "inject=$call:$1:when=$n"
			holds "$call, time $n, $1${MODE:+, $MODE}"
			injected=$((injected + 1))
		done
	done 3<&- <"$T/calls"
	echo "# ${MODE:-no option}: $1 at $injected calls" >&3
	[ "$injected" -gt 50 ] || [ "${FAULT_CALLS-}${FAULT_EVERY-}" ]
}

@test "the check sees a denied call that runs" {
	policy all.ini <<<$'[policy]\ndefault = allow'
	MODE= under_strace
	is output "$output" "mknodat = 0"
	[ -e "$MARKER" ]
	MODE=
	fails holds "a run without a rule" >"$T/holds"
	grep -q "the denied call ran\|not this output" "$T/holds"
}

@test "the parent's wake-up is lost while the child waits" {
	MODE=
	under_strace -e trace=capset,futex -e inject=capset:delay_enter=300000 \
		-e inject=futex:error=EPERM:when=1
	grep -q 'FUTEX_WAKE.*INJECTED' "$T/strace"
	is output "$output" "mknodat = -1 EPERM"
}

@test "a call fails" {
	each error=EPERM
	each error=EPERM --in-place
}

@test "a call fails: notify" {
	each error=EPERM --trace=notify
	each error=EPERM --in-place --trace=notify
}

@test "a call fails: ptrace" {
	each error=EPERM --trace=ptrace
	each error=EPERM --in-place --trace=ptrace
	each error=EPERM --fail-denied --trace=ptrace
}

@test "killed at a call" {
	each signal=KILL
	each signal=KILL --in-place
}

@test "killed at a call: notify" {
	each signal=KILL --trace=notify
	each signal=KILL --in-place --trace=notify
}

@test "killed at a call: ptrace" {
	each signal=KILL --trace=ptrace
	each signal=KILL --in-place --trace=ptrace
	each signal=KILL --fail-denied --trace=ptrace
}

# Where the policy denies execve, CMD's own is let through by who watches the
# launch: another way to start, with errors of its own.
deny_exec() {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mknodat = EPERM
	syscalls = execve
	INI
}

@test "a call fails: exec is denied" {
	deny_exec
	each error=EPERM
	each error=EPERM --in-place
	each error=EPERM --trace=notify
	each error=EPERM --in-place --trace=notify
}

@test "killed at a call: exec is denied" {
	deny_exec
	each signal=KILL
	each signal=KILL --in-place
	each signal=KILL --trace=notify
	each signal=KILL --in-place --trace=notify
}
