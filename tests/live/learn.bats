#!/usr/bin/env bats
# --learn: what a run calls is seen, all of it, and FILE and FILE.seen are whole
# at any moment.

setup() {
	load ../common
	common_setup
	cd "$T" || return 1
	FILE=$T/new.ini
	REPORT=$FILE.seen
}
teardown() { common_teardown; }

need_strace() {
	command -v strace >/dev/null || skip "strace is not installed"
}

learn() { # learn [OPTION...] -- CMD...
	capture sandbox --learn "$FILE" "$@"
}

# The names in strace's log, without the launcher's own exec, which is no call of
# CMD's.
strace_names() {
	strace -f -qq -e signal=none -o "$T/strace" "$@" >/dev/null 2>&1 \
		</dev/null || true
	sed -nE -e 1d -e 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' \
		-e 's/^[0-9]+ +<\.\.\. ([a-z0-9_]+) resumed.*/\1/p' \
		"$T/strace" | sort -u
}

seen_names() {
	jq -r '.counts[].syscall' "$FILE.seen" | sort -u
}

same_names() {
	strace_names "$@" >"$T/wanted"
	status=0
	sandbox --learn "$FILE" --force -q -- "$@" >/dev/null 2>&1 \
		</dev/null || status=$?
	seen_names >"$T/got"
	[ -s "$T/wanted" ]
	diff "$T/wanted" "$T/got"
}

seen() { # seen CALL FILTER
	jq -r --arg call "$1" \
		".counts[] | select(.syscall == \$call) | $2" "$FILE.seen"
}

# -------------------------------------------------------- what strace -f sees

@test "names: a dynamic program, a static one, one of the i386 ABI" {
	need_strace
	same_names /bin/echo hello
	same_names "$HELPERS/syscalls" getppid , mkdir / 0 , openat2
	need_i386_program
	same_names "$HELPERS/i386"
	is abi "$(jq -r '[.counts[].abi] | unique | join(" ")' "$FILE.seen")" x86
}

@test "names: fork, vfork, posix_spawn, exec and exec from a second thread" {
	local how
	need_strace
	for how in fork vfork posix exec thread; do
		same_names "$HELPERS/spawn" "$how" /bin/echo hello
		grep -qx execve "$T/got"
	done
	same_names "$HELPERS/spawn" fork "$HELPERS/spawn" thread /bin/echo hello
}

@test "names: a command that PATH does not have, and one that it has late" {
	need_strace
	same_names sh -c nonexistent-command
	PATH=/nonexistent:$T:$PATH same_names "$HELPERS/spawn" exec echo hello
}

@test "names: threads under a timer of 10 kHz" {
	need_strace
	same_names "$HELPERS/alarms" restart 10000 4 200 110
	grep -qx rt_sigreturn "$T/got"
}

@test "names: a shell with job control, python3, git, gcc" {
	need_strace
	same_names bash -mc '/bin/true & wait %1; (exit 3) | cat; echo *'
	same_names python3 -c 'import json, subprocess
subprocess.run(["/bin/true"]); open("written", "w").write(json.dumps({}))'
	echo 'int main(void) { return 0; }' >"$T/a.c"
	same_names gcc -o "$T/a" "$T/a.c"
	if command -v git >/dev/null; then
		git init -q "$T/repository"
		same_names git init -q "$T/repository"
	fi
}

@test "names: programs that die, by their own hand, by another's, of SIGSEGV" {
	need_strace
	same_names sh -c 'kill -TERM $$'
	is status "$status" 143
	same_names "$HELPERS/spawn" fork sh -c 'kill -KILL $$'
	same_names "$HELPERS/signals" raise 11
	is status "$status" 139
}

@test "the exec of CMD itself is not learned, an exec of CMD's is" {
	learn -- /bin/true
	fails grep -qx execve <(seen_names)
	learn --force -- sh -c '/bin/true; :'
	is hits "$(seen execve .hits)" 1
	is powers "$(seen execve '.powers | join(" ")')" exec
}

@test "the end is learned: exit_group, and a thread's exit" {
	learn -- "$HELPERS/storm" 2 0 1 110
	has exit "$(seen exit .hits)" '^[12]$' # the last one may be cut short
	is exit_group "$(seen exit_group .hits)" 1
}

# --------------------------------------------------------------- what is kept

@test "64 threads, each call is counted, and what they have is what one has" {
	local calls=${CALLS:-500}
	learn -q -- "$HELPERS/storm" 64 0 "$calls" 110
	is hits "$(seen getppid .hits)" $((64 * calls))
	mv "$FILE" "$T/many.ini"
	learn --force -q -- "$HELPERS/storm" 1 0 500 110
	diff "$T/many.ini" "$FILE"
}

