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

# The monitor's calls from its own filter on, in a run of CMD under `strace`.
# strace -f follows what --trace=ptrace wants for itself, so without -f there.
monitors_calls() { # monitors_calls OPTION... -- CMD...
	local follow=(-f)
	by_notify || follow=()
	capture timeout "$LIMIT" strace "${follow[@]}" -o "$T/strace" \
		"$SANDBOX" -p "$OPEN/p.ini" "$TRACE" "$@"
	by_notify || sed -i 's/^/0 /' "$T/strace"
	# CMD's processes come from its execve; the others are the monitor's
	awk '
		/SECCOMP_FILTER_FLAG_TSYNC/ { locked = 1; next }
		$2 ~ /^execve\(/ && locked { cmd[$1] = 1 }
		$2 ~ /^(clone|fork|vfork|clone3)\(/ && cmd[$1] { cmd[$NF] = 1 }
		locked && !cmd[$1] { print }' "$T/strace" >"$T/calls"
}

denies_nothing() {
	monitors_calls "$@"
	# what is looked at is there: it waits for CMD, and ends
	grep -q 'wait4\|waitid\|NOTIF_RECV' "$T/calls"
	grep -q exit_group "$T/calls"
	if grep -- '= -1 \(EPERM\|ENOSYS\)' "$T/calls"; then
		return 1
	fi
}

@test "the monitor makes no call that its own filter denies" {
	local cmd=("$HELPERS/syscalls" mkdir "$MARKER" 0755 x3)
	for format in text json; do
		denies_nothing -r "$T/r.$format" --format=$format -- "${cmd[@]}"
		grep -q mkdir "$T/r.$format"
	done
	denies_nothing -vv -- "${cmd[@]}"
	has report "$stderr" '3 +mkdir +EPERM'
	# what refreshes a report while CMD runs
	denies_nothing -r "$REPORT" --format=json -- sh -c \
		"'${cmd[0]}' mkdir '$MARKER' 0755; sleep 1.3
		'${cmd[0]}' mkdir '$MARKER' 0755"
	is hits "$(row mkdir .hits)" 2
	# and what stays with those whom CMD leaves behind
	denies_nothing -r "$REPORT" --format=json -- "$HELPERS/spawn" daemon \
		sh -c "sleep 1.2; '${cmd[0]}' mkdir '$MARKER' 0755 x2"
	is left "$(row mkdir .hits)" 2
}

# strace -f, which finds the monitor here, and a ptrace tracer exclude each other
# bats test_tags=once
@test "in place the monitor makes no call that its own filter denies" {
	denies_nothing --in-place -r "$REPORT" --format=json -- \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 x3
	wait_for [ "$(row mkdir .hits)" = 3 ]
}

# --------------------------------------------- memory that never comes

# A child holds the page back until the call has its answer.
@test "a path that never comes holds nobody up, and is shown as the pointer" {
	local mode
	for mode in "" --in-place; do
		rm -f "$REPORT"
		# shellcheck disable=SC2086
		capture timeout -k 5 "$LIMIT" "$SANDBOX" -p "$OPEN/p.ini" "$TRACE" \
			$mode -r "$REPORT" --format=json -- "$HELPERS/stuck"
		[ "$status" != 77 ] || skip "no userfaultfd here"
		is "status ($mode)" "$status" 0
		is answer "$output" "mkdir = -1 EPERM"
		wait_for jq -e '.state == "ended"' "$REPORT"
		is hits "$(row mkdir .hits)" 1
		if [ "$(id -u)" = 0 ]; then
			has path "$(row mkdir '.first.args[0]')" '^0x[0-9a-f]+$'
		fi
	done
}

# bats test_tags=once
@test "-v says nothing of a caller that is gone when it has been looked at" {
	capture sandbox -p "$OPEN/p.ini" --trace=notify -v -- "$HELPERS/stuck" early
	[ "$status" != 77 ] || skip "no userfaultfd here"
	is status "$status" 0
	hasnt line "$stderr" '^sandbox: denied mkdir'
	has report "$stderr" 'no system call was denied'
}
