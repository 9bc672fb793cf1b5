#!/usr/bin/env bats
# sandbox explain: the verdict, the rule, and how it came about.

setup() {
	load ../common
	common_setup
	policy base.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = read @basic-io
	openat = if flags & O_WRITES == 0
	socket = if family == AF_INET and type & SOCK_TYPE_MASK == SOCK_STREAM
	ioctl = only if cmd in (TCGETS, TIOCGWINSZ)
	[deny]
	socket = EAFNOSUPPORT if family == AF_INET6
	openat = EACCES if flags & O_ACCMODE == O_RDWR
	lseek = EINVAL if whence == SEEK_END
	INI
	BASE=$POLICY
	policy outer.ini <<-INI
	[policy]
	include = $BASE
	[deny]
	syscalls = @chown exit
	[allow]
	syscalls = fchown
	INI
	OUTER=$POLICY
}
teardown() { common_teardown; }

explain() {
	capture sandbox explain "$@"
	is status "$status" 0
	is stderr "$stderr" ""
}

# decides ANSWER PLACE CALL: in the base policy
decides() {
	explain "$BASE" -- "$3"
	is "$3" "$(sed -n 2p "$T/stdout")" "  $1  [$2]"
}

ask() { jq -r "$1" "$T/stdout"; }

@test "one call: the verdict and its line" {
	decides allow "$BASE:5" 'openat(AT_FDCWD, "/etc/shadow", O_RDONLY)'
	decides "deny EACCES" "$BASE:10" 'openat(AT_FDCWD, "x", O_RDWR|O_CREAT)'
	decides "deny EPERM" "default ($BASE:2)" 'openat(3, "x", O_WRONLY)'
	decides allow "$BASE:4 @basic-io" 'lseek(3, 0, SEEK_SET)'
	decides allow "$BASE:4" 'read(0, _, 10)'
	decides "deny EPERM" "default ($BASE:2)" 'mkdir("x", 0755)'
	decides "deny ENOSYS" "newer than kernel 5.2 (built in)" 'landlock_add_rule()'
	decides allow implicit 'exit_group(0)'
	decides "deny EPERM" "$BASE:7" 'ioctl(0, TIOCSTI, 0x7ffe0000)'
	decides kill "foreign (built in)" 'read@x32(0)'
	decides kill "foreign (built in)" 'socketcall@x86(1, 0xffb0)'
	decides allow implicit '-1()'
}

@test "the width of an argument is the kernel's" {
	decides "deny EAFNOSUPPORT" "$BASE:9" 'socket(0xffffffff0000000a, 1, 0)'
	decides allow "$BASE:6" 'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0)'
}

@test "the title repeats the call, with ABI and number" {
	explain "$BASE" 'openat(AT_FDCWD, "/x", O_RDONLY)'
	is title "$(head -n 1 "$T/stdout")" \
		'openat(AT_FDCWD, "/x", O_RDONLY)  (x86_64, number 257)'
}

@test "the walk: which lines were asked, what they said" {
	explain "$BASE" 'socket(AF_INET, SOCK_DGRAM, 0)'
	has first "$output" \
		"^    $BASE:9: deny EAFNOSUPPORT if family == AF_INET6: does not hold\$"
	has second "$output" "^    $BASE:6: allow if .*SOCK_STREAM: does not hold\$"
	has last "$output" "^  default \($BASE:2\): deny EPERM: decides\$"
	is order "$(grep -nE ':9: |:6: |default' "$T/stdout" | tail -n 3 |
		grep -oE ':9|:6|default' | tr '\n' ' ')" ":9 :6 default "
	explain "$BASE" 'lseek(3, 0, SEEK_END)'
	has "not asked" "$output" "^    $BASE:4 @basic-io: allow: not asked\$"
	has level "$output" "^  $BASE, rules that name the call\$"
	has level "$output" "^  $BASE, rules that name a group with the call\$"
}

@test "layers: the outermost first, and those that were not asked" {
	explain "$OUTER" 'fchown(3, 0, 0)'
	is verdict "$(sed -n 2p "$T/stdout")" "  allow  [$OUTER:6]"
	has "the same file's group" "$output" \
		"^  $OUTER:4 @chown: deny: not asked\$"
	has silent "$output" "^  $BASE: has no rule for the call\$"
	explain "$OUTER" 'chown("x", 0, 0)'
	is verdict "$(sed -n 2p "$T/stdout")" "  deny EPERM  [$OUTER:4 @chown]"
	explain -p "$BASE" "$POLICIES/no-write.ini" 'read(0)'
	has outer "$output" "^  $BASE, rules that name the call\$"
	has inner "$output" "^  $POLICIES/no-write.ini: has no rule for the call\$"
}

@test "an implicit call: a list does not deny it" {
	explain "$OUTER" 'exit(0)'
	is verdict "$(sed -n 2p "$T/stdout")" "  allow  [implicit]"
	has why "$output" "^  $OUTER:4: deny: ignored: only a rule that names this call alone"
}

@test "unknown arguments: what it depends on, and a call for each case" {
	explain "$BASE" 'socket(AF_INET, _, 0)'
	is depends "$(sed -n 2p "$T/stdout")" "  depends on type:"
	has allow "$output" '^ +such as socket\(AF_INET, SOCK_STREAM, 0\)$'
	has deny "$output" '^ +deny EPERM +else '
	hasnt "what cannot be" "$(sed -n '3,/^How/p' "$T/stdout")" AF_INET6
	# left out at the end: any as well
	explain "$BASE" 'openat(AT_FDCWD, "x")'
	is depends "$(sed -n 2p "$T/stdout")" "  depends on flags:"
	has example "$output" 'such as openat\(AT_FDCWD, "\.\.\.", O_RDWR, _\)'
	# an unknown that does not matter
	decides "deny EAFNOSUPPORT" "$BASE:9" 'socket(AF_INET6)'
	decides allow "$BASE:4" 'read(_, _, _)'
}

