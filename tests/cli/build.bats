#!/usr/bin/env bats
# The build itself: what it asks of the compiler, and what it says without one.

setup() {
	load ../common
	common_setup
	# for make, whoever runs the tests with what
	unset MAKEFLAGS MAKELEVEL
}
teardown() { common_teardown; }

# compiler NAME <<SH: gcc behind some lines of shell; its path in $COMPILER.
compiler() {
	COMPILER=$T/$1
	{
		echo '#!/bin/sh'
		cat
		echo 'exec gcc "$@"'
	} >"$COMPILER"
	chmod 0755 "$COMPILER"
}

probe() {
	CC=$COMPILER contrib/probe-flags "$T/flags.mk"
	FLAGS=$(<"$T/flags.mk")
	WRITTEN=$(stat -c '%i %y' "$T/flags.mk")
}

@test "the flags that the compiler takes, asked again when it is another" {
	local before
	compiler cc </dev/null
	probe
	has flags "$FLAGS" 'FLAGS_OK := .*-fstack-protector-strong .*-D_FORTIFY_SOURCE'
	has flags "$FLAGS" 'LDFLAGS_OK := .*-z,relro,-z,now'
	has flags "$FLAGS" 'PIE_OK := .*-pie'
	before=$WRITTEN
	probe
	is "asked once" "$WRITTEN" "$before"
	compiler cc <<<'case " $* " in *" -fstack-protector-strong "*) exit 1 ;; esac'
	probe
	hasnt flags "$FLAGS" stack-protector
	has flags "$FLAGS" FORTIFY
}

@test "make without headers names the packages and builds nothing" {
	compiler cc <<<'set -- -nostdinc "$@"'
	capture make CC="$COMPILER" B="$T/build"
	is status "$status" 2
	has stderr "$stderr" '^Missing packages: .*seccomp'
	has stderr "$stderr" 'type:  make deps'
	hasnt output "$output$stderr" 'CC  |installing'
	[ ! -e "$T/build/obj" ]
	# and what builds nothing needs none
	capture make CC="$COMPILER" B="$T/build" help
	is status "$status" 0
}

@test "without 32-bit headers their helper is left out" {
	compiler cc <<<'case " $* " in *" -m32 "*) exit 1 ;; esac'
	capture make CC="$COMPILER" B="$T/build" "$T/build/helpers/i386"
	is status "$status" 0
	has output "$output" 'SKIP .*i386: no 32-bit headers'
	[ ! -e "$T/build/helpers/i386" ]
	compiler cc <<<'exit 1'
	capture make CC="$COMPILER" B="$T/build" "$T/build/helpers/sum"
	is status "$status" 2
}

# The cache keeps the programs of two builds apart by it.
@test "the program has a build ID" {
	has notes "$(readelf -nW "$SANDBOX")" 'Build ID: [0-9a-f]{16}'
}
