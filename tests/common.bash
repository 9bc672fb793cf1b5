# What every .bats file loads: where the program and the helpers are, and the
# few words the tests are written in.

bats_require_minimum_version 1.8.0

# Guards against a hang; no test depends on its length.
LIMIT=${LIMIT:-90}

# The tracer of a traced run, and the option that asks for it. A file with the
# tag `both-tracers` runs once with each (tests/run-one); its tests that trace
# nothing, or say themselves with what, have the tag `once`. What differs by
# design is said where it does: `if by_notify`.
TRACER=${TRACER:-notify}
TRACE=--trace=$TRACER
# For what is to be the same without and with a tracer; the second run of a
# file need not go without again.
if [ "$TRACER" = notify ]; then
	MODES=("" "$TRACE")
else
	MODES=("$TRACE")
fi

by_notify() {
	[ "$TRACER" = notify ]
}

# The number of getppid(2), of x86-64 or of the newer ABIs: for storm.
[ "$(uname -m)" = x86_64 ] && GETPPID=110 || GETPPID=173

common_setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	ROOT=$PWD
	SANDBOX=$(realpath "${SANDBOX:-./sandbox}")
	HELPERS=$(realpath "${HELPERS:-build/helpers}")
	T=$BATS_TEST_TMPDIR
	REPORT=$T/report.json
	# What must never come to be: a denied mkdir, a CMD that was started.
	MARKER=$T/marker
	PIDS=()
	TREES=()
	# The shipped policies where root trusts them, whoever owns the clone.
	POLICIES=$T/policies
	cp -r policies "$POLICIES"
	chmod -R u=rwX,go=rX "$POLICIES"
	# These would change what is tested or shown.
	unset SANDBOX_POLICY_PATH NO_COLOR COLUMNS
	# Not the cache of whoever runs the tests.
	export XDG_CACHE_HOME=$BATS_RUN_TMPDIR/cache
	# A folder on the PATH that cannot be searched makes "not found"
	# (127) a "permission denied" (126), for execvp as for sandbox.
	PATH=$(searchable_path)
	export LC_ALL=C
}

searchable_path() {
	local folder path=
	while read -rd : folder; do
		if [ -x "$folder" ]; then
			path+=:$folder
		fi
	done <<<"$PATH:"
	echo "${path#:}"
}

common_teardown() {
	local pid tree
	for pid in "${PIDS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	for tree in "${TREES[@]}"; do
		rm -rf "$tree"
	done
}

# policy NAME <<INI: a policy file that root trusts; its path in $POLICY.
policy() {
	POLICY=$T/$1
	cat >"$POLICY"
	chmod 0644 "$POLICY"
}

# The program, with a guard.
sandbox() {
	timeout -k 5 "$LIMIT" "$SANDBOX" "$@"
}

# capture CMD...: sets status, output and stderr. (bats's own `run` waits for
# whoever holds its pipe, a daemon too, and has a word to say on status 127.)
capture() {
	status=0
	"$@" >"$T/stdout" 2>"$T/stderr" 3>&- || status=$?
	output=$(<"$T/stdout")
	stderr=$(<"$T/stderr")
}

# traced CMD...: under $POLICY, with the JSON report in $REPORT.
traced() {
	capture timeout -k 5 "$LIMIT" "$SANDBOX" -p "$POLICY" "$TRACE" \
		-r "$REPORT" --format=json -- "$@"
}

# plain CMD...: under $POLICY, no tracer.
plain() {
	capture timeout -k 5 "$LIMIT" "$SANDBOX" -p "$POLICY" \
		-- "$@"
}

# json FILTER: of the report.
json() {
	jq -r "$1" "$REPORT"
}

# row CALL FILTER: of the row of one denied call.
row() {
	jq -r --arg call "$1" \
		".denied[] | select(.syscall == \$call) | $2" "$REPORT"
}

# killed CALL ABI ANSWER-AND-RULE: the one row of a call that killed. By design
# notify learns of a kill from SIGSYS alone: which call it was, by which rule, it
# cannot tell.
killed() {
	local call=$1 abi=$2 rule=$3
	if by_notify; then
		call=? abi=unknown rule="null ${rule##* }"
	fi
	is killed "$(json '.denied[] | select(.answer == "kill") |
		"\(.syscall) \(.abi) \(.rule.kind) \(.hits)"')" \
		"$call $abi $rule"
}

