#!/usr/bin/env bats
# The commands that run nothing: usage, groups, show, features.

setup() {
	load ../common
	common_setup
}
teardown() { common_teardown; }

# trouble PATTERN ARGUMENT...: status 2, a message, nothing on stdout
trouble() {
	capture sandbox "${@:2}"
	is status "$status" 2
	is output "$output" ""
	has stderr "$stderr" "$1"
}

# fine ARGUMENT...: status 0, nothing on stderr
fine() {
	capture sandbox "$@"
	is status "$status" 0
	is stderr "$stderr" ""
}

# ask FILTER: of the JSON on standard output
ask() { jq -r "$1" "$T/stdout"; }

need_jq() { command -v jq >/dev/null || skip "jq is not installed"; }

some() {
	policy some.ini <<-'INI'
	[policy]
	description = some rules
	default = deny
	kernel = 5.3
	[allow]
	syscalls = read write @timer
	socket = if family == AF_UNIX
	[deny]
	clone3 = ENOSYS
	ptrace = EACCES
	[kill]
	syscalls = kexec_load
	[log]
	syscalls = setuid
	INI
}

# -------------------------------------------------------------------- usage

@test "--help lists the commands; each has a help of its own" {
	fine --help
	help=$output
	for command in check show explain diff groups features; do
		has help "$help" "^  $command( |\$)"
		for option in -h --help; do
			fine "$command" $option
			has "help of $command" "$output" \
				"^Usage: sandbox $command "
			has "help of $command" "$output" '--format'
		done
	done
	fine amend --help
	has amend "$output" '--apply'
	has amend "$output" '--open NAME'
	fine show --help
	has show "$output" '--pfc'
	fine groups --help
	hasnt groups "$output" '--pfc|--policy'
}

@test "a first word that is no command is not run" {
	capture sandbox shwo "$POLICIES/no-write.ini"
	is status "$status" 125
	has stderr "$stderr" "did you mean 'show'"
	capture sandbox -- show "$POLICIES/no-write.ini"
	is status "$status" 125
	has stderr "$stderr" 'no policy'
}

@test "with a policy the word is CMD" {
	some
	mkdir "$T/bin"
	printf '#!/bin/sh\necho CMD\n' >"$T/bin/show"
	chmod +x "$T/bin/show"
	PATH=$T/bin:$PATH capture sandbox --deny mount show "$POLICY"
	is output "$output" CMD
}

@test "usage errors are trouble" {
	some
	trouble 'operand is missing.*POLICY' show
	trouble 'operand is missing.*POLICY CALL' explain "$POLICY"
	trouble "too many: 'b'" groups @aio b
	trouble 'unknown option.*--bogus' show "$POLICY" --bogus
	trouble 'unknown option -p' groups -p "$POLICY"
	trouble 'unknown option.*--pfc' explain --pfc "$POLICY" open
	trouble "text or json, not 'xml'" show "$POLICY" --format xml
	trouble 'value is missing after --format' show "$POLICY" --format
	trouble "notify or ptrace, not 'x'" show "$POLICY" --trace=x
	trouble 'text, not json' show --pfc --format=json "$POLICY"
	has hint "$stderr" "^sandbox: 'sandbox show --help' lists"
}

@test "options stand anywhere, -- ends them" {
	some
	for line in "show --format json $POLICY" "show $POLICY --format=json" \
		"--format json show $POLICY" "show --format=json -- $POLICY"; do
		# shellcheck disable=SC2086
		fine $line
		has "$line" "$output" '^\{'
	done
	trouble 'No such file' show -- --format=json.ini
}

@test "a policy with mistakes: all of them, and trouble" {
	policy bad.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	opennat = always
	socket = if famly == AF_UNIX
	INI
	trouble 'bad\.ini:4.*openat' show "$POLICY"
	has "the second" "$stderr" 'bad\.ini:5:.*family'
	trouble 'bad\.ini:5:.*family' explain "$POLICY" open
	trouble 'nosuch\.ini' show "$T/nosuch.ini"
}

