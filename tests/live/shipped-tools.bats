#!/usr/bin/env bats
# The shipped policies for tools: a longer run than they were learned on, and
# what they stop.

# bats file_tags=both-tracers

setup() {
	load ../common
	load workloads
	load shipped
	common_setup
}
teardown() { common_teardown; }

@test "python3: asyncio, multiprocessing, subprocesses, SQLite, HTTP" {
	works python3 python3
}

@test "python3: pip installs a wheel that is here" {
	python3 -m pip --version >/dev/null 2>&1 || skip "pip is not installed"
	works python3 pip
}

# bats test_tags=once
@test "python3: what it stops" {
	forbids python3 "mmap 0 4096 7 0x22 -1 0" "mprotect 0 4096 5" "capset 0 0" \
		"setuid 0" "setpriority 0 0 0" "socket 16 3 0" "ioctl 0 0x1234 0"
}

@test "git: clone, gc, rebase, bisect, worktrees, hooks" {
	command -v git >/dev/null || skip "git is not installed"
	works git git
}

@test "git: clone, rebase and push over ssh" {
	command -v git >/dev/null && command -v ssh >/dev/null &&
		command -v sshd >/dev/null || skip "git, ssh or sshd is not installed"
	need_root
	works git git_ssh
}

# bats test_tags=once
@test "git: what it stops" {
	forbids git "bind 0 0 0" "listen 0 0" "accept 0 0 0" "accept4 0 0 0 0" \
		"capset 0 0" "setuid 0" "chown / 0 0" "socket 16 3 0" \
		"ioctl 0 0x1234 0"
}

@test "build: make, gcc, go, cargo and node, what of them is installed" {
	works build build
}

# bats test_tags=once
@test "build: what it stops" {
	forbids build "socket 2 1 0" "socket 10 2 0" "socket 1 2 0" "socket 16 3 0" \
		"connect 0 0 0" "bind 0 0 0" "listen 0 0" "accept 0 0 0" \
		"accept4 0 0 0 0" "capset 0 0" "setuid 0" "setresuid 0 0 0" \
		"ioctl 0 0x1234 0"
	under build
	capture "${UNDER[@]}" bash -c 'echo >/dev/tcp/127.0.0.1/1'
	is status "$status" 1
	is denied "$(denied | cut -d, -f1)" "socket AF_INET"
}
