#!/usr/bin/env bats
# What lint finds in a house of two rooms, lower under upper.

setup() {
	load ../common
	common_setup
	mkdir -p "$T/house/tests" "$T/house/doc" "$T/house/src/"{upper,lower}
	cp tests/lint "$T/house/tests"
	cd "$T/house"
	printf '%s\n' '| `upper` | above | |' '| `lower` | below | |' \
		>doc/HACKING.md
	put upper/a.h 'int a(void);'
	put upper/a.c '#include "upper/a.h"' 'int a(void)' '{' '	return 1;' '}'
	put lower/b.h '#include "upper/a.h"' 'int b(void);'
	put lower/b.c '#include "lower/b.h"' 'static const int two = 2;'
}
teardown() { common_teardown; }

put() { # put FILE LINE...
	printf '%s\n' "${@:2}" >"src/$1"
}

add() { # add FILE LINE...
	printf '%s\n' "${@:2}" >>"src/$1"
}

finds() { # finds PATTERN: lint fails, and says this of the house
	capture sh tests/lint
	is status "$status" 1
	has output "$output" "$1"
	hasnt output "$output" 'lint: clean'
}

@test "a house in order is clean" {
	capture sh tests/lint
	is output "$output" "lint: clean"
	is status "$status" 0
}

@test "an upward include" {
	add upper/a.c '#include "lower/b.h"'
	finds '^lint: src/upper/a.c:6:#include "lower/b.h": lower stands below upper'
}

@test "two files that use each other" {
	put upper/c.h '#include "upper/a.h"' 'int c(void);'
	put upper/a.c '#include "upper/c.h"'
	finds '^lint: files that use each other: .*upper/a'
	has output "$output" 'upper/c'
	hasnt output "$output" 'stands below'
}

@test "a room that the table does not have, and one that is not there" {
	mkdir src/cellar
	echo '| `attic` | nothing | |' >>doc/HACKING.md
	finds 'src/cellar is not in doc/HACKING.md'
	has output "$output" 'there is no src/attic'
}

@test "a header that does not stand on its own" {
	add lower/b.h 'size_t c(void);'
	finds 'src/lower/b.h does not stand on its own'
}

@test "a function of more than 70 lines" {
	add lower/b.c 'int b(void)' '{'
	add lower/b.c "$(yes '	a();' | head -69)" '}'
	capture sh tests/lint
	is output "$output" "lint: clean"
	sed -i '$i\	a();' src/lower/b.c
	finds 'src/lower/b.c:4: a function of 71 lines'
}

@test "state at file scope" {
	add lower/b.c 'static int calls;'
	finds 'state at file scope: src/lower/b.c:3:static int calls;'
}

@test "a message that goes round say()" {
	add lower/b.c '	fprintf(stderr, "no");'
	finds 'goes round say'
}

@test "a header of a library beside its door" {
	add lower/b.c '#include <seccomp.h>'
	finds 'src/lower/b.c includes <seccomp.h>'
}
