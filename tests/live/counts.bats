#!/usr/bin/env bats
# Exact counts, whoever makes the calls: threads, forks, vforks, execs, daemons.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	getppid = EPERM
	INI
}
teardown() { common_teardown; }

@test "8 threads and 8 processes make 100,000 denied calls: the report says 100,000" {
	traced "$HELPERS/storm" 8 8 6250 "$GETPPID"
	is status "$status" 0
	is hits "$(row getppid .hits)" 100000
	is totals "$(json '"\(.totals.calls) \(.totals.hits)"')" "1 100000"
	is sum "$(row getppid '[.processes[].hits] | add')" 100000
	is processes "$(row getppid '[.processes[].hits] | sort | join(" ")')" \
		"6250 6250 6250 6250 6250 6250 6250 6250 50000"
	is main "$(row getppid '.processes[] | select(.hits == 50000) | .pid')" \
		"$(json .pid)"
	is comms "$(row getppid '[.processes[].comm] | unique | join(" ")')" storm
}

@test "the same counts as an ordinary user, in text" {
	open_copy
	cp "$POLICY" "$OPEN/p.ini"
	chmod 0644 "$OPEN/p.ini"
	capture as_user timeout "$LIMIT" "$OPEN/sandbox" \
		-p "$OPEN/p.ini" "$TRACE" -- "$OPEN/helpers/storm" 4 4 250 "$GETPPID"
	is status "$status" 0
	has stderr "$stderr" '^ +2,?000 +getppid +EPERM +storm'
}

@test "children by fork, vfork and exec are counted under their own names" {
	traced sh -c "
		'$HELPERS/spawn' fork '$HELPERS/storm' 1 0 3 $GETPPID
		'$HELPERS/spawn' vfork '$HELPERS/storm' 1 0 5 $GETPPID
		'$HELPERS/spawn' exec '$HELPERS/storm' 1 0 7 $GETPPID
		'$HELPERS/syscalls' getppid x11"
	is status "$status" 0
	# sh itself may ask for its parent
	is storms "$(row getppid '[.processes[] | select(.comm == "storm") |
		.hits] | sort | join(" ")')" "3 5 7"
	is others "$(row getppid '[.processes[] |
		select(.comm == "syscalls") | .hits] | add')" 11
}

@test "threads belong to one process" {
	traced "$HELPERS/storm" 3 0 100 "$GETPPID"
	is processes "$(row getppid '.processes | length')" 1
	is hits "$(row getppid .hits)" 300
}

# ptrace waits without --wait too: see detached.bats.
@test "daemonised grandchildren, --wait: counted, and the status is CMD's" {
	capture sandbox -p "$POLICY" "$TRACE" --wait -r "$REPORT" \
		--format=json -- "$HELPERS/spawn" daemon sh -c \
		"'$HELPERS/syscalls' getppid x42; : >'$MARKER'"
	is status "$status" 3
	[ -e "$MARKER" ]
	is hits "$(row getppid '.processes[] | select(.comm == "syscalls") |
		.hits')" 42
	is exit "$(json .exit.code)" 3
}

# bats test_tags=once
@test "without a tracer sandbox ends with CMD" {
	plain "$HELPERS/spawn" daemon sh -c ": >'$MARKER'"
	is status "$status" 3
	[ ! -e "$MARKER" ]
	wait_for [ -e "$MARKER" ]
}

@test "CMD killed in the middle: its hits are there" {
	traced sh -c "'$HELPERS/syscalls' getppid x10; kill -KILL \$\$"
	is status "$status" 137
	is hits "$(row getppid '.processes[] | select(.comm == "syscalls") |
		.hits')" 10
	is signal "$(json .exit.signal)" SIGKILL
}

@test "many short processes" {
	traced sh -c "i=0; while [ \$i -lt 100 ]; do
		'$HELPERS/storm' 1 0 2 $GETPPID; i=\$((i + 1)); done"
	is status "$status" 0
	is hits "$(row getppid '[.processes[] | select(.comm == "storm") |
		.hits] | add')" 200
}