@test "output that cannot be written is trouble" {
	some
	for command in "show $POLICY" "explain $POLICY open" groups \
		"show --bpf $POLICY"; do
		status=0
		# shellcheck disable=SC2086
		sandbox $command >/dev/full 2>"$T/stderr" || status=$?
		is "$command" "$status" 2
		has stderr "$(<"$T/stderr")" 'No space left'
	done
}

# ------------------------------------------------------------------- groups

@test "groups: all of them, with help and size" {
	fine groups
	has group "$output" '^@open +[0-9]+  [a-z]'
	has group "$output" '^@known +3[0-9]+ '
	has group "$output" '^@io-uring +3  '
	is "every group" "$(grep -c '^@' <<<"$output")" \
		"$(grep -c '^GROUP(' src/tables/group.def)"
}

@test "groups @name: its calls, those of other ABIs apart, groups in it" {
	fine groups @network-io
	calls=$(sed -n '/^x86_64/,/^$/p' <<<"$output")
	has native "$calls" '(^| )socket( |$)'
	hasnt native "$calls" 'socketcall'
	has other "$(sed -n '/^Only on other/,$p' <<<"$output")" \
		'(^| )socketcall( |$)'
	fine groups @system-service
	has nested "$(sed -n '/^Groups in it/,/^$/p' <<<"$output")" '@basic-io'
	has "by a group" "$output" '(^| )pread64( |$)'
	fine groups network-io
	trouble 'did you mean @open' groups @opne
	trouble 'no group @nosuchgroup' groups @nosuchgroup
}

@test "groups: lines fit into 80 columns" {
	fine groups @known
	fails grep -E '^.{81}' "$T/stdout"
}

@test "groups: what calls open" {
	fine groups @exec
	has power "$output" '^  exec +starting programs$'
	has calls "$output" '^ +execve and execveat$'
	fine groups @stat
	has none "$output" '^They open nothing'
	fine groups --powers
	is "every power" "$(grep -cE '^  [a-z]' <<<"$output")" \
		"$(grep -c '^POWER(' src/tables/power.def)"
	has argument "$output" 'openat with O_WRITES'
	has rest "$output" 'ioctl with anything else'
	run ! grep -E '^.{81}' "$T/stdout"
	trouble 'takes no group' groups --powers @exec
	trouble 'unknown option' show --powers "$POLICY"
}

@test "groups: what calls open, as JSON" {
	need_jq
	fine groups --powers --format=json
	is version "$(ask .version)" 1
	is exec "$(ask '.powers[] | select(.name == "exec") |
		"\(.opens): \(.calls | join(" "))"')" \
		"starting programs: execve execveat uselib"
	fine groups @file-system --format=json
	is powers "$(ask '.calls[] | select(.syscall == "openat") |
		.powers | join(" ")')" write-files
	is none "$(ask '.calls[] | select(.syscall == "fstat") |
		.powers | length')" 0
}

@test "groups as JSON" {
	need_jq
	fine groups --format=json
	is version "$(ask .version)" 1
	is calls "$(ask '.groups[] | select(.name == "@io-uring") | .calls')" 3
	fine groups @network-io --format=json
	is name "$(ask .name)" @network-io
	is numbers "$(ask '.calls[] | select(.syscall == "socket") |
		.numbers | "\(.x86_64) \(.x86)"')" "41 359"
	is "not here" "$(ask '.calls[] | select(.syscall == "socketcall") |
		.numbers | has("x86_64")')" false
	fine groups @privileged --format=json
	has nested "$(ask '.groups | join(" ")')" '@chown'
}

# --------------------------------------------------------------------- show

# calls VERDICT REASON: those that show lists there
calls() {
	awk -v verdict="$1, " -v reason="  $2" '
		index($0, verdict) == 1 { on = 1; next }
		/^$/ { on = 0 }
		on && /^  [^ ]/ { here = $0 == reason; next }
		on && here { print }' "$T/stdout" | tr -s ' \n' ' '
}

