#!/usr/bin/env bats
# sandbox convert --to systemd: the drop-in has the same effect, or it is said
# what has not.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# to_unit FILE [OPTION...]: a drop-in in $UNIT.
to_unit() {
	UNIT=$T/there.conf
	rm -f "$UNIT"
	capture sandbox convert --to systemd -o "$UNIT" "${@:2}" "$1"
}

# differences A B: without the calls that libseccomp does not know, which are in
# the last message of to_unit.
differences() {
	local unknown
	unknown=$(sed -n 's/.*does not know some calls.*there: //p' <<<"$stderr")
	sandbox diff --format json "$1" "$2" 2>/dev/null |
		jq -c --arg unknown "$unknown" '.differences[] |
			select(.what | split(" ")[0] | IN($unknown | split(" ")[])
				| not) | {what, a, b}'
}

there_and_back() {
	to_unit "$@"
	is "$1: status" "$status" 0
	is "$1: differences" "$(differences "$1" "$UNIT")" ""
}

@test "policies without conditions: there and back, both senses, errnos, kills, logs" {
	policy deny.ini <<-'INI'
	[policy]
	default = deny
	errno = EACCES
	kernel = 6.6
	architectures = x86_64 x86
	[allow]
	syscalls = @system-service
	[log]
	mkdir = always
	[deny]
	setpriority = EIO
	kcmp = EACCES
	clock_gettime = EACCES
	uname = ENOSYS
	[kill]
	syscalls = @swap
	INI
	there_and_back "$POLICY"
	has first "$(sed -n 2,4p "$UNIT")" "SystemCallArchitectures=x86-64 x86"
	has errno "$(cat "$UNIT")" "SystemCallErrorNumber=EACCES"
	has own "$(cat "$UNIT")" "setpriority:EIO"
	has kill "$(cat "$UNIT")" "swapon:kill"
	has taken "$(cat "$UNIT")" "^SystemCallFilter=~clock_gettime "
	has taken "$(cat "$UNIT")" "SystemCallFilter=~.*uname:ENOSYS"
	has log "$(cat "$UNIT")" "SystemCallLog=mkdir$"
	policy allow.ini <<-'INI'
	[policy]
	default = allow
	errno = EACCES
	[deny]
	syscalls = mount umount2
	mkdir = EIO
	[kill]
	syscalls = @swap
	INI
	there_and_back "$POLICY"
	hasnt lists "$(cat "$UNIT")" "SystemCallFilter=[^~]"
	policy kill.ini <<-'INI'
	[policy]
	default = kill
	kernel = 7.9
	[allow]
	syscalls = @system-service
	INI
	there_and_back "$POLICY"
	has errno "$(cat "$UNIT")" "SystemCallErrorNumber=$"
	policy log.ini <<-'INI'
	[policy]
	default = log
	[allow]
	syscalls = read write
	[deny]
	mkdir = EPERM
	INI
	there_and_back "$POLICY"
	has log "$(cat "$UNIT")" "SystemCallLog=~.*read .*write"
	policy log-all.ini <<-'INI'
	[policy]
	default = log
	INI
	there_and_back "$POLICY"
	has log "$(cat "$UNIT")" "SystemCallLog=~$"
}

