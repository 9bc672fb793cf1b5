// build: -pthread
/* spawn HOW CMD...: starts CMD as HOW says.
 *
 *   fork     in a child; the status is CMD's
 *   vfork    the same by vfork(2)
 *   posix    the same by posix_spawn(3)
 *   exec     in this process
 *   thread   in this process, from a second thread
 *   daemon   in a grandchild in a session of its own, one second after this
 *            process has ended with status 3 */
#include <pthread.h>
#include <spawn.h>
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

extern char **environ;

static pid_t spawned(char **cmd)
{
	pid_t pid;

	return posix_spawnp(&pid, cmd[0], NULL, NULL, cmd, environ) ? -1 : pid;
}

static void *run_in_thread(void *cmd)
{
	run(cmd);
	return NULL;
}

/* The first one makes no call meanwhile, which it would come to or not. */
static int run_by_thread(char **cmd)
{
	static volatile int for_ever = 1;
	pthread_t id;

	if (pthread_create(&id, NULL, run_in_thread, cmd))
		return 2;
	while (for_ever)
		;
	return 0;
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
	if (!strcmp(argv[1], "thread"))
		return run_by_thread(argv + 2);
	if (!strcmp(argv[1], "posix"))
		return status_of(spawned(argv + 2));
	pid = !strcmp(argv[1], "vfork") ? vfork() : fork();
	if (!pid)
		run(argv + 2);
	return status_of(pid);
}
