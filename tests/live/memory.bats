#!/usr/bin/env bats
# CMD's memory, which the monitor reads for the report.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	open_copy
	printf '[policy]\ndefault = allow\n[deny]\nsyscalls = mkdir\n' \
		>"$OPEN/p.ini"
	chmod 0644 "$OPEN/p.ini"
}
teardown() { common_teardown; }

# A child holds the page back until the call has its answer.
@test "a path that never comes holds nobody up, and is shown as the pointer" {
	local mode
	for mode in "" --in-place; do
		rm -f "$REPORT"
		# shellcheck disable=SC2086
		capture timeout -k 5 "$LIMIT" "$SANDBOX" -p "$OPEN/p.ini" "$TRACE" \
			$mode -r "$REPORT" --format=json -- "$HELPERS/stuck"
		[ "$status" != 77 ] || skip "no userfaultfd here"
		is "status ($mode)" "$status" 0
		is answer "$output" "mkdir = -1 EPERM"
		wait_for jq -e '.state == "ended"' "$REPORT"
		is hits "$(row mkdir .hits)" 1
		if [ "$(id -u)" = 0 ]; then
			has path "$(row mkdir '.first.args[0]')" '^0x[0-9a-f]+$'
		fi
	done
}

# bats test_tags=once
@test "-v says nothing of a caller that is gone when it has been looked at" {
	capture sandbox -p "$OPEN/p.ini" --trace=notify -v -- "$HELPERS/stuck" early
	[ "$status" != 77 ] || skip "no userfaultfd here"
	is status "$status" 0
	hasnt line "$stderr" '^sandbox: denied mkdir'
	has report "$stderr" 'no system call was denied'
}
