#!/usr/bin/env bats
# Whatever is wrong, CMD is not started: a marker file proves it.  The message
# names the place, the thing and the reason.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# ------------------------------------------------------------------- files

@test "a missing policy" {
	refused 125 'nosuch\.ini.*No such file' -p "$T/nosuch.ini"
	refused 125 'nosuchname' -p nosuchname
}

@test "a folder as policy" {
	refused 125 "$T.*([Ii]s a directory|folder|directory)" -p "$T"
	refused 125 '([Ii]s a directory|folder|directory)' -p /
}

@test "an empty file" {
	bad 'bad\.ini.*default' </dev/null
}

@test "only comments" {
	bad 'default' <<-'INI'
	; nothing
	# here
	INI
}

@test "one mebibyte of random bytes" {
	# the same bytes each time, NULs among them
	awk 'BEGIN { srand(42); for (i = 0; i < 1048576; i++)
		printf "%c", int(rand() * 256) }' >"$T/random"
	bad 'bad\.ini:[0-9]+.*NUL' <"$T/random"
	tr -d '\000' <"$T/random" >"$T/random2"
	bad 'bad\.ini:[0-9]+' <"$T/random2"
	# the first 100 mistakes, and how many more
	[ "$(wc -l <<<"$stderr")" -le 110 ]
}

@test "a NUL byte is refused, not cut at" {
	printf '[policy]\ndefault = allow\n[deny]\nsyscalls = \0 write\n' |
		bad 'bad\.ini:4.*NUL'
}

@test "a condition of 1,900 parts takes no stack" {
	local i list=
	for ((i = 0; i < 1900; i++)); do
		list+="${list:+ or$'\n'  }mode == $i"
	done
	policy long.ini < <(printf \
		'[policy]\ndefault = allow\n[deny]\nmkdir = if %s\n' "$list")
	for command in "-p $POLICY -- $HELPERS/syscalls mkdir $MARKER 0755" \
		"show $POLICY" "explain $POLICY mkdir" "diff $POLICY $POLICY"; do
		# shellcheck disable=SC2086
		capture bash -c 'ulimit -s 128 && exec "$@"' - \
			"$SANDBOX" $command
		is status "$status" 0
	done
	[ ! -e "$MARKER" ]
}

@test "10,000 lines are no bad input" {
	awk 'BEGIN {
		print "[policy]\ndefault = allow\n[deny]"
		for (i = 0; i < 5000; i++)
			print "syscalls = mkdir rmdir\n; line " i
	}' | policy long.ini
	capture sandbox -p "$T/long.ini" -- "$HELPERS/syscalls" \
		mkdir "$MARKER" 0755 , rmdir /
	is status "$status" 0
	is output "$output" "$(printf 'mkdir = -1 EPERM\nrmdir = -1 EPERM')"
	[ ! -e "$MARKER" ]
}

@test "a list of 10,000 lines and a line of 100,000 bytes, to the last word" {
	awk 'BEGIN {
		print "[policy]\ndefault = allow\n[deny]\nsyscalls ="
		for (i = 0; i < 10000; i++)
			print "\tunlink"
		print "\trmdir"
		printf "syscalls ="
		for (i = 0; i < 20000; i++)
			printf " link"
		print " mkdir"
	}' | policy long.ini
	capture sandbox -p "$T/long.ini" -- "$HELPERS/syscalls" \
		mkdir "$MARKER" 0755 , rmdir /
	is output "$output" "$(printf 'mkdir = -1 EPERM\nrmdir = -1 EPERM')"
	[ ! -e "$MARKER" ]
}

@test "BOM, CRLF, no newline at the end are read" {
	printf '\357\273\277[policy]\r\ndefault = allow\r\n[deny]\r\nmkdir = EXDEV' |
		policy p.ini
	capture sandbox -p "$T/p.ini" -- "$HELPERS/syscalls" \
		mkdir "$MARKER" 0755
	is output "$output" "mkdir = -1 EXDEV"
}

@test "a FIFO as policy does not hang" {
	mkfifo -m 0644 "$T/fifo.ini"
	refused 125 'fifo\.ini' -p "$T/fifo.ini"
	refused 125 'null|zero' -p /dev/zero
}

# ---------------------------------------------------------------- contents

@test "an unknown section" {
	bad 'bad\.ini:3: .*denied' <<-'INI'
	[policy]
	default = allow
	[denied]
	syscalls = write
	INI
	has suggestion "$stderr" '(^|[^a-z])deny($|[^a-z])'
}

@test "an unknown key" {
	bad 'bad\.ini:2: .*defualt' <<-'INI'
	[policy]
	defualt = allow
	INI
	has suggestion "$stderr" "default"
}

