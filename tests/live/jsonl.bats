#!/usr/bin/env bats
# --format=jsonl: a line for each new denial at once, the report as the last.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	getppid = EIO
	syscalls = getpgid
	mkdir = EACCES
	INI
}
teardown() { common_teardown; }

# streamed OPTION... -- CMD...: the stream in $T/stdout
streamed() {
	capture sandbox -p "$POLICY" "$TRACE" -r - --format=jsonl "$@"
}

events() {
	jq -r "select(.event == \"denied\") | $1" "$T/stdout"
}

@test "100,000 denials of 64 threads: whole lines, the first ones once" {
	streamed -q -- "$HELPERS/storm" 60 4 1563 110
	is status "$status" 0
	# jq stops at the first line that does not parse
	is lines "$(jq -c . "$T/stdout" | wc -l)" "$(wc -l <"$T/stdout")"
	is events "$(events '"\(.version) \(.syscall) \(.answer) \(.first.comm)"')" \
		"1 getppid EIO storm"
	is "the last has all" "$(tail -n 1 "$T/stdout" |
		jq -r '"\(.event) \(.denied[0].hits)"')" \
		"null $((64 * 1563))"
}

@test "one line for each call, rule and program, the first one's arguments" {
	cp "$HELPERS/syscalls" "$T/other"
	streamed -- sh -c "exec >/dev/null
		'$HELPERS/syscalls' mkdir '$T/a' 0755 x2 , getpgid
		'$T/other' mkdir '$T/b' 0700 x2 , getpgid"
	sed -i '/"event".*"comm": "sh"/d' "$T/stdout" # what the shell asks itself
	is events "$(events '"\(.syscall) \(.first.comm) \(.first.args[0])"')" \
"mkdir syscalls \"$T/a\"
getpgid syscalls 0
mkdir other \"$T/b\"
getpgid other 0"
	is "the report's own first" "$(tail -n 1 "$T/stdout" |
		jq -c '.denied[] | select(.syscall == "mkdir").first')" \
		"$(events 'select(.syscall == "mkdir").first | tojson' | head -n 1)"
	is "rule" "$(events '.rule.line' | head -n 2 | tr '\n' ' ')" "6 5 "
}

@test "the last line is what --format=json has" {
	local cmd=("$HELPERS/syscalls" getppid x3 , mkdir "$MARKER" 0755)
	local same='del(.. | .pid?, .at_s?, .started?, .duration_s?, .ip?,
		.module?)'
	streamed -- "${cmd[@]}"
	tail -n 1 "$T/stdout" >"$T/last"
	traced "${cmd[@]}"
	is report "$(jq -S "$same" "$T/last")" "$(jq -S "$same" "$REPORT")"
}

@test "a line is there while CMD runs" {
	mkfifo "$T/pipe"
	"$SANDBOX" -p "$POLICY" "$TRACE" -r "$T/pipe" --format=jsonl -- sh -c "
		'$HELPERS/syscalls' getpgid >/dev/null
		while [ ! -e '$T/go' ]; do sleep 0.05; done" 3>&- &
	PIDS+=($!)
	exec 4<"$T/pipe"
	local line={}
	until [ "$(jq -r .syscall <<<"$line")" = getpgid ]; do
		read -r line <&4 # after what the shell asks itself
	done
	: >"$T/go"
	read -r line <&4
	is last "$(jq -r .state <<<"$line")" ended
	exec 4<&-
}

@test "nothing denied: the report alone" {
	streamed -- true
	is lines "$(wc -l <"$T/stdout")" 1
	is hits "$(jq .totals.hits "$T/stdout")" 0
}

@test "in place, and with -v" {
	capture sandbox -p "$POLICY" "$TRACE" -v --in-place --format=jsonl \
		-r /dev/fd/5 -- "$HELPERS/syscalls" getppid x2 5>"$T/five"
	wait_for grep -q '"state": "ended"' "$T/five"
	is events "$(jq -r .event "$T/five" | tr '\n' ' ')" "denied null "
	is "-v" "$(grep -c 'denied getppid' <<<"$stderr")" 1
}

# bats test_tags=once
@test "a file by name is refused, and commands have no stream" {
	refused 125 'a file is replaced as a whole, and jsonl grows' \
		-p "$POLICY" -r "$T/new" --format=jsonl
	[ ! -e "$T/new" ]
	refused 125 'format is text, json or jsonl, not .xml' -p "$POLICY" \
		-t --format=xml
	capture sandbox show --format=jsonl "$POLICY"
	is status "$status" 2
	has stderr "$stderr" 'format is text or json, not .jsonl'
}
