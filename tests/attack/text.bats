#!/usr/bin/env bats
# Names and words from outside steer no terminal, no JSON and no unit file:
# escape sequences (also as U+009B), marks that turn the direction of writing,
# bytes that are no text, new lines.

setup() {
	load common
	attack_setup
	ESC=$'\e[31m'
	C1=$'\xc2\x9b31m'
	RAW=$'\x9b31m'
	TURN=$'\xe2\x80\xae'
	LINE=$'a\nb'
	ODD=("$ESC" "$C1" "$RAW" "$TURN" "$LINE")
}
teardown() { attack_teardown; }

# Does a file hold any of it?  LINE: a line that begins with what came behind the
# new line, for which the words say "b=forged".
steers() {
	grep -qaP '\x1b|\x9b|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]|^b=forged' \
		"$@"
}

@test "a program that prints names as they are steers the terminal" {
	local odd
	for odd in "${ODD[@]}"; do
		echo "no such file: $odd=forged" >"$T/stdout"
		control "odd text" steers "$T/stdout"
	done
}

# said USER MODE ARG...: what sandbox says to these arguments.
said() {
	local user=$1 mode=$2
	shift 2
	# shellcheck disable=SC2046
	capture as "$user" timeout -k 2 "$HANG" "$OPEN/sandbox" "$@" </dev/null
	tried "odd text" "$user" "$mode" 1 if_true steers "$T/stdout" "$T/stderr"
}

words() { # USER ODD
	local user=$1 odd=$2=forged
	said "$user" names check "$OPEN/$odd.ini"
	said "$user" names show "$OPEN/$odd.ini"
	said "$user" names show -p "$OPEN/deny.ini" "$odd"
	said "$user" names diff "$OPEN/$odd.ini" "$OPEN/deny.ini"
	said "$user" names explain "$OPEN/deny.ini" "$odd"
	said "$user" names explain "$OPEN/deny.ini" "openat(\"$odd"
	said "$user" names groups "@$odd"
	said "$user" names "$odd"
	said "$user" names "--$odd"
	said "$user" names --trace="$odd" -p "$OPEN/deny.ini" -- true
	said "$user" names --format="$odd" -p "$OPEN/deny.ini" -- true
	said "$user" names -p "$OPEN/$odd.ini" -- true
	said "$user" names -p "$odd" -- true
	said "$user" names --deny "$odd" -- true
	said "$user" names --allow "$odd" -- true
	said "$user" names -p "$OPEN/deny.ini" -- "$odd"
	said "$user" names -p "$OPEN/deny.ini" -- "/no/$odd"
	said "$user" names -p "$OPEN/deny.ini" -r "/no/$odd" -- true
	said "$user" names systemd-dropin "$odd.service" -p "$OPEN/deny.ini"
}

@test "words of the command line" {
	local user odd
	for user in "${USERS[@]}"; do
		for odd in "${ODD[@]}"; do
			words "$user" "$odd"
		done
	done
	held
}

files() { # USER ODD
	local user=$1 odd=$2
	local file=$OPEN/tmp/$odd=forged.ini
	# a file of a stranger's, with mistakes in it
	printf '[policy]\ndefault = maybe\n' >"$file"
	chmod 0644 "$file"
	said "$user" files check "$file"
	said "$user" files check --format=json "$file"
	said "$user" files -p "$file" -- true
	printf '[policy]\ndefault = allow\n[deny]\nopenat = EPERM\n' >"$file"
	said "$user" files check "$file"
	said "$user" files check --format=json "$file"
	said "$user" files show "$file"
	said "$user" files show --format=json "$file"
	said "$user" files explain "$file" openat
	said "$user" files diff "$file" "$OPEN/deny.ini"
	rm -f "$file"
}

@test "names of policies" {
	local user odd
	for user in "${USERS[@]}"; do
		for odd in "${ODD[@]}"; do
			files "$user" "$odd"
		done
	done
	held
}

