#!/usr/bin/env bats
# make install and uninstall: what they put where, under which name, and what
# they leave alone.

setup() {
	load ../common
	common_setup
	mkdir "$T/build"
}
teardown() { common_teardown; }

# make_it GOAL WORD=VALUE...: with the program as it is.
make_it() {
	make --no-print-directory -o all B="$T/build" PROGRAM="$SANDBOX" \
		DESTDIR="$T/root" "$@" >"$T/log" 2>&1 || {
		cat "$T/log"
		return 1
	}
}

# files: below $T/root, with their modes
files() {
	(cd "$T/root" && find . ! -type d -printf '%m %P\n' | sort -k 2)
}

@test "install puts everything where it belongs, uninstall takes it away" {
	make_it install PREFIX=/usr
	has files "$(files)" '^755 usr/bin/sandbox$'
	local file
	for file in share/man/man1/sandbox.1 share/man/man5/sandbox.policy.5 \
		share/bash-completion/completions/sandbox \
		share/zsh/site-functions/_sandbox \
		lib/systemd/system/sandbox@.service \
		share/sandbox/policies/service.ini \
		share/sandbox/policies/include/ordinary.ini; do
		has files "$(files)" "^644 usr/$file\$"
	done
	is policies "$(files | grep -c '\.ini$')" \
		"$(find policies -name '*.ini' | wc -l)"
	make_it uninstall PREFIX=/usr
	is left "$(files)" ""
	[ ! -e "$T/root/usr/share/sandbox" ]
	# twice is no mistake
	make_it uninstall PREFIX=/usr
}

@test "uninstall leaves what is the administrator's" {
	make_it install PREFIX=/usr
	local policies=$T/root/usr/share/sandbox/policies
	echo '; ours' >"$policies/ours.ini"
	echo '; changed' >>"$policies/service.ini"
	echo '; ours' >"$policies/include/ours.ini"
	mkdir -p "$T/root/etc/sandbox"
	echo '; ours' >"$T/root/etc/sandbox/web.ini"
	make_it uninstall PREFIX=/usr
	is left "$(files)" "644 etc/sandbox/web.ini
644 usr/share/sandbox/policies/include/ours.ini
644 usr/share/sandbox/policies/ours.ini
644 usr/share/sandbox/policies/service.ini"
	has log "$(<"$T/log")" "kept, since it is not as it was installed: .*/service\.ini"
}

@test "NAME= names man pages, completions and the unit, and their text" {
	make_it install PREFIX=/opt/tools NAME=callbox
	local tools=$T/root/opt/tools page
	is names "$(files | grep -v policies/)" "755 opt/tools/bin/callbox
644 opt/tools/lib/systemd/system/callbox@.service
644 opt/tools/share/bash-completion/completions/callbox
644 opt/tools/share/man/man1/callbox.1
644 opt/tools/share/man/man5/callbox.policy.5
644 opt/tools/share/zsh/site-functions/_callbox"
	page=$(<"$tools/share/man/man1/callbox.1")
	has page "$page" '^\.TH CALLBOX 1 '
	has page "$page" '^\.BR callbox\.policy \(5\)'
	has page "$page" '^\.B callbox \\-c '
	has page "$page" '^\.I /opt/tools/share/sandbox/policies/'
	# what is not the program's name
	has page "$page" '^\.I /etc/sandbox/'
	has page "$page" '^\.RB \( sandbox \),$'
	has page "$page" '^sandbox: 2 system calls denied'
	has page "$(tr '\n' ' ' <<<"$page")" '\.B sandbox The version of the program'
	has unit "$(<"$tools/lib/systemd/system/callbox@.service")" \
		'^ExecStart=/opt/tools/bin/callbox --in-place -p %i '
	has unit "$(<"$tools/lib/systemd/system/callbox@.service")" \
		'^EnvironmentFile=/etc/sandbox/%i\.env$'
	has zsh "$(head -n 1 "$tools/share/zsh/site-functions/_callbox")" \
		'^#compdef callbox$'
	has bash "$(<"$tools/share/bash-completion/completions/callbox")" \
		'^complete -o filenames -F _sandbox callbox$'
	capture "$tools/bin/callbox" --help
	has help "$output" '^Usage: callbox -p POLICY'
	has help "$output" 'callbox\(1\) and callbox\.policy\(5\)'
	capture "$tools/bin/callbox" nonsense
	has stderr "$stderr" "^sandbox: 'callbox --help' lists"
	if command -v groff >/dev/null; then
		run groff -man -ww -Tutf8 -z "$tools/share/man/man1/callbox.1"
		is groff "$output" ""
	fi
	make_it uninstall PREFIX=/opt/tools NAME=callbox
	is left "$(files)" ""
}

@test "completion finds the policies of any PREFIX" {
	make_it install PREFIX="$T/any"
	# where they are without DESTDIR
	mkdir -p "$T/any/share/sandbox/policies"
	touch "$T/any/share/sandbox/policies/only-here.ini"
	is policy "$(bash -c '
		source "$1"
		COMP_WORDS=(sandbox -p only-h) COMP_CWORD=2
		_sandbox
		echo "${COMPREPLY[@]}"' _ \
		"$T/root$T/any/share/bash-completion/completions/sandbox")" \
		"only-here"
	has zsh "$(<"$T/root$T/any/share/zsh/site-functions/_sandbox")" \
		"$T/any/share/sandbox/policies"
}

@test "a NAME that no file can have is refused" {
	run ! make_it install PREFIX=/usr NAME='x y'
	run ! make_it install PREFIX=/usr 'NAME=x/y'
	[ ! -e "$T/root" ]
}
