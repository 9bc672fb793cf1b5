#!/usr/bin/env bats
# The JSON reports of the two tracers are the same but for pids, times,
# addresses, order, the tracer's name, and the call of a kill row.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# Pids and times are left out, addresses become "addr", rows and processes are
# put in order.
PLAIN='
	del(.pid, .started, .duration_s, .tracer) |
	.denied |= (map(
		del(.first.pid, .first.at_s, .first.ip) |
		.first.args |= (. // [] |
			map(gsub("0x[0-9a-f]{6,}"; "addr"))) |
		.processes |= (map(del(.pid)) | sort_by(.comm, .hits))
	) | sort_by(.syscall, .abi, .answer, .rule.line, .hits))'

# A kill that notify knows by its SIGSYS alone has neither the call nor the
# rule, and the report says that there may be more.
KILLS='
	del(.kills_unseen) |
	.denied |= map(if .answer == "kill" then
		del(.syscall, .number, .abi, .first, .allow_with, .power, .powers,
			.values, .rule)
	else . end) | .denied |= sort_by(tojson)'

# same CMD...: under $POLICY, by both.
same() {
	local tracer filter=$PLAIN
	if [ "${1-}" = --kills ]; then
		filter="$PLAIN | $KILLS"
		shift
	fi
	for tracer in notify ptrace; do
		status=0
		timeout -k 5 "$LIMIT" "$SANDBOX" -p "$POLICY" \
			"--trace=$tracer" -q -r "$T/$tracer.json" \
			--format=json --wait -- "$@" >"$T/$tracer.out" \
			2>"$T/$tracer.err" 3>&- </dev/null || status=$?
		echo "status $status" >>"$T/$tracer.out"
		is tracer "$(jq -r .tracer "$T/$tracer.json")" "$tracer"
		jq -S "$filter" "$T/$tracer.json" >"$T/$tracer.plain"
	done
	# what is compared is not nothing
	[ "$(jq '.totals.hits' "$T/notify.json")" -gt 0 ]
	diff "$T/notify.plain" "$T/ptrace.plain"
	diff "$T/notify.out" "$T/ptrace.out"
	diff "$T/notify.err" "$T/ptrace.err"
}

shipped() {
	POLICY=$POLICIES/$1.ini
	same "${@:2}"
}

@test "the shipped policies on common programs" {
	shipped no-write echo hello
	shipped no-open cat /etc/hostname
	shipped no-exec sh -c '/bin/true; echo $?; ls'
	shipped no-network bash -c 'exec 5<>/dev/tcp/127.0.0.1/9'
	shipped hello sh -c '/bin/true; echo $?'
	shipped pure-compute "$HELPERS/syscalls" socket 2 1 0 , mkdir /nosuch
	shipped pure-compute /bin/true
	shipped docker-default "$HELPERS/syscalls" mount 0 0 0 0 0 , clone3 0 0
}

@test "arguments, modules, rules, layers" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	errno = EROFS
	[groups]
	@mine = rmdir link
	[deny]
	syscalls = openat mkdir @mine
	  symlink
	socket = EAFNOSUPPORT if family == AF_INET or family == AF_INET6
	fsync = 0
	INI
	same "$HELPERS/syscalls" openat -100 /etc/shadow 0x80041 0644 , \
		openat -100 0x10 0 , mkdir "$MARKER" 0755 x3 , rmdir / x2 , \
		link a b , symlink a $'b\x01\xff' , socket 10 1 0 x5 , \
		socket 1 1 0 , fsync -1
	# a dynamic program: first.module is libc or the loader
	same cat /etc/hostname
	jq -e 'all(.denied[]; .first.module | test("ld-linux|libc"))' \
		"$T/notify.json"
}

@test "threads, processes, shells, execs" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = getpgrp
	mkdir = EEXIST
	INI
	same "$HELPERS/storm" 8 8 500 111
	same "$HELPERS/crowd" in-turn 100 3 111
	same sh -c "
		'$HELPERS/spawn' fork '$HELPERS/storm' 1 0 3 111
		'$HELPERS/spawn' vfork '$HELPERS/storm' 1 0 5 111
		'$HELPERS/spawn' exec '$HELPERS/syscalls' mkdir /nosuch x7"
	same "$HELPERS/spawn" daemon "$HELPERS/syscalls" mkdir /nosuch x7
	if command -v python3 >/dev/null; then
		same python3 -c 'import os, subprocess, threading
def f():
    for i in range(100):
        try: os.mkdir("/nosuch/x")
        except FileExistsError: pass
ts = [threading.Thread(target=f) for i in range(8)]
for t in ts: t.start()
for t in ts: t.join()
subprocess.run(["mkdir", "/nosuch"])'
	fi
}

@test "default = deny, default's own line, new calls" {
	policy p.ini <<-INI
	[policy]
	default = deny
	errno = EACCES
	[allow]
	syscalls = $STATIC_START
	INI
	same "$HELPERS/syscalls" getpid , 437 , 436 , 9999 , mkdir /nosuch
	policy q.ini <<-'INI'
	[policy]
	default = deny
	INI
	same /bin/true
	same "$HELPERS/sum"
}

@test "ABIs: foreign calls, and the i386 one admitted" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	foreign = deny
	INI
	same "$HELPERS/syscalls" 0x40000027 x2 , getuid
	need_i386
	same "$HELPERS/syscalls" int80:20 x4
	policy q.ini <<-'INI'
	[policy]
	default = allow
	architectures = x86_64 x86
	[deny]
	syscalls = getpid
	INI
	same "$HELPERS/syscalls" int80:20 x2 , getpid x3
}

@test "a program of the i386 ABI" {
	need_i386_program
	policy q.ini <<-'INI'
	[policy]
	default = allow
	architectures = x86_64 x86
	[deny]
	syscalls = getpid
	INI
	same "$HELPERS/i386"
}

@test "CMD's end: a code, a signal" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = ENOSPC
	INI
	same sh -c "'$HELPERS/syscalls' mkdir /nosuch; exit 42"
	for n in 9 15 11; do
		same sh -c "'$HELPERS/syscalls' mkdir /nosuch; kill -$n \$\$"
	done
}

@test "kill rows but for their call" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = ENOSPC
	[kill]
	syscalls = rmdir
	INI
	same --kills "$HELPERS/syscalls" mkdir /nosuch x2 , rmdir /
	is notify "$(jq -r '.denied[] | select(.answer == "kill") |
		"\(.syscall) \(.rule.kind) \(.rule.line) \(.hits)"' \
		"$T/notify.json")" "? null null 1"
	is ptrace "$(jq -r '.denied[] | select(.answer == "kill") |
		"\(.syscall) \(.rule.kind) \(.rule.line) \(.hits)"' \
		"$T/ptrace.json")" "rmdir rule 6 1"
	# foreign = kill
	same --kills "$HELPERS/syscalls" mkdir /nosuch x2 , 0x40000027
}

@test "the text is the same too" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = ENOSPC
	rmdir = EBUSY
	INI
	for tracer in notify ptrace; do
		sandbox -p "$POLICY" "--trace=$tracer" -vv -- \
			"$HELPERS/syscalls" mkdir /nosuch 0755 x3 , rmdir / x2 \
			2>&1 >/dev/null 3>&- | sed -E \
			's/\[[0-9]+\]/[PID]/g; s/[0-9]+\.[0-9]+ s/TIME s/g; s/ +/ /g' \
			>"$T/$tracer.text"
	done
	[ "$(grep -c 'denied mkdir' "$T/notify.text")" = 3 ]
	diff "$T/notify.text" "$T/ptrace.text"
}
