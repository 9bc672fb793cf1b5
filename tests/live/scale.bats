#!/usr/bin/env bats
# Many processes, many threads, many denials: counts exact, memory small and
# flat.  SCALE=full makes five million denials instead of 300,000.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	getppid = EPERM
	INI
	[ "$(uname -m)" = x86_64 ] && NUMBER=110 || NUMBER=173
}
teardown() { common_teardown; }

# kib PID NAME: a line of /proc/PID/status
kib() {
	awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status" \
		2>/dev/null
}

# watched CMD...: CMD traced, and how large the monitor was, in KiB: $RSS (the
# largest), $MIDDLE and $LAST (what is its alone, half-way and at the end).
watched() {
	local now anon=()
	RSS=0
	"$SANDBOX" -p "$POLICY" "$TRACE" -r "$REPORT" --format=json -- "$@" \
		3>&- &
	local monitor=$!
	PIDS+=("$monitor")
	while now=$(kib "$monitor" VmRSS) && [ "$now" ]; do
		[ "$now" -gt "$RSS" ] && RSS=$now
		now=$(kib "$monitor" RssAnon) && [ "$now" ] && anon+=("$now")
		sleep 0.1
	done
	status=0
	wait "$monitor" || status=$?
	is status "$status" 0
	MIDDLE=${anon[${#anon[@]} / 2]}
	LAST=${anon[-1]}
	echo "# $TRACER, ${1##*/} ${*:2}: VmRSS at most $RSS KiB," \
		"RssAnon $MIDDLE KiB half-way, $LAST KiB at the end" >&3
}

small_and_flat() {
	# AddressSanitizer's shadow is not ours
	if grep -q __asan_init "$SANDBOX"; then
		return
	fi
	[ "$RSS" -gt 0 ]
	[ "$RSS" -lt 4096 ]
	[ $((LAST - MIDDLE)) -le 32 ]
}

exactly() {
	is hits "$(row getppid .hits)" "$1"
	is totals "$(json '"\(.totals.calls) \(.totals.hits)"')" "1 $1"
	# whoever has no line of their own is counted all the same
	is sum "$(row getppid '([.processes[].hits] | add) + (.more_hits // 0)')" \
		"$1"
}

@test "10,000 processes one after another" {
	watched "$HELPERS/crowd" in-turn 10000 1 "$NUMBER"
	exactly 10000
	small_and_flat
}

@test "1,000 processes at the same time" {
	traced "$HELPERS/crowd" at-once 1000 5 "$NUMBER"
	is status "$status" 0
	exactly 5000
}

@test "64 threads hammer one denied call" {
	local calls=4688
	by_notify || calls=1000
	[ "${SCALE-}" != full ] || calls=78125
	watched "$HELPERS/storm" 64 0 "$calls" "$NUMBER"
	exactly $((64 * calls))
	is processes "$(row getppid '.processes | length')" 1
	small_and_flat
}

@test "a thousand kinds of denied calls" {
	local calls=() n
	policy q.ini <<-INI
	[policy]
	default = deny
	[allow]
	syscalls = $STATIC_START
	INI
	# above x32's, which are foreign
	for ((n = 600; n < 1600; n++)); do
		calls+=("$n" x3 ,)
	done
	traced "$HELPERS/syscalls" "${calls[@]}" 1600
	is rows "$(json '[.denied[] | select(.number >= 600 and
		.number < 1600 and .hits == 3)] | length')" 1000
}
