/* The tally: rows, processes and exact counts, and what they cost. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/audit.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tally_denied.h"

static struct tally *new_tally(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return tally_new(now);
}

static struct event event_of(pid_t tid, uint32_t nr)
{
	return (struct event){.tid = tid,
			      .audit_arch = abis[ABI_NATIVE].audit_arch,
			      .nr = nr};
}

static const struct verdict eperm = {
	.action = ACTION_DENY, .err = 1, .kind = BY_DEFAULT};

/* A process that does nothing, under a name of its own. */
static pid_t sleeper(const char *name)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static const struct tally_row *hit(struct tally *tally, struct event event)
{
	return tally_denied(tally, &event, &eperm, false, NULL);
}

static void one_row_for_each_answer_and_rule(void **state)
{
	struct rule rule_a = {.action = ACTION_DENY};
	struct rule rule_b = {.action = ACTION_DENY};
	struct verdict verdicts[] = {
		eperm,
		{.action = ACTION_DENY, .err = 38, .kind = BY_DEFAULT},
		{.action = ACTION_KILL, .kind = BY_DEFAULT},
		{.action = ACTION_DENY, .err = 1, .kind = BY_NEW},
		{.action = ACTION_DENY, .err = 1, .kind = BY_RULE, .rule = &rule_a},
		{.action = ACTION_DENY, .err = 1, .kind = BY_RULE, .rule = &rule_b},
		{.action = ACTION_DENY, .err = 1, .kind = BY_DEFAULT,
		 .at = {"x", 3}},
	};
	size_t kinds = sizeof(verdicts) / sizeof(*verdicts), n;
	struct tally *tally = new_tally();
	struct event event = event_of(getpid(), SYS_getppid);
	const struct tally_row *row;
	bool fresh;

	(void)state;
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < kinds; i++) {
			tally_denied(tally, &event, &verdicts[i], false,
				     &fresh);
			assert_int_equal(fresh, round == 0);
		}
	}
	/* The same once more where it ran, and from three other ABIs. */
	tally_denied(tally, &event, &eperm, true, &fresh);
	assert_true(fresh);
	event.audit_arch = AUDIT_ARCH_X86_64;
	event.nr |= X32_BIT;
	row = hit(tally, event);
	assert_true(abi_is_x32(row->abi, row->nr));
	event = event_of(getpid(), SYS_getppid);
	event.audit_arch = AUDIT_ARCH_I386;
	assert_int_equal(hit(tally, event)->abi, ABI_X86);
	event.audit_arch = AUDIT_ARCH_ARM;
	assert_int_equal(hit(tally, event)->abi, -1);
	tally_rows(tally, &n);
	assert_int_equal(n, kinds + 4);
	assert_int_equal(tally_sums(tally)->hits, 3 * kinds + 4);
	tally_free(tally);
}

static void rows_by_falling_hits_then_first_seen(void **state)
{
	struct tally *tally = new_tally();
	const struct tally_row *const *rows;
	static const uint32_t order[] = {SYS_getuid, SYS_getppid, SYS_getgid};
	size_t n;

	(void)state;
	hit(tally, event_of(getpid(), SYS_getppid));
	hit(tally, event_of(getpid(), SYS_getgid));
	hit(tally, event_of(getpid(), SYS_getuid));
	hit(tally, event_of(getpid(), SYS_getuid));
	rows = tally_rows(tally, &n);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rows[i]->nr, order[i]);
	tally_free(tally);
}

static void hits_of_each_process(void **state)
{
	struct tally *tally = new_tally();
	pid_t a = sleeper("alpha"), b = sleeper("beta");
	const struct tally_row *row = NULL;
	bool fresh_process;
	struct event event;

	(void)state;
	for (int i = 0; i < 30; i++) {
		event = event_of(i % 3 ? a : b, SYS_getppid);
		row = tally_denied(tally, &event, &eperm, false,
				   &fresh_process);
		assert_int_equal(fresh_process, i < 2);
		assert_int_equal(row->processes[row->last_process].pid,
				 event.tid);
	}
	assert_non_null(row);
	assert_int_equal(row->n_processes, 2);
	assert_int_equal(row->processes[0].pid, b);
	assert_string_equal(row->processes[0].comm, "beta");
	assert_int_equal(row->processes[0].hits, 10);
	assert_string_equal(row->processes[1].comm, "alpha");
	assert_int_equal(row->processes[1].hits, 20);
	assert_string_equal(row->first.comm, "beta");
	end(a);
	end(b);
	tally_free(tally);
}

