#!/usr/bin/env bats
# systemd's units as policies: what of them is read, and how it is told.

setup() {
	load ../common
	common_setup
	# The settings of Debian's units that filter calls, and others after such.
	UNITS=$ROOT/tests/fuzz/corpus/systemd
}
teardown() { common_teardown; }

# unit <<SETTINGS: a service with these, in $UNIT.
unit() {
	policy x.service <<-UNIT
	[Service]
	$(cat)
	UNIT
	UNIT=$POLICY
}

# same <<INI: the unit means what the INI does, on x86-64.
same() {
	policy same.ini
	capture sandbox diff --abi x86_64 "$UNIT" "$POLICY"
	is "difference" "$output" ""
	is status "$status" 0
}

@test "20 real units: checked, shown, explained, and the INI of convert is equal" {
	local unit n=0
	for unit in "$UNITS"/*.service; do
		capture sandbox check "$unit"
		[ "$status" -le 1 ]
		hasnt "$unit: check" "$stderr" "no system call|line 0|:0:"
		capture sandbox show "$unit"
		is "$unit: show's status" "$status" 0
		capture sandbox explain "$unit" 'socket(AF_INET, _)'
		is "$unit: explain's status" "$status" 0
		capture sandbox convert --from systemd --to ini -o "$T/x.ini" "$unit"
		is "$unit: convert's status" "$status" 0
		capture sandbox diff "$unit" "$T/x.ini"
		is "$unit: difference" "$output" ""
		is "$unit: diff's status" "$status" 0
		n=$((n + 1))
	done
	[ "$n" -ge 20 ]
}

# What systemd itself says of the calls that a unit's list names: "allow CALL" or
# "deny CALL" after the last line that names it, with its groups as they are here.
by_systemd() {
	awk '
	FNR == NR { # "@group", then its members
		if (/^@/)
			group = $1
		else if (/^    [a-z_@]/)
			members[group] = members[group] " " $1
		next
	}
	function name(word, listed,    list, n, i) {
		sub(/:.*/, "", word)
		if (word !~ /^@/) {
			answers[word] = listed
			return
		}
		n = split(members[word], list, " ")
		for (i = 1; i <= n; i++)
			name(list[i], listed)
	}
	/\\$/ { sub(/\\$/, " "); line = line $0; next }
	{ $0 = line $0; line = "" }
	sub(/^SystemCallFilter=/, "") {
		good = !sub(/^~/, "")
		if (good && !is_set)
			name("@default", "allow")
		is_set = 1
		for (i = 1; i <= NF; i++)
			name($i, good ? "allow" : "deny")
	}
	END { for (call in answers) print answers[call], call }' \
		"$T/groups" "$1" | sort
}

# The same by sandbox, of its list alone.
by_sandbox() {
	{
		echo "[Service]"
		sed -n '/^SystemCallFilter=/{:more /\\$/{p;n;bmore};p}' "$1"
		echo SystemCallErrorNumber=EXDEV
	} >"$T/list.service"
	sandbox show --abi x86_64 --format json "$T/list.service" |
		jq -r '.abis[0] | .unnamed.action as $default |
		(.calls[] | "\(.cases[-1].action) \(.syscall)"), $default' |
		sort
}

