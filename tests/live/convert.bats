#!/usr/bin/env bats
# sandbox convert: what it writes, in force without sandbox.

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	mkdir = EACCES
	mkdirat = EACCES
	socket = EAFNOSUPPORT if family == AF_INET
	ioctl = EPERM if cmd in (TIOCSTI, TIOCLINUX)
	INI
	cat >"$T/try.py" <<-'PY'
	import errno, fcntl, os, socket
	def name(call):
	    try:
	        call()
	        return "ok"
	    except OSError as e:
	        return errno.errorcode[e.errno]
	print(name(lambda: os.mkdir("/tmp")),
	      name(lambda: socket.socket(socket.AF_UNIX)),
	      name(lambda: socket.socket(socket.AF_INET)),
	      name(lambda: fcntl.ioctl(0, 0x5412, b"x")),
	      name(lambda: fcntl.ioctl(0, 0x100005412, b"x")))
	PY
	wanted='EACCES ok EAFNOSUPPORT EPERM EPERM'
}
teardown() { common_teardown; }

@test "bpf: loaded by another program it answers as sandbox does" {
	sandbox convert --to bpf -o "$T/p.bpf" "$T/p.ini"
	cat >"$T/load.py" <<-'PY'
	import ctypes, os, sys
	code = open(sys.argv[1], "rb").read()
	class Prog(ctypes.Structure):
	    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
	prctl = ctypes.CDLL(None, use_errno=True).prctl
	if prctl(38, 1, 0, 0, 0) or \
	   prctl(22, 2, ctypes.byref(Prog(len(code) // 8, code))):
	    sys.exit("not loaded: " + os.strerror(ctypes.get_errno()))
	os.execvp(sys.argv[2], sys.argv[2:])
	PY
	capture python3 "$T/load.py" "$T/p.bpf" python3 "$T/try.py"
	is output "$output" "$wanted"
	capture sandbox -p "$T/p.ini" -- python3 "$T/try.py"
	is output "$output" "$wanted"
	capture python3 "$T/try.py"
	is control "$output" 'EEXIST ok ok ENOTTY ENOTTY'
}

@test "bpf: bwrap takes it, with --seccomp and --add-seccomp-fd" {
	command -v bwrap >/dev/null || skip "bwrap is not installed"
	bwrap --dev-bind / / true || skip "bwrap cannot run here"
	sandbox convert --to bpf -o "$T/p.bpf" "$T/p.ini"
	for option in --seccomp --add-seccomp-fd; do
		capture bwrap $option 9 --dev-bind / / -- python3 "$T/try.py" \
			9<"$T/p.bpf"
		is "output ($option)" "$output" "$wanted"
	done
}

@test "c: the same program as an array, for each machine" {
	for abi in x86_64 aarch64; do
		sandbox convert --abi $abi --to bpf -o "$T/p.bpf" "$T/p.ini"
		{
			sandbox convert --abi $abi --to c "$T/p.ini"
			echo '#include <stdio.h>'
			echo 'int main(void) { return !fwrite(filter, sizeof(filter), 1, stdout); }'
		} >"$T/p.c"
		gcc -Wall -Werror -o "$T/print" "$T/p.c"
		"$T/print" | cmp - "$T/p.bpf"
	done
}

@test "a policy that does not allow execve outright gives no program" {
	printf '[policy]\ndefault = allow\n[deny]\nexecve = always\n' |
		policy q.ini
	for to in bpf c; do
		capture sandbox convert --to $to -o "$T/out" "$T/q.ini"
		is status "$status" 2
		has stderr "$stderr" "q.ini: it does not allow execve"
		[ ! -e "$T/out" ]
	done
}