struct shared {
	atomic_int tid, go;
};

static int thread_main(void *arg)
{
	struct shared *shared = arg;

	atomic_store(&shared->tid, (int)syscall(SYS_gettid));
	while (!atomic_load(&shared->go))
		usleep(1000);
	return 0;
}

/* A thread is counted under its process, whatever the thread is called. */
static void a_thread_belongs_to_its_process(void **state)
{
	static char stack[65536];
	struct shared shared = {0};
	struct tally *tally = new_tally();
	const struct tally_row *row;

	(void)state;
	assert_true(clone(thread_main, stack + sizeof(stack),
			  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				  CLONE_THREAD | CLONE_SYSVSEM,
			  &shared) > 0);
	while (!atomic_load(&shared.tid))
		usleep(1000);
	row = hit(tally, event_of(atomic_load(&shared.tid), SYS_getppid));
	hit(tally, event_of(getpid(), SYS_getppid));
	assert_int_equal(row->n_processes, 1);
	assert_int_equal(row->processes[0].pid, getpid());
	assert_int_equal(row->processes[0].hits, 2);
	atomic_store(&shared.go, 1);
	while (syscall(SYS_tgkill, getpid(), atomic_load(&shared.tid), 0) == 0)
		usleep(1000);
	tally_free(tally);
}

/* A name is what it is at the time of the call. */
static void names_are_never_stale(void **state)
{
	struct tally *tally = new_tally();
	const struct tally_row *row;

	(void)state;
	prctl(PR_SET_NAME, "before");
	hit(tally, event_of(getpid(), SYS_getppid));
	prctl(PR_SET_NAME, "after");
	row = hit(tally, event_of(getpid(), SYS_getppid));
	assert_int_equal(row->n_processes, 2);
	assert_string_equal(row->processes[1].comm, "after");
	/* Back under the first name: the process of the first entry. */
	prctl(PR_SET_NAME, "before");
	row = hit(tally, event_of(getpid(), SYS_getppid));
	assert_int_equal(row->n_processes, 2);
	assert_int_equal(row->last_process, 0);
	assert_int_equal(row->processes[0].hits, 2);
	tally_free(tally);
}

/* Two threads of different processes that share a place in what is remembered,
 * and one that has ended: neither is taken for the other. */
static void numbers_are_told_apart(void **state)
{
	struct tally *tally = new_tally();
	pid_t a = sleeper("alpha"), b;
	const struct tally_row *row;

	(void)state;
	row = hit(tally, event_of(a, SYS_getppid));
	assert_string_equal(row->processes[0].comm, "alpha");
	end(a);
	row = hit(tally, event_of(a, SYS_getppid));
	assert_string_equal(row->processes[row->last_process].comm, "?");
	do {
		b = sleeper("beta");
		if (b % 64 != a % 64)
			end(b);
	} while (b % 64 != a % 64);
	row = hit(tally, event_of(b, SYS_getppid));
	assert_string_equal(row->processes[row->last_process].comm, "beta");
	assert_int_equal(row->processes[row->last_process].pid, b);
	end(b);
	tally_free(tally);
}

/* A signal took the call back before its answer: it does not count, and the
 * row is described anew by the first one that does. */
static void lost_calls_count_apart(void **state)
{
	struct tally *tally = new_tally();
	struct event event = event_of(getpid(), SYS_chdir);
	bool fresh;
	size_t n;

	(void)state;
	event.args[0] = (uintptr_t) "/lost";
	tally_seen(tally, &event, &eperm, false, &fresh);
	assert_true(fresh);
	tally_lost(tally);
	tally_rows(tally, &n);
	assert_int_equal(n, 0);
	assert_int_equal(tally_sums(tally)->hits, 0);
	assert_int_equal(tally_sums(tally)->lost_hits, 1);
	event.args[0] = (uintptr_t) "/kept";
	tally_seen(tally, &event, &eperm, false, &fresh);
	assert_true(fresh);
	tally_hit(tally);
	assert_string_equal(tally_rows(tally, &n)[0]->first.args[0],
			    "\"/kept\"");
	assert_int_equal(n, 1);
	assert_int_equal(tally_sums(tally)->hits, 1);
	tally_free(tally);
}

/* More rows than there are places: every hit is still counted. */
static void rows_are_bounded(void **state)
{
	enum { CALLS = TALLY_ROWS + 500 };
	struct tally *tally = new_tally();
	size_t n;

	(void)state;
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < CALLS; i++)
			hit(tally, event_of(getpid(), 1000 + i));
	tally_rows(tally, &n);
	assert_int_equal(n, TALLY_ROWS);
	assert_int_equal(tally_sums(tally)->hits, 2 * CALLS);
	assert_int_equal(tally_sums(tally)->more_hits, 2 * (CALLS - TALLY_ROWS));
	tally_free(tally);
}

