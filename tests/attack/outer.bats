#!/usr/bin/env bats
# A filter that was there before sandbox, as container managers load one, does
# not open what the policy denies, nor start CMD without it
# (tests/helpers/outer.c).

setup() {
	load common
	attack_setup
	OUTER=$OPEN/helpers/outer
	NAIVE=$OPEN/helpers/naive
	CALLS=mkdir,mkdirat
}
teardown() { attack_teardown; }

# under HOW CALLS USER MODE [CMD...]: sandbox under such a filter.
under() {
	local how=$1 calls=$2 user=$3 mode=$4
	shift 4
	[ $# != 0 ] || set -- mkdir "$FOLDER"
	# shellcheck disable=SC2046
	capture as "$user" timeout -k 2 "$HANG" "$OUTER" "$how" "$calls" \
		"$OPEN/sandbox" -p "$OPEN/${POLICY_NAME:-deny.ini}" \
		$(options "$mode") -- "$@"
	end_all
}

@test "a listener that lets every call run: by ptrace alone the call runs" {
	capture "$NAIVE" trace mkdir "$FOLDER"
	is "by itself" "$(folder_made)" 0
	capture "$OUTER" continue $CALLS "$NAIVE" trace mkdir "$FOLDER"
	control "outer listener" test -d "$FOLDER"
}

let_run() {
	under continue "$CALLS" "$@"
	tried "outer listener" "$@" 1 folder_made
	# what was not refused as a whole is reported
	if [ "$2" != - ] && [ "$2" != --in-place ] && [ "$status" != 125 ]; then
		hasnt report "$stderr" 'no system call was denied'
	fi
}

@test "a listener that lets every call run" {
	each let_run "${MODES[@]}"
	held
}

@test "the same for all that a launch needs" {
	CALLS+=,execve,clone,clone3,vfork,ptrace,seccomp,prctl,wait4,openat
	each let_run "${MODES[@]}"
	held
}

@test "the same where the rest is denied, and where a rule looks at arguments" {
	write few.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = @known
	[deny]
	syscalls = mkdir mkdirat
	INI
	write arguments.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = if mode & 0700 != 0
	mkdirat = if mode & 0700 != 0
	INI
	for POLICY_NAME in few.ini arguments.ini; do
		capture "$OPEN/sandbox" -p "$OPEN/$POLICY_NAME" -- true
		is "$POLICY_NAME" "$status" 0
		each let_run "${MODES[@]}"
	done
	held
}

@test "success that is only pretended: a launcher that believes it is fooled" {
	capture "$NAIVE" errno mkdir "$FOLDER"
	is "by itself" "$(folder_made)" 0
	capture "$OUTER" errno=0 seccomp "$NAIVE" errno mkdir "$FOLDER"
	control "pretended success" test -d "$FOLDER"
}

pretended() { # USER MODE
	local how call
	for how in errno=0 value=0 value=3 value=1; do
		for call in seccomp prctl seccomp,prctl; do
			under $how $call "$@"
			tried "pretended success" "$@" 1 folder_made
		done
	done
}

@test "success that is only pretended: no CMD without its policy" {
	each pretended "${MODES[@]}"
	held
}

# A launch that waits for an answer that was swallowed has started nothing.
other_calls() { # USER MODE
	local call HANG=3
	for call in ptrace capset ioctl getrandom memfd_create mprotect prlimit64 \
		close_range process_vm_readv fcntl rt_sigprocmask; do
		under errno=0 $call "$@"
		tried "pretended success" "$@" 1 folder_made
	done
}

@test "the same of the other calls of a launch" {
	each other_calls "${MODES[@]}"
	held
}

privileges() { # USER MODE
	under errno=0 prctl "$@" grep NoNewPrivs /proc/self/status
	tried "no_new_privs" "$@" 1 if_true grep -q 'NoNewPrivs:.0' "$T/stdout"
}

@test "no_new_privs is set, whatever prctl(2) says" {
	need_root
	each privileges "${MODES[@]}"
	held
}

# A cookie that is not random could be guessed.
guessed() { # USER MODE
	local value
	for value in 8 16 32; do
		POLICY_NAME=exec.ini under value=$value getrandom "$@" \
			"$OPEN/helpers/gate" /bin/mkdir "$FOLDER"
		# it does not try for ever
		is status "$status" 125
		tried "guessed cookie" "$@" 1 folder_made
	done
}

@test "random bytes that are only pretended: the door stays shut" {
	write exec.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @exec
	INI
	capture "$OPEN/helpers/gate" /bin/mkdir "$FOLDER"
	control "guessed cookie" test -d "$FOLDER"
	rmdir "$FOLDER"
	each guessed "${MODES[@]}"
	held
}

@test "check says where CMD is started by a secret" {
	local policy=$OPEN/exec.ini
	printf '[policy]\ndefault = allow\n[deny]\nsyscalls = @exec\n' >"$policy"
	capture "$SANDBOX" check "$policy"
	hasnt "outside" "$output" 'the secret by which CMD is started'
	capture "$OUTER" continue mkdir "$SANDBOX" check "$policy"
	has "inside" "$output" 'note: execve is denied, .* the secret by which CMD is started'
}

@test "a tracer that is only pretended: nothing is started" {
	local mode
	for mode in --trace=ptrace "--in-place --trace=ptrace" -c; do
		# shellcheck disable=SC2086
		capture "$OUTER" errno=0 ptrace "$SANDBOX" --deny mkdir $mode -- \
			mkdir "$FOLDER"
		is "status ($mode)" "$status" 125
		has stderr "$stderr" 'cannot trace the command'
	done
}