# line_of FILE TEXT: the number of the first line with TEXT.
line_of() {
	grep -nF -- "$2" "$1" | head -n 1 | cut -d: -f1
}

is() { # is WHAT GOT WANTED
	if [ "$2" != "$3" ]; then
		printf '%s: got "%s", wanted "%s"\n' "$1" "$2" "$3"
		show_run
		return 1
	fi
}

has() { # has WHAT TEXT PATTERN (extended regular expression)
	if ! grep -Eq -- "$3" <<<"$2"; then
		printf '%s: "%s" does not match "%s"\n' "$1" "$2" "$3"
		show_run
		return 1
	fi
}

hasnt() {
	if grep -Eq -- "$3" <<<"$2"; then
		printf '%s: "%s" matches "%s"\n' "$1" "$2" "$3"
		show_run
		return 1
	fi
}

# fails CMD...: it ends with an error. (After "! CMD" bash goes on either way.)
fails() {
	if "$@"; then
		printf 'did not fail: %s\n' "$*"
		return 1
	fi
}

show_run() {
	printf 'status: %s\noutput: %s\nstderr: %s\n' "${status-}" \
		"${output-}" "${stderr-}"
	if [ -s "$REPORT" ]; then
		printf 'report: '
		head -c 8000 "$REPORT"
	fi
}

# wait_for COMMAND...: until it succeeds; fails after $LIMIT seconds.
wait_for() {
	local end=$((SECONDS + LIMIT))
	until "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		sleep 0.05
	done
}

gone() { # a process has ended (a zombie has)
	local state
	state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' \
		"/proc/$1/status" 2>/dev/null) || true
	[ -z "$state" ] || [ "$state" = Z ] || [ "$state" = X ]
}

state_is() { # state_is PID LETTER
	grep -q "^State:[[:space:]]*$2" "/proc/$1/status"
}

# A copy of everything that an ordinary user may read, in $OPEN, with a folder
# $OPEN/tmp that is theirs.
open_copy() {
	OPEN=$(mktemp -d "${TMPDIR:-/tmp}/sandbox-test.XXXXXX")
	TREES+=("$OPEN")
	cp "$SANDBOX" "$OPEN/sandbox"
	cp -r "$HELPERS" "$OPEN/helpers"
	mkdir "$OPEN/tmp"
	if [ "$(id -u)" = 0 ]; then
		chown 65534:65534 "$OPEN/tmp"
	fi
	chmod -R a+rX "$OPEN"
}

# as_user CMD...: as nobody if root runs the tests, else as we are.
as_user() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# $PROCESS_1 CMD...: CMD is process 1 of a PID namespace.
need_pid_namespace() {
	PROCESS_1="unshare -pf --mount-proc"
	[ "$(id -u)" = 0 ] || PROCESS_1+=" -r"
	$PROCESS_1 true 2>/dev/null || skip "no PID namespace is to be had here"
}

need_root() {
	[ "$(id -u)" = 0 ] || skip "needs root: the rule is for root only"
}

# The i386 ABI, to be called from a 64-bit program.
need_i386() {
	"$HELPERS/syscalls" int80:20 >/dev/null 2>&1 ||
		skip "this kernel has no i386 ABI (CONFIG_IA32_EMULATION)"
}

# A program of that ABI.
need_i386_program() {
	need_i386
	[ -x "$HELPERS/i386" ] ||
		skip "helpers/i386 was not built: no 32-bit headers (gcc-multilib)"
}

# What a static program of glibc calls before main and after it.
STATIC_START="arch_prctl brk set_tid_address set_robust_list rseq prlimit64 \
readlink readlinkat mprotect mmap munmap getrandom newfstatat fstat write"

# Refusals: CMD is not started, which a marker file proves.

# refused STATUS PATTERN ARGUMENT...: sandbox ARGUMENT... -- touch MARKER
refused() {
	local wanted=$1 pattern=$2
	shift 2
	capture sandbox "$@" -- touch "$MARKER"
	never_started "$wanted" "$pattern"
}

never_started() {
	is status "$status" "$1"
	is output "$output" ""
	has stderr "$stderr" "$2"
	hasnt stderr "$stderr" 'Sanitizer|Aborted|Segmentation'
	[ ! -e "$MARKER" ]
}

# bad PATTERN <<INI: a policy that is refused with a message like this.
bad() {
	policy bad.ini
	refused 125 "$1" -p "$POLICY"
}

good() {
	policy good.ini <<-'INI'
	[policy]
	default = allow
	INI
}