@test "an unknown call, with a suggestion" {
	bad "bad\.ini:4: .*'opennat'.*openat" <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = opennat
	INI
	bad "bad\.ini:6: .*'wriite'.*write" <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = read
	    mkdir
	    wriite
	INI
	bad "bad\.ini:4: .*'mkdri'.*mkdir" <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdri = EPERM
	INI
}

@test "an unknown group, with a suggestion" {
	bad "bad\.ini:4: .*'@network-oi'.*@network-io" <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = @network-oi
	INI
}

@test "an unknown errno, errnos out of range, errno 0 where it misleads" {
	bad 'bad\.ini:4: .*EPRM.*EPERM' <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = EPRM
	INI
	for value in 512 4096 -1 99999999999999999999; do
		bad "bad\.ini:4: .*$value" <<-INI
		[policy]
		default = allow
		[deny]
		mkdir = $value
		INI
	done
	for call in openat fork setuid read mmap seccomp; do
		bad "bad\.ini:4: .*$call" <<-INI
		[policy]
		default = allow
		[deny]
		$call = 0
		INI
	done
}

@test "unknown values of settings" {
	bad "bad\.ini:2: .*denied" <<-'INI'
	[policy]
	default = denied
	INI
	for line in 'errno = EPRM' 'kernel = new' \
		'architectures = x68_64' 'foreign = allow' 'final = maybe'; do
		bad "bad\.ini:3: .*${line##*= }" <<-INI
		[policy]
		default = allow
		$line
		INI
	done
}

@test "contradictions name both lines" {
	bad 'bad\.ini:(4|7): .*mkdir.*(4|7)' <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir

	[allow]
	syscalls = rmdir mkdir
	INI
	bad 'bad\.ini:(4|6): .*mkdir.*(4|6)' <<-'INI'
	[policy]
	default = allow
	[kill]
	syscalls = mkdir
	[log]
	syscalls = mkdir
	INI
	bad 'bad\.ini:(4|5): .*mkdir.*(4|5)' <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = EACCES
	mkdir = EROFS
	INI
}

@test "a deny of what the kernel does not filter" {
	[ "$(uname -m)" = x86_64 ] || skip "335 and 336 belong to x86-64"
	bad 'bad\.ini:4: .*(335|uretprobe)' <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = 335
	INI
}

@test "a denial of a name that only other machines have" {
	bad "bad\.ini:4: 'umount' does nothing here: x86_64 has no such call \(did you mean 'umount2'\?\)" <<-'INI'
	[policy]
	default = allow
	[deny]
	umount = EBUSY
	INI
	bad "bad\.ini:4: 'mmap2' .*'mmap'" <<-'INI'
	[policy]
	default = allow
	[kill]
	syscalls = mmap2
	INI
	refused 125 "'umount' does nothing here.*umount2" --deny mkdir,umount
	refused 125 "'recv' does nothing here.*recvfrom" --deny recv
	# to allow one, or to deny it in a list with others, is no mistake
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[allow]
	syscalls = waitpid
	[deny]
	syscalls = mkdir
	  stat64 chown32
	INI
	capture "$SANDBOX" -p "$POLICY" -- true
	is status "$status" 0
	capture "$SANDBOX" check "$POLICY"
	has note "$output" 'p\.ini:7: note: stat64 does nothing here: x86_64 has no such call, and stat in its place is allowed'
	# nor where it is admitted
	policy p.ini <<-'INI'
	[policy]
	default = allow
	architectures = native x86
	[deny]
	umount = EBUSY
	INI
	capture "$SANDBOX" -p "$POLICY" --deny stat64 -- true
	is status "$status" 0
}

@test "a condition is in force, and one that cannot be read is refused" {
	policy cond.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = if mode == 0777
	INI
	capture sandbox -p "$POLICY" -- "$HELPERS/syscalls" \
		mkdir "$MARKER" 0777 , mkdir "$T/other" 0755
	is output "$output" "$(printf 'mkdir = -1 EPERM\nmkdir = 0')"
	[ ! -e "$MARKER" ]
	for cond in 'mood == 1' 'mode = 1' 'mode == ' '(mode == 1' \
		'mode == O_NOSUCH' 'pathname == 5' 'mode < 0'; do
		bad 'bad\.ini:4' <<-INI
		[policy]
		default = allow
		[deny]
		mkdir = if $cond
		INI
	done
}

@test "no layer sets default" {
	bad 'default' <<-'INI'
	[deny]
	syscalls = mkdir
	INI
}

