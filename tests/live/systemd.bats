#!/usr/bin/env bats
# Services in a real systemd that do not notice the wrapper: each script runs
# in a system manager of its own (tests/with-systemd), with a daemon behind
# sandbox in every mode.

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
	export SANDBOX HELPERS
}
teardown() { common_teardown; }

# inside <<SCRIPT: runs it in a booted systemd.
inside() {
	cat - >"$T/script"
	timeout -k 5 "$((LIMIT * 2))" tests/with-systemd bash -c \
		"unit=none; . tests/live/systemd-inside.bash; $(<"$T/script")" \
		3>&- </dev/null
}

@test "Type=notify under NotifyAccess=main: ready, environment, status, stored descriptors" {
	inside <<'SCRIPT'
	for mode in "${MODES[@]}"; do
		service store <<<"FileDescriptorStoreMax=2"
		start
		property_is StatusText "at your service"
		property_is NFileDescriptorStore 1
		is "PID in the environment" "$(times 'SYSTEMD_EXEC_PID is mine')" 1
		is barrier "$(times 'barrier passed')" 1
		# CMD names itself as the main process; that of a forked run
		# stays sandbox, which alone can tell how CMD ends.
		if in_place; then
			is "main PID" "$(property MainPID)" \
				"$(sed -n 's/^pid //p' $LOGS/$unit)"
		else
			property_is MainPID "$(property ExecMainPID)"
		fi
		stop
		property_is Result success
	done
SCRIPT
}

@test "systemctl status shows what was denied, behind the service's own status" {
	inside <<'SCRIPT'
	for mode in "-t" "--trace=ptrace"; do
		service burst=3 <<<""
		start
		wait_until status_is \
			'at your service \(sandbox: 1 denied call, 3 hits\)'
		systemctl kill --kill-whom=main -s HUP $unit
		wait_until status_is 'reloaded \(sandbox: 1 denied call, 3 hits\)'
		stop
		service mute burst=3 <<<$'Type=exec\nNotifyAccess=main'
		start
		wait_until status_is 'sandbox: 1 denied call, 3 hits'
		stop
	done
	for mode in "--in-place -t" "--in-place --trace=ptrace"; do
		service mute burst=3 <<<$'Type=exec\nNotifyAccess=all'
		start
		wait_until status_is 'sandbox: 1 denied call, [123] hits?'
		stop
	done
SCRIPT
}

@test "NotifyAccess=: a child's message counts where the unit says so" {
	inside <<'SCRIPT'
	for mode in "${MODES[@]}"; do
		service child <<<"NotifyAccess=all"
		start
		stop
		service child <<<$'NotifyAccess=main\nTimeoutStartSec=1'
		# A traced monitor has given up the privilege to name the
		# sender, and an unprivileged service never had it.
		if traced && ! in_place; then
			start
			stop
		else
			! systemctl start $unit 2>/dev/null || fail started
			property_is Result timeout
		fi
	done
SCRIPT
}

@test "socket activation: CMD takes the sockets for its own" {
	inside <<'SCRIPT'
	port=7000
	for mode in "${MODES[@]}"; do
		port=$((port + 1))
		service <<<""
		printf '[Socket]\nListenStream=127.0.0.1:%s\n' $port \
			>/etc/systemd/system/$unit.socket
		systemctl daemon-reload
		systemctl start $unit.socket
		exec 4<>/dev/tcp/127.0.0.1/$port
		read -r -t 10 -u 4 answer || fail "no answer"
		exec 4>&-
		is answer "$answer" hello
		is LISTEN_PID "$(times 'LISTEN_PID is mine')" 1
		is socket "$(times 'fd 3 is open')" 1
		systemctl stop $unit.socket
		stop
		property_is Result success
	done
SCRIPT
}

@test "WatchdogSec=: a fed watchdog is content, a hungry one ends the service" {
	inside <<'SCRIPT'
	for mode in "${MODES[@]}"; do
		service <<<"WatchdogSec=500ms"
		start
		is WATCHDOG_PID "$(times 'WATCHDOG_PID is mine')" 1
		sleep 1.5
		property_is SubState running
		stop
		property_is Result success
		service hang <<<$'WatchdogSec=500ms\nRestart=on-watchdog\nRestartSec=0'
		start
		daemon=$(sed -n 's/^pid //p' $LOGS/$unit)
		wait_until restarted
		! kill -0 "$daemon" 2>/dev/null || fail "CMD lives on"
		systemctl stop $unit
	done
SCRIPT
}

