#!/usr/bin/env bats
# sandbox amend: reports of denied calls become an edit of the policy.

setup() {
	load ../common
	common_setup
	command -v jq >/dev/null || skip "jq is not installed"
}
teardown() { common_teardown; }

# amend WANTED-STATUS ARGUMENT...
amend() {
	capture sandbox amend "${@:2}"
	is status "$status" "$1"
}

# report ROW...: a JSON report with these rows of denied[]
report() {
	local IFS=,
	printf '{"version": 1, "denied": [%s]}\n' "$*" >"$T/made.json"
}

# denied CALL [ARGUMENTS [MORE]]: such a row
denied() {
	local more=${3-}
	printf '{"syscall": "%s", "hits": 1, "first": {"args": [%s]}%s}' "$1" \
		"${2-}" "${more:+, $more}"
}

UNIX='"AF_UNIX", "SOCK_STREAM", "0"'
TCP='"AF_INET", "SOCK_STREAM", "0"'

small() {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = read write ; data
	INI
}

# The policy's text, of which nothing may have changed.
unchanged() { cmp "$POLICY" "$T/before"; }

# ------------------------------------------------------------------- real runs

@test "what a program was denied is allowed by the edit, and nothing is denied then" {
	small
	capture sandbox -p "$POLICY" --permissive --format=json -r "$REPORT" \
		-- ls /
	is status "$status" 0
	cp "$POLICY" "$T/before"
	amend 1 "$POLICY" "$REPORT"
	unchanged
	has diff "$output" '^\+openat = if flags & O_WRITES == 0$'
	has diff "$output" '^\+syscalls = read write .*close.* ; data$|^\+	.*close'
	has stderr "$stderr" 'this changes what the policy answers to [0-9]+ calls, and nothing else$'
	(cd / && patch -s "$T/before" <"$T/stdout")
	amend 0 --apply "$POLICY" "$REPORT"
	is output "$output" ""
	cmp "$POLICY" "$T/before"
	# execve is a power that this policy had not: the launcher's is none
	capture sandbox -p "$POLICY" -t --format=json -r "$REPORT" -- ls /
	is status "$status" 0
	is denied "$(json '.denied | length')" 0
	amend 0 "$POLICY" "$REPORT"
	is output "$output" ""
	is stderr "$stderr" ""
}

@test "from a policy that denies everything, program by program, in six rounds" {
	local round program n
	for program in "ls -l /" "sh -c :" "grep -c root /etc/passwd" \
		"sed -n 1p /etc/passwd" "id -u" "sort /etc/passwd" \
		"date +%Y" "env" "od -c /etc/hostname"; do
		policy empty.ini <<<$'[policy]\ndefault = deny\nkernel = 6.6'
		for round in 1 2 3 4 5 6; do
			# shellcheck disable=SC2086
			capture sandbox -p "$POLICY" --permissive --format=json \
				-r "$REPORT" -- $program
			sandbox amend --apply "$POLICY" "$REPORT" \
				2>"$T/left" || true
			n=$(json '[.denied[] | select(.powers == [] or
				.powers[0] == "none")] | length')
			[ "$n" = 0 ] && break
		done
		is "harmless denials of $program" "$n" 0
		# shellcheck disable=SC2086
		capture sandbox -p "$POLICY" -- $program
		is "status of $program" "$status" 0
	done
}

@test "denied runs: what was denied first, and the order of reports" {
	small
	capture sandbox -p "$POLICY" -t --format=json -r "$T/1.json" -- ls /
	capture sandbox -p "$POLICY" --permissive --format=json -r "$T/2.json" \
		-- cat /etc/passwd
	cp "$POLICY" "$T/other.ini"
	amend 0 --apply "$POLICY" "$T/1.json" "$T/2.json"
	amend 0 --apply "$T/other.ini" "$T/2.json" "$T/1.json"
	cmp "$POLICY" "$T/other.ini"
	fails cmp -s "$POLICY" "$T/1.json"
}

# ---------------------------------------------------------------------- powers

