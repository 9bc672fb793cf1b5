#!/usr/bin/env bats
# --permissive: denied calls run, and are reported all the same.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

permissive() {
	capture timeout -k 5 "$LIMIT" "$SANDBOX" -p "$POLICY" --permissive \
		-r "$REPORT" --format=json -- "$@"
}

@test "denials and explicit denies run and are reported as allowed" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = @default @basic-io @file-system
	[deny]
	mkdir = EACCES
	INI
	permissive mkdir "$MARKER"
	is status "$status" 0
	[ -d "$MARKER" ]
	is mode "$(json .mode)" permissive
	is tracer "$(json .tracer)" ptrace
	is answer "$(row mkdir '"\(.answer) \(.hits)"')" 'allowed 1'
}

@test "with -c the report says so as well" {
	capture sandbox -c --permissive --deny mkdir -- mkdir "$MARKER"
	has headline "$stderr" '1 system call allowed against the policy 1 time'
	capture sandbox -c --permissive --deny mkdir -r "$REPORT" \
		--format=json -- rmdir "$MARKER"
	is mode "$(json '"\(.mode) \(.permissive)"')" "count true"
}

@test "kill rules do not kill" {
	policy k.ini <<-'INI'
	[policy]
	default = allow
	[kill]
	syscalls = mkdir
	INI
	permissive mkdir "$MARKER"
	is status "$status" 0
	[ -d "$MARKER" ]
	is answer "$(row mkdir .answer)" allowed
	plain mkdir "$T/other"
	is killed "$status" 159
}

@test "--trace=notify cannot let calls run" {
	capture "$SANDBOX" --deny mkdir --permissive --trace=notify -- \
		touch "$MARKER"
	is status "$status" 125
	[ ! -e "$MARKER" ]
}