@test "a signal from systemd reaches CMD once, whatever KillMode= is" {
	inside <<'SCRIPT'
	for mode in "${MODES[@]}"; do
		for how in control-group mixed process; do
			service linger=300 <<-UNIT
			KillMode=$how
			ExecReload=/bin/kill -HUP \$MAINPID
			UNIT
			start
			systemctl reload $unit
			wait_until grep -qx SIGHUP $LOGS/$unit
			systemctl kill -s HUP $unit
			wait_until eval '[ "$(times SIGHUP)" -ge 2 ]'
			systemctl kill --kill-whom=main -s HUP $unit
			wait_until eval '[ "$(times SIGHUP)" -ge 3 ]'
			property_is StatusText reloaded
			stop
			is reloads "$(times SIGHUP)" 3
			is SIGTERM "$(times SIGTERM)" 1
			is end "$(times end)" 1
			property_is Result success
		done
	done
SCRIPT
}

@test "exit status and fatal signal are CMD's, and Restart=on-failure goes by them" {
	inside <<'SCRIPT'
	for mode in "${MODES[@]}"; do
		service fail=7 <<<""
		start
		wait_until eval '[ "$(property ActiveState)" = failed ]'
		property_is Result exit-code
		property_is ExecMainStatus 7
		service die=12 <<<""
		start
		wait_until eval '[ "$(property ActiveState)" = failed ]'
		property_is Result signal
		property_is ExecMainStatus 12
		service fail=0 <<<"Restart=on-failure"
		start
		wait_until eval '[ "$(property ActiveState)" = inactive ]'
		property_is Result success
		property_is NRestarts 0
		service fail=3 <<<$'Restart=on-failure\nRestartSec=0\nStartLimitBurst=3'
		start
		wait_until restarted
		systemctl stop $unit
	done
SCRIPT
}

@test "CMD that is killed, and sandbox that is: systemd sees the end, nothing is left" {
	inside <<'SCRIPT'
	for mode in "${MODES[@]}"; do
		service <<<""
		start
		kill -KILL "$(sed -n 's/^pid //p' $LOGS/$unit)"
		wait_until eval '[ "$(property ActiveState)" = failed ]'
		property_is Result signal
		property_is ExecMainStatus 9
		service <<<""
		start
		kill -KILL "$(property MainPID)"
		wait_until eval '[ "$(property ActiveState)" = failed ]'
		property_is ExecMainStatus 9
		wait_until eval '! kill -0 $(sed -n "s/^pid //p" $LOGS/$unit)'
	done
SCRIPT
}

@test "systemctl stop under load: prompt, and the report is in the journal" {
	inside <<'SCRIPT'
	for mode in "${MODES[@]}"; do
		if traced; then
			mode+=" --report=journal"
		fi
		service load=6 <<<""
		start
		sleep 1
		before=$SECONDS
		stop
		[ $((SECONDS - before)) -le 3 ] || fail "took too long"
		property_is Result success
		if traced; then
			wait_until eval '[ -n "$(entries ".[].HITS")" ]'
			hits=$(entries 'map(.HITS | tonumber) | max')
			[ "$hits" -gt 1000 ] || fail "hits: $hits"
			is rows "$(entries 'map(.SYSCALL) | unique | join(" ")')" mkdir
		fi
	done
SCRIPT
}

