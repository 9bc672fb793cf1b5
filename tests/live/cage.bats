#!/usr/bin/env bats
# Each process of sandbox's that is there while CMD runs is locked up.

setup() {
	load ../common
	common_setup
	open_copy
	# a name that no other process has
	NAME=sb.$BASHPID
	mv "$OPEN/sandbox" "$OPEN/$NAME"
	printf '[policy]\ndefault = allow\n[deny]\nsyscalls = mkdir mkdirat\n' \
		>"$OPEN/p.ini"
	chmod 0644 "$OPEN/p.ini"
	# where the policy denies it, CMD's exec goes through a listener
	sed 's/^syscalls.*/& execve execveat/' "$OPEN/p.ini" >"$OPEN/e.ini"
	POLICY=$OPEN/p.ini
	BEFORE=()
	SLEEP="sleep 60.$BASHPID"
}
teardown() { common_teardown; }

# What stays beside CMD, and its capabilities if it is root's.
WAITS=0000000000000020    # CAP_KILL
WATCHES=0000000000080020  # CAP_SYS_PTRACE as well
REPLACES=000000000008002b # CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER as well
RELAYS=00000000002000e0   # CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID as well
TRACED=(--trace=notify --trace=ptrace -c --permissive
	"--in-place --trace=notify" "--in-place --trace=ptrace")

# start AS OPTIONS: sandbox around a sleeping CMD, as root or as a user.
start() {
	# shellcheck disable=SC2086
	$1 "$OPEN/$NAME" -p "$POLICY" $2 -- $SLEEP 3>&- &
	PIDS+=($!)
	wait_for pgrep -fx "$SLEEP"
	FIRST=$(pgrep -ox "$NAME")
}
# With a child from before, ended or not, another process stands in front.
# shellcheck disable=SC2016
with_child() { sh -c ': & exec "$@"' sh "$@"; }
as_user_with_child() { as_user sh -c ': & exec "$@"' sh "$@"; }

# Every thread of theirs: its filter, its no_new_privs, its capabilities.
state() {
	local pid
	for pid in $(pgrep -x "$NAME"); do
		awk '/^CapPrm:|^CapEff:|^NoNewPrivs:/ { s = s " " $2 }
			/^Seccomp:/ { print s, $2; s = "" }' \
			"/proc/$pid/task/"*/status
	done | sort | uniq -c | sed 's/^ *//'
}

