/* How a process ended, asked while its parent waits for it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watch/exitinfo.h"

enum { CHILDREN = 3000, NONE = -1 };

static _Atomic int asked = NONE; /* a pidfd */
static int errors[CHILDREN], statuses[CHILDREN];

/* Asks of each child until there is an answer. */
static void *ask(void *arg)
{
	(void)arg;
	for (int n = 0; n < CHILDREN; n++) {
		int pidfd;

		while ((pidfd = atomic_load(&asked)) == NONE)
			;
		do
			errors[n] = exitinfo_get(pidfd, &statuses[n]) < 0
					    ? errno : 0;
		while (errors[n] == EAGAIN);
		atomic_store(&asked, NONE);
	}
	return NULL;
}

static bool kernel_tells(void)
{
	pid_t pid = fork();
	int pidfd, status;

	if (pid == 0)
		_exit(0);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	waitpid(pid, NULL, 0);
	return exitinfo_get(pidfd, &status) == 0 && close(pidfd) == 0;
}

/* In the middle of a question the kernel answers ESRCH: about one in forty
 * here. */
static void test_a_question_while_it_is_waited_for(void **state)
{
	pthread_t thread;

	(void)state;
	if (!kernel_tells()) {
		print_message("this kernel does not tell (Linux 6.15)\n");
		skip();
	}
	assert_int_equal(pthread_create(&thread, NULL, ask, NULL), 0);
	for (int n = 0; n < CHILDREN; n++) {
		siginfo_t zombie;
		pid_t pid = fork();
		int pidfd;

		if (pid == 0)
			_exit(n % 100);
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		assert_true(pidfd >= 0);
		waitid(P_PID, (id_t)pid, &zombie, WEXITED | WNOWAIT);
		atomic_store(&asked, pidfd);
		for (volatile int later = n % 2000; later > 0; later--)
			;
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		while (atomic_load(&asked) != NONE)
			;
		close(pidfd);
		assert_int_equal(errors[n], 0);
		assert_int_equal(statuses[n], W_EXITCODE(n % 100, 0));
	}
	pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_question_while_it_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
