#!/usr/bin/env bats
# A unit's filters in force: a booted systemd (tests/with-systemd), which loads them
# for a service, and sandbox, which has read the same unit, answer alike.

setup_file() {
	local reason status=0
	reason=$("$BATS_TEST_DIRNAME/../with-systemd" true 2>&1 3>&-) || status=$?
	if [ "$status" = 125 ]; then
		skip "$reason"
	fi
}

setup() {
	load ../common
	common_setup
	export SANDBOX HELPERS T
}
teardown() { common_teardown; }

# unit <<SETTINGS: as a service that has no new privileges, as under sandbox.
unit() {
	policy x.service <<-UNIT
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	NoNewPrivileges=yes
	StandardOutput=file:/run/answers
	$(cat)
	UNIT
}

# inside CALL ARG...: the helper as the service, then under sandbox, then free, in
# one booted system: what was answered, and the end.  A mistake that systemd finds
# in the unit is a failure.
inside() {
	# shellcheck disable=SC2016
	timeout -k 5 "$LIMIT" tests/with-systemd bash -c '
		cp "$T/x.service" /etc/systemd/system/
		echo "ExecStart=$HELPERS/syscalls $*" >>/etc/systemd/system/x.service
		systemctl daemon-reload
		systemctl start x.service 2>/dev/null
		cat /run/answers
		end=$(systemctl show -P ExecMainStatus x.service)
		[[ $(systemctl show -P ExecMainCode x.service) == [1e]* ]] ||
			end=$((128 + end)) # killed, not exited
		echo "status $end"
		echo ==
		# without the word that bash has for a kill
		{ "$SANDBOX" -p "$T/x.service" -- "$HELPERS/syscalls" "$@" 2>&4
		} 4>&2 2>/dev/null
		echo "status $?"
		echo ==
		"$HELPERS/syscalls" "$@"
		journalctl --sync
		journalctl -o cat | grep "x.service:[0-9]" >&2 || true' - "$@" \
		</dev/null 3>&-
}

# alike CALL ARG...: both give the same answers, in $output; and in how many calls
# they differ from none at all, in $DIFFER.  $WARNS: what systemd may complain of.
alike() {
	local all
	capture inside "$@"
	is "systemd's and sandbox's complaints" \
		"$(grep -Ev "${WARNS:-^$}" <<<"$stderr" || true)" ""
	is status "$status" 0
	# a number that is no failure is any number
	all=$(sed -E 's/= [0-9]+$/= some number/' <<<"$output")
	part 1 <<<"$all" >"$T/systemd"
	part 2 <<<"$all" >"$T/sandbox"
	part 3 <<<"$all" >"$T/free"
	diff -u "$T/systemd" "$T/sandbox"
	output=$(part 2 <<<"$output")
	DIFFER=$(diff "$T/sandbox" "$T/free" | grep -c '^<.*=' || true)
}

part() {
	awk -v part="$1" '/^==$/ { n++; next } n + 1 == part'
}

calls() { # N: so many calls were answered
	is calls "$(grep -c ' = ' <<<"$output")" "$1"
}

# What the helper itself needs beside the calls.
RUNS="write brk arch_prctl readlinkat readlink mprotect newfstatat fstat"

CALLS=(personality 0xffffffff , personality 8 , personality 0
	, socket 1 1 0 , socket 2 1 0 , socket 10 1 0 , socket 16 3 0 , socket 40 1 0
	, socket 0 1 0 , socket 64 1 0 , socket -1 1 0
	, fcntl 0 1 , lseek -1 0 9 , dup3 -1 4 0 , madvise 0 0 4 , getpriority 1 0
	, setns -1 0 , setns -1 0x40000000 , unshare 0 , swapon nowhere 0
	, swapoff nowhere , chroot nowhere , sethostname x -1 , umask 022
	, openat2 -1 0 0 0 , getuid , alarm 0 , sched_yield , ptrace 12345 0 0 0
	, kcmp 0 0 99 0 0 , mount 0 0 0 0 0 , umount2 nowhere 0
	, clock_settime 99 0 , settimeofday 1 0 , adjtimex 0
	, delete_module nowhere 0 , syslog 99 0 0 , setdomainname x -1
	, keyctl 99 , add_key 0 0 0 0 0 , setuid -1 , chown nowhere 0 0
	, io_setup 0 0 , timer_delete 99 , kill 0 99 , iopl 9 , reboot 0 0 0 0)

