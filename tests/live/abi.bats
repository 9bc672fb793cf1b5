#!/usr/bin/env bats
# Calls of other ABIs meet `foreign`; skipped calls (number -1) do not.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# ------------------------------------------------------------ other ABIs

@test "x32 numbers meet foreign: kill by default, EPERM if the policy says deny" {
	[ "$(uname -m)" = x86_64 ] || skip "x32 belongs to x86-64"
	policy p.ini <<-'INI'
	[policy]
	default = allow
	INI
	plain "$HELPERS/syscalls" 0x40000027
	is status "$status" 159
	traced "$HELPERS/syscalls" 0x40000027
	is status "$status" 159
	killed getpid x32 "foreign 1"

	policy q.ini <<-'INI'
	[policy]
	default = allow
	foreign = deny
	INI
	plain "$HELPERS/syscalls" 0x40000027 , getpid
	has output "$output" '^0x40000027 = -1 EPERM'
	has output "$output" '^getpid = [0-9]'
	traced "$HELPERS/syscalls" 0x40000027
	has output "$output" '^0x40000027 = -1 EPERM'
	is row "$(json '.denied[0] | "\(.answer) \(.rule.kind) \(.hits)"')" \
		"EPERM foreign 1"
}

@test "x32's own numbers are foreign without the bit as well" {
	[ "$(uname -m)" = x86_64 ] || skip "x32 belongs to x86-64"
	policy p.ini <<-'INI'
	[policy]
	default = allow
	foreign = deny
	INI
	# x32's execve and execveat, and their neighbours
	plain "$HELPERS/syscalls" 511 , 512 , 520 , 545 , 547 , 548
	is output "$output" "$(printf '%s = -1 %s\n' 511 ENOSYS 512 EPERM \
		520 EPERM 545 EPERM 547 EPERM 548 ENOSYS)"
	traced "$HELPERS/syscalls" 511 , 520
	is output "$output" "$(printf '%s = -1 %s\n' 511 ENOSYS 520 EPERM)"
	is row "$(json '.denied[] | "\(.syscall) \(.abi) \(.answer) \(.rule.kind)"')" \
		"520 x32 EPERM foreign"
}

@test "int 0x80 from 64-bit code meets foreign" {
	need_i386
	policy p.ini <<-'INI'
	[policy]
	default = allow
	INI
	plain "$HELPERS/syscalls" int80:20
	is status "$status" 159
	traced "$HELPERS/syscalls" int80:20
	is status "$status" 159
	killed getpid x86 "foreign 1"

	policy q.ini <<-'INI'
	[policy]
	default = allow
	foreign = deny
	errno = EACCES
	INI
	plain "$HELPERS/syscalls" int80:20
	is output "$output" "int80:20 = -1 EACCES"
	traced "$HELPERS/syscalls" int80:20
	is output "$output" "int80:20 = -1 EACCES"
}

@test "a program of the i386 ABI: foreign, or admitted and under the same rules" {
	need_i386_program
	policy p.ini <<-'INI'
	[policy]
	default = allow
	INI
	plain "$HELPERS/i386"
	is status "$status" 159

	policy q.ini <<-'INI'
	[policy]
	default = allow
	architectures = x86_64 x86
	INI
	plain "$HELPERS/i386"
	is output "$output" "i386: pid"

	policy r.ini <<-'INI'
	[policy]
	default = allow
	architectures = x86_64 x86
	[deny]
	syscalls = getpid
	INI
	plain "$HELPERS/i386"
	is output "$output" "i386: EPERM"
	traced "$HELPERS/i386"
	is output "$output" "i386: EPERM"
	is row "$(row getpid '"\(.abi) \(.number) \(.answer)"')" "x86 20 EPERM"
	traced "$HELPERS/syscalls" int80:20 , getpid
	is output "$output" "$(printf '%s\n' 'int80:20 = -1 EPERM' \
		'getpid = -1 EPERM')"
	is rows "$(json '[.denied[] | "\(.abi):\(.hits)"] | sort | join(" ")')" \
		"x86:1 x86_64:1"
}

@test "number -1 is a skipped call: never foreign, never kill" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	INI
	plain "$HELPERS/syscalls" -1
	is output "$output" "-1 = -1 ENOSYS"
	traced "$HELPERS/syscalls" -1
	is output "$output" "-1 = -1 ENOSYS"
	policy q.ini <<-INI
	[policy]
	default = kill
	[allow]
	syscalls = $STATIC_START
	INI
	plain "$HELPERS/syscalls" -1
	is status "$status" 0
	has output "$output" '^-1 = -1 E(PERM|NOSYS)$'
	traced "$HELPERS/syscalls" -1
	is status "$status" 0
	has output "$output" '^-1 = -1 E(PERM|NOSYS)$'
}

# bats test_tags=once
@test "a debugger inside may skip calls" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[kill]
	syscalls = reboot
	INI
	plain strace -o /dev/null -e trace=getppid \
		-e inject=getppid:error=EIO "$HELPERS/syscalls" getppid
	is output "$output" "getppid = -1 EIO"
}
