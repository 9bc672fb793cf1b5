#!/usr/bin/env bats
# The monitor of a traced run protects itself.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	open_copy
	printf '[policy]\ndefault = allow\n[deny]\nsyscalls = mkdir\n' \
		>"$OPEN/p.ini"
	chmod 0644 "$OPEN/p.ini"
}
teardown() { common_teardown; }

start() { # as the caller or as_user: sandbox around a sleeping CMD
	"$@" "$OPEN/sandbox" -p "$OPEN/p.ini" "$TRACE" -q -- \
		sleep 60 &
	PIDS+=($!)
	MONITOR=$!
	wait_for sh -c "pgrep -P $MONITOR -x sleep"
}

field() { awk -v f="$1:" '$1 == f {print $2}' "/proc/$MONITOR/status"; }

@test "before CMD's first instruction it has a filter of its own" {
	start env
	is Seccomp "$(field Seccomp)" 2
	is NoNewPrivs "$(field NoNewPrivs)" 1
}

@test "it keeps CAP_SYS_PTRACE and CAP_KILL, if it had them, and no more" {
	[ "$(id -u)" = 0 ] || skip "needs root: only root has capabilities"
	start env
	is CapEff "$(field CapEff)" 0000000000080020
	is CapPrm "$(field CapPrm)" 0000000000080020
}

@test "CMD of the same user can neither trace it nor read its memory" {
	capture as_user timeout "$LIMIT" "$OPEN/sandbox" -p "$OPEN/p.ini" \
		"$TRACE" -q -- sh -c 'head -c 1 /proc/$PPID/mem; echo "$?";
			strace -p $PPID 2>&1; ls /proc/$PPID/fd'
	has output "$output" '^1$'
	has attach "$output" 'Operation not permitted'
	has stderr "$stderr" 'Permission denied'
}

@test "it holds no more descriptors than it needs" {
	exec 8<"$OPEN/p.ini"
	start env
	exec 8<&-
	wait_for sh -c "! readlink /proc/$MONITOR/fd/8"
	count=0
	for fd in "/proc/$MONITOR/fd"/*; do
		case $(readlink "$fd") in
		*seccomp* | /dev/null) ;;
		*) [ "${fd##*/}" = 2 ] || count=$((count + 1)) ;;
		esac
	done
	is others "$count" 0
}