@test "an allow list with groups, '~' lines and errnos: 47 calls are answered alike" {
	unit <<-UNIT
	SystemCallFilter=$RUNS @basic-io @file-system \\
		# a comment
		@timer
	SystemCallFilter=~@mount umask lseek:EDOM kcmp:EROFS
	SystemCallFilter=@setuid @network-io @swap umount2
	SystemCallFilter=~swapon swapoff:ENOTDIR @io-event:EBUSY setuid:ENXIO
	SystemCallErrorNumber=EOPNOTSUPP
	SystemCallArchitectures=native
	UNIT
	alike "${CALLS[@]}"
	calls 47
	has "in no line" "$output" "sethostname = -1 EOPNOTSUPP"
	has "taken out again" "$output" "umask = -1 EOPNOTSUPP"
	has "taken out with an errno" "$output" "lseek = -1 EDOM"
	has "never in, with an errno" "$output" "kcmp = -1 EROFS"
	has "an errno of a later line" "$output" "swapoff = -1 ENOTDIR"
	has "put in again" "$output" "umount2 = -1 ENOENT"
	has "always allowed" "$output" "getuid = [0-9]"
	[ "$DIFFER" -ge 15 ]
}

@test "a deny list: 47 calls are answered alike" {
	unit <<-UNIT
	SystemCallFilter=~@privileged @resources getuid fcntl
	SystemCallFilter=@swap fcntl
	SystemCallFilter=~@debug:ENOTTY kcmp umask:ESRCH openat2:ENOSYS swapoff
	SystemCallErrorNumber=EHOSTDOWN
	UNIT
	alike "${CALLS[@]}"
	calls 47
	has "by a group" "$output" "chroot = -1 EHOSTDOWN"
	has "put in again" "$output" "swapon = -1 ENOENT"
	has "its own errno" "$output" "umask = -1 ESRCH"
	has "a group's errno" "$output" "ptrace = -1 ENOTTY"
	has "by name" "$output" "getuid = -1 EHOSTDOWN"
	[ "$DIFFER" -ge 10 ]
}

OTHERS="RestrictRealtime=yes
RestrictSUIDSGID=1
MemoryDenyWriteExecute=on
LockPersonality=y
ProtectClock=true
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectKernelTunables=yes
ProtectHostname=yes
PrivateDevices=t
SystemCallLog=@mount socket"

MORE=(sched_setscheduler 0 1 0 , sched_setscheduler 0 0 0 , sched_setscheduler 0 3 0
	, sched_setscheduler 0 5 0 , sched_setscheduler 0 0x40000003 0
	, sched_setscheduler 0 0x100000001 0
	, chmod nowhere 04755 , chmod nowhere 02755 , chmod nowhere 01755
	, fchmod -1 04000 , fchmod -1 0777 , fchmodat -1 nowhere 02000 0
	, fchmodat -1 nowhere 0777 0 , mkdir /nowhere/x 06755 , mkdir /nowhere/x 0755
	, mkdirat -1 x 04755 , mknod /nowhere/x 0104755 0 , mknodat -1 x 0102755 0
	, mknodat -1 x 0100755 0 , creat /nowhere/x 04755 , creat /nowhere/x 0755
	, open /nowhere/x 0100 04755 , open /nowhere/x 0 04755
	, openat -1 x 0100 02755 , openat -1 x 0100 0755 , openat -1 x 0 02755
	, mmap 0 0 6 0x22 -1 0 , mmap 0 0 2 0x22 -1 0 , mmap 0 0 4 0x22 -1 0
	, mmap 0 0 7 0x22 -1 0 , mprotect 1 0 4 , mprotect 1 0 3
	, pkey_mprotect 1 0 4 0 , pkey_mprotect 1 0 2 0
	, shmat -1 0 0100000 , shmat -1 0 0
	, clone 0x10010000 0 0 0 0 , clone 0x20010000 0 0 0 0 , clone 0x10000 0 0 0 0
	, clone3 0 0 , unshare 0x10000100 , unshare 0x04000100 , unshare 0x02000100
	, setns -1 0x10000000 , setns -1 0x20000000 , setns -1 0x04000000
	, _sysctl 0 , ioperm -1 0 0 , init_module 0 0 nowhere
	, finit_module -1 nowhere 0 , clock_adjtime 99 0)

@test "the other settings: 98 calls are answered alike" {
	unit <<-UNIT
	$OTHERS
	RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
	RestrictAddressFamilies=~AF_INET6
	RestrictNamespaces=yes
	UNIT
	alike "${CALLS[@]}" , "${MORE[@]}"
	calls 98
	has "address family" "$output" "socket = -1 EAFNOSUPPORT"
	has clone3 "$output" "clone3 = -1 ENOSYS"
	has openat2 "$output" "openat2 = -1 ENOSYS"
	[ "$DIFFER" -ge 30 ]
	hasnt "as without" "$(diff "$T/sandbox" "$T/free")" "chown"
}

