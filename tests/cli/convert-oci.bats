#!/usr/bin/env bats
# sandbox convert --to oci: the profile has the same effect, or it is said what
# has not.

setup() {
	load ../common
	load moby
	common_setup
}
teardown() { common_teardown; }

# there_and_back FILE [OPTION...]: the profile means what FILE does.
there_and_back() {
	local file=$1
	shift
	capture sandbox convert --to oci "$@" -o "$T/there.json" "$file"
	is "$file: status" "$status" 0
	sandbox diff --format json "$@" "$file" "$T/there.json" >"$T/diff" \
		2>/dev/null || true
	is "$file: differences" "$(jq -c '.differences[] |
		select(.a | contains("(quiet)") | not) | {what, a, b}' "$T/diff")" ""
}

@test "every shipped policy that allows execve: there and back" {
	local file n=0
	for file in policies/*.ini; do
		[[ $(sandbox explain "$file" execve) == *"allow"* ]] || continue
		there_and_back "$file"
		there_and_back "$file" --abi aarch64
		n=$((n + 1))
	done
	[ "$n" -ge 8 ]
}

@test "a profile as moby's, for two kernels, ABIs and containers: there and back" {
	local abi caps kernel
	moby
	for abi in x86_64 aarch64; do
		for caps in '' CAP_SYS_ADMIN,CAP_SYS_BOOT; do
			for kernel in 5.4 "$(uname -r)"; do
				there_and_back "$PROFILE" --abi $abi \
					--caps "$caps" --kernel "$kernel"
			done
		done
	done
}

@test "profiles there and back: Debian's, for two ABIs, and two dialects of denial" {
	local debian=/usr/share/containers/seccomp.json
	there_and_back $debian --abi x86_64 --caps CAP_AUDIT_WRITE --kernel 5.10
	there_and_back $debian --abi x86_64 --caps CAP_AUDIT_WRITE,CAP_SYS_ADMIN
	there_and_back $debian --abi aarch64 --caps ''
	# a condition on socket, which libseccomp's socketcall does not ask, and
	# ENOSYS is the default already, which no rule can say
	capture sandbox convert --to oci --abi x86_64 --caps '' $debian
	is status "$status" 2
	is output "$output" ""
	has stderr "$stderr" "the profile is not proved: .*ALLOW and the policy .* to socketcall(.*) under x86"
	policy a.json <<-'JSON'
	{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
	 {"names": ["execve", "read", "openat2"], "action": "SCMP_ACT_ALLOW"},
	 {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
	  {"index": 0, "value": 40, "op": "SCMP_CMP_NE"}]},
	 {"names": ["personality"], "action": "SCMP_ACT_LOG", "args": [
	  {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"},
	  {"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
	 {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [
	  {"index": 0, "value": 2114060288, "op": "SCMP_CMP_MASKED_EQ"}]},
	 {"names": ["kexec_load"], "action": "SCMP_ACT_KILL_PROCESS"},
	 {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}
	JSON
	there_and_back "$POLICY"
}

@test "calls that are newer than all allowed ones keep the default's errno" {
	policy a.ini <<-'INI'
	[policy]
	default = deny
	kernel = 6.6
	[allow]
	syscalls = execve read
	INI
	there_and_back "$POLICY"
}

@test "calls that this libseccomp does not know are listed, and may not run by it" {
	policy a.ini <<-'INI'
	[policy]
	default = deny
	kernel = 7.9
	[allow]
	syscalls = execve read open_tree_attr
	INI
	python3 -c 'import ctypes
lib = ctypes.CDLL("libseccomp.so.2")
exit(lib.seccomp_syscall_resolve_name(b"open_tree_attr") != -1)' ||
		skip "libseccomp knows it"
	there_and_back "$POLICY"
	has note "$stderr" "note: libseccomp .* does not know .*: open_tree_attr"
	printf '[policy]\ndefault = allow\n[deny]\nsyscalls = open_tree_attr\n' |
		policy b.ini
	capture sandbox convert --to oci --lossy=strict "$T/b.ini"
	is status "$status" 2
	is output "$output" ""
	has error "$stderr" "b.ini: libseccomp .* does not know .*: open_tree_attr"
	lossy "$T/b.ini" loose
	is status "$status" 0
	has note "$stderr" "does not know .*: open_tree_attr"
}

# lossy INI WAY: what is told of the change is in $stderr.
lossy() {
	capture sandbox convert --to oci -o "$T/$2.json" --lossy="$2" "$1"
}

@test "what cannot be said is listed with its line, and nothing is written" {
	policy a.ini <<-'INI'
	[policy]
	default = deny
	foreign = deny
	[allow]
	syscalls = execve read 900
	write = only if count > 3 and fd > 3
	pread64 = if count > 3
	INI
	capture sandbox convert --to oci -o "$T/out.json" "$POLICY"
	is status "$status" 2
	has raw "$stderr" "a.ini:5: .*900: a profile cannot say 'allow', only 'deny"
	has write "$stderr" "a.ini:6: write: a profile cannot say .*, only 'deny"
	has pread "$stderr" "a.ini:7: pread64: a profile cannot say 'allow if count"
	has foreign "$stderr" "a.ini: foreign ABIs: a profile cannot say 'deny EPERM', only 'kill'"
	[ ! -e "$T/out.json" ]
	lossy "$POLICY" strict
	is status "$status" 0
	has raw "$stderr" "a.ini:5: note: .*900: 'allow' becomes 'deny"
	has write "$stderr" "a.ini:6: note: write: .* becomes 'deny EPERM'"
	has foreign "$stderr" "note: foreign ABIs: 'deny EPERM' becomes 'kill'"
	capture sandbox explain "$T/strict.json" 'write(5, 0, 99)'
	has strict "$output" "deny EPERM"
	lossy "$POLICY" loose
	is status "$status" 2
	has write "$stderr" "note: write: .* becomes 'allow'"
	has raw "$stderr" "900: a profile cannot say 'allow', only 'deny"
	[ ! -e "$T/loose.json" ]
}

@test "--lossy has two ways, and execve must be allowed outright" {
	capture sandbox convert --to oci --lossy=somehow policies/no-write.ini
	is status "$status" 2
	has stderr "$stderr" "--lossy is strict or loose, not 'somehow'"
	capture sandbox convert --to bpf --lossy=strict policies/no-write.ini
	is status "$status" 2
	has stderr "$stderr" "--lossy is for --to oci"
	is output "$output" ""
	for way in strict loose; do
		capture sandbox convert --to oci --lossy=$way policies/hello.ini
		is status "$status" 2
		is output "$output" ""
		has stderr "$stderr" "hello.ini: it does not allow execve"
	done
}

@test "a policy with layers becomes one profile, and quiet is told to be lost" {
	policy outer.ini <<-'INI'
	[policy]
	quiet = mkdir
	[deny]
	mkdir = EROFS
	INI
	capture sandbox convert --to oci -p "$POLICY" -o "$T/out.json" \
		policies/no-network.ini
	is status "$status" 0
	has stderr "$stderr" "outer.ini: note: 'quiet' is lost"
	capture sandbox explain "$T/out.json" mkdir
	has mkdir "$output" "deny EROFS"
	capture sandbox explain "$T/out.json" 'socket(AF_INET, 1, 0)'
	has socket "$output" "deny"
}
