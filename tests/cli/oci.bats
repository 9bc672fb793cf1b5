#!/usr/bin/env bats
# Docker's, Podman's and the OCI runtimes' seccomp profiles as policies.

setup() {
	load ../common
	load moby
	common_setup
	DEBIAN=/usr/share/containers/seccomp.json
}
teardown() { common_teardown; }

# same OPTIONS... -- <<INI: the profile means what the INI does, on x86-64.
same() {
	policy same.ini
	capture sandbox diff --abi x86_64 "$@" "$PROFILE" "$POLICY"
	is "difference" "$output" ""
	is status "$status" 0
}

@test "moby's profile for an unprivileged container on 5.4" {
	moby
	same --caps '' --kernel 5.4 <<-'INI'
	[policy]
	default = deny
	kernel = 5.6
	architectures = x86_64 x86
	[allow]
	syscalls = read write close execve openat2 process_vm_readv ptrace kcmp
	syscalls = arch_prctl
	exit_group = always
	socket = if family != AF_VSOCK
	personality = if personality in (PER_LINUX, PER_LINUX32)
	clone = if clone_flags & 0x7e020000 == 0
	[deny]
	clone3 = ENOSYS
	INI
}

@test "moby's profile for a privileged container on the running kernel" {
	moby
	same --caps CAP_SYS_ADMIN,CAP_SYS_BOOT --kernel 6.1 <<-'INI'
	[policy]
	default = deny
	kernel = 5.6
	architectures = x86_64 x86
	[allow]
	syscalls = read write close execve openat2 process_vm_readv ptrace
	syscalls = arch_prctl clone clone3 mount reboot kexec_load
	exit_group = always
	socket = if family != AF_VSOCK
	personality = if personality in (PER_LINUX, PER_LINUX32)
	INI
	# without --kernel it is the running one, which is newer
	capture sandbox explain --caps '' "$PROFILE" kcmp
	has kcmp "$output" "deny EPERM"
}

@test "without --caps the process's own count" {
	moby
	capture setpriv --bounding-set -sys_boot "$SANDBOX" explain "$PROFILE" reboot
	has "without it" "$output" "deny EPERM"
	[ "$(id -u)" = 0 ] || return 0
	capture sandbox explain "$PROFILE" reboot
	has "with it" "$output" "allow"
}

@test "what is read otherwise than by a runtime is told, and not when it runs" {
	moby
	capture sandbox show --abi x86_64 --caps '' "$PROFILE"
	is status "$status" 0
	has x32 "$stderr" "moby.json: note: SCMP_ARCH_X32 cannot be admitted"
	has kernel "$stderr" "moby.json: note: kernel = 5.6, of the newest call"
	has unknown "$stderr" "syscalls\[0\]: note: no_such_call is no system call"
	capture sandbox -p "$DEBIAN" -- true
	is status "$status" 0
	is stderr "$stderr" ""
}

@test "Debian's profile: read, checked, shown, and the INI of convert is equal" {
	local caps
	for caps in '' CAP_SYS_ADMIN,CAP_AUDIT_WRITE,CAP_SYS_TIME; do
		capture sandbox check --caps "$caps" "$DEBIAN"
		is "check's status" "$status" 1
		has check "$output" "seccomp.json: syscalls\[1\]: hole: "
		capture sandbox convert --from oci --to ini --caps "$caps" \
			-o "$T/debian.ini" "$DEBIAN"
		is "convert's status" "$status" 0
		capture sandbox diff --caps "$caps" "$DEBIAN" "$T/debian.ini"
		is "diff" "$output" ""
		is "diff's status" "$status" 0
	done
	capture sandbox show --caps '' --format json "$DEBIAN"
	is "show's status" "$status" 0
	[ "$(jq '.. | objects | select(.rule.syscalls? == 1)' <<<"$output" |
		jq -s length)" -gt 300 ]
	# two rules without arguments name setns: the first counts
	capture sandbox explain --caps '' "$DEBIAN" setns
	is "the first of setns" "$(grep -o 'syscalls\[[0-9]*\]' <<<"$output" |
		sort -u)" "syscalls[1]"
}

