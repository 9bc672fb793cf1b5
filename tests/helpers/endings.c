// build: -pthread
/* Ways to end: happy, abort, thread (the main thread goes first), segv, and
 * wait, which goes on until a signal comes and says its number. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *last(void *unused)
{
	usleep(1000);
	puts("last");
	exit(3);
	return unused;
}

static void leave_to_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, last, NULL) == 0)
		pthread_exit(NULL);
}

static void wait_for_signal(void)
{
	sigset_t all;
	int number;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	puts("ready");
	fflush(stdout);
	sigwait(&all, &number);
	printf("signal %d\n", number);
	exit(4);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "happy";

	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "segv") == 0)
		raise(SIGSEGV);
	if (strcmp(how, "thread") == 0)
		leave_to_thread();
	if (strcmp(how, "wait") == 0)
		wait_for_signal();
	puts("happy");
	return 0;
}