@test "show: settings with the line each comes from" {
	some
	fine show "$POLICY"
	has default "$output" "^  default +deny +$POLICY:3\$"
	has kernel "$output" "^  kernel +5\.3 +$POLICY:4\$"
	has errno "$output" '^  errno +EPERM +built in$'
	has foreign "$output" '^  foreign +kill +built in$'
	has description "$output" "^  $POLICY: some rules\$"
}

@test "show: what the policy lets a program do" {
	policy p.ini <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = read execve
	openat = if flags & O_WRITES == 0
	socket = if family == AF_UNIX
	INI
	fine show "$POLICY"
	does() { sed -n '/^What it lets/,/^$/p' "$T/stdout"; }
	is powers "$(does | grep -oE '^  [a-z-]+' | xargs)" "exec socket-unix"
	is calls "$(does | sed -n '/socket-unix/{n;p}' | xargs)" socket
	policy p.ini <<-'INI'
	[policy]
	default = deny
	INI
	fine show "$POLICY"
	has nothing "$(does)" 'nothing beyond its own memory'
	# what is denied opens nothing behind a condition that cannot be compared
	terms=$(for i in {0..23}; do
		printf ' or (len & %d != 0 and off & %d != 0)' $((1 << i)) $((1 << i))
	done)
	policy p.ini <<-INI
	[policy]
	default = deny
	[allow]
	execve = always
	mmap = if ${terms# or }
	INI
	fine show "$POLICY"
	is powers "$(does | grep -oE '^  [a-z-]+' | xargs)" "exec write-exec"
}

@test "show: every call under its verdict and the line that gave it" {
	some
	fine show "$POLICY"
	is allowed "$(calls allow "$POLICY:6")" " read write "
	has group "$(calls allow "$POLICY:6 @timer")" ' timer_create '
	is denied "$(calls 'deny EACCES' "$POLICY:10")" " ptrace "
	is clone3 "$(calls 'deny ENOSYS' "$POLICY:9")" " clone3 "
	is kill "$(calls kill "$POLICY:12")" " kexec_load "
	is log "$(calls log "$POLICY:14")" " setuid "
	has implicit "$(calls allow implicit)" ' rt_sigreturn .*exit_group '
	has default "$(calls 'deny EPERM' "default ($POLICY:3)")" ' mount '
	new=$(calls 'deny ENOSYS' "newer than kernel 5.3 ($POLICY:4)")
	has "new calls" "$new" ' openat2 '
	hasnt "5.3 is not newer" "$new" ' pidfd_open '
	has condition "$output" \
		"^    allow +if family == AF_UNIX  \[$POLICY:7\]\$"
	has "else" "$output" \
		"^    deny EPERM +else  \[default \($POLICY:3\)\]\$"
	has unnamed "$output" '^  deny ENOSYS +those above [0-9]+'
	has foreign "$output" "^  kill +all their calls, including x32"
	is "every native call once" "$(sed -n '/^x86_64$/,/^other/p' \
		"$T/stdout" | grep -E '^(    [a-z_]|  socket$)' |
		grep -vE '^    (allow|deny)' | wc -w)" \
		"$(sandbox groups @known | sed -n '/^x86_64/,/^$/p' |
			tail -n +2 | wc -w)"
}

@test "show: layers, outer ones by -p" {
	some
	inner=$POLICY
	policy outer.ini <<-'INI'
	[policy]
	final = yes
	errno = EACCES
	[deny]
	syscalls = write
	INI
	fine show -p "$POLICY" "$inner"
	is order "$(sed -n '/^Layers/,/^$/p' "$T/stdout" | sed -n 2p)" \
		"  $POLICY (final)"
	is write "$(calls 'deny EACCES' "$POLICY:5")" " write "
	has errno "$output" "^  errno +EACCES +$POLICY:3\$"
	policy incl.ini <<-INI
	[policy]
	include = $inner
	[allow]
	462 = always
	500 = always
	INI
	fine show "$POLICY"
	is raw "$(calls allow "$POLICY:4")" " mseal "
	is raw "$(calls allow "$POLICY:5")" " 500 "
}