@test "text outside of sections, keys without values, broken sections" {
	bad 'bad\.ini:1' <<-'INI'
	syscalls = write
	[policy]
	default = allow
	INI
	bad 'bad\.ini:1' <<-'INI'
	[policy
	default = allow
	INI
	bad 'bad\.ini:3' <<-'INI'
	[policy]
	default = allow
	what is this
	INI
}

@test "all mistakes are told at once, in order" {
	bad 'bad\.ini:2' <<-'INI'
	[policy]
	defualt = allow
	[deny]
	syscalls = opennat
	[denied]
	mkdir = EPRM
	INI
	has stderr "$stderr" 'bad\.ini:4'
	has stderr "$stderr" 'bad\.ini:5'
	is order "$(grep -o 'bad\.ini:[0-9]*' <<<"$stderr" | sort -u -t: -k2n)" \
		"$(grep -o 'bad\.ini:[0-9]*' <<<"$stderr" | uniq)"
}

# ---------------------------------------------------------------- includes

@test "a missing include names the line that asks for it" {
	bad 'bad\.ini:3: .*nosuch\.ini' <<-'INI'
	[policy]
	default = allow
	include = nosuch.ini
	INI
}

@test "an include loop" {
	bad 'bad\.ini:[0-9]+: .*bad\.ini' <<-'INI'
	[policy]
	default = allow
	include = bad.ini
	INI
	policy a.ini <<-'INI'
	[policy]
	default = allow
	include = b.ini
	INI
	policy b.ini <<-'INI'
	[policy]
	include = a.ini
	INI
	refused 125 '[ab]\.ini:[23]' -p "$T/a.ini"
}

@test "a mistake in an include is told with its file and line" {
	policy piece.ini <<-'INI'
	[deny]
	syscalls = opennat
	INI
	bad 'piece\.ini:2: .*opennat' <<-'INI'
	[policy]
	default = allow
	include = piece.ini
	INI
}

@test "a deep chain of includes ends in an answer" {
	awk -v dir="$T" 'BEGIN {
		for (i = 0; i < 300; i++) {
			file = dir "/c" i ".ini"
			print "[policy]\ninclude = c" i + 1 ".ini" >file
			close(file)
		}
	}'
	printf '[policy]\ndefault = allow\n' >"$T/c300.ini"
	chmod 0644 "$T"/c*.ini
	capture sandbox -p "$T/c0.ini" -- true
	has status "$status" '^(0|125)$'
	[ "$status" = 0 ] || has stderr "$stderr" 'c[0-9]+\.ini:2'
}

# ----------------------------------------------------------------- options

@test "CMD missing, not executable, a folder" {
	good
	capture sandbox -p "$POLICY" -- "$T/nosuch"
	never_started 127 "nosuch"
	capture sandbox -p "$POLICY" -- nosuchcommand
	never_started 127 "nosuchcommand"
	printf '#!/bin/sh\n: >"%s"\n' "$MARKER" >"$T/script"
	chmod 0644 "$T/script"
	capture sandbox -p "$POLICY" -- "$T/script"
	never_started 126 "script"
	capture sandbox -p "$POLICY" -- "$T"
	never_started 126 "$T"
}

@test "no CMD" {
	good
	capture sandbox -p "$POLICY"
	never_started 125 '[Cc]ommand|CMD'
	capture sandbox -p "$POLICY" --
	never_started 125 '[Cc]ommand|CMD'
	capture sandbox -c
	never_started 125 '[Cc]ommand|CMD'
}

@test "no policy: the first word is a command of sandbox, never run" {
	capture sandbox touch "$MARKER"
	never_started 125 'policy|touch'
	capture sandbox -- touch "$MARKER"
	never_started 125 'sandbox'
	capture sandbox -t -- touch "$MARKER"
	never_started 125 'policy|-p'
	capture sandbox
	never_started 125 'sandbox'
}

@test "unknown options, options without their argument" {
	good
	refused 125 'bogus' -p "$POLICY" --bogus
	refused 125 "Z" -p "$POLICY" -Z
	capture sandbox -p
	never_started 125 "-p|'p'|policy"
	capture sandbox -p "$POLICY" -r
	never_started 125 "-r|'r'|report"
	capture sandbox -p "$POLICY" --deny
	never_started 125 'deny'
}

@test "bad values of options" {
	good
	refused 125 'bad' -p "$POLICY" -t --format=bad
	refused 125 'bad' -p "$POLICY" --trace=bad
	refused 125 'opennat' --deny opennat
	has stderr "$stderr" 'openat'
	refused 125 '@nosuch' --allow @nosuch
	refused 125 '.' --deny ''
}

@test "a report that cannot be written is told before CMD starts" {
	good
	refused 125 'nosuch' -p "$POLICY" -r "$T/nosuch/report"
	refused 125 "$T|directory" -p "$POLICY" -r "$T"
	refused 125 '/dev/fd/99' -p "$POLICY" -r /dev/fd/99
}

@test "--help and --version start nothing and are no mistake" {
	capture sandbox --help
	is status "$status" 0
	has output "$output" 'sandbox -p'
	capture sandbox --version
	is status "$status" 0
	has output "$output" '^sandbox [0-9]'
}
