// build: -static
/* What the kernel answers to system calls under a policy, call by call.
 *
 * agree SANDBOX POLICY VALUE: for each number on standard input it starts
 * itself under the policy to make that call with six arguments of VALUE, and
 * prints "NUMBER ANSWER": 0 for a success, an errno or a signal by name.
 *
 * agree NUMBER VALUE: makes the call.  The policy may leave it no way to speak
 * but its exit status: 0 or the errno. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 20 /* for a call that should not wait at all */

static long number(const char *word)
{
	return (long)strtoull(word, NULL, 0);
}

static int make(const char *nr, const char *value)
{
	long a = number(value);
	long ret = syscall(number(nr), a, a, a, a, a, a);

	syscall(SYS_exit_group, ret == -1 ? errno : 0);
	return 1;
}

static pid_t child;

static void too_long(int sig)
{
	(void)sig;
	kill(child, SIGKILL);
}

static void start(char **argv, const char *nr, const char *self)
{
	char *args[] = {
		argv[1], (char *)"-q", (char *)"-p", argv[2], (char *)"--",
		(char *)self, (char *)nr, argv[3], NULL,
	};

	/* lseek(0, 0, 0) would have the numbers read again. */
	dup2(open("/dev/null", O_RDWR), 0);
	dup2(0, 1);
	execv(args[0], args);
	_exit(125);
}

int main(int argc, char **argv)
{
	char self[4096], nr[32];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (argc == 3)
		return make(argv[1], argv[2]);
	if (argc != 4 || n < 0)
		return 2;
	self[n] = '\0';
	signal(SIGALRM, too_long);
	while (scanf("%31s", nr) == 1) {
		int status;

		fflush(stdout);
		child = fork();
		if (child == 0)
			start(argv, nr, self);
		alarm(SECONDS);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		alarm(0);
		if (WIFSIGNALED(status))
			printf("%s SIG%s\n", nr, sigabbrev_np(WTERMSIG(status)));
		else if (WEXITSTATUS(status) == 0)
			printf("%s 0\n", nr);
		else
			printf("%s %s\n", nr,
			       strerrorname_np(WEXITSTATUS(status)));
		if (WIFEXITED(status) && WEXITSTATUS(status) == 125)
			return 1; /* the policy was not put in force */
	}
	return 0;
}