@test "a power is not opened without --open, by power, call or group" {
	small
	report "$(denied socket "$TCP")" "$(denied close)"
	cp "$POLICY" "$T/before"
	amend 1 "$POLICY" "$T/made.json"
	has diff "$output" '^\+syscalls = read write close ; data$'
	hasnt diff "$output" socket
	has stderr "$stderr" 'left denied: socket for making TCP sockets \(--open socket-tcp\)'
	for name in socket-tcp socket @network-io; do
		amend 1 --open "$name" "$POLICY" "$T/made.json"
		has "diff for $name" "$output" \
			'^\+socket = if family == AF_INET and type'
		hasnt stderr "$stderr" 'left denied'
	done
	# of another power nothing
	amend 1 --open socket-unix --open exec "$POLICY" "$T/made.json"
	hasnt diff "$output" socket
	unchanged
	amend 2 --open no-such "$POLICY" "$T/made.json"
	has stderr "$stderr" "unknown system call 'no-such'.*no power has that name"
}

@test "the harmless part of a call is allowed without the power" {
	small
	sandbox -p "$POLICY" --permissive --format=json -r "$REPORT" -- \
		sh -c "cat /etc/passwd >$T/out" 2>/dev/null
	is powers "$(row openat '.powers | join(" ")')" "none write-files"
	amend 1 "$POLICY" "$REPORT"
	has diff "$output" '^\+openat = if flags & O_WRITES == 0$'
	has stderr "$stderr" 'left denied: openat for writing or changing files \(--open write-files\)'
	# of hits that all wrote, nothing
	report "$(denied openat '"AT_FDCWD", "\"x\"", "O_WRONLY", "0"' \
		'"powers": ["write-files"]')"
	amend 1 "$POLICY" "$T/made.json"
	is output "$output" ""
}

@test "values that select an operation: only those" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	ioctl = if cmd in (TCGETS, FIONREAD)	; of terminals
	INI
	report "$(denied ioctl '"1", "TIOCGWINSZ", "0"' \
		'"powers": ["none", "terminal-input"],
		"values": ["TIOCGWINSZ", 21522]')"
	amend 1 "$POLICY" "$T/made.json"
	has diff "$output" '^\+ioctl = if cmd in \(TCGETS, FIONREAD, TIOCGWINSZ\)	; of terminals$'
	has stderr "$stderr" 'left denied: ioctl for typing commands into the terminal'
	amend 0 --apply --open terminal-input "$POLICY" "$T/made.json"
	has policy "$(<"$POLICY")" 'FIONREAD, .*TIOCSTI.*\)'
}

# ------------------------------------------------------------------- decisions

@test "a rule that names the call is a decision: an outer policy is proposed" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = write
	[deny]
	getpid = EACCES
	syscalls = @timer
	socket = if family == AF_UNIX
	INI
	report "$(denied getpid)" "$(denied alarm '"1"')" \
		"$(denied socket "$UNIX")"
	amend 1 --open socket-unix "$POLICY" "$T/made.json"
	# a group's denial is none: the name has more weight
	has diff "$output" '^\+syscalls = write alarm$'
	hasnt diff "$output" '^[+-].*(getpid|socket)'
	has stderr "$stderr" 'getpid is denied by name \(.*p.ini:6\), on purpose'
	sed -n 's/^  //p' "$T/stderr" >"$T/outer.ini"
	has outer "$(<"$T/outer.ini")" '^getpid = always$'
	has outer "$(<"$T/outer.ini")" '^socket = if family == AF_UNIX$'
	# what is proposed does it
	chmod 0644 "$T/outer.ini"
	capture sandbox explain "$POLICY" getpid -p "$T/outer.ini"
	has explain "$output" 'allow +always'
	cp "$POLICY" "$T/before"
	amend 1 --apply "$POLICY" "$T/made.json"
	is lines "$(diff "$T/before" "$POLICY" | grep -c '^>')" 1
}

