#!/usr/bin/env bats
# sandbox diff: by effect, call by call; exit 0 same, 1 different, 2 trouble.

setup() {
	load ../common
	common_setup
	policy a.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = read @sync
	socket = if family == AF_UNIX
	INI
	policy b.ini <<-'INI'
	# the same, and more, in other words
	[policy]
	default = deny
	errno = EPERM
	[deny]
	syscalls = mount
	[allow]
	syscalls = socket read
	syscalls = @sync
	INI
}
teardown() { common_teardown; }

@test "a policy is the same as itself, and as another text of it" {
	capture sandbox diff "$T/a.ini" "$T/a.ini"
	is output "$output" ""
	is status "$status" 0
	sed 's/^socket = .*/socket = if not family != AF_UNIX/' "$T/a.ini" \
		>"$T/c.ini"
	chmod 0644 "$T/c.ini"
	capture sandbox diff "$T/a.ini" "$T/c.ini"
	is output "$output" ""
	is status "$status" 0
}

@test "a difference in arguments has a concrete call" {
	capture sandbox diff "$T/a.ini" "$T/b.ini"
	is status "$status" 1
	is output "$output" "socket:
	$T/a.ini: allow if family == AF_UNIX, else deny EPERM
	$T/b.ini: allow
	e.g. socket(AF_INET, _, _): deny EPERM in $T/a.ini, allow in $T/b.ini"
}

@test "the concrete call is decided as diff says" {
	capture sandbox diff --format=json "$T/a.ini" "$T/b.ini"
	call=$(jq -r '.differences[0].classes[0].sample' <<<"$output")
	capture sandbox explain "$T/a.ini" "$call"
	has a "$output" 'deny EPERM'
	capture sandbox explain "$T/b.ini" "$call"
	has b "$output" 'allow'
}

@test "outright differences are a line each" {
	sed 's/read @sync/read write/' "$T/a.ini" >"$T/c.ini"
	chmod 0644 "$T/c.ini"
	capture sandbox diff "$T/a.ini" "$T/c.ini"
	is status "$status" 1
	has output "$output" "^fsync: allow in .*a\.ini, deny EPERM in .*c\.ini\$"
	has output "$output" "^write: deny EPERM in .*a\.ini, allow in .*c\.ini\$"
	hasnt output "$output" '^(read|socket)'
}

@test "-p lies outside both" {
	policy outer.ini <<-'INI'
	[deny]
	syscalls = socket
	INI
	capture sandbox diff "$T/a.ini" "$T/b.ini" -p "$POLICY"
	is output "$output" ""
	is status "$status" 0
}

@test "--format=json" {
	command -v jq >/dev/null || skip "jq is not installed"
	capture sandbox diff --format json "$T/a.ini" "$T/b.ini"
	is status "$status" 1
	REPORT=$T/stdout
	is version "$(json .version)" 1
	is policies "$(json '.policies | join(" ")')" "$T/a.ini $T/b.ini"
	is call "$(json '.differences[] | "\(.syscall) \(.number) \(.abi)"')" \
		"socket 41 x86_64"
	is sides "$(json '.differences[] | "\(.a) / \(.b)"')" \
		"allow if family == AF_UNIX, else deny EPERM / allow"
	is class "$(json '.differences[].classes[] | "\(.sample) \(.a) \(.b)"')" \
		"socket(AF_INET, _, _) deny EPERM allow"
	capture sandbox diff --format json "$T/a.ini" "$T/a.ini"
	is same "$(json '.differences | length')" 0
	is status "$status" 0
}

@test "trouble is 2" {
	capture sandbox diff "$T/a.ini" "$T/nosuch.ini"
	is status "$status" 2
	has stderr "$stderr" 'nosuch\.ini'
	capture sandbox diff "$T/a.ini"
	is status "$status" 2
	printf '[policy]\n' >"$T/bad.ini"
	chmod 0644 "$T/bad.ini"
	capture sandbox diff "$T/bad.ini" "$T/a.ini"
	is status "$status" 2
	has stderr "$stderr" 'bad\.ini'
}
