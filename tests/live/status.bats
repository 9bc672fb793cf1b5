#!/usr/bin/env bats
# The status, the signals and the surroundings of CMD are as without sandbox.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy allow.ini <<-'INI'
	[policy]
	default = allow
	INI
	MODES=("${MODES[@]/%/ -q}")
}
teardown() { common_teardown; }

# ------------------------------------------------------------- exit codes

@test "every class of exit code is handed on" {
	for mode in "${MODES[@]}"; do
		for code in 0 1 2 42 124 125 126 127 128 137 255; do
			capture sandbox -p "$POLICY" $mode -- \
				sh -c "exit $code"
			is "status ($mode)" "$status" "$code"
		done
	done
}

# ----------------------------------------------------------- fatal signals

status_of() { # status_of CMD...: the last line of status-of
	"$HELPERS/status-of" "$@" 2>&1 >/dev/null 3>&- |
		grep -E '^(exited|signaled)' | tail -n 1
}

@test "sandbox dies of the signal that killed CMD, every one" {
	# not fatal: CHLD CONT STOP TSTP TTIN TTOU URG WINCH
	for n in $(seq 1 16) $(seq 24 27) $(seq 29 31) 34 64; do
		is "without sandbox ($n)" \
			"$(status_of "$HELPERS/signals" raise "$n")" \
			"signaled $n"
		for mode in "${MODES[@]}"; do
			is "signal $n ($mode)" "$(status_of "$SANDBOX" \
				-p "$POLICY" $mode -- \
				"$HELPERS/signals" raise "$n")" "signaled $n"
		done
	done
}

@test "what kills CMD from outside kills sandbox" {
	for mode in "${MODES[@]}"; do
		capture sandbox -p "$POLICY" $mode -- \
			sh -c 'kill -9 $$'
		is "status ($mode)" "$status" 137
		capture sandbox -p "$POLICY" $mode -- \
			sh -c 'ulimit -t 1; while :; do :; done'
		has "status ($mode)" "$status" '^(137|152)$'
	done
}

@test "CMD may leave a core, sandbox leaves none of its own" {
	local hard
	hard=$(ulimit -H -c)
	[ "$hard" != 0 ] || skip "core files are forbidden here (ulimit -H -c)"
	# where the kernel puts cores into the working folder
	cd "$T"
	ulimit -S -c "$hard"
	for mode in "${MODES[@]}"; do
		for n in 3 6 11; do
			rm -f core*
			is "signal $n ($mode)" "$(status_of "$SANDBOX" \
				-p "$POLICY" $mode -- \
				"$HELPERS/signals" raise "$n")" "signaled $n"
			[ "$(find . -name 'core*' | wc -l)" -le 1 ]
		done
	done
	rm -f core*
}

# -------------------------------------------------------- stop and continue

# follow CMD...: under status-of, in the background, what it says in $T/said.
# $FRONT is sandbox's pid, $CMD the one in $T/pid, if CMD writes that.
follow() {
	rm -f "$T/said" "$T/pid"
	# a shell's background jobs ignore what the keyboard sends
	"$HELPERS/signals" with default:2 default:3 \
		"$HELPERS/status-of" "$@" 2>"$T/said" >"$T/out" 3>&- </dev/null &
	PIDS+=($!)
	FOLLOWER=$!
	wait_for grep -q '^pid' "$T/said"
	FRONT=$(awk '$1 == "pid" { print $2 }' "$T/said")
	PIDS+=("$FRONT")
}

cmd_pid() {
	wait_for [ -s "$T/pid" ]
	CMD=$(<"$T/pid")
	PIDS+=("$CMD")
}

said() {
	wait_for grep -qx "$1" "$T/said" || { cat "$T/said"; return 1; }
}

@test "CMD stops: sandbox is seen to stop; SIGCONT to sandbox: CMD goes on" {
	for mode in "${MODES[@]}"; do
		for signal in STOP TSTP; do
			follow "$SANDBOX" -p "$POLICY" $mode -- sh -c \
				"echo \$\$ >'$T/pid'; kill -$signal \$\$; sleep 1; exit 5"
			cmd_pid
			said 'stopped [0-9]*'
			wait_for state_is "$CMD" '[Tt]'
			kill -CONT "$FRONT"
			said continued
			said 'exited 5'
			wait_for gone "$FOLLOWER"
		done
	done
}

