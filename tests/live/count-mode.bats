#!/usr/bin/env bats
# -c counts what `strace -f -c` counts, call by call.

setup() {
	load ../common
	common_setup
	command -v strace >/dev/null || skip "strace is not installed"
	# On aarch64 the loader maps more than a library needs, to align it, and
	# cuts off what is over: at one end or at both, as its address has it.
	ALIKE=
	! setarch -R true 2>/dev/null || ALIKE="setarch -R"
}
teardown() { common_teardown; }

# "CALL HITS" lines, sorted, from strace's table (errors may be missing).
strace_counts() {
	$ALIKE strace -f -c -o "$T/strace" "$@" >/dev/null 2>&1 </dev/null || true
	awk '$1 ~ /^[0-9.]+$/ && $NF != "total" { print $NF, $4 }' \
		"$T/strace" | sort
}

sandbox_counts() {
	$ALIKE timeout -k 5 "$LIMIT" "$SANDBOX" -c -r "$REPORT" --format=json \
		-- "$@" >/dev/null 2>&1 </dev/null || true
	json '.counts[] | "\(.syscall) \(.hits)"' | sort
}

agree() {
	strace_counts "$@" >"$T/wanted"
	sandbox_counts "$@" >"$T/got"
	[ -s "$T/wanted" ]
	diff "$T/wanted" "$T/got"
}

@test "a simple command" {
	agree /bin/echo hello
}

@test "a static program" {
	agree "$HELPERS/syscalls" getppid x123 , mkdirat -100 / 0 , openat2
	grep -qx 'getppid 123' "$T/got"
	# the launch's own
	grep -qx 'execve 1' "$T/got"
}

@test "threads and processes" {
	agree "$HELPERS/storm" 4 4 250 "$GETPPID"
	grep -qx 'getppid 2000' "$T/got"
}

@test "fork, vfork, exec and a shell" {
	agree "$HELPERS/spawn" fork "$HELPERS/spawn" vfork /bin/echo hello
	grep -qx 'execve 3' "$T/got"
	agree sh -c '/bin/true; /bin/echo a; exec /bin/echo b'
}

@test "a command that fails, and one that is not found on the first try" {
	agree cat /nonexistent
	PATH=/nonexistent:$T:$PATH agree "$HELPERS/spawn" exec echo hello
}

@test "a Go hello, or its stand-in: calls that its scheduler does not vary" {
	local hello fixed
	if command -v go >/dev/null; then
		cat >"$T/hello.go" <<-'GO'
		package main

		import "fmt"

		func main() { fmt.Println("hello") }
		GO
		hello=$T/hello
		GOFLAGS='' GO111MODULE=off GOCACHE=$T/cache HOME=$T \
			go build -o "$hello" "$T/hello.go"
		strace_counts "$hello" >"$T/all-wanted"
		sandbox_counts "$hello" >"$T/all-got"
		fixed='^(execve|arch_prctl|sched_getaffinity|openat|read|write|fcntl|rt_sigaction) '
		grep -E "$fixed" "$T/all-wanted" >"$T/wanted"
		grep -E "$fixed" "$T/all-got" >"$T/got"
		diff "$T/wanted" "$T/got"
		grep -qx 'write 1' "$T/got"
		# the threads are counted as well: each begins by gettid
		grep -q '^clone [1-9]' "$T/all-got"
	else
		agree "$HELPERS/storm" 3 0 10 "$GETPPID"
	fi
}

@test "the text table: calls by falling hits" {
	capture sandbox -c -- "$HELPERS/syscalls" getppid x77
	is status "$status" 0
	has output "$output" "^getppid = [0-9]+$"
	has stderr "$stderr" '^ +77 +getppid'
	is first "$(grep -E '^ +[0-9]' <<<"$stderr" | head -n 1 |
		awk '{ print $2 }')" getppid
}

@test "with a policy: what is denied stays denied, and both are told" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdirat
	INI
	capture sandbox -c -p "$POLICY" -r "$REPORT" \
		--format=json -- "$HELPERS/syscalls" mkdirat -100 "$MARKER" 0755 x5 , \
		getppid x7
	has output "$output" '^mkdirat = -1 EPERM'
	[ ! -e "$MARKER" ]
	is mode "$(json .mode)" count
	is denied "$(row mkdirat .hits)" 5
	is counted "$(json '.counts[] | select(.syscall == "getppid") | .hits')" 7
}

@test "status and signals are CMD's" {
	capture sandbox -c -q -- sh -c 'exit 42'
	is status "$status" 42
	is stderr "$stderr" ""
	capture sandbox -c -q -- "$HELPERS/signals" raise 15
	is status "$status" 143
}

@test "as an ordinary user" {
	open_copy
	capture as_user timeout "$LIMIT" "$OPEN/sandbox" -c -- \
		"$OPEN/helpers/syscalls" getppid x9
	is status "$status" 0
	has stderr "$stderr" '^ +9 +getppid'
}
