#!/usr/bin/env bats
# `quiet` as the commands tell it.

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	quiet   = mkdir @clock
	  read kexec_load
	quiet   = @sync
	[deny]
	mkdir = EACCES
	clock_settime = EPERM
	socket = if family == AF_INET
	[kill]
	syscalls = kexec_load
	INI
	QUIET=$POLICY
	sed '/quiet/d; /read/d' "$POLICY" >"$T/loud.ini"
}
teardown() { common_teardown; }

@test "show and explain say quiet" {
	capture sandbox show "$QUIET"
	has show "$output" '^deny EACCES \(quiet\), 1 call$'
	has show "$output" '^kill, 1 call$'
	capture sandbox explain "$QUIET" mkdir
	has explain "$output" 'deny EACCES \(quiet\) always'
	sed -i 's/^quiet   = mkdir/& socket/' "$QUIET"
	capture sandbox explain "$QUIET" 'socket(AF_INET, SOCK_STREAM, 0)'
	has explain "$output" 'deny EPERM \(quiet\)'
	capture sandbox explain "$QUIET" mkdir --format=json
	is json "$(jq -c '.calls[0].steps[0] | [.action, .errno, .quiet]' \
		<<<"$output")" '["deny","EACCES",true]'
	capture sandbox show "$QUIET" --format=json
	is json "$(jq -r '.abis[0].calls[] | select(.cases[].quiet).syscall' \
		<<<"$output" | sort | tr '\n' ' ')" "clock_settime mkdir socket "
}

@test "show --ini keeps it; diff tells it" {
	sandbox show --ini "$QUIET" >"$T/again.ini"
	capture sandbox diff "$QUIET" "$T/again.ini"
	is "itself: status" "$status" 0
	capture sandbox diff "$QUIET" "$T/loud.ini"
	is status "$status" 1
	has diff "$output" 'mkdir: deny EACCES \(quiet\) in .*, deny EACCES in'
	is lines "$(wc -l <<<"$output")" 2
}

@test "check notes what is quiet and not denied; of a group, if none is" {
	capture sandbox check "$QUIET"
	is notes "$(grep 'quiet changes' <<<"$output" | sed "s,$T/,,")" \
"p.ini:4: note: quiet changes nothing for kexec_load and read: nothing denies it with an errno
p.ini:5: note: quiet changes nothing for @sync: nothing denies it with an errno"
	capture sandbox check "$QUIET" --format=json
	is kinds "$(jq -c '[.findings[] | select(.kind == "quiet") |
		[.severity, .line]]' <<<"$output")" '[["note",4],["note",5]]'
	sed -i '/^mkdir/d' "$QUIET"
	for machine in x86_64 aarch64; do
		capture sandbox check --abi "$machine" "$QUIET"
		has "$machine: of its own ABI" "$output" \
			'@sync: nothing denies it with an errno$'
	done
}

@test "mistakes in it are those of a list" {
	bad "bad.ini:3: unknown system call 'mkdri' \(did you mean 'mkdir'" <<-'INI'
	[policy]
	default = deny
	quiet = mkdri
	INI
}

@test "a number without a name needs a rule as well" {
	bad "'quiet' cannot speak of number 999, which has no name" <<-'INI'
	[policy]
	default = deny
	quiet = 999
	INI
	printf '[policy]\ndefault = allow\nquiet = 999\n[deny]\n999 = EIO\n' \
		>"$T/n.ini"
	capture sandbox explain "$T/n.ini" 999
	has explain "$output" 'deny EIO \(quiet\)'
	for mode in "" --trace=notify --trace=ptrace; do
		capture sandbox -p "$T/n.ini" $mode -- \
			"$HELPERS/syscalls" 999
		is "output ($mode)" "$output" "999 = -1 EIO"
	done
}
