#!/usr/bin/env bats
# Whom root believes: policies that somebody else could change are refused.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# ------------------------------------------------------------------- trust

@test "as root: a policy that others can write is refused" {
	need_root
	good
	for mode in 0646 0664 0666; do
		chmod "$mode" "$POLICY"
		refused 125 'good\.ini.*writ' -p "$POLICY"
	done
	chmod 0644 "$POLICY"
	chown 65534 "$POLICY"
	refused 125 'good\.ini.*(own|belong)' -p "$POLICY"
	SUDO_UID=65534 capture sandbox -p "$POLICY" -- true
	is status "$status" 0
	SUDO_UID=1 refused 125 'good\.ini.*(own|belong)' -p "$POLICY"
}

@test "as root: a policy in a folder that others can write is refused" {
	need_root
	mkdir -m 0777 "$T/open"
	chmod 0777 "$T/open"
	policy open/p.ini <<-'INI'
	[policy]
	default = allow
	INI
	refused 125 "open.*writ|writ.*open" -p "$POLICY"
	# also further up
	mkdir -m 0755 "$T/open/deep"
	cp "$POLICY" "$T/open/deep/p.ini"
	chmod 0644 "$T/open/deep/p.ini"
	refused 125 "open.*writ|writ.*open" -p "$T/open/deep/p.ini"
	# and where the working folder cannot be had
	cd "$T/open/deep"
	capture strace -o /dev/null -e inject=getcwd:error=ENOENT \
		"$SANDBOX" -p ./p.ini -- true
	is status "$status" 125
	has stderr "$stderr" 'does not trust it: others can write in its folder .*open'
	cd "$T"
	# not with the sticky bit
	chmod 1777 "$T/open"
	capture sandbox -p "$POLICY" -- true
	is status "$status" 0
}

@test "as a user namespace's root: what can be done is said" {
	as_user unshare -r true 2>/dev/null || skip "no user namespaces here"
	open_copy
	good
	cp "$POLICY" "$OPEN/p.ini"
	chmod 0644 "$OPEN/p.ini"
	capture as_user unshare -r "$OPEN/sandbox" -p "$OPEN/p.ini" -- true
	is status "$status" 125
	has stderr "$stderr" 'belongs to a user whom this user namespace does not know, shown as [0-9]+ \(no file can be a policy here: give --deny or --allow, or start sandbox outside'
	capture as_user unshare -r "$OPEN/sandbox" --deny mkdir -- true
	is status "$status" 0
	capture as_user "$OPEN/sandbox" -p "$OPEN/p.ini" -- unshare -r true
	is status "$status" 0
	# where / is root's own, a copy will do
	need_root
	cp "$POLICY" "$T/copy.ini"
	chown 65534 "$POLICY"
	capture unshare -r "$SANDBOX" -p "$POLICY" -- true
	is status "$status" 125
	has stderr "$stderr" '\(copy the policy to a file of your own,'
	capture unshare -r "$SANDBOX" -p "$T/copy.ini" -- true
	is status "$status" 0
}

@test "as root: the same for includes and for symbolic links" {
	need_root
	policy piece.ini <<-'INI'
	[deny]
	syscalls = mkdir
	INI
	chmod 0666 "$POLICY"
	bad 'piece\.ini.*writ' <<-'INI'
	[policy]
	default = allow
	include = piece.ini
	INI
	good
	mkdir -m 0777 "$T/open"
	chmod 0777 "$T/open"
	mv "$POLICY" "$T/open/good.ini"
	ln -s open/good.ini "$T/link.ini"
	refused 125 'writ' -p "$T/link.ini"
}

@test "an ordinary user's own judgement is enough" {
	open_copy
	printf '[policy]\ndefault = allow\n' >"$OPEN/tmp/p.ini"
	chmod 0666 "$OPEN/tmp/p.ini"
	capture as_user "$OPEN/sandbox" -p "$OPEN/tmp/p.ini" -- true
	is status "$status" 0
}

@test "a setuid sandbox refuses" {
	need_root
	open_copy
	good
	cp "$POLICY" "$OPEN/p.ini"
	chmod 0644 "$OPEN/p.ini"
	chmod 4755 "$OPEN/sandbox"
	capture as_user "$OPEN/sandbox" -p "$OPEN/p.ini" -- \
		touch "$OPEN/tmp/marker"
	if grep -q nosuid <(findmnt -nT "$OPEN" -o OPTIONS 2>/dev/null); then
		skip "setuid bits do not count on $OPEN's file system"
	fi
	is status "$status" 125
	has stderr "$stderr" 'setuid'
	[ ! -e "$OPEN/tmp/marker" ]
}
