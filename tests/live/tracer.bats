#!/usr/bin/env bats
# Which tracer traces, and what asks for one.

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir
	INI
	TRY=("$HELPERS/syscalls" mkdir "$MARKER" 0755 x3)
}
teardown() { common_teardown; }

# chosen WANTED OPTION...: the tracer under $POLICY.
chosen() {
	rm -f "$REPORT"
	capture sandbox -p "$POLICY" "${@:2}" -r "$REPORT" --format=json -- \
		"${TRY[@]}"
	is "tracer (${*:2})" "$(json .tracer)" "$1"
}

@test "notify by default; both by name; any other name is refused" {
	chosen notify
	chosen notify -t
	chosen notify --trace
	chosen notify --trace=notify
	chosen ptrace --trace=ptrace
	refused 125 'ebpf' -p "$POLICY" --trace=ebpf
	refused 125 'notif' -p "$POLICY" --trace=notif
}

@test "ptrace where the policy kills, so that the call is named" {
	policy kill.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir
	[kill]
	syscalls = reboot
	INI
	chosen ptrace -t
	chosen notify --trace=notify
	policy default.ini <<-INI
	[policy]
	default = kill
	[allow]
	syscalls = $STATIC_START
	INI
	chosen ptrace -t
	is status "$status" 159
	is call "$(json '.denied[0].syscall')" mkdir
	# an inner layer's rule counts
	policy outer.ini <<-'INI'
	[policy]
	include = kill.ini
	INI
	chosen ptrace -t
}

@test "ptrace where calls are let run" {
	chosen ptrace -c
	chosen ptrace --permissive
	rmdir "$MARKER"
	for option in -c --permissive; do
		refused 125 'notify' -p "$POLICY" --trace=notify "$option"
	done
}

@test "ptrace, with a note, where a listener is there already" {
	capture sandbox -p "$POLICY" --trace=notify -q -- "$SANDBOX" \
		--deny rmdir -t -r "$REPORT" --format=json -- \
		"$HELPERS/syscalls" rmdir / x4
	is status "$status" 0
	is tracer "$(json .tracer)" ptrace
	has note "$(json .note)" 'listener'
	is hits "$(row rmdir .hits)" 4
	capture sandbox -p "$POLICY" --trace=notify -q -- "$SANDBOX" \
		--deny rmdir -t -- "$HELPERS/syscalls" rmdir /
	has text "$stderr" 'listener'
	# asked for by name it is refused, and CMD does not start
	capture sandbox -p "$POLICY" --trace=notify -q -- "$SANDBOX" \
		--deny rmdir --trace=notify -- touch "$MARKER"
	never_started 125 'listener'
}

@test "-t, -v, -vv, -r and --trace each report; nothing does without" {
	for option in -t -v -vv --trace "-r -" "--report=-"; do
		# shellcheck disable=SC2086
		capture sandbox -p "$POLICY" $option -- "${TRY[@]}"
		has "$option" "$output$stderr" '^ +3 +mkdir +EPERM'
	done
	capture sandbox -p "$POLICY" -- "${TRY[@]}"
	is stderr "$stderr" ""
	is output "$output" "mkdir = -1 EPERM"
}

@test "CMD starts even where it may not do what a launch with a listener takes" {
	# the descriptor comes to the monitor without a call of CMD's
	policy none.ini <<-'INI'
	[policy]
	default = deny
	INI
	for tracer in notify ptrace; do
		chosen "$tracer" "--trace=$tracer"
		hasnt status "$status" '^12[56]$'
		is comm "$(json '.denied[0].first.comm')" syscalls
	done
	policy many.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = sendmsg ioctl pidfd_getfd pidfd_open futex dup dup2 dup3
	  close fcntl socketpair exit_group seccomp prctl execve
	INI
	for tracer in notify ptrace; do
		capture sandbox -p "$POLICY" "--trace=$tracer" -q -- \
			"$HELPERS/syscalls" getpid
		has "output ($tracer)" "$output" '^getpid = [0-9]'
	done
}

@test "a tracer inside ptrace: the report says why it can do nothing" {
	type strace >/dev/null || skip "no strace"
	for mode in "" --in-place; do
		for options in "" -c --permissive; do
			rm -f "$REPORT"
			# shellcheck disable=SC2086
			capture sandbox -p "$POLICY" --trace=ptrace $mode \
				$options -r "$REPORT" --format=json -- strace true
			has strace "$stderr" 'PTRACE_TRACEME.*not permitted'
			wait_for jq -e .note "$REPORT"
			has "note ($mode $options)" "$(json .note)" \
				'sandbox itself traces the command.*--trace=notify'
			is denied "$(json .totals.hits)" 0
		done
	done
	capture sandbox --trace=ptrace -c -r "$REPORT" --format=json -- strace true
	has note "$(json .note)" 'sandbox itself traces the command'
	# what it advises
	capture sandbox -p "$POLICY" --trace=notify -r "$REPORT" --format=json \
		-- strace -o /dev/null true
	is status "$status" 0
	is note "$(json .note)" null
}

@test "sandbox inside another tracer: who holds CMD, and what to do" {
	type strace >/dev/null || skip "no strace"
	for mode in "" --in-place; do
		# shellcheck disable=SC2086
		capture strace -f -o /dev/null "$SANDBOX" -p "$POLICY" $mode \
			--trace=ptrace -- touch "$MARKER"
		never_started 125 \
			'strace \(PID [0-9]+\) traces it already; the command was not'
		has advice "$stderr" '^sandbox: use --trace=notify.*without strace$'
	done
	capture strace -f -o /dev/null "$SANDBOX" -p "$POLICY" --trace=notify -q \
		-- true
	is status "$status" 0
}

@test "no descriptor of the tracer's reaches CMD" {
	for mode in "" --trace=notify --trace=ptrace; do
		# shellcheck disable=SC2086
		capture sandbox -p "$POLICY" $mode -q -r /dev/null -- \
			bash -c 'ls -l /proc/$$/fd' </dev/null
		hasnt "descriptors ($mode)" "$output" 'seccomp|anon_inode'
	done
}

# bats test_tags=once
@test "ptrace: only CMD's own exec costs a stop" {
	strace -qq -e trace=wait4 -o "$T/stops" "$SANDBOX" -q --trace=ptrace \
		-p "$POLICY" -- sh -c 'for n in 1 2 3; do /bin/true; done; :'
	is execs "$(grep -c PTRACE_EVENT_EXEC "$T/stops")" 1
	is ends "$(grep -c PTRACE_EVENT_EXIT "$T/stops")" 4
}
