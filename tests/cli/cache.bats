#!/usr/bin/env bats
# A compiled policy from the cache is a proposal: whatever lies there, the
# denied call stays denied.  MARKER is what it would have made.

setup() {
	load ../common
	common_setup
	open_copy
	CACHE=$OPEN/tmp/cache/sandbox
	MARKER=$OPEN/tmp/marker
	GOOD=$T/good
	policy no-mkdir.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir mkdirat
	INI
	cp "$POLICY" "$OPEN/no-mkdir.ini"
	POLICY=$OPEN/no-mkdir.ini
}
teardown() { common_teardown; }

# start [OPTION...]: an ordinary user's sandbox with a cache of their own.
start() {
	capture as_user env HOME="$OPEN/tmp" XDG_CACHE_HOME="$OPEN/tmp/cache" \
		timeout -k 5 "$LIMIT" "$OPEN/sandbox" "$@" -- \
		"$OPEN/helpers/syscalls" mkdir "$MARKER" 0755
}

# denied [OPTION...]: the policy is in force, without a word.
denied() {
	start -p "$POLICY" "$@"
	is status "$status" 0
	is stderr "$stderr" ""
	is output "$output" "mkdir = -1 EPERM"
	[ ! -e "$MARKER" ]
}

entries() {
	find "$CACHE" -mindepth 1 | LC_ALL=C sort
}
entry() { # the only one
	entries >"$T/entries"
	is "number of entries" "$(wc -l <"$T/entries")" 1
	ENTRY=$(<"$T/entries")
}

# The first start, and its entry in $ENTRY and $GOOD.
fill() {
	denied
	entry
	cp "$ENTRY" "$GOOD"
}

# An entry is the program's instructions, each of 8 bytes.
allow_all() {
	printf '\x06\0\0\0\0\0\xff\x7f'
}
# The same program with a jump to the next instruction in front.
equal_in_effect() {
	printf '\x05\0\0\0\0\0\0\0'
	cat "$GOOD"
}

# put <FILE: the user's own entry, written in place; mode 0600.
put() {
	rm -rf "$ENTRY"
	cat >"$ENTRY"
	[ "$(id -u)" != 0 ] || chown 65534:65534 "$ENTRY"
	chmod 0600 "$ENTRY"
}

# not_used: what lies there is not loaded, and gives way to a good one.
not_used() {
	denied
	entry
	cmp "$ENTRY" "$GOOD"
}

@test "the second start takes what the first has left" {
	fill
	is "folder" "$(stat -c %a "$CACHE")" 700
	is "entry" "$(stat -c %a "$ENTRY")" 600
	denied
	entry
	cmp "$ENTRY" "$GOOD"
	# of another form, equal in effect: proved, used, and so left alone
	equal_in_effect >"$T/equal"
	put <"$T/equal"
	denied
	cmp "$ENTRY" "$T/equal"
	denied -t -q
	is "tracer's and plain" "$(entries | wc -l)" 2
	cmp "$ENTRY" "$T/equal"
}

@test "--no-cache neither reads nor writes" {
	denied --no-cache
	[ ! -e "$CACHE" ]
	fill
	allow_all | put
	cp "$ENTRY" "$T/before"
	denied --no-cache
	cmp "$ENTRY" "$T/before"
}

@test "well-formed, rightly owned and wrong: allow-all" {
	fill
	allow_all | put
	not_used
	for mode in "-t -q" "-t -q --trace=ptrace" "-c -q" "--in-place"; do
		rm -rf "$CACHE"
		denied $mode
		entry
		cp "$ENTRY" "$GOOD"
		allow_all | put
		denied $mode
		cmp "$ENTRY" "$GOOD"
	done
}

@test "a wrong entry under a policy that denies execve and exit_group" {
	printf '[policy]\ndefault = allow\n[deny]\nsyscalls = mkdir execve exit_group\n' \
		>"$POLICY"
	fill
	allow_all | put
	not_used
	# a gate too many: its constants would be taken for the cookie's
	equal_in_effect | sed 's/\x05/\xa4/' >"$T/xor"
	put <"$T/xor"
	not_used
}

