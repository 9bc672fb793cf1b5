/* status-of CMD...: runs CMD and prints what waitpid(2) says of it, a line for
 * each change: "pid N", "stopped N", "continued", "exited N", "signaled N",
 * "signaled N core".  Written to standard error, CMD's own output is
 * standard output.
 *
 * CMD has a process group of its own, with its parent outside: in an orphaned
 * one, as where a service runs the tests, the kernel drops SIGTSTP. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	setpgid(pid, pid);
	dprintf(2, "pid %d\n", (int)pid);
	while (waitpid(pid, &status, WUNTRACED | WCONTINUED) == pid) {
		if (WIFSTOPPED(status))
			dprintf(2, "stopped %d\n", WSTOPSIG(status));
		else if (WIFCONTINUED(status))
			dprintf(2, "continued\n");
		else if (WIFEXITED(status))
			dprintf(2, "exited %d\n", WEXITSTATUS(status));
		else
			dprintf(2, "signaled %d%s\n", WTERMSIG(status),
				WCOREDUMP(status) ? " core" : "");
	}
	return 0;
}
