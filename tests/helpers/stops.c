/* stops TRIES CMD [ARG...]: starts CMD TRIES times in a process group of its own,
 * stops the group (SIGTSTP) at some moment of its first 9 ms, as Ctrl-Z does, and
 * waits for it as a shell does; then continues it.  Prints how many of them were
 * seen to stop and how many ended before; status 1 if one did neither within 5 s,
 * or did not end after SIGCONT. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* waitpid(2) with a limit; false if nothing has come. */
static int come(pid_t pid, int *status, int flags)
{
	const struct timespec look = {.tv_nsec = 1000 * 1000};

	for (int ms = 0; ms < 5000; ms++) {
		if (waitpid(pid, status, WNOHANG | flags) == pid)
			return 1;
		nanosleep(&look, NULL);
	}
	return 0;
}

static int try_once(char **argv, int *stopped)
{
	struct timespec moment = {.tv_nsec = rand() % 9000 * 1000};
	pid_t pid = fork();
	int status, ok;

	if (pid == 0) {
		setpgid(0, 0);
		execvp(argv[0], argv);
		_exit(127);
	}
	setpgid(pid, pid);
	nanosleep(&moment, NULL);
	kill(-pid, SIGTSTP);
	ok = come(pid, &status, WUNTRACED);
	if (ok && WIFSTOPPED(status)) {
		++*stopped;
		kill(-pid, SIGCONT);
		ok = come(pid, &status, 0);
	}
	if (!ok) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return ok;
}

int main(int argc, char **argv)
{
	int tries = argc > 2 ? atoi(argv[1]) : 0, stopped = 0;

	for (int i = 0; i < tries; i++)
		if (!try_once(argv + 2, &stopped)) {
			printf("try %d hangs\n", i);
			return 1;
		}
	printf("%d stopped, %d ended\n", stopped, tries - stopped);
	return 0;
}
