#!/usr/bin/env bats
# --abi: what a policy means on another machine than this one.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# Both machines, whichever of them this is.
MACHINES="x86_64 aarch64"

# explained CALL: the answer, on each machine
explained() {
	local machine
	for machine in $MACHINES; do
		sandbox explain --abi "$machine" --format json "$POLICY" "$1" |
			jq -r '.calls[0] | "\(.abi) \(.number) \(.action) \(.errno)"'
	done
}

@test "numbers, native and the flags are the other machine's" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	architectures = native
	[deny]
	openat = EISDIR if flags & O_DIRECTORY != 0
	INI
	is names "$(explained 'openat(_, _, O_DIRECTORY)')" \
		$'x86_64 257 deny EISDIR\naarch64 56 deny EISDIR'
	# O_DIRECT of the one is O_DIRECTORY of the other
	is number "$(explained 'openat(_, _, 040000)')" \
		$'x86_64 257 allow null\naarch64 56 deny EISDIR'
	is "shown as" "$(sandbox explain --abi aarch64 "$POLICY" \
		'openat(_, _, 040000)' | head -n 1)" \
		'openat(_, _, 040000)  (aarch64, number 56)'
	capture sandbox show --abi aarch64 "$POLICY"
	has show "$output" 'if flags & O_DIRECTORY == O_DIRECTORY|if flags & O_DIRECTORY != 0'
	has "no other ABI" "$(sandbox explain --abi aarch64 "$POLICY" openat@x86_64)" foreign
}

@test "a bare number is a number of the machine" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = 56
	INI
	is numbers "$(explained 56)" $'x86_64 56 deny EPERM\naarch64 56 deny EPERM'
	has x86_64 "$(sandbox explain --abi x86_64 "$POLICY" 56)" '^clone'
	has aarch64 "$(sandbox explain --abi aarch64 "$POLICY" 56)" '^openat'
}

@test "what aarch64 lacks is denied by what does its work" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	open = EACCES if flags & O_WRITES != 0
	openat = EACCES if flags & O_WRITES != 0
	iopl = always
	syscalls = mkdir mkdirat
	syscalls = @spawn
	INI
	capture sandbox check --abi aarch64 "$POLICY"
	hasnt check "$output" 'does nothing'
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	open = EACCES
	INI
	fails sandbox check --abi aarch64 "$POLICY"
	has "the other name" "$(sandbox check --abi aarch64 "$POLICY" 2>&1)" \
		"'open' does nothing here: aarch64 has no such call \(did you mean 'openat'\?\)"
	capture sandbox explain --abi aarch64 "$POLICIES/no-open.ini" open
	has explain "$stderr" 'there is no open on aarch64: its work does openat'
}

# A rule may have an effect on one machine and none on the other, whose calls are
# fewer: that is a note.
@test "the shipped policies have the same holes and faults on the other machine" {
	for policy in policies/*.ini; do
		for machine in $MACHINES; do
			sandbox check --abi "$machine" "$policy" >"$T/all" 2>&1 || true
			tail -n 1 "$T/all" | grep -qE ': clean$|[0-9] holes?, [0-9]+ faults?, '
			sed -E '/: note: /d; /^\t/d; s/: clean$/: 0 holes, 0 faults/; s/, [0-9]+ notes?$//' "$T/all" \
				>"$T/$machine"
		done
		is "$policy" "$(cat "$T/x86_64")" "$(cat "$T/aarch64")"
		for machine in $MACHINES; do
			sandbox show --abi "$machine" --bpf "$policy" >"$T/$machine"
			has proved "$(head -n 1 "$T/$machine")" '^\(000\) ld '
		done
	done
}

@test "a denied group is, on each machine, what --ini says of it" {
	for group in $(sandbox groups | sed -n 's/^\(@[a-z0-9-]*\) .*/\1/p'); do
		policy p.ini <<-INI
		[policy]
		default = allow
		[deny]
		syscalls = $group
		INI
		for machine in $MACHINES; do
			sandbox show --abi "$machine" --ini "$POLICY" >"$T/again.ini"
			chmod 0644 "$T/again.ini"
			capture sandbox diff --abi "$machine" "$POLICY" "$T/again.ini"
			is "$group on $machine" "$status:$output" 0:
		done
	done
	is "the last" "$group" @xattr
}

@test "diff compares on the other machine" {
	policy a.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = open openat
	INI
	policy b.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = openat
	INI
	capture sandbox diff --abi x86_64 "$T/a.ini" "$T/b.ini"
	has x86_64 "$output" '^open: deny EPERM in .*, allow in '
	capture sandbox diff --abi aarch64 "$T/a.ini" "$T/b.ini"
	is aarch64 "$status:$output" 0:
}

@test "only a machine's own ABI, and only for commands" {
	for wrong in x86 arm x32 ''; do
		capture sandbox show --abi "$wrong" policies/hello.ini
		is status "$status" 2
		has why "$stderr" "--abi is x86_64 or aarch64, a machine's own, not '$wrong'"
	done
	capture sandbox --abi aarch64 -p policies/hello.ini -- /bin/true
	is "a run" "$status" 125
}