@test "SIGCONT to CMD alone: sandbox goes on with one of its own" {
	for mode in "${MODES[@]}"; do
		follow "$SANDBOX" -p "$POLICY" $mode -- sh -c \
			"echo \$\$ >'$T/pid'; kill -STOP \$\$; exit 6"
		cmd_pid
		said 'stopped [0-9]*'
		kill -CONT "$CMD"
		kill -CONT "$FRONT"
		said 'exited 6'
	done
}

@test "sandbox is stopped by SIGTSTP: CMD stops with it, and both go on" {
	for mode in "${MODES[@]}"; do
		follow "$SANDBOX" -p "$POLICY" $mode -- sh -c \
			"echo \$\$ >'$T/pid'; while [ ! -e '$MARKER' ]; do
				sleep 0.1; done; exit 7"
		cmd_pid
		kill -TSTP "$FRONT"
		said 'stopped [0-9]*'
		wait_for state_is "$CMD" '[Tt]'
		kill -CONT "$FRONT"
		said continued
		: >"$MARKER"
		said 'exited 7'
		rm "$MARKER"
	done
}

@test "CMD is killed while stopped" {
	for mode in "${MODES[@]}"; do
		follow "$SANDBOX" -p "$POLICY" $mode -- sh -c \
			"echo \$\$ >'$T/pid'; kill -STOP \$\$; exit 5"
		cmd_pid
		said 'stopped [0-9]*'
		kill -KILL "$CMD"
		kill -CONT "$FRONT" || true
		said 'signaled 9'
	done
}

@test "a stopped child of CMD does not stop sandbox" {
	for mode in "${MODES[@]}"; do
		follow "$SANDBOX" -p "$POLICY" $mode -- sh -c \
			"sh -c 'echo \$\$ >\"$T/pid\"; kill -STOP \$\$; exit 3' &
			wait \$!; exit \$?"
		cmd_pid
		wait_for state_is "$CMD" '[Tt]'
		sleep 0.3
		hasnt said "$(<"$T/said")" stopped
		kill -CONT "$CMD"
		said 'exited 3'
	done
}

@test "sandbox is killed: CMD does not outlive it" {
	for mode in "${MODES[@]}"; do
		follow "$SANDBOX" -p "$POLICY" $mode -- sh -c \
			"echo \$\$ >'$T/pid'; exec sleep 1000"
		cmd_pid
		kill -KILL "$FRONT"
		said 'signaled 9'
		wait_for gone "$CMD"
	done
}

