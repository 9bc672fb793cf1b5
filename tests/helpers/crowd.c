/* crowd in-turn|at-once PROCESSES CALLS NUMBER: PROCESSES child processes make
 * CALLS calls of system call NUMBER each, one process after another, or all
 * alive at the same time (none begins before the last is there, none ends
 * before the last is done). */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long calls, number;
/* Nobody writes: the end of the file is the word to begin, or to end. */
static int begin[2], end[2], done[2];

static void make_calls(void)
{
	for (long i = 0; i < calls; i++)
		syscall(number, 0, 0, 0, 0, 0, 0);
}

static int in_turn(int processes)
{
	int status, bad = 0;

	for (int i = 0; i < processes; i++) {
		if (!fork()) {
			make_calls();
			_exit(0);
		}
		bad |= wait(&status) < 0 || status;
	}
	return bad;
}

static int member(void)
{
	char byte;

	close(begin[1]);
	close(end[1]);
	if (read(begin[0], &byte, 1) != 0)
		return 1;
	make_calls();
	if (write(done[1], "", 1) != 1 || read(end[0], &byte, 1) != 0)
		return 1;
	return 0;
}

static int at_once(int processes)
{
	int status, bad = 0;
	char byte;

	if (pipe(begin) || pipe(end) || pipe(done))
		return 1;
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(member());
		bad |= pid < 0;
	}
	close(begin[1]);
	for (int i = 0; !bad && i < processes; i++)
		bad |= read(done[0], &byte, 1) != 1;
	close(end[1]);
	while (wait(&status) > 0)
		bad |= status;
	return bad;
}

int main(int argc, char **argv)
{
	int processes;

	if (argc != 5)
		return 2;
	processes = atoi(argv[2]);
	calls = atol(argv[3]);
	number = atol(argv[4]);
	return !strcmp(argv[1], "in-turn") ? in_turn(processes) :
					     at_once(processes);
}
