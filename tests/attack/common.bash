# What every attack loads: the table of modes and users, and the count of tries.
#
# Tries are lines in $ATTACK_TALLY (tests/attack/table prints them):
# kind, user, mode, how many tries, how many broke out.  A control is the same
# attack on a launcher without protection (tests/helpers/naive.c): it must break
# out, or the attack proves nothing.

load ../common

# An attack that hangs has held nothing up but itself; this ends it.
HANG=${HANG:-20}

# -: no tracer. In -c and --permissive there is a policy too.
MODES=(- -t --trace=ptrace --in-place "--in-place -t"
	"--in-place --trace=ptrace" -c)
TRACED=(-t --trace=ptrace "--in-place -t" "--in-place --trace=ptrace" -c
	--permissive)

attack_setup() {
	common_setup
	open_copy
	chmod 0777 "$OPEN/tmp"
	FOLDER=$OPEN/tmp/folder
	TALLY=${ATTACK_TALLY:-$T/tally}
	BROKE=()
	if [ "$(id -u)" = 0 ]; then
		USERS=(root user)
	else
		USERS=(user)
	fi
	write deny.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir mkdirat
	INI
}

attack_teardown() {
	end_all
	common_teardown
}

# write NAME <<INI: a policy that both users may read.
write() {
	cat >"$OPEN/$1"
	chmod 0644 "$OPEN/$1"
}

# as USER CMD...: user is an ordinary one, who has a cache of their own.
as() {
	local user=$1
	shift
	if [ "$user" = root ] || [ "$(id -u)" != 0 ]; then
		"$@"
	else
		setpriv --reuid 61002 --regid 61002 --clear-groups env \
			HOME="$OPEN/tmp" XDG_CACHE_HOME="$OPEN/tmp/cache" "$@"
	fi
}

# The options of a mode.
options() {
	[ "$1" = - ] || echo "$1"
}

# try USER MODE [ARG...] -- CMD: sandbox with the options of this mode.
try() {
	local user=$1 mode=$2
	shift 2
	# shellcheck disable=SC2046
	capture as "$user" timeout -k 2 "$HANG" "$OPEN/sandbox" \
		$(options "$mode") "$@"
}

# each FUNCTION MODE...: FUNCTION USER MODE, for every one.
each() {
	local function=$1 user mode
	shift
	for user in "${USERS[@]}"; do
		for mode in "$@"; do
			"$function" "$user" "$mode"
		done
	done
}

# Our folder's name is in the arguments of all that an attack starts.
ours() {
	local file
	for file in $(grep -lsF "$OPEN" /proc/[0-9]*/cmdline); do
		file=${file%/cmdline}
		gone "${file#/proc/}" || echo "${file#/proc/}"
	done
}
monitors() {
	local pid
	for pid in $(ours); do
		if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = sandbox ]; then
			echo "$pid"
		fi
	done
}
no_monitor() { [ -z "$(monitors)" ]; }
end_all() {
	local pid
	for pid in $(ours); do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# wait_briefly COMMAND...: like wait_for, for what may hang.
wait_briefly() {
	LIMIT=$HANG wait_for "$@" >/dev/null
}

# tried KIND USER MODE N COMMAND...: N tries of which none, or as many as
# COMMAND prints, broke out.
tried() {
	local broke
	broke=$("${@:5}") || true
	printf '%s|%s|%s|%s|%s\n' "$1" "$2" "$3" "$4" "$broke" >>"$TALLY"
	if [ "$broke" != 0 ]; then
		BROKE+=("$1, $2, $3: $broke of $4")
	fi
}

# What a try is judged by: prints 1 if COMMAND succeeds, else 0.
if_true() {
	if "$@" >/dev/null 2>&1; then echo 1; else echo 0; fi
}
folder_made() {
	if_true test -e "$FOLDER"
	rm -rf "$FOLDER"
}

# control KIND COMMAND...: the attack works; COMMAND must say so.
control() {
	local broke
	broke=$(if_true "${@:2}")
	printf '%s|control|without protection|1|%s\n' "$1" "$broke" >>"$TALLY"
	if [ "$broke" != 1 ]; then
		echo "$1: the attack does not work without protection"
		show_run
		return 1
	fi
}

# The end of a test: all tries were in vain.
held() {
	if [ "${#BROKE[@]}" != 0 ]; then
		printf '%s\n' "${BROKE[@]}" | sort | uniq -c |
			sed 's/^/broke out: /'
		show_run
		return 1
	fi
}
