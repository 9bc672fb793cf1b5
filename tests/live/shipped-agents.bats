#!/usr/bin/env bats
# The shipped policies for agents: a longer run than they were learned on, and
# what they stop.

# bats file_tags=both-tracers

setup() {
	load ../common
	load workloads
	load shipped
	common_setup
}
teardown() { common_teardown; }

# bats test_tags=once
@test "there are 200 commands" {
	[ "$(grep -vc '^#' "$BATS_TEST_DIRNAME/agent-commands")" -ge 200 ]
}

@test "agent: 200 typical shell commands" {
	works agent agent
}

@test "agent-offline: the same without those that need the network" {
	works agent-offline agent_offline
}

# bats test_tags=once
@test "agent: what it stops" {
	forbids agent "socket 16 3 0" "socket 40 1 0" "socket 2 2 1" "capset 0 0" \
		"ioctl 0 0x541c 0" "ioctl 0 0x1234 0" "mknodat -100 /x 060666 0x103" \
		"shmget 0 0 0" "quotactl 0 0 0 0" "acct 0"
}

# bats test_tags=once
@test "agent-offline: what it stops" {
	forbids agent-offline "socket 2 1 0" "socket 10 2 0" "socket 1 2 0" \
		"socket 1 5 0" "socket 16 3 0" "connect 0 0 0" "bind 0 0 0" \
		"listen 0 0" "accept 0 0 0" "accept4 0 0 0 0" "capset 0 0"
	under agent-offline
	capture "${UNDER[@]}" bash -c 'echo >/dev/tcp/127.0.0.1/1'
	is status "$status" 1
	is denied "$(denied | cut -d, -f1)" "socket AF_INET"
}

# stopped CALL CMD...: it fails, for this denied call (a pattern).
stopped() {
	local call=$1
	shift
	capture "${UNDER[@]}" "$@"
	[ "$status" != 0 ] || { echo "$* succeeded"; return 1; }
	has "denied of $*" "$(denied)" "^$call[ ,|]"
}

# bats test_tags=once
@test "agent, agent-offline: what programs try" {
	local policy
	for policy in agent agent-offline; do
		under "$policy"
		stopped unshare unshare -m true
		stopped unshare unshare -U true
		stopped mount mount -t tmpfs none /mnt
		stopped chroot chroot / true
		stopped syslog dmesg -S
		stopped setns nsenter -t $$ -m true
		stopped "mknod(at)?" mknod "$T/null" c 1 3
		stopped sethostname hostname there
		stopped ptrace strace -o /dev/null true
		stopped ioctl python3 -c 'import fcntl, termios
fcntl.ioctl(0, termios.TIOCSTI, "x")'
	done
	# quiet under agent
	under agent-offline
	stopped "socket AF_INET, SOCK_RAW" python3 -c 'import socket
socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'
	stopped "socket AF_ALG" python3 -c 'import socket
socket.socket(socket.AF_ALG)'
}

# bats test_tags=once
@test "agent, python3: programs of another libc" {
	command -v musl-gcc >/dev/null || skip "no musl-gcc"
	local policy
	musl-gcc -D_GNU_SOURCE -static -o "$T/musl" tests/helpers/libcs.c
	mkdir "$T/in"
	cd "$T/in"
	for policy in agent python3; do
		under "$policy"
		capture "${UNDER[@]}" "$T/musl"
		is "status under $policy" "$status" 0
		is denied "$(denied)" ""
	done
}

@test "browser: pages, a screenshot and a PDF" {
	browser_find || skip "no Chromium is installed"
	works browser browser
}

# bats test_tags=once
@test "browser: what it stops" {
	forbids browser "socket 16 3 9" "socket 40 1 0" "setuid 0" \
		"mknodat -100 /x 010666 0" "shmget 0 0 0" "ioctl 0 0x1234 0" \
		"ioctl 0 0x5402 0" "setresuid 0 0 0"
}