@test "a report names the place, in text and JSON" {
	profile deny.json <<-'JSON'
	{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
	 {"name": "swapon", "action": "SCMP_ACT_ERRNO"},
	 {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO",
	  "errnoRet": 30}]}
	JSON
	capture sandbox -p "$PROFILE" -t -- mkdir "$MARKER"
	has text "$stderr" "mkdir +EROFS .*deny.json: syscalls\[1\] "
	hasnt "what amend refuses" "$stderr" "sandbox amend"
	sandbox -p "$PROFILE" -r "$REPORT" --format json -- mkdir "$MARKER" \
		2>/dev/null || true
	is JSON "$(jq -c '.denied[0].rule | [.syscalls, .line]' "$REPORT")" '[1,null]'
	[ ! -e "$MARKER" ]
	# amend knows no place for an edit in it
	capture sandbox amend "$PROFILE" "$REPORT"
	is status "$status" 2
	has amend "$stderr" "deny.json: amend edits INI: convert this profile"
	is "amend's edit" "$output" ""
}

@test "rules of one call: as libseccomp, which runtimes use" {
	profile rules.json <<-'JSON'
	{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
	 {"names": ["setns"], "action": "SCMP_ACT_ALLOW"},
	 {"names": ["setns"], "action": "SCMP_ACT_KILL_PROCESS"},
	 {"names": ["dup"], "action": "SCMP_ACT_KILL_PROCESS", "args": [
	  {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
	 {"names": ["dup"], "action": "SCMP_ACT_ALLOW"},
	 {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
	 {"names": ["write"], "action": "SCMP_ACT_ERRNO"},
	 {"names": ["exit"], "action": "SCMP_ACT_KILL"},
	 {"names": ["ioctl"], "action": "SCMP_ACT_LOG", "args": [
	  {"index": 1, "value": 5, "op": "SCMP_CMP_LT"}]},
	 {"names": ["dup3"], "action": "SCMP_ACT_ALLOW", "args": [
	  {"index": 0, "value": 5, "op": "SCMP_CMP_GE"},
	  {"index": 1, "value": 7, "op": "SCMP_CMP_GT"},
	  {"index": 2, "value": 240, "valueTwo": 4098, "op": "SCMP_CMP_MASKED_EQ"}]},
	 {"names": ["lseek"], "action": "SCMP_ACT_ALLOW", "args": [
	  {"index": 2, "value": 1, "op": "SCMP_CMP_LE"}]}]}
	JSON
	same <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = setns dup read write
	dup3 = if (oldfd >= 5) and newfd > 7 and flags & 240 == 0
	lseek = if whence in (0, 1)
	[log]
	ioctl = if cmd < 5
	[kill]
	exit = always
	INI
	capture sandbox check "$PROFILE"
	has "KILL ends a thread" "$stderr" "SCMP_ACT_KILL ends one thread there"
}

@test "config.json of an OCI bundle; a profile as an include" {
	profile config.json <<-'JSON'

	{"ociVersion": "1.0.2", "linux": {"seccomp": {
	 "defaultAction": "SCMP_ACT_ALLOW",
	 "architectures": ["SCMP_ARCH_X86_64"],
	 "flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"],
	 "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO",
	  "args": null, "errno": "EROFS"}]}}}
	JSON
	same <<-'INI'
	[policy]
	default = allow
	speculation = allow
	[deny]
	mkdir = EROFS
	INI
	has flag "$stderr" "SECCOMP_FILTER_FLAG_LOG has no effect"
	policy outer.ini <<-'INI'
	[policy]
	include = config.json
	[deny]
	syscalls = rmdir
	INI
	capture sandbox explain "$POLICY" mkdir
	has include "$output" "deny EROFS .*\[.*config.json: syscalls\[0\]\]"
}

@test "a profile without a slash is a file, not a name to be looked up" {
	profile deny.json <<-'JSON'
	{"defaultAction": "SCMP_ACT_ALLOW"}
	JSON
	cd "$T"
	capture sandbox -p deny.json -- true
	is status "$status" 0
}

