/* Signals between the caller and CMD: what somebody sent goes on to CMD, a
 * fault of sandbox's own ends it as ever. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "launch/supervise.h"

static const int faults[] = {SIGSEGV, SIGBUS,  SIGILL,
			     SIGFPE,  SIGTRAP, SIGSYS};

static _Noreturn void sleep_on(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	while (getppid() == parent)
		pause();
	_exit(1);
}

/* Stands before a CMD that only sleeps; what it waits with must come to an end
 * by itself, so nothing of the test's is inherited. */
static pid_t front(void (*act)(void), int *ready)
{
	const struct rlimit no_core = {0};
	sigset_t none;
	pid_t cmd, own, pid = fork();

	if (pid)
		return pid;
	own = getpid();
	setrlimit(RLIMIT_CORE, &no_core);
	sigemptyset(&none);
	/* cmocka has handlers of its own for them */
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		signal(faults[i], SIG_DFL);
	cmd = fork();
	if (cmd == 0)
		sleep_on(own);
	supervise_start(cmd, &none);
	if (ready && write(ready[1], "x", 1) != 1)
		_exit(99);
	if (act)
		act();
	/* 40: CMD died, not its front */
	_exit(WIFSIGNALED(supervise_wait(cmd)) ? 40 : 41);
}

static int end_of(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void test_sent_faults_go_on(void **state)
{
	int ready[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		pid_t pid = front(NULL, ready);
		int status;

		assert_int_equal(read(ready[0], &byte, 1), 1);
		kill(pid, faults[i]);
		status = end_of(pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 40);
	}
	close(ready[0]);
	close(ready[1]);
}

static void touch_nothing(void)
{
	volatile uintptr_t nowhere = 8;

	*(volatile char *)nowhere = 1;
}

static void run_into_trap(void)
{
#if defined(__x86_64__)
	__asm__ volatile("int3");
#elif defined(__aarch64__)
	__asm__ volatile("brk #0");
#endif
}

static void run_nonsense(void)
{
#if defined(__x86_64__)
	__asm__ volatile("ud2");
#elif defined(__aarch64__)
	__asm__ volatile(".inst 0");
#endif
}

static void raise_one(void)
{
	raise(SIGBUS);
}

static void test_own_faults_end_it(void **state)
{
	static const struct {
		void (*act)(void);
		int signal;
	} own[] = {
		{touch_nothing, SIGSEGV},
		{run_into_trap, SIGTRAP},
		{run_nonsense, SIGILL},
		{raise_one, SIGBUS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		int status = end_of(front(own[i].act, NULL));

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), own[i].signal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sent_faults_go_on),
		cmocka_unit_test(test_own_faults_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
