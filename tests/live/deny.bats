#!/usr/bin/env bats
# What a policy denies is denied, whatever it denies, and the report says so.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# What an unsandboxed run with the same denial shows: strace's count.
strace_denials() { # strace_denials CALL CMD...
	strace -f -o "$T/strace" -e "trace=$1" -e "inject=$1:error=EPERM" \
		"${@:2}" >"$T/out" 2>"$T/err" </dev/null || true
	grep -c "^[0-9]* *$1(.*INJECTED" "$T/strace"
}

allowed_start() { # a policy in which a static helper starts; rules on stdin
	policy "$1" <<-INI
	[policy]
	default = deny
	[allow]
	syscalls = $STATIC_START
	$(cat)
	INI
}

# --------------------------------------------------------- the README's two

@test "no-write.ini: echo's output is missing, its status is its own, the report names write" {
	local wanted line
	wanted=$(strace_denials write echo hello)
	line=$(line_of "$POLICIES"/no-write.ini "syscalls = @write")
	capture sandbox -p "$POLICIES"/no-write.ini "$TRACE" -- echo hello
	is status "$status" 1
	is output "$output" ""
	has stderr "$stderr" "^ +$wanted +write +EPERM +echo\[[0-9]+\] +.*no-write\.ini:$line( |$)"

	POLICY=$POLICIES/no-write.ini
	traced echo hello
	is status "$status" 1
	is hits "$(row write .hits)" "$wanted"
	is answer "$(row write .answer)" EPERM
	is line "$(row write .rule.line)" "$line"
	has file "$(row write .rule.file)" 'no-write\.ini$'
}

@test "a denied write alone, the rule's own line" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir
	  rmdir
	write = EIO
	INI
	traced echo hello
	is status "$status" 1
	is output "$output" ""
	is answer "$(row write .answer)" EIO
	is rule "$(row write '"\(.rule.kind) \(.rule.line)"')" "rule 6"
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755 , rmdir "$MARKER"
	is rule "$(row mkdir .rule.line)" 4
	# a list's rule is where the list begins
	has rule "$(row rmdir .rule.line)" '^[45]$'
}

@test "@open denied: the dynamic loader says so, each openat is counted with its path" {
	local wanted
	wanted=$(strace_denials openat echo hello)
	policy no-open.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @open
	INI
	traced echo hello
	is status "$status" 127
	has stderr "$stderr" "Operation not permitted"
	is hits "$(row openat .hits)" "$wanted"
	is rule "$(row openat .rule.kind)" group

	# the paths, in order
	sed -n 's/^[0-9]* *openat(AT_FDCWD, "\([^"]*\)".*/\1/p' "$T/strace" \
		>"$T/wanted"
	sandbox -p "$POLICY" "$TRACE" -vv -- echo hello >"$T/out" 2>"$T/err" || true
	sed -n 's/.*denied openat(AT_FDCWD, "\([^"]*\)".*/\1/p' "$T/err" \
		>"$T/got"
	diff "$T/wanted" "$T/got"
	[ "$(wc -l <"$T/got")" = "$wanted" ]
}

# bats test_tags=once
@test "denying open alone stops nothing with today's libc" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = open
	INI
	plain cat /etc/hostname
	is status "$status" 0
}

# ------------------------------------------------------ deny everything

@test "default = deny and nothing else: /bin/true starts and is reported" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	INI
	traced /bin/true
	hasnt status "$status" '^12[56]$'
	is comm "$(json '.denied[0].first.comm')" true
	[ "$(json .totals.hits)" -gt 0 ]
	is kind "$(json '[.denied[].rule.kind] | unique | join(" ")')" default
	is line "$(json '.denied[0].rule.line')" 2
}

@test "default = deny and nothing else: a static program starts and is reported" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	INI
	traced "$HELPERS/sum"
	is comm "$(json '.denied[0].first.comm')" sum
	# the first thing that libc does, before there is a heap
	[ "$(row brk .hits)" -gt 0 ]
}

