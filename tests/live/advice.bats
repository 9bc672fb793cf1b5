#!/usr/bin/env bats
# What the report says to write: whole, and nothing that undoes the policy.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# advised PATTERN: the lines of the report that match.
advised() {
	grep -E "$1" <<<"$stderr"
}

@test "what is to be pasted is never cut" {
	policy p.ini <<-INI
	[policy]
	default = deny
	[allow]
	syscalls = $STATIC_START
	INI
	# thirty harmless calls
	local calls=() name names="getpid getppid getuid getgid geteuid getegid
		getpgrp gettid getsid umask alarm setsid sched_yield
		munlockall mlockall getpriority nanosleep times epoll_create
		dup fsync fdatasync fchdir close inotify_init eventfd
		timer_delete sync inotify_init1 epoll_create1"
	for name in $names; do
		calls+=("$name" 0 ,)
	done
	capture sandbox -p "$POLICY" "$TRACE" -- \
		"$HELPERS/syscalls" "${calls[@]}" getcwd 0
	line=$(advised '^To allow them, add under \[allow\]')
	for name in $names getcwd; do
		has line "$line" " $name( |\$)"
	done
	hasnt line "$line" "more"
	# in one line, and nothing else in it
	has line "$line" ':  syscalls = [a-z0-9_ ]+$'
	[ "$(wc -w <<<"${line##*=}")" -gt 30 ]
}

@test "a file whose name ends like another's is named beside it" {
	policy "x, a.ini" <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = EPERM
	INI
	policy a.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	rmdir = EPERM
	INI
	cd "$T"
	capture sandbox -p './x, a.ini' -p ./a.ini "$TRACE" -- \
		"$HELPERS/syscalls" mkdir 0 0 , rmdir 0
	has stderr "$stderr" 'change x, a\.ini:4, a\.ini:4, or add an outer layer'
}

@test "processes beyond those with names are not passed over" {
	capture sandbox --deny getppid "$TRACE" -r "$REPORT" -- \
		"$HELPERS/crowd" in-turn 200 1 110
	report=$(<"$REPORT")
	has row "$report" '^ +200 +getppid +EPERM +crowd\[[0-9]+\] \+127 and others '
	has members "$report" ', \+122 more, and others 72$'
	capture sandbox --deny getppid "$TRACE" -r "$REPORT" -- \
		"$HELPERS/crowd" in-turn 100 1 110
	has row "$(<"$REPORT")" '^ +100 +getppid +EPERM +crowd\[[0-9]+\] \+99  '
}

# bats test_tags=once
@test "-c: calls beyond the rows are in the sum" {
	command -v python3 >/dev/null || skip "python3 is not installed"
	cat >"$T/many.py" <<-'PY'
	import ctypes
	libc = ctypes.CDLL(None)
	for nr in range(20000, 25000):
	    libc.syscall(nr)
	PY
	capture sandbox -c -r "$REPORT" -- python3 "$T/many.py"
	report=$(<"$REPORT")
	has head "$report" '^sandbox: 4096 and more system calls made'
	others=$(sed -n 's/^ *\([0-9]*\)  others$/\1/p' <<<"$report")
	[ "$others" -gt 900 ]
	is sum "$(sed -n 's/^ *\([0-9]*\)  total$/\1/p' <<<"$report")" \
		"$(awk '$2 != "total" && NF == 2 && $1 ~ /^[0-9]+$/ {
			sum += $1 } END { print sum }' <<<"$report")"
	capture sandbox -c -r "$REPORT" --format=json -- python3 "$T/many.py"
	[ "$(json .totals.more_counts)" -gt 900 ]
}

# ------------------------------------------------------------------ no holes

# A policy that closes namespaces, and lets libc make its threads by clone.
closed_namespaces() {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	include = policies/include/no-detours.ini
	[deny]
	syscalls = unshare setns
	clone3   = ENOSYS
	clone    = if clone_flags & CLONE_NEWUSER != 0
	INI
}

@test "an ENOSYS that libc goes on from is nothing to open" {
	closed_namespaces
	traced "$HELPERS/syscalls" clone3 0 0
	is clone3 "$(row clone3 .answer)" ENOSYS
	is "what to write" "$(row clone3 .allow_with)" null
	capture sandbox -p "$POLICY" "$TRACE" -- "$HELPERS/syscalls" clone3 0 0
	has stderr "$stderr" '^Nothing to do for clone3: after ENOSYS libc falls back to clone$'
	hasnt stderr "$stderr" 'To allow|--allow'
}

@test "a denial that holds others is not proposed to be undone" {
	closed_namespaces
	sed -i 's/ENOSYS/EPERM/' "$POLICY"
	capture sandbox -p "$POLICY" "$TRACE" -- "$HELPERS/syscalls" clone3 0 0
	has stderr "$stderr" '^No proposal for clone3, since allowing it would be a hole: p\.ini:6 denies other calls that do the same\.  Allow all of them or none$'
	hasnt stderr "$stderr" 'To allow|--allow'
	traced "$HELPERS/syscalls" clone3 0 0
	is "what to write" "$(row clone3 .allow_with)" null
}

@test "what reaches other processes is not proposed, the rest is" {
	policy p.ini <<-INI
	[policy]
	default = deny
	[allow]
	syscalls = $STATIC_START
	INI
	capture sandbox -p "$POLICY" "$TRACE" -- "$HELPERS/syscalls" \
		ptrace 99 0 , getppid , ioctl 1 0x5401 0
	has stderr "$stderr" '^To allow them, add under \[allow\]:  syscalls = getppid$'
	has stderr "$stderr" '^No proposal for ptrace, since allowing it would be a hole: ptrace is allowed: it can control '
	has stderr "$stderr" '^To allow ioctl as it was used, add under \[allow\]:  ioctl = if cmd in \(.*TCGETS.*\)$'
	capture sandbox -p "$POLICY" "$TRACE" -- "$HELPERS/syscalls" \
		ioctl 1 0x5401 0 , ioctl 1 0x5412 0
	has stderr "$stderr" '^To allow ioctl without a hole, add under \[allow\]:  ioctl = if cmd in \(.*TCGETS.*\)$'
	hasnt stderr "$stderr" 'cmd .*TIOCSTI'
}

@test "what opens a power stands in a line of its own, and no other" {
	policy p.ini <<-INI
	[policy]
	default = deny
	[allow]
	syscalls = $STATIC_START
	INI
	capture sandbox -p "$POLICY" "$TRACE" -- "$HELPERS/syscalls" \
		getppid , mkdir /nothing 0 , rmdir /nothing , kill 0 0 , \
		openat 0 0 0 , socket 1 1 0
	has harmless "$stderr" '^To allow them, add under \[allow\]:  syscalls = getppid$'
	has files "$stderr" '^To allow them \(opens: writing or changing files\), add under \[allow\]:  syscalls = mkdir rmdir$'
	has kill "$stderr" '^To allow them \(opens: signalling, reading or changing other processes\), add under \[allow\]:  syscalls = kill$'
	# not more than was used, of all hits
	has openat "$stderr" '^To allow openat as it was used, add under \[allow\]:  openat = if flags & O_WRITES == 0$'
	has socket "$stderr" '^To allow socket as it was used \(opens: making UNIX sockets\), add under \[allow\]:  socket = if family == AF_UNIX$'
	# of two calls that open files both or none are held to reading
	capture sandbox -p "$POLICY" "$TRACE" -- "$HELPERS/syscalls" \
		openat 0 0 0 , openat 0 0 1 , open 0 0 0
	has files "$stderr" '^To allow them \(opens: writing or changing files\), add under \[allow\]:  syscalls = openat open$'
	hasnt hole "$stderr" 'hole'
	traced "$HELPERS/syscalls" getppid , mkdir /nothing 0 , openat 0 0 0
	is "opens nothing" "$(row getppid '.power | length')" 0
	is opens "$(row mkdir '.power | join(" ")')" write-files
	is part "$(row openat .allow_with)" 'openat = if flags & O_WRITES == 0'
	is "opens nothing" "$(row openat '.power | length')" 0
	# on the command line there is no place for a condition
	capture sandbox --allow "${STATIC_START// /,}" "$TRACE" -- \
		"$HELPERS/syscalls" getppid , openat 0 0 0
	has option "$stderr" '^To allow them \(opens: writing or changing files\):  --allow openat$'
	has option "$stderr" '^To allow them:  --allow getppid$'
}

# bats test_tags=once
@test "what is proposed, once written, is no hole" {
	local policy lines
	policy first.ini <<-'INI'
	[policy]
	default = deny
	INI
	capture sandbox -p "$POLICY" --permissive -- sh -c 'ls -l / | sort'
	{
		cat "$POLICY"
		echo '[allow]'
		sed -n 's/^To allow.*add under \[allow\]:  //p' <<<"$stderr"
	} >"$T/second.ini"
	chmod 0644 "$T/second.ini"
	[ "$(grep -c = "$T/second.ini")" -ge 5 ]
	capture sandbox check "$T/second.ini"
	is holes "$status:$output" "0:$T/second.ini: clean"
	capture sandbox -p "$T/second.ini" -t -- sh -c 'ls -l / | sort'
	has second "$stderr" '^sandbox: no system call was denied'
}

# ------------------------------------------------------------------- 40 columns

# plainly: what a terminal of 40 columns shows, without colours
plainly() {
	: >"$T/dialogue"
	NO_COLOR=1 COLUMNS=40 capture "$HELPERS/pty" "$T/dialogue" "$@"
	output=${output//$'\r'/}
}

# narrow FROM TO: those lines of the output have at most 40 columns.
narrow() {
	local long
	long=$(sed -n "$1,$2p" <<<"$output" | grep -E '.{41}' || true)
	is "too long" "$long" ""
}

@test "40 columns: the table is set in lines, nothing of it is cut" {
	plainly "$SANDBOX" --deny munlockall,open "$TRACE" -- sh -c "
		'$HELPERS/syscalls' munlockall >/dev/null
		'$HELPERS/syscalls' munlockall , open /a/path/that/is/long 0x80041 0644 >/dev/null"
	is "too long" "$(grep '^ ' <<<"$output" | grep -E '.{41}' || true)" ""
	local flat
	flat=$(tr -s ' \n' ' ' <<<"$output")
	has rows "$flat" ' 2 munlockall EPERM by syscalls\[[0-9]+\] \+1, command line '
	has first "$flat" 'open\("/a/path/that/is/long", O_WRONLY\|O_CREAT\|O_CLOEXEC, 0644\)'
	# what is to be pasted stays in one line
	has advice "$output" '^To allow them, leave them out of --deny:  munlockall$'
	has advice "$output" '^To allow them \(opens: writing or changing files\), leave them out of --deny:  open$'
}

# bats test_tags=once
@test "40 columns: --help, groups" {
	plainly "$SANDBOX" --help
	narrow '/^  -p/' '/^  -V/'
	narrow '/^Exit status/' '$'
	has help "$output" '^  -r, --report FILE$'
	plainly "$SANDBOX" groups @clock
	narrow 1 '$'
	# no terminal: as wide as it is
	COLUMNS=40 capture sandbox --help
	has help "$output" '^      --permissive        let denied calls through, and report them; implies -t$'
}

# bats test_tags=once
@test "what two runs propose is a policy, one after the other" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = @runtime @default @basic-io
	INI
	for round in "cat $POLICY" "echo hello >$T/out"; do
		sandbox -p "$POLICY" --permissive -r "$REPORT" --format=json -- \
			sh -c "$round" >/dev/null
		jq -r '.denied[].allow_with // empty' "$REPORT" >>"$POLICY"
	done
	has first "$(cat "$POLICY")" '^openat = if flags & O_WRITES == 0$'
	has second "$(cat "$POLICY")" '^openat = if flags & O_WRITES != 0$'
	capture sandbox -p "$POLICY" -t -- sh -c "echo hello >$T/out"
	is status "$status" 0
	has stderr "$stderr" 'no system call was denied'
}
