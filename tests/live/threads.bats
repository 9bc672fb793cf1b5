#!/usr/bin/env bats
# A threaded program under an allow-list that names clone and not clone3: glibc
# tries clone3 first, and only ENOSYS makes it fall back.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

@test "clone is allowed, clone3 is newer than the policy: threads start" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = @default @basic-io @file-system @signal @ipc clone exit madvise
	INI
	capture timeout -k 5 "$LIMIT" "$SANDBOX" -p "$POLICY" --trace=notify \
		-r "$REPORT" --format=json -- "$HELPERS/storm" 4 0 10 110
	is status "$status" 0
	is answer "$(row clone3 '"\(.answer) \(.rule.kind)"')" 'ENOSYS new'
	[ "$(row clone3 .hits)" -ge 1 ]
}