@test "of each call: powers, programs, the first one; of ioctl the commands" {
	echo hello >"$T/in"
	learn -- sh -c 'cat in >out; stty -a <in' || true
	is mode "$(jq -r .mode "$FILE.seen")" learn
	has powers "$(seen openat '.powers | join(" ")')" write-files
	has programs "$(seen openat '.programs | join(" ")')" 'sh.*cat|cat.*sh'
	is first "$(seen execve .first.comm)" sh
	has args "$(seen execve '.first.args[0]')" '/cat"$'
	is tcgets "$(seen ioctl '[.values[] == 21505] | any')" true
	is read "$(seen read '.powers | length')" 0
	is digest "$(jq .policy_digest "$FILE.seen")" null
}

@test "a policy of -p is not in force: what it denies is seen, and added to it" {
	printf '[policy]\ndefault = deny\n' >inner.ini
	policy base.ini <<-'INI'
	[policy]
	include = inner.ini
	[allow]
	syscalls = @basic-io
	INI
	learn -p ./base.ini -- mkdir made
	is status "$status" 0
	[ -d "$T/made" ]
	is mkdir "$(seen mkdir .hits)" 1
	grep -q '^include = .*base.ini' "$FILE"
	fails grep -q '^syscalls = .*\<read\>' "$FILE"
	capture sandbox -p "$FILE" -- mkdir again
	is status "$status" 0
	echo '# mine' >>"$FILE"
	learn --merge -- "$HELPERS/syscalls" chroot /nonexistent
	is status "$status" 0
	grep -qx '# mine' "$FILE"
	grep -q chroot "$FILE"
}

@test "what was learned is enough to do it again, and the same gives the same" {
	local sum cmd='echo one >two; cat two | wc -l; exec sh -c "exit 3"'
	learn -- sh -c "$cmd"
	is status "$status" 3
	capture sandbox -p "$FILE" --trace=ptrace -- sh -c "$cmd"
	is status "$status" 3
	has stderr "$stderr" '^sandbox: no system call was denied'
	sum=$(sha256sum <"$FILE")
	learn --force -- sh -c "$cmd"
	is sum "$(sha256sum <"$FILE")" "$sum"
	learn --merge -- sh -c "$cmd"
	is sum "$(sha256sum <"$FILE")" "$sum"
}

@test "an end before its time is said in FILE" {
	learn -- sh -c 'kill -SEGV $$'
	is status "$status" 139
	has head "$(head -n 2 "$FILE")" 'sh died of SIGSEGV'
	learn --force -- sh -c 'exit 1'
	fails grep -q SIGSEGV "$FILE"
}

@test "--merge adds up what is in FILE.seen" {
	learn -- "$HELPERS/syscalls" getppid x5
	learn --merge -- "$HELPERS/syscalls" chroot /nonexistent x3
	is status "$status" 0
	is before "$(seen getppid .hits)" 5
	is now "$(seen chroot .hits)" 3
	has stderr "$stderr" '^sandbox: learned [0-9]+ calls.*; new in .*: 1 call'
	learn --force -- /bin/true
	is afresh "$(seen getppid .hits)" ""
}

# ----------------------------------------------------------- how it comes out

@test "--merge into a FILE that was learned without -p" {
	printf '[policy]\ndefault = allow\n' >base.ini
	learn -- /bin/true
	learn --merge -p base.ini -- "$HELPERS/syscalls" chroot /nonexistent
	is status "$status" 0
	grep -q chroot "$FILE"
	hasnt text "$(<"$FILE")" include
}

@test "status, output and signals are CMD's; the last line says what was learned" {
	learn -- sh -c 'echo out; echo err >&2; exit 42'
	is status "$status" 42
	is output "$output" out
	is first "$(head -n 1 <<<"$stderr")" err
	has stderr "$stderr" "^sandbox: learned [0-9]+ calls.*; written to $FILE\$"
	learn --force -q -- sh -c 'exit 7'
	is status "$status" 7
	is stderr "$stderr" ""
	learn --force -q -- "$HELPERS/signals" raise 15
	is status "$status" 143
}

@test "it waits for the last process" {
	learn -q -- "$HELPERS/spawn" daemon mkdir "$MARKER"
	is status "$status" 3
	[ -d "$MARKER" ]
	is mkdir "$(seen mkdir .hits)" 1
}

@test "a terminal sees a line now and then; a pipe and -q see none" {
	local lines='sandbox: learning for [0-9]+ s: [0-9]+ calls; (new|[0-9])'
	local cmd='i=0; while [ $i -lt 80 ]; do sleep 0.1; i=$((i + 1)); done'
	script -qec "$SANDBOX --learn $FILE -- sh -c '$cmd'" /dev/null \
		>"$T/screen" </dev/null
	has screen "$(<"$T/screen")" "$lines"
	has later "$(<"$T/screen")" 'calls; nothing new for [0-9]+ s'
	cmd=${cmd/80/40}
	script -qec "$SANDBOX --learn $FILE --force -q -- sh -c '$cmd'" \
		/dev/null >"$T/screen" </dev/null
	is screen "$(<"$T/screen")" ""
	learn --force -- sh -c "$cmd"
	hasnt stderr "$stderr" learning
}

