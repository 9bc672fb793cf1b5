#!/usr/bin/env bats
# Groups, names, layers and includes: which rule has the last word.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

allowed_start() { # a policy in which a static helper starts; rules on stdin
	policy "$1" <<-INI
	[policy]
	default = deny
	[allow]
	syscalls = $STATIC_START
	$(cat)
	INI
}

# ----------------------------------------------------- groups, names, layers

@test "a named call beats a group, both ways" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @file-system
	[allow]
	syscalls = mkdir
	INI
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755 , rmdir "$MARKER"
	is output "$output" "$(printf 'mkdir = 0\nrmdir = -1 EPERM')"
	is rule "$(row rmdir '"\(.rule.kind) \(.rule.line)"')" "group 4"

	allowed_start q.ini <<-'INI'
	syscalls = @file-system
	[deny]
	rmdir = ENOTDIR
	INI
	plain "$HELPERS/syscalls" rmdir "$MARKER"
	is output "$output" "rmdir = -1 ENOTDIR"
	[ -d "$MARKER" ]
}

@test "a group of one's own" {
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[groups]
	@folders = mkdir
	@mine = @folders rmdir
	[deny]
	syscalls = @mine
	INI
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755 , rmdir "$MARKER"
	is output "$output" \
		"$(printf 'mkdir = -1 EPERM\nrmdir = -1 EPERM')"
	is rule "$(row mkdir '"\(.rule.kind) \(.rule.line)"')" "group 7"
}

@test "layers: the later -p is the outer one and has the last word" {
	policy inner.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir
	rmdir = EBUSY
	INI
	inner=$POLICY
	policy outer.ini <<-'INI'
	[allow]
	syscalls = mkdir
	[deny]
	rmdir = EXDEV
	INI
	outer=$POLICY
	capture sandbox -p "$inner" -p "$outer" -- \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 , rmdir "$MARKER"
	is output "$output" "$(printf 'mkdir = 0\nrmdir = -1 EXDEV')"
	rmdir "$MARKER"

	capture sandbox -p "$outer" -p "$inner" "$TRACE" -r "$REPORT" \
		--format=json -- \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 , rmdir "$MARKER"
	is output "$output" \
		"$(printf 'mkdir = -1 EPERM\nrmdir = -1 EBUSY')"
	has rule "$(row rmdir '"\(.rule.file):\(.rule.line)"')" \
		'inner\.ini:5$'
	is policies "$(json '.policies | length')" 2
}

@test "an include is an inner layer, found beside the file that names it" {
	mkdir -m 0755 "$T/pieces"
	policy pieces/base.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir rmdir
	INI
	policy p.ini <<-'INI'
	[policy]
	include = pieces/base.ini
	[allow]
	syscalls = mkdir
	INI
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755 , rmdir "$MARKER"
	is output "$output" "$(printf 'mkdir = 0\nrmdir = -1 EPERM')"
	has rule "$(row rmdir '"\(.rule.file):\(.rule.line)"')" \
		'pieces/base\.ini:4$'
}

@test "--deny and --allow: a policy typed on the spot" {
	capture sandbox --deny mkdir,@exec -- \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 , execve 0 , \
		rmdir "$MARKER"
	is output "$output" "$(printf '%s\n' 'mkdir = -1 EPERM' \
		'execve = -1 EPERM' 'rmdir = -1 ENOENT')"
	capture sandbox --allow "${STATIC_START// /,}" -- \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 , getppid
	is output "$output" \
		"$(printf 'mkdir = -1 EPERM\ngetppid = -1 EPERM')"

	# with -p: the outermost layer
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir rmdir
	INI
	capture sandbox -p "$POLICY" --allow mkdir \
		--deny unlink "$TRACE" -r "$REPORT" --format=json -- \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 , rmdir "$MARKER" , \
		unlink "$POLICY"
	is output "$output" "$(printf '%s\n' 'mkdir = 0' \
		'rmdir = -1 EPERM' 'unlink = -1 EPERM')"
	is rule "$(row unlink .rule.kind)" rule
	[ -e "$POLICY" ]
}

# bats test_tags=once
@test "a name without a slash is looked up on the policy path" {
	mkdir -m 0755 "$T/path"
	policy path/tiny.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = EMLINK
	INI
	SANDBOX_POLICY_PATH=$T/path capture sandbox -p tiny -- \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755
	is output "$output" "mkdir = -1 EMLINK"
}
