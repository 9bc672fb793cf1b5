#!/usr/bin/env bats
# Ways to make root run CMD under a policy that an ordinary user has written
# (tests/cli/trust.bats has the rules; these are ways round them).

setup() {
	load common
	attack_setup
	need_root
	printf '[policy]\ndefault = allow\n' >"$OPEN/tmp/evil.ini"
	chown 61002:61002 "$OPEN/tmp/evil.ini"
	EVIL=$OPEN/tmp/evil.ini
	mkdir -m 0755 "$OPEN/root"
}
teardown() { attack_teardown; }

# believed WHAT [VARIABLE=VALUE...] ARG...: sandbox with these arguments.
believed() {
	local what=$1
	shift
	rm -f "$MARKER"
	capture env "$@" -- touch "$MARKER"
	tried "policy of a user" root "$what" 1 if_true test -e "$MARKER"
}

@test "an ordinary user's own policy is enough for the user" {
	capture as user "$OPEN/sandbox" -p "$EVIL" -- mkdir "$FOLDER"
	control "policy of a user" test -d "$FOLDER"
}

@test "roundabout paths to it" {
	local S=$OPEN/sandbox
	believed "by its path" "$S" -p "$EVIL"
	believed "through .." "$S" -p "$OPEN/root/../tmp/evil.ini"
	believed "/proc/self/root" "$S" -p "/proc/self/root$EVIL"
	believed "/proc/self/cwd" -C "$OPEN/tmp" "$S" \
		-p /proc/self/cwd/evil.ini
	believed "working folder" -C "$OPEN/tmp" "$S" -p ./evil.ini
	believed "policy path" SANDBOX_POLICY_PATH="$OPEN/tmp" "$S" -p evil
	believed "policy path, relative" -C "$OPEN" SANDBOX_POLICY_PATH=tmp \
		"$S" -p evil
	exec 7<"$EVIL"
	believed "a descriptor" "$S" -p /dev/fd/7
	believed "a descriptor" "$S" -p /proc/self/fd/7
	exec 7<&-
	ln -s "$EVIL" "$OPEN/root/link.ini"
	believed "root's link to it" "$S" -p "$OPEN/root/link.ini"
	as user ln -s "$OPEN/deny.ini" "$OPEN/tmp/back.ini"
	believed "the user's link to root's" "$S" -p "$OPEN/tmp/back.ini"
	cp "$OPEN/deny.ini" "$OPEN/tmp/roots.ini"
	believed "root's file in the user's folder" "$S" \
		-p "$OPEN/tmp/roots.ini"
	printf '[policy]\ninclude = ../tmp/evil.ini\n' >"$OPEN/root/i.ini"
	believed "an include" "$S" -p "$OPEN/root/i.ini"
	printf '[policy]\ninclude = link.ini\n' >"$OPEN/root/j.ini"
	believed "an include by a link" "$S" -p "$OPEN/root/j.ini"
	believed "an outer layer" "$S" -p "$OPEN/deny.ini" -p "$EVIL"
	chmod 0666 "$EVIL"
	chown root:root "$EVIL"
	believed "root's, which all may write" "$S" -p "$EVIL"
	held
}

@test "names for the caller of sudo that are none" {
	local uid
	for uid in 0171112 0xee4a -1 4294967296 4295028298 '' ' 61002' '61002 ' \
		+61002 0 61002x 61002.0 nobody; do
		believed "SUDO_UID=$uid" SUDO_UID="$uid" "$OPEN/sandbox" -p "$EVIL"
	done
	held
}
