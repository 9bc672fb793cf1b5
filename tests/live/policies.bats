#!/usr/bin/env bats
# Each policy that is shipped, on a real program.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# under POLICY CMD...: "$POLICIES"/POLICY.ini, with the report.
under() {
	POLICY="$POLICIES"/$1.ini
	traced "${@:2}"
}

denied_calls() {
	json '[.denied[].syscall] | sort | join(" ")'
}

@test "no-write: nothing that echo and cat say gets out" {
	under no-write echo hello
	is status "$status" 1
	is output "$output" ""
	is stderr "$stderr" ""
	has calls "$(denied_calls)" '(^| )write( |$)'
	under no-write "$HELPERS/syscalls" getppid
	is output "$output" ""
	# the same work by other names
	under no-write sh -c "cat /etc/hostname | tee '$MARKER' >/dev/null"
	[ ! -s "$MARKER" ]
}

@test "no-open: cat cannot even load; a static program runs" {
	under no-open cat /etc/hostname
	is status "$status" 127
	has stderr "$stderr" 'Operation not permitted'
	is calls "$(denied_calls)" openat
	echo 1 2 3 >"$T/numbers"
	traced "$HELPERS/sum" <"$T/numbers"
	is output "$output" 6
	traced "$HELPERS/syscalls" open /etc/hostname 0 , \
		openat -100 /etc/hostname 0 , openat2 -100 /etc/hostname , \
		creat "$MARKER" 0644 , open_by_handle_at 0 0 0
	is refusals "$(grep -c ' = -1 EPERM$' <<<"$output")" 5
}

@test "hello: echo prints hello, and that is all it takes" {
	under hello /bin/echo hello
	is status "$status" 0
	is output "$output" hello
	under hello sh -c '/bin/true; echo $?'
	hasnt output "$output" '^0$'
	under hello "$HELPERS/syscalls" socket 2 1 0 , mkdir "$MARKER" 0755
	is output "$output" "$(printf '%s\n' 'socket = -1 EPERM' \
		'mkdir = -1 EPERM')"
}

@test "no-network: no socket of any family; pairs of sockets work" {
	for family in 1 2 10 16 17; do
		under no-network "$HELPERS/syscalls" socket "$family" 1 0
		is "family $family" "$output" "socket = -1 EPERM"
	done
	under no-network "$HELPERS/httpd" 0 /etc/hostname
	is status "$status" 1
	has stderr "$stderr" 'Operation not permitted'
	is calls "$(denied_calls)" socket
	under no-network bash -c 'exec 5<>/dev/tcp/127.0.0.1/9 || echo no'
	has output "$output" '^no$'
	if command -v python3 >/dev/null; then
		under no-network python3 -c '
import socket
a, b = socket.socketpair()
a.send(b"x")
print(b.recv(1).decode())
try:
    socket.create_connection(("127.0.0.1", 9))
except PermissionError:
    print("refused")'
		is output "$output" "$(printf 'x\nrefused')"
	fi
	under no-network sh -c 'ls / | grep -q etc && echo works'
	is output "$output" works
}

# bats test_tags=once
@test "no-network: nothing gets out through a pair of sockets" {
	command -v python3 >/dev/null || skip "needs python3"
	cat >"$T/pairs.py" <<-'PY'
	import os, socket, subprocess, sys
	outside = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	outside.bind(sys.argv[1])
	subprocess.run(sys.argv[2:] + ["python3", "-c", """if 1:
	    import socket, sys
	    for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.SOCK_SEQPACKET:
	        try:
	            pair = socket.socketpair(socket.AF_UNIX, kind)
	            pair[0].sendto(b"secret", sys.argv[1])
	        except OSError as error:
	            print(error.strerror)
	    """, sys.argv[1]])
	outside.setblocking(False)
	try:
	    print("got", outside.recv(99))
	except BlockingIOError:
	    print("nothing")
	PY
	sed -i 's/^\t//' "$T/pairs.py"
	capture python3 "$T/pairs.py" "$T/a"
	has control "$output" "^got b'secret'$"
	capture python3 "$T/pairs.py" "$T/b" "$SANDBOX" \
		-p "$POLICIES"/no-network.ini --
	is output "$output" "$(printf '%s\n' 'Operation not permitted' \
		'Transport endpoint is already connected' nothing)"
}

@test "no-exec: sh runs and starts nothing" {
	under no-exec sh -c 'echo started; /bin/true; echo $?'
	is output "$output" "$(printf 'started\n126')"
	is calls "$(denied_calls)" execve
	under no-exec "$HELPERS/syscalls" execve /bin/true , \
		execveat -100 /bin/true , io_uring_setup 1 0 , \
		ptrace 0 0 0 0
	is refusals "$(grep -c ' = -1 EPERM$' <<<"$output")" 4
	under no-exec "$HELPERS/gate" /bin/echo OPEN
	hasnt output "$output" OPEN
}

@test "pure-compute: a static program sums what it reads" {
	seq 1 1000 >"$T/numbers"
	POLICY="$POLICIES"/pure-compute.ini
	for mode in "" "--close-fds"; do
		capture sandbox -p "$POLICY" $mode -- "$HELPERS/sum" \
			<"$T/numbers"
		is status "$status" 0
		is output "$output" 500500
	done
	traced "$HELPERS/syscalls" open /etc/hostname 0 , fork , \
		socket 2 1 0 , execve /bin/true , mkdir "$MARKER" 0755
	is refusals "$(grep -c ' = -1 EPERM$' <<<"$output")" 5
	traced /bin/true
	is status "$status" 127
}