# locked WHAT N CAPABILITIES...: N processes or threads with each of these.
locked() {
	local wanted=
	for ((i = 2; i < $#; i += 2)); do
		wanted+="${!i} "
		((i++))
		wanted+=" ${!i} ${!i} 1 2"$'\n'
		((i--))
	done
	is "$1" "$(state)" "${wanted%$'\n'}"
}

# The same user can read and write the memory of none.
closed() {
	local pid
	for pid in $(pgrep -x "$NAME"); do
		if as_user sh -c 'exec 4<>"/proc/$1/mem"' sh "$pid"; then
			echo "$1: the memory of $pid is open"
			return 1
		fi
	done 2>/dev/null
}

stop() {
	local pid
	for pid in $(pgrep -fx "$SLEEP"); do
		kill -KILL "$pid"
	done
	wait_for eval "! pgrep -x '$NAME'"
}

@test "root's: no process without a filter, and these capabilities" {
	need_root
	start env ""
	locked "no option" 1 $WAITS
	stop
	for mode in "${TRACED[@]}"; do
		start env "-q $mode"
		locked "$mode" "$(threads "$mode")" $WATCHES
		stop
	done
	start with_child "-q --trace=ptrace"
	locked "with a child" 1 $WAITS 1 $WATCHES
	stop
	POLICY=$OPEN/e.ini start env ""
	locked "exec is denied" 1 $WAITS
	stop
}

# notify's monitor that waits for CMD has a second thread
threads() {
	[ "$1" = --trace=notify ] && echo 2 || echo 1
}

@test "a user's: no process without a filter, none that they can open" {
	local none=0000000000000000
	start as_user ""
	locked "no option" 1 $none
	closed "no option"
	stop
	for mode in "${TRACED[@]}"; do
		start as_user "-q $mode"
		locked "$mode" "$(threads "$mode")" $none
		closed "$mode"
		stop
	done
	start as_user_with_child "-q --trace=ptrace"
	locked "with a child" 2 $none
	closed "with a child"
	stop
	POLICY=$OPEN/e.ini start as_user ""
	locked "exec is denied" 1 $none
	closed "exec is denied"
	stop
}

@test "the check for memory that is open sees an unprotected process" {
	cp "$(command -v sleep)" "$OPEN/tmp/$NAME"
	as_user "$OPEN/tmp/$NAME" 60 3>&- &
	PIDS+=($!)
	wait_for pgrep -x "$NAME"
	run ! closed "an unprotected process"
	run ! locked "an unprotected process" 1 0000000000000000
}

@test "so are those that come later: left behind, listening, relaying" {
	need_root
	# whoever stays with what CMD left behind
	"$OPEN/$NAME" -p "$POLICY" -q --trace=notify -- \
		"$HELPERS/spawn" daemon sleep 60."$BASHPID" 3>&- || true
	locked "left behind" 1 $WATCHES
	stop
	# systemd's main process has one that hears of signals
	start main_process ""
	locked listening 2 $WAITS
	stop
	# and a thread that passes on messages
	NOTIFY_SOCKET=@$NAME start env ""
	wait_for eval '[ "$(ls "/proc/$FIRST/task" | wc -l)" = 2 ]'
	locked relaying 2 $RELAYS
	stop
}
# shellcheck disable=SC2016
main_process() { sh -c 'SYSTEMD_EXEC_PID=$$ exec "$@"' sh "$@"; }

# ------------------------------------------------------------ the programs

# The instructions of the cage with these layers, as they are checked in.
program_of() {
	sed -n "s|^CAGE.*/\* $1 \*/ ||p" "$ROOT/src/run/cage-$(uname -m).inc" |
		tr ' ' '\n'
}

# loaded LAYERS [OPTION...]: what the kernel has is that.
loaded() {
	local pid
	program_of "$1" >"$T/wanted"
	[ -s "$T/wanted" ]
	start env "${*:2}"
	for pid in $(pgrep -x "$NAME"); do
		"$HELPERS/filter-of" "$pid" >"$T/got" || status=$?
		[ "${status-0}" != 2 ] ||
			skip "this kernel shows no filter (CONFIG_CHECKPOINT_RESTORE)"
		cmp "$T/wanted" "$T/got"
	done
	stop
}

@test "the kernel has the very program that was proved" {
	need_root
	local monitor="base threads monitor" file="$T/report"
	loaded base
	NOTIFY_SOCKET=@$NAME loaded "base threads sockets"
	POLICY=$OPEN/e.ini loaded "base threads notify"
	POLICY=$OPEN/e.ini NOTIFY_SOCKET=@$NAME \
		loaded "base threads notify sockets"
	for tracer in notify ptrace; do
		for place in "" --in-place; do
			loaded "$monitor $tracer" --trace=$tracer $place
			loaded "$monitor $tracer files" \
				--trace=$tracer -r "$file" $place
			NOTIFY_SOCKET=@$NAME loaded "$monitor $tracer sockets" \
				--trace=$tracer $place
			NOTIFY_SOCKET=@$NAME \
				loaded "$monitor $tracer files sockets" \
				--trace=$tracer -r "$file" $place
		done
	done
}

@test "before CMD's first instruction" {
	local mode
	for mode in "" "-q --trace=notify" "-q --trace=ptrace"; do
		for _ in {1..50}; do
			# shellcheck disable=SC2086
			capture sandbox -p "$POLICY" $mode -- \
				"$HELPERS/parents-filter"
			is "filter, $mode" "$output" 2
		done
	done
}

@test "with a report file it keeps what replaces that" {
	need_root
	start env "--trace=ptrace -r $T/report"
	locked "a file" 1 $REPLACES
	stop
}

@test "check finds no hole in any of them" {
	local layers layer options n=0
	cp -r contrib/cage "$T/cage"
	chmod -R u=rwX,go=rX "$T/cage"
	while read -r layers; do
		options=()
		for layer in $layers; do
			options+=(-p "$T/cage/$layer.ini")
		done
		capture "$SANDBOX" check "$T/cage/base.ini" "${options[@]:2}"
		is "$layers: status" "$status" 0
		has "$layers" "$output" clean
		n=$((n + 1))
	done < <(sed -n 's|^CAGE.*/\* \(.*\) \*/.*|\1|p' "src/run/cage-$(uname -m).inc")
	is "number of programs" "$n" 12
}

# ------------------------------------------------------------- what they do

# The calls of sandbox's processes from their own filter on, in a run of CMD
# under `strace`; strace -f follows what --trace=ptrace wants for itself, so
# without -f there.
calls_inside() { # calls_inside OPTION... -- CMD...
	local follow=(-f)
	[[ $* != *--trace=ptrace* && $* != *--learn* ]] || follow=()
	capture timeout "$LIMIT" strace "${follow[@]}" -o "$T/strace" \
		"${BEFORE[@]}" "$SANDBOX" -p "$POLICY" "$@"
	[ "${follow[*]}" ] || sed -i 's/^/0 /' "$T/strace"
	# CMD's processes come from its execve, the first after sandbox's
	awk -v sandbox="\"$SANDBOX\"" '
		$2 ~ /^execve\(/ && index($0, sandbox) { started = 1; next }
		/SECCOMP_FILTER_FLAG_TSYNC/ { locked = 1; next }
		$2 ~ /^execve\(/ && started { cmd[$1] = 1 }
		$2 ~ /^(clone|fork|vfork|clone3)\(/ && cmd[$1] { cmd[$NF] = 1 }
		locked && !cmd[$1] { print }' "$T/strace" >"$T/calls"
}

# libc tries clone3 first, and goes on with clone.
denies_nothing() {
	calls_inside "$@"
	# what is looked at is there: it waits for CMD, and ends
	grep -q 'wait4\|waitid\|NOTIF_RECV' "$T/calls"
	grep -q 'exit_group\|+++ killed by SIGABRT' "$T/calls"
	if grep -v 'clone3[( ]' "$T/calls" |
		grep -- '= -1 \(EPERM\|ENOSYS\|E\?511\)'; then
		return 1
	fi
}

# each_report TRACER
each_report() {
	local cmd=("$HELPERS/syscalls" mkdir "$MARKER" 0755 x3)
	for format in text json; do
		denies_nothing "$1" -r "$T/r.$format" --format=$format \
			-- "${cmd[@]}"
		grep -q mkdir "$T/r.$format"
	done
	denies_nothing "$1" -vv -- "${cmd[@]}"
	has report "$stderr" '3 +mkdir +EPERM'
	# what refreshes a report while CMD runs
	denies_nothing "$1" -r "$REPORT" --format=json -- sh -c \
		"'${cmd[0]}' mkdir '$MARKER' 0755; sleep 1.3
		'${cmd[0]}' mkdir '$MARKER' 0755"
	is hits "$(row mkdir .hits)" 2
	# and what stays with those whom CMD leaves behind
	denies_nothing "$1" -r "$REPORT" --format=json -- "$HELPERS/spawn" \
		daemon sh -c "sleep 1.2; '${cmd[0]}' mkdir '$MARKER' 0755 x2"
	is left "$(row mkdir .hits)" 2
	# systemd hears of it
	NOTIFY_SOCKET=@$NAME denies_nothing "$1" -vv -- "${cmd[@]}"
}

@test "the monitor makes no call that its own filter denies: notify" {
	each_report --trace=notify
}

@test "the monitor makes no call that its own filter denies: ptrace" {
	each_report --trace=ptrace
}

@test "nor does one that learns" {
	local option
	POLICY=$OPEN/d.ini
	printf '[policy]\ndefault = deny\n' >"$POLICY"
	chmod 0644 "$POLICY"
	for option in "" --merge --merge --force; do
		# shellcheck disable=SC2086
		denies_nothing --learn "$OPEN/new.ini" $option -- \
			sh -c "mkdir '$T/made'; sleep 1.2; rmdir '$T/made'"
		has stderr "$stderr" '^sandbox: learned '
		grep -q rmdir "$OPEN/new.ini"
		# by hand: from now on lines are added
		[ -z "$option" ] || sed -i 's/ rmdir//' "$OPEN/new.ini"
	done
}

# strace -f, which finds the monitor here, and a ptrace tracer exclude each other
@test "in place the monitor makes no call that its own filter denies" {
	denies_nothing --in-place --trace=notify -r "$REPORT" --format=json -- \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 x3
	wait_for [ "$(row mkdir .hits)" = 3 ]
}

# shellcheck disable=SC2016
@test "what only waits makes no call that its own filter denies" {
	denies_nothing -- true
	POLICY=$OPEN/e.ini denies_nothing -- true
	POLICY=$OPEN/e.ini denies_nothing -- no-such-command
	# a stop, and somebody else who ends it
	# (not before sandbox, which strace makes slow, has seen the stop)
	for pause in 0.3 1 3; do
		denies_nothing -- sh -c "(sleep $pause; kill -CONT \$\$ \$PPID) &
			kill -STOP \$\$"
		! grep -q ' waitid(.*WCONTINUED' "$T/calls" || break
	done
	grep -q ' waitid(.*WCONTINUED' "$T/calls"
	# a signal that is handed on
	denies_nothing -- sh -c 'trap "exit 3" TERM; (kill -TERM $PPID) &
		while :; do sleep 0.1; done'
	is status "$status" 3
	grep -q ' \(kill\|rt_sigqueueinfo\)(.*SIGTERM' "$T/calls"
	# CMD dies of one
	denies_nothing -- sh -c 'kill -ABRT $$'
	# systemd's main process, with messages
	BEFORE=(sh -c 'SYSTEMD_EXEC_PID=$$ exec "$@"' sh)
	NOTIFY_SOCKET=@$NAME denies_nothing -- "$HELPERS/syscalls" getpid
	grep -q rt_sigtimedwait "$T/calls"
	grep -q recvmsg "$T/calls"
}

@test "it holds no more descriptors than it needs" {
	[ "$(id -u)" = 0 ] || skip "needs root: nobody else may look at them"
	for mode in "" "-q --trace=notify" "-q --trace=ptrace"; do
		exec 8<"$OPEN/p.ini"
		start env "$mode"
		exec 8<&-
		wait_for eval "! readlink /proc/$FIRST/fd/8"
		count=0
		for fd in "/proc/$FIRST/fd"/*; do
			case $(readlink "$fd") in
			*seccomp* | /dev/null) ;;
			*) [ "${fd##*/}" = 2 ] || count=$((count + 1)) ;;
			esac
		done
		is "others, $mode" "$count" 0
		stop
	done
}

# ------------------------------------------------------------------- attacks

@test "root's CMD that takes its parent over makes no denied call by it" {
	need_root
	for mode in "" "-q --trace=notify"; do
		# shellcheck disable=SC2086
		capture "$OPEN/$NAME" -p "$OPEN/p.ini" $mode -- \
			"$HELPERS/takeover" "$MARKER"
		is "status, $mode" "$status" 42
		[ ! -e "$MARKER" ]
	done
	# where the parent is not locked up it does
	capture sh -c '"$@"; exit 0' sh "$HELPERS/takeover" "$MARKER"
	is "status of a shell" "$status" 42
	[ -d "$MARKER" ]
}

@test "a user's CMD cannot take its parent over" {
	for mode in "" "-q --trace=notify" "-q --trace=ptrace"; do
		for child in as_user as_user_with_child; do
			# shellcheck disable=SC2086
			capture $child "$OPEN/$NAME" -p "$OPEN/p.ini" $mode -- \
				"$OPEN/helpers/takeover" "$OPEN/tmp/marker"
			is "status, $child $mode" "$status" 1
			has reason "$stderr" 'takeover: Permission denied'
			[ ! -e "$OPEN/tmp/marker" ]
		done
	done
}

# pretends NUMBER ARG VALUE: a filter around sandbox only pretends that call.
pretends() {
	for mode in "" --trace=notify --trace=ptrace \
		"--in-place --trace=notify" "--in-place --trace=ptrace"; do
		# shellcheck disable=SC2086
		capture timeout "$LIMIT" "$HELPERS/pretend" "$@" "$SANDBOX" \
			-p "$POLICY" $mode -- touch "$MARKER"
		is "status, $* $mode" "$status" 125
		[ ! -e "$MARKER" ]
		has "reason, $* $mode" "$stderr" \
			"cannot protect sandbox's own process: it was not done"
	done
}

@test "nothing is believed: a filter that only pretends to be loaded" {
	pretends 317 1 1 # seccomp, SECCOMP_FILTER_FLAG_TSYNC
}

@test "nothing is believed: capabilities that are only said to be dropped" {
	need_root
	pretends 126 0 - # capset
}

@test "nothing is believed: prctl(2)" {
	pretends 157 0 4 # PR_SET_DUMPABLE
}
