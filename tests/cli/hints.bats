#!/usr/bin/env bats
# What people type that is not quite right gets the line that works; what has no
# effect is refused; nobody is blamed without knowledge.

setup() {
	load ../common
	common_setup
	good
	: >"$T/dialogue"
}
teardown() { common_teardown; }

# Every line of ours says whose it is.
ours() {
	hasnt stderr "$(grep -v '^sandbox: ' <<<"$stderr")" .
}

@test "words of other programs' commands get the option" {
	local word
	for word in help:--help version:--version; do
		capture sandbox "${word%:*}"
		is status "$status" 125
		has stderr "$stderr" "^sandbox: there is no command '${word%:*}': type 'sandbox ${word#*:}'\$"
		ours
		capture sandbox -p "$POLICY" "${word%:*}"
		is status "$status" 127
		has stderr "$stderr" "^sandbox: for sandbox's own, type 'sandbox ${word#*:}'\$"
		ours
	done
	capture sandbox web.ini ls
	is status "$status" 125
	has stderr "$stderr" "type 'sandbox -p web\.ini CMD'"
	ours
}

@test "a command behind a policy, a tracer behind --trace: the line that works" {
	capture sandbox -p "$POLICY" check x.ini
	is status "$status" 127
	has stderr "$stderr" "put it first: sandbox check -p $POLICY x\.ini\$"
	ours
	capture sandbox -p "$POLICY" show
	has stderr "$stderr" "put it first: sandbox show $POLICY\$"
	capture sandbox -p "$POLICY" --trace notify ls
	is status "$status" 127
	has stderr "$stderr" "type '--trace=notify' in one word\$"
	ours
	# nobody is told anything of a program that is just not there
	capture sandbox -p "$POLICY" no-such-program
	is lines "$(wc -l <<<"$stderr")" 1
}

# idle WHY OPTION...: refused, and CMD is not started.
idle() {
	refused 125 "^sandbox: $1" "${@:2}"
	ours
}

@test "options without effect are refused" {
	local policy=(-p "$POLICY")
	idle '--format has no effect without a report: add -t or -r FILE' \
		"${policy[@]}" --format=json
	idle '--format has no effect with -r journal' \
		"${policy[@]}" -r journal --format=json
	idle '--wait has no effect without a report: add -t' \
		"${policy[@]}" --wait
	idle '--wait has no effect with --in-place' \
		"${policy[@]}" -t --wait --in-place
	idle '-v has no effect with -q' "${policy[@]}" -v -q
	idle '-v has no effect without a policy' -c -v
	idle '--permissive has no effect without a policy' -c --permissive
	capture sandbox show --pfc --bpf "$POLICY"
	is status "$status" 2
	has stderr "$stderr" '^sandbox: show: --pfc and --bpf are two listings'
	capture sandbox systemd-dropin --format=json x
	is status "$status" 2
	ours
	# these have one
	capture sandbox "${policy[@]}" -t --format=json -- true
	is status "$status" 0
	capture sandbox "${policy[@]}" -t --wait -- true
	is status "$status" 0
}

# ended CMD...: what a terminal shows of a CMD that was not traced.
ended() {
	capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" --deny mkdir -- "$@"
	output=${output//$'\r'/}
}

@test "a CMD that fails is not blamed on the policy" {
	local watched="nobody watched whether --deny denied it something, which this shows: $SANDBOX -t --deny mkdir --"
	ended false
	is output "$output" "sandbox: 'false' ended with status 1; $watched false"
	ended sh -c 'kill -ABRT $$'
	is output "$output" "sandbox: 'sh' ended with SIGABRT; $watched sh -c 'kill -ABRT \$\$'"
	# the policy has no part in what somebody sent by hand
	local how
	for how in 'kill -INT $$' 'kill -TERM $$' 'kill -KILL $$' \
		'ulimit -c 0; kill -QUIT $$' 'exit 130' 'exit 143' 'exit 0'; do
		ended sh -c "$how"
		is "$how" "$output" ""
	done
}

@test "the hint names the policies, and what it proposes shows the cause" {
	printf '[deny]\nmkdir = EACCES\n' >"$T/it's mine.ini"
	capture "$HELPERS/pty" "$T/dialogue" "$SANDBOX" -p "$POLICY" \
		-p "$T/it's mine.ini" -- sh -c "mkdir '$MARKER' 2>'$T/err'"
	output=${output//$'\r'/}
	has hint "$output" "whether $POLICY, $T/it's mine.ini denied it"
	capture sh -c "${output##*this shows: }"
	is status "$status" 1
	has cause "$stderr" "mkdir +EACCES .*it's mine.ini:2"
}

@test "every line of a usage error begins with sandbox:" {
	local words
	for words in "" "-p" "--nonsense" "-Z" "-p $POLICY" "check" "chek" \
		"show" "explain x" "groups @nonsense" \
		"systemd-dropin x" "diff a" "-p $POLICY --trace=x ls" \
		"--format=x" "-p $POLICY ''"; do
		eval "capture sandbox $words"
		[ "$status" = 125 ] || [ "$status" = 2 ]
		ours
	done
}

@test "the help of systemd-dropin speaks of the service" {
	capture sandbox systemd-dropin --help
	has output "$output" '-p, --policy FILE +the policy of the service'
	has output "$output" '-t +report denied calls in the journal'
	hasnt output "$output" 'as under a tracer|--format'
}

@test "a mistyped policy gets the one that was meant" {
	mkdir "$T/named"
	cp "$POLICY" "$T/named/web-server.ini"
	cp "$POLICY" "$T/named/mail.ini"
	export SANDBOX_POLICY_PATH=$T/named
	refused 125 "^sandbox: no policy 'web-sever' \(did you mean 'web-server'\?\)\$" \
		-p web-sever
	refused 125 "/named/mial\.ini: No such file or directory \(did you mean 'mail\.ini'\?\)\$" \
		-p "$T/named/mial.ini"
	refused 125 "^sandbox: no policy 'nothing-like': there is no nothing-like\.ini in $T/named:" \
		-p nothing-like
	policy p.ini <<-'INI'
	[policy]
	default = deny
	include = web-sever
	INI
	refused 125 "p\.ini:3: cannot include .*\(did you mean 'web-server'\?\)\$" \
		-p "$POLICY"
}

@test "a bare name, libc's name, a condition that always holds: what to write" {
	bad "bad\.ini:4: .*write 'syscalls = read'" <<-'INI'
	[policy]
	default = deny
	[allow]
	read
	INI
	bad "bad\.ini:4: .*'pread' \(did you mean 'pread64'\?\)" <<-'INI'
	[policy]
	default = deny
	[allow]
	syscalls = pread
	INI
	bad "bad\.ini:4: the condition on read always holds, since 'fd' is an unsigned number of 32 bits: write 'always'" <<-'INI'
	[policy]
	default = deny
	[allow]
	read = if fd >= 0
	INI
	capture sandbox explain "$POLICIES/hello.ini" PREAD
	has stderr "$stderr" "did you mean 'pread64'\?"
}