@test "includes are not touched, outer layers not overruled, final ones named" {
	policy base.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = write
	[deny]
	getuid = EPERM
	INI
	cp "$POLICY" "$T/base-before"
	policy outer.ini <<<$'[deny]\nsyscalls = getgid @timer'
	policy p.ini <<<$'[policy]\ninclude = base.ini'
	report "$(denied close)" "$(denied getuid)" "$(denied getgid)" \
		"$(denied alarm '"1"')"
	amend 1 --apply -p "$T/outer.ini" "$POLICY" "$T/made.json"
	is policy "$(<"$POLICY")" \
		$'[policy]\ninclude = base.ini\n\n[allow]\nsyscalls = close'
	cmp "$T/base.ini" "$T/base-before"
	has stderr "$stderr" 'getuid is denied by name \(.*base.ini:6\)'
	has stderr "$stderr" 'getgid is denied by .*outer.ini:2, outside this file'
	has stderr "$stderr" 'alarm is denied by .*outer.ini:2, outside this file'
	sed -i 's/^default = deny/&\nfinal = yes/' "$T/base.ini"
	amend 1 "$POLICY" "$T/made.json"
	has stderr "$stderr" 'getuid is denied by .*base.ini:7, which is final'
	hasnt stderr "$stderr" 'getuid = always'
}

@test "an edit that would make another file wrong is not proposed" {
	small
	policy outer.ini <<<$'[allow]\nlseek = if fd == 3'
	POLICY=$T/p.ini
	report "$(denied lseek '"4", "0", "SEEK_SET"')"
	amend 1 -p "$T/outer.ini" "$POLICY" "$T/made.json"
	is output "$output" ""
	has stderr "$stderr" "lseek: no edit of .*p.ini allows it and changes nothing else: .*outer.ini:2: this 'if' adds nothing"
}

@test "a newer call: a newer kernel is proposed; --open CALL names it" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	kernel = 4.4
	[allow]
	syscalls = write
	INI
	report "$(denied statx '"AT_FDCWD", "\"x\"", "0", "0", "NULL"')"
	amend 1 "$POLICY" "$T/made.json"
	is output "$output" ""
	has stderr "$stderr" 'statx is newer than .*kernel = 4.4 .*if one fails, give --open statx, or write kernel = 4.11 under \[policy\] and amend again'
	amend 1 --open statx "$POLICY" "$T/made.json"
	has diff "$output" '^\+syscalls = write statx$'
	hasnt stderr "$stderr" newer
}

@test "what the report says of rules is not believed: the policy is asked again" {
	small
	report "$(denied close '' '"rule": {"kind": "default"}')" \
		"$(denied read '"0", "NULL", "1"' '"rule": {"kind": "default"}')"
	sed -i 's/"version": 1/&, "policy_digest": "00"/' "$T/made.json"
	printf '[deny]\nclose = EACCES\n' >>"$POLICY"
	cp "$POLICY" "$T/before"
	amend 1 --apply "$POLICY" "$T/made.json"
	unchanged
	has stderr "$stderr" 'close is denied by name'
	hasnt stderr "$stderr" 'read is'
}

@test "several rules, and a report that does not say which: nothing is guessed" {
	small
	printf '[deny]\nlseek = if fd == 7\n' >>"$POLICY"
	report '{"syscall": "lseek", "hits": 1}'
	amend 1 "$POLICY" "$T/made.json"
	is output "$output" ""
	has stderr "$stderr" 'lseek is denied by several rules, and the report does not say with which arguments'
	report "$(denied lseek '"7", "0", "SEEK_SET"')"
	amend 1 "$POLICY" "$T/made.json"
	is output "$output" ""
	has stderr "$stderr" 'lseek is denied by name'
	report "$(denied lseek '"3", "0", "SEEK_SET"')"
	amend 1 "$POLICY" "$T/made.json"
	has diff "$output" '^\+syscalls = read write lseek ; data$'
}

# --------------------------------------------------------------------- writing

@test "--apply: mode kept, links refused, other bytes stay" {
	printf '[policy]\r\ndefault = deny ; all\r\n[allow]\t\r\nsyscalls =\tread,\r\n\twrite\t# data\r\n; the end' \
		>"$T/p.ini"
	chmod 0640 "$T/p.ini"
	report "$(denied close)"
	amend 0 --apply "$T/p.ini" "$T/made.json"
	is mode "$(stat -c %a "$T/p.ini")" 640
	is policy "$(od -c "$T/p.ini")" "$(printf '[policy]\r\ndefault = deny ; all\r\n[allow]\t\r\nsyscalls =\tread,\r\n\twrite close\t# data\r\n; the end' |
		od -c)"
	small
	cp "$POLICY" "$T/before"
	ln -s p.ini "$T/link.ini"
	amend 2 --apply "$T/link.ini" "$T/made.json"
	has stderr "$stderr" 'link.ini was not changed: a symbolic link'
	unchanged
	[ -L "$T/link.ini" ]
	is files "$(find "$T" -name '.p.ini*' | wc -l)" 0
	amend 1 "$T/link.ini" "$T/made.json"
}

