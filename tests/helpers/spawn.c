/* spawn HOW CMD...: starts CMD as HOW says.
 *
 *   fork     in a child; the status is CMD's
 *   vfork    the same by vfork(2)
 *   exec     in this process
 *   daemon   in a grandchild in a session of its own, one second after this
 *            process has ended with status 3 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char **cmd)
{
	execvp(cmd[0], cmd);
	perror(cmd[0]);
	_exit(127);
}

static int status_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static int become_daemon(char **cmd)
{
	pid_t pid = fork();

	if (pid)
		return status_of(pid) ? 2 : 3;
	setsid();
	if (fork())
		_exit(0);
	sleep(1);
	return run(cmd);
}

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "daemon"))
		return become_daemon(argv + 2);
	if (!strcmp(argv[1], "exec"))
		return run(argv + 2);
	pid = !strcmp(argv[1], "vfork") ? vfork() : fork();
	if (!pid)
		run(argv + 2);
	return status_of(pid);
}