@test "families and namespaces as lists, each way round: 98 calls are answered alike" {
	local families namespaces
	while read -r families namespaces; do
		unit <<-UNIT
		RestrictAddressFamilies=${families//,/ }
		RestrictNamespaces=${namespaces//,/ }
		UNIT
		alike "${CALLS[@]}" , "${MORE[@]}"
		calls 98
		[ "$DIFFER" -ge 3 ]
	done <<-'LIST'
	AF_UNIX,AF_NETLINK user,ipc
	~AF_INET,AF_VSOCK ~user,ipc
	none net,mnt,pid
	~AF_UNIX ~cgroup,uts,net,mnt
	LIST
}

@test "the other settings beside a list: what denies, and between two errnos the list's" {
	unit <<-UNIT
	$OTHERS
	RestrictAddressFamilies=none
	RestrictNamespaces=~mnt
	SystemCallFilter=~socket:EBADMSG personality @clock:EDOM openat2:EXDEV
	SystemCallFilter=~chmod:EIO syslog
	SystemCallErrorNumber=EROFS
	UNIT
	alike "${CALLS[@]}" , "${MORE[@]}"
	calls 98
	has "the list's" "$output" "socket = -1 EBADMSG"
	unit <<-UNIT
	$OTHERS
	RestrictAddressFamilies=~AF_INET
	RestrictNamespaces=uts cgroup user mnt net pid
	SystemCallFilter=@system-service
	SystemCallFilter=~@resources
	SystemCallErrorNumber=EPERM
	UNIT
	alike "${CALLS[@]}" , "${MORE[@]}"
	calls 98
}

@test "no SystemCallErrorNumber=: SIGSYS, after what was answered before" {
	unit <<-'UNIT'
	SystemCallFilter=~swapon umask:EDOM
	UNIT
	alike umask 0 , getuid , swapon nowhere 0 , getuid
	calls 2
	has status "$output" "status 159"
	unit <<-UNIT
	SystemCallFilter=$RUNS
	SystemCallFilter=~umask:EDOM getppid:kill
	SystemCallErrorNumber=EPERM
	UNIT
	alike umask 0 , getuid , swapon nowhere 0 , getppid
	calls 3
	has status "$output" "status 159"
}

@test "an ABI that is not admitted, and one that is" {
	need_i386
	unit <<-'UNIT'
	SystemCallArchitectures=native
	UNIT
	alike getuid , int80:20
	calls 1
	has status "$output" "status 159"
	unit <<-'UNIT'
	SystemCallFilter=~mkdir:EDOM
	SystemCallArchitectures=x86
	SystemCallArchitectures=native
	UNIT
	alike int80:20 , int80:39 0 0 , mkdir 0 0
	calls 3
	has "the other ABI's" "$output" "int80:39 = -1 EDOM"
}

@test "what systemd passes over changes nothing" {
	local WARNS="cannot take error number, ignoring|boolean value, ignoring"
	unit <<-UNIT
	SystemCallFilter=~kcmp umask getppid:EBUSY
	SystemCallFilter=umask:EDOM getpid:EROFS getppid:EXDEV
	SystemCallErrorNumber=EPERM
	UNIT
	alike umask 0 , getppid , getpid , kcmp 0 0 99 0 0
	has "stays denied" "$output" "umask = -1 EPERM"
	has "with its errno" "$output" "getppid = -1 EBUSY"
	unit <<-UNIT
	SystemCallFilter=$RUNS
	SystemCallFilter=umask:EROFS
	SystemCallErrorNumber=EPERM
	UNIT
	alike umask 0
	has "is not allowed" "$output" "umask = -1 EPERM"
}

@test "what later lines and odd forms do" {
	unit <<-'UNIT'
	RestrictAddressFamilies=none
	RestrictAddressFamilies=~AF_INET
	RestrictNamespaces=yes
	RestrictNamespaces=user
	RestrictRealtime=True
	RestrictRealtime=OFF
	LockPersonality=no
	LockPersonality=YES
	SyslogIdentifier=a line that ends in two \\
	ProtectHostname=yes
	# /etc/x.conf
	SystemCallFilter=
	SystemCallFilter=getpid
	SystemCallFilter=
	SystemCallFilter=~getppid \
	# a comment between
	\
		alarm
	SystemCallErrorNumber=EPERM
	SystemCallErrorNumber=
	SystemCallErrorNumber=EDOM
	SystemCallArchitectures=x86
	SystemCallArchitectures=native
	UNIT
	alike "${CALLS[@]}" , "${MORE[@]}" , getppid
	calls 99
	has "after the line that does not go on" "$output" "sethostname = -1 EPERM"
	has "the last word" "$output" "alarm = -1 EDOM"
	has "the last value" "$output" "getppid = -1 EDOM"
}

# enforced INI CALL ARG...: systemd with the drop-in that `convert` writes, and
# sandbox with the policy itself.
enforced() {
	local ini=$1
	shift
	sandbox convert --to systemd "$ini" 2>/dev/null >"$T/there.conf"
	grep -v '^\[' "$T/there.conf" | unit
	alike "$@"
	capture sandbox -p "$ini" -- "$HELPERS/syscalls" "$@" </dev/null
	is "$ini: answers" "$(sed -E 's/= [0-9]+$/= some number/' <<<"$output")" \
		"$(grep ' = ' "$T/sandbox")"
}

@test "what convert writes: systemd answers 98 calls as sandbox does under the policy" {
	policy deny.ini <<-INI
	[policy]
	default = deny
	errno = EOPNOTSUPP
	[allow]
	syscalls = $RUNS @file-system @basic-io execve exit_group rt_sigreturn
	syscalls = sched_setscheduler getuid umask alarm personality clone unshare
	socket = if family in (AF_UNIX, AF_NETLINK)
	[deny]
	syscalls = mkdir mkdirat
	umount2 = EIO
	getpriority = ENOSYS
	socket = EAFNOSUPPORT if family not in (AF_UNIX, AF_NETLINK)
	sched_setscheduler = EPERM if policy not in (SCHED_OTHER, SCHED_BATCH, SCHED_IDLE)
	[log]
	syscalls = sched_yield
	INI
	enforced "$POLICY" "${CALLS[@]}" , "${MORE[@]}"
	has "its own errno" "$output" "umount2 = -1 EIO"
	has "a family" "$output" "socket = -1 EAFNOSUPPORT"
	[ "$DIFFER" -ge 30 ]
	policy allow.ini <<-INI
	[policy]
	default = allow
	errno = EROFS
	[deny]
	syscalls = @clock @setuid
	umount2 = EIO
	personality = EPERM if personality != PER_LINUX
	clone3 = ENOSYS
	clone = EPERM if clone_flags & (CLONE_NEWUSER|CLONE_NEWNET) != 0
	unshare = EPERM if unshare_flags & (CLONE_NEWUSER|CLONE_NEWNET) != 0
	setns = EPERM if flags == 0 or flags & (CLONE_NEWUSER|CLONE_NEWNET) != 0
	INI
	enforced "$POLICY" "${CALLS[@]}" , "${MORE[@]}"
	has written "$(cat "$T/there.conf")" "RestrictNamespaces=cgroup ipc mnt pid uts"
	[ "$DIFFER" -ge 8 ]
}

@test "what convert writes takes the place of the unit's own lists" {
	policy deny.ini <<-INI
	[policy]
	default = deny
	errno = EOPNOTSUPP
	[allow]
	syscalls = $RUNS @file-system @basic-io execve exit_group rt_sigreturn
	INI
	sandbox convert --to systemd "$POLICY" 2>/dev/null >"$T/there.conf"
	unit <<-UNIT
	SystemCallFilter=~@mount
	SystemCallArchitectures=x86
	$(grep -v '^\[' "$T/there.conf")
	UNIT
	alike "${CALLS[@]}"
	calls 47
	has "in no line" "$output" "sethostname = -1 EOPNOTSUPP"
	capture sandbox -p "$POLICY" -- "$HELPERS/syscalls" "${CALLS[@]}" </dev/null
	is answers "$(sed -E 's/= [0-9]+$/= some number/' <<<"$output")" \
		"$(grep ' = ' "$T/sandbox")"
}

@test "22 real units: 98 calls are answered alike" {
	local file n=0 other='ExecStart|Type|Restart|PrivateTmp|Capabil|Descr|Wanted'
	for file in tests/fuzz/corpus/systemd/*.service; do
		# its filters alone; an errno where it kills, the same user
		unit <<-UNIT
		SystemCallErrorNumber=EUCLEAN
		$(grep -Ev "^(\$|[[#]|$other)" "$file" |
			sed 's/^DynamicUser=/RestrictSUIDSGID=/')
		UNIT
		alike "${CALLS[@]}" , "${MORE[@]}"
		calls 98
		n=$((n + 1))
	done
	is units "$n" 22
}
