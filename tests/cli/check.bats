#!/usr/bin/env bats
# sandbox check: mistakes, holes, the fix; exit 0 clean, 1 holes, 2 wrong.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# check NAME <<INI: of a policy of that name
check() {
	policy "$1"
	capture sandbox check "$POLICY"
}

@test "a naive no-open names the other doors, with place and fix" {
	check no-open.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = open
	INI
	is status "$status" 1
	for call in openat openat2 open_by_handle_at creat; do
		has "$call" "$output" \
			"no-open\.ini:4: hole: open is denied.*[ ,]$call(,|\$)"
	done
	has fix "$output" 'fix: deny @open$'
	has io_uring "$output" 'no-open\.ini:2: hole: io_uring_setup .* open$'
	has fix "$output" 'fix: deny @io-uring$'
	for call in ptrace process_vm_readv process_vm_writev pidfd_getfd bpf \
		userfaultfd perf_event_open TIOCSTI TIOCLINUX; do
		has "$call" "$output" "no-open\.ini:2: hole: .*$call"
	done
	has total "$output" '^.*no-open\.ini: 7 holes, 0 faults, 0 notes$'
}

@test "what was fixed is clean" {
	check p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @open @io-uring @inspect bpf userfaultfd
	ioctl = if cmd in (TIOCSTI, TIOCLINUX)
	INI
	is output "$output" "$POLICY: clean"
	is status "$status" 0
}

@test "notes alone are no hole" {
	check p.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = getpid
	syscalls = getpid
	INI
	is status "$status" 0
	has note "$output" 'p\.ini:5: note: .*getpid.*line 4'
	has total "$output" ': 0 holes, 0 faults, 1 note$'
}

@test "a program that cannot end, or make a thread, is a fault" {
	check p.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = clone
	[deny]
	syscalls = exit_group
	clone3 = EPERM
	INI
	is status "$status" 1
	has exit "$output" 'p\.ini:6: fault: exit_group'
	has clone3 "$output" 'p\.ini:7: fault: clone3 answers EPERM.*ENOSYS'
}

@test "a policy with mistakes: all of them, and status 2" {
	check bad.ini <<-'INI'
	[policy]
	default = alow
	[deny]
	syscalls = opennat
	INI
	is status "$status" 2
	is output "$output" ""
	has stderr "$stderr" 'bad\.ini:2: '
	has stderr "$stderr" 'bad\.ini:4: .*openat'
	capture sandbox check "$T/nosuch.ini"
	is status "$status" 2
	capture sandbox check
	is status "$status" 2
}

@test "a policy that is too large for the kernel is a mistake" {
	{
		printf '[policy]\ndefault = deny\n[allow]\n'
		for ((i = 1; i < 700; i++)); do
			echo "mmap = if len > $((i * 8192)) and off >" \
				"$((i * 10000)) and off < $((i * 10000 + 5003))"
		done
	} >"$T/big.ini"
	chmod 0644 "$T/big.ini"
	capture sandbox check "$T/big.ini"
	is status "$status" 2
	has stderr "$stderr" 'big\.ini: .*mmap.*4096'
}

@test "-p adds outer layers, which can undo a denial" {
	policy outer.ini <<-'INI'
	[allow]
	syscalls = @debug
	INI
	outer=$POLICY
	policy inner.ini <<-'INI'
	[policy]
	default = deny
	[deny]
	ptrace = EACCES
	INI
	capture sandbox check "$POLICY"
	is status "$status" 0
	capture sandbox check "$POLICY" -p "$outer"
	is status "$status" 1
	has undone "$output" 'inner\.ini:4: hole: .*ptrace.*outer\.ini:2'
}

@test "--format=json has everything, mistakes too" {
	command -v jq >/dev/null || skip "jq is not installed"
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = chmod
	INI
	capture sandbox check --format=json "$POLICY"
	is status "$status" 1
	REPORT=$T/stdout
	is version "$(json .version)" 1
	is policies "$(json '.policies | join(" ")')" "$POLICY"
	is finding "$(json '.findings[] | select(.kind == "equivalent") |
		"\(.severity) \(.file) \(.line) \(.calls | join(" ")) \(.mend)"
		')" "hole $POLICY 4 fchmod fchmodat fchmodat2 deny @chmod"
	is members "$(json '[.findings[] | keys[]] | unique | join(" ")')" \
		"calls file kind line mend powers severity text"
	is powers "$(json '.findings[] | select(.kind == "equivalent") |
		.powers | join(" ")')" write-files
	policy bad.ini <<-'INI'
	[policy]
	default = alow
	INI
	capture sandbox check --format json "$POLICY"
	is status "$status" 2
	is mistake "$(json '.findings[] | "\(.kind) \(.severity) \(.line)"')" \
		"mistake error 2"
}

# The calls of all holes and faults of a policy.
open_calls() {
	sandbox check --format=json "$1" | jq -r '.findings[] |
		select(.severity != "note") | .calls[]' | sort -u
}

@test "each shipped policy passes, or its comment names each call that is left" {
	command -v jq >/dev/null || skip "jq is not installed"
	local file call head
	for file in policies/*.ini; do
		capture sandbox check "$file"
		has "status of $file" "$status" '^[01]$'
		head=$(sed -n '/^; What stays open:/,/^;$/p' "$file")
		for call in $(open_calls "$file"); do
			has "$file explains" "$head" "(^|[^a-z_])$call([^a-z_]|\$)"
		done
	done
	# the test is one: there is a policy with something to explain
	[ -n "$(open_calls policies/docker-default.ini)" ]
}

@test "pieces have no hole of their own" {
	printf '[policy]\ndefault = deny\n' >"$T/base.ini"
	capture sandbox check "$T/base.ini" -p policies/include/no-detours.ini
	is status "$status" 0
	has output "$output" 'clean$'
}
