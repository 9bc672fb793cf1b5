#!/usr/bin/env bats
# The report: its members, its text, where it goes, when.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir
	rmdir = EBUSY
	INI
}
teardown() { common_teardown; }

some_denials() {
	echo "$HELPERS/syscalls" mkdir "$MARKER" 0755 x3 , rmdir "$MARKER" x2
}

# ------------------------------------------------------------------- JSON

@test "JSON: every member, of its type" {
	traced $(some_denials)
	jq -e --arg tracer "$TRACER" '
		(.version == 1) and (.sandbox | type == "string") and
		(.command | type == "array" and length == 9) and
		(.policies | type == "array" and length == 1) and
		(.mode == "enforce") and (.tracer == $tracer) and
		(.pid | type == "number" and . > 1) and
		(.started | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$")) and
		(.duration_s | type == "number" and . >= 0 and . < 60) and
		(.exit == {code: 0}) and
		(.totals == {calls: 2, hits: 5})' "$REPORT" || {
			show_run
			return 1
		}
	jq -e '.denied | length == 2 and all(
		(.syscall | type == "string") and
		(.number | type == "number") and
		(.abi | type == "string") and (.answer | type == "string") and
		(.hits | type == "number") and
		(.rule.kind | type == "string") and
		(.rule.file | type == "string") and
		(.rule.line | type == "number") and
		(.processes | type == "array" and length == 1 and all(
			(.pid | type == "number") and
			(.comm | type == "string") and
			(.hits | type == "number"))) and
		(.first.pid | type == "number") and
		(.first.comm | type == "string") and
		(.first.at_s | type == "number" and . >= 0) and
		(.first.args | type == "array") and
		(.first.ip | test("^0x[0-9a-f]+$")) and
		(.first | has("module")) and
		(.allow_with | type == "string"))' "$REPORT" || {
			show_run
			return 1
		}
	# by falling hits
	is order "$(json '[.denied[].syscall] | join(" ")')" "mkdir rmdir"
	is answers "$(json '[.denied[].answer] | join(" ")')" "EPERM EBUSY"
	is lines "$(json '[.denied[].rule.line] | join(" ")')" "4 5"
	is pid "$(json .denied[0].processes[0].pid)" "$(json .pid)"
	is args "$(row mkdir '.first.args | join(" ")')" "\"$MARKER\" 0755"
	has allow "$(row mkdir .allow_with)" 'mkdir'
}

@test "JSON: CMD's end by a code and by a signal" {
	traced sh -c 'exit 42'
	is exit "$(json '.exit | tojson')" '{"code":42}'
	is denied "$(json '"\(.denied) \(.totals.hits)"')" "[] 0"
	traced sh -c 'kill -TERM $$'
	is exit "$(json '.exit | tojson')" '{"signal":"SIGTERM"}'
}

@test "JSON: odd names and bytes stay valid" {
	traced "$HELPERS/syscalls" mkdir $'/nosuch/\x01\xff"\\\n\xc3\xa4' 0755
	jq -e '.denied[0].hits == 1' "$REPORT"
	cp "$HELPERS/syscalls" "$T/"$'o"d\\\xff'
	traced "$T/"$'o"d\\\xff' mkdir "$MARKER" 0755
	jq -e '.denied[0].processes[0].hits == 1' "$REPORT"
}

@test "allow_with does allow it" {
	policy q.ini <<-'INI'
	[policy]
	default = deny
	INI
	traced $(some_denials)
	row brk .allow_with >"$T/line"
	has line "$(<"$T/line")" '(^| )brk$'
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @file-system
	INI
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755
	line=$(row mkdir .allow_with)
	# a bare line or one with its section
	case $line in
	"["*) line=${line#*]} ;;
	esac
	{
		cat "$POLICY"
		printf '[allow]\n%s\n' "$line"
	} >"$T/q.ini"
	chmod 0644 "$T/q.ini"
	POLICY=$T/q.ini
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755
	is output "$output" "mkdir = 0"
}

@test "the arguments of the first call are decoded" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = openat socket kill mkdirat execve
	INI
	# O_WRONLY|O_CREAT|O_CLOEXEC, AF_INET6 SOCK_STREAM
	traced "$HELPERS/syscalls" openat -100 /etc/shadow 0x80041 0644 , \
		socket 10 1 0 , mkdirat 5 /nosuch 0700 , \
		execve /bin/nosuch 0 0
	is openat "$(row openat '.first.args | .[0:3] | join(" ")')" \
		'AT_FDCWD "/etc/shadow" O_WRONLY|O_CREAT|O_CLOEXEC'
	is socket "$(row socket '.first.args | join(" ")')" \
		'AF_INET6 SOCK_STREAM 0'
	is mkdirat "$(row mkdirat '.first.args | .[0:2] | join(" ")')" \
		'5 "/nosuch"'
	is execve "$(row execve '.first.args[0]')" '"/bin/nosuch"'
	# a pointer that leads nowhere is a number
	traced "$HELPERS/syscalls" openat -100 0x10 0
	has pointer "$(row openat '.first.args[1]')" '^0x10$'
}