static void a_name_with_a_newline_and_brackets(void **state)
{
	struct tally *tally = new_tally();
	pid_t pid = sleeper("a\nTgid:\t1\n)");
	const struct tally_row *row =
		hit(tally, event_of(pid, SYS_getppid));

	(void)state;
	assert_int_equal(row->processes[0].pid, pid);
	assert_string_equal(row->processes[0].comm, "a\nTgid:\t1\n)");
	end(pid);
	tally_free(tally);
}

static void a_thread_that_is_gone_is_still_counted(void **state)
{
	struct tally *tally = new_tally();
	pid_t pid = sleeper("short");
	const struct tally_row *row;

	(void)state;
	end(pid);
	row = hit(tally, event_of(pid, SYS_getppid));
	row = hit(tally, event_of(pid, SYS_getppid));
	assert_int_equal(row->hits, 2);
	assert_int_equal(row->n_processes, 1);
	assert_int_equal(row->processes[0].pid, pid);
	assert_string_equal(row->processes[0].comm, "?");
	tally_free(tally);
}

static void counts_of_every_call(void **state)
{
	struct tally *tally = new_tally();
	const struct tally_row *const *counts;
	size_t n;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		tally_count(tally, abis[ABI_NATIVE].audit_arch, SYS_read);
		if (i % 2)
			tally_count(tally, abis[ABI_NATIVE].audit_arch, SYS_write);
		if (i % 4 == 0)
			tally_count(tally, AUDIT_ARCH_I386, 3);
		if (i % 10 == 0)
			tally_count(tally, abis[ABI_NATIVE].audit_arch, 9999);
	}
	counts = tally_counts(tally, &n);
	assert_int_equal(n, 4);
	assert_int_equal(counts[0]->nr, SYS_read);
	assert_int_equal(counts[0]->hits, 1000);
	assert_int_equal(counts[1]->hits, 500);
	assert_int_equal(counts[2]->abi, ABI_X86);
	assert_int_equal(counts[2]->hits, 250);
	assert_int_equal(counts[3]->call, CALL_RAW | 9999);
	assert_int_equal(counts[3]->hits, 100);
	assert_int_equal(tally_sums(tally)->hits, 0);
	tally_free(tally);
}

static const struct tally_row *learned(struct tally *tally, uint32_t nr)
{
	size_t n;
	const struct tally_row *const *counts = tally_counts(tally, &n);

	for (size_t i = 0; i < n; i++)
		if (counts[i]->nr == nr)
			return counts[i];
	fail_msg("no count of %u", nr);
	return NULL;
}

static bool is_by(struct tally *tally, uint32_t nr, const char *name)
{
	const struct programs *programs = tally_programs(tally);
	program_set set = learned(tally, nr)->programs;

	for (size_t i = 0; i < programs->n; i++)
		if (set >> i & 1 && !strcmp(programs->names[i], name))
			return true;
	return false;
}

static void learn(struct tally *tally, pid_t tid, uint32_t nr)
{
	struct event event = event_of(tid, nr);

	tally_learn(tally, &event);
}

static void a_learned_call_knows_its_programs(void **state)
{
	struct tally *tally = new_tally();
	pid_t other = sleeper("other");
	char before[16];

	(void)state;
	prctl(PR_GET_NAME, before);
	prctl(PR_SET_NAME, "first");
	learn(tally, getpid(), SYS_read);
	learn(tally, other, SYS_read);
	learn(tally, getpid(), SYS_prctl);
	prctl(PR_SET_NAME, "second");
	learn(tally, getpid(), SYS_write);
	assert_true(is_by(tally, SYS_read, "first"));
	assert_true(is_by(tally, SYS_read, "other"));
	assert_false(is_by(tally, SYS_read, "second"));
	assert_true(is_by(tally, SYS_prctl, "first"));
	assert_false(is_by(tally, SYS_prctl, "second"));
	assert_true(is_by(tally, SYS_write, "second"));
	assert_string_equal(learned(tally, SYS_write)->first.comm, "second");
	prctl(PR_SET_NAME, before);
	end(other);
	tally_free(tally);
}