# deep OFFSET: as many tests of a word as a program holds, each a way on to the
# next; then allow.
deep() {
	printf "\\x20\0\0\0\\x$1\0\0\0"
	awk 'BEGIN { for (i = 0; i < 4000; i++)
		printf "\025%c%c%c%c%c%c%c", 0, 0, 0, 1 + i % 127,
			1 + i / 127, 0, 0 }'
	printf '\x06\0\0\0\0\0\xff\x7f'
}

@test "made to exhaust a small stack" {
	fill
	small() { # what is left of the stack, in KiB
		capture as_user env HOME="$OPEN/tmp" \
			XDG_CACHE_HOME="$OPEN/tmp/cache" bash -c \
			"ulimit -s $1"' && shift && exec "$@"' - 0 \
			timeout -k 5 "$LIMIT" "$OPEN/sandbox" -p "$POLICY" -- \
			"$OPEN/helpers/syscalls" mkdir "$MARKER" 0755
		is status "$status" 0
		is stderr "$stderr" ""
		is output "$output" "mkdir = -1 EPERM"
	}
	# of an argument, and of the number
	for offset in 10 00; do
		for kib in 256 128; do
			deep $offset | put
			is "size" "$(stat -c %s "$ENTRY")" $((8 * 4002))
			small $kib
			cmp "$ENTRY" "$GOOD"
		done
	done
}

@test "damaged" {
	fill
	local size
	size=$(stat -c %s "$GOOD")
	for ((at = 0; at < size; at += 5)); do
		cp "$GOOD" "$T/damaged"
		byte=$(tail -c +$((at + 1)) "$GOOD" | head -c 1 | od -An -tu1)
		printf "\\x$(printf %02x $((byte ^ (1 << at % 8))))" |
			dd of="$T/damaged" bs=1 seek="$at" conv=notrunc \
				status=none
		put <"$T/damaged"
		denied
	done
	head -c "$size" /dev/urandom | put
	not_used
}

@test "truncated, and too long" {
	fill
	local size
	size=$(stat -c %s "$GOOD")
	for n in 0 1 8 9 40 $((size / 2)) $((size - 8)) $((size - 1)); do
		head -c "$n" "$GOOD" | put
		not_used
	done
	{ cat "$GOOD" && printf '\0\0\0\0\0\0\0\0'; } | put
	not_used
	{ cat "$GOOD" && head -c 5000000 /dev/zero; } | put
	not_used
}

@test "stale: another policy's entry, two exchanged" {
	fill
	start --deny chdir
	is output "$output" "mkdir = 0"
	rmdir "$MARKER"
	other=$(entries | grep -v "$ENTRY")
	cp "$other" "$T/other"
	# the other's under this name
	put <"$T/other"
	denied
	cmp "$ENTRY" "$GOOD"
	mv "$ENTRY" "$T/swap"
	mv "$other" "$ENTRY"
	mv "$T/swap" "$other"
	denied
	cmp "$ENTRY" "$GOOD"
	# the old entry of a file that has changed
	printf '[policy]\ndefault = allow\n' >"$POLICY"
	denied_before=$(entries | wc -l)
	start -p "$POLICY"
	is output "$output" "mkdir = 0"
	is entries "$(entries | wc -l)" $((denied_before + 1))
}

@test "writable by others: the entry, or the folder" {
	fill
	equal_in_effect >"$T/equal"
	for mode in 0602 0620 0666; do
		put <"$T/equal"
		chmod "$mode" "$ENTRY"
		not_used
		allow_all | put
		chmod "$mode" "$ENTRY"
		not_used
	done
	for mode in 0702 0720 0777 1777; do
		put <"$T/equal"
		chmod "$mode" "$CACHE"
		denied
		cmp "$ENTRY" "$T/equal"
		allow_all | put
		denied
		chmod 0700 "$CACHE"
	done
}