# wrong PATTERN JSON: refused with a place and this reason by whatever reads it,
# and nothing is written.  RULE stands for a sound profile around one rule.
wrong() {
	local pattern=$1 place="^$T/wrong.json: (line [0-9]+: |syscalls\[[0-9]+\]: )?"
	N=$((N + 1))
	printf '%s' "${2-}" >"$T/wrong.json"
	capture sandbox convert --kernel 6.1 --caps '' -o "$T/out" "$T/wrong.json"
	is "$2: status" "$status" 2
	has "$2" "$stderr" "$place.*$pattern"
	is "$2: output" "$output" ""
	[ ! -e "$T/out" ]
}

rule() { # PATTERN RULE
	wrong "syscalls\[1\]: .*$1" '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
		{"names": ["read"], "action": "SCMP_ACT_ALLOW"}, '"$2"']}'
}

arg() { # PATTERN ARGUMENT
	rule "$1" '{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": ['"$2"']}'
}

@test "hostile: no JSON" {
	N=0
	wrong "line 1: " '{'
	wrong "line 1: " '{"defaultAction"'
	wrong "line 1: " '{"defaultAction": "SCMP_ACT_AL'
	wrong "line 3: " $'{"defaultAction":\n "SCMP_ACT_ALLOW",\n}'
	wrong "line 1: .*end of file expected" '{"defaultAction": "SCMP_ACT_ALLOW"} x'
	wrong "line 1: .*end of file expected" '{"defaultAction": "SCMP_ACT_ALLOW"}{}'
	wrong "line 1: duplicate" '{"defaultAction": "SCMP_ACT_KILL", "defaultAction": "SCMP_ACT_ALLOW"}'
	wrong "line 2: duplicate" $'{"syscalls": [{"action": "SCMP_ACT_KILL",\n"action": "SCMP_ACT_ALLOW"}]}'
	wrong "line 1: unable to decode" $'{"defaultAction": "SCMP_ACT_\xff"}'
	wrong "line 1: unable to decode" $'{"defaultAction": "\xed\xa0\x80"}'
	wrong "line 1: .*u0000" '{"defaultAction": "SCMP_ACT_ALLOW\u0000"}'
	wrong "line 1: .*surrogate|line 1: .*Unicode" '{"defaultAction": "\ud800"}'
	wrong "line 1: " $'{"defaultAction": "SCMP\nACT"}'
	wrong "line 1: " "{'defaultAction': 1}"
	wrong "line 1: " '{/* */}'
	wrong "line 1: .*big" '{"x": 99999999999999999999}'
	wrong "line 1: .*overflow" '{"x": 1e999}'
	wrong "line 1: " '{"x": 0x10}'
	wrong "line 1: " '{"x": NaN}'
	wrong "line 1: .*depth" "{\"x\": $(printf '[%.0s' {1..3000})"
	printf '{"x": "\0"}' >"$T/wrong.json"
	capture sandbox check "$T/wrong.json"
	is "a NUL: status" "$status" 2
	has "a NUL" "$stderr" "wrong.json: line 1: "
	{ printf '{"defaultAction": "SCMP_ACT_ALLOW", "comment": "'
		head -c 10000000 /dev/zero | tr '\0' x
		printf '"}'; } >"$T/wrong.json"
	capture sandbox check "$T/wrong.json"
	is "10 MB: status" "$status" 2
	has "10 MB" "$stderr" "wrong.json: larger than 4 MiB"
	is "wrong inputs" "$N" 20
}

@test "hostile: JSON that is no profile" {
	N=0
	wrong "'defaultAction' is missing" '{}'
	wrong "'defaultAction' is missing" '{"defaultAction": null}'
	wrong "'defaultAction' is no text" '{"defaultAction": 5}'
	wrong "'defaultAction' is missing" '{"linux": {}}'
	wrong "'defaultAction' is missing" '{"linux": [], "defaultAction": "SCMP_ACT_ALLOW"}'
	wrong "SCMP_ACT_TRAP cannot" '{"defaultAction": "SCMP_ACT_TRAP"}'
	wrong "scmp_act_allow cannot" '{"defaultAction": "scmp_act_allow"}'
	wrong "an errno" '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 512}'
	wrong "an errno" '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": -4294967295}'
	wrong "'defaultErrnoRet' is no number" '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1.5}'
	wrong "an errno" '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "EPREM"}'
	wrong "errno = 0" '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 0}'
	wrong "'syscalls' is no list" '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": {}}'
	wrong "'archMap' is no list" '{"defaultAction": "SCMP_ACT_ALLOW", "archMap": 1}'
	wrong "no text" '{"defaultAction": "SCMP_ACT_ALLOW", "architectures": [1]}'
	wrong "'flags' is no list" '{"defaultAction": "SCMP_ACT_ALLOW", "flags": "x"}'
	wrong "listenerPath" '{"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/x"}'
	wrong "listenerPath" '{"defaultAction": "SCMP_ACT_ALLOW", "listenerMetadata": "x"}'
	is "wrong inputs" "$N" 18
}