@test "show: each admitted ABI" {
	policy both.ini <<-'INI'
	[policy]
	default = deny
	architectures = native x86
	[allow]
	socket = if family == AF_UNIX
	INI
	fine show "$POLICY"
	x86=$(sed -n '/^x86$/,$p' <<<"$output")
	has socketcall "$(grep -A1 '^  socketcall$' <<<"$x86")" \
		'deny ENOSYS +if arg0 == 1 '
	has waitpid "$x86" '(^| )waitpid( |$)'
	need_jq
	fine show --format=json "$POLICY"
	is abis "$(ask '[.abis[].abi] | join(" ")')" "x86_64 x86"
}

@test "show -t: what the tracer adds" {
	policy open.ini <<-'INI'
	[policy]
	default = allow
	INI
	fine show "$POLICY"
	hasnt plain "$output" tracer
	fine show --trace=ptrace "$POLICY"
	has listener "$output" 'deny EBUSY +if flags & .*\[tracer\]$'
	has untraced "$output" 'deny EPERM +if .*CLONE_UNTRACED.*\[tracer\]$'
	is clone3 "$(calls 'deny ENOSYS' tracer)" " clone3 "
	fine show --trace=notify "$POLICY"
	has listener "$output" 'deny EBUSY +if flags & .*\[tracer\]$'
	hasnt untraced "$output" 'UNTRACED'
	fine show -t "$POLICY"
	has listener "$output" 'deny EBUSY'
}

