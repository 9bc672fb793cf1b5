# make            build ./sandbox (objects under build/)
# make demo       the main job on real input
# make check      all tests
# make check-fresh  demo and check on an empty machine, from HEAD (root, Debian)
# make check-kernels  a part of check under older kernels (qemu, Debian)
# make check-kernels-arm64  the same on aarch64, cross-built
# make dev        -Werror with ASan and UBSan, in build/dev
# make check-dev  all tests on that build
# make attack     break out of a run, in every mode, as root and as a user
# make fuzz       libFuzzer on each target, FUZZ_SECONDS=60 FUZZ="ini cache …"
# make cage       the filters of sandbox's own processes, after a change to them
# make lint       shell scripts, the man pages' options, headers on their own
# make learning   what policies learned from short runs deny in longer ones
# make bench      measure, paired with the peers that are installed
# make deps       install what is missing (or say what to type)
# make install    PREFIX=/usr/local DESTDIR= NAME=sandbox
# make help       this list

PREFIX ?= /usr/local
DESTDIR ?=
NAME ?= sandbox
B ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
# make V=1 shows the commands.
Q := $(if $(V),,@)
VERSION := 0.1

WARN := -Wall -Wextra -Wshadow -Wformat=2 -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Wundef -Wwrite-strings
CFLAGS ?= -O2 -g
EXTRA_CFLAGS ?=
EXTRA_LDFLAGS ?=

# The program is linked statically where the libraries can be had so, which
# halves its start (doc/HACKING.md); "make STATIC=" links to shared ones.
STATIC ?= yes

ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' \
	-DPREFIX='"$(PREFIX)"' -Isrc -I$(B)/gen $(WARN) $(FLAGS_OK) $(CFLAGS) \
	$(EXTRA_CFLAGS)
ALL_LDFLAGS = $(LDFLAGS_OK) $(LDFLAGS) $(EXTRA_LDFLAGS)
LIBS := -lseccomp -linih -ljansson
PIE = $(or $(if $(STATIC),$(STATIC_OK)),$(PIE_OK))

