#!/usr/bin/env bats
# What show and explain say, the kernel does: every native call is made for
# real under shipped policies, with arguments that do no harm, and its answer
# compared.  What the kernel itself answers to such a call is known from a run
# under a policy that allows everything; what the policy answers is made
# EUCLEAN, which no call answers to bad arguments.

setup() {
	load ../common
	common_setup
	command -v jq >/dev/null || skip "jq is not installed"
	export XDG_CACHE_HOME=$T/cache
	policy all.ini <<-'INI'
	[policy]
	default = allow
	INI
}
teardown() { common_teardown; }

# Calls that end, stop, copy or disturb the process or the machine whatever
# their arguments, or leave something behind (msgget); 335 and 336 (uretprobe,
# uprobe) kill who has no probe.
HARMFUL='["exit", "exit_group", "rt_sigreturn", "pause", "fork", "vfork",
	"clone", "clone3", "reboot", "vhangup", "sync", "msgget",
	"uretprobe", "uprobe"]'

# Writes "NUMBER EXPECTED" for what show says in one word: "run", an errno or
# SIGSYS; and the numbers of calls that depend on their arguments.
expectations() { # POLICY
	sandbox show --format=json "$1" >"$T/show.json"
	jq -r --argjson harmful "$HARMFUL" '
		def word: if .action == "kill" then "SIGSYS"
			elif .action == "deny" then .errno else "run" end;
		.abis[] | select(.abi == "x86_64") |
		.above.last as $last | .above as $above |
		.unnamed as $unnamed | [.calls[].number] as $named |
		(.calls[] | select(.syscall as $s |
			$harmful | index([$s]) | not) |
		 select(.cases | length == 1) |
		 "\(.number) \(.cases[0] | word)"),
		([387, 400, 423] - $named | .[] | "\(.) \($unnamed | word)"),
		([$last + 1, 1000, 1073741823] - $named |
		 .[] | "\(.) \($above | word)")' "$T/show.json" |
		sort -n >"$T/expected"
	jq -r --argjson harmful "$HARMFUL" '
		.abis[] | select(.abi == "x86_64") | .calls[] |
		select(.cases | length > 1) |
		select(.syscall as $s | $harmful | index([$s]) | not) |
		.number' "$T/show.json" >"$T/conditional"
}

answers() { # POLICY VALUE <NUMBERS
	timeout -k 5 300 "$HELPERS/agree" "$SANDBOX" "$1" "$2"
}

# Prints what is not as it should be.
compare() { # EXPECTED BASE ACTUAL
	awk 'FILENAME == ARGV[1] { expected[$1] = $2; next }
		FILENAME == ARGV[2] { base[$1] = $2; next }
		{ actual[$1] = $2 }
		END {
			for (nr in expected) {
				want = expected[nr]
				if (want == "run")
					want = base[nr]
				if (actual[nr] != want)
					print nr, expected[nr] ": got", \
						actual[nr] ", wanted", want
			}
		}' "$@"
}

# The word for a call with all arguments equal, from explain: their number is
# found by trying.
explained() { # POLICY NUMBER VALUE
	local n args
	for n in 6 5 4 3 2 1; do
		args=$(printf ", $3%.0s" $(seq "$n"))
		sandbox explain --format=json "$1" "$2(${args#, })" \
			>"$T/one.json" 2>/dev/null && break
	done
	jq -r '.calls[0] | select(.decided) |
		if .action == "kill" then "SIGSYS"
		elif .action == "deny" then .errno else "run" end' "$T/one.json"
}

# Every call of a policy, by show; those with conditions by explain.
agrees() { # POLICY
	local number value
	expectations "$1"
	cut -d' ' -f1 "$T/expected" >"$T/numbers"
	[ "$(wc -l <"$T/numbers")" -ge 350 ]
	answers "$T/all.ini" -1 <"$T/numbers" >"$T/base"
	fails grep -q EUCLEAN "$T/base"
	answers "$1" -1 <"$T/numbers" >"$T/actual"
	is "calls answered" "$(wc -l <"$T/actual")" "$(wc -l <"$T/numbers")"
	is "differences" "$(compare "$T/expected" "$T/base" "$T/actual")" ""

	for value in -1 0; do
		while read -r number; do
			echo "$number $(explained "$1" "$number" "$value")"
		done <"$T/conditional" >"$T/expected2"
		fails grep -qv '^[0-9]* [A-Za-z]' "$T/expected2"
		answers "$T/all.ini" "$value" <"$T/conditional" >"$T/base2"
		answers "$1" "$value" <"$T/conditional" >"$T/actual2"
		is "differences with $value" \
			"$(compare "$T/expected2" "$T/base2" "$T/actual2")" ""
	done
}

# explain and show have one answer for a call without conditions.
explain_is_show() { # POLICY
	local number
	while read -r number _; do
		sandbox explain --format=json "$1" "$number"
	done <"$T/expected" >"$T/all.json"
	jq -r '.calls[0] | "\(.number) \(if .action == "kill" then "SIGSYS"
		elif .action == "deny" then .errno else "run" end)"' \
		"$T/all.json" >"$T/explained"
	diff "$T/expected" "$T/explained"
}

marked() { # NAME: a copy of a shipped policy that answers EUCLEAN
	sed -i '0,/^\[policy\]/s//[policy]\nerrno = EUCLEAN/' \
		"$POLICIES/$1.ini"
	MARKED=$POLICIES/$1.ini
	grep -q '^errno = EUCLEAN' "$MARKED"
}

@test "service: show and explain agree with the kernel for every call" {
	marked service
	agrees "$MARKED"
	[ "$(grep -c ' EUCLEAN$' "$T/expected")" -ge 30 ]
	[ "$(grep -c ' run$' "$T/expected")" -ge 200 ]
	explain_is_show "$MARKED"
}

@test "docker-default: show agrees with the kernel for every call" {
	marked docker-default
	agrees "$MARKED"
	[ "$(grep -c ' EUCLEAN$' "$T/expected")" -ge 30 ]
	[ "$(grep -c ' run$' "$T/expected")" -ge 200 ]
}

@test "layers, conditions, kill and log: they agree too" {
	policy inner.ini <<-'INI'
	[policy]
	default = allow
	errno = EUCLEAN
	[deny]
	syscalls = @chown
	dup = if fildes == -1
	lseek = EXDEV if offset == 0
	[kill]
	syscalls = @clock
	setpriority = if which < 0
	[log]
	syscalls = getcpu
	INI
	inner=$POLICY
	policy outer.ini <<-INI
	[policy]
	include = $inner
	[allow]
	syscalls = fchown
	close = only if fd == 0
	[deny]
	mkdir = ELOOP
	@timer = ENOTNAM
	500 = always
	INI
	agrees "$POLICY"
	grep -qx '83 ELOOP' "$T/expected"
	grep -qx '93 run' "$T/expected"
	grep -qx '92 EUCLEAN' "$T/expected"
	grep -qx '500 EUCLEAN' "$T/expected"
	grep -qx '227 SIGSYS' "$T/expected"
	grep -qx '3 EUCLEAN' "$T/actual2" || grep -qx '3 0' "$T/actual2"
	is "conditional calls" "$(wc -l <"$T/conditional")" 4
}

@test "another ABI meets what show calls foreign" {
	need_i386
	sandbox show --format=json "$POLICIES/no-write.ini" >"$T/show.json"
	is foreign "$(jq -r .foreign.action "$T/show.json")" kill
	capture sandbox -p "$POLICIES/no-write.ini" -- \
		"$HELPERS/syscalls" int80:20
	is status "$status" 159
}
