#!/usr/bin/env bats
# Root's report, at a place that an ordinary user can change, gives nothing of
# root's away (tests/helpers/relink.c).

setup() {
	load common
	attack_setup
	need_root
	mkdir -m 0755 "$OPEN/victim"
	VICTIM=$OPEN/victim/passwd
	PLACE=$OPEN/tmp/report
}
teardown() { attack_teardown; }

new_victim() {
	rm -f "$VICTIM"
	echo root:x:0:0 >"$VICTIM"
	chmod 0600 "$VICTIM"
	WAS=$(stat -c '%i %u %a' "$VICTIM")
}

# Another owner or mode, another file in its place, another text.
victim_changed() {
	if [ "$(stat -c '%i %u %a' "$VICTIM")" != "$WAS" ] ||
		[ "$(<"$VICTIM")" != root:x:0:0 ]; then
		new_victim
		echo 1
	else
		echo 0
	fi
}

start_swap() { # start_swap FILE TARGET
	as user "$OPEN/helpers/relink" "$@" >"$T/swap" 3>&- &
	PIDS+=($!)
	wait_for grep -q ready "$T/swap"
}

@test "a place that changes between two looks: who looks twice loses" {
	local i
	new_victim
	start_swap "$PLACE" "$VICTIM"
	for i in {1..200}; do
		capture "$OPEN/helpers/naive" replace "$PLACE"
		[ "$(stat -c %u "$VICTIM")" = 0 ] || break
	done
	control "report race" test "$(stat -c %u "$VICTIM")" != 0
}

race() { # MODE WHERE
	local i broke=0 tries=25
	for ((i = 0; i < tries; i++)); do
		try root "$1" --deny mkdir -q -r "$2" -- /bin/true
		wait_briefly no_monitor
		broke=$((broke + $(victim_changed)))
	done
	tried "report race" root "$1" $tries echo $broke
}

races() { # WHERE
	local mode
	new_victim
	start_swap "$1" "$VICTIM"
	for mode in "${TRACED[@]}"; do
		race "$mode" "$1"
	done
}

@test "a place that changes between two looks: a user's folder" {
	mkdir "$OPEN/tmp/home"
	chown 61002:61002 "$OPEN/tmp/home"
	races "$OPEN/tmp/home/report"
	held
}

@test "a place that changes between two looks: a sticky folder" {
	mkdir "$OPEN/tmp/sticky"
	chmod 1777 "$OPEN/tmp/sticky"
	races "$OPEN/tmp/sticky/report"
	held
}

@test "a link that lies still" {
	local mode
	new_victim
	for mode in "${TRACED[@]}"; do
		rm -f "$PLACE"
		as user ln -s "$VICTIM" "$PLACE"
		try root "$mode" --deny mkdir -q -r "$PLACE" -- /bin/true
		wait_briefly no_monitor
		tried "report link" root "$mode" 1 victim_changed
	done
	held
}

@test "a link that CMD lays while it runs" {
	local mode
	new_victim
	for mode in "${TRACED[@]}"; do
		rm -f "$PLACE"
		try root "$mode" --deny mkdir -q -r "$PLACE" -- setpriv \
			--reuid 61002 --regid 61002 --clear-groups sh -c \
			"rm -f '$PLACE'; ln -s '$VICTIM' '$PLACE'; mkdir '$FOLDER'"
		wait_briefly no_monitor
		tried "report link" root "$mode" 1 victim_changed
	done
	held
}
