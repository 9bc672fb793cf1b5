#!/usr/bin/env bats
# sandbox convert: a policy in another format; 0, or 2 and nothing is written.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

@test "INI to INI: one file with the same effect" {
	policy a.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = write
	INI
	policy b.ini <<-'INI'
	[allow]
	write = if fd == 2
	INI
	capture sandbox convert -p "$T/b.ini" -o "$T/c.ini" "$T/a.ini"
	is status "$status" 0
	is output "$output" ""
	capture sandbox diff -p "$T/b.ini" "$T/a.ini" "$T/c.ini"
	is status "$status" 0
}

@test "a format that there is not is a usage error" {
	capture sandbox convert --to nonsense policies/hello.ini
	is status "$status" 2
	has stderr "$stderr" "--to is .*, not 'nonsense'"
	capture sandbox convert --from nonsense policies/hello.ini
	is status "$status" 2
	has stderr "$stderr" "--from is .*, not 'nonsense'"
}

@test "a policy with mistakes writes nothing" {
	echo old >"$T/out"
	policy a.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = opennat
	INI
	capture sandbox convert -o "$T/out" "$T/a.ini"
	is status "$status" 2
	has stderr "$stderr" "a.ini:4: unknown system call 'opennat'"
	is out "$(cat "$T/out")" old
}

@test "-o into a folder that is not there is an error" {
	capture sandbox convert -o "$T/none/out" policies/hello.ini
	is status "$status" 2
	has stderr "$stderr" "$T/none/out: "
}