@test "20 real units: each call of a group is answered as systemd's list says" {
	local unit n=0 calls=0 default
	command -v systemd-analyze >/dev/null || skip "systemd is not installed"
	systemd-analyze syscall-filter 2>/dev/null |
		sed 's/\x1b\[[0-9;]*m//g' >"$T/groups"
	[ "$(grep -c '^@' "$T/groups")" -gt 20 ]
	sandbox groups @known --format json |
		jq -r '.calls[] | select(.numbers.x86_64).syscall' >"$T/known"
	for unit in "$UNITS"/*.service /lib/systemd/system/*.service; do
		grep -q '^SystemCallFilter=' "$unit" 2>/dev/null || continue
		by_systemd "$unit" >"$T/systemd"
		by_sandbox "$unit" >"$T/sandbox"
		default=$(grep -v ' ' "$T/sandbox")
		# what the list does not have is answered by default
		awk -v usual="$default" '
		FILENAME ~ /known$/ { known[$1]; next }
		FILENAME ~ /sandbox$/ { answers[$2] = $1; next }
		$2 in known {
			is = $2 in answers ? answers[$2] : usual
			if (is != $1)
				print $2 " is " is ", by systemd " $1
		}' "$T/known" "$T/sandbox" "$T/systemd" >"$T/different"
		is "$unit" "$(cat "$T/different")" ""
		calls=$((calls + $(wc -l <"$T/systemd")))
		n=$((n + 1))
	done
	[ "$n" -ge 15 ]
	[ "$calls" -ge 3000 ]
}

@test "an empty assignment resets a list, and later lines begin anew" {
	unit <<-'UNIT'
	SystemCallFilter=mkdir rmdir
	SystemCallFilter=
	SystemCallFilter=~kcmp
	SystemCallFilter=
	SystemCallFilter=~mkdir kexec_load:ENOSYS
	SystemCallErrorNumber=EROFS
	SystemCallErrorNumber=
	SystemCallErrorNumber=EBUSY
	SystemCallArchitectures=x86
	SystemCallArchitectures=
	SystemCallArchitectures=native
	SystemCallLog=@mount
	SystemCallLog=
	SystemCallLog=chroot
	RestrictAddressFamilies=none
	RestrictAddressFamilies=
	RestrictAddressFamilies=~AF_VSOCK
	RestrictNamespaces=yes
	RestrictNamespaces=
	RestrictNamespaces=~uts
	UNIT
	same <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = EBUSY
	kexec_load = ENOSYS
	socket = EAFNOSUPPORT if family == AF_VSOCK
	clone3 = ENOSYS
	clone = EPERM if clone_flags & CLONE_NEWUTS != 0
	unshare = EPERM if unshare_flags & CLONE_NEWUTS != 0
	setns = EPERM if flags == 0 or flags & CLONE_NEWUTS != 0
	[log]
	chroot = always
	INI
	# of a boolean it is none: systemd keeps what was before
	unit <<<$'LockPersonality=yes\nLockPersonality='
	capture sandbox check "$UNIT"
	has boolean "$stderr" "x.service:3: LockPersonality= is yes or no, not ''"
}

@test "a list that is empty at last lets the other settings deny with the same errno" {
	unit <<-'UNIT'
	SystemCallFilter=@system-service
	SystemCallErrorNumber=EPERM
	SystemCallArchitectures=native
	ProtectKernelModules=yes
	RestrictNamespaces=yes
	SystemCallFilter=
	UNIT
	same <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @module setns
	clone3 = ENOSYS
	clone = EPERM if clone_flags & 0x7e020000 != 0
	unshare = EPERM if unshare_flags & 0x7e020000 != 0
	INI
}

@test "what systemctl cat prints: a unit and its drop-ins" {
	policy cat.txt <<-'UNIT'
	# /lib/systemd/system/x.service
	# (its [Service] is below)
	[Unit]
	SystemCallFilter=~read
	[Service]
	SystemCallFilter=~mkdir rmdir
	[Install]
	LockPersonality=yes

	# /etc/systemd/system/x.service.d/10.conf
	[Service]
	SystemCallFilter=rmdir
	SystemCallErrorNumber=EROFS
	SystemCallArchitectures=native
	UNIT
	UNIT=$POLICY
	same <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = EROFS
	INI
}

@test "names that nobody knows: a note where they are allowed, a mistake where denied" {
	unit <<<"SystemCallFilter=@system-service not_a_call @not-a-group
SystemCallArchitectures=native x32 mips64"
	capture sandbox show "$UNIT"
	is status "$status" 0
	has call "$stderr" "x.service:2: note: not_a_call is neither a system call nor a group here"
	has group "$stderr" "x.service:2: note: @not-a-group is neither"
	has ABI "$stderr" "x.service:3: note: x32 cannot be admitted: its calls meet 'foreign'"
	has ABI "$stderr" "x.service:3: note: mips64 cannot"
	# told by what looks at it, not when it runs
	capture sandbox -p "$UNIT" -- true
	is status "$status" 0
	is stderr "$stderr" ""
	unit <<<"SystemCallFilter=~@mount not_a_call"
	capture sandbox check "$UNIT"
	is status "$status" 2
	has denied "$stderr" "x.service:2: not_a_call is neither a system call nor a group, so it cannot be denied"
	refused 125 "x.service:2: not_a_call" -p "$UNIT"
	unit <<<"SystemCallFilter=~@mout swapom"
	capture sandbox check "$UNIT"
	has group "$stderr" "@mout .*did you mean @mount\\?"
	has call "$stderr" "swapom .*did you mean swapon\\?"
	# the log is not a denial
	unit <<<"SystemCallLog=~not_a_call"
	capture sandbox check "$UNIT"
	[ "$status" -lt 2 ]
}

@test "a report names the line of the setting, in text and JSON" {
	unit <<-'UNIT'
	ExecStart=/bin/true \
		a
	SystemCallFilter=~swapon \
		# beside it
		mkdir mkdirat
	SystemCallErrorNumber=EROFS
	UNIT
	capture sandbox -p "$UNIT" -t -- mkdir "$MARKER"
	has text "$stderr" "mkdir +EROFS .*x.service:4( |$)"
	hasnt "what amend refuses" "$stderr" "sandbox amend"
	sandbox -p "$UNIT" -r "$REPORT" --format json -- mkdir "$MARKER" \
		2>/dev/null || true
	is JSON "$(jq -c '.denied[0].rule.line' "$REPORT")" 4
	[ ! -e "$MARKER" ]
	capture sandbox explain "$UNIT" mkdir
	has explain "$output" "deny EROFS .*x.service:4\]"
	# amend knows no place for an edit in it
	capture sandbox amend "$UNIT" "$REPORT"
	is status "$status" 2
	has amend "$stderr" "x.service: amend edits INI: convert this profile or unit"
	is "amend's edit" "$output" ""
}

@test "LockPersonality= beside Personality= locks another one than ours" {
	unit <<-'UNIT'
	Personality=x86
	LockPersonality=yes
	UNIT
	refused 125 "x.service:3: LockPersonality= beside Personality=" -p "$UNIT"
	unit <<<"LockPersonality=yes"
	capture sandbox check "$UNIT"
	[ "$status" -lt 2 ]
}

@test "a unit's default: a report proposes what can be typed, not a line of INI" {
	unit <<-'UNIT'
	SystemCallFilter=@system-service
	SystemCallErrorNumber=EPERM
	UNIT
	capture sandbox -p "$UNIT" -t -- chroot / true
	has default "$stderr" "chroot +EPERM .* default "
	has proposal "$stderr" "To allow them \\(.*\\):  --allow chroot"
	hasnt INI "$stderr" "under \\[allow\\]"
}

@test "a unit without a slash is a file, not a name to be looked up; an outer layer" {
	unit <<<"SystemCallFilter=~mkdir:EROFS"
	policy outer.ini <<-'INI'
	[policy]
	include = x.service
	[deny]
	syscalls = rmdir
	INI
	cd "$T"
	capture sandbox -p x.service -- true
	is status "$status" 0
	capture sandbox explain outer.ini mkdir
	has include "$output" "deny EROFS .*x.service:2"
	printf '{"defaultAction": "SCMP_ACT_ALLOW"}' >all.json
	capture sandbox explain -p all.json x.service mkdir
	has layers "$output" "deny EROFS .*x.service:2"
	printf '[Service]\nProtectHostname=yes\n' >y.conf
	capture sandbox -p y.conf -p x.service -- "$HELPERS/syscalls" \
		sethostname x -1 , mkdir y 0
	is "both layers" "$output" "sethostname = -1 EPERM
mkdir = -1 EROFS"
}

@test "other ABIs: the same unit for aarch64" {
	unit <<<$'SystemCallFilter=~mkdirat:EROFS mkdir\nSystemCallArchitectures=arm64'
	policy same.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdirat = EROFS
	INI
	capture sandbox diff --abi aarch64 "$UNIT" "$POLICY"
	is "difference" "$output" ""
	is status "$status" 0
}

# wrong PATTERN TEXT: refused with a place and this reason by whatever reads it,
# and nothing is written or started.
wrong() {
	printf '%b' "$2" >"$T/wrong.service"
	refuse "$1" "$2"
}

refuse() {
	N=$((N + 1))
	capture sandbox convert -o "$T/out" "$T/wrong.service"
	is "$2: status" "$status" 2
	has "$2" "$stderr" "^$T/wrong.service:([0-9]+:)? ($1)"
	hasnt "$2: message" "$stderr" "$(printf '[\001-\010\013-\037\177]')"
	is "$2: output" "$output" ""
	[ ! -e "$T/out" ]
	refused 125 "^sandbox: $T/wrong.service:|^$T/wrong.service:" \
		-p "$T/wrong.service"
}

# setting PATTERN SETTING: on line 3, between others that are sound.
setting() {
	wrong "$1" "[Service]\nSystemCallFilter=@system-service\n$2\nSystemCallErrorNumber=EPERM\n"
	has "$2: line" "$stderr" "wrong.service:3: "
}

@test "hostile: settings" {
	local name
	N=0
	for name in EPREM 4096 99999999999999999999 -1 1.5 0x1 'EPERM EPERM' eperm; do
		setting "'.*' is neither an errno nor 'kill'" "SystemCallErrorNumber=$name"
		setting "'.*' is neither an errno nor 'kill'|EPERM is neither a system call" \
			"SystemCallFilter=~mount:$name"
	done
	setting "'' is neither an errno" "SystemCallFilter=~mount:"
	setting "'EPERM:EROFS' is neither" "SystemCallFilter=~mount:EPERM:EROFS"
	setting " is neither a system call" "SystemCallFilter=~:EPERM"
	setting "~mount is neither a system call" "SystemCallFilter=~~mount"
	setting "@ is neither a system call" "SystemCallFilter=~@"
	setting "@mounts is neither a system call" "SystemCallFilter=~@mounts"
	setting "mount,umount2 is neither" "SystemCallFilter=~mount,umount2"
	setting "\"mount\" is neither" 'SystemCallFilter=~"mount"'
	setting "MOUNT is neither" "SystemCallFilter=~MOUNT"
	setting "165 is neither" "SystemCallFilter=~165"
	setting "mo.*nt is neither" "SystemCallFilter=~mo\\\\xffnt"
	setting ".*is neither" "SystemCallFilter=~\\\\033[31mred"
	for name in LockPersonality MemoryDenyWriteExecute PrivateDevices ProtectClock \
		ProtectHostname ProtectKernelLogs ProtectKernelModules \
		ProtectKernelTunables RestrictRealtime RestrictSUIDSGID DynamicUser; do
		setting "$name= is yes or no, not 'maybe'" "$name=maybe"
		is "told once" "$(grep -c maybe <<<"$stderr")" 1
	done
	setting "LockPersonality= is yes or no, not ''" "LockPersonality="
	setting "LockPersonality= is yes or no, not '2'" "LockPersonality=2"
	setting "LockPersonality= is yes or no, not 'yes no'" "LockPersonality=yes no"
	setting "LockPersonality= is yes or no, not 'yes # all'" "LockPersonality=yes # all"
	for name in AF_NOSUCH AF_ INET 2 af_inet AF_INET,AF_INET6 '~~AF_INET' 'none AF_INET' \
		AF_INET:EPERM; do
		setting "RestrictAddressFamilies= does not know '" \
			"RestrictAddressFamilies=$name"
	done
	for name in users CLONE_NEWUSER user,net 'yes user' '~~user' time: 0x10000000; do
		setting "RestrictNamespaces= does not know '" "RestrictNamespaces=$name"
	done
	is "wrong inputs" "$N" 59
}

@test "hostile: files" {
	local real=$UNITS/redis-server.service
	N=0
	wrong "no setting that filters|the unit has no setting that filters" "[Service]"
	wrong "the unit has no setting that filters" "[Service]\nSystemCallFil"
	wrong "the unit has no setting that filters" "[Service]\nSystemCallFilter"
	wrong "the unit has no setting that filters" "[Service]\nSystemCallFilter=\n"
	wrong "the unit has no setting that filters" \
		"[Service]\nSystemCallFilter=~mount\nSystemCallFilter=\n"
	wrong "the unit has no setting that filters" \
		"[Service]\nLockPersonality=no\nRestrictNamespaces=false\n"
	wrong "the unit has no setting that filters" \
		"[Unit]\nSystemCallFilter=~mount\n[Service]\nType=simple\n[Install]\nLockPersonality=1\n"
	wrong "the unit has no setting that filters" \
		"[Service]\nsystemcallfilter=~mount\nSYSTEMCALLFILTER=~mount\n"
	wrong "the unit has no setting that filters" \
		"[Service]\n# SystemCallFilter=~mount\n;LockPersonality=1\n"
	wrong "the unit has no setting that filters" \
		"[Service]\nDescription=x \\\\\n\nX=SystemCallFilter=~mount\n"
	wrong "the unit has no setting that filters" \
		"[Unit]\nDescription=x \\\\\n[Service]\nSystemCallFilter=~mount\n"
	wrong "a unit has neither NUL bytes nor" "[Service]\nLockPersonality=1\n\0"
	wrong "a unit has neither NUL bytes nor" "[Service]\nLockPersonality=1\0\nX=1\n"
	wrong "a unit has neither .* carriage returns" "[Service]\r\nLockPersonality=1\r\n"
	wrong "a unit has neither .* carriage returns" "[Service]\nX=1\rLockPersonality=1\n"
	wrong "a unit has neither .* byte order marks" \
		"\xef\xbb\xbf[Service]\nSystemCallFilter=~mount\n[Service]\nLockPersonality=1\n"
	# systemd: one word with a blank in it; a line that is no UTF-8 is passed over
	wrong "nosuch.* cannot be a system call or a group" \
		"[Service]\nSystemCallFilter=read\nSystemCallFilter=nosuch\\\\ mount\n"
	wrong "x.* cannot be a system call or a group" \
		"[Service]\nSystemCallFilter=~mount umount2\nSystemCallFilter=mount x\xff\n"
	wrong "LockPersonality=" "[Service]\nLockPersonality=x\n[Service]\nLockPersonality=1\n"
	wrong "LockPersonality=" "[Service]\nLockPersonality=1\n[Service]\nLockPersonality=x\n"
	has "the line" "$stderr" "wrong.service:4: "
	wrong "unknown section \[service\]|.*" "[service]\nLockPersonality=1\n"
	wrong ".*" " [Service]\nLockPersonality=1\n"
	wrong ".*" "[Service\nLockPersonality=1\n"
	wrong ".*" "LockPersonality=1\n[Servic"
	is "wrong inputs" "$N" 24
}

@test "hostile: large files" {
	N=0
	{ printf '[Service]\nLockPersonality=1\nX='
		head -c 10000000 /dev/zero | tr '\0' x; } >"$T/wrong.service"
	refuse "larger than 4 MiB" "10 MB"
	{ printf '[Service]\nSystemCallFilter=~'
		head -c 3000000 /dev/zero | tr '\0' x; } >"$T/wrong.service"
	refuse "x+.* is neither a system call" "a word of 3 MB"
	{ printf '[Service]\n'
		yes LockPersonality=maybe | head -n 100000; } >"$T/wrong.service"
	refuse "LockPersonality= is yes" "100,000 mistakes"
	[ "$(wc -l <<<"$stderr")" -lt 200 ]
	{ printf '[Service]\nSystemCallFilter=~\\\n'
		yes ' mount \' | head -n 300000
		printf ' nosuch\nLockPersonality=2'; } >"$T/wrong.service"
	refuse "nosuch is neither|LockPersonality" "300,000 lines that go on"
	has "the line of the first" "$stderr" "wrong.service:2: nosuch"
	has "the line behind them" "$stderr" "wrong.service:300004: LockPersonality"
	{ yes '[Service]' | head -n 300000; } >"$T/wrong.service"
	refuse "the unit has no setting that filters" "300,000 sections"
	# large, and sound
	{ printf '[Service]\n'
		yes 'SystemCallFilter=~mount' | head -n 100000; } >"$T/x.service"
	UNIT=$T/x.service
	capture sandbox -p "$UNIT" -- true
	is status "$status" 0
	capture sandbox explain "$UNIT" mount
	has "the last line" "$output" "kill .*x.service:100001"
}

@test "hostile: a real unit, cut off after each byte, is refused or a policy" {
	local real n
	real=$(<"$UNITS/haveged.service")
	for ((n = 0; n < ${#real}; n += 3)); do
		printf '%s' "${real:0:n}" >"$T/x.service"
		capture sandbox show "$T/x.service"
		hasnt "$n bytes" "$stderr" "Sanitizer|runtime error"
		[ "$status" = 0 ] || is "$n bytes: status" "$status" 2
		[ "$status" = 0 ] || has "$n bytes" "$stderr" "x.service"
	done
}
