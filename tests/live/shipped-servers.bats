#!/usr/bin/env bats
# The shipped policies for servers: a longer run than they were learned on, and
# what they stop.

# bats file_tags=both-tracers

setup() {
	load ../common
	load workloads
	load shipped
	common_setup
}
teardown() { common_teardown; }

@test "nginx: files, proxies, caches, log rotation and a reload under load" {
	command -v nginx >/dev/null && command -v ab >/dev/null ||
		skip "nginx or ab is not installed"
	works nginx nginx
}

# bats test_tags=once
@test "nginx: what it stops" {
	forbids nginx "execve /bin/true" "execveat -100 /bin/true 0 0 0" \
		"mmap 0 4096 7 0x22 -1 0" "mprotect 0 4096 5" "capset 0 0" \
		"setresuid 0 0 0" "socket 16 3 0"
}

@test "redis: a benchmark, snapshots, a rewritten append-only file, a restart" {
	command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null ||
		skip "redis is not installed"
	works redis redis
}

# bats test_tags=once
@test "redis: what it stops" {
	forbids redis "execve /bin/true" "execveat -100 /bin/true 0 0 0" \
		"mmap 0 4096 7 0x22 -1 0" "mprotect 0 4096 5" "capset 0 0" \
		"setuid 0" "chown / 0 0" "socket 16 3 0" "ioctl 0 0x5402 0"
}

@test "postgresql: initdb, pgbench, parallel queries, JIT, a restart" {
	pg_find || skip "PostgreSQL is not installed"
	open_copy
	SANDBOX=$OPEN/sandbox
	open_folder "$T/pg"
	REPORT=$T/pg/report.json
	works postgresql postgresql
}

# bats test_tags=once
@test "postgresql: what it stops" {
	forbids postgresql "capset 0 0" "setuid 0" "chown / 0 0" "socket 16 3 0" \
		"ioctl 0 0x5402 0" "setpriority 0 0 0" "shmat 0 0 0x8000" \
		"prctl 47 2 0 0 0"
}
