#!/usr/bin/env bats
# sandbox systemd-dropin, on unit files (in a real systemd: live/systemd.bats).

setup() {
	load ../common
	common_setup
	good
}
teardown() { common_teardown; }

# unit NAME <<INI: a unit file; its path in $UNIT.
unit() {
	UNIT=$T/$1
	cat >"$UNIT"
}

dropin() {
	capture "$SANDBOX" systemd-dropin "$UNIT" "$@"
}

@test "the command is wrapped, its arguments untouched" {
	unit web.service <<-'INI'
	[Service]
	Type=exec
	ExecStart=-/usr/sbin/web -g 'daemon on; %i $OPTS' \
		--more "a ; b"
	INI
	dropin -p "$POLICY"
	is status "$status" 0
	is stderr "$stderr" ""
	has output "$output" '^ExecStart=$'
	has output "$output" "^ExecStart=-$SANDBOX --in-place -p $POLICY -- /usr/sbin/web -g 'daemon on; %i .OPTS' +--more \"a ; b\"\$"
	is commands "$(grep -c '^ExecStart=' <<<"$output")" 2
	has output "$output" '/etc/systemd/system/web.service.d/sandbox.conf'
	hasnt output "$output" 'NotifyAccess|SystemCallFilter|ExecPaths'
}

@test "options of the run, and what they need of the unit" {
	unit web.service <<-'INI'
	[Service]
	Type=notify
	ExecStart=/usr/sbin/web
	NoExecPaths=/
	SystemCallFilter=@system-service
	RestrictAddressFamilies=AF_INET
	RootDirectory=/srv/web
	INI
	dropin -p "$POLICY" -t
	is status "$status" 0
	has output "$output" ' -t --report=journal -- /usr/sbin/web$'
	has output "$output" '^NotifyAccess=all$'
	has output "$output" "^ExecPaths=$SANDBOX\$"
	has output "$output" '^SystemCallFilter=seccomp ptrace '
	has output "$output" '^RestrictAddressFamilies=AF_UNIX$'
	has output "$output" '^# The unit has its own root'
	dropin -p "$POLICY" --trace=ptrace --permissive
	has output "$output" ' --trace=ptrace --permissive --report=journal -- '
	# The unit will not have this in its environment.
	SANDBOX_POLICY_PATH=$POLICIES dropin -p "$POLICY" -p service
	has output "$output" " -p $POLICY -p $POLICIES/service.ini -- "
	# nor our folder
	printf '[Service]\nLockPersonality=yes\n' >"$T/its.service"
	(cd "$T" && sandbox systemd-dropin "$UNIT" \
		-p its.service) >"$T/out"
	has output "$(cat "$T/out")" " -p $T/its.service -- "
	has output "$output" '^SystemCallFilter=seccomp$'
	hasnt output "$output" 'NotifyAccess'
}

@test "the name that '@' gives is told to be lost" {
	unit web.service <<-'INI'
	[Service]
	ExecStart=@/bin/busybox sh -c true
	INI
	dropin -p "$POLICY"
	is status "$status" 0
	has stderr "$stderr" "the name sh, which '@' gives /bin/busybox, is not kept"
	has output "$output" ' -- /bin/busybox -c true$'
}

@test "nothing is printed of a bad policy, a missing unit or one without a command" {
	unit web.service <<-'INI'
	[Service]
	ExecStart=/bin/true
	INI
	dropin
	is status "$status" 2
	has stderr "$stderr" 'no policy: give -p POLICY'
	is output "$output" ""
	echo nonsense >"$T/bad.ini"
	dropin -p "$T/bad.ini"
	is status "$status" 2
	has stderr "$stderr" 'bad.ini:1'
	is output "$output" ""
	unit x.service <<<"[Unit]"
	dropin -p "$POLICY"
	is status "$status" 2
	has stderr "$stderr" 'has no ExecStart='
	UNIT=$T/none.service
	dropin -p "$POLICY"
	is status "$status" 2
	has stderr "$stderr" 'none.service: No such file'
	is output "$output" ""
}

@test "without systemctl a unit's name cannot be looked up" {
	UNIT=web
	mkdir "$T/empty"
	PATH=$T/empty capture "$SANDBOX" systemd-dropin web -p "$POLICY"
	is status "$status" 2
	has stderr "$stderr" "cannot run systemctl: .*give the unit's file"
}

@test "its lines in the journal keep the service's name" {
	unit web.service <<-'INI'
	[Service]
	ExecStart="/usr/sbin/web" --more
	INI
	dropin -p "$POLICY"
	has output "$output" '^SyslogIdentifier=web$'
	unit web.service <<-'INI'
	[Service]
	SyslogIdentifier=other
	ExecStart=/usr/sbin/web
	INI
	dropin -p "$POLICY"
	hasnt output "$output" 'SyslogIdentifier'
	unit web.service <<-'INI'
	[Service]
	Type=oneshot
	ExecStart=/usr/sbin/web
	ExecStart=/usr/sbin/tidy
	INI
	dropin -p "$POLICY"
	has output "$output" '^SyslogIdentifier=web$'
	has output "$output" "^# .*\(of its first command\)"
}

# hides SETTING=VALUE: what is said of a policy in $T/in
hides() {
	unit web.service <<<"[Service]
ExecStart=/usr/sbin/web
$1"
	dropin -p "$T/in/p.ini" "${@:2}"
	is status "$status" 0
	# of sandbox itself too, which lies somewhere
	stderr=$(grep "hides $T/in/p\.ini" <<<"$stderr" || true)
}

@test "a policy that the unit cannot see is told" {
	local line
	mkdir "$T/in"
	cp "$POLICY" "$T/in/p.ini"
	for line in "InaccessiblePaths=/nowhere -$T/in" \
		"TemporaryFileSystem=$T:ro" "RootDirectory=/srv/web"; do
		hides "$line"
		has "$line" "$stderr" "^sandbox: systemd-dropin: the unit's ${line%%=*}= hides $T/in/p\.ini: put it elsewhere \(a policy in /etc/sandbox\), or add BindReadOnlyPaths=$T/in/p\.ini\$"
	done
	for line in "InaccessiblePaths=$T/innards" "ProtectHome=read-only" \
		"PrivateTmp=no" "ProtectSystem=strict"; do
		hides "$line"
		is "$line" "$stderr" ""
	done
	hides "TemporaryFileSystem=$T:ro
BindReadOnlyPaths=$T/in/p.ini"
	is bound "$stderr" ""
}

@test "PrivateTmp=, DynamicUser= and ProtectHome= hide what lies there" {
	local line folder=/tmp
	[[ $T == /tmp/* || $T == /var/tmp/* ]] ||
		skip "the tests' folder is not below /tmp or /var/tmp"
	mkdir "$T/in"
	cp "$POLICY" "$T/in/p.ini"
	for line in PrivateTmp=yes PrivateTmp=disconnected DynamicUser=1; do
		hides "$line"
		has "$line" "$stderr" "^sandbox: .*the unit's ${line%%=*}= hides"
	done
	hides ProtectHome=yes
	is "in $folder" "$stderr" ""
}
