#!/usr/bin/env bats
# CMD lays code of its own into the processes of sandbox that wait for it
# (tests/helpers/implant.c): it gets no access, or what it wrote cannot make
# what the policy denies.

setup() {
	load common
	attack_setup
	IMPLANT=$OPEN/helpers/implant
	write kill.ini <<-'INI'
	[policy]
	default = allow
	[kill]
	syscalls = reboot
	INI
	ALL=("${MODES[@]}" --permissive)
}
teardown() { attack_teardown; }

@test "a launcher that waits without a cage is taken over" {
	local user
	for user in "${USERS[@]}"; do
		capture as "$user" "$OPEN/helpers/naive" wait \
			"$IMPLANT" naive "$FOLDER"
		is status "$status" 42
		control takeover test -d "$FOLDER"
		rmdir "$FOLDER"
	done
}

# Each process of sandbox that was found is under a filter.
bare() {
	if grep 'Seccomp=[01]' "$T/stdout"; then echo 1; else echo 0; fi
}
bare_one() { bare | tail -n 1; }

# take USER MODE WORD...: sandbox after these words.
take() {
	local user=$1 mode=$2
	shift 2
	# shellcheck disable=SC2046
	capture as "$user" timeout -k 2 "$HANG" "$@" "$OPEN/sandbox" \
		${POLICY_NAME:+-p "$OPEN/$POLICY_NAME"} \
		--deny mkdir,mkdirat,ptrace $(options "$mode") -q -- \
		"$IMPLANT" sandbox "$FOLDER"
	wait_briefly no_monitor || true
	# in place without a tracer there is no process to take over
	# (with -c the end comes before that is told)
	[ "$mode" = --in-place ] || [ "$status" = 42 ] ||
		grep -q "mem: " "$T/stdout"
	# --permissive lets its CMD make it: nothing else may
	tried takeover "$user" "$mode" 1 folder_made
	tried "no filter" "$user" "$mode" 1 bare_one
	if [ "$user" = user ] && [ $# = 0 ]; then
		tried "memory opened" "$user" "$mode" 1 if_true \
			grep -q 'mem: \(written\|opened\)' "$T/stdout"
	fi
	end_all
}

in_full_view() { take "$@"; }

@test "what waits for CMD, in the open" {
	each in_full_view "${ALL[@]}"
	held
}

under_kill_rules() { POLICY_NAME=kill.ini take "$@"; }

@test "the same where the policy kills" {
	each under_kill_rules -t "--in-place -t"
	held
}

# bash keeps the child over its exec.
behind_child() {
	take "$@" bash -c 'sleep 8 </dev/null >/dev/null 2>&1 &
		exec "$@"' "$OPEN"
}

@test "what stands in front if there were children before" {
	each behind_child -t --trace=ptrace -c --permissive
	POLICY_NAME=kill.ini each behind_child -t
	held
}

first_process() { take "$@" unshare -pf; }

@test "process 1 of a PID namespace" {
	need_root
	USERS=(root)
	capture unshare -pf "$OPEN/helpers/naive" wait \
		"$IMPLANT" naive "$FOLDER"
	control takeover test -d "$FOLDER"
	rmdir "$FOLDER"
	each first_process "${ALL[@]}"
	held
}

own_root() { take "$@" unshare -r; }

@test "an ordinary user who is root in a user namespace" {
	unshare -r true || skip "no user namespaces here"
	USERS=(user)
	each own_root "${ALL[@]}"
	held
}