@test "somebody else's: the entry, or the folder" {
	need_root
	fill
	equal_in_effect >"$T/equal"
	put <"$T/equal"
	chmod 0644 "$ENTRY"
	chown 0:0 "$ENTRY"
	not_used
	allow_all | put
	chown 65533:65533 "$ENTRY"
	chmod 0644 "$ENTRY"
	not_used
	allow_all | put
	chown 65533 "$CACHE"
	chmod 0755 "$CACHE"
	denied
}

@test "a link, a FIFO, a folder in place of the entry" {
	fill
	allow_all >"$OPEN/tmp/elsewhere"
	equal_in_effect >"$OPEN/tmp/equal"
	[ "$(id -u)" != 0 ] || chown 65534 "$OPEN/tmp/equal"
	rm "$ENTRY"
	ln -s "$OPEN/tmp/equal" "$ENTRY"
	not_used
	rm "$ENTRY"
	ln -s "$OPEN/tmp/elsewhere" "$ENTRY"
	not_used
	rm "$ENTRY"
	mkfifo "$ENTRY"
	not_used
	rm "$ENTRY"
	mkdir "$ENTRY"
	denied
	is "left behind" "$(entries)" "$ENTRY"
}

@test "50 first starts at once" {
	local pids=()
	for n in $(seq 50); do
		as_user env XDG_CACHE_HOME="$OPEN/tmp/cache" timeout -k 5 \
			"$LIMIT" "$OPEN/sandbox" -p "$POLICY" -- \
			"$OPEN/helpers/syscalls" mkdir "$MARKER" 0755 \
			>"$T/out.$n" 2>&1 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	is answers "$(sort -u "$T"/out.*)" "mkdir = -1 EPERM"
	entry
	cp "$ENTRY" "$GOOD"
	denied
	cmp "$ENTRY" "$GOOD"
}

@test "no cookie in an entry" {
	printf '[policy]\ndefault = kill\n[allow]\nsyscalls = mkdir\n' >"$POLICY"
	# a call that passes the gate with the cookie
	printf '[kill]\nsyscalls = exit_group\n' >>"$POLICY"
	for round in fresh proved replaced; do
		start -p "$POLICY"
		# killed (SIGSYS) at the start of CMD, so the policy was in force
		is status "$status" 159
		entry
		# each XOR: two columns of words, 0xa4 and its constant
		od -An -v -w8 -tx4 "$ENTRY" |
			awk '$1 == "000000a4" { print $2 }' >"$T/constants"
		is "constants ($round)" "$(tr '\n' ' ' <"$T/constants")" \
			"00000000 00000000 00000000 00000000 "
		# RET ERRNO, of this launch's sign: none yet
		od -An -v -w8 -tx4 "$ENTRY" |
			awk '$1 == "00000006" && $2 ~ /^0005/ { print $2 }' \
			>"$T/errnos"
		is "sign ($round)" \
			"$(awk 'substr($1, 5) > "01ff"' "$T/errnos")" 0005ffff
		cp "$ENTRY" "$GOOD"
		[ "$round" != proved ] || allow_all | put
	done
}

@test "no writable cache is no error" {
	mkdir -p "$CACHE"
	chmod 0500 "$CACHE"
	[ "$(id -u)" != 0 ] || chown -R 65534 "$OPEN/tmp/cache"
	denied
	is entries "$(entries)" ""
	rm -rf "$OPEN/tmp/cache"
	: >"$OPEN/tmp/cache"
	denied
	rm "$OPEN/tmp/cache"
	ln -s nowhere "$OPEN/tmp/cache"
	denied
	rm "$OPEN/tmp/cache"
	# no file may grow
	for mode in "" "--in-place" "-t -q"; do
		capture as_user env XDG_CACHE_HOME="$OPEN/tmp/cache" sh -c \
			'ulimit -f 0; exec "$@"' sh "$OPEN/sandbox" \
			-p "$POLICY" $mode -- /bin/true
		is "status ($mode)" "$status" 0
		is "stderr ($mode)" "$stderr" ""
		is "entries ($mode)" "$(entries)" ""
	done
}

