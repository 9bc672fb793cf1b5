#!/usr/bin/env bats
# A learned policy in force: what was learned runs, and what any program may come
# to one day does too.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	POLICY=$T/learned.ini
}
teardown() { common_teardown; }

wrong() {
	echo "$1"
	show_run
	return 1
}

# learn CMD...: afresh, into $POLICY.
learn() {
	rm -f "$POLICY" "$POLICY.seen"
	capture sandbox -q --learn "$POLICY" -- "$@"
	[ "$status" = 0 ] || wrong "status $status: $stderr"
}

# Newer calls, which libc does without, apart.
denied() {
	json '[.denied[] | select(.rule.kind != "new") | .syscall] | join(" ")'
}

# enforced CMD...: under $POLICY nothing is denied, and status is that of CMD
# alone.
enforced() {
	capture "$@"
	local alone=$status
	traced "$@"
	[ "$status" = "$alone" ] || wrong "status $status, alone $alone: $stderr"
	[ -z "$(denied)" ] || wrong "denied: $(denied)"
}

@test "what was learned runs, and nothing of it is denied" {
	local cmd
	for cmd in "ls -l /" "echo a | cat | tr a b; ls /nonexistent; wait" \
		"echo a >$T/file; mv $T/file $T/other; rm $T/other" \
		"python3 -c 'import threading, subprocess
t = threading.Thread(target=print); t.start(); t.join()
subprocess.run([\"true\"])'" \
		"mkdir $T/git; git init -q $T/git; rm -r $T/git" \
		"echo 'int main(void) { return 0; }' >$T/a.c
		gcc -o $T/a $T/a.c && $T/a"; do
		learn sh -c "$cmd"
		enforced sh -c "$cmd"
		capture sandbox check "$POLICY"
		[ "$status" = 0 ] || wrong "$cmd: $output"
	done
}

@test "learned from a happy run, it lets every end be" {
	local how
	learn "$HELPERS/endings"
	for how in happy abort segv thread; do
		enforced "$HELPERS/endings" "$how"
	done
}

@test "learned from a happy run, it lets a signal come" {
	learn "$HELPERS/endings"
	mkfifo "$T/out"
	"$SANDBOX" -p "$POLICY" "$TRACE" -r "$REPORT" --format=json -- \
		"$HELPERS/endings" wait >"$T/out" 3>&- &
	PIDS+=($!)
	exec 5<"$T/out"
	read -r line <&5
	[ "$line" = ready ]
	kill -TERM $!
	read -r line <&5
	[ "$line" = "signal 15" ]
	status=0
	wait $! || status=$?
	[ "$status" = 4 ]
	[ -z "$(denied)" ]
}

@test "learned from a happy run, it lets C++ throw and terminate" {
	command -v g++ >/dev/null || skip "no g++"
	cat >"$T/throw.cc" <<-'END'
	#include <cstdio>
	#include <stdexcept>
	int main(int argc, char **argv)
	{
		(void)argv;
		try {
			if (argc == 2)
				throw std::runtime_error("caught");
		} catch (const std::exception &e) {
			std::puts(e.what());
		}
		if (argc == 3)
			throw std::runtime_error("nobody");
		return 0;
	}
	END
	g++ -o "$T/throw" "$T/throw.cc"
	learn "$T/throw"
	enforced "$T/throw"
	enforced "$T/throw" 1
	enforced "$T/throw" 1 2
}

@test "a new power is denied, and reported" {
	learn sh -c 'echo a; read b </dev/null; :'
	traced sh -c 'echo a; echo b >'"$MARKER"
	[ "$status" != 0 ]
	[ ! -e "$MARKER" ]
	[ "$(denied)" = openat ]
	traced sh -c "$HELPERS/endings; echo"
	[ "$(denied)" = execve ]
}

@test "an i386 program learns its own calls" {
	[ -x "$HELPERS/i386" ] || skip "no 32-bit libraries"
	learn "$HELPERS/i386"
	has policy "$(cat "$POLICY")" '^architectures = x86_64 x86$'
	enforced "$HELPERS/i386"
}

@test "learned with one libc, it lets the same source run with another" {
	command -v musl-gcc >/dev/null || skip "no musl-gcc"
	local with
	mkdir "$T/in" && cd "$T/in"
	musl-gcc -D_GNU_SOURCE -o "$T/musl" "$ROOT/tests/helpers/libcs.c"
	musl-gcc -D_GNU_SOURCE -static -o "$T/static" \
		"$ROOT/tests/helpers/libcs.c"
	for with in "$HELPERS/libcs" "$T/musl" "$T/static"; do
		learn "$with"
		enforced "$HELPERS/libcs"
		enforced "$T/musl"
		enforced "$T/static"
	done
}
