#!/usr/bin/env bats
# Nothing that others name (files, commands, words of a policy) reaches the
# terminal, the JSON or a unit file as anything but text.

setup() {
	load ../common
	common_setup
	good
	# ESC, a newline, C1's CSI, a mark that turns the writing round, no UTF-8
	EVIL=$'\e[31m\nx\xc2\x9b1m\xe2\x80\xae\xe2\x81\xa6\xff'
}
teardown() { common_teardown; }

# only_text WHAT FILE: no control character but newlines and tabs, no mark of
# direction, and all of it UTF-8.
only_text() {
	local bad='[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]'
	bad+='|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]'
	if grep -aP "$bad|^x\S*1m" "$2"; then # ^x: the rest of $EVIL
		echo "$1 is not text: $(cat -A "$2")"
		return 1
	fi
	iconv -f UTF-8 -t UTF-8 "$2" >/dev/null
	[ -s "$2" ]
}

# message CMD...: fails, and says only text, the ESC of $EVIL in it.
message() {
	capture "$@"
	is_not status "$status" 0
	only_text stderr "$T/stderr"
	has stderr "$stderr" '\\x1b\[31m'
}

is_not() {
	[ "$2" != "$3" ] || { echo "$1 is $2"; return 1; }
}

@test "messages are text, whatever the operand" {
	message "$SANDBOX" -p "$T/$EVIL.ini" -- true
	message "$SANDBOX" -p "$EVIL" -- true
	message "$SANDBOX" --deny "mkdir$EVIL" -- true
	message "$SANDBOX" --allow "@$EVIL" -- true
	message "$SANDBOX" --deny mkdir -- "$EVIL"
	message "$SANDBOX" --deny mkdir -- "$T/$EVIL"
	message "$SANDBOX" --deny mkdir --in-place -- "$T/$EVIL"
	message "$SANDBOX" --deny mkdir -t -r "$T/no/$EVIL" -- true
	message "$SANDBOX" --deny mkdir "--trace=$EVIL" -- true
	message "$SANDBOX" "--deny$EVIL" -- true
	message "$SANDBOX" "$EVIL"
	message "$SANDBOX" "check$EVIL"
	message "$SANDBOX" check "$T/$EVIL.ini"
	message "$SANDBOX" check "--$EVIL" "$POLICY"
	message "$SANDBOX" show --format "$EVIL" "$POLICY"
	message "$SANDBOX" show "--trace=$EVIL" "$POLICY"
	message "$SANDBOX" explain "$POLICY" "open$EVIL"
	message "$SANDBOX" explain "$POLICY" "openat(_, $EVIL)"
	message "$SANDBOX" groups "@$EVIL"
	message "$SANDBOX" systemd-dropin "$T/$EVIL" -p "$POLICY"
}

@test "a long name of a command is cut between characters" {
	local name
	name=$(printf 'e\xc2\x9b%.0s' {1..80})
	for mode in "" --in-place; do
		capture "$SANDBOX" --deny mkdir $mode -- "$name"
		is status "$status" 127
		only_text stderr "$T/stderr"
		has stderr "$stderr" '(e\\xc2\\x9b)+e?: command not found'
	done
}

@test "the path of a policy is text in what the commands print" {
	local bad="$T/bad$EVIL.ini" file="$T/p$EVIL.ini"
	printf '[policy]\ndefault = allow\n[deny]\nmkdir = always\n' >"$file"
	printf '[policy]\ndefault = maybe\n' >"$bad"
	chmod 644 "$file" "$bad"
	message "$SANDBOX" check "$bad"
	for command in check show; do
		capture "$SANDBOX" "$command" "$file"
		only_text output "$T/stdout"
		capture "$SANDBOX" "$command" --format json "$file"
		only_text output "$T/stdout"
		jq -e . "$T/stdout" >/dev/null
	done
	capture "$SANDBOX" explain "$file" mkdir
	only_text output "$T/stdout"
	capture "$SANDBOX" diff "$file" "$POLICY"
	only_text output "$T/stdout"
	capture "$SANDBOX" check --format json "$bad"
	only_text output "$T/stdout"
	is file "$(jq -r '.findings[0].file' "$T/stdout" | sed -n 2,2p)" \
		"$(printf 'x\xc2\x9b1m\xe2\x80\xae\xe2\x81\xa6\\xff.ini')"
}

@test "the report is text" {
	capture "$SANDBOX" -t --deny mkdir -- "$HELPERS/syscalls" \
		mkdir "$T/$EVIL" 0755
	only_text stderr "$T/stderr"
	has stderr "$stderr" '\\xc2\\x9b1m'
	"$SANDBOX" -t --deny mkdir -r "$REPORT" --format=json -- \
		bash -c 'mkdir "$1"; :' "$EVIL" "$T/d" 2>/dev/null || true
	only_text report "$REPORT"
	is argument "$(json '.command[3]')" \
		"$(printf '\e[31m\nx\xc2\x9b1m\xe2\x80\xae\xe2\x81\xa6\\xff')"
}

@test "a policy's words are text, or the policy is refused" {
	printf '[policy]\ndefault = allow\n# \xe2\x80\xae is fine in a comment\n[deny]\nsyscalls = mkdir \xe2\x80\xaermdir\n' |
		bad 'bad\.ini:5: invisible character .xe2.x80.xae'
	only_text stderr "$T/stderr"
	printf '[policy]\ndefault = allow\n[deny]\nsyscalls = mkdir \xc2\x9brmdir\n' |
		bad 'bad\.ini:4: invisible character .xc2.x9b'
	printf '[policy]\ndefault = allow\n[deny]\nsyscalls = mkdir \xc3\n' |
		bad 'bad\.ini:4: byte 0xc3 is not valid UTF-8'
	printf '[policy]\ndefault = allow\ndescription = f\xc3\xbcr \xe6\x97\xa5\n' |
		policy good.ini
	capture "$SANDBOX" -p "$POLICY" -- true
	is status "$status" 0
}

@test "no path adds a line to a drop-in" {
	local folder="$T/d"$'\n'"ExecStartPre=+/bin/touch"
	printf '[Service]\nExecStart=/bin/sleep 1\n' >"$T/u.service"
	mkdir -p "$folder"
	cp "$POLICY" "$folder/owned.ini"
	ln -s "$folder/owned.ini" "$T/web.ini"
	capture "$SANDBOX" systemd-dropin "$T/u.service" -p "$T/web.ini"
	is status "$status" 0
	only_text output "$T/stdout"
	hasnt output "$output" '^ExecStartPre'
	has output "$output" '^ExecStart=.* -p "/.*/d\\x0aExecStartPre=\+/bin/touch/owned\.ini" -- '
	# sandbox's own place, and the unit's name
	folder="$T/s"$'\n'"ExecStop=+"
	mkdir -p "$folder"
	cp "$SANDBOX" "$folder/sandbox"
	cp "$T/u.service" "$T/v"$'\n'"ExecStop=x.service"
	capture "$folder/sandbox" systemd-dropin \
		"$T/v"$'\n'"ExecStop=x.service" -p "$POLICY"
	is status "$status" 0
	hasnt output "$output" '^ExecStop'
	has output "$output" '^ExecStart=".*/s\\x0aExecStop=\+/sandbox" '
}