@test "default = deny and nothing else, without a tracer: the same end" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	INI
	local untraced
	plain /bin/true
	untraced=$status
	traced /bin/true
	is status "$status" "$untraced"
}

@test "default = kill and nothing else: CMD dies of SIGSYS at its first call" {
	policy p.ini <<-'INI'
	[policy]
	default = kill
	INI
	plain /bin/true
	is status "$status" 159
	traced "$HELPERS/sum"
	is status "$status" 159
	is kills "$(json '[.denied[] | select(.answer == "kill") | .hits] | add')" 1
	is signal "$(json .exit.signal)" SIGSYS
}

@test "@exec denied: sandbox starts sh, sh starts nothing" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @exec
	INI
	plain sh -c '/bin/true; echo $?'
	is status "$status" 0
	is output "$output" 126
	traced sh -c '/bin/true; echo $?'
	is output "$output" 126
	is hits "$(row execve .hits)" 1
	is answer "$(row execve .answer)" EPERM
	is line "$(row execve .rule.line)" 4
	has args "$(row execve '.first.args | join(" ")')" '"/bin/true"'
}

# -------------------------------------------------------------- the gate

@test "CMD cannot use the door through which it was started" {
	local mode
	for list in execve "@exec" "execve write exit_group"; do
		policy p.ini <<-INI
		[policy]
		default = allow
		[deny]
		syscalls = $list
		INI
		for mode in "${MODES[@]}"; do
			capture sandbox -p "$POLICY" $mode -- \
				"$HELPERS/gate" /bin/echo OPEN
			hasnt output "$output" OPEN
			# 2: a register that could hold the secret was not 0
			is "status ($list, $mode)" "$status" 0
		done
	done
}

# bats test_tags=once
@test "the door does not lead through a program started in between" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	execve = EACCES
	INI
	plain sh -c "exec '$HELPERS/gate' /bin/echo OPEN"
	is status "$status" 126
	hasnt output "$output" OPEN
}

# ---------------------------------------------------------------- errnos

@test "errno by name, by number, of the policy, 0" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	errno = EROFS
	[deny]
	syscalls = mkdir
	rmdir = ENOTEMPTY
	unlink = 13
	fsync = 0
	link = 511
	INI
	for mode in "${MODES[@]}"; do
		capture sandbox -p "$POLICY" $mode -- \
			"$HELPERS/syscalls" mkdir "$MARKER" 0755 , \
			rmdir / , unlink "$POLICY" , fsync -1 , fdatasync -1
		is status "$status" 0
		is output "$output" "$(printf '%s\n' 'mkdir = -1 EROFS' \
			'rmdir = -1 ENOTEMPTY' 'unlink = -1 EACCES' \
			'fsync = 0' 'fdatasync = -1 EBADF')"
	done
	[ ! -e "$MARKER" ]
	[ -e "$POLICY" ]
	traced "$HELPERS/syscalls" fsync -1 , unlink "$POLICY"
	is answers "$(row unlink .answer)" EACCES
	[ "$(row fsync .hits)" = 1 ]
}

# ------------------------------------------------------------ kill and log

@test "kill: CMD dies of SIGSYS, and -t names the call" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[kill]
	syscalls = mkdir
	INI
	plain "$HELPERS/syscalls" mkdir "$MARKER" 0755
	is status "$status" 159
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755
	is status "$status" 159
	killed mkdir x86_64 "rule 1"
	by_notify || is line "$(json '.denied[0].rule.line')" 4
	is signal "$(json .exit.signal)" SIGSYS
	if ! by_notify; then
		is path "$(row mkdir '.first.args[0]')" "\"$MARKER\""
	fi
	# -t alone chooses ptrace here
	capture sandbox -p "$POLICY" -t -- \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755
	has stderr "$stderr" '^ +1 +mkdir +kill +syscalls\[[0-9]+\]'
	[ ! -e "$MARKER" ]
}