@test "show --ini: one file of the same effect" {
	policy inner.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = socket ptrace
	INI
	inner=$POLICY
	policy outer.ini <<-'INI'
	[allow]
	socket = if family == AF_UNIX  ; a comment
	INI
	fine show --ini "$inner" -p "$POLICY"
	is text "$output" "$(printf '[policy]\ndefault = allow\n\n[allow]\nsocket = only if family == AF_UNIX\n\n[deny]\nsyscalls = ptrace')"
	cp "$T/stdout" "$T/one.ini"
	printf '[policy]\ninclude = inner.ini\n' | cat - "$POLICY" >"$T/both.ini"
	fine diff "$T/one.ini" "$T/both.ini"
	# one layer stays as it is, its groups too
	printf '[policy]\ndefault = deny\n[groups]\n@my = read write\n[allow]\nsyscalls = @my @timer\n' >"$T/g.ini"
	fine show --ini "$T/g.ini"
	is groups "$output" "$(printf '[policy]\ndefault = deny\n\n[groups]\n@my = read write\n\n[allow]\nsyscalls = @my @timer')"
	for policy in policies/*.ini; do
		fine show --ini "$policy"
		cp "$T/stdout" "$T/one.ini"
		fine diff "$policy" "$T/one.ini"
	done
	trouble 'leave out -t' show --ini -t "$T/g.ini"
	trouble 'not json' show --ini --format=json "$T/g.ini"
}

@test "show --ini: what one file cannot say" {
	# on i386 neither condition can be asked: the outer one is ENOSYS, and
	# in one file the inner one would come first
	policy inner.ini <<-'INI'
	[policy]
	default = allow
	architectures = native x86
	[deny]
	readahead = if fd == 1
	INI
	inner=$POLICY
	policy outer.ini <<-'INI'
	[log]
	readahead = if offset == 3
	INI
	trouble 'one file cannot have the same effect: readahead \(x86\) is deny ENOSYS, and would be deny EPERM' \
		show --ini "$inner" -p "$POLICY"
	is nothing "$output" ""
}

@test "show as JSON" {
	need_jq
	some
	fine show --format=json "$POLICY"
	is version "$(ask .version)" 1
	is default "$(ask '.settings.default | "\(.value) \(.file) \(.line)"')" \
		"deny $POLICY 3"
	is "built in" "$(ask '.settings.errno | has("file")')" false
	has powers "$(ask '.powers[] | "\(.name) \(.calls | join(","))"')" \
		'^identity setuid$'
	is layer "$(ask '.layers[0] | "\(.file): \(.description)"')" \
		"$POLICY: some rules"
	is read "$(ask '.abis[0].calls[] | select(.syscall == "read") |
		"\(.number) \(.cases[0].action) \(.cases[0].rule.kind) \(.cases[0].rule.line)"')" \
		"0 allow rule 6"
	is timer "$(ask '.abis[0].calls[] | select(.syscall == "timer_create") |
		.cases[0].rule | "\(.kind) \(.group)"')" "group @timer"
	is socket "$(ask '.abis[0].calls[] | select(.syscall == "socket") |
		[.cases[] | "\(.condition) \(.action) \(.errno)"] | join("; ")')" \
		"family == AF_UNIX allow null; null deny EPERM"
	is foreign "$(ask '.foreign | "\(.action) \(.rule.kind)"')" \
		"kill foreign"
	is above "$(ask '.abis[0].above | "\(.errno) \(.rule.kind)"')" \
		"ENOSYS new"
}

@test "show --bpf: the finished program, instruction by instruction" {
	some
	fine show --bpf "$POLICY"
	is first "$(head -n 1 "$T/stdout")" "(000) ld       [4]"
	has second "$(sed -n 2p "$T/stdout")" \
		'^\(001\) jeq      #0xc000003e +jt [0-9]+ +jf [0-9]+$'
	fails grep -vE '^\([0-9]{3,}\) (ld|and|xor|or|tax|ja|jeq|jgt|jge|ret) ?' \
		"$T/stdout"
	is numbered "$(tail -n 1 "$T/stdout" | tr -cd '0-9' | cut -c1-3)" \
		"$(printf %03d $(($(wc -l <"$T/stdout") - 1)))"
	has allow "$output" 'ret      #0x7fff0000$'
	has EACCES "$output" 'ret      #0x5000d$'
	fine show -t --bpf "$POLICY"
	has "handed to the tracer" "$output" 'ret +#0x7ff00000$'
}

@test "show --pfc: the same, readable" {
	some
	fine show --pfc "$POLICY"
	is first "$(head -n 1 "$T/stdout")" $'\tA = arch'
	has arch "$output" $'^\tif \\(A [=!]= x86_64\\) goto L[0-9]+$'
	has call "$output" 'if \(A [=<>!]+ [0-9]+ [a-z]+'
	has argument "$output" $'^\tA = args\\[0\\]\\.low$'
	has verdict "$output" $'^\treturn ERRNO\\(EACCES\\)$'
	has verdict "$output" $'^\treturn KILL_PROCESS$'
	# every label that is jumped to stands somewhere
	for label in $(grep -oE 'goto L[0-9]+' "$T/stdout" |
		sed 's/goto //' | sort -u); do
		grep -qx "$label:" "$T/stdout" || { echo "$label"; return 1; }
	done
}

# ----------------------------------------------------------------- features

@test "features: text and JSON say the same" {
	need_jq
	fine features
	has kernel "$output" "^kernel +$(uname -r) "
	has filter "$output" '^seccomp filters without privilege +yes$'
	text=$output
	fine features --format=json
	is version "$(ask .version)" 1
	is kernel "$(ask .kernel)" "$(uname -r) $(uname -m)"
	has libseccomp "$(ask .libseccomp)" '^[0-9]+\.[0-9]+\.[0-9]+$'
	is count "$(ask '.tried | length')" \
		"$(grep -cE ' (yes|no)( \([A-Z0-9]+\)(: .*)?)?$' <<<"$text")"
	for want in true false; do
		for probe in $(ask ".tried | to_entries[] |
			select(.value.works == $want) | .key"); do
			has probe "$probe" '^[a-z0-9_]+$'
		done
	done
	is "why not" "$(ask '[.tried[] | select(.works | not) |
		has("why_not")] | all')" true
}

@test "features: what sandbox does without it" {
	need_jq
	has notify "$(sandbox --deny seccomp -- "$SANDBOX" features)" \
		'^user notification +no \(EPERM\): -t traces with ptrace$'
	capture sandbox --deny close_range -- "$SANDBOX" features --format=json
	is "close_range" "$(ask .tried.close_range_cloexec.without)" \
		"--close-fds reads /proc/self/fd"
	fine features --format=json
	is "without what is there" "$(ask '[.tried[] | select(.works) |
		has("without")] | any')" false
	is exit_info "$(ask '.tried.exit_info | if .works then "yes"
		else .without end')" "$(kernel_has 6 15 yes \
		'the report of --in-place cannot say it')"
}

# kernel_has MAJOR MINOR THEN ELSE: by its release, what behaviour must agree with
kernel_has() {
	local major minor
	IFS=.- read -r major minor _ <<<"$(uname -r)"
	if ((major > $1 || (major == $1 && minor >= $2))); then
		echo "$3"
	else
		echo "$4"
	fi
}

@test "features: what is in force already, and what it forbids" {
	need_jq
	capture sandbox --deny ptrace -- "$SANDBOX" features --format=json
	is status "$status" 0
	is filters "$(ask .earlier_filters)" 1
	is privileges "$(ask .no_new_privs)" 1
	is ptrace "$(ask .tried.ptrace.works)" false
	is "why not" "$(ask .tried.ptrace.why_not)" EPERM
	is "i386 is foreign" "$(ask .tried.abi_x86.why_not)" SIGSYS
	is filter "$(ask .tried.filter.works)" true
}

@test "features agrees with a real i386 call" {
	need_jq
	need_i386
	fine features --format=json
	is i386 "$(ask .tried.abi_x86.works)" true
}

# ------------------------------------------------- what is shown can be written

# settings POLICY: "key = value" lines of what show says
settings() {
	capture sandbox show --format=json "$1"
	is status "$status" 0
	ask '.settings | to_entries[] | "\(.key) = \(.value.value)"'
}

@test "the settings that show prints are taken back, and come to the same" {
	need_jq
	local n=0 lines
	while read -r lines; do
		n=$((n + 1))
		{ echo '[policy]'; printf "$lines"; } >"$T/in.ini"
		chmod 0644 "$T/in.ini"
		settings "$T/in.ini" >"$T/shown"
		[ "$(wc -l <"$T/shown")" = 7 ]
		{ echo '[policy]'; cat "$T/shown"; } >"$T/again.ini"
		chmod 0644 "$T/again.ini"
		is "again, $lines" "$(settings "$T/again.ini")" "$(<"$T/shown")"
		capture sandbox diff "$T/in.ini" "$T/again.ini"
		is "difference, $lines" "$status:$output$stderr" "0:"
	done <<-'LINES'
	default = deny\n
	default = kill\nerrno = ENOSYS\nkernel = 6.13\n
	default = log\nforeign = deny\nspeculation = allow\n
	default = allow\narchitectures = native x86\nprivileges = keep\n
	default = allow\nerrno = 200\nspeculation = default\n
	LINES
	[ "$n" = 5 ]
}

@test "what diff prints of the settings is taken back" {
	local key a b
	while read -r key a b; do
		printf '[policy]\ndefault = deny\n%s = %s\n' "$key" "$a" \
			>"$T/a.ini"
		printf '[policy]\ndefault = deny\n%s = %s\n' "$key" "$b" \
			>"$T/b.ini"
		chmod 0644 "$T"/[ab].ini
		capture sandbox diff "$T/a.ini" "$T/b.ini"
		is "$key" "$status:$output" \
			"1:$key: $a in $T/a.ini, $b in $T/b.ini"
	done <<-'ROWS'
	privileges keep drop
	speculation allow mitigate
	ROWS
}

@test "sandbox.policy(5) has every value of every key" {
	local key words word section n=0
	for key in default foreign final privileges speculation; do
		printf '[policy]\n%s = nonsense\n' "$key" >"$T/p.ini"
		chmod 0644 "$T/p.ini"
		capture sandbox check "$T/p.ini"
		words=$(sed -n "s/.*'$key' is \\(.*\\), not 'nonsense'.*/\\1/p" \
			<<<"$stderr" | tr -d , | sed 's/ or / /')
		[ "$words" ]
		section=$(sed -n "/^\\.B $key\$/,/^\\.TP/p" \
			doc/sandbox.policy.5)
		for word in $words; do
			n=$((n + 1))
			has "$key" "$section" "^\\.BR? $word( |\$)"
		done
	done
	[ "$n" = 14 ]
}