@test "processes: each with its own hits" {
	traced sh -c "'$HELPERS/syscalls' mkdir '$MARKER' 0755 x4
		'$HELPERS/syscalls' mkdir '$MARKER' 0755 x6; :"
	is hits "$(row mkdir '[.processes[].hits] | join(" ")')" "4 6"
	is hits "$(row mkdir .hits)" 10
	is first "$(row mkdir .first.pid)" "$(row mkdir '.processes[0].pid')"
}

# A container that kept its parent's /proc: the number of CMD in there is
# somebody else's out here.
@test "no other process is looked at through another namespace's /proc" {
	need_root
	local victim n cmd=(setarch -R env -i "$HELPERS/syscalls" mkdir)
	# of one length, so that both names lie at the same address
	"${cmd[@]}" /nosuch/SECRET-OF-ANOTHER 0755 , pause 10 >/dev/null 3>&- &
	victim=$!
	PIDS+=("$victim")
	wait_for grep -qx syscalls "/proc/$victim/comm"
	# sandbox comes first; before its filter is in the cache, others too
	for n in $((victim - 2)){,} $((victim - 3)) $((victim - 4)); do
		capture sandbox --deny process_vm_readv -- unshare -pf sh -c \
			'echo "$0" >/proc/sys/kernel/ns_last_pid; "$@"' "$n" \
			"$SANDBOX" -p "$POLICY" "$TRACE" -r "$REPORT" \
			--format=json -- "${cmd[@]}" /nosuch/XXXXXX-OF-ANOTHER \
			0755 , getpid 1
		grep -qx "getpid = $victim" <<<"$output" && break
	done
	is pid "$output" "$(printf 'mkdir = -1 EPERM\ngetpid = %s' "$victim")"
	has first "$(row mkdir '.first.args[0]')" '^0x[0-9a-f]+$'
	is comm "$(row mkdir '.first.comm')" '?'
	hasnt report "$(<"$REPORT")" SECRET
}

# ------------------------------------------------------------------- text

@test "text: the head, the table, the line that would allow it" {
	capture sandbox -p "$POLICY" "$TRACE" -- $(some_denials)
	is status "$status" 0
	has head "$stderr" '^sandbox: 2 system calls denied 5 times in [0-9.]+ s: syscalls \(exit 0\), .*p\.ini$'
	has columns "$stderr" '^ +hits +call +answer +by +rule +first seen'
	has row "$stderr" '^ +3 +mkdir +EPERM +syscalls\[[0-9]+\] +.*p\.ini:4 +[0-9.]+ s +mkdir\("'
	has row "$stderr" '^ +2 +rmdir +EBUSY +syscalls\[[0-9]+\] +.*p\.ini:5 +[0-9.]+ s +rmdir\("'
	# rules that name their calls: an allow beside them would contradict
	has advice "$stderr" '^To allow them.*p\.ini:4.*--allow mkdir,rmdir'
	hasnt colour "$stderr" $'\033'
	# numbers stand below each other
	is aligned "$(grep -E '^ +[0-9]+ +(mkdir|rmdir)' <<<"$stderr" |
		sed 's/[a-z].*//' | awk '{ print length }' | sort -u | wc -l)" 1
	policy q.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @file-system
	INI
	capture sandbox -p "$POLICY" "$TRACE" -- "$HELPERS/syscalls" mkdir x 0
	has advice "$stderr" '^To allow them, add under \[allow\] in q\.ini:  syscalls = readlink$'
	has advice "$stderr" '^To allow them \(opens: writing or changing files\), add under \[allow\] in q\.ini:  syscalls = mkdir$'
}

@test "text: nothing denied is said as well" {
	capture sandbox -p "$POLICY" "$TRACE" -- true
	has stderr "$stderr" '^sandbox: (no|0) system calls? .*denied|^sandbox: nothing (was )?denied'
	is lines "$(wc -l <<<"$stderr")" 1
}

@test "colour only on a terminal that has it, and not under NO_COLOR" {
	: >"$T/dialogue"
	export TERM=xterm
	capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" -p "$POLICY" "$TRACE" -- \
		$(some_denials)
	has output "$output" $'\033\\['
	NO_COLOR=1 capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" \
		-p "$POLICY" "$TRACE" -- $(some_denials)
	hasnt output "$output" $'\033'
	has output "$output" 'mkdir +EPERM'
	TERM=dumb capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" \
		-p "$POLICY" "$TRACE" -- $(some_denials)
	hasnt output "$output" $'\033'
	has output "$output" 'mkdir +EPERM'
}

