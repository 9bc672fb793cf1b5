#!/usr/bin/env bats
# `quiet`: denials by errno that the kernel gives itself under a tracer too, and
# that no report has.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	quiet   = mkdir
	[deny]
	mkdir = EACCES
	rmdir = EBUSY
	INI
	QUIET="'$HELPERS/syscalls' mkdir '$MARKER' 0755"
	LOUD="'$HELPERS/syscalls' rmdir '$MARKER'"
}
teardown() { common_teardown; }

@test "the kernel answers: a tracer that is stopped keeps no quiet call waiting" {
	traced sh -c "exec '$HELPERS/syscalls' kill \$PPID 19 , \
		mkdir '$MARKER' 0755 , kill \$PPID 18"
	is output "$output" "kill = 0
mkdir = -1 EACCES
kill = 0"
	is status "$status" 0
	is hits "$(json .totals.hits)" 0
	is rows "$(json '.denied | length')" 0
}

@test "only what is not quiet is reported, at once and at the end" {
	capture sandbox -p "$POLICY" "$TRACE" -vv -r "$REPORT" --format=json \
		-- sh -c "$QUIET; $LOUD; $QUIET"
	is output "$output" "mkdir = -1 EACCES
rmdir = -1 EBUSY
mkdir = -1 EACCES"
	is lines "$(grep -c denied <<<"$stderr")" 1
	has line "$stderr" 'denied rmdir'
	is calls "$(json '.denied[].syscall')" rmdir
	is hits "$(json .totals.hits)" 1
}

@test "a list speaks of every layer's denials, of the default and newer calls too" {
	policy outer.ini <<-'INI'
	[policy]
	quiet = rmdir
	INI
	POLICY=$T/p.ini
	capture sandbox -p "$POLICY" -p "$T/outer.ini" "$TRACE" -r "$REPORT" \
		--format=json -- sh -c "$QUIET; $LOUD"
	is "an outer list" "$(json .totals.hits)" 0
	# a new call's ENOSYS, the default's and a group's denial
	policy inner.ini <<-INI
	[policy]
	default = deny
	quiet   = mkdir getppid openat2 @timer
	kernel  = 5.2
	[allow]
	syscalls = $STATIC_START
	INI
	capture sandbox -p "$T/inner.ini" --deny @timer "$TRACE" \
		-r "$REPORT" --format=json -- "$HELPERS/syscalls" \
		alarm 1 , mkdir "$MARKER" 0755 , getppid , openat2 , \
		rmdir "$MARKER"
	is answers "$(sed 's/.* //' <<<"$output" | tr '\n' ' ')" \
		"EPERM EPERM EPERM ENOSYS EPERM "
	is "an inner list" "$(json '[.denied[].syscall] | join(" ")')" rmdir
}

@test "--fail-denied: quiet denials are none" {
	sed -i 's/^default.*/&\nforeign = deny/' "$POLICY"
	capture sandbox -p "$POLICY" "$TRACE" -q --fail-denied -- \
		sh -c "$QUIET; exit 3"
	is "only quiet ones: status" "$status" 3
	capture sandbox -p "$POLICY" "$TRACE" -q --fail-denied -- \
		sh -c "$QUIET; $LOUD; exit 3"
	is "another too: status" "$status" 120
}

# bats test_tags=once
@test "--permissive: a quiet call runs, unseen; -c counts it" {
	capture sandbox -p "$POLICY" --permissive -r "$REPORT" --format=json \
		-- sh -c "$QUIET"
	is output "$output" "mkdir = 0"
	is hits "$(json .totals.hits)" 0
	rmdir "$MARKER"
	capture sandbox -p "$POLICY" -c -r "$REPORT" --format=json \
		-- sh -c "$QUIET; $QUIET; $LOUD"
	has output "$output" "mkdir = -1 EACCES"
	is counted "$(json '.counts[] | select(.syscall == "mkdir").hits')" 2
	is denied "$(json '.denied[].syscall')" rmdir
	capture sandbox -p "$POLICY" -c --permissive -r "$REPORT" \
		--format=json -- sh -c "$QUIET"
	is "both: output" "$output" "mkdir = 0"
	is "both: hits" "$(json .totals.hits)" 0
}

@test "a kill is never quiet" {
	policy kill.ini <<-'INI'
	[policy]
	default = allow
	quiet   = mkdir
	[kill]
	syscalls = mkdir
	INI
	traced "$HELPERS/syscalls" mkdir "$MARKER" 0755
	is hits "$(json .totals.hits)" 1
	is status "$status" 159
}

# bats test_tags=once
@test "an exec that is denied quietly is not CMD's own" {
	sed -i 's/^quiet.*/quiet = mkdir execve/; s/^mkdir.*/&\nexecve = EPERM/' \
		"$POLICY"
	for mode in "" --trace=notify --trace=ptrace --in-place; do
		capture sandbox -p "$POLICY" $mode -q -- sh -c "exec true"
		is "status ($mode)" "$status" 126
		has "stderr ($mode)" "$stderr" 'Operation not permitted'
	done
}