@test "sandbox is killed: what CMD left is killed (ptrace) or has no denied call (notify)" {
	policy deny.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdirat
	INI
	follow "$SANDBOX" -p "$POLICY" "$TRACE" -q -- sh -c "setsid sh -c '
		echo \$\$ >\"$T/pid\"
		while [ ! -e \"$T/go\" ]; do sleep 0.1; done
		$HELPERS/syscalls mkdirat -100 $MARKER 0755 >\"$T/answer\"' & wait"
	cmd_pid
	kill -KILL "$FRONT"
	said 'signaled 9'
	if by_notify; then
		# the death signal is for CMD; its answer nobody gives
		: >"$T/go"
		wait_for gone "$CMD"
		is answer "$(<"$T/answer")" "mkdirat = -1 ENOSYS"
		[ ! -e "$MARKER" ]
	else
		wait_for gone "$CMD"
		[ ! -e "$T/answer" ]
	fi
}

# ------------------------------------------------------ signals to sandbox

@test "signals to sandbox reach CMD, each once" {
	for mode in "${MODES[@]}"; do
		rm -f "$T/in" "$T/out"
		mkfifo "$T/in"
		"$HELPERS/signals" with default:2 default:3 "$SANDBOX" \
			-p "$POLICY" $mode -- "$HELPERS/signals" count \
			<"$T/in" >"$T/out" 3>&- &
		front=$!
		PIDS+=("$front")
		exec 9>"$T/in"
		wait_for grep -q ready "$T/out"
		for signal in HUP INT QUIT USR1 USR2 TERM; do
			kill -"$signal" "$front"
			sleep 0.2
		done
		sleep 0.5
		echo >&9
		exec 9>&-
		wait "$front"
		is "counts ($mode)" "$(grep counts "$T/out")" \
			"counts HUP=1 INT=1 QUIT=1 USR1=1 USR2=1 TERM=1 WINCH=0"
	done
}

@test "signals that are ignored at the start reach a CMD that catches them" {
	for mode in "${MODES[@]}"; do
		rm -f "$T/in" "$T/out"
		mkfifo "$T/in"
		"$HELPERS/signals" with ignore:2 ignore:3 ignore:10 "$SANDBOX" \
			-p "$POLICY" $mode -- "$HELPERS/signals" count \
			<"$T/in" >"$T/out" 3>&- &
		front=$!
		PIDS+=("$front")
		exec 9>"$T/in"
		wait_for grep -q ready "$T/out"
		for signal in INT QUIT USR1; do
			kill -"$signal" "$front"
			sleep 0.2
		done
		echo >&9
		exec 9>&-
		wait "$front"
		is "counts ($mode)" "$(grep counts "$T/out")" \
			"counts HUP=0 INT=1 QUIT=1 USR1=1 USR2=0 TERM=0 WINCH=0"
	done
}

@test "a signal that CMD does not catch ends both" {
	for mode in "${MODES[@]}"; do
		for n in 1 2 10 12 15; do
			follow "$SANDBOX" -p "$POLICY" $mode -- \
				sh -c "echo \$\$ >'$T/pid'; exec sleep 1000"
			cmd_pid
			kill "-$n" "$FRONT"
			said "signaled $n"
			wait_for gone "$CMD"
		done
	done
}

@test "so does one that a fault brings, if somebody sent it; the report is not lost" {
	for mode in "" "$TRACE -r $REPORT --format=json"; do
		for n in 4 5 7 8 11 31; do
			rm -f "$REPORT"
			follow "$SANDBOX" -p "$POLICY" $mode -- sh -c \
				"trap 'exit 40' $n; echo \$\$ >'$T/pid'
				while :; do sleep 0.05; done"
			cmd_pid
			kill "-$n" "$FRONT"
			said 'exited 40'
			[ -z "$mode" ] || is report "$(json .exit.code)" 40
		done
	done
}

@test "in a terminal: Ctrl-C reaches CMD once" {
	for mode in "${MODES[@]}"; do
		cat >"$T/dialogue" <<-'END'
		< ready
		. 5
		> \003
		. 10
		> \n
		< counts
		END
		capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" -p "$POLICY" \
			$mode -- "$HELPERS/signals" count </dev/null
		has "output ($mode)" "$output" \
			'counts HUP=0 INT=1 QUIT=0 USR1=0 USR2=0 TERM=0 WINCH=0'
		is "status ($mode)" "$status" 0
	done
}

@test "in a terminal: Ctrl-C ends CMD and sandbox by SIGINT" {
	for mode in "${MODES[@]}"; do
		cat >"$T/dialogue" <<-'END'
		< ready
		. 3
		> \003
		END
		capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" -p "$POLICY" \
			$mode -- sh -c 'echo ready; exec sleep 1000' </dev/null
		is "status ($mode)" "$status" 130
	done
}

@test "in an interactive shell: Ctrl-Z, jobs, fg, and CMD reads on" {
	for mode in "${MODES[@]}"; do
		cat >"$T/dialogue" <<-END
		< prompt\$
		> $SANDBOX -p $POLICY $mode -- $HELPERS/signals count\\n
		< ready
		. 5
		> \\032
		< Stopped
		< prompt\$
		> jobs\\n
		< Stopped
		< prompt\$
		> fg\\n
		. 10
		> \\n
		< counts HUP=0 INT=0 QUIT=0
		< prompt\$
		> echo "status \$?"\\n
		< status 0
		> exit\\n
		END
		capture env PS1='prompt$ ' "$HELPERS/pty" "$T/dialogue" \
			bash --norc --noprofile -i </dev/null
		is "status ($mode)" "$status" 0
	done
}

@test "in an interactive shell: a stopped job is killed; bg, fg" {
	for mode in "${MODES[@]}"; do
		cat >"$T/dialogue" <<-END
		< prompt\$
		> $SANDBOX -p $POLICY $mode -- sh -c 'echo rea""dy; sleep 1000'\\n
		< ready
		. 5
		> \\032
		< Stopped
		< prompt\$
		> bg\\n
		< prompt\$
		. 5
		> fg\\n
		. 5
		> \\003
		< prompt\$
		> echo "status \$?"\\n
		< status 130
		> exit\\n
		END
		capture env PS1='prompt$ ' "$HELPERS/pty" "$T/dialogue" \
			bash --norc --noprofile -i </dev/null
		is "status ($mode)" "$status" 0
	done
}

@test "standard input is a terminal: CMD reads it" {
	for mode in "${MODES[@]}"; do
		cat >"$T/dialogue" <<-'END'
		< name?
		> Ada\n
		< hello Ada
		END
		capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" -p "$POLICY" \
			$mode -- sh -c \
			'echo "name?"; read -r n; [ -t 0 ] && echo "hello $n"' \
			</dev/null
		is "status ($mode)" "$status" 0
	done
}

# ------------------------------------------------- pipes and closed stdio

@test "SIGPIPE: yes ends when head does" {
	for mode in "${MODES[@]}"; do
		sandbox -p "$POLICY" $mode -- \
			sh -c "trap - PIPE; exec '$HELPERS/signals' with yes" \
			2>"$T/err" 3>&- | head -n 1 >"$T/out"
		statuses=("${PIPESTATUS[@]}")
		is "first line ($mode)" "$(<"$T/out")" y
		is "status ($mode)" "${statuses[0]}" 141
	done
}

@test "closed descriptors 0-2 stay closed for CMD, and get no report" {
	for mode in "" "$TRACE" "$TRACE -v" "$TRACE -r $T/r.txt"; do
		rm -f "$MARKER"
		# shellcheck disable=SC2086
		sandbox -p "$POLICY" $mode -- sh -c "
			for fd in 0 1 2; do
				[ -e /proc/self/fd/\$fd ] && echo open \$fd
			done >>'$MARKER'; echo end >>'$MARKER'
			'$HELPERS/syscalls' getppid" \
			<&- >&- 2>&- 3>&-
		is "found ($mode)" "$(<"$MARKER")" \
			"$(printf 'open 1\nend')"
	done
}

@test "one closed descriptor: a denial's report lands nowhere else" {
	policy deny.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdirat
	INI
	sandbox -p "$POLICY" "$TRACE" -v -- sh -c \
		"exec 2>'$T/file'; '$HELPERS/syscalls' mkdirat -100 '$MARKER' 0755" \
		>"$T/out" 2>&- 3>&-
	is out "$(<"$T/out")" "mkdirat = -1 EPERM"
	is file "$(<"$T/file")" ""
	# the policy must not land in 0 either
	capture sandbox -p "$POLICY" "$TRACE" -- cat <&-
	is output "$output" ""
	has stderr "$stderr" 'Bad file descriptor'
}

@test "as an ordinary user: status and signals" {
	open_copy
	cp "$POLICY" "$OPEN/allow.ini"
	chmod 0644 "$OPEN/allow.ini"
	for mode in "${MODES[@]}"; do
		capture as_user "$OPEN/sandbox" -p "$OPEN/allow.ini" $mode -- \
			sh -c 'exit 42'
		is status "$status" 42
		capture as_user "$OPEN/helpers/status-of" "$OPEN/sandbox" \
			-p "$OPEN/allow.ini" $mode -- \
			"$OPEN/helpers/signals" raise 11
		has killed "$stderr" '^signaled 11$'
	done
}

@test "as process 1 sandbox reaps what CMD orphans" {
	need_pid_namespace
	for mode in "" "$TRACE"; do
		# shellcheck disable=SC2086
		capture timeout -k 1 "$LIMIT" $PROCESS_1 "$SANDBOX" \
			--deny mkdirat $mode -q -- perl -MPOSIX=_exit -e '
for (1 .. 20) {
	_exit(fork ? 0 : 3) unless fork;
	wait;
}
my ($until, $left) = (time + 20, 20);
while ($left && time < $until) {
	select undef, undef, undef, 0.05;
	$left = grep { open(STAT, "<", $_) && <STAT> =~ /\) Z / }
		glob "/proc/[0-9]*/stat";
}
print "zombies $left\n";'
		is status "$status" 0
		is output "$output" "zombies 0"
	done
}

@test "stopped while it starts, sandbox is seen to stop and goes on" {
	for list in mount execve; do
		for tracer in "$TRACE" -q; do
			capture "$HELPERS/stops" 100 "$SANDBOX" --deny "$list" \
				"$tracer" -q -- sleep 0.02
			is "status ($list, $tracer)" "$status" 0
			has stopped "$output" '^[1-9][0-9]* stopped, '
		done
	done
}

@test "an alarm that the caller has set is CMD's" {
	for tracer in "$TRACE" -q --in-place; do
		capture perl -e 'alarm 1; exec @ARGV' "$SANDBOX" --deny mount \
			"$tracer" -q -- sleep 20
		is "status ($tracer)" "$status" 142
	done
}
