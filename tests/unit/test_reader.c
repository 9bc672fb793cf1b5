/* The reader: looks that come back, in time or not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tally/reader.h"

/* The address as text. */
static size_t echo(pid_t tid, uint64_t address, char *buf, size_t size)
{
	(void)tid;
	memset(buf, (int)address, size);
	return size;
}

/* Comes back when something can be read from descriptor tid. */
static size_t wait_for_byte(pid_t tid, uint64_t address, char *buf, size_t size)
{
	ssize_t n = read(tid, buf, size);

	(void)address;
	return n < 0 ? 0 : (size_t)n;
}

static int works(struct reader *reader)
{
	char buf[4] = "";

	return reader_ask(reader, echo, 1, 'x', buf, 3) == 3 &&
	       strcmp(buf, "xxx") == 0;
}

static void a_look_comes_back(void **state)
{
	struct reader *reader = &(struct reader){0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_true(works(reader));
}

static void one_that_does_not_is_given_up_on(void **state)
{
	struct reader *reader = &(struct reader){0};
	int ends[2];
	char buf[8] = "before";

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(reader_ask(reader, wait_for_byte, ends[0], 0, buf, 8),
			 0);
	/* nothing is touched, then or later */
	assert_false(works(reader));
	assert_int_equal(write(ends[1], "later", 5), 5);
	while (!works(reader))
		sched_yield();
	assert_string_equal(buf, "before");
	close(ends[0]);
	close(ends[1]);
}

static void a_thread_that_is_stuck_does_not_hold_up_the_end(void **state)
{
	struct reader *reader = &(struct reader){0};
	int ends[2];
	char buf[8];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(reader_ask(reader, wait_for_byte, ends[0], 0, buf, 8),
			 0);
}

static void a_forked_process_has_its_own(void **state)
{
	struct reader *reader = &(struct reader){0};
	int ends[2], status;
	char buf[8];
	pid_t pid;

	(void)state;
	assert_true(works(reader));
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(reader_ask(reader, wait_for_byte, ends[0], 0, buf, 8),
			 0);
	pid = fork();
	if (pid == 0)
		_exit(works(reader) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	while (!works(reader))
		sched_yield();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_look_comes_back),
		cmocka_unit_test(one_that_does_not_is_given_up_on),
		cmocka_unit_test(
			a_thread_that_is_stuck_does_not_hold_up_the_end),
		cmocka_unit_test(a_forked_process_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