SRC := $(sort $(wildcard src/*/*.c))
OBJ := $(SRC:src/%.c=$(B)/obj/%.o)
LIB_OBJ := $(filter-out $(B)/obj/front/main.o,$(OBJ))
GEN := $(B)/gen/constants.inc
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
HELPERS := $(patsubst tests/helpers/%.c,$(B)/helpers/%,$(wildcard tests/helpers/*.c))

PROGRAM := $(if $(filter build,$(B)),sandbox,$(B)/sandbox)

.PHONY: all dev check check-dev check-fresh check-kernels check-kernels-arm64 attack demo bench learning deps \
	build-deps install uninstall clean help lint cage FORCE tests-built run-tests fuzz \
	fuzz-built replay-built
.DELETE_ON_ERROR:

all: $(PROGRAM)

# FLAGS_OK, LDFLAGS_OK, PIE_OK and STATIC_OK: what this compiler takes.  Asked
# where something is to be built, once the packages are there.
INSTALLS := deps build-deps check check-dev check-fresh check-kernels \
	check-kernels-arm64 attack dev demo bench learning fuzz lint
ifneq ($(filter-out $(INSTALLS) uninstall clean help,$(or $(MAKECMDGOALS),all)),)
include $(B)/flags.mk
endif
$(B)/flags.mk: FORCE
	@CC="$(CC)" contrib/probe-flags $@
FORCE:

# The symbols' values, asked of the compiler: see src/tables/constant.h.
$(B)/gen/constants.inc: src/tables/constant.list contrib/generate-constants
	@mkdir -p $(@D)
	$(Q)sh contrib/generate-constants src/tables/constant.list >$@

# On a stack of its own, under a filter: no place for a sanitizer's calls.
$(B)/obj/launch/child.o: override EXTRA_CFLAGS += -fno-sanitize=address

$(B)/obj/%.o: src/%.c $(GEN) $(B)/flags.mk
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Another PREFIX is compiled in again.
$(B)/obj/formats/search.o: $(B)/prefix$(subst /,-,$(PREFIX))
$(B)/prefix%:
	@mkdir -p $(@D)
	@rm -f $(B)/prefix*
	@touch $@

# Another way of linking than the last time links again.
$(B)/linked%:
	@rm -f $(B)/linked*
	@touch $@

$(PROGRAM): $(OBJ) $(B)/linked$(or $(PIE),-plainly)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(PIE) $(ALL_LDFLAGS) -o $@ $(OBJ) $(LIBS)

# tests/unit/test_X.c: cmocka, linked with every room but main.  Rows of tables
# end where they have said enough.
$(B)/tests/test_%: tests/unit/test_%.c $(LIB_OBJ)
	@mkdir -p $(@D)
	@echo '  TEST  $@'
	$(Q)$(CC) $(ALL_CFLAGS) -Itests/unit \
		-Wno-missing-field-initializers -MMD -MP $(PIE_OK) $(ALL_LDFLAGS) -o $@ $< $(LIB_OBJ) $(LIBS) -lcmocka

# The programs of sandbox's own processes (src/run/cage.h), made afresh of
# their policies; test_cage proves them.
ROOMS_OBJ := $(filter $(foreach room,base tables model formats filter,\
	$(B)/obj/$(room)/%),$(OBJ))
cage: $(ROOMS_OBJ)
	@mkdir -p $(B)/gen
	$(Q)$(CC) $(ALL_CFLAGS) $(PIE_OK) $(ALL_LDFLAGS) -o $(B)/gen/cage \
		contrib/cage/generate.c $(ROOMS_OBJ) $(LIBS)
	$(Q)for abi in x86_64 aarch64; do \
		$(B)/gen/cage contrib/cage $$abi >$(B)/gen/cage.inc || exit 1; \
		mv $(B)/gen/cage.inc src/run/cage-$$abi.inc; \
	done

# Small programs that the live tests run under sandbox. A line
# "// build: FLAGS" at the top of one adds flags (-static, -m32, -pthread).  One
# for -m32 may be left out; the tests that use it say so.
$(B)/helpers/%: tests/helpers/%.c $(wildcard tests/helpers/*.h)
	@mkdir -p $(@D)
	@echo '  TOOL  $@'
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE -Isrc -O1 -Wall -Wextra -o $@ $< \
		$$(sed -n 's|^// build: ||p' $<) || { grep -q -- -m32 $< && \
		echo '  SKIP  $@: no 32-bit headers or libraries'; }

# tests/fuzz/fuzz_X.c, twice: with a main() that runs it over its corpus, and
# with libFuzzer (clang).
FUZZ ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_COMMON := tests/fuzz/common.c tests/fuzz/fuzz.h $(LIB_OBJ)
$(B)/replay/%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(FUZZ_COMMON)
	@mkdir -p $(@D)
	@echo '  TEST  $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(PIE_OK) $(ALL_LDFLAGS) -o $@ \
		$(filter-out %.h,$^) $(LIBS)

$(B)/fuzz/%: tests/fuzz/fuzz_%.c $(FUZZ_COMMON)
	@mkdir -p $(@D)
	@echo '  FUZZ  $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(PIE_OK) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ \
		$(filter-out %.h,$^) $(LIBS)

-include $(OBJ:.o=.d) $(UNIT:=.d)

deps:
	@contrib/install-deps test

build-deps:
	@contrib/install-deps build

tests-built: $(PROGRAM) $(UNIT) $(HELPERS)
replay-built: $(FUZZ:%=$(B)/replay/%)
fuzz-built: $(FUZZ:%=$(B)/fuzz/%)

# Every test under one runner, which closes with its own summary line.  What is
# traced runs with notify, and once more with ptrace (tests/run-one).
TWICE = $(sort $(shell grep -l 'file_tags=both-tracers' tests/live/*.bats))
# Two at a time: a live one, of which no two meet, and one of the others.
PARALLEL = --timer -j2 --rules='seq=tests/live/**' --rules='seq=**'
REPLAY = $(FUZZ:%=build/dev/replay/%)
TESTS = $(UNIT) $(REPLAY) \
	$(sort $(wildcard tests/cli/*.bats tests/live/*.bats tests/attack/*.bats)) \
	$(TWICE:=:ptrace)
check: deps
	@$(MAKE) --no-print-directory tests-built
	@$(MAKE) --no-print-directory $(DEV) replay-built
	@$(MAKE) --no-print-directory run-tests
run-tests:
	$(Q)SANDBOX=$(abspath $(PROGRAM)) HELPERS=$(abspath $(B)/helpers) \
		tests/run-all $(PARALLEL) $(PROVE) $(TESTS)

check-fresh:
	@contrib/install-deps fresh
	@tests/fresh-machine tests/fresh-run

# Each mechanism under older kernels, in virtual machines without KVM: so their
# processors are slow, and the limits are long.
KERNELS ?= linux-image-amd64 linux-image-6.12-amd64
KERNEL_TESTS = $(addprefix tests/live/,deny.bats deny.bats:ptrace \
	permissive.bats inplace.bats inplace.bats:ptrace abi.bats tracer.bats \
	count-mode.bats escapes.bats escapes.bats:ptrace cpu.bats cpu.bats:ptrace \
	counts.bats counts.bats:ptrace detached.bats learn.bats faults.bats)
# Of faults.bats: the calls that put the policy in force, and some of their times.
FAULT_EVERY ?= 9
KERNEL_FAULTS = FAULT_EVERY=$(FAULT_EVERY) FAULT_CALLS="capset clone clone3 close_range \
	execve ioctl pidfd_open prctl ptrace seccomp"
check-kernels: deps
	@contrib/install-deps kernels
	@$(MAKE) --no-print-directory tests-built
	@set -e; for kernel in $(KERNELS); do \
		echo "$$kernel"; \
		tests/with-kernel --kernel $$kernel --timeout 3000 -- env \
			LIMIT=300 $(KERNEL_FAULTS) SANDBOX=$(abspath $(PROGRAM)) \
			HELPERS=$(abspath $(B)/helpers) \
			tests/run-all --timer $(PROVE) $(KERNEL_TESTS); \
	done

# The same on aarch64: built here, run there.  What the tests need comes from
# Debian's packages.
KERNELS_ARM64 ?= linux-image-6.12-arm64 linux-image-arm64
CC_ARM64 ?= clang --target=aarch64-linux-gnu
HELPERS_ARM64 = storm spawn syscalls gate escape daemon pty signals
LIVE_ARM64 = $(addprefix tests/live/,cpu.bats cpu.bats:ptrace counts.bats \
	counts.bats:ptrace count-mode.bats escapes.bats escapes.bats:ptrace \
	faults.bats)
# All but those whose texts or programs are for x86-64 by nature: what is learned
# is told in the machine's own calls (amend, learn, wanted), and libseccomp's
# programs are too (verify).
UNIT_ARM64 = $(filter-out $(addprefix build/tests/test_,amend learn verify wanted), \
	$(patsubst tests/unit/%.c,build/tests/%,$(wildcard tests/unit/test_*.c)))
check-kernels-arm64: deps
	@contrib/install-deps arm64
	@$(MAKE) --no-print-directory B=build/arm64 CC="$(CC_ARM64)" all \
		$(UNIT_ARM64:build/%=build/arm64/%) \
		$(HELPERS_ARM64:%=build/arm64/helpers/%)
	@set -e; root=$$(tests/foreign-root arm64 build/arm64); \
	for kernel in $(KERNELS_ARM64); do \
		echo "$$kernel"; \
		tests/with-kernel --arch arm64 --kernel $$kernel --root $$root \
			--chdir /sandbox --timeout 6000 -- env LIMIT=600 \
			$(KERNEL_FAULTS) POLICIES=500 SANDBOX=/sandbox/build/sandbox \
			HELPERS=/sandbox/build/helpers \
			tests/run-all --timer $(PROVE) $(UNIT_ARM64) $(LIVE_ARM64); \
	done

# What tries to break out, those of the other folders too; closes with a table
# of what was tried.
ATTACKS = $(sort $(wildcard tests/attack/*.bats)) \
	$(addprefix tests/live/,escapes.bats escapes.bats:ptrace abi.bats \
	abi.bats:ptrace cage.bats memory.bats memory.bats:ptrace place.bats hostile.bats \
	hostile.bats:ptrace) $(addprefix tests/cli/,cache.bats trust.bats)
attack: deps
	@$(MAKE) --no-print-directory tests-built
	@rm -f $(B)/attack.tally
	@ATTACK_TALLY=$(abspath $(B)/attack.tally) $(MAKE) --no-print-directory \
		run-tests TESTS='$(ATTACKS)'

# With -Werror, ASan and UBSan, in build/dev: the unit tests and the suites that
# go through all of the program's code.  (What measures memory, or counts every
# call of a process, counts the sanitizers' too.)  A launched command must not
# be told to check for leaks: LeakSanitizer's own ptrace and clone are calls
# that a policy denies.
SANITIZE := -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
DEV := B=build/dev STATIC= CFLAGS="-O1 -g" EXTRA_CFLAGS="$(SANITIZE)"
dev: build-deps
	@$(MAKE) --no-print-directory $(DEV) all
SANITIZED = $(UNIT:build/%=build/dev/%) $(REPLAY) \
	$(addprefix tests/cli/,badinput.bats cache.bats check.bats commands.bats diff.bats explain.bats) \
	$(addprefix tests/live/,deny.bats layers.bats escapes.bats permissive.bats \
	deny.bats:ptrace)
check-dev: deps
	ASAN_OPTIONS=detect_leaks=0 $(MAKE) --no-print-directory $(DEV) check \
		TESTS='$(SANITIZED)'

# What is found lies in build/fuzz/; a finding that is mended goes to the corpus.
# Tracing every comparison takes most of the time; words.dict has the words.
FUZZ_SECONDS ?= 60
FUZZING := B=build/fuzz CC=clang CFLAGS="-O2 -g" EXTRA_CFLAGS="-w \
	$(filter-out -Werror,$(SANITIZE)) -fsanitize=fuzzer-no-link \
	-fno-sanitize-coverage=trace-cmp \
	-fsanitize-coverage-ignorelist=tests/fuzz/coverage.ignore"
fuzz:
	@contrib/install-deps fuzz
	@$(MAKE) --no-print-directory $(FUZZING) fuzz-built
	@for target in $(FUZZ); do \
		echo "fuzz $$target, $(FUZZ_SECONDS) s"; \
		mkdir -p build/fuzz/corpus/$$target; \
		build/fuzz/fuzz/$$target -max_total_time=$(FUZZ_SECONDS) \
			-print_final_stats=1 -artifact_prefix=build/fuzz/$$target- \
			-dict=tests/fuzz/words.dict -max_len=4096 \
			build/fuzz/corpus/$$target tests/fuzz/corpus/$$target \
			>build/fuzz/$$target.log 2>&1 || \
			{ tail -n 40 build/fuzz/$$target.log; exit 1; }; \
		grep -E 'stat::(number_of_executed_units|new_units_added)|cov:' \
			build/fuzz/$$target.log | tail -n 3; \
	done

demo: build-deps
	@$(MAKE) --no-print-directory all
	@sh contrib/demo

bench: deps
	@$(MAKE) --no-print-directory tests-built
	@tests/bench/run
	@tests/bench/policies

learning: deps
	@$(MAKE) --no-print-directory all
	@tests/learning/run

lint: deps
	@sh tests/lint

# Everything under its own name (contrib/installed-text); uninstall takes away
# what stands here, and no policy that was changed since.
SHARE = $(PREFIX)/share
NAMED = \
	doc/sandbox.1:$(SHARE)/man/man1/$(NAME).1 \
	doc/sandbox.policy.5:$(SHARE)/man/man5/$(NAME).policy.5 \
	contrib/completion/sandbox.bash:$(SHARE)/bash-completion/completions/$(NAME) \
	contrib/completion/_sandbox:$(SHARE)/zsh/site-functions/_$(NAME) \
	contrib/systemd/sandbox@.service:$(PREFIX)/lib/systemd/system/$(NAME)@.service
POLICIES = $(wildcard policies/*.ini policies/include/*.ini)
DIR_POLICIES = $(DESTDIR)$(SHARE)/sandbox
install: all
	@contrib/installed-text "$(NAME)" "$(PREFIX)" </dev/null
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/$(NAME)
	@set -e; for pair in $(NAMED); do \
		contrib/installed-text "$(NAME)" "$(PREFIX)" <$${pair%%:*} >$(B)/installed; \
		echo "install -m 644 $${pair%%:*} $(DESTDIR)$${pair#*:}"; \
		install -D -m 644 $(B)/installed $(DESTDIR)$${pair#*:}; \
	done; rm -f $(B)/installed
	@set -e; for policy in $(POLICIES); do \
		echo "install -m 644 $$policy $(DIR_POLICIES)/$$policy"; \
		install -D -m 644 $$policy $(DIR_POLICIES)/$$policy; \
	done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/$(NAME) \
		$(foreach pair,$(NAMED),$(DESTDIR)$(lastword $(subst :, ,$(pair))))
	@for policy in $(POLICIES); do \
		to=$(DIR_POLICIES)/$$policy; \
		if [ ! -e "$$to" ]; then continue; \
		elif cmp -s $$policy "$$to"; then rm -f "$$to"; \
		else echo "kept, since it is not as it was installed: $$to"; fi; \
	done
	@for dir in $(DIR_POLICIES)/policies/include $(DIR_POLICIES)/policies \
		$(DIR_POLICIES); do \
		[ ! -d $$dir ] || rmdir --ignore-fail-on-non-empty $$dir; \
	done

clean:
	rm -rf build sandbox

help:
	@sed -n '/^# make/s/^# //p' Makefile
