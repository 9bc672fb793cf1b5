#!/usr/bin/env bats
# Every way into the kernel (tests/helpers/doors.c) meets the policy, whatever
# the width of a number, its ABI bits, or the page it is called from.

setup() {
	load common
	attack_setup
	DOORS=$OPEN/helpers/doors
	local name
	for name in deny kill x86; do
		{
			printf '[policy]\ndefault = allow\n'
			case $name in
			x86) printf 'architectures = x86_64 x86\n' ;;
			*) printf 'foreign = %s\n' $name ;;
			esac
			printf '[deny]\nmkdir = EROFS\nmkdirat = EROFS\n'
			printf 'syscalls = mknod mknodat symlink creat time\n'
			printf 'gettimeofday = EXDEV\nsyscalls = @exec\n'
		} | write $name.ini
	done
}
teardown() { attack_teardown; }

@test "without a policy many of the doors are open" {
	capture "$DOORS" "$FOLDER"
	control doors test "$(sed -n 's/.*doors, \(.*\) open/\1/p' "$T/stdout")" \
		-ge 20
}

opened() { sed -n 's/.*doors, \(.*\) open/\1/p' "$T/stdout"; }

each_door() { # USER MODE
	local policy doors
	for policy in deny kill x86; do
		try "$@" -p "$OPEN/$policy.ini" -q -- "$DOORS" "$FOLDER"
		doors=$(sed -n 's/ doors.*//p' "$T/stdout")
		[ "$doors" -ge 42 ]
		tried doors "$@" "$doors" opened
	done
}

@test "all of them are shut" {
	each each_door "${MODES[@]}"
	held
}

# 512 to 547 belong to x32; kernels before 5.4 ran them without its bit.
@test "numbers that only x32 has are foreign, in what is said of them" {
	local nr broke=0
	for nr in {512..547}; do
		capture "$SANDBOX" explain "$OPEN/deny.ini" $nr
		grep -q foreign "$T/stdout" || broke=$((broke + 1))
	done
	tried "numbers 512-547" "${USERS[0]}" explain 36 echo $broke
	held
}

@test "numbers that only x32 has are foreign, to the kernel" {
	local calls=() nr
	for nr in {512..547}; do
		calls+=($nr ,)
	done
	x32_numbers() { # USER MODE
		try "$@" -p "$OPEN/deny.ini" -q -- "$OPEN/helpers/syscalls" \
			"${calls[@]}"
		tried "numbers 512-547" "$@" 36 \
			grep -cv '= -1 EPERM$' "$T/stdout"
		is answers "$(wc -l <"$T/stdout")" 36
		try "$@" -p "$OPEN/kill.ini" -q -- "$OPEN/helpers/syscalls" 520
		tried "numbers 512-547" "$@" 1 if_true test "$status" != 159
	}
	each x32_numbers "${MODES[@]}"
	held
}
