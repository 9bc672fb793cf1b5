/* What belongs to a call that was seen, and what is under every list. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/util.h"
#include "model/power_cond.h"
#include "review/equivalent.h"
#include "tables/group.h"
#include "tables/syscall.h"

static bool has(const struct calls *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i] == syscall_by_name(name))
			return true;
	return false;
}

/* "+" in front: it is one; "-": it is none. */
static void expect(const char *call, const char *siblings)
{
	struct calls got = {0};
	cleanup_free char *words = xstrdup(siblings);
	char *rest = words, *word;

	siblings_add(syscall_by_name(call), &got);
	while ((word = strsep(&rest, " "))) {
		assert_int_not_equal(syscall_by_name(word + 1), CALL_NONE);
		if (has(&got, word + 1) != (*word == '+'))
			fail_msg("%s: %s", call, word);
	}
	free(got.items);
}

static void test_siblings(void **state)
{
	(void)state;
	expect("rename", "+renameat +renameat2 -unlink");
	expect("accept", "+accept4 +getsockopt +listen -connect");
	expect("poll", "+ppoll +select +pselect6 -epoll_wait");
	expect("socket", "+getsockname +getpeername +getsockopt +setsockopt "
			 "+shutdown +recvfrom +sendto +sendmsg -bind");
	expect("fork", "+clone +vfork +wait4 +waitid -kill -execve");
	expect("openat", "+open +openat2 +creat +rename +statx -mknod -link");
	expect("read", "+readv +pread64 -recvfrom -splice");
	expect("write", "+writev -sendto -io_submit");
	expect("getppid", "-getpid -read");
	/* a use is no sibling: chmod sets bits that open can, too */
	expect("chmod", "+fchmodat2 -openat");
}

/* What siblings and floor bring without a condition opens nothing new. */
static void test_same_power(void **state)
{
	struct arena arena = ARENA_INIT;
	struct calls siblings = {0};

	(void)state;
	siblings_add(syscall_by_name("rename"), &siblings);
	for (size_t i = 0; i < siblings.n; i++)
		assert_null(power_cond(&arena, siblings.items[i],
				       POWER_SET(POWER_WRITE_FILES)));
	siblings.n = 0;
	floor_add(&siblings);
	assert_int_equal(siblings.n, 7);
	for (size_t i = 0; i < siblings.n; i++)
		assert_ptr_not_equal(power_cond(&arena, siblings.items[i], 0),
				     &cond_never);
	free(siblings.items);
	arena_free(&arena);
}

static void test_runtime(void **state)
{
	const struct group *group = group_find("@runtime");
	struct use_list list = USE_LIST("@runtime");
	struct use use;
	size_t n = 0;

	(void)state;
	assert_non_null(group);
	for (; use_next(&list, &use); n++) {
		assert_non_null(syscall_row(use.call));
		if (powers_of(use.call))
			fail_msg("%s carries a power", use.label);
	}
	assert_true(n > 50);
}

static void test_brings(void **state)
{
	(void)state;
	for (const struct brings *row = brings; row->calls; row++) {
		const char *lists[] = {row->calls, row->others};

		for (size_t j = 0; j < ARRAY_SIZE(lists); j++) {
			struct use_list list = USE_LIST(lists[j]);
			struct use use;

			while (use_next(&list, &use))
				if (!syscall_row(use.call) || use.n)
					fail_msg("no call '%s'", use.label);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siblings),
		cmocka_unit_test(test_same_power),
		cmocka_unit_test(test_runtime),
		cmocka_unit_test(test_brings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