@test "a terminal cannot be steered through arguments or names" {
	capture sandbox -p "$POLICY" "$TRACE" -v -- "$HELPERS/syscalls" \
		mkdir $'/nosuch/\033[2J\a' 0755
	has stderr "$stderr" 'denied mkdir\("/nosuch/'
	hasnt stderr "$stderr" $'\033|\a'
	cp "$HELPERS/syscalls" "$T/"$'\033[2J'
	capture sandbox -p "$POLICY" "$TRACE" -v -- "$T/"$'\033[2J' \
		mkdir /nosuch 0755
	has stderr "$stderr" 'denied mkdir\("/nosuch", 0755\)'
	hasnt stderr "$stderr" $'\033'
}

# ------------------------------------------------------------ where it goes

@test "-r FILE: a whole report, nothing on standard error" {
	capture sandbox -p "$POLICY" "$TRACE" -r "$T/r.txt" -- $(some_denials)
	is stderr "$stderr" ""
	has file "$(<"$T/r.txt")" '^ +3 +mkdir +EPERM'
	# no temporary file stays behind
	is files "$(find "$T" -name '*r.txt*' | wc -l)" 1
	# --report=, relative, replaced, another's mode kept out of the way
	cd "$T"
	capture sandbox -p "$POLICY" "$TRACE" --report=r.txt --format=json -- \
		$(some_denials)
	jq -e '.totals.hits == 5' r.txt
}

@test "-r -: standard output" {
	capture sandbox -p "$POLICY" "$TRACE" -r - --format=json -- true
	is stderr "$stderr" ""
	is hits "$(jq .totals.hits <<<"$output")" 0
}

@test "-r /dev/fd/N: written there, and closed in CMD" {
	capture bash -c 'exec 7>"$1"; shift; exec "$@"' - "$T/r7" \
		timeout "$LIMIT" "$SANDBOX" -p "$POLICY" "$TRACE" -r /dev/fd/7 \
		--format=json -- sh -c "[ -e /proc/self/fd/7 ] && echo open
			$(some_denials) >/dev/null; :"
	is output "$output" ""
	is hits "$(jq .totals.hits "$T/r7")" 5
}

@test "-r PIPE and /dev/null: written to, never replaced" {
	capture sandbox -p "$POLICY" "$TRACE" -r /dev/null -- $(some_denials)
	is status "$status" 0
	is stderr "$stderr" ""
	[ -c /dev/null ]
	mkfifo "$T/pipe"
	cat "$T/pipe" >"$T/got" 3>&- &
	PIDS+=($!)
	capture sandbox -p "$POLICY" "$TRACE" -r "$T/pipe" -- $(some_denials)
	wait $!
	[ -p "$T/pipe" ]
	has got "$(<"$T/got")" '^ +3 +mkdir +EPERM'
}

@test "-r FILE through a symbolic link: the file is written, the link stays" {
	: >"$T/target"
	ln -s target "$T/link"
	capture sandbox -p "$POLICY" "$TRACE" -r "$T/link" -- $(some_denials)
	is status "$status" 0
	[ -L "$T/link" ]
	has file "$(<"$T/target")" '^ +3 +mkdir +EPERM'
}

@test "-q: nothing on standard error; a report FILE is still written" {
	capture sandbox -p "$POLICY" "$TRACE" -q -- $(some_denials)
	is stderr "$stderr" ""
	capture sandbox -p "$POLICY" "$TRACE" -q -r "$REPORT" --format=json -- \
		$(some_denials)
	is stderr "$stderr" ""
	is hits "$(json .totals.hits)" 5
}

@test "the report is written when CMD's own exit is a failure or a signal" {
	for cmd in 'exit 3' 'kill -9 $$'; do
		rm -f "$REPORT"
		traced sh -c "'$HELPERS/syscalls' rmdir / ; $cmd"
		is hits "$(row rmdir .hits)" 1
	done
}

# --------------------------------------------------------------- live lines

@test "-v: one line for each call, rule and program, at once" {
	capture sandbox -p "$POLICY" "$TRACE" -v -- sh -c "$(some_denials) >/dev/null
		$(some_denials) >/dev/null; cp '$HELPERS/syscalls' '$T/other'
		'$T/other' rmdir / >/dev/null; :"
	lines=$(grep '^sandbox: denied ' <<<"$stderr")
	has mkdir "$lines" '^sandbox: denied mkdir\(".*", 0755\) = EPERM by syscalls\[[0-9]+\], .*p\.ini:4$'
	is mkdirs "$(grep -c 'denied mkdir' <<<"$lines")" 1
	is rmdirs "$(grep -c 'denied rmdir' <<<"$lines")" 2
	has other "$lines" 'denied rmdir\("/"\) = EBUSY by other\['
	# -v implies -t
	has report "$stderr" '^ +6 +mkdir +EPERM'
}