@test "what settings ask of arguments goes there and back" {
	local unit settings=(
		"RestrictAddressFamilies=AF_UNIX AF_INET"
		"RestrictAddressFamilies=~AF_PACKET"
		RestrictAddressFamilies=none
		RestrictNamespaces=yes
		"RestrictNamespaces=user net"
		"RestrictNamespaces=~user"
		RestrictRealtime=yes RestrictSUIDSGID=yes LockPersonality=yes)
	for unit in "${settings[@]}"; do
		printf '[Service]\n%s\nSystemCallArchitectures=native\n' "$unit" \
			>"$T/a.service"
		there_and_back "$T/a.service"
		has "$unit" "$(cat "$UNIT")" "^${unit%%=*}="
	done
	printf '%s\n' '[Service]' "${settings[0]}" "${settings[@]:5}" \
		SystemCallFilter=@system-service \
		SystemCallFilter=~@privileged SystemCallErrorNumber=EPERM \
		SystemCallArchitectures=native >"$T/a.service"
	there_and_back "$T/a.service"
	is settings "$(grep -c '^[LMR].*=.' "$UNIT")" 5
	# another thing under newer systemd than under this one
	printf '[Service]\nMemoryDenyWriteExecute=yes\n' >"$T/a.service"
	to_unit "$T/a.service"
	is status "$status" 2
	has mprotect "$stderr" "a.service:2: mprotect: a unit cannot say"
}

@test "as a drop-in it takes the place of the unit's own lists" {
	local own default
	for default in kill deny; do
		policy a.ini <<-INI
		[policy]
		default = $default
		kernel = 7.9
		[allow]
		syscalls = @default execve read write
		[deny]
		socket = EAFNOSUPPORT if family not in (AF_UNIX, AF_INET)
		clone3 = ENOSYS
		clone = EPERM if clone_flags & 0x7e020000 != 0
		unshare = EPERM if unshare_flags & 0x7e020000 != 0
		setns = EPERM
		[allow]
		syscalls = socket clone unshare
		INI
		to_unit "$POLICY"
		is status "$status" 0
		while read -r own; do
			printf '%b\n' "[Service]\n$own" | cat - "$UNIT" \
				>"$T/whole.service"
			is "$own" "$(differences "$POLICY" "$T/whole.service")" ""
		done <<-'OWN'
		SystemCallFilter=~@mount\nSystemCallErrorNumber=EROFS
		SystemCallFilter=@system-service
		SystemCallErrorNumber=EROFS
		SystemCallArchitectures=x86
		RestrictAddressFamilies=AF_PACKET
		RestrictAddressFamilies=~AF_UNIX
		RestrictNamespaces=user
		RestrictNamespaces=~user
		SystemCallLog=read
		OWN
	done
}

@test "what a unit cannot say is listed with its line, and nothing is written" {
	policy a.ini <<-'INI'
	[policy]
	default = deny
	foreign = deny
	quiet = mkdir
	[allow]
	syscalls = execve read write 900
	pwrite64 = only if count > 3
	INI
	to_unit "$POLICY"
	is status "$status" 2
	[ ! -e "$UNIT" ]
	has raw "$stderr" "a.ini:6: .*900: a unit cannot say 'allow', only 'deny"
	has pwrite64 "$stderr" "a.ini:7: pwrite64: a unit cannot say 'allow if count > 3, else deny EPERM', only 'deny EPERM'"
	has foreign "$stderr" "a.ini: foreign ABIs: a unit cannot say 'deny EPERM', only 'kill'"
	has quiet "$stderr" "note: 'quiet' is lost"
	to_unit "$POLICY" --lossy=strict
	is status "$status" 0
	has pwrite64 "$stderr" "a.ini:7: note: pwrite64: .* becomes 'deny EPERM'"
	capture sandbox explain "$UNIT" 'pwrite64(5, 0, 99)'
	has strict "$output" "deny EPERM"
	to_unit "$POLICY" --lossy=loose
	is status "$status" 2
	has pwrite64 "$stderr" "note: pwrite64: .* becomes 'allow'"
	has raw "$stderr" "900: a unit cannot say 'allow', only 'deny"
	[ ! -e "$UNIT" ]
	to_unit policies/no-exec.ini
	is status "$status" 2
	has execve "$stderr" "does not allow execve whatever its arguments"
}