@test "a debugger inside cannot trace, and that is said" {
	need_strace
	learn -- strace -o /dev/null /bin/true
	has stderr "$stderr" '^sandbox: a debugger or strace inside could not'
}

@test "as an ordinary user" {
	open_copy
	cd "$OPEN/tmp"
	capture as_user timeout "$LIMIT" "$OPEN/sandbox" --learn user.ini -- \
		"$OPEN/helpers/syscalls" getppid x9
	is status "$status" 0
	FILE=$OPEN/tmp/user.ini
	is hits "$(seen getppid .hits)" 9
	[ -s "$FILE" ]
	# what somebody else put there is not believed
	chown 65533 "$FILE.seen"
	cp "$FILE" "$T/before"
	capture as_user timeout "$LIMIT" "$OPEN/sandbox" --learn user.ini \
		--merge -- "$OPEN/helpers/syscalls" mkdir "$MARKER" 0755
	is status "$status" 125
	has stderr "$stderr" 'cannot read user.ini.seen: it belongs to uid 65533'
	cmp "$FILE" "$T/before"
	[ ! -e "$MARKER" ]
}

# ----------------------------------------------------------------- what stays

@test "an existing FILE, or FILE.seen alone, is not touched unasked" {
	echo mine >"$FILE"
	refused 125 'exists already: --merge .*, --force' --learn "$FILE"
	is text "$(<"$FILE")" mine
	[ ! -e "$FILE.seen" ]
	rm "$FILE"
	echo '{}' >"$FILE.seen"
	refused 125 'seen is there, of a run that was cut short: --merge' \
		--learn "$FILE"
	is seen "$(<"$FILE.seen")" '{}'
}

@test "a CMD that is not found leaves all as it was" {
	local before
	learn -- nonexistent-command
	is status "$status" 127
	is files "$(find . -name '*new.ini*')" ""
	learn -- /bin/true
	before=$(cat "$FILE" "$FILE.seen" | sha256sum)
	learn --force -- nonexistent-command
	is status "$status" 127
	is before "$(cat "$FILE" "$FILE.seen" | sha256sum)" "$before"
}

@test "a FILE that cannot be written is an error before CMD starts" {
	ln -s elsewhere link.ini
	refused 125 'link.ini is a symbolic link' --learn link.ini
	mkfifo fifo.ini
	refused 125 'fifo.ini is a FIFO' --learn fifo.ini --force
	mkdir dir.ini
	refused 125 'dir.ini is a directory or device, not' --learn dir.ini --merge
	refused 125 'cannot be written: ' --learn nonexistent/new.ini
	refused 125 'cannot be written: ' --learn /proc/new.ini
	ln -s elsewhere new.ini.seen
	refused 125 'new.ini.seen is a symbolic link' --learn new.ini --force
	is left "$(find . -name '*.ini*' -newer link.ini -type f)" ""
}

@test "an unwritable folder, as an ordinary user" {
	open_copy
	chmod 755 "$OPEN"
	capture as_user timeout "$LIMIT" "$OPEN/sandbox" --learn \
		"$OPEN/new.ini" -- touch "$OPEN/tmp/marker"
	never_started 125 "new.ini cannot be written: Permission denied"
	[ ! -e "$OPEN/tmp/marker" ]
}

@test "a full disk is an error before CMD starts" {
	# no byte goes into any file
	status=0
	stderr=$( (ulimit -f 0; sandbox --no-cache --learn "$FILE" -- \
		touch "$MARKER") 2>&1) || status=$?
	never_started 125 'new.ini.seen: File too large'
	is left "$(find . -name '*new.ini*')" ""
}

@test "a disk that fills up: FILE stays, what was learned is still there" {
	need_root
	mkdir small
	unshare -m sh -c 'mount -t tmpfs -o size=64k none small && cd small &&
		"$0" --learn f.ini -q -- /bin/true && cp f.ini ../before &&
		"$0" --learn f.ini --force -q -- \
			sh -c "dd if=/dev/zero of=fill 2>/dev/null"
		cp f.ini f.ini.seen ..' "$SANDBOX" 2>"$T/stderr"
	has stderr "$(<"$T/stderr")" 'not written|report is lost'
	diff before f.ini
	jq -e .counts f.ini.seen >/dev/null
}

@test "a lost FILE.seen is not said to hold anything" {
	mkdir sub
	FILE=sub/new.ini
	learn -- rm -r sub
	has stderr "$stderr" 'report is lost'
	has stderr "$stderr" 'policy is not written: .*No such file or directory$'
}