@test "-v: the line is there while CMD still runs" {
	"$SANDBOX" -p "$POLICY" "$TRACE" -v -- sh -c "$(some_denials) >/dev/null
		while [ ! -e '$MARKER' ]; do sleep 0.1; done" \
		2>"$T/err" 3>&- &
	PIDS+=($!)
	wait_for grep -q 'denied mkdir' "$T/err"
	hasnt err "$(<"$T/err")" 'hits'
	: >"$MARKER"
	wait $!
	has err "$(<"$T/err")" 'hits'
}

@test "-vv: every time" {
	capture sandbox -p "$POLICY" "$TRACE" -vv -- $(some_denials)
	is mkdirs "$(grep -c '^sandbox: denied mkdir' <<<"$stderr")" 3
	is rmdirs "$(grep -c '^sandbox: denied rmdir' <<<"$stderr")" 2
}

@test "the file is refreshed while CMD runs, and always whole" {
	"$SANDBOX" -p "$POLICY" "$TRACE" -r "$REPORT" --format=json -- \
		sh -c "$(some_denials) >/dev/null
		while [ ! -e '$MARKER' ]; do sleep 0.1; done
		$(some_denials) >/dev/null" 3>&- &
	PIDS+=($!)
	wait_for jq -e '.totals.hits == 5' "$REPORT"
	# it goes on: no end yet
	is exit "$(json '.exit | tojson')" null
	: >"$MARKER"
	wait $!
	is hits "$(json .totals.hits)" 10
	is exit "$(json '.exit | tojson')" '{"code":0}'
}

@test "the file of an earlier run is replaced before CMD starts" {
	for format in text json; do
		echo earlier >"$REPORT"
		capture sandbox -p "$POLICY" "$TRACE" -r "$REPORT" \
			--format=$format -- cp "$REPORT" "$T/seen"
		hasnt seen "$(<"$T/seen")" earlier
		has seen "$(<"$T/seen")" '\(still running\)|"state": "running"'
		has end "$(<"$REPORT")" '\(exit 0\)|"state": "ended"'
	done
}

@test "a command that is not started: its report says so, and no earlier one is left" {
	for mode in "" --in-place; do
		for format in text json; do
			echo earlier >"$REPORT"
			# shellcheck disable=SC2086
			capture sandbox -p "$POLICY" "$TRACE" $mode -r "$REPORT" \
				--format=$format -- "$T/missing"
			is status "$status" 127
			wait_for grep -q 'missing (not started)\|"state": "not started"' \
				"$REPORT"
			hasnt exit "$(<"$REPORT")" '"exit":'
		done
	done
}

@test "a report that cannot be written: CMD is not started" {
	echo earlier >"$REPORT"
	for mode in "" --in-place; do
		status=0
		# shellcheck disable=SC2086
		stderr=$( (ulimit -f 0; sandbox --no-cache -p "$POLICY" \
			"$TRACE" $mode -r "$REPORT" -- touch "$MARKER") 2>&1) ||
			status=$?
		never_started 125 'the report could not be written to .*: File too large'
		is file "$(<"$REPORT")" earlier
		is files "$(find "$T" -name '.report*')" ""
	done
}

@test "a killed monitor loses at most the last second" {
	"$SANDBOX" -p "$POLICY" "$TRACE" -r "$REPORT" --format=json -- \
		sh -c "$(some_denials) >/dev/null; exec sleep 1000" 3>&- &
	front=$!
	PIDS+=("$front")
	wait_for jq -e '.totals.hits == 5' "$REPORT"
	kill -KILL "$front"
	is hits "$(json .totals.hits)" 5
}

# ------------------------------------------------------------------ hints

@test "filters that were there before are mentioned" {
	capture sandbox -p "$POLICY" -- timeout "$LIMIT" "$SANDBOX" \
		-p "$POLICY" "$TRACE" -- $(some_denials)
	has stderr "$stderr" 'filter'
}

@test "without -t a failing CMD gets a hint on a terminal, and only there" {
	: >"$T/dialogue"
	capture sandbox -p "$POLICY" -- sh -c 'exit 3'
	is stderr "$stderr" ""
	capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" -p "$POLICY" -- \
		sh -c 'exit 3'
	is status "$status" 3
	has output "$output" 'sandbox: .*-t'
	is lines "$(wc -l <<<"$output")" 1
	capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" -p "$POLICY" -q -- \
		sh -c 'exit 3'
	is output "$output" ""
	capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" -p "$POLICY" -- true
	is output "$output" ""
}