@test "every example is decided as it says" {
	command -v jq >/dev/null || skip "jq is not installed"
	for call in 'socket()' 'openat()' 'ioctl(_, _, 0)'; do
		explain --format=json "$BASE" "$call"
		ask '.calls[0].steps[] | select(.example) |
			"\(.example)\t\(.action)\t\(.errno)\t\(.rule.line)"' \
			>"$T/examples"
		[ "$(wc -l <"$T/examples")" -ge 2 ]
		while IFS=$'\t' read -r example action errno line; do
			explain --format=json "$BASE" "$example"
			is "$example" "$(ask '.calls[0] |
				"\(.decided) \(.action) \(.errno) \(.rule.line)"')" \
				"true $action $errno $line"
		done <"$T/examples"
	done
}

@test "a pointer is some pointer, not NULL" {
	policy null.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	openat = EINVAL if filename == NULL
	INI
	explain "$POLICY" 'openat(3, "x")'
	is string "$(sed -n 2p "$T/stdout")" "  allow  [default ($POLICY:2)]"
	explain "$POLICY" 'openat(3, NULL)'
	is NULL "$(sed -n 2p "$T/stdout")" "  deny EINVAL  [$POLICY:4]"
	explain "$POLICY" 'openat(3, _)'
	is any "$(sed -n 2p "$T/stdout")" "  depends on filename:"
}

@test "a bare name: all its cases, on every admitted ABI" {
	explain "$BASE" socket
	is cases "$(grep -cE '^    (allow|deny)' "$T/stdout")" 3
	has last "$output" "^    deny EPERM +else  \[default \($BASE:2\)\]\$"
	hasnt "one ABI" "$output" '@x86'
	policy both.ini <<-INI
	[policy]
	include = $BASE
	architectures = native x86
	INI
	explain "$POLICY" socket
	has x86 "$output" '^socket@x86  \(x86, number 359\)$'
	explain "$POLICY" socketcall@x86
	has "what it carries" "$output" '^    deny ENOSYS +if arg0 == 1 '
	explain "$BASE" getpid
	has always "$output" "^    deny EPERM +always  \[default"
}

@test "a case that nothing reaches is marked" {
	policy never.ini <<-'INI'
	[policy]
	default = deny
	[deny]
	socket = EACCES if family in (AF_UNIX, AF_INET)
	[allow]
	socket = if family == AF_UNIX
	INI
	explain "$POLICY" socket
	has never "$output" 'allow +if family == AF_UNIX .*: never$'
}

@test "what strace and reports print can be pasted" {
	decides allow "$BASE:4" 'read(3, "\177ELF\2\1\1\3"..., 832) = 832'
	decides "deny EPERM" "default ($BASE:2)" \
		'execve("/bin/ls", ["ls", "-l"], 0x7ffc10 /* 23 vars */) = 0'
	decides "deny EPERM" "default ($BASE:2)" \
		'connect(3, {sa_family=AF_INET, sin_port=htons(80)}, 16)'
}

@test "the tracer's additions" {
	policy open.ini <<-'INI'
	[policy]
	default = allow
	INI
	explain "$POLICY" 'clone3(_, _)'
	has plain "$output" '^  allow  '
	explain --trace=ptrace "$POLICY" 'clone3(_, _)'
	has traced "$output" '^  deny ENOSYS  \[tracer\]$'
	explain -t "$POLICY" 'seccomp(SECCOMP_SET_MODE_FILTER, 8, _)'
	has listener "$output" '^  deny EBUSY  \[tracer\]$'
}

# wrong COLUMN PATTERN CALL
wrong() {
	capture sandbox explain "$BASE" "$3"
	is status "$status" 2
	is output "$output" ""
	has "$3" "$stderr" "^sandbox: explain: column $1: .*$2"
	is "the mark" "$(tail -n 1 "$T/stderr")" \
		"$(printf '%*s^' $(($1 + 1)) '')"
}

@test "mistakes in the call, with the column" {
	wrong 1 "did you mean 'openat'" 'opennat(3)'
	wrong 8 "did you mean 'AF_INET'" 'socket(AF_INTE, 1)'
	wrong 7 "expected ',' or '\)'" 'read(1'
	wrong 15 'read has 3 arguments' 'read(1, 2, 3, 4)'
	wrong 6 'unknown ABI' 'read@mips(1)'
	wrong 1 'name its ABI' 'socketcall(1)'
}

@test "explain as JSON" {
	command -v jq >/dev/null || skip "jq is not installed"
	explain --format=json "$OUTER" 'socket(AF_INET6)'
	is version "$(ask .version)" 1
	is asked "$(ask .asked)" 'socket(AF_INET6)'
	is verdict "$(ask '.calls[0] | "\(.syscall) \(.number) \(.abi) \(.decided) \(.action) \(.errno)"')" \
		"socket 41 x86_64 true deny EAFNOSUPPORT"
	is rule "$(ask '.calls[0].rule | "\(.kind) \(.file) \(.line)"')" \
		"rule $BASE 9"
	is outcomes "$(ask '[.calls[0].steps[].outcome] | join(" ")')" \
		"holds unasked unasked"
	is silent "$(ask '.calls[0].silent[]')" "$OUTER"
	explain --format=json "$OUTER" 'fchown(1)'
	is unasked "$(ask '.calls[0].unasked[0] |
		"\(.action) \(.line) \(.group) \(.heeded)"')" "deny 4 @chown true"
	explain --format=json "$BASE" 'socket(_)'
	is depends "$(ask '.calls[0] | "\(.decided) \(has("action"))"')" \
		"false false"
}