@test "--apply keeps the owner" {
	need_root
	small
	chown 65534:65534 "$POLICY"
	report "$(denied close)"
	capture setpriv --reuid 65534 --regid 65534 --clear-groups true
	SUDO_UID=65534 amend 0 --apply "$POLICY" "$T/made.json"
	is owner "$(stat -c %u:%g "$POLICY")" 65534:65534
}

@test "a folder that cannot be written" {
	[ "$(id -u)" != 0 ] || open_copy
	local folder=${OPEN:-$T}/closed
	mkdir "$folder"
	small
	cp "$POLICY" "$folder/p.ini"
	report "$(denied close)"
	cp "$T/made.json" "$folder/r.json"
	chmod 0755 "$folder"
	[ "$(id -u)" = 0 ] || chmod 0555 "$folder"
	capture as_user "${OPEN:+$OPEN/}sandbox" amend --apply "$folder/p.ini" \
		"$folder/r.json"
	is status "$status" 2
	has stderr "$stderr" 'p.ini was not changed: Permission denied'
	cmp "$POLICY" "$folder/p.ini"
}

# ------------------------------------------------------------------ other logs

@test "entries of the journal and audit lines" {
	small
	{
		printf '__REALTIME_TIMESTAMP=1\nMESSAGE=something else\nSYSCALL=fork\n\n'
		printf '__REALTIME_TIMESTAMP=2\nMESSAGE=denied openat(AT_FDCWD, "x", O_RDONLY) = EPERM by a[1], default\n'
		printf 'MESSAGE_ID=ff3a9ddc21574bf1a0ed45eb20c3af0f\nSYSCALL=openat\nSYSCALL_NUMBER=257\nSYSCALL_ABI=x86_64\nHITS=3\nPOWERS=\n'
		printf 'COMMAND\n\005\0\0\0\0\0\0\0a\nb=c\n\n'
		printf '__REALTIME_TIMESTAMP=3\nMESSAGE_ID=ff3a9ddc21574bf1a0ed45eb20c3af0f\nSYSCALL=ioctl\nSYSCALL_NUMBER=16\nSYSCALL_ABI=x86_64\nHITS=1\nPOWERS=\nVALUES=21505 21523\n'
	} >"$T/journal"
	amend 1 "$POLICY" "$T/journal"
	has diff "$output" '^\+openat = if flags & O_WRITES == 0$'
	has diff "$output" '^\+ioctl = if cmd in \(TCGETS, TIOCGWINSZ\)$'
	hasnt diff "$output" fork
	cat >"$T/audit" <<-'END'
	type=SECCOMP msg=audit(1.2:3): auid=0 uid=0 pid=7 comm="a" sig=31 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x80000000
	audit: type=1326 audit(1.2:4): pid=7 comm="a" sig=31 arch=c000003e syscall=42 compat=0 code=0x80000000
	END
	amend 1 "$POLICY" "$T/audit"
	has diff "$output" '^\+syscalls = read write close ; data$'
	hasnt diff "$output" connect
	has stderr "$stderr" 'left denied: connect for'
	echo 'no report' >"$T/text"
	amend 2 "$POLICY" "$T/text"
	has stderr "$stderr" 'neither a report in JSON \(-r FILE --format json\), nor the journal'\''s entries'
}

@test "statuses, and what is wrong with the command line" {
	small
	report
	amend 0 "$POLICY" "$T/made.json"
	amend 2 "$POLICY"
	has stderr "$stderr" 'an operand is missing'
	amend 2 "$T/none.ini" "$T/made.json"
	amend 2 "$POLICY" "$T/none.json"
	has stderr "$stderr" 'none.json: No such file'
	mkfifo "$T/fifo"
	amend 2 "$POLICY" "$T/fifo"
	has stderr "$stderr" 'FIFO'
	amend 2 "$POLICY" "$T"
	policy bad.ini <<<'[policy'
	amend 2 "$POLICY" "$T/made.json"
}