@test "words inside a policy" {
	local user odd text
	for user in "${USERS[@]}"; do
		for odd in "$ESC" "$C1" "$RAW" "$TURN"; do
			for text in "[policy]\ndefault = $odd" \
				"[policy]\n$odd = allow" "[$odd]\nmkdir = EPERM" \
				"[policy]\ndefault = allow\n[deny]\n$odd = EPERM" \
				"[policy]\ndefault = allow\n[deny]\nmkdir = $odd" \
				"[policy]\ndefault = allow\n[deny]\nmkdir = if $odd == 1" \
				"[policy]\ndefault = allow\ninclude = $odd.ini" \
				"[policy]\ndefault = allow\n[group @$odd]\nsyscalls = mkdir\n[deny]\nsyscalls = @x"; do
				printf '%b\n' "$text" | write odd.ini
				said "$user" words check "$OPEN/odd.ini"
				said "$user" words check --format=json \
					"$OPEN/odd.ini"
				said "$user" words -p "$OPEN/odd.ini" -- true
			done
		done
	done
	held
}

reports() { # USER MODE
	local user=$1 mode=$2 odd format
	for odd in "${ODD[@]}"; do
		for format in text json; do
			# the name of a thread, a path, the words of CMD
			# shellcheck disable=SC2046
			capture as "$user" timeout -k 2 "$HANG" "$OPEN/sandbox" \
				-p "$OPEN/deny.ini" $(options "$mode") -vv \
				-r "$OPEN/tmp/report" --format=$format -- \
				"$OPEN/helpers/syscalls" prctl 15 "$odd=forged" \
				, mkdir "/no/$odd=forged" 0755
			wait_briefly no_monitor || true
			grep -q mkdir "$OPEN/tmp/report"
			tried "odd text" "$user" "$mode" 1 if_true steers \
				"$T/stderr" "$OPEN/tmp/report"
			rm -f "$OPEN/tmp/report"
		done
	done
}

@test "reports, at once and at the end, text and JSON" {
	each reports "${TRACED[@]}"
	held
}

# A path may have a new line in it; a drop-in has one setting in each.
forged() {
	if_true grep -qaP '^(ExecStartPre|b=forged|User=root)|[\x01-\x08\x0b-\x1f]' \
		"$T/stdout"
}

drop_in() { # USER WHAT ARG...
	capture as "$1" "$3" systemd-dropin "${@:4}"
	tried "forged setting" "$1" "$2" 1 forged
}

@test "paths with new lines: no setting of their own in a drop-in" {
	local user folder=$'d\nExecStartPre=+/bin/touch'
	printf '[Service]\nExecStart=/bin/sleep 1\n' >"$OPEN/u.service"
	mkdir -p "$OPEN/$folder"
	cp "$OPEN/deny.ini" "$OPEN/$folder/owned.ini"
	cp "$OPEN/deny.ini" "$OPEN/$folder/a"$'\rExecStartPre=x.ini'
	cp "$OPEN/sandbox" "$OPEN/$folder/sandbox"
	cp "$OPEN/u.service" "$OPEN/$folder/"$'u\nUser=root.service'
	ln -s "$folder/owned.ini" "$OPEN/web.ini"
	chmod -R a+rX "$OPEN/$folder"
	# shellcheck disable=SC2016
	capture sh -c 'printf "ExecStart=%s\n" "$(realpath "$1")"' sh \
		"$OPEN/web.ini"
	control "forged setting" grep -q '^ExecStartPre' "$T/stdout"
	cd "$OPEN"
	for user in "${USERS[@]}"; do
		drop_in "$user" "policy, by a link" "$OPEN/sandbox" \
			./u.service -p ./web.ini
		drop_in "$user" policy "$OPEN/sandbox" ./u.service \
			-p "./$folder/owned.ini"
		drop_in "$user" policy "$OPEN/sandbox" ./u.service \
			-p "./$folder/a"$'\rExecStartPre=x.ini'
		drop_in "$user" "sandbox's own path" "$OPEN/$folder/sandbox" \
			./u.service -p ./deny.ini
		drop_in "$user" unit "$OPEN/sandbox" \
			"./$folder/"$'u\nUser=root.service' -p ./deny.ini
		drop_in "$user" unit "$OPEN/sandbox" \
			$'u\nExecStartPre=x.service' -p ./deny.ini
		drop_in "$user" report "$OPEN/sandbox" ./u.service \
			-p ./deny.ini -r $'/tmp/r\nExecStartPre=x'
	done
	held
}