@test "a condition on a call that libseccomp does not know is not lost in silence" {
	local call=mseal
	policy a.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = execve read write mseal
	INI
	to_unit "$POLICY"
	grep -q "does not know some calls.* $call" <<<"$stderr" ||
		skip "this libseccomp knows $call"
	policy a.ini <<-INI
	[policy]
	default = allow
	[deny]
	$call = EPERM if arg0 == 1
	INI
	to_unit "$POLICY" --lossy=loose
	is status "$status" 0
	has loose "$stderr" "a.ini:4: note: $call: '.*' becomes 'allow'"
	policy a.ini <<-INI
	[policy]
	default = deny
	kernel = 7.9
	[allow]
	syscalls = execve read write
	$call = if arg0 == 1
	INI
	to_unit "$POLICY"
	is status "$status" 2
	has strict "$stderr" "a.ini:6: $call: a unit cannot say '.*', only 'deny"
}

@test "the name of a policy adds no line to the unit" {
	policy $'a\n[Service]\nExecStartPre=+evil \n#.ini' <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = execve read write
	INI
	to_unit "$POLICY"
	is status "$status" 0
	hasnt lines "$(cat "$UNIT")" "^(ExecStartPre|#\\.ini)"
	is headings "$(grep -c '^\[' "$UNIT")" 1
}

@test "write cannot be denied: systemd allows it behind the filter" {
	local rules
	for rules in 'default = deny\n[allow]\nsyscalls = execve read' \
		'default = allow\n[deny]\nwrite = EPERM' \
		'default = deny\n[allow]\nsyscalls = execve\nwrite = if fd == 1'; do
		policy a.ini < <(printf '[policy]\n%b\n' "$rules")
		to_unit "$POLICY"
		is status "$status" 2
		has write "$stderr" "write: a unit cannot say '.*', only 'allow'"
		to_unit "$POLICY" --lossy=strict
		is status "$status" 2
		[ ! -e "$UNIT" ]
	done
	# no list, so no filter that it is added to
	policy a.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	clone3 = ENOSYS
	clone = EPERM if clone_flags & 0x7e020000 != 0
	unshare = EPERM if unshare_flags & 0x7e020000 != 0
	setns = EPERM
	INI
	there_and_back "$POLICY"
}

@test "a setting that systemd leaves out for i386 is not written where that is admitted" {
	local rule
	while read -r rule; do
		policy a.ini <<-INI
		[policy]
		default = allow
		architectures = x86_64 x86
		[deny]
		$(printf '%b' "$rule")
		INI
		to_unit "$POLICY"
		is "$rule" "$status" 2
		[ ! -e "$UNIT" ]
		to_unit "$POLICY" --lossy=strict
		is status "$status" 0
		hasnt settings "$(cat "$UNIT")" "^(RestrictA|MemoryD)"
	done <<-'RULES'
	socket = EAFNOSUPPORT if family == AF_INET
	socket = EAFNOSUPPORT if family != AF_UNIX
	shmat = EPERM if shmflg & SHM_EXEC != 0
	RULES
	# all of a setting's
	printf '%s\n' '[Service]' MemoryDenyWriteExecute=yes RestrictNamespaces=yes \
		'SystemCallArchitectures=native x86' >"$T/a.service"
	to_unit "$T/a.service" --lossy=strict
	is status "$status" 0
	has list "$(cat "$UNIT")" "SystemCallFilter=~.*mprotect"
	hasnt settings "$(cat "$UNIT")" "^MemoryD"
	has namespaces "$(cat "$UNIT")" "^RestrictNamespaces=yes"
}

@test "a setting is not written if it denies what the policy allows" {
	policy a.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	unshare = EPERM if unshare_flags & CLONE_NEWUSER != 0
	INI
	to_unit "$POLICY"
	is status "$status" 2
	has unshare "$stderr" "a.ini:4: unshare: a unit cannot say"
	to_unit "$POLICY" --lossy=strict
	is status "$status" 0
	hasnt settings "$(cat "$UNIT")" "RestrictNamespaces"
	has list "$(cat "$UNIT")" "SystemCallFilter=~unshare$"
}