get() { # get PORT: one HTTP request with the shell alone
	exec 5<>"/dev/tcp/127.0.0.1/$1"
	printf 'GET / HTTP/1.0\r\n\r\n' >&5
	timeout 20 cat <&5
	exec 5>&-
}

@test "service: a daemon serves a request, and cannot do what daemons do not" {
	echo "served" >"$T/page"
	chmod 0644 "$T/page"
	"$SANDBOX" -p "$POLICIES"/service.ini "$TRACE" -r "$REPORT" --format=json -- \
		"$HELPERS/httpd" 0 "$T/page" >"$T/out" 3>&- &
	front=$!
	PIDS+=("$front")
	wait_for grep -q listening "$T/out"
	has answer "$(get "$(awk '{ print $3 }' "$T/out")")" '^served$'
	kill -TERM "$front"
	wait "$front"
	is denied "$(denied_calls)" ""

	under service "$HELPERS/syscalls" mount 0 0 0 0 0 , unshare 0 , \
		ptrace 0 0 0 0 , io_uring_setup 1 0 , bpf 0 0 0 , \
		add_key 0 0 0 0 , init_module 0 0 0 , reboot 0 , \
		personality -1
	is refusals "$(grep -c ' = -1 E[A-Z]*$' <<<"$output")" 9
	is "all by the policy" "$(json .totals.hits)" 9
	under service sh -c 'ls / >/dev/null && echo works'
	is output "$output" works
}

@test "service: nginx with a worker" {
	command -v nginx >/dev/null ||
		skip "nginx is not installed (the C daemon was tested)"
	mkdir -p "$T/www" "$T/tmp"
	echo "served by nginx" >"$T/www/index.html"
	chmod -R a+rX "$T"
	port=$((20000 + RANDOM % 20000))
	cat >"$T/nginx.conf" <<-CONF
	daemon off;
	pid $T/nginx.pid;
	error_log $T/error.log;
	worker_processes 1;
	user $(id -un);
	events { worker_connections 64; }
	http {
		access_log off;
		client_body_temp_path $T/tmp/a;
		proxy_temp_path $T/tmp/b;
		fastcgi_temp_path $T/tmp/c;
		uwsgi_temp_path $T/tmp/d;
		scgi_temp_path $T/tmp/e;
		sendfile on;
		server { listen 127.0.0.1:$port; root $T/www; }
	}
	CONF
	"$SANDBOX" -p "$POLICIES"/service.ini "$TRACE" -r "$REPORT" --format=json -- \
		nginx -c "$T/nginx.conf" >"$T/out" 2>&1 3>&- &
	front=$!
	PIDS+=("$front")
	wait_for [ -s "$T/nginx.pid" ]
	wait_for bash -c ": <>/dev/tcp/127.0.0.1/$port"
	has answer "$(get "$port")" 'served by nginx'
	kill -QUIT "$front"
	status=0
	wait "$front" || status=$?
	is status "$status" 0
	is denied "$(denied_calls)" ""
}

@test "docker-default: what containers may, and what they may not" {
	under docker-default sh -c \
		'mkdir "$1" && rmdir "$1" && ls / | grep -q etc && echo works' \
		- "$T/folder"
	is output "$output" works
	is denied "$(json '[.denied[] | select(.syscall != "clone3" and
		.rule.kind != "new") | .syscall] | join(" ")')" ""

	# without a tracer: a traced process cannot ask for another; and not of
	# sandbox, which has fewer capabilities than root's CMD
	capture sandbox -p "$POLICIES"/docker-default.ini -- sh -c '"$@"; :' sh \
		"$HELPERS/syscalls" ptrace 0 , getrandom 0 0 0 , 462 0 0 0
	has ptrace "$output" '^ptrace = 0$'
	hasnt allowed "$output" 'EPERM'
	for call in mount umount2 pivot_root unshare setns init_module \
		finit_module delete_module kexec_load reboot swapon swapoff \
		add_key request_key keyctl io_uring_setup bpf \
		perf_event_open userfaultfd open_by_handle_at acct quotactl \
		iopl ioperm settimeofday mbind lookup_dcookie; do
		under docker-default "$HELPERS/syscalls" "$call" -1 -1 -1 -1 -1
		has "$call" "$output" " = -1 E(PERM|NOSYS)$"
		is "$call, by the policy" "$(row "$call" .hits)" 1
	done
	under docker-default "$HELPERS/syscalls" clone3 0 0
	is output "$output" "clone3 = -1 ENOSYS"
}

# bats test_tags=once
@test "every shipped policy has a test, and starts a static program or says why not" {
	for file in "$POLICIES"/*.ini; do
		name=$(basename "$file" .ini)
		grep -q "@test \"$name:" "$BATS_TEST_DIRNAME"/*.bats ||
			{ echo "no test for $file"; return 1; }
		capture sandbox -p "$file" -- "$HELPERS/syscalls" getpid
		[ "$status" -lt 125 ]
		# who it is for, what it stops, what breaks
		for part in 'Who it is for:' 'What it stops:' 'What breaks:'; do
			grep -q "^; $part" "$file"
		done
	done
}

# bats test_tags=once
@test "program: the piece that others include opens no power" {
	policy alone.ini <<-INI
	[policy]
	default = deny
	include = $POLICIES/include/program.ini
	INI
	capture sandbox show --format json "$POLICY"
	is powers "$(jq '.powers | length' "$T/stdout")" 0
}