@test "hostile: rules" {
	N=0
	rule "'action' is missing" '7'
	rule "'action' is missing" '{"names": ["write"]}'
	rule "SCMP_ACT_NOTIFY cannot" '{"names": ["write"], "action": "SCMP_ACT_NOTIFY"}'
	rule "SCMP_ACT_TRACE cannot" '{"names": ["write"], "action": "SCMP_ACT_TRACE"}'
	rule "either 'names' or 'name'" '{"action": "SCMP_ACT_ALLOW"}'
	rule "either 'names' or 'name'" '{"names": ["write"], "name": "write", "action": "SCMP_ACT_ALLOW"}'
	rule "'names' is no list" '{"names": "write", "action": "SCMP_ACT_ALLOW"}'
	rule "no text" '{"names": [1], "action": "SCMP_ACT_ALLOW"}'
	rule "'args' is no list" '{"names": ["write"], "action": "SCMP_ACT_ALLOW", "args": {}}'
	rule "'includes' is no object" '{"names": ["write"], "action": "SCMP_ACT_ALLOW", "includes": []}'
	rule "'caps' is no list" '{"names": ["write"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": "CAP_KILL"}}'
	rule "no text" '{"names": ["write"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": [null]}}'
	rule "'minKernel' is a Linux release" '{"names": ["write"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "new"}}'
	rule "'minKernel' is no text" '{"names": ["write"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": 4.8}}'
	rule "errno 0" '{"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0}'
	arg "an argument has" '{}'
	arg "an argument has" 'null'
	arg "an argument has" '{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}'
	arg "an argument has" '{"index": -1, "value": 1, "op": "SCMP_CMP_EQ"}'
	arg "an argument has" '{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}'
	arg "an argument has" '{"index": 0, "value": "1", "op": "SCMP_CMP_EQ"}'
	arg "an argument has" '{"index": 0, "value": 1.0, "op": "SCMP_CMP_EQ"}'
	arg "an argument has" '{"index": 0, "value": 1, "op": "SCMP_CMP_XX"}'
	arg "'op' is no text" '{"index": 0, "value": 1, "op": 1}'
	arg "'valueTwo' is no number" '{"index": 0, "value": 1, "valueTwo": "1", "op": "SCMP_CMP_MASKED_EQ"}'
	arg "never has this value" '{"index": 0, "value": 4294967296, "op": "SCMP_CMP_EQ"}'
	arg "never hold" '{"index": 0, "value": 0, "op": "SCMP_CMP_LT"}'
	arg "always holds" '{"index": 0, "value": 0, "op": "SCMP_CMP_GE"}'
	arg "no argument 'arg5'" '{"index": 5, "value": 0, "op": "SCMP_CMP_EQ"}'
	rule "pointer" '{"names": ["open"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}'
	wrong "syscalls\[0\]: opennat is no system call, so" '{"defaultAction": "SCMP_ACT_ALLOW",
		"syscalls": [{"names": ["opennat"], "action": "SCMP_ACT_ERRNO"}]}'
	is "wrong inputs" "$N" 31
}

@test "--caps and --kernel have their mistakes told" {
	moby
	capture sandbox check --caps SYS_ADMIN "$PROFILE"
	is status "$status" 2
	has caps "$stderr" "unknown capability 'SYS_ADMIN'"
	capture sandbox check --kernel five "$PROFILE"
	is status "$status" 2
	has kernel "$stderr" "--kernel is a Linux release"
	capture sandbox -p "$PROFILE" --kernel 6.1000 -- touch "$MARKER"
	is status "$status" 125
	[ ! -e "$MARKER" ]
}
