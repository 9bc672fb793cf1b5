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

# as_learned OPTIONS... -- CMD...: the log of strace gives what --learn gives.
as_learned() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rm -rf "$T/log" && mkdir "$T/log"
	strace "${options[@]}" -o "$T/log/out" "$@" >/dev/null 2>&1 </dev/null || true
	cat "$T"/log/* >"$T/log.txt"
	sandbox --learn "$T/learned.ini" --force -q -- "$@" >/dev/null 2>&1 \
		</dev/null || true
	capture sandbox convert --from strace -o "$T/read.ini" "$T/log.txt"
	is status "$status" 0
	is stderr "$stderr" ""
	capture sandbox diff "$T/learned.ini" "$T/read.ini"
	is "difference (strace ${options[*]} $*)" "$output" ""
	is status "$status" 0
}

@test "a log of strace gives the policy that --learn gives, in all its forms" {
	local shell='ls /etc; (echo a | cat); : >'"$T/file"'; kill -CHLD $$; exit 3'
	for options in -f -ff '-f -tt -T' '-f -ttt' '-f -r' '-f -y' '-f -yy' \
		'-f -i' '-f -n' '-f -e raw=all' '-f -v -s 9999' '-f -x'; do
		as_learned $options -- sh -c "$shell"
	done
	grep -q 'resumed>' "$T/log.txt"
}

@test "… of programs that speak to the network, run threads and others" {
	as_learned -f -- python3 -c 'import socket, subprocess, threading
socket.socket(socket.AF_UNIX)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
t = threading.Thread(target=lambda: subprocess.run(["true"]))
t.start(); t.join()'
	as_learned -f -- curl -s http://127.0.0.1:9/
	as_learned -f -- git --version
}

@test "the table of strace -c names calls alone: a note says what that means" {
	strace -f -c -o "$T/table" sh -c 'ls / | cat' >/dev/null
	capture sandbox convert --from strace -o "$T/read.ini" "$T/table"
	is status "$status" 0
	has stderr "$stderr" "the arguments of .*openat.* are not told: allowed whatever they are"
	sandbox --learn "$T/learned.ini" -q -- sh -c 'ls / | cat' >/dev/null
	capture sandbox diff --format json "$T/learned.ini" "$T/read.ini"
	is "what --learn allows and the table does not" \
		"$(jq '[.differences[] | select(.a | startswith("allow")) |
			select(.b | startswith("allow") | not)] | length' \
			<<<"$output")" 0
	# CMD's own exec is none of its calls
	strace -c -o "$T/table" true
	sandbox convert --from strace "$T/table" >"$T/true.ini" 2>/dev/null
	capture sandbox explain "$T/true.ini" execve
	has explain "$output" 'deny'
}

@test "a call that is interrupted, and tells more when it goes on" {
	printf '%s\n' '1 clone3({flags=0, exit_signal=SIGCHLD} <unfinished ...>' \
		'2 getpid() = 2' \
		'1 <... clone3 resumed> => {parent_tid=[2]}, 88) = 2' >"$T/log"
	capture sandbox convert --from strace "$T/log"
	is status "$status" 0
	is stderr "$stderr" ""
}

@test "what is not strace's is refused, or left out with its line" {
	printf 'no log\nat all\n' >"$T/log"
	capture sandbox convert --from strace "$T/log"
	is status "$status" 2
	is output "$output" ""
	is stderr "$stderr" "$T/log: no line of it is strace's"
	printf '1 getpid() = 1\n1 frobnicate(1) = 0\n1 ioctl(1, FOO, 2) = 0\n' >"$T/log"
	capture sandbox convert --from strace -o "$T/read.ini" "$T/log"
	is status "$status" 0
	has stderr "$stderr" "$T/log:2: not understood, and left out: frobnicate"
	has stderr "$stderr" "the arguments of ioctl are not told"
	: >"$T/log"
	capture sandbox convert --from strace "$T/log"
	is status "$status" 2
}

@test "audit lines become the policy that allows what they name" {
	cat >"$T/log" <<-'LOG'
	kernel: audit: type=1326 audit(1.2:3): pid=5 comm="x" exe="/x" sig=0 arch=c000003e syscall=83 compat=0 ip=0x7f code=0x7ffc0000
	type=SECCOMP msg=audit(1.2:4): pid=5 comm="x" exe="/x" sig=31 arch=c000003e syscall=0x29 ip=0
	LOG
	capture sandbox convert --from audit "$T/log"
	is status "$status" 0
	echo "$output" >"$T/read.ini"
	capture sandbox explain "$T/read.ini" mkdir
	has explain "$output" 'allow'
	echo nothing >"$T/log"
	capture sandbox convert --from audit "$T/log"
	is status "$status" 2
	has stderr "$stderr" "$T/log: neither a report in JSON"
}

@test "arguments of a log are told apart where a power hangs on them" {
	cat >"$T/log" <<-'LOG'
	1 clone(child_stack=NULL, flags=CLONE_NEWNS|SIGCHLD <unfinished ...>
	1 open("a, \"b)", O_WRONLY|O_CREAT, 0644) = 3</a, "b)>
	1 sendto(3<UDP:[1.2.3.4:5]>, "x", 1, 0, NULL, 0) = 1
	LOG
	capture sandbox convert --from strace -o "$T/read.ini" "$T/log"
	is stderr "$stderr" ""
	capture sandbox explain "$T/read.ini" 'clone(CLONE_NEWNS)'
	has clone "$output" 'allow'
	capture sandbox explain "$T/read.ini" 'open("a", O_WRONLY)'
	has open "$output" 'allow'
	capture sandbox explain "$T/read.ini" 'sendto(3, "x", 1, 0, 0x1000, 16)'
	has sendto "$output" 'deny'
}

@test "a log has no layers, and is written for the machine that is asked for" {
	echo '1 mkdirat(AT_FDCWD, "a", 0755) = 0' >"$T/log"
	echo '1 execve("/bin/true", ["true"], 0x7ffe /* 1 vars */) = 0' >>"$T/log"
	capture sandbox convert --from strace -p policies/hello.ini "$T/log"
	is status "$status" 2
	is output "$output" ""
	has stderr "$stderr" '-p has no effect with --from strace'
	sandbox convert --from strace -o "$T/p.ini" "$T/log"
	for abi in x86_64 aarch64; do
		capture sandbox convert --from strace --abi $abi --to c "$T/log"
		has head "$output" "For $abi, by"
		sandbox convert --abi $abi --to c "$T/p.ini" >"$T/$abi.c"
		is program "$output" "$(cat "$T/$abi.c")"
	done
}