@test "--report=journal: an entry for each denied call, with its fields" {
	inside <<'SCRIPT'
	for mode in "-t" "--trace=ptrace" "--in-place -t" "--in-place --trace=ptrace"; do
		mode+=" --report=journal"
		service burst=12 <<<""
		start
		stop
		wait_until eval '[ "$(entries ".[-1].HITS")" = 12 ]'
		row=$(entries '.[-1] | [.SYSCALL, .ANSWER, .RULE, .COMM, .PRIORITY,
			.SYSLOG_IDENTIFIER, .SYSCALL_ABI, .COMMAND, .TRACER] | join("|")')
		tracer=notify
		[[ $mode != *ptrace* ]] || tracer=ptrace
		is row "$row" "mkdir|EPERM|mkdirless.ini:4|daemon|4|sandbox|x86_64|/usr/local/bin/daemon $LOGS/$unit burst=12|$tracer"
		matches message "$(entries '.[-1].MESSAGE')" \
			'^denied mkdir\("/proc/denied", 0700\) = EPERM by daemon\[[0-9]+\], mkdirless.ini:4 \(12 times\)$'
		# In a forked run there is one entry, with the sum.
		if ! in_place; then
			is entries "$(entries length)" 1
		fi
	done
	is "all units" "$(journalctl SYSCALL=mkdir -o json | jq -rs \
		'map(._SYSTEMD_UNIT) | unique | length')" 4
	is sums "$(journalctl -o json TOTAL_HITS=12 | jq -rs length)" 4
	is "by hand" "$(/usr/local/bin/sandbox --deny uname --report=journal -- uname \
		>/dev/null 2>&1; journalctl --sync; journalctl -o json SYSCALL=uname |
		jq -r '.RULE + " " + .HITS')" "command line 1"
SCRIPT
}

@test "DynamicUser= and a strict unit: nothing more is needed" {
	inside <<'SCRIPT'
	for mode in "${MODES[@]}"; do
		service burst=2 <<-UNIT
		DynamicUser=yes
		LogsDirectory=dynamic
		ExecStartPre=/usr/bin/touch /var/log/dynamic/$count
		ProtectSystem=strict
		ProtectProc=invisible
		PrivateDevices=yes
		RestrictNamespaces=yes
		MemoryDenyWriteExecute=yes
		ReadWritePaths=$LOGS
		WatchdogSec=1
		ExecReload=/bin/kill -HUP \$MAINPID
		UNIT
		start
		matches status "$(property StatusText)" '^at your service'
		is user "$(stat -c %U $LOGS/$unit)" $unit
		is watchdog "$(times 'WATCHDOG_PID is mine')" 1
		systemctl reload $unit
		wait_until grep -qx SIGHUP $LOGS/$unit
		stop
		property_is Result success
		is SIGTERM "$(times SIGTERM)" 1
	done
SCRIPT
}

@test "systemd-dropin: what it prints is what systemd runs, prefixes and all" {
	inside <<'SCRIPT'
	mode=drop-in unit=odd
	cat >/etc/systemd/system/odd.service <<-'UNIT'
	[Service]
	Type=oneshot
	Environment=WORD=expanded
	ExecStart=/bin/sh -c 'echo "one $0" >>/tmp/odd' ${WORD} ; \
	# a comment
	/bin/sh -c 'echo "two; $0" >>/tmp/odd' %p
	ExecStart=-/bin/false
	ExecStart=:/bin/sh -c 'echo "three $0" >>/tmp/odd' $WORD
	ExecStart=+/bin/sh -c "grep Seccomp: /proc/self/status >>/tmp/odd"
	ExecStart=@/bin/sh name -c "mkdir /tmp/denied || echo four >>/tmp/odd"
	ExecStartPost=/bin/sh -c "grep Seccomp: /proc/self/status >>/tmp/odd"
	UNIT
	systemctl daemon-reload
	mkdir -p /etc/systemd/system/odd.service.d
	# Twice: the second reads what the first has made.
	for round in 1 2; do
		/usr/local/bin/sandbox systemd-dropin odd -p mkdirless \
			>/tmp/sandbox.conf 2>/tmp/told
		cp /tmp/sandbox.conf /etc/systemd/system/odd.service.d/
		systemctl daemon-reload
	done
	is wrapped "$(grep -c -- '--in-place -p mkdirless -- ' /tmp/sandbox.conf)" 6
	grep -q "the name name, which '@' gives /bin/sh" /tmp/told || fail told
	systemd-analyze verify odd.service || fail verify
	start
	is output "$(</tmp/odd)" "one expanded
two; odd
three \$WORD
Seccomp:	2
four
Seccomp:	0"
SCRIPT
}

