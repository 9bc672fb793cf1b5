#!/usr/bin/env bats
# `final = all`: a platform's file that no other can lift.

setup() {
	load ../common
	common_setup
	policy base.ini <<-'INI'
	[policy]
	description = the platform's
	default = deny
	final   = all
	[allow]
	syscalls = @system-service @io-uring
	[deny]
	syscalls = @mount
	ioctl = if cmd in (TIOCSTI, TIOCLINUX)
	[kill]
	syscalls = kexec_load
	INI
	BASE=$POLICY
	policy site.ini <<-'INI'
	[policy]
	errno = EACCES
	[allow]
	syscalls = access bpf getpid
	mount = always
	syscalls = @module
	kexec_load = always
	[deny]
	syscalls = rmdir
	INI
	SITE=$POLICY
}
teardown() { common_teardown; }

@test "what it denies stays denied in the kernel, wherever it stands" {
	for mode in "" --trace=notify --trace=ptrace; do
		capture sandbox -p "$BASE" -p "$SITE" $mode -q -- \
			"$HELPERS/syscalls" mount , bpf , rmdir "$MARKER"
		is "inside $mode" "$(sed 's/ .* / /' <<<"$output" | tr '\n' ' ')" \
			"mount EACCES bpf EACCES rmdir EACCES "
		# the base has the last word now, and allows rmdir
		capture sandbox -p "$SITE" -p "$BASE" $mode -q -- \
			"$HELPERS/syscalls" mount , bpf , rmdir "$MARKER"
		is "outside $mode" "$(sed 's/ .* / /' <<<"$output" | tr '\n' ' ')" \
			"mount EACCES bpf EACCES rmdir ENOENT "
	done
	capture sandbox -p "$BASE" --allow kexec_load -- \
		"$HELPERS/syscalls" kexec_load
	is "a kill: status" "$status" 159
}

@test "check names each rule that it makes void" {
	capture sandbox check "$BASE" -p "$SITE"
	is notes "$(grep -F "$SITE" <<<"$output" | grep -F ' which is final' |
		sed "s,$T/,,g")" \
"site.ini:4: note: allow of bpf never decides here: it is deny EACCES by base.ini, which is final
site.ini:5: note: allow of mount never decides here: it is deny EACCES by base.ini, which is final
site.ini:6: note: allow of @module never decides here: it is deny EACCES by base.ini, which is final
site.ini:7: note: allow of kexec_load never decides here: it is kill by base.ini, which is final"
	hasnt "no hole" "$output" 'undone|an outer'
}

@test "show, explain and diff know it" {
	capture sandbox show "$BASE" -p "$SITE"
	has show "$output" "base.ini: the platform's \(final = all\)"
	capture sandbox show "$BASE" -p "$SITE" --format=json
	is json "$(jq -c '.layers | map([.final, .ceiling])' <<<"$output")" \
		'[[null,null],[true,true]]'
	capture sandbox explain "$BASE" -p "$SITE" bpf
	has explain "$output" 'deny EACCES +always  \[default \(.*base.ini:3\)\]'
	capture sandbox explain "$BASE" -p "$SITE" 'mount()'
	has explain "$output" 'base.ini:8'
	has explain "$output" 'base.ini \(final = all\), rules that name'
	sed 's/^final.*/final = no/' "$BASE" >"$T/open.ini"
	capture sandbox diff "$BASE" "$T/open.ini"
	is "alone it is the same: status" "$status" 0
	capture sandbox show --ini "$BASE" -p "$SITE"
	is "one file: status" "$status" 0
	printf '%s\n' "$output" >"$T/one.ini"
	capture sandbox diff "$T/one.ini" "$BASE"
	hasnt "allowed by the stack alone" "$output" ': (allow|log) in'
}

@test "the outer default, foreign and architectures are bounded" {
	printf '[policy]\ndefault = allow\nforeign = deny\narchitectures = native x86\n' \
		>"$T/loose.ini"
	capture sandbox show "$BASE" -p "$T/loose.ini"
	has default "$output" "^  default +deny +$BASE:3"
	has foreign "$output" "^  foreign +kill"
	has architectures "$output" "^  architectures +x86_64 +built in"
	need_i386
	capture sandbox -p "$BASE" -p "$T/loose.ini" -- \
		"$HELPERS/syscalls" int80:20
	is "i386: status" "$status" 159
}

@test "the report's advice is to change the ceiling" {
	capture sandbox -p "$BASE" -p "$SITE" -t -- "$HELPERS/syscalls" acct
	has advice "$stderr" "change base.ini:3 \(in a final layer"
	capture sandbox -p "$BASE" -t -- "$HELPERS/syscalls" acct
	hasnt "its own file" "$stderr" "final layer"
}
