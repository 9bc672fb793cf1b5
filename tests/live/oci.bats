#!/usr/bin/env bats
# A JSON profile in force: crun, which loads it with libseccomp, and sandbox
# answer alike.

setup() {
	load ../common
	common_setup
	command -v crun >/dev/null || skip "crun is not installed"
	BUNDLE=$T/bundle
	AS=() # what crun runs behind
	PLAIN=()
	mkdir -p "$BUNDLE/rootfs/dev" "$BUNDLE/rootfs/proc"
	cp "$HELPERS/syscalls" "$BUNDLE/rootfs/"
	try_crun
}
teardown() { common_teardown; }

# lone_crun ARG...: in a mount namespace of its own, where no cgroups are to be seen. It
# refuses a machine that has both versions of them, or none mounted.
lone_crun() {
	# shellcheck disable=SC2016
	timeout -k 5 "$LIMIT" "${AS[@]}" unshare -m sh -c '
		mount -t tmpfs none /sys/fs/cgroup && exec crun "$@"' - "$@" \
		</dev/null
}

contain() {
	lone_crun --root "$BUNDLE/run" --cgroup-manager=disabled run --bundle "$BUNDLE" oci-$$
}

# bundle SECCOMP ARG...: config.json for the helper under this profile, with the
# capabilities that we have, so that calls fail for the profile's sake alone.
bundle() {
	local seccomp=$1 caps
	shift
	caps=$(setpriv --dump | sed -n 's/^Capability bounding set: //p')
	rm -f "$BUNDLE/config.json"
	lone_crun spec -b "$BUNDLE"
	jq --argjson seccomp "$seccomp" --arg caps "$caps" --args '
		($caps | split(",") | map("CAP_" + ascii_upcase)) as $caps |
		.process.args = ["/syscalls"] + $ARGS.positional |
		.process.terminal = false | .process.noNewPrivileges = true |
		.process.capabilities = ({"bounding": $caps, "effective": $caps,
			"permitted": $caps}) |
		.mounts = [] | del(.hostname) |
		.linux = {"namespaces": [{"type": "mount"}]} |
		if $seccomp then .linux.seccomp = $seccomp else . end' \
		"$@" <"$BUNDLE/config.json" >"$T/config.json"
	mv "$T/config.json" "$BUNDLE/config.json"
	chmod 0644 "$BUNDLE/config.json"
	chown --reference="$BUNDLE" "$BUNDLE/config.json"
}

try_crun() {
	bundle null getuid
	capture contain
	[ "$status" = 0 ] || skip "crun runs no container here: $stderr"
}

# What was answered; a number that is no failure is any number.
answers() {
	sed -E 's/= [0-9]+$/= some number/'
}

# alike SECCOMP ARG...: both give the same answers, and the same end.
alike() {
	local crun
	bundle "$@"
	shift
	capture contain
	is "crun's complaints" "$stderr" ""
	crun=$status:$(answers <<<"$output")
	capture "${PLAIN[@]}" "$SANDBOX" -p "$BUNDLE/config.json" -- \
		"$HELPERS/syscalls" "$@" </dev/null
	is "$(cat "$BUNDLE/config.json"): answers" \
		"$status:$(answers <<<"$output")" "$crun"
}

RUNS='"execve", "exit_group", "brk", "write", "read", "mmap", "munmap", "mprotect",
	"arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64",
	"readlinkat", "readlink", "getrandom", "newfstatat", "fstat", "uname", "close",
	"rt_sigprocmask", "gettid", "getpid", "kill", "tgkill", "openat", "ioctl",
	"rt_sigaction"'