@test "kill of a child: the parent sees SIGSYS and goes on" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[kill]
	syscalls = mkdir
	INI
	traced sh -c "'$HELPERS/syscalls' mkdir '$MARKER' 0755; echo \$?"
	is status "$status" 0
	is output "$output" 159
	if by_notify; then
		# the monitor is not its parent: it learns nothing
		is denied "$(json .totals.hits)" 0
		is blind "$(json .kills_unseen)" true
	else
		is row "$(row mkdir '"\(.answer) \(.hits)"')" "kill 1"
		is blind "$(json .kills_unseen)" null
	fi
	is exit "$(json .exit.code)" 0
	capture sandbox -p "$POLICY" "$TRACE" -- sh -c \
		"'$HELPERS/syscalls' mkdir '$MARKER' 0755; exit 0"
	hasnt claim "$stderr" 'no system call was denied'
	if by_notify; then
		has claim "$stderr" 'no system call was seen to be denied'
		has advice "$stderr" 'does not see calls that kill.*--trace=ptrace'
	fi
}

@test "log: the call runs and is no denial" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[log]
	syscalls = mkdir
	INI
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755
	is output "$output" "mkdir = 0"
	[ -d "$MARKER" ]
	is hits "$(json .totals.hits)" 0
}

# -------------------------------------------------------------- new calls

@test "unmentioned calls newer than the policy answer ENOSYS, others the default" {
	allowed_start p.ini </dev/null
	traced "$HELPERS/syscalls" openat 0 0 , 437 , 436 , 9999 , 462
	is output "$output" "$(printf '%s\n' 'openat = -1 EPERM' \
		'437 = -1 ENOSYS' '436 = -1 ENOSYS' '9999 = -1 ENOSYS' \
		'462 = -1 ENOSYS')"
	is openat "$(row openat '"\(.answer) \(.rule.kind)"')" "EPERM default"
	is openat2 "$(row openat2 '"\(.answer) \(.rule.kind)"')" "ENOSYS new"
	is close_range "$(row close_range '"\(.answer) \(.rule.kind)"')" \
		"ENOSYS new"
}

# bats test_tags=once
@test "kernel = 5.6 knows openat2 and no close_range, though its number is lower" {
	policy p.ini <<-INI
	[policy]
	default = deny
	kernel = 5.6
	[allow]
	syscalls = $STATIC_START
	INI
	plain "$HELPERS/syscalls" 437 , 436
	is output "$output" "$(printf '437 = -1 EPERM\n436 = -1 ENOSYS')"
}

# bats test_tags=once
@test "a new call that a rule or group mentions is not new" {
	allowed_start p.ini <<-'INI'
	[deny]
	syscalls = @open
	436 = EACCES
	INI
	plain "$HELPERS/syscalls" 437 , 436
	is output "$output" "$(printf '437 = -1 EPERM\n436 = -1 EACCES')"
}

# bats test_tags=once
@test "under default = kill new calls answer ENOSYS too" {
	policy p.ini <<-INI
	[policy]
	default = kill
	[allow]
	syscalls = $STATIC_START
	INI
	plain "$HELPERS/syscalls" 437
	is output "$output" "437 = -1 ENOSYS"
	plain "$HELPERS/syscalls" getppid
	is status "$status" 159
}

# bats test_tags=once
@test "under default = allow new calls run" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	INI
	plain "$HELPERS/syscalls" 437
	is output "$output" "437 = -1 EINVAL"
}

@test "the same as an ordinary user" {
	open_copy
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir @exec
	INI
	cp "$POLICY" "$OPEN/p.ini"
	chmod 0644 "$OPEN/p.ini"
	for mode in "${MODES[@]}"; do
		capture as_user timeout "$LIMIT" \
			"$OPEN/sandbox" -p "$OPEN/p.ini" $mode -- \
			"$OPEN/helpers/syscalls" mkdir "$OPEN/tmp/d" 0755 , \
			execve /bin/true
		is output "$output" \
			"$(printf 'mkdir = -1 EPERM\nexecve = -1 EPERM')"
	done
	has stderr "$stderr" '^ +1 +mkdir +EPERM +syscalls\['
	[ ! -e "$OPEN/tmp/d" ]
}
