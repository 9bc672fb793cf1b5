/* base/kept_fds: what is closed and what stays, in a forked process, with
 * close_range(2) and without. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/kept_fds.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool is_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(1, 3);
}

/* As a kernel before 5.9, or a filter around us, answers it. */
static int deny_close_range(int err)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
		BPF_STMT(BPF_RET | BPF_K,
			 SECCOMP_RET_ERRNO | (unsigned)err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog fprog = {4, insns};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog);
}

/* Which of what it asks for failed, by number; 0: all holds. */
static int letting_go(int denied_with)
{
	struct kept_fds kept = {0};
	int pipes[2];

	if (pipe(pipes) < 0 || dup2(pipes[1], 0) < 0 ||
	    dup2(pipes[1], 1) < 0 || dup2(pipes[1], 2) < 0)
		return 1;
	for (int fd = 10; fd < 20; fd++)
		if (dup2(pipes[1], fd) < 0)
			return 2;
	kept_fds_add(&kept, 17);
	kept_fds_add(&kept, -1);
	kept_fds_add(&kept, 12);
	kept_fds_add(&kept, STDERR_FILENO);
	kept_fds_add(&kept, 13);
	if (denied_with && deny_close_range(denied_with))
		return 3;
	kept_fds_close_others(&kept);
	for (int fd = 3; fd < 1024; fd++)
		if (is_open(fd) != (fd == 12 || fd == 13 || fd == 17))
			return 4;
	if (!is_null(0) || !is_null(1))
		return 5;
	return is_null(2) ? 6 : 0;
}

static void in_a_process(int denied_with)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(letting_go(denied_with));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_closes_the_others(void **state)
{
	(void)state;
	in_a_process(0);
}

static void test_without_close_range(void **state)
{
	(void)state;
	in_a_process(ENOSYS);
	in_a_process(EPERM);
}

static void test_has(void **state)
{
	struct kept_fds kept = {0};

	(void)state;
	kept_fds_add(&kept, -1);
	kept_fds_add(&kept, 5);
	assert_true(kept_fds_has(&kept, 5));
	assert_false(kept_fds_has(&kept, -1));
	assert_false(kept_fds_has(&kept, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closes_the_others),
		cmocka_unit_test(test_without_close_range),
		cmocka_unit_test(test_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