CALLS=(personality 0xffffffff , personality 8 , personality 0 , personality 1
	, socket 1 1 0 , socket 2 1 0 , socket 16 3 9 , socket 16 3 0 , socket 40 1 0
	, fcntl 0 1 , fcntl 0 3 , fcntl 0 1024 , fcntl -1 4
	, lseek -1 0 0 , lseek -1 0 1 , lseek -1 0 2 , lseek -1 0 9
	, dup3 -1 4 0 , dup3 -1 9 0 , dup3 9 -1 0x80000
	, madvise 0 0 0 , madvise 0 0 4 , madvise 0 0 7
	, getpriority 0 0 , getpriority 1 0 , setns -1 0 , unshare 0
	, swapon nowhere 0 , chroot nowhere , sethostname x -1 , umask 022
	, openat2 -1 0 0 0 , getuid , alarm 0 , sched_yield , swapoff nowhere
	, ptrace 12345 0 0 0 , kcmp 0 0 99 0 0)

@test "38 calls with arguments: crun and sandbox answer alike" {
	alike '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 95,
	 "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
	 "syscalls": [
	  {"names": ["umask"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13, "args": [
	   {"index": 0, "value": 18, "op": "SCMP_CMP_EQ"}]},
	  {"names": ['"$RUNS"', "setns", "umask", "openat2", "alarm",
	             "not_a_call"], "action": "SCMP_ACT_ALLOW"},
	  {"names": ["alarm"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13, "args": [
	   {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]},
	  {"names": ["setns", "sched_yield"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
	  {"names": ["swapon", "sethostname"], "action": "SCMP_ACT_ERRNO"},
	  {"names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95},
	  {"names": ["getuid"], "action": "SCMP_ACT_ALLOW"},
	  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"},
	   {"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
	  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 0, "value": 16, "op": "SCMP_CMP_EQ"},
	   {"index": 2, "value": 9, "op": "SCMP_CMP_NE"}]},
	  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
	  {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22, "args": [
	   {"index": 0, "value": 16, "op": "SCMP_CMP_EQ"},
	   {"index": 2, "value": 9, "op": "SCMP_CMP_EQ"}]},
	  {"names": ["fcntl"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 1, "value": 4, "op": "SCMP_CMP_LT"}]},
	  {"names": ["lseek"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 2, "value": 1, "op": "SCMP_CMP_LE"}]},
	  {"names": ["dup3"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 1, "value": 9, "op": "SCMP_CMP_GE"},
	   {"index": 2, "value": 524288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
	  {"names": ["madvise"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 2, "value": 4, "op": "SCMP_CMP_GT"}]},
	  {"names": ["getpriority"], "action": "SCMP_ACT_LOG", "args": [
	   {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]},
	  {"names": ["chroot"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 0, "value": 0, "op": "SCMP_CMP_NE"}]}]}' "${CALLS[@]}"
	has "a call by condition" "$output" "personality = -1 EOPNOTSUPP"
	has "an errno of its own" "$output" "socket = -1 EINVAL"
	has "the first of two rules" "$output" "setns = -1 EBADF"
	has "no condition before one without" "$output" "umask = 18"
	has "no condition behind one without" "$output" "alarm = 0"
	has "no errno named" "$output" "swapon = -1 EPERM"
	is calls "$(wc -l <<<"$output")" 38
}

@test "no errno is named; everything else is logged or allowed" {
	local default
	for default in ALLOW LOG; do
		alike '{"defaultAction": "SCMP_ACT_'"$default"'", "syscalls": [
		 {"names": ["swapon", "chroot"], "action": "SCMP_ACT_ERRNO"},
		 {"names": ["swapoff"], "action": "SCMP_ACT_ALLOW"},
		 {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "args": [
		  {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]}]}' "${CALLS[@]}"
		has "$default" "$output" "swapon = -1 EPERM"
	done
}

@test "SCMP_ACT_KILL_PROCESS kills, after what was answered before" {
	alike '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
	 {"names": ["swapon"], "action": "SCMP_ACT_KILL_PROCESS"}]}' \
		getuid , swapon nowhere 0 , getuid
	hasnt "after it" "$output" "swapon"
}

