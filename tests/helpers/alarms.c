// build: -pthread
/* alarms restart|interrupt HZ THREADS CALLS NUMBER: THREADS threads make CALLS
 * calls of system call NUMBER each while a timer sends HZ signals a second to
 * the process, with SA_RESTART or without.  Prints what they answered:
 * "refused 64000 interrupted 0 other 0 signals yes". */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static atomic_long refused, interrupted, other, signals;
static long calls, number;

static void on_alarm(int sig)
{
	(void)sig;
	signals++;
}

static void *thread(void *arg)
{
	for (long i = 0; i < calls; i++) {
		long ret = syscall(number, 0, 0, 0, 0, 0, 0);

		if (ret == -1 && errno == EINTR)
			interrupted++;
		else if (ret == -1 && errno == EPERM)
			refused++;
		else
			other++;
	}
	return arg;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval timer = { 0 }, never = { 0 };
	pthread_t ids[1024];
	int threads;

	if (argc != 6)
		return 2;
	if (!strcmp(argv[1], "restart"))
		action.sa_flags = SA_RESTART;
	timer.it_interval.tv_usec = 1000000 / atoi(argv[2]);
	timer.it_value = timer.it_interval;
	threads = atoi(argv[3]);
	calls = atol(argv[4]);
	number = atol(argv[5]);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, thread, NULL))
			return 2;
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	setitimer(ITIMER_REAL, &never, NULL);
	printf("refused %ld interrupted %ld other %ld signals %s\n", refused,
	       interrupted, other, signals ? "yes" : "no");
	return 0;
}