@test "what no policy can admit is not learned, and said" {
	[ "$(uname -m)" = x86_64 ] || skip "x32 is of x86-64"
	learn -- "$HELPERS/syscalls" 0x40000027 , 0x40000001 , 500 , 70000
	has stderr "$stderr" '^sandbox: not learned: 3 calls by x32'
	learn --force -- "$HELPERS/syscalls" 39
	hasnt stderr "$stderr" 'not learned'
}

@test "a policy of -p, or a FILE to merge with, that is wrong" {
	printf '[policy]\ndefault = nope\n' >bad.ini
	refused 125 'bad.ini:2: ' --learn "$FILE" -p ./bad.ini
	[ ! -e "$FILE" ]
	refused 125 'bad.ini:2: ' --learn bad.ini --merge
	echo '{"counts": 3}' >"$FILE.seen"
	refused 125 'new.ini.seen: ' --learn "$FILE" --merge
}

@test "a policy of -p that FILE could not include" {
	local before
	policy base.ini <<<$'[policy]\ndefault = allow'
	printf '[policy]\ninclude = base.ini\n' >outer.ini
	cp base.ini 'a;b.ini'
	before=$(cat base.ini)
	refused 125 'base.ini is one of the policies of -p' --learn base.ini \
		--force -p ./base.ini
	refused 125 'base.ini is one of the policies of -p' --learn base.ini \
		--force -p ./outer.ini
	refused 125 "no 'include' line .* can name a;b.ini" --learn "$FILE" \
		-p 'a;b.ini'
	refused 125 "no 'include' line .* can name /dev/fd" --learn "$FILE" \
		-p <(cat base.ini)
	is base "$(<base.ini)" "$before"
	[ ! -e "$FILE.seen" ]
}

@test "behind another filter nothing is learned" {
	capture sandbox --deny mkdir -- "$SANDBOX" --learn "$FILE" -- \
		touch "$MARKER"
	never_started 125 '^sandbox: 1 seccomp filter is in force already'
	[ ! -e "$FILE.seen" ]
	capture sandbox --deny mkdir -- "$SANDBOX" --deny rmdir -- "$SANDBOX" \
		--learn "$FILE" -- touch "$MARKER"
	never_started 125 '^sandbox: 2 seccomp filters are in force already'
}

@test "options that do not go together" {
	local option
	for option in -t -c -v --permissive --in-place --wait --format=json \
		'--deny=mkdir' '--allow=mkdir' '-r/dev/null' '--trace=notify'
	do
		refused 125 'of the other options only -p' --learn "$FILE" "$option"
	done
	for option in --merge --force --exact; do
		refused 125 'have no effect without --learn' --deny mkdir "$option"
	done
	refused 125 'leave one of them' --learn "$FILE" --merge --force
	refused 125 "learn takes the FILE to write" --learn
	refused 125 "learn takes the FILE to write" --learn -q
	refused 125 "learn takes the FILE to write" --learn ""
	is left "$(find . -name '*.seen')" ""
}

# ------------------------------------------------------------------- SIGKILL

@test "SIGKILL at any moment: FILE is old or whole, FILE.seen is a whole report" {
	local i pid before
	learn -q -- /bin/true
	before=$(sha256sum <"$FILE")
	for i in $(seq "${KILLS:-25}"); do
		"$SANDBOX" --learn "$FILE" --force -q -- \
			"$HELPERS/syscalls" chroot /nonexistent x3000 >/dev/null 3>&- &
		pid=$!
		sleep "0.$(printf %03d $((RANDOM % 200)))"
		kill -KILL $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		jq -e '.version == 1 and (.counts | type) == "array"' \
			"$FILE.seen" >/dev/null
		if [ "$(sha256sum <"$FILE")" != "$before" ]; then
			"$SANDBOX" show --ini "$FILE" >/dev/null
			grep -q chroot "$FILE"
			"$SANDBOX" --learn "$FILE" --force -q -- /bin/true
			is again "$(sha256sum <"$FILE")" "$before"
		fi
	done
}

@test "SIGKILL: what was learned a second before is there, and --merge takes it up" {
	local pid
	"$SANDBOX" --learn "$FILE" -q -- sh -c \
		"$HELPERS/syscalls chroot / >/dev/null; while :; do sleep 0.1; done" \
		3>&- &
	pid=$!
	PIDS+=("$pid")
	wait_for jq -e '.counts[] | select(.syscall == "chroot")' "$FILE.seen"
	kill -KILL "$pid"
	wait "$pid" || true
	[ ! -e "$FILE" ]
	is state "$(jq -r .state "$FILE.seen")" running
	refused 125 'cut short' --learn "$FILE"
	learn --merge -q -- /bin/true
	is status "$status" 0
	grep -q chroot "$FILE"
}