static void what_was_learned_earlier_adds_up(void **state)
{
	struct tally *tally = new_tally();
	struct uses earlier = {.powers = POWER_SET(POWER_SYSTEM)};
	size_t calls;

	(void)state;
	uses_add_value(&earlier, 7);
	tally_learned(tally, ABI_NATIVE, SYS_prctl, 41, &earlier);
	tally_learned(tally, ABI_NATIVE, SYS_read, 5, &(struct uses){0});
	learn(tally, getpid(), SYS_prctl); /* 0 */
	assert_int_equal(learned(tally, SYS_prctl)->hits, 42);
	assert_int_equal(learned(tally, SYS_prctl)->uses.n_values, 2);
	assert_int_equal(learned(tally, SYS_prctl)->uses.values[1], 7);
	assert_int_equal(learned(tally, SYS_read)->hits, 5);
	assert_int_equal(learned(tally, SYS_read)->first.pid, 0);
	assert_true(tally_powers(tally, &calls) & POWER_SET(POWER_SYSTEM));
	assert_int_equal(calls, 2);
	uses_release(&earlier);
	tally_free(tally);
}

/* 8 processes take turns on 5 calls: every cache of a "last one" misses. */
static void a_million_events_are_exact(void **state)
{
	enum { EVENTS = 400000, PROCESSES = 8, CALLS = 5 };
	struct tally *tally = new_tally();
	pid_t pids[PROCESSES];
	const struct tally_row *const *rows;
	size_t n;

	(void)state;
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = sleeper("worker");
	for (uint32_t i = 0; i < EVENTS; i++)
		hit(tally, event_of(pids[i % PROCESSES], 100 + i % CALLS));
	rows = tally_rows(tally, &n);
	assert_int_equal(n, CALLS);
	assert_int_equal(tally_sums(tally)->hits, EVENTS);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rows[i]->hits, EVENTS / CALLS);
		assert_int_equal(rows[i]->n_processes, PROCESSES);
		for (size_t j = 0; j < PROCESSES; j++)
			assert_int_equal(rows[i]->processes[j].hits,
					 EVENTS / CALLS / PROCESSES);
	}
	for (int i = 0; i < PROCESSES; i++)
		end(pids[i]);
	tally_free(tally);
}

/* Names beyond the bound are counted together. */
/* -v: once a call, rule and program. */
static void a_program_is_fresh_once(void **state)
{
	struct tally *tally = new_tally();
	pid_t pids[] = {sleeper("alpha"), sleeper("alpha"), sleeper("beta")};
	const bool expected[] = {true, false, true};

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct event event = event_of(pids[i % 3], SYS_getppid);
		bool fresh;

		tally_denied(tally, &event, &eperm, false, &fresh);
		assert_int_equal(fresh, i < 3 && expected[i % 3]);
	}
	for (int i = 0; i < 3; i++)
		end(pids[i]);
	tally_free(tally);
}

static void processes_in_a_row_are_bounded(void **state)
{
	enum { NAMES = TALLY_PROCESSES + 1000 };
	struct tally *tally = new_tally();
	const struct tally_row *row = NULL;
	char name[16];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < NAMES; i++) {
			snprintf(name, sizeof(name), "n%d", i);
			prctl(PR_SET_NAME, name);
			row = hit(tally, event_of(getpid(), SYS_getppid));
		}
	}
	assert_non_null(row);
	assert_int_equal(row->n_processes, TALLY_PROCESSES);
	assert_int_equal(row->processes[TALLY_PROCESSES - 1].hits, 2);
	assert_int_equal(row->hits, 2 * NAMES);
	assert_int_equal(row->more_hits, 2 * (NAMES - TALLY_PROCESSES));
	tally_free(tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_row_for_each_answer_and_rule),
		cmocka_unit_test(rows_by_falling_hits_then_first_seen),
		cmocka_unit_test(hits_of_each_process),
		cmocka_unit_test(a_thread_belongs_to_its_process),
		cmocka_unit_test(names_are_never_stale),
		cmocka_unit_test(numbers_are_told_apart),
		cmocka_unit_test(lost_calls_count_apart),
		cmocka_unit_test(rows_are_bounded),
		cmocka_unit_test(a_program_is_fresh_once),
		cmocka_unit_test(a_name_with_a_newline_and_brackets),
		cmocka_unit_test(a_thread_that_is_gone_is_still_counted),
		cmocka_unit_test(counts_of_every_call),
		cmocka_unit_test(a_learned_call_knows_its_programs),
		cmocka_unit_test(what_was_learned_earlier_adds_up),
		cmocka_unit_test(a_million_events_are_exact),
		cmocka_unit_test(processes_in_a_row_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