# ------------------------------------------------------------------- hostility

# A report a line; none of them may change anything but what a harmless call
# needs, and none asks for one.
hostile() {
	local row='{"syscall": "close", "hits": 1'
	cat <<-END
	{
	[]
	null
	"report"
	{"version": 2, "denied": [$row}]}
	{"version": "1", "denied": [$row}]}
	{"denied": [$row}]}
	{"version": 1, "version": 1, "denied": [$row}]}
	{"version": 1, "denied": $row}}
	{"version": 1, "denied": [[]]}
	{"version": 1, "denied": [7]}
	{"version": 1, "denied": [$row, "hits": 2}]}
	{"version": 1, "denied": [$row}, {"syscall": "opennat", "hits": 1}]}
	{"version": 1, "denied": [$row}, {"syscall": "", "hits": 1}]}
	{"version": 1, "denied": [$row}, {"syscall": "@file-system", "hits": 1}]}
	{"version": 1, "denied": [$row}, {"syscall": "close = always", "hits": 1}]}
	{"version": 1, "denied": [$row}, {"syscall": "close\\n[allow]\\nsyscalls = ptrace", "hits": 1}]}
	{"version": 1, "denied": [$row}, {"syscall": "\\u001b[2Jclose", "hits": 1}]}
	{"version": 1, "denied": [$row}, {"syscall": 3, "hits": 1}]}
	{"version": 1, "denied": [$row}, {"hits": 1}]}
	{"version": 1, "denied": [$row}, {"syscall": "99999999999", "hits": 1}]}
	{"version": 1, "denied": [$row, "number": 0}]}
	{"version": 1, "denied": [$row, "number": "3"}]}
	{"version": 1, "denied": [$row, "number": 4294967299}]}
	{"version": 1, "denied": [$row, "number": 3.5}]}
	{"version": 1, "denied": [$row, "abi": 7}]}
	{"version": 1, "denied": [$row, "abi": "vax"}]}
	{"version": 1, "denied": [$row, "abi": "x32"}]}
	{"version": 1, "denied": [$row, "powers": "none"}]}
	{"version": 1, "denied": [$row, "powers": ["exec"]}]}
	{"version": 1, "denied": [$row, "powers": ["root"]}]}
	{"version": 1, "denied": [$row, "powers": [7]}]}
	{"version": 1, "denied": [$row, "values": [1]}]}
	{"version": 1, "denied": [{"syscall": "ioctl", "hits": 1, "values": "TCGETS"}]}
	{"version": 1, "denied": [{"syscall": "ioctl", "hits": 1, "values": [-1]}]}
	{"version": 1, "denied": [{"syscall": "ioctl", "hits": 1, "values": ["TCGETS) ; x"]}]}
	{"version": 1, "denied": [{"syscall": "ioctl", "hits": 1, "values": [$(seq -s, 1 100)]}]}
	{"version": 1, "denied": [{"syscall": "close", "hits": -1}]}
	{"version": 1, "denied": [{"syscall": "close", "hits": "many"}]}
	{"version": 1, "denied": [{"syscall": "close"}]}
	{"version": 1, "counts": 7, "denied": [$row}]}
	{"version": 1, "counts": [{"syscall": "nothing", "hits": 1, "powers": []}], "denied": [$row}]}
	{"version": 1, "denied": [{"syscall": "ptrace", "hits": 1, "rule": {"file": "../../etc/shadow", "line": 1, "kind": "default"}}]}
	{"version": 1, "policies": ["/etc/passwd"], "policy_digest": "ffffffffffffffffffffffffffffffff", "denied": [{"syscall": "execve", "hits": 1}]}
	{"version": 1, "denied": [{"syscall": "openat", "hits": 1, "powers": [], "allow_with": "syscalls = ptrace", "first": {"args": ["(", ")"]}}], "denied ": []
	{"version": 1, "denied": [{"syscall": "mount", "hits": 18446744073709551616}]}
	{"version": 1, "denied": [$row, "first": {"args": ["\\u0000"]}}]}
	{"version": 1, "denied": [{"syscall": "socket", "hits": 1, "first": {"args": {"a": 1}}}]}
	{"version": 1, "denied": [{"syscall": "bpf", "hits": 1, "first": {"args": ["_", "_", "_"]}}]}
	{"version": 1, "denied": [{"syscall": "?", "hits": 1}]}
	{"version": 1, "denied": [{"syscall": "execve", "hits": 1, "powers": []}]}
	{"version": 1, "denied": [{"syscall": "execve", "hits": 1, "powers": ["none"]}]}
	{"version": 1, "denied": [{"syscall": "clone3", "hits": 1, "powers": ["none"]}]}
	{"version": 1, "counts": [{"syscall": "init_module", "hits": 1, "powers": ["none"]}]}
	{"version": 1, "denied": [{"syscall": "io_uring_setup", "hits": 1, "powers": [], "first": {"args": ["1", "0"]}}]}
	END
	printf '\xff\xfe{"version": 1}\n'
	printf '{"version": 1, "denied": [%s, "abi": "\xff"}]}\n' "$row"
}