@test "systemd-dropin: the service's lines in the journal keep their name" {
	inside <<'SCRIPT'
	mode=drop-in unit=talk
	printf '[Service]\nType=oneshot\nExecStart=/bin/echo hello\n' \
		>/etc/systemd/system/talk.service
	systemctl daemon-reload
	start
	mkdir -p /etc/systemd/system/talk.service.d
	/usr/local/bin/sandbox systemd-dropin talk -p mkdirless -t \
		>/etc/systemd/system/talk.service.d/sandbox.conf
	systemctl daemon-reload
	start
	journalctl --sync
	is names "$(journalctl --no-pager -u talk -o json |
		jq -r 'select(.MESSAGE == "hello") | .SYSLOG_IDENTIFIER')" \
		"echo
echo"
	is report "$(journalctl --no-pager -u talk -o json |
		jq -r 'select(.MESSAGE_ID == "83333c0e7d874597bc3c78d4fb560821") |
		"\(.SYSLOG_IDENTIFIER) \(.MESSAGE)"' | sed 's/ in .*//')" \
		"sandbox no system call was denied"
SCRIPT
}

@test "nginx, Debian's own unit behind a drop-in of systemd-dropin, serves" {
	inside <<'SCRIPT'
	unit=nginx
	[ -e /lib/systemd/system/nginx.service ]
	echo welcome >/var/www/html/index.html
	# nginx leaves its starter (Type=forking): a sandbox that traces it with
	# ptrace from in front would wait for it, and systemd for sandbox.
	for mode in "" "-t" "--in-place" "--in-place -t" "--in-place --trace=ptrace"; do
		mkdir -p /etc/systemd/system/nginx.service.d
		# An outer layer whose denial nginx survives, to have a report.
		printf '[policy]\n[deny]\nsyscalls = sysinfo sched_getaffinity\n' \
			>/etc/sandbox/outer.ini
		dropin nginx
		start
		ab -q -n 2000 -c 20 http://127.0.0.1/index.html >/tmp/ab || fail ab
		grep -qE '^Complete requests: +2000$' /tmp/ab || fail "$(</tmp/ab)"
		grep -qE '^Failed requests: +0$' /tmp/ab || fail "$(</tmp/ab)"
		master=$(property MainPID)
		is "main process" "$(cat /proc/$master/comm)" nginx
		is filter "$(sed -n 's/^Seccomp:\s*//p' /proc/$master/status)" 2
		systemctl reload nginx
		is "main process" "$(property MainPID)" "$master"
		curl -sf http://127.0.0.1/index.html | grep -qx welcome || fail curl
		stop
		property_is Result success
		! pgrep -x nginx || fail "nginx lives on"
	done
	journalctl --sync
	journalctl -u nginx -o json SYSCALL=sysinfo |
		jq -rs 'map(.HITS | tonumber) | max' | grep -qE '^[1-9]' ||
		fail "no entry in the journal"
SCRIPT
}

@test "redis, Debian's own unit behind a drop-in of systemd-dropin, serves" {
	inside <<'SCRIPT'
	unit=redis-server
	[ -e /lib/systemd/system/redis-server.service ]
	mkdir -p /etc/systemd/system/redis-server.service.d
	# The unit wants a user namespace, and in a chroot, as where packages are
	# built, the kernel makes none.
	unshare -U true ||
		printf '[Service]\nPrivateUsers=no\n' \
			>/etc/systemd/system/redis-server.service.d/users.conf
	for mode in "${MODES[@]}"; do
		printf '[policy]\n[deny]\nsyscalls = sysinfo sched_getaffinity\n' \
			>/etc/sandbox/outer.ini
		dropin redis-server
		start
		redis-benchmark -q -t set,get -n 5000 -c 20 >/tmp/rb || fail benchmark
		grep -q 'GET: .*requests per second' /tmp/rb || fail "$(</tmp/rb)"
		redis-cli set a 1 >/dev/null
		matches status "$(property StatusText)" 'Ready to accept connections|sandbox: '
		is user "$(ps -o user= -p "$(property MainPID)")" redis
		stop
		property_is Result success
		property_is NRestarts 0
	done
	journalctl --sync
	journalctl -u redis-server -o json SYSCALL=sysinfo |
		jq -rs 'map(.HITS | tonumber) | max' | grep -qE '^[1-9]' ||
		fail "no entry in the journal"
SCRIPT
}
