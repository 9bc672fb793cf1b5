# Shipped policies on the programs that they are for (workloads.bash), and on what
# they are there to stop.
# shellcheck shell=bash

# under POLICY: sets UNDER, the front of a command that runs under it, which
# reports to $REPORT when the last process has ended.
under() {
	UNDER=("$SANDBOX" -p "$POLICIES/$1.ini" "$TRACE" --wait -r "$REPORT"
		--format=json --)
	rm -f "$REPORT"
}

# What was denied and is not quiet.
denied() {
	json '.denied[] | "\(.syscall) \(.first.args | join(", "))"'
}

# works POLICY WORK: WORK_work does its work under POLICY, and nothing of it is
# denied.
works() {
	under "$1"
	"$2_work" "${UNDER[@]}"
	is denied "$(denied)" ""
	is "a report" "$(json .totals.hits | grep -c .)" 1
}

# What no policy of a program allows: calls with arguments that would do harm.
FORBIDDEN=("ptrace 0 0 0 0" "process_vm_readv 1 0 0 0 0 0" "io_uring_setup 1 0"
	"bpf 0 0 0" "unshare 0x10000000" "clone 0x10000011 0 0 0 0"
	"setns 0 0" "mount 0 0 0 0 0" "chroot /" "init_module 0 0 0"
	"add_key 0 0 0 0 0" "perf_event_open 0 0 0 0 0" "userfaultfd 0"
	"socket 17 3 0" "socket 38 5 0" "socket 2 3 1" "socket 2 1 132"
	"socketpair 1 2 0 0" "ioctl 0 0x5412 0" "mknod /x 020666 0x103"
	"open_by_handle_at 0 0 0" "personality 0x400000" "msgget 0 0"
	"settimeofday 0 0" "kexec_load 0 0 0 0" "swapon / 0" "iopl 3"
	"kcmp 0 0 0 0 0" "prctl 24 0 0 0 0")

# forbids POLICY ACT...: each is denied, and a row of the report says so, or the
# policy says that it is quiet.
forbids() {
	local act acts=() quiet
	under "$1"
	quiet=$(sed -n 's/^quiet *= *//p' "$POLICIES/$1.ini")
	shift
	set -- "${FORBIDDEN[@]}" "$@"
	for act; do
		# shellcheck disable=SC2206
		acts+=(, $act)
	done
	capture "${UNDER[@]}" "$HELPERS/syscalls" "${acts[@]:1}"
	is status "$status" 0
	is "answers other than EPERM" "$(grep -v ' = -1 EPERM$' <<<"$output")" ""
	printf '%s\n' "$@" | cut -d' ' -f1 | grep -vx "${quiet:-none}" | sort |
		uniq -c | awk '{ print $2, $1 }' >"$T/wanted"
	[ "$(wc -l <"$T/wanted")" -ge 20 ]
	is "rows of the report" "$(json '[.denied[] | select(.answer == "EPERM")] |
		group_by(.syscall)[] | "\(.[0].syscall) \(map(.hits) | add)"' |
		sort)" "$(cat "$T/wanted")"
}