@test "a report that hides powers opens none" {
	small
	report "$(denied ioctl '"0", "TIOCSTI", "0"' \
		'"powers": [], "values": ["TIOCSTI", "TCGETS"]')" \
		"$(denied socket "$TCP" '"powers": ["none"]')" \
		"$(denied mprotect '"0", "1", "PROT_EXEC"' '"powers": []')"
	amend 1 --apply "$POLICY" "$T/made.json"
	has stderr "$stderr" 'socket: the report does not say what it was asked for'
	for call in 'ioctl(0, TIOCSTI)' "socket(AF_INET, SOCK_STREAM)" \
		'socket(AF_UNIX)' 'mprotect(0, 1, PROT_EXEC)' execve; do
		capture sandbox explain "$POLICY" "$call"
		hasnt "$call" "$output" '^  *allow'
	done
}

@test "clone3 is left to ENOSYS, unless it is asked for" {
	policy p.ini <<<$'[policy]\ndefault = deny\nkernel = 6.6'
	report "$(denied clone3 '"0x1", "88"' '"powers": ["namespaces"]')"
	amend 1 --open namespaces "$POLICY" "$T/made.json"
	is output "$output" ""
	has stderr "$stderr" 'clone3: no filter sees .*write clone3 = ENOSYS under \[deny\]'
	amend 1 --open clone3 "$POLICY" "$T/made.json"
	has diff "$output" '^\+syscalls = clone3$'
}

@test "50 hostile reports write nothing" {
	local n=0 line
	small
	cp "$POLICY" "$T/before"
	mkdir "$T/made"
	while IFS= read -r line; do
		n=$((n + 1))
		printf '%s\n' "$line" >"$T/hostile"
		capture sandbox amend --apply "$POLICY" "$T/hostile"
		if [ "$status" != 1 ] && [ "$status" != 2 ]; then
			printf 'status %s of: %s\n' "$status" "$line"
			return 1
		fi
		hasnt "stderr of $line" "$stderr" $'Sanitizer|\e'
		unchanged || {
			printf 'accepted: %s\n' "$line"
			diff "$T/before" "$POLICY"
			return 1
		}
	done < <(hostile)
	[ "$n" -ge 50 ]
	# one that is good beside one that is not
	report "$(denied close)"
	amend 2 --apply "$POLICY" "$T/made.json" "$T/hostile"
	unchanged
	# deep, huge, long
	head -c 200000 /dev/zero | tr '\0' '[' >"$T/deep"
	amend 2 --apply "$POLICY" "$T/deep"
	truncate -s 70M "$T/huge"
	amend 2 --apply "$POLICY" "$T/huge"
	{
		printf '{"version": 1, "denied": ['
		yes '{"syscall": "close", "hits": 1},' | head -n 20000
		printf '{"syscall": "close", "hits": 1}]}'
	} >"$T/long"
	amend 2 --apply "$POLICY" "$T/long"
	has stderr "$stderr" 'too long'
	unchanged
}
