/* signals WHAT ...: what concerns signals.
 *
 *   signals raise N            die of signal N, whatever was inherited
 *   signals count              count signals until a byte comes on standard
 *                              input: "ready PID", then "counts HUP=0 INT=1 …"
 *   signals with [ignore:N] [default:N] [block:N] CMD...
 *                              run CMD with these dispositions */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
} counted[] = {
	{ "HUP", SIGHUP },   { "INT", SIGINT },   { "QUIT", SIGQUIT },
	{ "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "TERM", SIGTERM },
	{ "WINCH", SIGWINCH },
};
#define N_COUNTED (sizeof(counted) / sizeof(*counted))

static volatile sig_atomic_t hits[65];

static void handler(int number)
{
	hits[number]++;
}

static int do_raise(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), number);
	return 99;
}

static int do_count(void)
{
	struct sigaction action = { .sa_handler = handler };
	ssize_t n;
	char byte;

	for (size_t i = 0; i < N_COUNTED; i++)
		sigaction(counted[i].number, &action, NULL);
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	do
		n = read(0, &byte, 1);
	while (n < 0 && errno == EINTR);
	printf("counts");
	for (size_t i = 0; i < N_COUNTED; i++)
		printf(" %s=%d", counted[i].name, (int)hits[counted[i].number]);
	printf("\n");
	return 0;
}

static int do_with(char **argv)
{
	sigset_t set;

	sigemptyset(&set);
	for (; *argv && strchr(*argv, ':'); argv++) {
		int number = atoi(strchr(*argv, ':') + 1);

		if (!strncmp(*argv, "ignore:", 7))
			signal(number, SIG_IGN);
		else if (!strncmp(*argv, "default:", 8))
			signal(number, SIG_DFL);
		else
			sigaddset(&set, number);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	execvp(argv[0], argv);
	return 127;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "raise"))
		return do_raise(atoi(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "count"))
		return do_count();
	if (argc > 2 && !strcmp(argv[1], "with"))
		return do_with(argv + 2);
	return 2;
}
