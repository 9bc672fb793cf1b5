#!/usr/bin/env bats
# An ordinary user who is no part of a service sends sockets that take a minute to
# close to the address where sandbox takes the service's messages
# (tests/helpers/linger.c): the service's own still arrive, and sandbox ends with
# CMD.

setup() {
	load common
	attack_setup
	LINGER=$OPEN/helpers/linger
	ADDRESS=$OPEN/tmp/address
	GROUP=
}
teardown() {
	attack_teardown
	[ -z "$GROUP" ] || wait_for rmdir "$GROUP"
}

@test "who closes such sockets waits" {
	"$LINGER" close "$OPEN/tmp/socket" >"$T/stdout" 3>&- &
	PIDS+=($!)
	wait_for grep -q ready "$T/stdout"
	"$LINGER" stranger "$OPEN/tmp/socket" >"$T/stranger" 3>&- &
	PIDS+=($!)
	wait_for grep -q sent "$T/stranger"
	sleep 1
	control "slow sockets" run ! grep -q closed "$T/stdout"
}

# A control group where the service runs and the stranger does not.
own_group() {
	local root
	root=$(findmnt -rno TARGET,OPTIONS -t cgroup |
		sed -n 's/^\([^ ]*\) .*name=systemd.*/\1/p' | head -n 1)
	[ "$root" ] || root=$(findmnt -rno TARGET -t cgroup2 | head -n 1)
	[ "$root" ] && mkdir "$root/sandbox-test.$$" 2>/dev/null || return 1
	GROUP=$root/sandbox-test.$$
}

service() { # USER MODE
	local manager
	rm -f "$ADDRESS" "$T/out"
	(
		if [ "$GROUP" ]; then
			echo "$BASHPID" >"$GROUP/cgroup.procs"
		fi
		unset SYSTEMD_EXEC_PID
		# shellcheck disable=SC2046
		as "$1" timeout -k 2 $((2 * HANG)) "$LINGER" manager \
			"$OPEN/tmp/notify" "$OPEN/sandbox" -p "$OPEN/deny.ini" \
			$(options "$2") -- "$LINGER" service "$ADDRESS"
	) >"$T/out" 2>"$T/stderr" 3>&- &
	manager=$!
	wait_for grep -q READY "$T/out"
	as user "$LINGER" stranger "$(<"$ADDRESS")" >"$T/stranger" 3>&- &
	PIDS+=($!)
	wait_for grep -q sent "$T/stranger"
	rm -f "$ADDRESS"
	wait_briefly grep -q WATCHDOG "$T/out" || true
	tried "slow sockets: message" "$@" 1 if_true run ! grep -q WATCHDOG \
		"$T/out"
	wait_briefly gone "$manager" || true
	tried "slow sockets: end" "$@" 1 if_true run ! gone "$manager"
	end_all
	wait "$manager" 2>/dev/null || true
}

@test "sandbox neither waits for them nor loses the service's messages" {
	need_root
	own_group || skip "no control group can be made here"
	each service - -t --trace=ptrace -c --permissive
	held
}