@test "a cold start where no child can be waited for" {
	capture as_user env --ignore-signal=CHLD \
		XDG_CACHE_HOME="$OPEN/tmp/cache" "$OPEN/sandbox" \
		-p "$POLICY" -- grep SigIgn /proc/self/status
	is status "$status" 0
	is stderr "$stderr" ""
	# and CMD still ignores it: signal 17
	has output "$output" '[13579bdf]....$'
}

# as_home ENV...: a start that must work whatever the environment is.
as_home() {
	capture as_user env -u XDG_CACHE_HOME -u HOME "$@" timeout -k 5 \
		"$LIMIT" "$OPEN/sandbox" -p "$POLICY" -- \
		"$OPEN/helpers/syscalls" mkdir "$MARKER" 0755
	is "status ($*)" "$status" 0
	is "stderr ($*)" "$stderr" ""
	is "output ($*)" "$output" "mkdir = -1 EPERM"
}

@test "where the cache is" {
	cd "$OPEN/tmp"
	as_home
	as_home HOME=
	as_home HOME=relative XDG_CACHE_HOME=
	as_home HOME="$OPEN/tmp" XDG_CACHE_HOME=relative
	as_home HOME=/nonexistent
	is "left behind" "$(find "$OPEN/tmp" -mindepth 1)" ""
	# XDG's default, with a ~/.cache to be made
	as_home HOME="$OPEN/tmp"
	CACHE=$OPEN/tmp/.cache/sandbox
	entry
	is folder "$(stat -c %a "$OPEN/tmp/.cache")" 700
}

@test "root's cache is not where the environment says" {
	need_root
	XDG_CACHE_HOME=$T/cache HOME=$T capture sandbox \
		--deny mkdir -- /bin/true
	is status "$status" 0
	[ ! -e "$T/cache" ]
	[ ! -e "$T/.cache" ]
	if [ -w /var/cache ]; then
		is folder "$(stat -c '%a %u' /var/cache/sandbox)" "700 0"
	fi
}

@test "what changes the filter changes the entry, what does not does not" {
	local before
	fill
	for mode in "-t -q" "-c -q" "--deny mkdir"; do
		before=$(entries | wc -l)
		start -p "$POLICY" $mode
		is "entries ($mode)" "$(entries | wc -l)" $((before + 1))
	done
	before=$(entries)
	# a comment, another name, the calls in another order
	printf ';\n[policy]\ndefault = allow\n[deny]\nsyscalls = mkdirat mkdir\n' \
		>"$OPEN/other.ini"
	POLICY=$OPEN/other.ini denied
	is entries "$(entries)" "$before"
	for change in 'errno = EACCES' 'foreign = deny' 'kernel = 5.4' \
		'architectures = x86_64 x86' 'description = changed'; do
		before=$(entries | wc -l)
		printf '[policy]\ndefault = allow\n%s\n[deny]\nsyscalls = mkdir mkdirat\n' \
			"$change" >"$OPEN/other.ini"
		start -p "$OPEN/other.ini"
		has "entries ($change)" "$(($(entries | wc -l) - before))" \
			"$([ "${change%% *}" = description ] && echo 0 || echo 1)"
	done
}

@test "64 entries, the oldest go" {
	fill
	local first=$ENTRY last
	touch -d '1 hour ago' "$first"
	# what is not ours stays
	: >"$CACHE/README"
	for n in $(seq 70); do
		start --deny "mkdir,$((600 + n))"
		is output "$output" "mkdir = -1 EPERM"
	done
	is entries "$(entries | wc -l)" 65
	[ ! -e "$first" ]
	[ -e "$CACHE/README" ]
	last=$(find "$CACHE" -type f ! -name README -printf '%T@ %p\n' |
		sort -n | tail -n 1 | cut -d' ' -f2)
	start --deny "mkdir,670"
	is newest "$(find "$CACHE" -type f -newer "$last")" ""
}