# Root of a user namespace trusts no policy, so sandbox runs outside of it.
@test "a container without root: crun and sandbox answer alike" {
	. tests/live/workloads.bash
	plain_user
	AS=("${PLAIN[@]}" unshare -Ur env HOME="$BUNDLE" XDG_RUNTIME_DIR="$BUNDLE")
	open_folder "$BUNDLE"
	cp "$SANDBOX" "$HELPERS/syscalls" "$BUNDLE"
	SANDBOX=$BUNDLE/sandbox
	HELPERS=$BUNDLE
	chmod -R a+rwX "$BUNDLE"
	chown -R --reference="$BUNDLE" "$BUNDLE"/*
	try_crun
	alike '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
	 {"names": ["swapon", "chroot"], "action": "SCMP_ACT_ERRNO"},
	 {"names": ["swapoff"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
	 {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 97, "args": [
	  {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]}]}' "${CALLS[@]}"
	is calls "$(wc -l <<<"$output")" 38
	has "by name" "$output" "swapoff = -1 EACCES"
	has "by condition" "$output" "socket = -1 EAFNOSUPPORT"
}

# enforced INI ARG...: crun with the profile that `convert` writes, and sandbox with
# the policy itself.
enforced() {
	local ini=$1 crun
	shift
	capture sandbox convert --to oci -o "$T/out.json" "$ini"
	is "$ini: status" "$status" 0
	bundle "$(cat "$T/out.json")" "$@"
	capture contain
	is "crun's complaints" "$stderr" ""
	crun=$status:$(answers <<<"$output")
	capture sandbox -p "$ini" -- "$HELPERS/syscalls" "$@" </dev/null
	is "$ini: answers" "$status:$(answers <<<"$output")" "$crun"
}

# 31 calls with arguments.
MORE=(socket 1 1 0 , socket 2 1 0 , socket 16 3 0 , socket 0x100000002 1 0
	, fcntl 0 1 , fcntl 0 3 , fcntl 0 1024 , fcntl -1 4
	, ioctl 0 0x5412 0 , ioctl -1 0x100005412 0 , ioctl -1 0x5401 0
	, madvise 0 0 0 , madvise 0 0 4 , madvise 0 0 7 , madvise 0 0 11
	, getpriority 0 0 , getpriority 1 0 , getpriority 2 0
	, dup3 -1 4 0 , dup3 -1 9 0x80000 , dup3 9 -1 1
	, setns -1 0 , swapon nowhere 0 , swapoff 0 0 , umask 022 , alarm 0
	, sched_yield , getuid , personality 0xffffffff , personality 8 , personality 1)

@test "what convert writes for 31 calls: crun answers as sandbox does" {
	policy deny.ini <<-INI
	[policy]
	default = deny
	errno = EOPNOTSUPP
	[allow]
	syscalls = $(tr -d '",\n' <<<"$RUNS" | tr -s '\t ' '  ') umask
	socket = only if family == AF_UNIX
	madvise = if behavior in (MADV_WILLNEED..MADV_FREE)
	dup3 = if newfd > 3 and flags & O_CLOEXEC == 0
	personality = if personality in (0xffffffff, PER_LINUX32)
	swapoff = if specialfile != 0
	[log]
	getpriority = if which == PRIO_USER
	[deny]
	setns = EACCES
	alarm = ENOSYS
	INI
	enforced "$T/deny.ini" "${MORE[@]}"
	is calls "$(wc -l <<<"$output")" 31
	has "by condition" "$output" "socket = -1 EOPNOTSUPP"
	has "its own errno" "$output" "setns = -1 EACCES"
	policy allow.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	socket = EAFNOSUPPORT if family == AF_INET
	ioctl = EPERM if cmd in (TIOCSTI, TIOCLINUX)
	swapoff = ENXIO if specialfile != 0
	fcntl = EBUSY if cmd >= 3 and cmd < 1030
	madvise = EDOM if behavior & 3 == 3
	INI
	enforced "$T/allow.ini" "${MORE[@]}"
	has "by condition" "$output" "ioctl = -1 EPERM"
	printf '[kill]\nswapon = if swap_flags == 0\n' >>"$T/allow.ini"
	enforced "$T/allow.ini" getuid , swapon nowhere 1 , swapon nowhere 0 , getuid
	has killed "$output" 'swapon = -1 E'
	is status "$status" 159
}
